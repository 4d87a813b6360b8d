"""themes: patterns against a naive matcher, evidence in place, overlaps reduced, tables of codes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.codebook import Codebook, load_codebook
from cxresearch.tables import read_table
from cxresearch.themes import COLUMNS, add_families, code_comments, code_table, codes_by, contexts, outdated
from cxresearch.tokens import tokenize
from pattern_example import comments_of_words, naive_match, patterns

ROOT = Path(__file__).parents[1]


def comments_in(texts, language="es", **columns):
    """Texts as a table of comments."""
    text = pd.Series(texts, dtype="str")
    return pd.DataFrame({"text": text, "language": language, **columns}, index=text.index)


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
        ("a *6 b", "a 1 2 3 4 5 6 b", ["a 1 2 3 4 5 6 b"]),
        ("a *6 b", "a 1 2 3 4 5 6 7 b", []),
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
    coded = code_comments(comments_in({"c1": text}), book)
    assert coded["matched"].dropna().tolist() == matched
    assert set(coded["pattern"].dropna()) <= {pattern}


def coded_by(tiny_codebook, efficiency, texts, **columns):
    """Triggers of one code with these patterns."""
    tiny_codebook["codes"][0]["patterns"] = {"es": efficiency, "en": []}
    coded = code_comments(comments_in(texts, **columns), Codebook.model_validate(tiny_codebook))
    return coded.dropna(subset="code")


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
    coded = code_comments(pd.DataFrame({"text": texts, "language": language}), book)
    assert coded[["comment_id", "matched"]].to_numpy().tolist() == [["es", "lento"], ["en", "slow"]]


@pytest.mark.parametrize("texts", [[], [""], [None], ["😡 :)"], ["nada que decir", None]])
def test_comments_without_codes_appear_without_a_code(tiny_codebook, texts):
    """That they were looked at is on record; a missing text was not."""
    coded = code_comments(comments_in(texts), Codebook.model_validate(tiny_codebook))
    assert coded.columns.tolist() == COLUMNS
    assert coded["code"].isna().all()
    assert coded["comment_id"].tolist() == [str(i) for i, text in enumerate(texts) if text is not None]


def test_a_codebook_without_patterns_codes_nothing(tiny_codebook):
    for code in tiny_codebook["codes"]:
        code["patterns"] = {}
    book = Codebook.model_validate(tiny_codebook)
    assert code_comments(comments_in(["muy lento"]), book)["code"].isna().all()


def test_the_sample_with_the_studys_codebook():
    book = load_codebook(ROOT / "data" / "raw" / "codebook.yaml")
    texts = read_table(ROOT / "data" / "raw" / "comments_es.csv")["texto"].dropna()
    texts.index = texts.index.astype("str")
    coded = code_comments(comments_in(texts, group="brand"), book)
    assert set(coded["comment_id"]) == set(texts.index)
    assert coded["codebook"].unique().tolist() == [book.edition]
    coded = coded.dropna(subset="code")
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
    own = {p for code in book.codes for rule in code.patterns.es for p in rule.patterns}
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
    texts = comments_in([" ".join(own) for own in comments])
    coded = code_comments(texts, book)
    expected = [any(naive_match([own], elements) for elements in several) for own in comments]
    assert code_table(coded, "dictionary", texts.index.astype("str"), ["one"])["one"].tolist() == expected


CODES = pd.DataFrame(
    [
        ("c2", "ana", "ease", False),
        ("c2", "ana", "ease", False),
        ("c2", "ana", "odd", False),
        ("c3", "ana", None, False),
        ("gone", "ana", "ease", False),
        ("c1", "leo", "loyalty", False),
        ("c1", "leo", "ease", True),
        ("c2", "leo", None, False),
    ],
    columns=["comment_id", "coder", "code", "unsure"],
).assign(given=True)


def test_code_table():
    wide = code_table(CODES, "ana", pd.Index(["c1", "c2", "c3"]), ["loyalty", "ease"])
    assert wide.columns.tolist() == ["loyalty", "ease"]
    assert wide.index.name == "comment_id"
    assert wide.index.tolist() == ["c2", "c3"]  # c1 was not coded by ana
    assert wide.to_numpy().tolist() == [[False, True], [False, False]]
    assert set(wide.dtypes.astype(str)) == {"bool"}


def test_where_a_coder_abstains_the_code_is_missing():
    wide = code_table(CODES, "leo", pd.Index(["c1", "c2"]), ["loyalty", "ease"])
    assert wide["loyalty"].tolist() == [True, False]
    assert wide["ease"].isna().tolist() == [True, False]
    assert not wide["ease"]["c2"]
    guess = code_table(CODES, "leo", pd.Index(["c1", "c2"]), ["loyalty", "ease"], guess=True)
    assert guess.to_numpy().tolist() == [[True, True], [False, False]]
    no = CODES.assign(given=~CODES["unsure"])  # unsure, and rather not
    guess = code_table(no, "leo", pd.Index(["c1", "c2"]), ["ease"], guess=True)
    assert not guess.to_numpy().any()


def test_comment_ids_may_be_numbers(tiny_codebook):
    comments = comments_in(["muy lento", "nada"])
    coded = code_comments(comments, Codebook.model_validate(tiny_codebook))
    assert code_table(coded, "dictionary", comments.index, ["efficiency"])["efficiency"].tolist() == [
        True,
        False,
    ]
    assert contexts(coded, comments["text"]).index.tolist() == ["0"]


def test_code_table_of_nobody():
    assert code_table(CODES, "zoe", pd.Index(["c1"]), ["ease"]).empty


def test_codes_by_fills_what_a_coder_does_not_say(tiny_codebook):
    book = Codebook.model_validate(tiny_codebook)
    rows = pd.DataFrame(
        {"comment_id": ["c1", "c1"], "code": ["empathy", "efficiency"], "codebook": ["0.9", None]}
    )
    table = codes_by("ana", rows, pd.Index(["c2", "c1"]), book)
    assert table.columns.tolist() == COLUMNS
    assert table["comment_id"].tolist() == ["c2", "c1", "c1"]
    assert table["code"].fillna("").tolist() == ["", "efficiency", "empathy"]
    assert table["codebook"].tolist() == [book.edition, book.edition, "0.9"]
    assert table["start"].isna().all()


def test_contexts(tiny_codebook):
    texts = {"c1": "Qué lentos. Muy lento todo", "c2": "Hola"}
    coded = code_comments(comments_in(texts), Codebook.model_validate(tiny_codebook))
    found = contexts(coded, pd.Series(texts), width=4)
    assert found.index.tolist() == ["c1", "c1"]
    assert found.to_numpy().tolist() == [
        ["efficiency", "Qué ", "lentos", ". Mu"],
        ["efficiency", "Muy ", "lento", " tod"],
    ]


def test_contexts_of_codes_without_words(tiny_codebook):
    rows = pd.DataFrame({"comment_id": ["c1"], "code": ["empathy"]})
    people = codes_by("ana", rows, pd.Index(["c1"]), Codebook.model_validate(tiny_codebook))
    assert contexts(people, pd.Series({"c1": "Hola"})).empty


@pytest.mark.parametrize(
    "coder, stamp, flagged",
    [
        ("ana", "1.2.0", False),  # only patterns changed since
        ("ana", "1.1.0", True),
        ("ana", "1.2.0 abcdef123456", False),
        ("ana", "", False),  # not stated
        ("dictionary", "1.2.3 abcdef123456", True),  # another content
        ("learned", "now", False),
    ],
)
def test_outdated(tiny_codebook, coder, stamp, flagged):
    book = Codebook.model_validate(tiny_codebook | {"version": "1.2.3"})
    stamp = book.edition if stamp == "now" else stamp
    codes = pd.DataFrame({"comment_id": ["c1", "c1", "c2"], "coder": coder, "codebook": stamp})
    assert outdated(codes, book).to_numpy().tolist() == ([[coder, stamp, 2]] if flagged else [])


def conditions(tiny_codebook, text, rule, **columns):
    """What one rule finds in one comment."""
    rule = {"patterns": ["facil*"]} | rule
    return coded_by(tiny_codebook, [rule], {"c1": text}, **columns)["matched"].tolist()


@pytest.mark.parametrize(
    "text, unless, matched",
    [
        ("es fácil", ["no es fácil"], ["fácil"]),
        ("no es fácil", ["no es fácil"], []),
        ("no es fácil, es facilísimo", ["no es fácil"], ["facilísimo"]),  # only the one that overlaps
        ("no es fácil", ["no es"], ["fácil"]),  # beside it is not over it
        ("fácil acceso", ["(otra|facil*) acceso", "no"], []),
        ("no fácil ni fácil", ["no *8 facil*"], []),  # the longer match overlaps the second
    ],
)
def test_unless(tiny_codebook, text, unless, matched):
    assert conditions(tiny_codebook, text, {"unless": unless}) == matched


def test_unless_holds_for_its_own_rule_and_comment(tiny_codebook):
    rules = [{"patterns": ["facil*"], "unless": ["muy fácil"]}, "fácil", "acceso"]
    coded = coded_by(tiny_codebook, rules, {"c1": "muy fácil acceso", "c2": "fácil"})
    assert coded["matched"].tolist() == ["fácil", "acceso", "fácil"]


@pytest.mark.parametrize(
    "text, negated",
    [
        ("es fácil", False),
        ("no fácil", True),
        ("no es tan fácil", True),  # three words before
        ("no me es tan fácil", False),  # four
        ("no. Es fácil", False),  # another clause
        ("no, es fácil", False),
        ("fácil no es", False),
        ("sin duda fácil", True),
    ],
)
@pytest.mark.parametrize("condition", ["skip", "only"])
def test_negated(tiny_codebook, text, negated, condition):
    tiny_codebook["negations"] = {"es": ["no", "sin"], "en": ["never"]}
    found = conditions(tiny_codebook, text, {"negated": condition})
    assert bool(found) == (negated == (condition == "only"))


def test_a_negation_does_not_reach_into_the_next_comment(tiny_codebook):
    tiny_codebook["negations"] = {"es": ["no"], "en": []}
    rules = [{"patterns": ["fácil"], "negated": "skip"}]
    assert len(coded_by(tiny_codebook, rules, {"c1": "no", "c2": "fácil"})) == 1


@pytest.mark.parametrize("group, found", [("brand", ["fácil"]), ("consumer", []), (None, [])])
def test_a_rule_for_one_group(tiny_codebook, group, found):
    assert conditions(tiny_codebook, "es fácil", {"group": "brand"}, group=group) == found
    assert conditions(tiny_codebook, "es fácil", {}, group=group) == ["fácil"]


def test_a_rule_for_one_group_where_groups_are_unknown(tiny_codebook):
    assert conditions(tiny_codebook, "es fácil", {"group": "brand"}) == []


def test_more_than_64_codes(tiny_codebook):
    first = tiny_codebook["codes"][0]
    tiny_codebook["codes"] = [
        first | {"code": f"c{n}", "patterns": {"es": [f"palabra{n}"], "en": []}} for n in range(130)
    ]
    book = Codebook.model_validate(tiny_codebook)
    comments = comments_in([f"palabra{n} y palabra{129 - n}" for n in range(130)])
    wide = code_table(code_comments(comments, book), "dictionary", comments.index.astype("str"), book.names)
    expected = np.eye(130, dtype=bool)
    assert np.array_equal(wide.to_numpy(), expected | expected[::-1])


def test_tokens_that_are_already_there_change_nothing(tiny_codebook):
    book = Codebook.model_validate(tiny_codebook)
    comments = comments_in(["muy lento", "so slow", None, "lo sentimos"], language=["es", "en", "es", "pt"])
    assert code_comments(comments, book, tokenize(comments["text"])).equals(code_comments(comments, book))


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
