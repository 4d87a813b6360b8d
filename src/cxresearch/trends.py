"""Shares month by month, and which month left its usual range."""

from typing import Any

import numpy as np
import pandas as pd

from .errors import InputError
from .estimates import NO_COMMENTS, TOO_FEW, shares
from .intervals import Z_95, equal_n, wilson

MONTHS, RUN = 6, 8  # with a share, below which nothing is claimed; on one side of the centre, to be a run
EXTREME = 0.00135  # part of a normal distribution beyond three standard deviations, on each side
VARIED = 0.5  # probability by chance below which months count as varying by more
FEW = 5  # cases by hand, below which a correction says nothing
WEAK = 0.2  # sensitivity - false positive rate, below which it says nothing either
RARE = 10  # cases, or comments without, expected in a month: below, limits are exact
POOLED = "corrected over all months"
COLUMNS = ["month", "group", "code", "n", "n_hand", "share", "low", "high", "worth", "basis", "note"]
LEARNED = ["centre", "lower", "upper", "sigma_z", "method", "signal"]


def monthly_shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, dates: pd.Series, groups: pd.Series, **options: Any
) -> pd.DataFrame:
    """Share of comments with each code per month and group, and of the groups together ("all").

    Input as in `estimates.shares`, which gets the `options`; `dates` per comment_id, comments without one are
    left out. Months are corrected by their own hand codes if all months of a series have enough, else by the
    machine's error over all months, taken to be the same in each (Rogan & Gladen 1978, Am. J. Epid. 107):
    whether it is, the series cannot tell. Simulated (`benchmarks/months.py`), intervals then cover 94 to 99 %
    if it is; 90 to 97 % if sensitivity varies by 10 and specificity by 4 points up and down.

    Returns
    -------
    pd.DataFrame
        One row per code, group and month, from the first month to the last: month ("2025-03"), group, code;
        n, n_hand (comments); share, low, high (95 %), 0 to 1; worth: how many comments coded without error
        would tell the months apart as well; basis: "corrected", "corrected over all months", "machine"
        or, of groups together, "mixed";
        note: "no comments", "too few to say" (no share) or "". `InputError` if no comment has a date.

    Examples
    --------
    >>> machine = pd.DataFrame({"ease": [True, False] * 50})
    >>> dates = pd.Series(pd.date_range("2025-01-01", periods=100))
    >>> table = monthly_shares(machine, None, dates, pd.Series("brand", index=machine.index))
    >>> table[["month", "n", "share"]].round(2).values.tolist()[1:3]
    [['2025-02', 28, 0.5], ['2025-03', 31, 0.48]]
    """
    month = pd.to_datetime(dates.reindex(machine.index)).dt.strftime("%Y-%m").dropna()
    if month.empty:
        raise InputError("no comment has a date. Name the column with dates under columns: in study.yaml.")
    machine, names = machine.loc[month.index], groups.reindex(month.index)
    hand = None if hand is None else hand[hand.index.isin(month.index)]
    table, whole = (
        shares(machine, hand, month + " " + names, **options),
        shares(machine, hand, names, **options),
    )
    table["month"], table["group"] = table["group"].str[:7], table["group"].str[8:]
    table = table.merge(whole, on=["code", "group"], suffixes=("", "_all"))
    table["worth"] = pd.Series(equal_n(table["share"], table["high"] - table["low"])).fillna(0)
    small = table["n"] < options.get("minimum_n", 20)
    weak = (table["basis"] + table["note"] != "corrected") & ~small
    weak = weak.groupby([table["code"], table["group"]]).transform("any") & (
        table["basis_all"] == "corrected"
    )
    pooled = _pooled(table, small)
    for name in pooled:
        table[name] = pooled[name].where(weak, table[name])
    every = pd.period_range(month.min(), month.max(), freq="M").astype("str")
    rows = pd.MultiIndex.from_product([machine.columns, [*whole["group"].unique(), "all"], every])
    table = pd.concat([table, _together(table)]).set_index(["code", "group", "month"]).reindex(rows)
    table = table.rename_axis(["code", "group", "month"]).reset_index()
    empty = {"n": 0, "n_hand": 0, "worth": 0, "basis": "", "note": NO_COMMENTS}
    return table.fillna(empty).astype({"n": int, "n_hand": int})[COLUMNS]


def control_chart(series: pd.DataFrame, *, leave_out: bool = True) -> pd.DataFrame:
    """Which months left the usual range of their series: a p-chart of what `monthly_shares` gives.

    The usual range of a month is learned from the other months and allows for their number: three standard
    deviations of a share of `worth` comments, exact if fewer than ten cases are expected, or, if the others
    vary by more than chance, wider as in Laney's p' (2002, Quality Engineering 14), by their standard
    deviation with a t quantile. A month that leaves it also needs an interval of its own without the centre.
    Eight months in a row on one side of the centre are a run (Western Electric 1956, Statistical Quality
    Control Handbook), not looked for in rare codes. Months without a share are passed over.
    `leave_out=False` gives the textbook's chart, in which a month counts for its own range.

    Three standard deviations promise a false alarm in 3 % of charts of 12 months and 6 % of 24. Simulated
    (`benchmarks/months.py`: 40 or 150 comments a month, a share of 5 or 20 %, sensitivity .7, specificity .9,
    200 or 500 of all coded by hand) 7 % of charts at most had one, also where the machine's error
    differs by month. Of single months with 15 points more, 150 comments found 7 to 67 %, 40 comments hardly
    any: a month inside its range shows nothing.

    Returns
    -------
    pd.DataFrame
        `series` with centre, lower, upper (0 to 1); sigma_z: by how much the months vary more than by chance;
        method ("p", "Laney", "exact"); signal: "above" or "below" the range, "run above", "run below" or "";
        note "fewer than 6 months" where nothing is claimed.

    Examples
    --------
    >>> series = pd.DataFrame({"month": pd.period_range("2025-01", periods=8, freq="M").astype("str")})
    >>> series = series.assign(group="all", code="ease", share=[0.2] * 7 + [0.4], worth=200, note="")
    >>> control_chart(series)[["centre", "upper", "signal"]].round(3).values.tolist()[-1]
    [0.2, 0.291, 'above']
    """
    used = series[series["share"].notna() & (series["worth"] > 0)].sort_values("month")
    known = used[used.groupby(["code", "group"])["month"].transform("size") >= MONTHS]
    learned = [_learn(rows, leave_out) for _, rows in known.groupby(["code", "group"], sort=False)]
    none = pd.DataFrame(columns=LEARNED).astype(dict.fromkeys(LEARNED[:4], float))
    table = series.join(pd.concat(learned) if learned else none)
    few = table.index.isin(used.index.difference(known.index))
    table["note"] = table["note"].mask(few, f"fewer than {MONTHS} months")
    return table.fillna({"method": "", "signal": ""})


def _learn(rows: pd.DataFrame, leave_out: bool) -> pd.DataFrame:
    """Usual range of each month of one series, and what it signals."""
    from scipy import stats

    share, worth, months = rows["share"].to_numpy(), rows["worth"].to_numpy(), len(rows)
    others = ~np.eye(months, dtype=bool) if leave_out else np.ones((months, months), dtype=bool)
    rest, k = others @ worth, others.sum(axis=1)
    centre = others @ (share * worth) / rest
    variance = np.maximum(centre * (1 - centre), 1e-12)
    z = [(share[o] - c) * np.sqrt(worth[o] / v) for o, c, v in zip(others, centre, variance, strict=True)]
    squares = np.array([row @ row for row in z])
    ranges = [np.abs(np.diff(row)).mean() / 1.128 for row in z]
    sigma = np.sqrt(squares / (k - 1)) if leave_out else np.array(ranges)
    varied = stats.chi2.sf(squares, k - 1) < VARIED
    t = stats.t.isf(EXTREME, k - 1) if leave_out else 3
    reach = np.where(varied, t, 3) * np.where(varied | leave_out, np.maximum(sigma, 1), 1)
    half = reach * np.sqrt(variance * (1 / worth + leave_out / rest))
    lower, upper = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    seldom = worth * np.minimum(centre, 1 - centre) < RARE
    rare = leave_out & ~varied & seldom
    n, cases, other = np.maximum(worth.round(), 1)[rare], (centre * rest)[rare], ((1 - centre) * rest)[rare]
    for limit, level in ((lower, EXTREME), (upper, 1 - EXTREME)):
        limit[rare] = stats.betabinom.ppf(level, n, cases + 0.5, other + 0.5) / n
    side = pd.Series(np.sign((share - np.average(share, weights=worth)).round(12)))
    run = (side.groupby((side != side.shift()).cumsum()).transform("size") >= RUN) & ~seldom
    low, high = (rows.get(end, rows["share"]).fillna(rows["share"]).to_numpy() for end in ("low", "high"))
    above, below = (share > upper + 1e-9) & (low > centre), (share < lower - 1e-9) & (high < centre)
    signals = [above, below, run & (side > 0), run & (side < 0)]
    signal = np.select(signals, ["above", "below", "run above", "run below"], "")
    method = np.select([rare, varied], ["exact", "Laney"], "p")
    columns = zip(LEARNED, (centre, lower, upper, sigma, method, signal), strict=True)
    return pd.DataFrame(dict(columns), index=rows.index)


def _pooled(table: pd.DataFrame, small: pd.Series) -> pd.DataFrame:
    """Shares corrected by the error over all months: only the machine's share tells the months apart."""
    n, q, q_all, p = table["n"], table["machine_share"], table["machine_share_all"], table["share_all"]
    hit, false, cases = table["sensitivity_all"], table["false_positive_rate_all"], table["hand_cases_all"]
    gain, others = hit - false, table["n_hand_all"] - cases
    error = np.sqrt(hit * (1 - hit) / (cases + 1) + false * (1 - false) / (others + 1)) / gain
    few = small | p.isna() | (gain < WEAK) | (np.minimum(cases, others) < FEW)
    shift, (low, high) = (q - q_all) / gain, wilson(q, n)
    below = np.hypot(np.hypot((q - low) / gain, p - table["low_all"]), Z_95 * shift * error)
    above = np.hypot(np.hypot((high - q) / gain, table["high_all"] - p), Z_95 * shift * error)
    new = pd.DataFrame({"share": p + shift, "low": p + shift - below, "high": p + shift + above}).clip(0, 1)
    worth = n * gain**2 * p * (1 - p) / (q_all * (1 - q_all))
    new = new.assign(worth=worth).mask(few).fillna({"worth": 0})
    return new.assign(basis=POOLED, note=np.where(few, TOO_FEW, ""))


def _together(table: pd.DataFrame) -> pd.DataFrame:
    """The groups of each month taken together, each with its part of the comments."""
    key, share = [table["code"], table["month"]], table["share"]
    part = table["n"] / table["n"].groupby(key).transform("sum")
    squares = {"low": (part * (share - table["low"])) ** 2, "high": (part * (table["high"] - share)) ** 2}
    squares |= {"share": part * share, "worth": part**2 / table["worth"]}
    sums = table[["n", "n_hand"]].assign(**squares).groupby(key).sum(skipna=False)
    sums["low"], sums["high"] = sums["share"] - np.sqrt(sums["low"]), sums["share"] + np.sqrt(sums["high"])
    found = table["basis"].groupby(key).agg(set)
    sums["basis"] = ["mixed" if "machine" in own and len(own) > 1 else max(own, key=len) for own in found]
    withheld = sums["share"].isna()
    sums["worth"] = (1 / sums["worth"]).mask(withheld, 0)
    return sums.assign(group="all", note=np.where(withheld, TOO_FEW, "")).reset_index()
