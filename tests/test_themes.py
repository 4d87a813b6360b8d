"""themes: patterns against a naive matcher, evidence in place, overlaps reduced, tables of codes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.codebook import LONGEST_GAP, Codebook, load_codebook
from cxresearch.tables import read_table
from cxresearch.themes import COLUMNS, WordIndex, add_families, code_comments, code_table
from cxresearch.tokens import fold, words

ROOT = Path(__file__).parents[1]


def accepts(element, word):
    """Whether one written element (a word, a prefix, or alternatives in brackets) accepts a word."""
    for choice in element.strip("()").split("|"):
        if choice.endswith("*") and fold(word).startswith(fold(choice[:-1])):
            return True
        if fold(word) == fold(choice):
            return True
    return False


def ends(elements, own, place):
    """All places at which a pattern begun before `place` may end, by plain backtracking."""
    if not elements:
        return {place - 1}
    if elements[0] == "*":
        return {end for gap in range(LONGEST_GAP + 1) for end in ends(elements[1:], own, place + gap)}
    if place >= len(own) or not accepts(elements[0], own[place]):
        return set()
    return ends(elements[1:], own, place + 1)


def naive_match(comments, elements):
    """First and last word (counted over the column) of the shortest occurrence from each place."""
    found, before = [], 0
    for own in comments:
        for place in range(len(own)):
            last = ends(elements, own, place)
            if last:
                found.append((before + place, before + min(last)))
        before += len(own)
    return found


VOCABULARY = ["no", "NO", "nada", "abre", "abren", "abrió", "abrieron", "Días", "dia", "xyz"]
WRITTEN = [
    "no",
    "nada",
    "abr*",
    "abri*",
    "abre",
    "día",
    "dias",
    "(no|nada)",
    "(abren|día*)",
    "(nad*|abrio)",
    "fin",
]
comments_of_words = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=12), max_size=4)


@st.composite
def patterns(draw):
    """A pattern as written, element by element; never a gap at its ends."""
    written = [draw(st.sampled_from(WRITTEN))]
    for _ in range(draw(st.integers(0, 3))):
        written += ["*"] * draw(st.sampled_from([0, 0, 1, 1, 2])) + [draw(st.sampled_from(WRITTEN))]
    return written


@given(comments_of_words, patterns())
def test_match(comments, elements):
    index = WordIndex(words(pd.Series([" ".join(own) for own in comments], dtype="str")))
    first, last = index.match(" ".join(elements))
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == naive_match(comments, elements)


@pytest.mark.parametrize(
    "pattern, text, matched",
    [
        ("espera", "La ESPERA fue larga", ["ESPERA"]),
        ("espera", "esperaba", []),
        ("esper*", "esperé, esperando y esperaba", ["esperé", "esperando", "esperaba"]),
        ("no * respond*", "No me han querido responder", ["No me han querido responder"]),  # three between
        ("no * respond*", "No me han querido nunca responder", []),  # four
        ("no * respond*", "no responden", ["no responden"]),  # none
        ("no respond*", "no me responden", []),
        ("a * b c", "a b x b c", ["a b x b c"]),  # the nearest b leads nowhere, the next one does
        ("a * * b", "a 1 2 3 4 5 6 b", ["a 1 2 3 4 5 6 b"]),  # two gaps, up to six
        ("(no|nunca) contest*", "nunca contestan; ni contestan", ["nunca contestan"]),
        ("dont know", "I don’t know, I don't know", ["don’t know", "don't know"]),
        ("e-mail", "un e-mail, un e mail", ["e-mail", "e mail"]),
        ("servicio", "@servicio www.servicio.mx [servicio]", ["servicio"]),
        ("nino", "el niño y el ni", ["niño"]),
        ("ni", "niño", []),
        ("24/7", "abierto 24/7", ["24/7"]),
        ("pésimo", "PESIMO pe\u0301simo", ["PESIMO", "pe\u0301simo"]),
        ("no no", "no no no", ["no no"]),  # they overlap: the first of the two
    ],
)
def test_evidence(tiny_codebook, pattern, text, matched):
    tiny_codebook["codes"][0]["patterns"]["es"] = [pattern]
    book = Codebook.model_validate(tiny_codebook)
    coded = code_comments(pd.Series({"c1": text}), pd.Series({"c1": "es"}), book)
    assert coded["matched"].tolist() == matched
    assert set(coded["pattern"]) <= {pattern}


def coded_by(tiny_codebook, efficiency, texts, language="es"):
    """Triggers of one code with these patterns."""
    tiny_codebook["codes"][0]["patterns"] = {"es": efficiency, "en": []}
    column = pd.Series(texts)
    return code_comments(
        column, pd.Series(language, index=column.index), Codebook.model_validate(tiny_codebook)
    )


@pytest.mark.parametrize(
    "efficiency, matched",
    [
        (["dos horas", "horas esperando en"], ["horas esperando en"]),  # the longest, not the first
        (["dos horas", "dos horas esperando"], ["dos horas esperando"]),
        (["horas", "dos horas esperando en"], ["dos horas esperando en"]),
        (["dos horas", "horas esperando"], ["dos horas"]),  # equally long: the first
        (["dos horas", "esperando en"], ["dos horas", "esperando en"]),  # side by side
        (["dos horas", "dos horas"], ["dos horas"]),
        (["dos", "horas", "la línea"], ["dos", "horas", "la línea"]),
    ],
)
def test_overlapping_triggers_are_reduced_to_the_longest(tiny_codebook, efficiency, matched):
    coded = coded_by(tiny_codebook, efficiency, {"c1": "Llevo dos horas esperando en la línea"})
    assert coded["matched"].tolist() == matched


def test_overlaps_of_different_codes_and_comments_stay(tiny_codebook):
    tiny_codebook["codes"][1]["patterns"]["es"] = ["dos horas esperando"]
    coded = coded_by(tiny_codebook, ["dos horas"], {"c1": "dos horas esperando", "c2": "dos horas esperando"})
    pairs = coded[["comment_id", "code"]].to_records(index=False).tolist()
    assert pairs == [(c, code) for c in ("c1", "c2") for code in ("efficiency", "empathy")]


def test_no_pattern_reaches_into_the_next_comment(tiny_codebook):
    assert coded_by(tiny_codebook, ["dos horas", "no * hay"], ["llevo dos", "horas", "no", "hay"]).empty


def test_a_comment_is_coded_by_the_patterns_of_its_language(tiny_codebook):
    book = Codebook.model_validate(tiny_codebook)
    texts = pd.Series({c: "muy lento, very slow" for c in ("es", "en", "pt", "other", "missing")})
    language = pd.Series(["es", "en", "pt", "other", None], index=texts.index, dtype="str")
    coded = code_comments(texts, language, book)
    assert coded[["comment_id", "matched"]].to_numpy().tolist() == [["es", "lento"], ["en", "slow"]]


@pytest.mark.parametrize("texts", [[], [""], [None], ["😡 :)"], ["nada que decir", None]])
def test_comments_without_codes_do_not_appear(tiny_codebook, texts):
    column = pd.Series(texts, dtype="str")
    coded = code_comments(column, pd.Series("es", index=column.index), Codebook.model_validate(tiny_codebook))
    assert coded.columns.tolist() == COLUMNS
    assert coded.empty


def test_a_codebook_without_patterns_codes_nothing(tiny_codebook):
    for code in tiny_codebook["codes"]:
        code["patterns"] = {}
    book = Codebook.model_validate(tiny_codebook)
    assert code_comments(pd.Series(["muy lento"]), pd.Series(["es"]), book).empty


def test_the_sample_with_the_studys_codebook():
    book = load_codebook(ROOT / "data" / "raw" / "codebook.yaml")
    texts = read_table(ROOT / "data" / "raw" / "comments_es.csv")["texto"].dropna()
    language = pd.Series("es", index=texts.index)
    coded = code_comments(texts, language, book)
    assert len(coded) > 400
    assert coded["coder"].unique().tolist() == ["dictionary"]
    for comment, start, end, matched in coded[["comment_id", "start", "end", "matched"]].itertuples(
        index=False
    ):
        assert texts[comment][start:end] == matched
    order = pd.DataFrame(
        {
            "comment": texts.index.get_indexer(coded["comment_id"]),
            "code": pd.Index(book.names).get_indexer(coded["code"]),
            "start": coded["start"],
        }
    )
    assert order.equals(order.sort_values(["comment", "code", "start"]))
    previous = coded.groupby(["comment_id", "code"])["end"].shift(fill_value=0)
    assert (coded["start"] >= previous).all()  # none overlap
    own = {p for code in book.codes for p in code.patterns.es}
    assert set(coded["pattern"]) <= own


@given(comments_of_words, st.lists(patterns(), min_size=1, max_size=4))
def test_a_code_is_given_where_any_of_its_patterns_occurs(comments, several):
    code = {
        "code": "one",
        "family": "f",
        "source": "",
        "color": "#000000",
        "patterns": {"es": [" ".join(elements) for elements in several]},
        "examples": {"typical": {}, "near_miss": {"es": "a", "en": "a"}},
    }
    for name in ("name", "definition", "include", "exclude"):
        code[name] = {"es": "a", "en": "a"}
    both = {"es": "a", "en": "a"}
    families = [{"family": "f", "name": both, "definition": both}]
    book = Codebook.model_validate({"version": "1", "title": both, "families": families, "codes": [code]})
    texts = pd.Series([" ".join(own) for own in comments], dtype="str")
    coded = code_comments(texts, pd.Series("es", index=texts.index, dtype="str"), book)
    expected = [any(naive_match([own], elements) for elements in several) for own in comments]
    assert code_table(coded, texts.index, ["one"])["one"].tolist() == expected


def test_code_table():
    codes = pd.DataFrame({"comment_id": ["c2", "c2", "c2", "gone"], "code": ["ease", "ease", "odd", "ease"]})
    wide = code_table(codes, pd.Index(["c1", "c2"]), ["loyalty", "ease"])
    assert wide.columns.tolist() == ["loyalty", "ease"]
    assert wide.index.name == "comment_id"
    assert wide.to_numpy().tolist() == [[False, False], [False, True]]
    assert set(wide.dtypes.astype(str)) == {"bool"}


def test_code_table_without_codes():
    none = code_table(pd.DataFrame({"comment_id": [], "code": []}), pd.Index(["c1"]), ["ease"])
    assert none.to_numpy().tolist() == [[False]]


def test_add_families(tiny_codebook):
    book = Codebook.model_validate(tiny_codebook)
    third = book.codes[0].model_copy(update={"code": "ease"})
    book.codes.append(third)
    wide = pd.DataFrame(
        [[True, False, False], [False, False, True], [False, True, False], [False, False, False]],
        columns=book.names,
    )
    added = add_families(wide, book)
    assert added.columns.tolist() == [*book.names, "consumer_identity", "emotional_self"]
    assert added["consumer_identity"].tolist() == [True, True, False, False]
    assert added["emotional_self"].tolist() == [False, False, True, False]
    assert np.array_equal(added[book.names], wide)
    assert wide.shape[1] == 3  # the table given stays as it was
