"""trends: shares against simulated studies, charts against published ones and simulated false alarms."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from cxresearch.errors import InputError
from cxresearch.estimates import shares
from cxresearch.trends import control_chart, monthly_shares

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: defective chips on 30 wafers of 50
WAFERS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11]
WAFERS += [20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
# Mohammed et al. (2013), BMJ Quality & Safety 22: seen within four hours, of all attendances, first six weeks
SEEN = np.array([266501, 264225, 276532, 281461, 269071, 261215])
CAME = np.array([280443, 276823, 291681, 296155, 282343, 275888])


def series(share, worth, code="ease"):
    """A series as `monthly_shares` gives it."""
    months = pd.period_range("2024-01", periods=len(share), freq="M").astype("str")
    return pd.DataFrame(
        {"month": months, "group": "all", "code": code, "share": share, "worth": worth, "note": ""}
    )


def test_published_p_chart():
    """An upper limit of .4103 above .2313; but the wafers vary more than by chance, so ours are Laney's."""
    chart = control_chart(series(np.array(WAFERS) / 50, 50.0), leave_out=False)
    assert set(chart["method"]) == {"Laney"}
    centre, wider = chart["centre"].iloc[0], chart["sigma_z"].iloc[0]
    upper = centre + (chart["upper"].iloc[0] - centre) / wider
    assert (centre, upper) == pytest.approx((0.2313, 0.4103), abs=2e-4)
    steady = control_chart(series(np.array([12, 9, 14, 10, 11, 13, 8, 12]) / 50, 50.0), leave_out=False)
    p = 89 / 400
    half = 3 * np.sqrt(p * (1 - p) / 50)
    assert set(steady["method"]) == {"p"}
    assert steady["upper"].tolist() == pytest.approx([p + half] * 8)
    assert steady["lower"].tolist() == pytest.approx([p - half] * 8)


def test_laneys_chart():
    """Laney (2002), formulas transcribed: p' limits are p +- 3 sigma_p sigma_z."""
    share = SEEN / CAME
    chart = control_chart(series(share, CAME), leave_out=False)
    centre = SEEN.sum() / CAME.sum()
    sigma_p = [(centre * (1 - centre) / n) ** 0.5 for n in CAME]
    z = [(p - centre) / s for p, s in zip(share, sigma_p, strict=True)]
    sigma_z = sum(abs(b - a) for a, b in pairwise(z)) / 5 / 1.128
    assert set(chart["method"]) == {"Laney"} and chart["sigma_z"].tolist() == pytest.approx([sigma_z] * 6)
    assert chart["upper"].tolist() == pytest.approx([centre + 3 * s * sigma_z for s in sigma_p])
    assert (chart["signal"] == "").all()


def charts(rng, p, n, *, runs=300, months=12, spread=1.0):
    """Series in which months vary `spread` times as much as by chance, one code each."""
    more = np.sqrt(p * (1 - p) / n * (spread**2 - 1)) * rng.standard_normal((runs, months))
    share = rng.binomial(n, np.clip(p + more, 0, 1)) / n
    return pd.concat([series(row, float(n), code) for code, row in enumerate(share)], ignore_index=True)


def outside(chart):
    return chart["signal"].isin(["above", "below"])


@pytest.mark.parametrize("p, n", [(0.2, 300), (0.02, 150), (0.005, 150), (0.97, 200), (0.5, 30)])
def test_false_alarms_of_months_that_vary_by_chance(p, n):
    """150 charts of 12 months: more than the bound in one of 1000 tests, if 0.27 % of months are false."""
    chart = control_chart(charts(np.random.default_rng(1), p, n, runs=150))
    assert outside(chart).sum() <= binom.ppf(0.999, len(chart), 0.0027)
    assert chart.groupby("code")["signal"].agg(lambda s: s.str.startswith("run").any()).mean() < 0.03


@pytest.mark.parametrize("spread", [1.3, 2, 5])
def test_false_alarms_of_months_that_vary_more(spread):
    chart = control_chart(charts(np.random.default_rng(2), 0.2, 300, spread=spread))
    assert outside(chart).groupby(chart["code"]).any().mean() < 0.1
    naive = (chart["share"] - 0.2).abs() > 3 * np.sqrt(0.2 * 0.8 / 300)
    assert naive.groupby(chart["code"]).any().mean() > 0.15


def test_a_planted_month_and_a_planted_shift():
    rows = charts(np.random.default_rng(3), 0.2, 300)
    last = rows["month"] == "2024-12"
    month = control_chart(rows.assign(share=rows["share"] + 0.14 * last))  # some six standard deviations
    assert (month.loc[last, "signal"] == "above").mean() > 0.8
    assert outside(month[~last]).mean() < 0.003  # nor do its neighbours look strange
    rows = charts(np.random.default_rng(4), 0.2, 300, runs=100, months=20)
    later = rows["month"] > "2024-10"
    shifted = control_chart(rows.assign(share=rows["share"] - 0.1 * later))
    assert (shifted.loc[later, "signal"] == "run below").mean() > 0.8


def test_a_month_does_not_count_for_its_own_range():
    share = np.r_[np.full(11, 0.2), 0.9]
    honest = control_chart(series(share, 200.0)).iloc[-1]
    assert (honest["centre"], honest["sigma_z"], honest["signal"]) == (pytest.approx(0.2), 0, "above")
    half = 3 * np.sqrt(0.2 * 0.8 * (1 / 200 + 1 / 2200))
    assert [honest["lower"], honest["upper"]] == pytest.approx([0.2 - half, 0.2 + half])
    assert control_chart(series(share, 200.0), leave_out=False)["centre"].iloc[-1] > 0.25


def test_exact_limits_of_rare_codes():
    from scipy.stats import betabinom

    chart = control_chart(series([0.01, 0.02, 0, 0.01, 0, 0.02, 0.01, 0.01], 100.0))
    assert set(chart["method"]) == {"exact"} and (chart["lower"] == 0).all()
    first = betabinom(100, 7 + 0.5, 693 + 0.5)
    assert first.sf(round(chart["upper"][0] * 100)) <= 0.00135 < first.sf(round(chart["upper"][0] * 100) - 1)
    never = control_chart(series([0.0] * 12, 80.0))
    assert (never["upper"] > 0).all() and (never["signal"] == "").all()


def test_months_in_a_row_without_a_rare_code_are_no_run():
    share = [0.0] * 9 + [0.02, 0.03, 0.02]
    assert (control_chart(series(share, 100.0))["signal"] == "").all()
    often = control_chart(series(np.add(share, 0.3), 10_000.0))
    assert often["signal"].tolist()[:9] == ["run below"] * 9


def test_too_few_months_say_nothing():
    rows = pd.concat(
        [series([0.1] * 5 + [np.nan], 100.0), series([0.1] * 6, 100.0, "tact")], ignore_index=True
    )
    rows.loc[5, "note"] = "too few to say"
    chart = control_chart(rows)
    assert chart["note"].tolist() == ["fewer than 6 months"] * 5 + ["too few to say"] + [""] * 6
    assert chart[["centre", "upper"]].isna().all(axis=1).tolist() == [True] * 6 + [False] * 6
    assert (control_chart(rows.iloc[:1])["note"] == "fewer than 6 months").all()
    assert control_chart(rows.iloc[:0]).empty


def study(rng, *, share=0.2, n=200, months=12, hand=0, hit=0.8, false=0.05, codes=1):
    """Machine codes, a random sample of hand codes, dates and groups; two in three comments by consumers."""
    ids = pd.Index([f"c{i}" for i in range(n * months)])
    true = rng.random((len(ids), codes)) < share
    machine = np.where(true, rng.random(true.shape) < hit, rng.random(true.shape) < false)
    names = [f"code{i}" for i in range(codes)]
    sample = np.sort(rng.choice(len(ids), hand, replace=False))
    by_hand = pd.DataFrame(true[sample], ids[sample], names)
    dates = pd.Series(np.repeat(pd.date_range("2024-11-15", periods=months, freq="MS"), n), ids)
    groups = pd.Series(np.where(np.arange(len(ids)) % 3 < 2, "consumer", "brand"), ids)
    return pd.DataFrame(machine, ids, names), by_hand, dates, groups


def test_uncorrected_months():
    machine, _, dates, groups = study(np.random.default_rng(1), months=3)
    table = monthly_shares(machine, None, dates, groups)
    assert table["month"].tolist() == ["2024-12", "2025-01", "2025-02"] * 3
    assert table["group"].tolist() == ["brand"] * 3 + ["consumer"] * 3 + ["all"] * 3
    assert set(table["basis"]) == {"machine"} and (table["n_hand"] == 0).all()
    for row in table[table["group"] != "all"].itertuples():
        own = machine["code0"][(groups == row.group) & (dates.dt.strftime("%Y-%m") == row.month)]
        expected = [own.mean(), *proportion_confint(own.sum(), len(own), method="wilson")]
        assert [row.share, row.low, row.high] == pytest.approx(expected)
        assert (row.n, row.worth) == (len(own), pytest.approx(len(own)))
    together = table[table["group"] == "all"]
    assert together["share"].tolist() == pytest.approx(machine["code0"].groupby(dates).mean().tolist())
    assert together["worth"].tolist() == pytest.approx([200] * 3)
    assert together["n"].tolist() == [200] * 3


def test_months_with_enough_hand_codes_are_corrected_by_them():
    machine, hand, dates, groups = study(np.random.default_rng(2), n=300, hand=1200, months=4)
    table = monthly_shares(machine, hand, dates, groups)
    assert set(table["basis"]) == {"corrected"} and table["n_hand"].sum() == 2400
    own = shares(machine, hand, groups + dates.dt.strftime(" %Y-%m"))
    assert table["share"][:8].tolist() == pytest.approx(own.sort_values("group")["share"].tolist())


@pytest.mark.parametrize("given", [{}, {"share": 0.05}, {"hit": 0.6, "false": 0.1}, {"hand": 2400}])
def test_corrected_months_cover_and_raise_few_false_alarms(given):
    machine, hand, dates, groups = study(np.random.default_rng(3), **({"hand": 300, "codes": 50} | given))
    table = monthly_shares(machine, hand, dates, groups)
    assert set(table["basis"]) == {"corrected" if given.get("hand") else "corrected over all months"}
    said, truth = table[table["share"].notna()], given.get("share", 0.2)
    assert len(said) > 0.75 * len(table)
    covered = said["low"].le(truth) & said["high"].ge(truth)
    assert covered.mean() > 0.935
    assert said["share"].mean() == pytest.approx(truth, abs=0.015)  # of 50 codes
    if given.get("hand") is None:
        assert said["worth"].lt(said["n"]).all()
    chart = control_chart(table)
    assert outside(chart).mean() < 0.006


def test_few_false_alarms_where_the_error_differs_by_month():
    """100 charts of 12 months: at most 5 % with a false alarm (over the bound once in 1000 tests)."""
    rng = np.random.default_rng(12)
    hit, false = (
        np.repeat(rng.uniform(*ends, (12, 100)), 150, axis=0) for ends in ((0.6, 0.8), (0.06, 0.14))
    )
    table = monthly_shares(*study(rng, n=150, hand=200, hit=hit, false=false, codes=100))
    chart = control_chart(table)
    chart = chart[chart["group"] == "all"]
    assert outside(chart).groupby(chart["code"]).any().sum() <= binom.ppf(0.999, 100, 0.05)


def test_a_shift_is_measured_whole_although_the_machine_errs():
    rng = np.random.default_rng(5)
    share = np.where(np.arange(2400) < 2200, 0.2, 0.7)[:, None]  # the last month
    table = monthly_shares(*study(rng, share=share, hand=120, codes=100))
    last = table[(table["month"] == "2025-11") & (table["group"] == "consumer")]
    assert last["share"].mean() == pytest.approx(0.7, abs=0.05)
    assert (last["low"].le(0.7) & last["high"].ge(0.7)).mean() >= 0.88  # doubt about the error included
    signal = control_chart(table).loc[last.index, "signal"]
    assert (signal == "above").mean() > 0.9


def test_gaps_small_months_and_comments_without_date():
    machine, _, dates, groups = study(np.random.default_rng(6), months=8)
    dates = dates.mask((dates.dt.month == 2) | (np.arange(len(dates)) < 10))
    small = dates[dates.dt.month == 4].index[10:]
    table = monthly_shares(machine.drop(small), None, dates, groups, minimum_n=10)
    brand = table[table["group"] == "brand"].set_index("month")
    assert brand.loc["2025-02", ["n", "note", "basis"]].tolist() == [0, "no comments", ""]
    assert brand.loc["2025-04", "note"] == "too few to say" and np.isnan(brand.loc["2025-04", "share"])
    assert table["n"].sum() == 2 * (len(dates.drop(small).dropna()))
    both = table[(table["group"] == "all") & (table["month"] == "2025-04")].iloc[0]
    assert (both["n"], both["note"]) == (10, "too few to say")
    chart = control_chart(table)
    assert (chart.loc[chart["month"] == "2025-02", "signal"] == "").all() and chart[
        "centre"
    ].notna().sum() == 18


def test_what_cannot_be_corrected():
    """A code hardly found by hand, a coder that guesses, too few hand codes: nothing is said."""
    machine, hand, dates, groups = study(np.random.default_rng(7), hand=400, codes=2)
    hand["code0"] = False
    machine["code1"] = np.random.default_rng(1).random(len(machine)) < 0.5
    table = monthly_shares(machine, hand, dates, groups)
    assert (table["note"] == "too few to say").all() and (table["worth"] == 0).all()
    few = monthly_shares(machine, hand.iloc[:15], dates, groups)
    assert few["share"].isna().all()
    assert (control_chart(table)["signal"] == "").all()


def test_code_never_used_and_one_group():
    machine, _, dates, _ = study(np.random.default_rng(8))
    groups = pd.Series("brand", machine.index)
    table = monthly_shares(machine & False, None, dates, groups)
    assert (table["share"] == 0).all() and (table["high"] > 0).all()
    assert table["worth"].tolist() == pytest.approx([200] * 24)
    assert (control_chart(table)["signal"] == "").all()


@pytest.mark.parametrize("dates", [pd.Series(dtype="datetime64[s]"), pd.Series([None, None])])
def test_no_dates(dates):
    machine = pd.DataFrame({"ease": [True, False]})
    with pytest.raises(InputError, match=r"no comment has a date. Name the column"):
        monthly_shares(machine, None, dates, pd.Series(["brand", "brand"]))


def test_missing_group():
    machine = pd.DataFrame({"ease": [True, False]})
    with pytest.raises(InputError, match="1 comments lack a group"):
        monthly_shares(machine, None, pd.Series([pd.Timestamp("2025-01-01")] * 2), pd.Series(["brand", None]))


def test_order_of_rows_changes_nothing():
    machine, hand, dates, groups = study(np.random.default_rng(9), hand=300)
    expected = control_chart(monthly_shares(machine, hand, dates, groups))
    found = control_chart(monthly_shares(machine[::-1], hand[::-1], dates.sample(frac=1), groups))
    pd.testing.assert_frame_equal(found, expected)
    mixed = control_chart(
        expected[::-1].drop(columns=["centre", "lower", "upper", "sigma_z", "method", "signal"])
    )
    pd.testing.assert_frame_equal(mixed.sort_index(), expected)


def test_groups_together_are_mixed_if_one_lacks_hand_codes():
    machine = pd.DataFrame({"ease": [True, False] * 200})
    dates, groups = pd.Series(pd.date_range("2025-01-01", periods=400)), pd.Series(["a", "a", "b", "b"] * 100)
    for judged, expected in (("a", "mixed"), ("ab", "corrected"), ("", "machine")):
        table = monthly_shares(machine, machine[groups.isin(list(judged))], dates, groups, minimum_n=5)
        assert set(table.loc[table["group"] == "all", "basis"]) == {expected}
