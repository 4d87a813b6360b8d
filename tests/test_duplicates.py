"""duplicates: near repetitions against a comparison of every pair."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from cxresearch.comments import near_duplicates


def pairwise(texts, similarity):
    """The same by comparing all pairs; a text that repeats a repetition leads to what that one repeats."""
    found = {}
    for later in range(len(texts)):
        for earlier in range(later):
            if Indel.normalized_similarity(texts[earlier], texts[later]) >= similarity - 1e-9:
                found[later] = found.get(earlier, earlier)
                break
    return found


short = st.text("ab", max_size=6)
long = st.text("ab", min_size=18, max_size=22)
similarities = st.sampled_from([0.5, 0.6, 2 / 3, 0.75, 0.8, 0.9, 0.95, 0.99])


@given(st.lists(st.one_of(short, long), max_size=12), similarities)
def test_every_pair(texts, similarity):
    found = near_duplicates(pd.Series(texts, dtype="str"), similarity)
    assert found.to_dict() == pairwise(texts, similarity)


def test_texts_of_many_lengths_and_blocks():
    """More texts than one block compares at once, with repetitions across blocks."""
    base = [f"{'abcdefghij' * (1 + n % 30)}{n:05d}{'xyz' * (n % 7)}" for n in range(1500)]
    texts = [*base, *(text + "!" for text in base[::50])]
    found = near_duplicates(pd.Series(texts), 0.999)
    assert found.empty  # one mark in fewer than 1000 characters is more than 0.1 %
    doubled = near_duplicates(pd.Series([*base, *base[::50]]), 0.9999)
    assert doubled.to_dict() == {1500 + n: 50 * n for n in range(30)}


def test_a_difference_of_length_at_the_limit():
    """19 of 21 characters: similarity 2 * 19 / (19 + 21) = 0.95 exactly."""
    assert near_duplicates(pd.Series(["a" * 19, "a" * 21]), 0.95).to_dict() == {1: 0}
    assert near_duplicates(pd.Series(["a" * 21, "a" * 19]), 0.95).to_dict() == {1: 0}
    assert near_duplicates(pd.Series(["a" * 19, "a" * 22]), 0.95).empty


def test_many_texts_of_one_template_finish():
    texts = pd.Series([f"Gracias por escribirnos, tu caso {n:05} sigue abierto" for n in range(20_000)])
    assert set(near_duplicates(texts, 0.95)) == {0}


def test_labels_are_those_of_the_index():
    texts = pd.Series({"c9": "gracias por escribir", "c1": "gracias por escribir.", "c5": "otra cosa"})
    assert near_duplicates(texts, 0.9).to_dict() == {"c1": "c9"}


@pytest.mark.parametrize("texts", [[], ["uno"], ["", ""], ["uno", "uno"]])
def test_one_switches_the_search_off(texts):
    assert near_duplicates(pd.Series(texts, dtype="str"), 1).empty


def test_a_chain_leads_to_a_text_that_stays():
    chain = pd.Series(["aaaaaaaaaa", "aaaaaaaaab", "aaaaaaaabb"])
    assert near_duplicates(chain, 0.9).to_dict() == {1: 0, 2: 0}
    assert near_duplicates(chain[[0, 2]], 0.9).empty  # though they are not alike themselves
