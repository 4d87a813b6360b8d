"""quotes: every role meets its definition, and nothing but the comments themselves decides."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import report_example as example
from cxresearch.errors import InputError
from cxresearch.quotes import (
    FEWEST,
    LONGEST,
    MACHINE,
    ROLES,
    SHORTEST,
    choose_quotes,
    limit_bank,
    quote_bank,
)
from cxresearch.study import find_study

BOOK, STUDY = example.codebook(), example.study()
WORDS = ["fila", "hora", "banco", "tarjeta", "gracias", "ayuda", "lento", "siempre", "nunca", "queja"]


def codes(*rows, coder="dictionary"):
    """The `codes` table of one coder, from pairs of comment and codes; none is "-"."""
    pairs = [(name, None if code == "-" else code) for name, given in rows for code in given.split()]
    table = pd.DataFrame(pairs, columns=["comment_id", "code"], dtype="str")
    return table.assign(coder=coder, given=True, unsure=False)


def labels(coder, **given):
    return pd.DataFrame({"comment_id": given.keys(), "coder": coder, "sentiment": given.values()})


def comments(**texts):
    index = pd.Index(texts, name="comment_id")
    table = pd.DataFrame({"text": texts.values(), "group": "consumer", "language": "es"}, index=index)
    return table.assign(brand="A", channel="x", date=pd.Timestamp("2025-03-14"))


def scores(table, **label):
    return pd.DataFrame({"label": label or "neutral", "score": 0.0}, index=table.index)


def bank_of(n, seed):
    """A bank of n comments with codes, sentiment and scores at random, half of it coded by people."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, rng.integers(3, 16))) for _ in range(n)]
    names, felt = np.array(BOOK.names[:4]), rng.choice(["negative", "neutral", "positive"], n)
    given = [";".join(names[rng.random(4) < 0.4]) for _ in range(n)]
    family = {code.code: code.family for code in BOOK.codes}
    families = [";".join(sorted({family[c] for c in cell.split(";") if c})) for cell in given]
    by_hand = rng.random(n) < 0.5
    table = pd.DataFrame({"comment_id": [f"c{i:03}" for i in range(n)], "text": texts, "codes": given})
    table["agreed"] = [";".join(filter(None, parts)) for parts in zip(given, families, felt, strict=True)]
    table = table.assign(
        sentiment=felt, score=rng.normal(0, 0.5, n).round(2), brand="A", channel="x", month=""
    )
    table["coder"] = np.where(by_hand, "ana;leo", "dictionary")
    table["sentiment_coder"] = np.where(by_hand, "ana;leo", MACHINE)
    table["coders"] = table["coder"]
    table = table.astype({"text": "str", "codes": "str", "agreed": "str"})  # if there is no row, too
    return table.assign(group=rng.choice(STUDY.groups, n), language=rng.choice(["es", "en"], n))


banks = st.builds(bank_of, st.integers(0, 60), st.integers(0, 10_000))


@settings(max_examples=12)
@given(banks, st.randoms(use_true_random=False))
def test_the_order_of_the_comments_is_of_no_account(bank, random):
    order = random.sample(range(len(bank)), len(bank))
    pd.testing.assert_frame_equal(
        choose_quotes(bank, BOOK, STUDY), choose_quotes(bank.iloc[order], BOOK, STUDY)
    )


@settings(max_examples=15)
@given(banks)
def test_every_quote_plays_its_role(bank):
    by_id = bank.set_index("comment_id")
    for row in choose_quotes(bank, BOOK, STUDY).itertuples():
        source = by_id.loc[row.comment_id]
        assert row.text == source["text"] and SHORTEST <= len(row.text.split()) <= LONGEST  # whole, or not
        assert row.finding in source["agreed"].split(";")
        cell = by_id[(by_id["group"] == row.group) & (by_id["language"] == row.language)]
        pool = cell[cell["agreed"].str.split(";").apply(lambda told, f=row.finding: f in told).astype(bool)]
        pool = pool[(pool["coder"] == "ana;leo") == (row.coder == "ana;leo")]
        positive, negative = ((pool["sentiment"] == felt).sum() for felt in ("positive", "negative"))
        side = {"positive": 1, "negative": -1, "neutral": 0}[row.sentiment]
        if row.role == "typical":
            assert len(pool) >= FEWEST and 0 < row.why <= 1
        elif row.role == "strongest":
            assert row.why * side > 0 and row.why == source["score"]
        elif row.finding in ("positive", "negative"):
            assert row.why * side < 0 and row.coder == "ana;leo"
        else:  # the rarer of two sentiments
            assert side == np.sign(negative - positive) != 0
        assert 1 <= row.place <= row.of <= len(pool)


@settings(max_examples=12)
@given(banks)
def test_people_come_first_and_nothing_is_quoted_twice_where_another_would_do(bank):
    quotes = choose_quotes(bank, BOOK, STUDY)
    assert not quotes.duplicated(["finding", "comment_id"]).any()
    assert not quotes.duplicated(["finding", "group", "language", "role"]).any()
    side = bank["sentiment"].map({"positive": 1, "negative": -1, "neutral": 0}).astype(int)
    fits = (side * bank["score"] > 0) & bank["text"].str.split().str.len().between(SHORTEST, LONGEST)
    findings = pd.Index([*(f.family for f in BOOK.families), "negative", "positive", *BOOK.names])
    turn = quotes["role"].map(ROLES.index), findings.get_indexer(quotes["finding"])
    quotes = quotes.assign(turn=100 * turn[0].astype(int) + turn[1]).sort_values("turn")
    for row in quotes[quotes["role"] == "strongest"].itertuples():
        here = fits & (bank["group"] == row.group) & (bank["language"] == row.language)
        own = bank[here & bank["agreed"].map(lambda told, f=row.finding: f in told.split(";"))]
        own = own[
            ~own["comment_id"].isin(
                quotes.query("finding == @row.finding and turn < @row.turn")["comment_id"]
            )
        ]
        by_hand = own["coder"] == "ana;leo"
        assert by_hand.any() == (row.coder == "ana;leo")
        before = quotes.loc[quotes["turn"] < row.turn, "comment_id"].tolist()
        if row.comment_id in before:  # then so are all that would do
            assert set(own.loc[by_hand == by_hand.any(), "comment_id"]) <= set(before)


def one_cell(**columns):
    """Six comments of one group and language, all long enough and with one code, coded by ana."""
    n = len(next(iter(columns.values()), range(6)))
    base = {"text": [f"la fila del banco es muy lenta {i}" for i in range(n)], "sentiment": ["negative"] * n}
    table = pd.DataFrame(base | {"score": [-0.5] * n, "coder": ["ana"] * n} | columns)
    table["comment_id"] = [f"c{i}" for i in range(n)]
    table["agreed"] = "ease;consumer_identity;" + table["sentiment"]
    table = table.assign(
        codes="ease", coders=table["coder"], sentiment_coder=table["coder"], brand="", channel="", month=""
    )
    return table.assign(group="consumer", language="es")


def chosen(bank, finding="ease", study=STUDY):
    found = choose_quotes(bank, BOOK, study)
    return found[found["finding"] == finding].set_index("role")["comment_id"].to_dict()


def test_typical_is_nearest_to_the_mean_by_an_oracle():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    texts = ["la fila del banco es lenta", "la fila del banco va lenta siempre", "la fila es muy lenta hoy"]
    texts += ["compré zapatos rojos para mi hermana mayor", "la fila del banco sigue siendo lenta"]
    row = choose_quotes(one_cell(text=texts), BOOK, STUDY).query("role == 'typical'").iloc[0]
    vectors = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+|[^\w\s]").fit_transform(texts).toarray()
    near = cosine_similarity(vectors, vectors.mean(axis=0, keepdims=True)).ravel()
    assert row["finding"] == "consumer_identity" and row["comment_id"] == f"c{near.argmax()}"
    assert row["why"] == pytest.approx(near.max(), abs=1e-6) and row["of"] == 5


def test_strongest_lies_farthest_from_zero_on_the_side_people_read():
    bank = one_cell(score=[-0.2, -0.9, 0.95, -0.4, -0.1, -0.3])  # the third: words misread
    quotes = choose_quotes(bank, BOOK, STUDY).set_index(["finding", "role"])["comment_id"]
    assert quotes["consumer_identity", "strongest"] in ("c1", "c3")  # unless c1 is typical of it
    assert quotes["negative", "contrary"] == "c2"
    assert "c2" not in quotes.xs("strongest", level="role").tolist()


def test_contrary_has_the_other_sentiment_and_a_tie_has_none():
    felt = ["negative", "negative", "negative", "neutral", "positive"]
    texts = ["la fila del banco es muy lenta"] * 4 + ["la fila hoy fue rápida, gracias a todos"]
    assert chosen(one_cell(sentiment=felt, text=texts))["contrary"] == "c4"
    assert "contrary" not in chosen(one_cell(sentiment=["negative"] * 2 + ["positive"] * 2 + ["neutral"]))


@pytest.mark.parametrize(
    "text, quoted",
    [
        ("una fila larga muy larga hoy", True),
        ("una fila muy larga hoy", False),  # five words
        ("fila " * (LONGEST + 1), False),
        ("escríbeme a [email] para lo de la fila", False),  # masked, but somebody's
        ("llama al [phone] para lo de la fila", False),
        ("@user la fila de hoy es muy larga", True),
        ("@bancoalmendra la fila de hoy es muy larga", True),
        ("@BancoAlmendra2 la fila de hoy es muy larga", False),
        ("la fila de hoy, pregunten a @j de caja", False),  # too short a handle to be masked
    ],
)
def test_only_whole_comments_without_contact_data_are_quoted(text, quoted):
    study = example.study(brand_handles=["@BancoAlmendra"])
    assert bool(chosen(one_cell(text=[text]), "negative", study)) == quoted


def test_a_new_comment_elsewhere_changes_nothing():
    bank = bank_of(80, 5)
    other = bank_of(10, 6).assign(group="brand", language="es", comment_id=lambda t: "x" + t["comment_id"])
    before, after = (choose_quotes(table, BOOK, STUDY) for table in (bank, pd.concat([other, bank])))
    elsewhere = (before["group"] != "brand") | (before["language"] != "es")
    stays = (after["group"] != "brand") | (after["language"] != "es")
    pd.testing.assert_frame_equal(
        before[elsewhere].reset_index(drop=True), after[stays].reset_index(drop=True)
    )


def test_equals_are_drawn_by_the_seed():
    bank = one_cell(text=["la fila del banco es lenta"] * 12)
    drawn = {chosen(bank, study=example.study(seed=seed))["typical"] for seed in range(8)}
    assert len(drawn) > 2


def test_people_stand_before_the_machine_and_gold_before_people():
    table = comments(a="Fila larga", b="Fila", c="Bien", d="Mal")
    given = pd.concat([
        codes(("a", "ease"), ("b", "ease"), ("c", "ease"), ("d", "ease")),
        codes(("a", "empathy ease"), ("b", "empathy"), ("c", "empathy"), coder="ana"),
        codes(("a", "ease"), ("b", "empathy"), coder="leo"),
        codes(("b", "ease"), coder="ana.2"),  # a later round is no further person
        codes(("c", "-"), coder="gold"),
    ])  # fmt: skip
    felt = pd.concat([labels("ana", a="negative", b="negative"), labels("leo", a="positive", b="negative")])
    bank = quote_bank(table, given, scores(table), felt, BOOK, STUDY).set_index("comment_id")
    assert bank["codes"].tolist() == ["ease;empathy", "empathy", "", "ease"]
    assert bank["coders"].tolist() == ["ana;leo", "ana;leo", "gold", "dictionary"]
    assert bank["coder"].tolist() == ["ana", "ana;leo", "gold", "dictionary"]  # who gave just these
    assert bank["agreed"].tolist() == [
        "ease;consumer_identity",  # they differ on the sentiment
        "empathy;emotional_self;negative",
        "neutral",
        "ease;consumer_identity;neutral",
    ]
    assert bank["sentiment"].tolist() == ["negative", "negative", "neutral", "neutral"]
    assert bank["sentiment_coder"].tolist() == ["ana", "ana;leo", MACHINE, MACHINE]
    assert set(bank["month"]) == {"2025-03"}


def test_what_is_not_to_be_quoted_is_not_there():
    table, study = comments(a="Fila larga", b="Fila"), example.study(not_quoted=["a"])
    given = codes(("a", "ease"), ("b", "ease"))
    bank = quote_bank(table, given, scores(table), labels("ana"), BOOK, study)
    assert bank["comment_id"].tolist() == ["b"]
    study = example.study(not_quoted=["aa"])  # a slip would publish what should not be
    with pytest.raises(InputError, match=r"not_quoted names 'aa', which is no comment that is studied"):
        quote_bank(table, given, scores(table), labels("ana"), BOOK, study)


@pytest.mark.parametrize(
    "quotes, chosen, shown", [("all", True, True), ("chosen", True, False), ("none", False, False)]
)
def test_the_study_says_what_is_quoted(quotes, chosen, shown):
    study, bank = example.study(quotes=quotes), one_cell()
    found = choose_quotes(bank, BOOK, study)
    assert (len(found) > 0, len(limit_bank(bank, found, study)) > 0) == (chosen, shown)


def test_an_unknown_choice_is_refused(project):
    project.write_study(quotes="some")
    with pytest.raises(InputError, match=r"quotes.*'all', 'chosen' or 'none'.*'some'"):
        find_study()


@settings(max_examples=12)
@given(banks, st.integers(0, 70), st.randoms(use_true_random=False))
def test_a_limited_bank_keeps_the_quotes_and_some_of_everything(bank, most, random):
    quotes = choose_quotes(bank, BOOK, STUDY)
    shown = limit_bank(bank, quotes, STUDY, most)
    again = bank.iloc[random.sample(range(len(bank)), len(bank))]
    pd.testing.assert_frame_equal(shown, limit_bank(again, quotes, STUDY, most))
    assert len(shown) == min(most, len(bank)) and shown["comment_id"].is_unique
    cited = set(quotes["comment_id"])
    assert cited <= set(shown["comment_id"]) or set(shown["comment_id"]) <= cited
    cells = bank["group"] + bank["sentiment"]
    if most >= len(cited) + 50:  # at most 2 x (4 codes, 3 sentiments and none) cells of one each
        assert set(cells) == set(shown["group"] + shown["sentiment"])


def test_no_comment_gives_no_quote():
    quotes = choose_quotes(bank_of(0, 1), BOOK, STUDY)
    assert quotes.empty and {"finding", "role", "why"} <= set(quotes) and set(ROLES)
