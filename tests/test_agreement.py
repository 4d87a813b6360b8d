"""agreement: against published worked examples, krippendorff, nltk and hand counts."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from cxresearch.agreement import agreement_table, cohen_kappa, flags, gwet_ac1, krippendorff_alpha
from cxresearch.errors import InputError


def coders(both, only_first, only_second, neither, code="ease"):
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    ids = [f"c{i}" for i in range(len(first))]
    return (pd.DataFrame({code: values}, index=ids, dtype=bool) for values in (first, second))


@pytest.mark.parametrize(
    "statistic, counts, expected",
    [
        (cohen_kappa, [20, 5, 10, 15], 0.4),  # the grant example: po .70, pe .50
        (cohen_kappa, [40, 9, 6, 45], 0.70),  # Feinstein & Cicchetti (1990)
        (cohen_kappa, [80, 10, 5, 5], 0.32),  # the same: as many agree, kappa falls
        (gwet_ac1, [80, 10, 5, 5], 0.81),  # while AC1 does not
        (gwet_ac1, [118, 5, 2, 0], 0.9408),  # Gwet (2002): kappa is -.0234
        (cohen_kappa, [118, 5, 2, 0], -0.0234),
        (
            krippendorff_alpha,
            [1, 3, 1, 5],
            0.095,
        ),  # Krippendorff (2011): binary, two observers, no missing data
        (cohen_kappa, [0, 3, 0, 7], 0.0),  # one coder silent: chance level, not undefined
        (cohen_kappa, [0, 0, 0, 9], np.nan),  # one category only: never put to the test
        (gwet_ac1, [9, 0, 0, 0], np.nan),
        (krippendorff_alpha, [0, 0, 0, 9], np.nan),
        (krippendorff_alpha, [0, 0, 0, 0], np.nan),
    ],
)
def test_worked_examples(statistic, counts, expected):
    assert statistic(counts) == pytest.approx(expected, abs=0.005 if expected != 0.4 else 1e-9, nan_ok=True)


cell = st.integers(0, 40)


@given(st.tuples(cell, cell, cell, cell))
def test_independent_implementations(counts):
    first, second = (table["ease"].astype(int).tolist() for table in coders(*counts))
    if len(set(first + second)) < 2:
        return
    task = AnnotationTask(
        [(c, str(i), v) for c, vs in (("a", first), ("b", second)) for i, v in enumerate(vs)]
    )
    assert cohen_kappa(counts) == pytest.approx(task.kappa())
    assert krippendorff_alpha(counts) == pytest.approx(task.alpha())
    alpha = krippendorff.alpha(np.array([first, second], dtype=float), level_of_measurement="nominal")
    assert krippendorff_alpha(counts) == pytest.approx(alpha)
    p = np.mean(first + second)  # Gwet's chance agreement, written out
    po = np.mean(np.equal(first, second))
    assert gwet_ac1(counts) == pytest.approx((po - 2 * p * (1 - p)) / (1 - 2 * p * (1 - p)))


def test_table_takes_shared_comments_and_codes():
    first = pd.DataFrame({"b": [1, 1, 0, None], "a": [1, 0, 1, 0], "x": [1, 1, 1, 1]}, index=list("1234"))
    second = pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 1]}, index=list("432"))
    table = agreement_table(first, second).set_index("code")
    assert list(table.index) == ["b", "a"]
    assert table.loc["b", ["n", "both", "only_first", "only_second", "neither"]].tolist() == [2, 1, 0, 0, 1]
    assert table.loc["a", ["n", "both", "only_first", "only_second", "neither"]].tolist() == [3, 1, 0, 1, 1]
    assert table.loc["a", ["prevalence", "percent", "precision", "recall", "f1"]].tolist() == pytest.approx(
        [0.5, 2 / 3, 0.5, 1, 2 / 3]
    )


@pytest.mark.parametrize(
    "counts, reason, missing",
    [
        ((0, 0, 0, 0), "no comments", {"percent", "kappa", "ac1", "alpha", "alpha_low", "precision", "f1"}),
        ((0, 0, 0, 50), "one category only", {"kappa", "ac1", "alpha", "alpha_low", "precision", "f1"}),
        ((50, 0, 0, 0), "one category only", {"kappa", "ac1", "alpha", "alpha_low"}),
        ((0, 9, 0, 50), "one coder never used the code", {"precision"}),
        ((25, 0, 0, 25), "no disagreement, so no interval", {"alpha_low"}),
        ((1, 1, 0, 98), "too few comments for an interval", {"alpha_low"}),
        ((20, 5, 5, 20), "", set()),
    ],
)
def test_undefined_values_are_missing_with_a_reason(counts, reason, missing):
    row = agreement_table(*coders(*counts)).iloc[0]
    assert row["reason"] == reason
    columns = ["percent", "kappa", "ac1", "alpha", "alpha_low", "precision", "f1"]
    assert {column for column in columns if np.isnan(row[column])} == missing


def test_alpha_interval_is_the_bootstrap_over_comments():
    first, second = coders(12, 6, 4, 78)
    row = agreement_table(first, second, draws=4000, seed=3).iloc[0]
    a, b = first["ease"].to_numpy(), second["ease"].to_numpy()
    rng, values = np.random.default_rng(8), []
    for _ in range(2000):  # plain resampling of comments, no multinomial counts
        at = rng.integers(0, 100, 100)
        x, y = a[at], b[at]
        values.append(krippendorff_alpha([(x & y).sum(), (x & ~y).sum(), (~x & y).sum(), (~x & ~y).sum()]))
    assert [row["alpha_low"], row["alpha_high"]] == pytest.approx(
        np.percentile(values, [2.5, 97.5]), abs=0.04
    )
    again = agreement_table(first.assign(new=True), second.assign(new=False), draws=4000, seed=3).iloc[0]
    assert again["alpha_low"] == row["alpha_low"]  # another code changes nothing


@pytest.mark.parametrize(
    "table, message",
    [
        (pd.DataFrame({"ease": [1, 0]}, index=["c1", "c1"]), "'c1' occurs more than once"),
        (pd.DataFrame({"ease": ["si", 0]}, index=["c1", "c2"]), "comment_id 'c1', code 'ease': found 'si'"),
        (pd.DataFrame({"ease": [1, 0.5]}, index=["c1", "c2"]), "'c2', code 'ease': found .*0.5"),
    ],
)
def test_unusable_tables_are_named(table, message):
    with pytest.raises(InputError, match=message):
        flags(table, "hand codes")


@pytest.mark.parametrize("dtype", ["boolean", "Int64", object, "float"])
def test_missing_values_of_any_kind(dtype):
    table = pd.DataFrame({"ease": pd.Series([1, 0, None], dtype="float").astype(dtype)})
    np.testing.assert_array_equal(flags(table, "codes")["ease"], [1, 0, np.nan])


def test_no_code_in_common():
    with pytest.raises(InputError, match=r"no code in common.*\['ease'\].*\['tact'\]"):
        agreement_table(pd.DataFrame({"ease": [True]}), pd.DataFrame({"tact": [True]}))
