"""keywords: log-odds against the published formulas, p against shuffled studies, collocations against G2."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, hypergeom, kstest

from cxresearch.errors import InputError
from cxresearch.keywords import PRIOR_WORDS, _tails, collocations, log_odds, word_contexts

WORDS = np.array([a + b for a in "bcdfglmnprst" for b in ["ala", "eme", "ilo", "oso", "uru"]])


def study(rng, n, share=0.5, burst=0.0, longer=1):
    """Comments of `WORDS`, the first words common, the last rare; groups drawn apart from what is said."""
    groups = pd.Series(np.where(rng.random(n) < share, "brand", "consumer"), [f"c{i:04}" for i in range(n)])
    chance = 1 / np.arange(1, len(WORDS) + 1)
    texts = []
    for group in groups:
        said = rng.choice(
            WORDS, rng.integers(3, 12) * (longer if group == "brand" else 1), p=chance / chance.sum()
        )
        again = [said[0]] * rng.integers(10, 50) if rng.random() < burst else []
        texts.append(" ".join([*said, *again]))
    return pd.Series(texts, groups.index), groups


def test_the_published_formulas():
    """Monroe, Colaresi & Quinn (2008), equations 15, 16, 20 and 22, with all comments as the prior."""
    texts, groups = study(np.random.default_rng(1), 80, share=0.3)
    table = log_odds(texts, groups, "brand", "consumer", draws=20).set_index("word")
    spoken = {name: Counter(" ".join(texts[groups == name]).split()) for name in ("brand", "consumer")}
    n_i, n_j = (sum(spoken[name].values()) for name in spoken)
    assert len(table) > 20
    for word, row in table.iterrows():
        y_i, y_j = spoken["brand"][word], spoken["consumer"][word]
        alpha = PRIOR_WORDS * (y_i + y_j) / (n_i + n_j)
        omega_i = (y_i + alpha) / (n_i + PRIOR_WORDS - y_i - alpha)
        omega_j = (y_j + alpha) / (n_j + PRIOR_WORDS - y_j - alpha)
        delta, variance = np.log(omega_i) - np.log(omega_j), 1 / (y_i + alpha) + 1 / (y_j + alpha)
        expected = [y_i, y_j, delta, delta / np.sqrt(variance)]
        assert row[["n_first", "n_second", "log_odds", "z"]].tolist() == pytest.approx(expected)
        among = texts.str.contains(rf"\b{word}\b")
        assert row["comments_first"] == (among & (groups == "brand")).sum()
    assert table["z"].is_monotonic_decreasing and (table["q"] >= table["p"]).all()


@pytest.mark.parametrize("share, burst, longer", [(0.5, 0.0, 1), (0.15, 0.2, 1), (0.4, 0.2, 3)])
def test_words_of_groups_that_speak_alike(share, burst, longer):
    """20 studies in which group and words are independent, some comments saying one word over and over."""
    p, found = [], 0
    for seed in range(20):
        texts, groups = study(np.random.default_rng(seed), 200, share, burst, longer)
        table = log_odds(texts, groups, "brand", "consumer", draws=200, seed=seed)
        p.append(table.loc[table["comments_first"] + table["comments_second"] >= 15, "p"])
        found += (table["q"] < 0.05).any()
    assert found <= binom.ppf(0.999, 20, 0.05)
    p = pd.concat(p)
    for level in (0.01, 0.05, 0.2):
        assert (p < level).mean() <= (1.3 if longer == 1 else 1.6) * level  # shuffles mix short and long
    assert (p < 0.5).mean() == pytest.approx(0.5, abs=0.12)  # nor is everything hidden
    assert kstest(p, "uniform").statistic < 0.13


def test_one_comment_that_repeats_a_word_proves_nothing():
    texts = pd.Series(["la app va lenta"] * 20 + ["la cuenta"] * 180).add(" hoy")
    texts.iloc[0] += " estafa" * 50
    texts.iloc[[30, 60, 90, 120]] += " estafa"
    groups = pd.Series(["brand"] * 20 + ["consumer"] * 180)
    row = log_odds(texts, groups, "brand", "consumer").set_index("word").loc["estafa"]
    assert row["z"] > 5  # by counts alone: fifty of fifty-four
    assert row["p"] == pytest.approx(0.2, abs=0.06)  # one comment in ten is the brand's, either way
    texts = texts.str.replace("( estafa)+", "", regex=True)
    texts.iloc[:8] += " estafa"
    again = log_odds(texts, groups, "brand", "consumer").set_index("word").loc["estafa"]
    assert again["z"] < row["z"] and again["q"] < 0.01  # eight comments do


def test_true_differences_are_found_and_only_they():
    rng = np.random.default_rng(3)
    texts, groups = study(rng, 500)
    texts = texts.where((groups == "consumer") | (rng.random(500) > 0.2), texts + " gracias")
    texts = texts.where((groups == "brand") | (rng.random(500) > 0.2), texts + " espera")
    found = log_odds(texts, groups, "brand", "consumer", draws=200).query("q < 0.05")["word"]
    assert (found.iloc[0], found.iloc[-1], len(found)) == ("gracias", "espera", 2)


def test_tails_of_words_said_once_a_comment_are_binomial():
    from scipy import sparse

    is_first, size = np.arange(1000) < 300, np.full(1000, 10.0)
    counts = sparse.csr_array((np.arange(1000) < 8)[:, None].astype(float))  # eight comments, all of `first`
    expected = hypergeom.sf([7, -1], 1000, 300, 8)
    assert _tails(is_first, counts, size)[:, 0] == pytest.approx(expected, rel=0.02)


def test_seed_and_order_of_rows():
    texts, groups = study(np.random.default_rng(5), 120, burst=0.2)
    table = log_odds(texts, groups, "brand", "consumer", draws=60)
    mixed = texts.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(log_odds(mixed, groups[::-1], "brand", "consumer", draws=60), table)
    other = log_odds(texts, groups, "brand", "consumer", draws=60, seed=1)
    assert not other["p"].equals(table["p"])
    back = log_odds(texts, groups, "consumer", "brand", draws=60).set_index("word").loc[table["word"]]
    assert back["log_odds"].tolist() == pytest.approx((-table["log_odds"]).tolist())


def test_comments_left_out():
    """Missing texts, other groups, comments without a group; case counts for nothing."""
    texts = pd.Series(["Hola app", None, "hola", "otra cosa", "HOLA app"] * 6)
    groups = pd.Series(["brand", "brand", "consumer", "press", "consumer"] * 6).where(lambda x: x.index < 29)
    table = log_odds(texts, groups, "brand", "consumer", draws=20)
    assert table.set_index("word").loc["hola", ["n_first", "n_second"]].tolist() == [6, 11]
    assert set(table["word"]) == {"hola", "app"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text, expected", [("hola", ["hola"]), ("", []), ("@alguien", []), ("hola tú", ["hola", "tú"])]
)
def test_everybody_says_the_same(text, expected):
    """Nothing varies over the shuffles: no difference, and no division by zero."""
    table = log_odds(pd.Series([text] * 20), pd.Series(["brand", "consumer"] * 10), "brand", "consumer")
    assert table["word"].tolist() == expected
    assert (table["log_odds"].abs() < 1e-9).all() and (table[["p", "q"]] == 1).all(axis=None)


def test_no_frequent_word():
    table = log_odds(pd.Series(["a b", "c d"] * 2), pd.Series(["brand", "consumer"] * 2), "brand", "consumer")
    assert table.empty and list(table) == [
        *["word", "n_first", "comments_first", "n_second", "comments_second", "log_odds", "z", "p", "q"],
        "content",
    ]


@pytest.mark.parametrize("texts", [["uno", "dos"], [None, "dos"], [np.nan, np.nan]])
@pytest.mark.parametrize("first", ["press", "brand"])
def test_unknown_group(texts, first):
    groups = pd.Series(["brand", "brand" if first == "press" else None])
    with pytest.raises(InputError, match=r"no comment of '(press|brand|consumer)', among \['brand'\]"):
        log_odds(pd.Series(texts), groups, first, "consumer")


def g2(pair, first, second, n):
    """Dunning's ratio from the 2x2 table: 2 sum O ln(O / E)."""
    observed = np.array([[pair, second - pair], [first - pair, n - first - second + pair]], dtype=float)
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()
    return 2 * (observed * np.log(np.where(observed > 0, observed / expected, 1))).sum()


def test_collocations_are_dunnings():
    texts, _ = study(np.random.default_rng(7), 300)
    texts = texts.where(np.arange(300) % 4 > 0, texts + " call centre")
    table = collocations(texts, 15)
    assert table["words"][0] == "call centre" and table["ratio"].is_monotonic_decreasing
    spoken = texts.str.split()
    said = Counter(word for words in spoken for word in words)
    pairs = Counter(pair for words in spoken for pair in pairwise(words))
    for row in table.itertuples():
        one, two = row.words.split()
        assert row.n == pairs[one, two] >= 5
        assert row.ratio == pytest.approx(g2(row.n, said[one], said[two], said.total()))


def test_pairs_that_avoid_each_other_are_no_collocations():
    texts = pd.Series(["no si", "si no", "no no no no no no", "si si si si si si"] * 6)
    assert collocations(texts)["words"].tolist() == ["no no", "si si"]


@pytest.mark.parametrize("texts", [[], [np.nan, np.nan], ["a b"] * 4, ["a"] * 5 + ["b"] * 5])
def test_no_collocations(texts):
    table = collocations(pd.Series(texts, dtype=object))
    assert table.empty and list(table) == ["words", "n", "ratio"]


def test_contexts():
    texts = pd.Series({"c1": None, "c2": "No sirve, no sirvió", "c3": "hola"})
    table = word_contexts(texts, "no sirv*", width=4)
    assert table.reset_index().values.tolist() == [
        ["c2", "", "No sirve", ", no"],
        ["c2", "ve, ", "no sirvió", ""],
    ]
    assert word_contexts(texts, "adios").empty
    assert word_contexts(pd.Series({7: "no sirve"}), "sirve").index.tolist() == ["7"]
    with pytest.raises(ValueError, match="not regular expressions"):
        word_contexts(texts, "sirv.*")


def test_function_words_and_numbers_are_no_content_words():
    texts = pd.Series(["we're your 30 nuestra queja late", "I, el banco don't"] * 10)
    table = log_odds(texts, pd.Series(["brand", "consumer"] * 10), "brand", "consumer", draws=20)
    assert set(table.loc[table["content"], "word"]) == {"queja", "late", "banco"} and len(table) == 10
