"""estimates: against ppi-python and statsmodels, and against seeded simulation."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
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
    needs_people = ["hand_share", "hand_low", "hand_high", "n_effective", "lambda", "rogan_gladen"]
    assert np.isnan(row[[*needs_people, "sensitivity", "false_positive_rate"]].astype(float)).all()


ORACLE = json.loads((Path(__file__).parent / "saved" / "ppi_python.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: "-".join(map(str, case["labelled"])))
def test_as_ppi_python(case):
    """Of ppi-python's figures, those that are comparable; made by the command in the file.

    Its unlabelled comments are the rest here: so its lambda is ours times the rest's part, if the machine's
    share is the same in sample and rest (else it takes the machine's variance from both, we from the sample).
    Then its variance is ours, too, but for the degree of freedom that the second class costs.
    """
    both, _, machine_only, _ = case["labelled"]
    truth = np.repeat([1, 1, 0, 0], case["labelled"])
    machine = np.r_[np.repeat([1, 0, 1, 0], case["labelled"]), np.repeat([1, 0], case["rest"])]
    wide = pd.DataFrame({"ease": machine.astype(bool)})
    row = shares(wide, pd.DataFrame({"ease": truth}), one_group(wide)).iloc[0]
    n, total = len(truth), len(machine)
    assert row["lambda"] * (1 - n / total) == pytest.approx(case["lambda"], abs=1e-9)
    assert row["share"] == pytest.approx(case["point"], abs=1e-9)
    if (both + machine_only) / n == case["rest"][0] / sum(case["rest"]):
        tuned = row["lambda"] * (1 - n / total) * (total - 1) / total  # it divides one variance by n - 1
        assert tuned == pytest.approx(case["lambda_tuned"], abs=1e-6)
        assert row["share"] == pytest.approx(case["point_tuned"], abs=1e-6)
        census = row["share"] * (1 - row["share"]) / total
        published = ((case["high"] - case["low"]) / 2 / 1.959963984540054) ** 2
        assert row["se"] ** 2 == pytest.approx(census + (published - census) * n / (n - 1), abs=1e-9)


def test_unbiased_and_its_standard_error():
    kwargs = {"truth": 0.3, "sensitivity": 0.7, "specificity": 0.9, "n": 1000, "n_hand": 100, "runs": 400}
    table = shares(*study(np.random.default_rng(5), **kwargs))
    assert table["share"].mean() == pytest.approx(0.3, abs=4 * table["share"].std() / 20)
    assert table["se"].mean() == pytest.approx(table["share"].std(), rel=0.12)
    assert table["share"].std() < 0.85 * table["hand_share"].std()
    assert table["rogan_gladen"].mean() == pytest.approx(0.3, abs=0.01)


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
    withheld = ["share", "low", "high", "low_90", "high_90", "se", "hand_low", "n_effective", "lambda"]
    assert few[withheld].isna().all()
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


def test_columns_beside_the_corrected_share():
    rng = np.random.default_rng(2)
    machine, hand, _ = study(rng, truth=0.3, sensitivity=0.8, specificity=0.9, n=900, n_hand=90)
    row = shares(machine, hand, one_group(machine)).iloc[0]
    assert row["low"] < row["low_90"] < row["share"] < row["high_90"] < row["high"]
    own = proportion_confint(hand["ease"].sum(), 90, method="wilson")
    assert row[["hand_low", "hand_high"]].tolist() == pytest.approx(own)
    low, high = wilson(
        row["share"], row["n_effective"]
    )  # the corrected interval's width, without the machine
    assert high - low == pytest.approx(row["high"] - row["low"])
    assert row["n_effective"] > 90
    m, h = machine["ease"], hand["ease"]
    hit, false = m[h.index][h].mean(), m[h.index][~h].mean()
    assert row["rogan_gladen"] == pytest.approx((m.mean() - false) / (hit - false))


@pytest.mark.parametrize("truth, hit, specificity", [(0.05, 0.9, 0.95), (0.2, 0.5, 0.8), (0.5, 0.35, 0.75)])
def test_rogan_gladen_says_how_little_a_poor_machine_tells(truth, hit, specificity):
    """Where it may be .2 off or more, its interval is as wide, and covers."""
    kwargs = {"truth": truth, "sensitivity": hit, "specificity": specificity, "n": 2000, "n_hand": 100}
    table = shares(*study(np.random.default_rng(6), **kwargs, runs=400)).dropna(subset="rogan_gladen")
    covered = table["rogan_low"].le(truth) & table["rogan_high"].ge(truth)
    assert covered.mean() > 0.91
    assert table["rogan_gladen"].between(table["rogan_low"] - 1e-9, table["rogan_high"] + 1e-9).mean() > 0.98
    far = (table["rogan_gladen"] - truth).abs().quantile(0.95)
    assert (table["rogan_high"] - table["rogan_low"]).mean() > far


def test_a_census_has_nothing_to_gain():
    machine, hand, _ = study(
        np.random.default_rng(3), truth=0.3, sensitivity=0.8, specificity=0.9, n=80, n_hand=80
    )
    row = shares(machine, hand, one_group(machine)).iloc[0]
    assert row[["n_effective", "share"]].tolist() == pytest.approx([80, hand["ease"].mean()])
    assert row["rogan_gladen"] == pytest.approx(row["share"])


def test_a_machine_no_better_than_chance():
    wide = pd.DataFrame({"ease": [True, False] * 100})
    hand = wide.iloc[:40].assign(ease=[True, True, False, False] * 10)
    row = shares(wide, hand, one_group(wide)).iloc[0]
    assert row["lambda"] == 0 and np.isnan(row["rogan_gladen"])
    assert row["share"] == row["hand_share"] == 0.5
    assert row["high"] - row["low"] <= 1.02 * (row["hand_high"] - row["hand_low"])


def stratified_study(rng, *, n_hand, part=None):
    """Comments of two strata, the rarer coded far more often; the code is commoner there."""
    stratum = pd.Series(np.repeat(["rare", "common"], [300, 2700]))
    true = pd.Series(rng.random(3000) < np.where(stratum == "rare", 0.6, 0.05))
    machine = pd.DataFrame({"ease": true ^ (rng.random(3000) < 0.1)})
    drawn = [*rng.choice(300, n_hand, replace=False), *(300 + rng.choice(2700, n_hand, replace=False))]
    groups = pd.Series(np.where(rng.random(3000) < (part or 1), "brand", "consumer"))
    return machine, true.to_frame("ease").loc[drawn], groups, stratum


def test_strata_undo_an_unequal_sample():
    rng, truth = np.random.default_rng(6), 0.1 * 0.6 + 0.9 * 0.05
    tables = []
    for _ in range(150):
        machine, hand, groups, strata = stratified_study(rng, n_hand=80)
        tables.append(shares(machine, hand, groups, strata=strata))
    table = pd.concat(tables)
    assert table["hand_share"].mean() == pytest.approx(truth, abs=0.006)
    assert table["share"].mean() == pytest.approx(truth, abs=0.005)
    assert table["se"].mean() == pytest.approx(table["share"].std(), rel=0.17)
    for low, high in (("low", "high"), ("hand_low", "hand_high")):
        covered = (table[low].le(truth) & table[high].ge(truth)).sum()
        assert binom.ppf(0.001, 150, 0.95) <= covered <= binom.ppf(0.999, 150, 0.965)
    ignored = shares(machine, hand, groups)
    assert ignored["low"].item() > truth  # the same sample, taken for a random one


def test_stratified_share_by_hand():
    """Each class by its part of all comments, worked out with pandas."""
    machine, hand, groups, strata = stratified_study(np.random.default_rng(7), n_hand=90, part=0.6)
    table = shares(machine, hand, groups, strata=strata).set_index("group")
    for group in ("brand", "consumer"):
        own = pd.DataFrame(
            {"stratum": strata, "machine": machine["ease"], "hand": hand["ease"].astype(float)}
        )
        own = own[groups == group]
        for name, by in (("share", ["stratum", "machine"]), ("hand_share", ["stratum"])):
            cells = own.groupby(by)["hand"].agg(["size", "mean"])
            assert table[name][group] == pytest.approx((cells["size"] * cells["mean"]).sum() / len(own))
    assert (table["n_outside"] == 0).all()


def test_classes_without_hand_codes():
    """Such a class counts as the others with that machine code; a machine code never coded, as the other."""
    machine = pd.DataFrame({"ease": [True] * 10 + [False] * 90 + [True] * 20 + [False] * 80})
    strata = pd.Series(["es"] * 100 + ["en"] * 100)
    hand = machine.iloc[[*range(40)]]  # nothing of "en"
    row = shares(machine, hand, one_group(machine), strata=strata).iloc[0]
    assert row["n_outside"] == 100 and row["share"] == pytest.approx(30 / 200)
    row = shares(machine, hand.iloc[10:], one_group(machine), strata=strata).iloc[0]
    assert (row["share"], row["lambda"], row["hand_share"]) == (0, 0, 0)
    assert row["high"] == pytest.approx(row["hand_high"])


@pytest.mark.parametrize("given", [True, False])
def test_all_hand_codes_equal(given):
    machine = pd.DataFrame({"ease": np.arange(200) < 50})
    hand = pd.DataFrame({"ease": [given] * 60}, index=range(20, 80))
    row = shares(machine, hand, one_group(machine)).iloc[0]
    assert row["share"] == given and row["se"] == 0 and row["note"] == ""
    assert 0 < row["high"] - row["low"] < 0.15
    assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1 and np.isnan(row["rogan_gladen"])


def test_a_code_never_used():
    machine = pd.DataFrame({"ease": [False] * 200, "tact": [True] * 200})
    table = shares(machine, machine.iloc[:50], one_group(machine)).set_index("code")
    assert table["share"].tolist() == [0, 1] and table["lambda"].tolist() == [0, 0]
    upper = proportion_confint(0, 50, method="wilson")[1]
    assert table.loc["ease", "high"] == pytest.approx(upper) == 1 - table.loc["tact", "low"]
    machine_only = shares(machine, None, one_group(machine)).set_index("code")
    assert machine_only.loc["ease", "high"] == pytest.approx(proportion_confint(0, 200, method="wilson")[1])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"hand": pd.DataFrame({"tact": [True]})}, "'tact' is no code or comment"),
        ({"hand": pd.DataFrame({"ease": [True]}, index=[99])}, "99 is no code or comment"),
        ({"groups": pd.Series(["brand", None])}, "1 comments lack a group, first 1"),
        ({"groups": pd.Series(["brand"] * 2, index=[0, 0])}, "occurs more than once"),
        ({"machine": pd.DataFrame({"ease": [1, None]})}, "1 comments lack a machine code, first 1"),
        ({"strata": pd.Series(["es"])}, "1 comments lack a stratum, first 1"),
        ({"strata": pd.Series(["es"] * 2, index=[1, 1])}, "stratum: a comment_id occurs more than once"),
    ],
)
def test_unusable_input_is_named(change, message):
    given = {"machine": pd.DataFrame({"ease": [True, False]}), "hand": None, "groups": pd.Series(["a", "b"])}
    with pytest.raises(InputError, match=message):
        shares(**given | change)
