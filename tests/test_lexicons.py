"""lexicons: file formats, no entry twice, valences in range, every entry within reach of the rules."""

from importlib import resources

import numpy as np
import pandas as pd
import pytest
import vaderSentiment

from cxresearch.lexicons import emoji_valences, english_rules, spanish_entry, spanish_rules
from cxresearch.tokens import fold, words

FOLDER = resources.files("cxresearch") / "lexicons"
COLUMNS = {"es.tsv": ["entry", "valence", "region"], "emoji.tsv": ["entry", "valence"]}
COLUMNS["es_rules.tsv"] = ["kind", "entry", "value"]
KINDS = {"negator", "booster", "dampener", "contrast", "idiom"}


def lines(name):
    """The cells of a word list, read without any library."""
    header, *rows = [line.split("\t") for line in (FOLDER / name).read_text("utf-8").rstrip("\n").split("\n")]
    return header, rows


def table(name):
    header, rows = lines(name)
    return pd.DataFrame(rows, columns=header)


@pytest.fixture(params=list(COLUMNS))
def lexicon(request):
    return request.param


def test_format(lexicon):
    header, rows = lines(lexicon)
    assert header == COLUMNS[lexicon]
    assert b"\r" not in (FOLDER / lexicon).read_bytes()
    odd = [row for row in rows if len(row) != len(header) or any(cell != cell.strip() for cell in row)]
    assert odd == []


def test_no_entry_twice(lexicon):
    entries = table(lexicon)["entry"]
    assert entries[entries.duplicated()].tolist() == []


def test_entries_are_lower_case_without_spare_spaces(lexicon):
    entries = table(lexicon)["entry"]
    assert [e for e in entries if e != " ".join(e.split()).lower() or not e] == []


def test_no_entry_in_both_lists_but_for_double_roles():
    """A word may be sentiment and booster ("bien"); sentiment and emoji lists share nothing."""
    es, emoji, rules = table("es.tsv"), table("emoji.tsv"), table("es_rules.tsv")
    assert set(es["entry"]) & set(emoji["entry"]) == set()
    shared = rules[rules["entry"].isin(es["entry"])]
    assert shared[~shared["kind"].isin(["booster", "dampener"])].to_dict("records") == []
    one_word = rules[~rules["entry"].str.contains(" ")]
    assert set(one_word["kind"]) <= KINDS - {"idiom"}


def test_values():
    for name in ("es.tsv", "emoji.tsv"):
        valence = pd.to_numeric(table(name)["valence"])
        assert valence.between(-4, 4).all()
    rules = table("es_rules.tsv")
    assert set(rules["kind"]) == KINDS
    value = pd.to_numeric(rules["value"])  # "" becomes NaN
    by_kind = value.groupby(rules["kind"])
    assert by_kind.get_group("idiom").between(-4, 4).all()
    assert by_kind.get_group("booster").between(0.01, 1).all()
    assert by_kind.get_group("dampener").between(-1, -0.01).all()
    assert by_kind.get_group("negator").isna().all()
    assert by_kind.get_group("contrast").isna().all()


def test_spanish_is_large_enough():
    assert len(table("es.tsv")) >= 1500


def test_every_entry_is_cut_as_it_is_written(lexicon):
    """A word list entry that `words` would cut otherwise could never be found."""
    entries = table(lexicon)["entry"]
    found = words(entries)
    cut = [[] for _ in entries]
    for number, form in zip(found.comment, found.ids, strict=True):
        cut[number].append(found.vocabulary[form])
    assert [(e, c) for e, c in zip(entries, cut, strict=True) if e.split() != c] == []


def test_spanish_rules_hold_the_files():
    rules, es, grammar = spanish_rules(), table("es.tsv"), table("es_rules.tsv")
    for entry, valence in zip(es["entry"], es["valence"].astype(float), strict=True):
        if " " not in entry:
            assert rules.valence[entry] == valence
            assert fold(entry) in rules.valence
    for kind, entry, value in grammar.itertuples(index=False):
        role = {"dampener": "booster", "idiom": "valence"}.get(kind, kind)
        if " " in entry:
            lists = {"negator": rules.negators, "contrast": rules.contrasts}
            lists |= {"valence": rules.valence, "booster": rules.boosters}
            assert fold(entry) in lists[role]
        elif role == "booster":
            assert rules.boosters[entry] == float(value)
        else:
            assert entry in {"negator": rules.negators, "contrast": rules.contrasts}[role]
    assert not rules.vader


def test_spanish_keeps_emoticons_but_no_slang_of_vader():
    assert spanish_rules().valence[":)"] == english_rules().valence[":)"]
    assert "86" not in spanish_rules().valence


def test_expressions_that_fold_alike_agree():
    """With and without accents ("qué asco", "que asco") an expression has the same kind and sign."""
    es = table("es.tsv").assign(kind="idiom").rename(columns={"valence": "value"})
    every = pd.concat([es, table("es_rules.tsv")])[["entry", "kind", "value"]]
    every = every[every["entry"].str.contains(" ")]
    every["sign"] = np.sign(pd.to_numeric(every["value"]).fillna(1.0))
    plain = every["entry"].map(lambda entry: " ".join(map(fold, entry.split())))
    disagree = every.groupby(plain)[["kind", "sign"]].nunique().gt(1).any(axis=1)
    assert disagree[disagree].index.tolist() == []


def test_english_is_vaders_file():
    """Read as NLTK reads it: the first two cells of each line."""
    text = (resources.files(vaderSentiment) / "vader_lexicon.txt").read_text("utf-8")
    entries = [line.strip().split("\t")[:2] for line in text.rstrip("\n").split("\n")]
    assert english_rules().valence == {word: float(valence) for word, valence in entries}
    assert len(english_rules().valence) > 7000
    assert all(-4 <= valence <= 4 for valence in english_rules().valence.values())


def test_english_rules_are_nltks():
    from nltk.sentiment.vader import VaderConstants

    rules = english_rules()
    assert rules.vader
    assert rules.negators == VaderConstants.NEGATE | {"n't"}
    assert rules.boosters == VaderConstants.BOOSTER_DICT
    assert rules.contrasts == {"but"}


@pytest.mark.parametrize(
    "form, entry",
    [
        ("gracias", "gracias"),
        ("GRACIAS", "gracias"),
        ("graciasss", "gracias"),
        ("graaaciasss", "gracias"),
        ("PÉSIMO", "pésimo"),
        ("pesimo", "pesimo"),  # an entry of its own, added without accents
        ("pésimooo", "pésimo"),
        ("pe\u0301simo", "pesimo"),
        ("llegoooó", "llegoooó"),  # no entry: stays as typed
        (":))", ":)"),
        (":))))", ":)"),
        (":DDD", ":d"),
        ("perooo", "pero"),
        ("muyyyy", "muy"),
        ("nooooo", "no"),
        ("mesa", "mesa"),
        ("MESAAA", "mesaaa"),
        # by their lemma, what is not listed
        ("decepcionándonos", "decepcionar"),
        ("recomiéndenme", "recomendar"),
        ("Agradeciéndoles", "agradecer"),
        ("ESTAFARNOS", "estafar"),
        ("odiarlo", "odiar"),
        ("odiarlooo", "odiar"),
        ("", ""),
    ],
)
def test_spanish_entry(form, entry):
    assert spanish_entry(form) == entry


def test_however_it_is_typed_a_spanish_entry_is_found():
    """In capitals exactly; elongated or without accents it may meet another entry, not of the other sign."""
    valence = {word: value for word, value in spanish_rules().valence.items() if word.isalpha()}
    assert [word for word in valence if spanish_entry(word.upper()) != word] == []
    for typed in (lambda w: w + 3 * w[-1], fold):
        entries = {word: spanish_entry(typed(word)) for word in valence}
        odd = {w: e for w, e in entries.items() if e not in valence or valence[e] * valence[w] < 0}
        assert odd == {}


def test_emoji_are_single_characters():
    """In English they are looked for character by character."""
    assert [emoji for emoji in emoji_valences() if len(emoji) != 1] == []
    assert 0 not in emoji_valences().values()


def test_table_rows_hold_the_lists():
    for rules in (english_rules(), spanish_rules()):
        at = {word: {k: c[n] for k, c in rules.table.items()} for word, n in rules.row.items()}
        assert all(at[word]["valence"] == value for word, value in rules.valence.items())
        felt = {word for word, value in rules.valence.items() if value}
        assert {word for word in at if at[word]["valence"]} == felt
        assert all(at[word]["booster"] == value for word, value in rules.boosters.items())
        assert {word for word in at if at[word]["negator"]} == rules.negators
        assert {word for word in at if at[word]["contrast"]} == rules.contrasts
        assert not any(column[0] for column in rules.table.values())  # the row of words without a role
