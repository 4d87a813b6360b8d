"""tokens: the same tokens as str.split, words with their places, sequences against plain Python."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.tokens import fold, match_sequence, tokenize, words

SPACES = [chr(c) for c in range(0x110000) if chr(c).isspace()]
NOT_QUITE_SPACES = ["\u200b", "\u200d", "\ufeff", "\x00", "\u180e", "\x1b", "\u2060"]
PIECES = [
    *SPACES,
    *NOT_QUITE_SPACES,
    "\u0301",
    "\u20e3",
    "é",
    "e\u0301",
    "ñ",
    "😡",
    "👍🏽",
    "a",
    "'",
    "!",
    "@",
    "[link]",
]
texts_of_pieces = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
comment = st.one_of(st.none(), texts_of_pieces, st.text(max_size=12))


def forms(found, number):
    """The tokens or words of one comment, as text."""
    own = found.ids[found.offsets[number] : found.offsets[number + 1]]
    return [found.vocabulary[i] for i in own]


def words_of(text):
    return forms(words(pd.Series([text], dtype="str")), 0)


@given(st.lists(comment, max_size=6))
def test_tokens_are_those_of_str_split(comments):
    tokens = tokenize(pd.Series(comments, dtype="str"))
    assert [forms(tokens, i) for i in range(len(comments))] == [(c or "").split() for c in comments]
    first_seen = dict.fromkeys(token for c in comments for token in (c or "").split())
    assert tokens.vocabulary == list(first_seen)
    assert tokens.comment.tolist() == [i for i, c in enumerate(comments) for _ in (c or "").split()]


def test_every_white_space_character_parts_tokens():
    column = pd.Series([f"a{space}b" for space in SPACES] + [f"a{near}b" for near in NOT_QUITE_SPACES])
    counts = np.diff(tokenize(column).offsets)
    assert counts.tolist() == [2] * len(SPACES) + [1] * len(NOT_QUITE_SPACES)


@pytest.mark.parametrize("dtype", ["str", "object", "string[pyarrow]", "string[python]"])
def test_column_types(dtype):
    column = pd.Series(["muy bien", None, "", " mal "], dtype=dtype)
    tokens = tokenize(column)
    assert [forms(tokens, i) for i in range(4)] == [["muy", "bien"], [], [], ["mal"]]


@given(st.lists(st.lists(comment, max_size=3), min_size=1, max_size=4), st.integers(0, 3))
def test_concatenated_and_cut_columns(parts, start):
    column = pd.concat([pd.Series(part, dtype="str") for part in parts]).iloc[start:]
    comments = [c for part in parts for c in part][start:]
    tokens, found = tokenize(column), words(column)
    assert [forms(tokens, i) for i in range(len(comments))] == [(c or "").split() for c in comments]
    assert [forms(found, i) for i in range(len(comments))] == [words_of(c or "") for c in comments]


@given(st.lists(comment, max_size=6))
def test_words_stand_where_they_say(comments):
    found = words(pd.Series(comments, dtype="str"))
    for number, start, end, form in zip(found.comment, found.start, found.end, found.ids, strict=True):
        assert comments[number][start:end] == found.vocabulary[form]
    assert len(set(found.vocabulary)) == len(found.vocabulary)
    same_comment = np.diff(found.comment) == 0
    assert (found.start[1:] >= found.end[:-1])[same_comment].all()


@given(st.lists(comment, max_size=4))
def test_words_of_given_tokens(comments):
    column = pd.Series(comments, dtype="str")
    again, found = words(column, tokenize(column)), words(column)
    assert again.vocabulary == found.vocabulary
    assert np.array_equal(again.ids, found.ids)
    assert np.array_equal(again.start, found.start)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("¡Muy bien, gracias!", ["Muy", "bien", "gracias"]),
        ("me_gusta", ["me", "gusta"]),
        ("don't d’accord 'vale'", ["don't", "d’accord", "vale"]),
        ("e-mail 24/7", ["e", "mail", "24", "7"]),
        ("caf\u0065\u0301 pe\u0301simo", ["cafe\u0301", "pe\u0301simo"]),  # accents typed apart
        ("bien😡👍", ["bien", "😡", "👍"]),
        ("❤️ ⭐", ["❤", "⭐"]),
        ("malo :( o :-) ;) :D xD <3 ^_^", ["malo", ":(", "o", ":-)", ";)", ":D", "xD", "<3", "^_^"]),
        ("feliz:) :'( :)))", ["feliz", ":)", ":'(", ":)))"]),
        ("a las 10:30, de 8:00 a 9:30", ["a", "las", "10", "30", "de", "8", "00", "a", "9", "30"]),
        ("total:300 =3D", ["total", "300", "3D"]),
        ("Pregunta:Por qué", ["Pregunta", "Por", "qué"]),
        ("8/10, de 1 a 8) y 8pm", ["8", "10", "de", "1", "a", "8", "y", "8pm"]),
        ("<30 min <3", ["30", "min", "<3"]),
        ("xDentro 3xD", ["xDentro", "3xD"]),
        ("@Telvanta @a.b_c. hola", ["hola"]),
        ("ve https://malo.mx/pésimo?x=:( y www.horrible.com", ["ve", "y"]),
        ("HTTPS://MALO.MX WWW.MALO.MX", []),
        ("(https://malo.mx) vía:https://malo.mx", ["vía"]),
        ("escribe a [email], [phone] [card] [iban] [id] [link].", ["escribe", "a"]),
        ("correo:[email] sitio=[link]", ["correo", "sitio"]),  # no sad face before a mask
        ("[otro]", ["otro"]),
        ("", []),
        ("... -- _ ?!", []),
    ],
)
def test_words(text, expected):
    assert words_of(text) == expected


def test_masks_of_privacy_are_no_words():
    from cxresearch.privacy import MASKS

    assert words_of(" ".join(MASKS.values()) + " fin") == ["fin"]


@pytest.mark.parametrize(
    "word, plain",
    [
        ("Señorío", "senorio"),
        ("PÉSIMO", "pesimo"),
        ("pe\u0301simo", "pesimo"),
        ("DON'T", "dont"),
        ("don’t", "dont"),
        ("pingüino", "pinguino"),
        ("não", "nao"),
        ("😡", "😡"),
        ("24", "24"),
    ],
)
def test_fold(word, plain):
    assert fold(word) == plain
    assert fold(plain) == plain


def naive_match(comments, at, offsets, table):
    """`match_sequence` word by word."""
    flat = [(number, place) for number, text in enumerate(comments) for place in range(len(text.split()))]
    values = []
    for position in at:
        number, place = flat[position]
        own = comments[number].split()
        inside = all(0 <= place + offset < len(own) for offset in offsets)
        sequence = tuple(own[place + offset] for offset in offsets) if inside else None
        values.append(table.get(sequence, float("nan")))
    return values


@given(
    st.lists(st.lists(st.sampled_from("abcd"), max_size=5).map(" ".join), min_size=1, max_size=4),
    st.sampled_from([(0,), (-1, 0), (0, 1), (-2, -1), (-3, -2), (0, 1, 2), (-3, -2, -1), (-1, 1)]),
    st.data(),
)
def test_match_sequence(comments, offsets, data):
    together = " ".join(comments).split()  # sequences also from two comments, which must not match
    width = len(offsets)
    near = [tuple(together[n : n + width]) for n in range(len(together) - width + 1)]
    odd = st.tuples(*[st.sampled_from("abcx")] * width)  # x is in no comment
    sequence = st.one_of(st.sampled_from(near), odd) if near else odd
    table = data.draw(st.dictionaries(sequence, st.integers(-4, 4).map(float), max_size=5))
    tokens = tokenize(pd.Series(comments, dtype="str"))
    at = data.draw(st.permutations(range(len(tokens.ids))))
    found = match_sequence(tokens, np.array(at, dtype=np.int64), offsets, table)
    assert found.tolist() == pytest.approx(naive_match(comments, at, offsets, table), nan_ok=True)


def test_match_sequence_refuses_what_no_number_holds():
    table = {tuple(f"{n}_{k}" for k in range(8)): 1.0 for n in range(100)}
    with pytest.raises(ValueError, match="100 sequences of 8 words do not fit"):
        match_sequence(tokenize(pd.Series(["a"])), np.array([0]), tuple(range(8)), table)
