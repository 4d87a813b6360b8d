"""sequences: every occurrence, compared with looking for it word by word."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.sequences import Sequences
from cxresearch.tokens import Vocabulary, fold, tokenize


def found(sequences, texts, **how):
    """What is found: first token, length and number of the sequence."""
    columns = Sequences(sequences, **how).find(tokenize(pd.Series(texts, dtype="str")))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def naive(sequences, texts, plain=str):
    """The same word by word, in the order of `find`: by length, then place."""
    hits, before = [], 0
    for text in texts:
        own = [plain(word) for word in text.split()]
        for start in range(len(own)):
            for number, sequence in enumerate(sequences):
                if tuple(own[start : start + len(sequence)]) == sequence:
                    hits.append((before + start, len(sequence), number))
        before += len(own)
    return sorted(hits, key=lambda hit: (hit[1], hit[0]))


letter = st.sampled_from("abcd")
texts_of_letters = st.lists(st.lists(letter, max_size=7).map(" ".join), max_size=5)
sequence = st.lists(st.sampled_from("abcx"), min_size=1, max_size=4).map(tuple)  # x is in no comment


@given(texts_of_letters, st.lists(sequence, max_size=8, unique=True))
def test_every_occurrence_is_found(texts, sequences):
    assert found(sequences, texts) == naive(sequences, texts)


@pytest.mark.parametrize(
    "sequences, texts, expected",
    [
        ([("a", "a")], ["a a a"], [(0, 2, 0), (1, 2, 0)]),  # overlapping
        ([("a", "b"), ("a", "b", "c")], ["a b c"], [(0, 2, 0), (0, 3, 1)]),  # one within another
        ([("a", "b", "c"), ("b", "d")], ["a b d"], [(1, 2, 1)]),  # a beginning that comes to nothing
        ([("a", "b")], ["a", "b"], []),  # never from one comment into the next
        ([("a", "b")], ["b a"], []),
        ([], ["a b"], []),
        ([("a",)], [], []),
        ([("a",)], ["", " "], []),
    ],
)
def test_cases(sequences, texts, expected):
    assert found(sequences, texts) == expected


def test_forms_are_brought_to_how_the_sequences_are_written():
    assert found([("que", "asco")], ["¡ QUÉ asco", "qué ASCO que asco"], plain=fold) == [
        (1, 2, 0),
        (3, 2, 0),
        (5, 2, 0),
    ]
    assert found([("que", "asco")], ["QUÉ asco"]) == []


@given(st.lists(texts_of_letters, min_size=1, max_size=3), st.lists(sequence, max_size=5, unique=True))
def test_chunks_with_one_vocabulary(chunks, sequences):
    kept, searched = Vocabulary(), Sequences(sequences)
    for texts in chunks:
        columns = searched.find(tokenize(pd.Series(texts, dtype="str"), kept))
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == naive(sequences, texts)


def test_two_sets_of_sequences_do_not_share_their_words():
    tokens = tokenize(pd.Series(["a b"]))
    assert Sequences([("a",)]).find(tokens)[0].tolist() == [0]
    assert Sequences([("b",)]).find(tokens)[0].tolist() == [1]
