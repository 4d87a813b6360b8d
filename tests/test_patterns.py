"""patterns: read as they are written, and found as a plain matcher finds them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.patterns import LONGEST_GAP, Patterns, parse_pattern
from cxresearch.tokens import Vocabulary, fold, tokenize, words
from pattern_example import comments_of_words, naive_match, patterns


def column(comments):
    """Comments, given as lists of words, as a text column."""
    return words(pd.Series([" ".join(own) for own in comments], dtype="str"))


@given(comments_of_words, st.lists(patterns(), max_size=5))
def test_all_patterns_at_once_are_found_as_one_by_one(comments, several):
    which, first, last = Patterns([" ".join(elements) for elements in several]).find(column(comments))
    expected = [(n, *hit) for n, elements in enumerate(several) for hit in naive_match(comments, elements)]
    assert list(zip(which.tolist(), first.tolist(), last.tolist(), strict=True)) == expected


chunks = st.lists(comments_of_words, min_size=1, max_size=3)


@given(chunks, st.lists(patterns(), max_size=5))
def test_chunks_with_one_vocabulary(chunks, several):
    kept, searched = Vocabulary(), Patterns([" ".join(elements) for elements in several])
    for comments in chunks:
        found = searched.find(tokenize(pd.Series([" ".join(own) for own in comments], dtype="str"), kept))
        expected = [
            (n, *hit) for n, elements in enumerate(several) for hit in naive_match(comments, elements)
        ]
        assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_words_are_brought_to_how_the_patterns_are_written():
    tokens = tokenize(pd.Series(["¡ QUÉ asco", "qué ASCO que asco"]))
    assert Patterns(["que asco"]).find(tokens)[1].tolist() == [1, 3, 5]
    assert Patterns(["que asco"], plain=str).find(tokens)[1].tolist() == [5]


def test_two_sets_of_patterns_do_not_share_their_words():
    tokens = tokenize(pd.Series(["a b"]))
    assert Patterns(["a"]).find(tokens)[1].tolist() == [0]
    assert Patterns(["b"]).find(tokens)[1].tolist() == [1]


@pytest.mark.parametrize(
    "sequences, comments, expected",
    [
        (["a a"], ["a a a"], [(0, 0, 1), (0, 1, 2)]),  # overlapping
        (["a b", "a b c"], ["a b c"], [(0, 0, 1), (1, 0, 2)]),  # one within another
        (["a b c", "b d"], ["a b d"], [(1, 1, 2)]),  # a beginning that comes to nothing
        (["a b", "a * b"], ["a", "b"], []),  # never from one comment into the next
        (["a b", "a * b"], ["a", "", "b", ""], []),
        (["a"], ["", " "], []),
    ],
)
def test_cases(sequences, comments, expected):
    found = Patterns(sequences).find(tokenize(pd.Series(comments, dtype="str")))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_more_patterns_than_bits_in_a_word():
    """Each of 200 patterns of three words is found in its own place, and nowhere else."""
    names = [f"palabra{n}" for n in range(200)]
    found = Patterns([f"inicio {name} fin" for name in names]).find(
        column([["inicio", name, "fin"] for name in names])
    )
    assert np.array_equal(found[0], np.arange(200))
    assert np.array_equal(found[1], 3 * np.arange(200))


def test_gap_upon_gap_in_a_comment_of_one_word_said_over_and_over():
    """Every place can be reached in thousands of ways, and is kept once."""
    _, first, last = Patterns(["no *9 no *9 no *9 no"]).find(column([["no"] * 60]))
    assert (
        len(first)
        == len(set(zip(first.tolist(), last.tolist(), strict=True)))
        == sum(60 - far for far in range(3, 31))
    )


@pytest.mark.parametrize("comments", [[], [[]], [["?!"], []]])
def test_no_words_no_hits(comments):
    assert [part.tolist() for part in Patterns(["no", "no * hay"]).find(column(comments))] == [[], [], []]


def test_no_patterns_no_hits():
    assert [part.tolist() for part in Patterns([]).find(column([["no", "hay"]]))] == [[], [], []]


@pytest.mark.parametrize(
    "pattern, elements",
    [
        ("espera", [("espera",)]),
        ("  Esperá   más ", [("espera",), ("mas",)]),
        ("esper*", [("esper*",)]),
        ("(no|nunca) * respond*", [("no", "nunca"), 3, ("respond*",)]),
        ("( no | nunc* ) va", [("no", "nunc*"), ("va",)]),
        ("(no|nunca)va", [("no", "nunca"), ("va",)]),
        ("don't don’t", [("dont",), ("dont",)]),
        ("e-mail 24/7", [("e",), ("mail",), ("24",), ("7",)]),  # comments are cut in the same way
        ("mail-order*", [("mail",), ("order*",)]),
        ("¿cuándo? contestan", [("cuando",), ("contestan",)]),
        ("pe\u0301simo", [("pesimo",)]),  # an accent typed apart
        ("a *1 b *12 c", [("a",), 1, ("b",), 12, ("c",)]),
        ("ñoñ*", [("non*",)]),
    ],
)
def test_parse_pattern(pattern, elements):
    assert parse_pattern(pattern) == tuple(elements)


plain_word = st.text("abñéÜ1", min_size=1, max_size=6)
prefix = st.text("abñéÜ1", min_size=3, max_size=6).map("{}*".format)
choices = st.lists(st.one_of(plain_word, prefix), min_size=1)


@given(
    st.lists(choices, min_size=1, max_size=4), st.lists(st.integers(0, LONGEST_GAP), min_size=3, max_size=3)
)
def test_patterns_are_read_as_they_are_written(elements, gaps):
    written = [f"({'|'.join(words)})" if len(words) > 1 else words[0] for words in elements]
    expected = [tuple(fold(word) for word in words) for words in elements]
    text, parsed = written[0], [expected[0]]
    for place, gap in zip(range(1, len(written)), gaps, strict=False):
        text += f" *{gap} " if gap else " "
        text += written[place]
        parsed += ([gap] if gap else []) + [expected[place]]
    assert parse_pattern(text) == tuple(parsed)
