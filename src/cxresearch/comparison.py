"""Do two groups differ, align, or is neither shown? Gaps between corrected shares and net sentiment."""

from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.errors import InputError
from cxresearch.estimates import TOO_FEW, limits, shares

UNCORRECTED = "machine codes only"
SENTIMENTS = {"positive": 1, "neutral": 0, "negative": -1}
Z_95 = NormalDist().inv_cdf(0.975)


def _pair(table: pd.DataFrame, first: str, second: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of two different groups, indexed alike; InputError if one is missing or they hold other codes."""
    found = list(table["group"].unique())
    if first == second or first not in found or second not in found:
        raise InputError(f"expected two different groups among {found}, found {first!r} and {second!r}.")
    one, two = (table[table["group"] == group].set_index("code") for group in (first, second))
    if len(one) != len(two) or not one.index.isin(two.index).all():
        raise InputError(f"{first!r} and {second!r} hold different codes. Compute both shares at once.")
    return one, two.loc[one.index]


def _newcombe(one: pd.DataFrame, two: pd.DataFrame, confidence: float) -> tuple[NDArray, NDArray]:
    """Interval of the gap from the intervals of both shares (Newcombe 1998, method 10; MOVER)."""
    (low1, high1), (low2, high2) = limits(one, confidence), limits(two, confidence)
    p1, p2 = one["share"].to_numpy(), two["share"].to_numpy()
    below, above = np.hypot(p1 - low1, high2 - p2), np.hypot(high1 - p1, p2 - low2)
    return p1 - p2 - below, p1 - p2 + above


def _p_values(one: pd.DataFrame, two: pd.DataFrame, margin: float) -> pd.DataFrame:
    """p, q (Benjamini-Hochberg) and p of two one-sided tests; NaN with a reason where assumptions fail."""
    from scipy import stats

    n1, n2 = one["n_hand"], two["n_hand"]
    pooled = (n1 * one["share"] + n2 * two["share"]) / (n1 + n2)
    expected = np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled)
    gap = (one["share"] - two["share"]).abs()
    se = pd.Series(np.hypot(one["se"].to_numpy(), two["se"].to_numpy()), index=one.index)
    machine_only = (one["basis"] != "corrected") | (two["basis"] != "corrected")
    reasons = [UNCORRECTED, TOO_FEW, "no variance", "fewer than 5 cases or non-cases expected"]
    reason = np.select([machine_only, se.isna(), se == 0, expected < 5], reasons, "")
    se = se.where(reason == "")
    p = pd.Series(2 * stats.norm.sf(gap / se), index=gap.index)
    q = pd.Series(stats.false_discovery_control(p.dropna()), index=p.dropna().index).reindex(p.index)
    p_equivalence = stats.norm.sf((margin - gap) / se)
    return pd.DataFrame({"p": p, "q": q, "p_equivalence": p_equivalence, "reason": reason})


def compare_groups(
    shares: pd.DataFrame, first: str, second: str, *, margin: float = 0.05, fdr: float = 0.05
) -> pd.DataFrame:
    """Gap between two groups' shares, one row per code, with a verdict that claims no more than is shown.

    `shares` is a table made by `estimates.shares`; a gap above 0 means that `first` uses the code more.
    `margin` is the largest gap that still counts as aligned, 0 to 1 (0.05 = 5 points), `fdr` the share of
    false findings allowed among the codes called different. After Newcombe (1998, Stat. Med. 17), Lakens
    (2017, SPPS 8) and Benjamini & Hochberg (1995, JRSS B 57).

    Gives code; first, second (shares); gap, low, high (95 %), low_90, high_90, -1 to 1; h (Cohen's h, to
    +-3.14); p (gap is 0), q (p adjusted over the codes), p_equivalence (gap is at least margin, either way);
    verdict; reason: why the p-values are withheld (NaN), else "". Verdicts: "uncorrected" (no hand codes in a
    group: no claim), "too few to say", "aligned" (90 % interval inside the margin), "different" (q < fdr),
    "not shown". `InputError` if a group is not in the table, groups hold different codes, or margin or fdr is
    not within 0 to 1.

    Examples
    --------
    >>> from cxresearch.estimates import shares
    >>> wide = pd.DataFrame({"empathy": [True] * 60 + [False] * 140})
    >>> table = shares(wide, wide, pd.Series(["consumer"] * 100 + ["brand"] * 100))
    >>> compare_groups(table, "brand", "consumer")[["gap", "low", "high", "verdict"]].round(3).values.tolist()
    [[-0.6, -0.691, -0.495, 'different']]
    """
    if not (0 < margin < 1 and 0 < fdr < 1):
        raise InputError(f"margin and fdr must lie in 0 to 1, found {margin} and {fdr}; 5 points are 0.05.")
    one, two = _pair(shares, first, second)
    (low, high), (low_90, high_90) = _newcombe(one, two, 0.95), _newcombe(one, two, 0.90)
    tests = _p_values(one, two, margin)
    table = pd.DataFrame({"first": one["share"], "second": two["share"], "gap": one["share"] - two["share"]})
    table = table.assign(low=low, high=high, low_90=low_90, high_90=high_90)
    table["h"] = 2 * (np.arcsin(np.sqrt(table["first"])) - np.arcsin(np.sqrt(table["second"])))
    aligned = pd.Series((low_90 > -margin) & (high_90 < margin), index=table.index)
    rules = [tests["reason"] == UNCORRECTED, table["gap"].isna(), aligned, tests["q"] < fdr]
    verdicts = ["uncorrected", TOO_FEW, "aligned", "different"]
    tests.insert(3, "verdict", np.select(rules, verdicts, "not shown"))
    return table.join(tests).rename_axis("code").reset_index()


def _scores(labels: pd.Series | None, name: str) -> pd.Series:
    """Sentiment labels as 1, 0, -1 per comment, missing ones left out; InputError for other labels."""
    labels = pd.Series(dtype=object) if labels is None else labels.dropna()
    for comment_id, label in labels[~labels.isin(list(SENTIMENTS))].head(1).items():
        where = f"{name} labels, comment_id {comment_id!r}"
        raise InputError(f"{where}: expected one of {list(SENTIMENTS)}, found {label!r}.")
    return labels.map(SENTIMENTS).astype(float)


def net_sentiment(
    machine_labels: pd.Series, hand_labels: pd.Series | None, groups: pd.Series, *, minimum_n: int = 20
) -> pd.DataFrame:
    """Net sentiment per group, positive minus negative share, corrected as in `estimates.shares`.

    The labels, "positive", "neutral" or "negative" per comment_id, are by machine for all comments, by hand
    for a random some. Gives one row per group: group; n, n_hand (comments); positive, negative, 0 to 1; net,
    -1 (all negative) to 1, with low and high (95 %, normal, allowing for the two shares moving together; NaN
    if all labels are alike); se; basis, note and `InputError` as in `estimates.shares`.

    Examples
    --------
    >>> labels = pd.Series(["positive"] * 60 + ["neutral"] * 10 + ["negative"] * 30)
    >>> table = net_sentiment(labels, labels, pd.Series("consumer", index=labels.index))
    >>> table[["net", "low", "high"]].round(2).values.tolist()
    [[0.3, 0.12, 0.48]]
    """
    machine, hand = _scores(machine_labels, "machine"), _scores(hand_labels, "hand")
    wide = [pd.DataFrame({"positive": score == 1, "negative": score == -1}) for score in (machine, hand)]
    both = shares(wide[0], wide[1], groups, minimum_n=minimum_n)
    table, negative = (both[both["code"] == code].set_index("group") for code in ("positive", "negative"))
    rest = 1 - table["n_hand"].where(table["n_hand"] > 0, table["n"]) / table["n"]
    residual = hand - (groups.map(rest).astype(float) * machine).loc[hand.index]
    within = residual.groupby(groups, observed=True).var(ddof=0).reindex(table.index)
    spread = machine.groupby(groups, observed=True).var(ddof=0)
    sampled = (within + rest / table["n_hand"]) / table["n_hand"] + rest * spread / table["n"]
    variance = sampled.where(table["n_hand"] > 0, spread / table["n"]).mask(table["note"] != "")
    net, se = table["share"] - negative["share"], np.sqrt(variance)
    half = (Z_95 * se).mask(se == 0)
    out = table[["n", "n_hand"]].assign(positive=table["share"], negative=negative["share"], net=net)
    out = out.assign(low=(net - half).clip(lower=-1), high=(net + half).clip(upper=1), se=se)
    return out.join(table[["basis", "note"]]).reset_index()


def compare_net(net: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Difference of two groups' net sentiment, from a table made by `net_sentiment`.

    Gives gap (first - second, -2 to 2), low, high (95 %), se, p (gap is 0); reason: why p is withheld (NaN),
    else ""; verdict: "different" if the interval excludes 0, else "not shown", or why nothing is claimed.

    Examples
    --------
    >>> labels = pd.Series((["positive"] * 6 + ["negative"] * 4) * 10 + ["positive"] * 90 + ["negative"] * 10)
    >>> net = net_sentiment(labels, labels, pd.Series(["consumer"] * 100 + ["brand"] * 100))
    >>> compare_net(net, "brand", "consumer")[["gap", "low", "high"]].astype(float).round(3).tolist()
    [0.6, 0.375, 0.825]
    """
    one, two = (rows.iloc[0] for rows in _pair(net.assign(code="net"), first, second))
    gap, se = one["net"] - two["net"], float(np.hypot(one["se"], two["se"]))
    half = Z_95 * (se or np.nan)
    reason = TOO_FEW if np.isnan(se) else "" if se else "no variance"
    reason = UNCORRECTED if "machine" in (one["basis"], two["basis"]) else reason
    p = np.nan if reason else 2 * NormalDist().cdf(-abs(gap) / se)
    result = {"gap": gap, "low": gap - half, "high": gap + half, "se": se, "p": p, "reason": reason}
    verdicts = {UNCORRECTED: "uncorrected", TOO_FEW: TOO_FEW}
    claim = "different" if abs(gap) > half else "not shown"
    return pd.Series(result | {"verdict": verdicts.get(reason, claim)})
