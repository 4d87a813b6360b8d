"""profiles: likeness against scipy, models and index against counts, limits against a known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import binom, kendalltau, spearmanr

from cxresearch.association import NO_VARIANCE
from cxresearch.errors import InputError
from cxresearch.estimates import TOO_FEW
from cxresearch.profiles import UNSETTLED, compare_profiles, interaction_models, likeness, value_index
from cxresearch.resampling import resampled_shares

RNG = np.random.default_rng
USE = np.array([0.4, 0.3, 0.25, 0.2, 0.12, 0.08])  # shares of comments with each code
OTHER = np.array([0.1, 0.3, 0.15, 0.35, 0.2, 0.08])
CODES = list("abcdef")


def study(rng, other=OTHER, n=600, n_hand=150):
    """Hand codes of some, machine codes of all: it misses and invents more in the second group."""
    true = rng.random((2, n, len(USE))) < np.stack([USE, other])[:, None]
    hit, false = (np.reshape(rates, (2, 1, 1)) for rates in ((0.95, 0.6), (0.01, 0.06)))
    machine = np.where(true, rng.random(true.shape) < hit, rng.random(true.shape) < false)
    machine, hand = (pd.DataFrame(codes.reshape(-1, len(USE)), columns=CODES) for codes in (machine, true))
    return machine, hand[np.tile(np.arange(n) < n_hand, 2)], pd.Series(np.repeat(["consumer", "brand"], n))


def profiles(machine, hand, groups, **options):
    """Both groups compared, by measure, of all codes."""
    options = {"families": {}, "draws": 200} | options
    return compare_profiles(machine, hand, groups, "consumer", "brand", **options).set_index("measure")


@pytest.mark.parametrize("ties", [False, True])
def test_likeness_is_that_of_scipy(ties):
    one, two = RNG(1).random((2, 20, 7))
    one, two = (one.round(1), two.round(1)) if ties else (one, two)
    for row, p, q in zip(likeness(one, two), one, two, strict=True):
        distance = jensenshannon(p, q, base=2)
        expected = [distance**2, distance, spearmanr(p, q).statistic, kendalltau(p, q).statistic]
        assert row == pytest.approx(expected)


def test_likeness_of_shares_below_0_of_none_and_of_all_alike():
    assert likeness(np.array([[-0.1, 0.2]]), np.array([[0.3, 0.0]]))[0, :2].tolist() == [1, 1]
    assert np.isnan(likeness(np.zeros((1, 3)), np.full((1, 3), 0.2))).all()


def test_values_are_those_of_the_corrected_shares():
    machine, hand, groups = study(RNG(2))
    table = profiles(machine, hand, groups)
    drawn = resampled_shares(machine, hand, groups, draws=0, tuned=True)
    shares = drawn["consumer"], drawn["brand"]
    assert table["value"].tolist() == pytest.approx(likeness(*shares)[0].tolist())
    assert (table["basis"] == "corrected").all() and (table["codes"] == 6).all()
    swapped = compare_profiles(machine, hand, groups, "brand", "consumer", families={}, draws=200)
    assert swapped["value"].tolist() == pytest.approx(table["value"].tolist())


def test_limits_cover_the_truth_where_machine_error_differs_by_group():
    """80 studies: a coverage of 93 % falls under the bound once in 1000 tests."""
    rng, runs, truth = RNG(3), 80, likeness(USE[None], OTHER[None])[0, 0]
    held = []
    for run in range(runs):
        machine, hand, groups = study(rng)
        table = profiles(machine, hand, groups, draws=150, seed=run)
        alone = profiles(machine, None, groups, draws=150, seed=run)
        held.append([t["low"].iloc[0] <= truth <= t["high"].iloc[0] for t in (table, alone)])
    corrected, by_machine = np.sum(held, axis=0)
    assert corrected >= binom.ppf(0.001, runs, 0.93)
    assert by_machine < corrected / 2


def test_groups_alike_come_out_as_the_baseline_and_reach_full_likeness():
    rng, runs, p = RNG(4), 60, []
    for run in range(runs):
        table = profiles(*study(rng, other=USE), draws=100, seed=run)
        p.append(table["p"])
        alike = table["p"] >= 0.05
        assert (table["low"][:2] == 0)[alike[:2]].all() and (table["high"][2:] == 1)[alike[2:]].all()
    assert (np.array(p) < 0.05).sum(axis=0).max() <= binom.ppf(0.999, runs, 0.07)
    apart = profiles(*study(rng))
    assert apart["p"].iloc[0] < 0.02 and apart["low"].iloc[0] > 0
    assert apart["value"].iloc[0] > apart["baseline_high"].iloc[0] > apart["baseline"].iloc[0]


def test_comments_are_dealt_within_their_language():
    rng = RNG(5)
    spanish = np.where(np.arange(1200) < 600, rng.random(1200) < 0.9, rng.random(1200) < 0.2)
    hand = pd.DataFrame(rng.random((1200, 6)) < np.where(spanish[:, None], USE, OTHER), columns=CODES)
    groups = pd.Series(np.repeat(["consumer", "brand"], 600))
    languages = pd.Series(np.where(spanish, "es", "en"))
    assert profiles(hand, hand, groups)["p"].iloc[0] < 0.02
    within = profiles(hand, hand, groups, languages=languages)
    assert within["p"].iloc[0] > 0.05 and within["baseline"].iloc[0] > 0.02


def test_families_and_codes_hardly_used():
    machine, hand, groups = study(RNG(6))
    machine, hand = (table.assign(never=False) for table in (machine, hand))
    families = {"large": list("abcde"), "pair": ["a", "b"], "one": ["c", "never"]}
    table = profiles(machine, hand, groups, families=families, draws=50)
    counts = table.groupby("scope", sort=False)["codes"].first().to_dict()
    assert counts == {"all": 6, "large": 5, "pair": 2, "one": 1}
    told = table["note"] == ""
    assert told.groupby(table["scope"]).sum().to_dict() == {"all": 4, "large": 4, "pair": 2, "one": 0}
    figures = table.loc[:, "value":"p"]
    assert figures[told].notna().all(axis=None) and figures[~told].isna().all(axis=None)
    assert (table["note"][~told] == TOO_FEW).all()


def test_an_order_that_changes_from_draw_to_draw_is_withheld():
    rng = RNG(13)
    hand = pd.DataFrame(rng.random((600, 6)) < 0.2, columns=CODES)  # all codes as frequent
    groups = pd.Series(np.repeat(["consumer", "brand"], 300))
    table = profiles(hand, hand, groups)
    assert table["note"].tolist() == ["", "", UNSETTLED, UNSETTLED]
    assert table.loc[["spearman", "kendall"], "value":"p"].isna().all(axis=None)


def test_limits_of_ranks_cover_among_many_codes():
    """Sixteen codes, some nearly as frequent: 40 studies, once in 1000 tests under 84 %."""
    rng, runs, held = RNG(14), 40, []
    use = 0.2 * np.geomspace(0.4, 2, 16)
    other = use * np.where(np.arange(16) % 2, 1.3, 0.8)
    truth = likeness(use[None], other[None])[0, 2:]
    groups = pd.Series(np.repeat(["consumer", "brand"], 200))
    for run in range(runs):
        hand = pd.DataFrame(rng.random((400, 16)) < np.repeat([use, other], 200, axis=0))
        table = profiles(hand, hand, groups, draws=100, seed=run).loc[["spearman", "kendall"]]
        held.append(table["low"].le(truth) & table["high"].ge(truth))
    assert np.sum(held, axis=0).min() >= binom.ppf(0.001, runs, 0.84)


def test_without_hand_codes_no_p_is_given():
    machine, hand, groups = study(RNG(7))
    for some, basis in ((None, "machine"), (hand[groups[hand.index] == "brand"], "mixed")):
        table = profiles(machine, some, groups, draws=50)
        assert (table["basis"] == basis).all() and table["p"].isna().all()
        told = table.loc[:, "value":"baseline_high"]
        assert (told.isna() if basis == "mixed" else told.notna()).all(axis=None)
        assert table["note"].isin(["one group without hand codes"]).all() == (basis == "mixed")


def test_groups_that_use_one_code_in_all_comments_have_no_limits():
    machine, _, groups = study(RNG(12))
    machine = machine.assign(**dict.fromkeys(CODES, False)).assign(a=True, b=True)
    table = profiles(machine, machine, groups, draws=50)
    assert table.loc["divergence", ["value", "low", "note"]].tolist() == [0, 0, NO_VARIANCE]


def test_a_third_group_changes_nothing():
    machine, hand, groups = study(RNG(8))
    more = pd.DataFrame(True, index=range(5000, 5100), columns=CODES)
    others = (
        pd.concat([machine, more]),
        pd.concat([hand, more]),
        pd.concat([groups, pd.Series("press", more.index)]),
    )
    one, two = (profiles(*tables, draws=50) for tables in ((machine, hand, groups), others))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.parametrize("second", ["press", "consumer"])
def test_a_missing_group_is_named(second):
    machine, hand, groups = study(RNG(9))
    with pytest.raises(InputError, match=r"two different groups among \['brand', 'consumer'\]"):
        compare_profiles(machine, hand, groups, "consumer", second, families={})


def families(rng, n=600, n_hand=200):
    """Two groups that use two families alike; the machine misses and invents more in `consumer`."""
    true = rng.random((n, 2)) < [0.4, 0.3]
    groups = pd.Series(np.where(np.arange(n) % 2, "consumer", "brand"))
    hit, false = (np.where(groups == "brand", *pair)[:, None] for pair in ((0.95, 0.6), (0.02, 0.1)))
    machine = np.where(true, rng.random((n, 2)) < hit, rng.random((n, 2)) < false)
    return machine, true, np.arange(n) < n_hand, groups


def test_interaction_models_sum_to_1_and_are_corrected():
    truth, found, alone = [0.4 * 0.7, 0.6 * 0.3, 0.4 * 0.3, 0.6 * 0.7], [], []
    rng, names, runs = RNG(10), ["consumer_identity", "emotional_self"], 80
    for run in range(runs):
        machine, true, sampled, groups = families(rng)
        machine, hand = (pd.DataFrame(codes, columns=names) for codes in (machine, true))
        table = interaction_models(machine, hand[sampled], groups, draws=200, seed=run)
        assert table.groupby("group")["share"].sum().tolist() == pytest.approx([1, 1, 1])
        found.append(
            table.assign(
                true=truth * 3, held=lambda t: t["share_low"].le(t["true"]) & t["share_high"].ge(t["true"])
            )
        )
        alone.append(interaction_models(machine, None, groups, draws=2))
    by_model = pd.concat(found).groupby(["group", "model"])["held"].sum()
    assert by_model.min() >= binom.ppf(0.0005, runs, 0.93)
    found, alone = (
        pd.concat(tables).groupby(["group", "model"])["share"].mean() for tables in (found, alone)
    )
    assert found["consumer"]["both"] == pytest.approx(0.12, abs=0.02)
    assert alone["consumer"]["both"] < 0.09
    complete = interaction_models(hand, hand, groups, draws=2)
    counted = hand[groups == "brand"].value_counts(normalize=True)
    expected = [counted[True, False], counted[False, True], counted[True, True], counted[False, False]]
    assert complete.loc[complete["group"] == "brand", "share"].tolist() == pytest.approx(expected)


def test_index_of_transaction_against_relationship_per_brand():
    machine, true, sampled, groups = families(RNG(11), n=800, n_hand=400)
    names = ["transactional", "transformational"]
    machine, hand = (pd.DataFrame(codes, columns=names) for codes in (machine, true))
    brands = pd.Series(np.where(np.arange(800) // 2 % 40 == 0, "Rara", "Miralba"))
    brands[100:150] = None
    table = value_index(machine, hand[sampled], groups, brands, draws=200)
    cells = [(b, g) for b in ("Miralba", "Rara", "all") for g in ("brand", "consumer", "all")]
    assert table[["brand", "group"]].apply(tuple, axis=1).tolist() == cells
    table = table.set_index(["brand", "group"])
    assert (table["note"] == TOO_FEW).tolist() == [False] * 3 + [True] * 3 + [False] * 3
    assert table.loc["Rara", "transactional":"index_high"].isna().all(axis=None)
    own = (brands == "Miralba") & (groups == "brand")
    shares = resampled_shares(machine[own], hand[own & sampled], groups, draws=0, tuned=True)["brand"][0]
    found = table.loc[("Miralba", "brand")]
    assert found[names].tolist() == pytest.approx(list(shares))
    assert found["index"] == pytest.approx((shares[0] - shares[1]) / shares.sum())
    assert found["index_low"] < 0.1 / 0.7 < found["index_high"]
    assert found["n"] == own.sum() and table.loc[("all", "all"), "n"] == 800
    none = value_index(machine.assign(transactional=False), None, groups, brands, draws=50).set_index("brand")
    assert (none.loc["Miralba", "index"] == -1).all() and (none.loc["Miralba", "note"] == NO_VARIANCE).all()


def test_ties_do_not_hang_on_the_last_digit():
    one, two = np.array([[0.1, 0.2, 0.2, 0.3, 0.05]]), np.array([[0.3, 0.1, 0.2, 0.2, 0.1]])
    noise = np.array([[0, 1e-16, -1e-16, 0, 1e-17]])
    np.testing.assert_array_equal(likeness(one + noise, two - noise), likeness(one, two))
