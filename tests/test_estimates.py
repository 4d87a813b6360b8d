"""estimates: Wilson against statsmodels, the corrected share against seeded simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.intervals import wilson


def study(rng, *, truth, sensitivity, specificity, n, n_hand, runs=1):
    """Machine codes of all, hand codes (taken as true) of a random sample; one group per run."""
    true = rng.random((runs, n)) < truth
    machine = np.where(true, rng.random((runs, n)) < sensitivity, rng.random((runs, n)) > specificity)
    sample = np.zeros((runs, n), dtype=bool)
    sample[:, :n_hand] = True  # comments are exchangeable: the first are as random as any
    machine, hand = (pd.DataFrame({"ease": values.ravel()}) for values in (machine, true))
    return machine, hand[sample.ravel()], pd.Series(np.repeat(np.arange(runs), n))


def one_group(wide):
    return pd.Series("brand", index=wide.index)


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson(n, fraction, confidence):
    count = round(n * fraction)
    expected = proportion_confint(count, n, 1 - confidence, "wilson")
    assert np.array(wilson(count / n, n, confidence)) == pytest.approx(expected, abs=1e-9)


def test_wilson_without_comments():
    assert np.isnan(wilson([0.5, 0.5], [0, 10])[0]).tolist() == [True, False]


@pytest.mark.parametrize("cases", [0, 1, 30, 60])
@pytest.mark.parametrize("machine_right", [True, False])
def test_all_coded_by_hand_is_plain_wilson(cases, machine_right):
    hand = pd.DataFrame({"ease": np.arange(60) < cases})
    row = shares(hand if machine_right else ~hand, hand, one_group(hand)).iloc[0]
    assert row[["share", "low", "high"]].tolist() == pytest.approx(
        [cases / 60, *proportion_confint(cases, 60, method="wilson")], abs=1e-9
    )
    assert row["se"] == pytest.approx(np.sqrt(cases / 60 * (1 - cases / 60) / 60))
    assert row["basis"] == "corrected"


@pytest.mark.parametrize("hand", [None, pd.DataFrame(), pd.DataFrame({"ease": []}, dtype=bool)])
def test_without_hand_codes_only_the_machine_speaks(hand):
    machine = pd.DataFrame({"ease": np.arange(100) < 25})
    row = shares(machine, hand, one_group(machine)).iloc[0]
    assert (row["basis"], row["n_hand"], row["share"]) == ("machine", 0, 0.25)
    assert [row["low"], row["high"]] == pytest.approx(proportion_confint(25, 100, method="wilson"))
    assert np.isnan(row[["hand_share", "sensitivity", "false_positive_rate"]].astype(float)).all()


def test_difference_estimator_and_its_variance():
    rng = np.random.default_rng(5)
    kwargs = {"truth": 0.3, "sensitivity": 0.7, "specificity": 0.9, "n": 40_000, "n_hand": 4000}
    machine, hand, _ = study(rng, **kwargs)
    row = shares(machine, hand, one_group(machine)).iloc[0]
    m, h, sampled = machine["ease"], hand["ease"].astype(int), machine["ease"].astype(int).loc[hand.index]
    assert row["share"] == pytest.approx(m.mean() + (h - sampled).mean())
    f = len(hand) / len(m)
    published = (h - (1 - f) * sampled).var() / len(h) + (1 - f) ** 2 * m.var() / (len(m) - len(h))
    assert row["se"] == pytest.approx(np.sqrt(published), rel=0.02)
    tables = shares(*study(rng, **kwargs | {"n": 1000, "n_hand": 100, "runs": 400}))
    assert tables["share"].mean() == pytest.approx(0.3, abs=4 * tables["share"].std() / 20)  # unbiased
    assert tables["se"].mean() == pytest.approx(tables["share"].std(), rel=0.12)


def test_intervals_cover_where_machine_error_differs_by_group():
    """1000 studies, 20 % true in both groups: a true 95 % coverage falls outside once in 1000 tests."""
    rng, runs, naive = np.random.default_rng(11), 1000, []
    for sensitivity, specificity in ((0.9, 0.97), (0.7, 0.99)):
        kwargs = {"truth": 0.2, "sensitivity": sensitivity, "specificity": specificity}
        table = shares(*study(rng, n=2500, n_hand=150, runs=runs, **kwargs))
        covered = table["low"].le(0.2) & table["high"].ge(0.2)
        assert binom.ppf(0.0005, runs, 0.95) <= covered.sum() <= binom.ppf(0.9995, runs, 0.96)
        low, high = wilson(table["machine_share"], table["n"])
        naive.append(np.mean((low <= 0.2) & (high >= 0.2)))
    assert min(naive) < 0.1  # sensitivity .70 is taken for fewer cases


@pytest.mark.parametrize(
    "truth, sensitivity, specificity, n, n_hand",
    [
        (0.02, 0.9, 0.97, 2500, 150),  # rare code, most machine hits false
        (0.05, 0.95, 0.995, 20_000, 150),  # most samples hold few machine errors or none
        (0.02, 0.5, 0.9, 1000, 50),
        (0.95, 0.9, 0.9, 2500, 150),
    ],
)
def test_coverage_does_not_collapse_at_the_edges(truth, sensitivity, specificity, n, n_hand):
    """Once in 200 tests a true 95 % would fall below by chance; Wilson with n = p(1-p)/se^2 often does."""
    study_of = {"truth": truth, "sensitivity": sensitivity, "specificity": specificity, "n": n}
    table = shares(*study(np.random.default_rng(4), n_hand=n_hand, runs=300, **study_of))
    assert table[["low", "share", "high"]].apply(lambda row: row.is_monotonic_increasing, axis=1).all()
    assert (table["low"].le(truth) & table["high"].ge(truth)).sum() >= binom.ppf(0.005, 300, 0.95)


def test_too_few_to_say():
    machine = pd.DataFrame({"ease": np.arange(200) < 50})
    few = shares(machine, machine.iloc[:19], one_group(machine)).iloc[0]
    assert few["note"] == "too few to say"
    assert few[["share", "low", "high", "se"]].isna().all()
    assert few["machine_share"] == 0.25  # what was counted stays visible
    assert shares(machine, machine.iloc[:20], one_group(machine))["note"].item() == ""
    assert shares(machine.iloc[:19], None, one_group(machine))["note"].item() == "too few to say"


def test_rows_codes_and_missing_hand_codes():
    machine = pd.DataFrame({"tact": [True] * 60, "ease": [False] * 60})
    hand = pd.DataFrame({"tact": [True] * 25 + [np.nan] * 15 + [False] * 10})
    groups = pd.Series(["consumer"] * 40 + ["brand"] * 20)
    table = shares(machine, hand, groups, minimum_n=5)
    assert table[["code", "group"]].values.tolist() == [
        ["tact", "brand"],
        ["tact", "consumer"],
        ["ease", "brand"],
        ["ease", "consumer"],
    ]
    assert table["n_hand"].tolist() == [10, 25, 0, 0]
    assert table["basis"].tolist() == ["corrected", "corrected", "machine", "machine"]
    assert table["share"].tolist() == [0, 1, 0, 0]


def test_limits_at_another_confidence():
    rng = np.random.default_rng(2)
    machine, hand, _ = study(rng, truth=0.3, sensitivity=0.8, specificity=0.9, n=900, n_hand=90)
    wide = shares(machine, hand, one_group(machine))
    (low, high), (low_90, high_90) = limits(wide, 0.95), limits(wide, 0.9)
    assert [low.item(), high.item()] == wide[["low", "high"]].iloc[0].tolist()
    assert low < low_90 < high_90 < high
    by_hand = shares(machine, machine, one_group(machine))
    expected = np.array(wilson(by_hand["share"], by_hand["n"], 0.9))
    assert np.array(limits(by_hand, 0.9)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"hand": pd.DataFrame({"tact": [True]})}, "'tact' is no code or comment"),
        ({"hand": pd.DataFrame({"ease": [True]}, index=[99])}, "99 is no code or comment"),
        ({"groups": pd.Series(["brand", None])}, "1 comments lack a group, first 1"),
        ({"groups": pd.Series(["brand"] * 2, index=[0, 0])}, "occurs more than once"),
        ({"machine": pd.DataFrame({"ease": [1, None]})}, "1 comments lack a machine code, first 1"),
    ],
)
def test_unusable_input_is_named(change, message):
    given = {"machine": pd.DataFrame({"ease": [True, False]}), "hand": None, "groups": pd.Series(["a", "b"])}
    with pytest.raises(InputError, match=message):
        shares(**given | change)
