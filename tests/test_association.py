"""association: phi against sklearn, shares against a crosstab, intervals and tests against a known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, false_discovery_control, hypergeom
from sklearn.metrics import matthews_corrcoef

from cxresearch.association import (
    QUESTIONS,
    SENTIMENTS,
    add_views,
    by_sentiment,
    code_pairs,
    conditional_shares,
)
from cxresearch.codebook import load_codebook
from cxresearch.errors import InputError
from cxresearch.estimates import TOO_FEW
from cxresearch.intervals import wilson
from cxresearch.themes import add_families

RNG = np.random.default_rng
GIVEN, THEN, BOTH_APART = 0.25, 0.5, 0.2  # truth: share with a; with b among them; with b among the others
SHARE_B = GIVEN * THEN + (1 - GIVEN) * BOTH_APART
PHI = GIVEN * (THEN - SHARE_B) / np.sqrt(GIVEN * (1 - GIVEN) * SHARE_B * (1 - SHARE_B))


def coded(rng, n=400):
    """Three codes by hand of all, two groups."""
    hand = pd.DataFrame(rng.random((n, 3)) < [0.4, 0.3, 0.2], columns=["ease", "app", "price"])
    hand["app"] |= hand["ease"] & (rng.random(n) < 0.4)
    return hand, pd.Series(np.where(np.arange(n) % 4, "consumer", "brand"))


def study(rng, n=600, n_hand=200, runs=1, then=THEN):
    """Studies of two groups alike in truth; the machine misses and invents more in `consumer`."""
    size = (runs, 2, n)
    a = rng.random(size) < GIVEN
    true = np.stack([a, rng.random(size) < np.where(a, then, BOTH_APART)], axis=-1)
    hit, false = (np.reshape(rates, (2, 1, 1)) for rates in ((0.95, 0.6), (0.01, 0.1)))
    coded = np.where(true, rng.random(true.shape) < hit, rng.random(true.shape) < false)
    names = [f"{group}{run or ''}" for run in range(runs) for group in ("brand", "consumer")]
    machine, hand = (pd.DataFrame(codes.reshape(-1, 2), columns=["a", "b"]) for codes in (coded, true))
    sampled = np.tile(np.arange(n) < n_hand, 2 * runs)  # comments are exchangeable: the first are as random
    return machine, hand[sampled], pd.Series(np.repeat(names, n))


def row(table, **wanted):
    """The one row with these values."""
    found = table[np.logical_and.reduce([table[name] == value for name, value in wanted.items()])]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("by_hand", [True, False])
def test_phi_and_lift_of_codes_known_for_all_comments(by_hand):
    wide, groups = coded(RNG(1))
    table = code_pairs(wide, wide if by_hand else None, groups, list(wide), draws=200)
    assert table.groupby("group").size().to_dict() == {"brand": 3, "consumer": 3, "all": 3}
    for group in ("brand", "all"):
        own = wide if group == "all" else wide[groups == group]
        found = row(table, group=group, one="ease", two="app")
        assert found["phi"] == pytest.approx(matthews_corrcoef(own["ease"], own["app"]))
        both = (own["ease"] & own["app"]).mean()
        assert found["both"] == pytest.approx(both)
        assert found["lift"] == pytest.approx(both / own["ease"].mean() / own["app"].mean())
        assert found["phi_low"] < found["phi"] < found["phi_high"]
        assert found["basis"] == ("corrected" if by_hand else "machine")
    for _, own in table.groupby("group"):
        assert own["phi"].is_monotonic_decreasing
        assert own["p"].notna().all() == by_hand
        if by_hand:
            assert own["q"].to_numpy() == pytest.approx(false_discovery_control(own["p"]))


def test_conditional_shares_of_codes_known_for_all_comments():
    wide, groups = coded(RNG(2))
    table = conditional_shares(wide, wide, groups, ["ease", "app"], ["app", "price"], draws=200)
    assert len(table) == 3 * 3  # app among app is left out
    for group in ("consumer", "all"):
        own = wide if group == "all" else wide[groups == group]
        found = row(table, group=group, given="ease", then="app")
        expected = own.groupby("ease")["app"].mean()
        assert found[["share", "share_without"]].tolist() == pytest.approx([expected[True], expected[False]])
        assert found["gap"] == pytest.approx(expected[True] - expected[False])
        assert found["cases"] == pytest.approx(own["ease"].sum())
        half = 1.96 * np.sqrt(expected[True] * (1 - expected[True]) / own["ease"].sum())
        assert (found["share_high"] - found["share_low"]) / 2 == pytest.approx(half, rel=0.2)


def test_intervals_cover_the_truth_and_machine_codes_alone_mislead():
    """150 studies: a coverage of 93 % falls under the bound once in 1000 tests."""
    runs, options = 150, {"draws": 300, "seed": 5}
    machine, hand, groups = study(RNG(3), runs=runs)
    shares = conditional_shares(machine, hand, groups, ["a"], ["b"], **options).set_index("group").drop("all")
    pairs, alone = (
        code_pairs(machine, given, groups, ["a", "b"], **options).set_index("group").drop("all")
        for given in (hand, None)
    )
    truths = [(shares, "share", THEN), (shares, "gap", THEN - BOTH_APART), (pairs, "both", GIVEN * THEN)]
    truths += [(pairs, "phi", PHI), (pairs, "lift", THEN / SHARE_B), (alone, "phi", PHI)]
    held = pd.DataFrame(
        {k: t[f"{name}_low"].le(x) & t[f"{name}_high"].ge(x) for k, (t, name, x) in enumerate(truths)}
    )
    held = held.groupby(held.index.str.rstrip("0123456789")).sum()
    assert (held.loc[:, :4] >= binom.ppf(0.001, runs, 0.93)).all(axis=None)
    assert held.loc["consumer", 5] < 0.2 * runs  # by machine alone
    by_group = pairs["phi"].groupby(pairs.index.str.rstrip("0123456789")).mean()
    assert by_group.tolist() == pytest.approx([PHI] * 2, abs=0.03)


def test_unrelated_codes_are_seldom_called_related():
    runs = 150
    table = code_pairs(*study(RNG(4), runs=runs, then=BOTH_APART), ["a", "b"], draws=200).iloc[:-1]
    false = (table["p"] < 0.05).groupby(table["group"].str.rstrip("0123456789")).sum()
    assert len(table) == 2 * runs and table["p"].notna().all()
    assert false.max() <= binom.ppf(0.999, runs, 0.06)


def test_a_code_never_or_hardly_used_is_too_few_to_say():
    wide, groups = coded(RNG(5))
    wide["never"], wide["hardly"], wide["always"] = False, np.arange(400) < 16, True
    codes = ["ease", "never", "hardly", "always"]
    pairs = code_pairs(wide, wide, groups, codes, draws=50)
    unsaid = pairs[pairs["two"].isin(["never", "always"])]
    assert (unsaid["note"] == TOO_FEW).all() and unsaid.loc[:, "both":"q"].isna().all(axis=None)
    assert row(pairs, group="all", one="ease", two="hardly")["note"] == ""
    table = conditional_shares(wide, wide, groups, codes[1:], ["ease"], draws=50)
    told = table["note"] == ""
    assert table[told][["group", "given"]].values.tolist() == [["consumer", "hardly"], ["all", "hardly"]]
    assert table.loc[~told, "share":"gap_high"].isna().all(axis=None)
    assert table.loc[told, "share":"gap_high"].notna().all(axis=None)


@pytest.mark.parametrize("n_hand, told", [(60, False), (80, True)])
def test_pairs_are_withheld_by_their_codes_not_by_what_they_share(n_hand, told):
    """5 in 80 have the rarer code: told, whether always together or never; 4 in 60 are too few."""
    place = np.arange(n_hand)
    wide = pd.DataFrame({"a": place % 16 == 0, "b": place % 16 == 0, "c": place % 4 == 2})
    pairs = code_pairs(wide, wide, pd.Series("brand", wide.index), list(wide), draws=50)
    assert ((pairs["note"] != TOO_FEW) == told).all()
    assert row(pairs, group="brand", one="a", two="c")["cases"] == 0


def test_limits_of_rare_pairs_cover_and_chance_alone_finds_few():
    """Unrelated codes of 5 %, 200 by hand: nine of ten pairs or more are told."""
    rng, runs = RNG(21), 60
    true = pd.DataFrame(rng.random((runs * 400, 2)) < 0.05, columns=["a", "b"])
    machine = true ^ (rng.random(true.shape) < 0.03)
    sampled = np.tile(np.arange(400) < 200, runs)
    groups = pd.Series(np.repeat([f"g{run}" for run in range(runs)], 400))
    pairs = code_pairs(machine, true[sampled], groups, ["a", "b"], draws=200).iloc[:-1]
    known = pairs[pairs["note"] != TOO_FEW]
    assert len(known) >= binom.ppf(0.001, runs, 0.9)
    held = [known[f"{name}_low"].le(x) & known[f"{name}_high"].ge(x) for name, x in (("phi", 0), ("lift", 1))]
    assert min(map(sum, held)) >= binom.ppf(0.001, len(known), 0.93)
    assert (known["p"] < 0.05).sum() <= binom.ppf(0.999, len(known), 0.05)


def test_codes_never_together_are_tested_as_a_count_of_none():
    wide = pd.DataFrame({"a": np.arange(200) < 50, "b": np.arange(200) >= 170})
    found = code_pairs(wide, wide, pd.Series("brand", wide.index), ["a", "b"], draws=200).iloc[0]
    assert found["both_high"] == pytest.approx(wilson(0, 200)[1])
    assert found["phi_low"] < found["phi"] < found["phi_high"] < 0
    assert found["p"] == pytest.approx(2 * hypergeom.cdf(0, 200, 50, 30), abs=0.003)


def test_a_share_of_none_has_an_interval():
    wide, groups = coded(RNG(6))
    wide["rare"] = ~wide["ease"] & (np.arange(400) < 100)
    found = row(conditional_shares(wide, wide, groups, ["ease"], ["rare"], draws=50), group="all")
    assert (found["share"], found["share_low"]) == (0, 0)
    z2 = 1.959964**2
    assert found["share_high"] == pytest.approx(z2 / (found["cases"] + z2), rel=1e-5)  # Wilson's
    assert found["gap_high"] < 0


def test_corrected_shares_of_both_stay_within_those_of_each():
    wide, groups = coded(RNG(7), n=2000)
    machine = wide.assign(app=wide["ease"] & wide["price"])
    hand = pd.DataFrame(False, index=range(60), columns=list(wide))
    hand["app"] = np.arange(60) < 6
    table = code_pairs(machine, hand, groups, ["ease", "app", "price"], draws=100)
    assert table["both"].dropna().between(0, 1).all() and table["both_low"].dropna().ge(0).all()


def test_a_group_without_hand_codes_is_machine_coding_and_the_whole_is_mixed():
    machine, hand, groups = study(RNG(8))
    hand = hand[groups[hand.index] == "brand"]
    table = code_pairs(machine, hand, groups, ["a", "b"], draws=50).set_index("group")
    assert table["basis"].to_dict() == {"brand": "corrected", "consumer": "machine", "all": "mixed"}
    assert table["p"].notna().to_dict() == {"brand": True, "consumer": False, "all": False}
    unjudged = conditional_shares(machine, hand[["a"]], groups, ["a"], ["b"], draws=50)
    assert unjudged["basis"].tolist() == ["mixed", "machine", "mixed"]  # b is coded by no hand
    assert (code_pairs(machine, None, groups, ["a", "b"], draws=2)["basis"] == "machine").all()


def test_codes_by_sentiment_and_intention():
    wide, groups = coded(RNG(9))
    labels = pd.Series(RNG(10).choice(["positive", "neutral", "negative"], 400))
    machine = add_views(wide.assign(loyalty=wide["ease"], advocacy=wide["price"]), labels)
    assert machine["intention"].equals(wide["ease"] | wide["price"])
    hand = add_views(wide.iloc[:200].assign(loyalty=wide["app"], advocacy=np.nan), labels.iloc[:150])
    assert hand["negative"].notna().sum() == 150 and hand["intention"].isna().all()
    table = by_sentiment(machine, hand, groups, ["ease"], draws=50)
    assert table["then"].tolist() == list(SENTIMENTS) * 3
    assert row(table, group="all", then="negative")["n_hand"] == 150
    expected = (labels[machine["ease"]] == "negative").mean()
    share = row(by_sentiment(machine, None, groups, ["ease"], draws=50), group="all", then="negative")[
        "share"
    ]
    assert share == pytest.approx(expected)


def test_the_questions_name_what_the_codebook_holds(root):
    book = load_codebook(root / "data" / "raw" / "codebook.yaml")
    wide = add_views(add_families(pd.DataFrame(False, index=range(3), columns=book.names), book), None)
    for given, then in QUESTIONS.values():
        assert {*given, *then} <= set(wide)


def test_the_same_seed_gives_the_same_table():
    machine, hand, groups = study(RNG(11))
    one, two = (code_pairs(machine, hand, groups, ["a", "b"], draws=50, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.parametrize(
    "codes, message", [(["a", "c"], "no column 'c'"), (["a"], "two different columns"), ([], "two different")]
)
def test_bad_input_is_named(codes, message):
    machine, hand, groups = study(RNG(12), n=50, n_hand=10)
    with pytest.raises(InputError, match=message):
        code_pairs(machine, hand, groups, codes)
    with pytest.raises(InputError, match="999 is no code or comment"):
        code_pairs(machine, hand.rename(index={0: 999}), groups, ["a", "b"])
