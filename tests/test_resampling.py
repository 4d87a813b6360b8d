"""resampling: the difference estimator by hand, the draws by a plain loop and against repeated studies."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.errors import InputError
from cxresearch.intervals import percentiles
from cxresearch.resampling import ALL, UNSURE, codings, resample, resampled_shares, with_all

RNG = np.random.default_rng


def study(rng, n=200, n_hand=60, columns=3):
    """Machine codes of all, hand codes of some, two groups."""
    machine = pd.DataFrame(rng.random((n, columns)) < 0.3, columns=list("abcdef")[:columns])
    hand = (machine ^ (rng.random(machine.shape) < 0.1)).sample(n_hand, random_state=1)
    return machine, hand, pd.Series(np.where(np.arange(n) % 3, "consumer", "brand"))


def test_the_estimate_is_the_weighted_difference_estimator_per_group():
    machine, hand, groups = study(RNG(1))
    hand = hand.astype(float)
    hand.iloc[::7, 1] = np.nan  # not judged
    weights = pd.Series(RNG(2).choice([1.0, 4.0], len(machine)))
    drawn = resampled_shares(machine, hand, groups, weights=weights, draws=5)
    assert list(drawn) == ["brand", "consumer"]
    for group, values in drawn.items():
        own = hand[groups[hand.index] == group]
        for k, code in enumerate(machine):
            judged = own[code].dropna()
            error = judged - machine.loc[judged.index, code]
            expected = machine.loc[groups == group, code].mean() + np.average(
                error, weights=weights[judged.index]
            )
            assert values[0, k] == pytest.approx(expected)


def test_tuned_the_machine_counts_as_far_as_it_foretells_the_hand():
    machine, hand, _ = study(RNG(12), n=400, n_hand=150)
    machine["c"] = RNG(13).random(400) < 0.3  # says nothing of the hand
    machine["b"] = ~machine["b"]  # says the contrary, which is not used
    groups = pd.Series("brand", machine.index)
    tuned = resampled_shares(machine, hand, groups, draws=300, tuned=True)["brand"]
    sampled = machine.loc[hand.index, "a"].astype(int)
    slope = np.polyfit(sampled, hand["a"], 1)[0]
    assert tuned[0, 0] == pytest.approx(hand["a"].mean() + slope * (machine["a"].mean() - sampled.mean()))
    assert tuned[0, 1] == pytest.approx(hand["b"].mean())
    plain = resampled_shares(machine, hand, groups, draws=300)["brand"]
    hand_only = np.sqrt(hand.mean() * (1 - hand.mean()) / 150)
    assert plain[1:, 2].std() > 1.2 * hand_only["c"]
    assert tuned[1:, 2].std() < 0.85 * plain[1:, 2].std()
    assert tuned[1:, 0].std() < 0.9 * hand_only["a"]


def test_draws_are_those_of_a_plain_loop():
    machine, hand, groups = study(RNG(3), n=40, n_hand=24, columns=2)
    groups[:], weights = "brand", pd.Series(np.where(np.arange(40) < 20, 2.0, 3.0))
    drawn = resampled_shares(machine, hand, groups, weights=weights, draws=3, seed=4)
    random, parts = RNG([4, 0]), []
    sizes = random.multinomial(40, [0.5, 0.5], 3)
    for stratum in (range(20), range(20, 40)):
        for by_hand in (True, False):
            rows = [one for one in stratum if (one in hand.index) == by_hand]
            parts.append((stratum, rows, random.integers(len(rows), size=(3, len(rows) - 1))))
    doubt = random.integers(40, size=(2, UNSURE, 3))
    worth = weights[hand.index].sum() ** 2 / (weights[hand.index] ** 2).sum()
    for draw in range(3):
        total, error, weighed, n = np.zeros(2), np.zeros(2), 0.0, 0.0
        for stratum, rows, chosen in parts:
            for one in np.array(rows)[chosen[draw]]:
                times = len(rows) / (len(rows) - 1) * sizes[draw, int(stratum[0] > 0)] / 20
                n += times
                total += times * machine.loc[one]
                if one in hand.index:
                    error += times * weights[one] * (hand.loc[one].astype(int) - machine.loc[one])
                    weighed += times * weights[one]
        pairs = zip(*doubt[:, :, draw], strict=True)
        chance = sum(machine.loc[one].astype(int) - machine.loc[two] for one, two in pairs)
        assert n == pytest.approx(40)
        expected = total / 40 + error / weighed + chance * (1 - 24 / 40) / worth
        assert drawn["brand"][draw + 1] == pytest.approx(expected.to_numpy(dtype=float))


@pytest.mark.parametrize("positive, negative", [(0.15, 0.15), (0.5, 0.1), (1.0, 0.3)])
def test_draws_spread_as_repeated_studies_do(positive, negative):
    rng, estimates, spreads = RNG(5), [], []
    for run in range(300):
        true = rng.random(600) < 0.1
        machine = np.where(true, rng.random(600) < 0.7, rng.random(600) < 0.05)
        chance = np.where(machine, positive, negative)
        sample = np.zeros(600, dtype=bool)
        for value in np.unique(chance):
            rows = np.flatnonzero(chance == value)
            sample[rng.permutation(rows)[: round(value * len(rows))]] = True
        wide, hand = pd.DataFrame({"ease": machine}), pd.DataFrame({"ease": true})[sample]
        groups, weights = pd.Series("brand", wide.index), pd.Series(1 / chance)
        values = resampled_shares(wide, hand, groups, weights=weights, draws=100, seed=run)["brand"]
        estimates.append(values[0, 0])
        spreads.append(values[1:].std())
    assert np.mean(estimates) == pytest.approx(0.1, abs=4 * np.std(estimates) / np.sqrt(300))
    ratio = np.sqrt(np.mean(np.square(spreads))) / np.std(estimates)
    assert 0.92 < ratio < 1.2  # a little wider: two comments count as coded by chance


def test_without_hand_codes_the_machine_speaks_alone():
    machine, hand, groups = study(RNG(6))
    for none in (None, hand.iloc[:0]):
        drawn = resampled_shares(machine, none, groups, draws=400)
        assert drawn["brand"][0] == pytest.approx(machine[groups == "brand"].mean().to_numpy())
        plain = np.sqrt(drawn["brand"][0] * (1 - drawn["brand"][0]) / (groups == "brand").sum())
        assert drawn["brand"][1:].std(axis=0) == pytest.approx(plain, rel=0.15)
    only_one = resample(codings(machine, hand[groups[hand.index] == "brand"], groups), 2, 0)[1]
    assert only_one["brand"][1, 0] > 0
    assert only_one["consumer"][1:].tolist() == [[0, 0, 0], [(groups == "consumer").sum()] * 3]


def test_the_same_seed_draws_the_same_comments():
    machine, hand, groups = study(RNG(7))
    one, two = (resampled_shares(machine, hand, groups, draws=20, seed=3)["brand"] for _ in range(2))
    assert np.array_equal(one, two)
    few = resampled_shares(machine[["b"]], hand[["b"]], groups, draws=20, seed=3)["brand"]
    assert few[:, 0] == pytest.approx(one[:, 1])
    assert not np.allclose(one[1:], resampled_shares(machine, hand, groups, draws=20, seed=4)["brand"][1:])


def test_products_are_the_comments_with_both():
    machine, hand, groups = study(RNG(8))
    both = (table.assign(both=table["a"] & table["c"]) for table in (machine, hand))
    expected = resampled_shares(*both, groups, draws=9)["brand"][:, 3]
    coded = {group: own.with_products([0], [2]) for group, own in codings(machine, hand, groups).items()}
    assert resample(coded, 9, 0, tuned=False)[0]["brand"][:, 3] == pytest.approx(expected)


def test_all_groups_together():
    machine, hand, groups = study(RNG(9))
    drawn, known = with_all(*resample(codings(machine, hand, groups), 3, 0))
    part = (groups == "brand").mean()
    assert drawn[ALL] == pytest.approx(part * drawn["brand"] + (1 - part) * drawn["consumer"])
    assert known[ALL][:2, 0].tolist() == [200, 60]
    _, known = with_all(*resample(codings(machine, hand[groups[hand.index] == "brand"], groups), 3, 0))
    assert known[ALL][:2, 0].tolist() == [200, 20] and 20 < known[ALL][2, 0] < 200


def test_weights_lessen_what_hand_codes_are_worth():
    machine, hand, _ = study(RNG(10))
    groups, weights = pd.Series("brand", machine.index), pd.Series(1.0, machine.index)
    weights[hand.index[:30]] = 3
    assert codings(machine, hand, groups, weights)["brand"].evidence()[:, 0].tolist() == [200, 60, 48]


@pytest.mark.parametrize(
    "values, missing",
    [
        (np.arange(1000.0), False),
        (np.full(1000, 0.5), True),  # no width
        (np.where(np.arange(1000) < 25, np.nan, np.arange(1000.0)), False),
        (np.where(np.arange(1000) < 26, np.nan, np.arange(1000.0)), True),
    ],
)
def test_percentiles_are_missing_where_draws_say_nothing(values, missing):
    low, high = percentiles(values[:, None])
    assert np.isnan([low, high]).all() == missing
    if not missing:
        assert [low[0], high[0]] == pytest.approx(np.percentile(values[~np.isnan(values)], [2.5, 97.5]))


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda m, h, g, w: (m, h.rename(index={h.index[0]: 999}), g, w), "999 is no code or comment"),
        (lambda m, h, g, w: (m, h.rename(columns={"a": "ease"}), g, w), "'ease' is no code or comment"),
        (lambda m, h, g, w: (m, h, g.drop(7), w), "1 comments lack a group, first 7"),
        (lambda m, h, g, w: (m, h, pd.concat([g, g[[7]]]), w), "group: a comment_id occurs more than once"),
        (lambda m, h, g, w: (m, h, g, w.drop(h.index[0])), "weights, comment_id .*: found nan"),
        (lambda m, h, g, w: (m, h, g, 0 * w), "1 / its chance of having been drawn"),
        (lambda m, h, g, w: (m.astype(float).mask(m["a"]), h, g, w), "comments lack a machine code, first"),
        (lambda m, h, g, w: (m.iloc[:0], h, g, w), "no comments or no codes"),
        (lambda m, h, g, w: (m, pd.concat([h, h]), g, w), "hand codes: comment_id .* more than once"),
    ],
)
def test_bad_input_is_named(change, message):
    machine, hand, groups = study(RNG(11))
    arguments = change(machine, hand, groups, pd.Series(1.0, machine.index))
    with pytest.raises(InputError, match=message):
        resampled_shares(*arguments[:3], weights=arguments[3], draws=2)
