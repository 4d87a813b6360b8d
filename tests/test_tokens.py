"""tokens: the same tokens as str.split, words with their places, each form decided once."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.tokens import Vocabulary, fold, tokenize, word_spans, words

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
    "\ud83d",
    "\ude21",
    "ܐ",
]
texts_of_pieces = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
comment = st.one_of(st.none(), texts_of_pieces, st.text(st.characters(), max_size=12))


def mended(text):
    """A text as it is read: split pairs of surrogates joined, single ones replaced; nothing if missing."""
    joined = re.sub("[\ud800-\udbff][\udc00-\udfff]", lambda pair: as_one(pair[0]), text or "")
    return re.sub("[\ud800-\udfff]", "\ufffd", joined)


def as_one(pair):
    """The character that two surrogates stand for."""
    return chr(0x10000 + (ord(pair[0]) - 0xD800) * 0x400 + ord(pair[1]) - 0xDC00)


def forms(found, number):
    """The tokens or words of one comment, as text."""
    own = found.ids[found.offsets[number] : found.offsets[number + 1]]
    return [found.vocabulary[i] for i in own]


def words_of(text):
    return forms(words(pd.Series([text], dtype="str")), 0)


@given(st.lists(comment, max_size=6))
def test_tokens_are_those_of_str_split(comments):
    tokens = tokenize(pd.Series(comments, dtype=object))
    split = [mended(c).split() for c in comments]
    assert [forms(tokens, i) for i in range(len(comments))] == split
    assert tokens.vocabulary == list(dict.fromkeys(token for own in split for token in own))
    assert tokens.comment.tolist() == [i for i, own in enumerate(split) for _ in own]
    assert tokens.forms.tolist() == list(range(len(tokens.vocabulary)))


def test_every_white_space_character_parts_tokens():
    column = pd.Series([f"a{space}b" for space in SPACES] + [f"a{near}b" for near in NOT_QUITE_SPACES])
    counts = np.diff(tokenize(column).offsets)
    assert counts.tolist() == [2] * len(SPACES) + [1] * len(NOT_QUITE_SPACES)


@pytest.mark.parametrize(
    "dtype",
    [
        "str",
        "object",
        "category",
        "string[pyarrow]",
        "string[python]",
        pd.ArrowDtype(pa.large_string()),
        pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
    ],
)
def test_column_types(dtype):
    column = pd.Series(["muy bien", None, "", " mal "], dtype=dtype)
    for split in (tokenize, words):
        assert [forms(split(column), i) for i in range(4)] == [["muy", "bien"], [], [], ["mal"]]
        assert split(column[:0]).offsets.tolist() == [0]


@pytest.mark.parametrize(
    "value, expected",
    [
        (None, []),
        (float("nan"), []),
        (pd.NA, []),
        ("", []),
        (" \t\n", []),
        ("😡", ["😡"]),
        (24, ["24"]),
        (2.5, ["2", "5"]),
        ("خدمة سيئة", ["خدمة", "سيئة"]),
        ("mal \ud83d\ude21 \ude21", ["mal", "😡"]),  # a split pair, then half of one
        ("a\x00b", ["a", "b"]),
        ("a" * 1_000_000, ["a" * 1_000_000]),
        ("muy mal " * 125_000, ["muy", "mal"] * 125_000),
    ],
)
def test_any_value_of_an_object_column(value, expected):
    found = words(pd.Series([value, "fin"], dtype=object))
    assert forms(found, 0) == expected
    assert forms(found, 1) == ["fin"]


@pytest.mark.parametrize("column", [[None, None], [1, 2], [1.5, None], [True]])
def test_columns_without_texts(column):
    texts = pd.Series(column)
    split = [str(value).split() if pd.notna(value) else [] for value in texts]
    assert [forms(tokenize(texts), i) for i in range(len(texts))] == split


@given(st.lists(st.lists(comment, max_size=3), min_size=1, max_size=4), st.integers(0, 3))
def test_concatenated_and_cut_columns(parts, start):
    column = pd.concat([pd.Series(list(map(mended, part)), dtype="str") for part in parts]).iloc[start:]
    comments = [mended(c) for part in parts for c in part][start:]
    tokens, found = tokenize(column), words(column)
    assert [forms(tokens, i) for i in range(len(comments))] == [c.split() for c in comments]
    assert [forms(found, i) for i in range(len(comments))] == [words_of(c) for c in comments]


@given(st.lists(comment, max_size=6))
def test_words_stand_where_they_say(comments):
    found = words(pd.Series(comments, dtype=object))
    for number, start, end, form in zip(found.comment, found.start, found.end, found.ids, strict=True):
        assert mended(comments[number])[start:end] == found.vocabulary[form]
    assert len(set(found.vocabulary)) == len(found.vocabulary)
    same_comment = np.diff(found.comment) == 0
    assert (found.start[1:] >= found.end[:-1])[same_comment].all()


@given(st.lists(comment, max_size=4))
def test_words_of_given_tokens(comments):
    column = pd.Series(comments, dtype=object)
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


texts_of_words = st.lists(st.sampled_from("abcd "), max_size=8).map(" ".join)
columns = st.lists(texts_of_words, max_size=5)


@given(st.lists(columns, min_size=1, max_size=3))
def test_a_kept_vocabulary_numbers_every_form_once(chunks):
    kept = Vocabulary()
    found = [tokenize(pd.Series(chunk, dtype="str"), kept) for chunk in chunks]
    assert len(set(kept)) == len(kept)
    for chunk, tokens in zip(chunks, found, strict=True):
        assert tokens.vocabulary is kept
        assert [forms(tokens, i) for i in range(len(chunk))] == [text.split() for text in chunk]
        assert {kept[i] for i in tokens.forms} == set(" ".join(chunk).split())


@given(columns, st.data())
def test_take_and_total(texts, data):
    tokens = tokenize(pd.Series(texts, dtype="str"))
    chosen = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))) if texts else []
    taken = tokens.take(np.array(chosen, dtype=np.int64))
    assert [forms(taken, i) for i in range(len(chosen))] == [texts[i].split() for i in chosen]
    places = np.flatnonzero(taken.ids % 2)
    odd = [[i for i in own if i % 2] for own in np.split(taken.ids, taken.offsets[1:-1])] if chosen else []
    assert taken.total(places).tolist() == list(map(len, odd))
    assert taken.total(places, taken.ids[places]).tolist() == list(map(sum, odd))


@given(columns)
def test_respell(texts):
    tokens = tokenize(pd.Series(texts, dtype="str"))
    spelt = tokens.respell(lambda form: {"a": "", "b": "B", "c": "d"}.get(form, form))
    expected = [[{"b": "B", "c": "d"}.get(w, w) for w in text.split() if w != "a"] for text in texts]
    assert [forms(spelt, i) for i in range(len(texts))] == expected


@given(st.lists(texts_of_pieces, max_size=4))
def test_cut(texts):
    tokens = tokenize(pd.Series(texts, dtype=object))
    parts, token, start, end, stops = tokens.cut(word_spans)
    whole = [tokens.vocabulary[i] for i in tokens.ids]
    expected = [(place, *span) for place, form in enumerate(whole) for span in word_spans(form)]
    assert list(zip(token, start, end, strict=True)) == expected
    assert [parts.vocabulary[i] for i in parts.ids] == [whole[t][a:b] for t, a, b in expected]
    assert parts.comment.tolist() == [tokens.comment[t] for t, *_ in expected]
    following = [*expected[1:], (-1, 0, 0)]
    rests = [
        whole[t][b : n if t == after else None]
        for (t, _, b), (after, n, _) in zip(expected, following, strict=False)
    ]
    assert stops.tolist() == [any(mark in rest for mark in ",.;:!?…") for rest in rests]


@pytest.mark.parametrize("texts", [["?!"], [], ["", "!"]])
def test_a_column_without_words(texts):
    """Marks are tokens, but no words: whatever is asked about the words comes out empty."""
    column = pd.Series(texts, dtype="str")
    tokens = tokenize(column)
    for none in (tokens.cut(word_spans)[0], tokens.respell(lambda form: ""), words(column)):
        assert none.ids.tolist() == []
        assert none.offsets.tolist() == [0] * (len(texts) + 1)
        assert none.cut(word_spans)[0].ids.tolist() == none.respell(str.upper).ids.tolist() == []


form = st.one_of(st.sampled_from(["", "a", "b", "😡", "e\u0301", "é", "\x00"]), st.text(max_size=3))
chunks_of_forms = st.lists(st.lists(form, max_size=6), max_size=4)


@given(chunks_of_forms)
def test_numbers_go_on_in_order_of_first_appearance(chunks):
    vocabulary = Vocabulary()
    numbers = [vocabulary.number(chunk).tolist() for chunk in chunks]
    seen = list(dict.fromkeys(form for chunk in chunks for form in chunk if form))
    assert vocabulary == seen
    assert numbers == [[seen.index(form) if form else -1 for form in chunk] for chunk in chunks]


@given(chunks_of_forms, st.data())
def test_every_form_is_decided_once(chunks, data):
    vocabulary, asked = Vocabulary(), []

    def lengths(new):
        asked.extend(new)
        return np.array([len(form) for form in new], dtype=int), np.array(new, dtype=object)

    wanted = set()
    for chunk in chunks:
        numbers = vocabulary.number(chunk)
        some = [number for number in sorted({*numbers.tolist()} - {-1}) if data.draw(st.booleans())]
        wanted.update(some)
        row, (length, name) = vocabulary.decide(lengths, np.array(some, dtype=int))
        assert [name[row[number]] for number in wanted] == [vocabulary[number] for number in wanted]
        assert [length[row[number]] for number in wanted] == [len(vocabulary[number]) for number in wanted]
        assert np.flatnonzero(row).tolist() == sorted(wanted)
        assert (length[0], name[0]) == (0, "")  # of those not asked about
    assert sorted(filter(None, asked)) == sorted(vocabulary[number] for number in wanted)


@pytest.mark.parametrize("name, expected", [("rule", [0, 0]), ("other", [1, 1]), (None, [1, 1])])
def test_rules_of_one_name_share_their_answers(name, expected):
    vocabulary = Vocabulary()
    asked = vocabulary.number(["a", "b"])
    vocabulary.decide(lambda new: (np.zeros(len(new)),), asked, name="rule")
    row, (answer,) = vocabulary.decide(lambda new: (np.ones(len(new)),), asked, name=name)
    assert answer[row[asked]].tolist() == expected
