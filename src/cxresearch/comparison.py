"""Do two groups differ, align, or is neither shown? Gaps between corrected shares and net sentiment."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import InputError
from .estimates import TOO_FEW, Counts, checked, classify, count, estimate, joint_basis, numbered, together
from .intervals import newcombe

UNCORRECTED = ["machine codes only", "one group without hand codes"]  # reasons to claim nothing
NET = ["group", "n", "n_hand", "positive", "negative", "net", "low", "high", "se", "basis", "note"]
SENTIMENTS = {"positive": 1, "neutral": 0, "negative": -1}
Z = {confidence: NormalDist().inv_cdf((1 + confidence) / 2) for confidence in (0.9, 0.95)}


def _pair(table: pd.DataFrame, first: str, second: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of two different groups, indexed alike; InputError if one is missing or they hold other codes."""
    found = list(table["group"].unique())
    if first == second or first not in found or second not in found:
        raise InputError(f"expected two different groups among {found}, found {first!r} and {second!r}.")
    one, two = (table[table["group"] == group].set_index("code") for group in (first, second))
    if len(one) != len(two) or not one.index.isin(two.index).all():
        raise InputError(f"{first!r} and {second!r} hold different codes. Compute both shares at once.")
    return one, two.loc[one.index]


def _interval(one: pd.DataFrame, two: pd.DataFrame, name: str, end: str = "") -> tuple[NDArray, NDArray]:
    """Interval of the gap between two groups' figures of this name, from the limits of both."""
    limits = [(rows[f"low{end}"].to_numpy(), rows[f"high{end}"].to_numpy()) for rows in (one, two)]
    return newcombe(one[name].to_numpy(), limits[0], two[name].to_numpy(), limits[1])


def _no_claim(one: pd.DataFrame, two: pd.DataFrame, gap: pd.Series) -> tuple[NDArray, NDArray]:
    """Why nothing is claimed of each gap, else ""; basis of both groups' shares."""
    basis = joint_basis(np.stack([one["basis"], two["basis"]]))
    rules = [one["n"] == 0, two["n"] == 0, basis == "machine", basis == "mixed", gap.isna()]
    return np.select(rules, [one["note"], two["note"], *UNCORRECTED, TOO_FEW], ""), basis


def _p(distance: pd.Series, reach: pd.Series, confidence: float) -> pd.Series:
    """Chance of an estimate so far off, if its interval of this confidence reaches so far on that side."""
    from scipy.special import ndtr

    return ndtr(-distance / reach * Z[confidence])


def _p_gap(table: pd.DataFrame) -> pd.Series:
    """Two-sided p that a gap is 0: below .05 where its 95 % interval excludes 0."""
    gap = table["gap"]
    return 2 * _p(gap.abs(), (gap - table["low"]).where(gap > 0, table["high"] - gap), 0.95)


def _p_values(one: pd.DataFrame, two: pd.DataFrame, table: pd.DataFrame, margin: float) -> pd.DataFrame:
    """p, q (Benjamini-Hochberg) and p of two one-sided tests; NaN with a reason where assumptions fail."""
    from scipy import stats

    n1, n2, gap = one["n_hand"], two["n_hand"], table["gap"]
    pooled = (n1 * one["share"] + n2 * two["share"]) / (n1 + n2)
    expected = np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled)
    (none, basis), same = _no_claim(one, two, gap), (one["se"] == 0) & (two["se"] == 0)
    reasons: list[Any] = [none, "no variance", "fewer than 5 cases or non-cases expected"]
    reason: NDArray = np.select([none != "", same, expected < 5], reasons, "")
    p = _p_gap(table).where(reason == "")
    q = pd.Series(stats.false_discovery_control(p.dropna()), index=p.dropna().index).reindex(p.index)
    above, below = _p(margin - gap, table["high_90"] - gap, 0.9), _p(margin + gap, gap - table["low_90"], 0.9)
    outside = above.where(above > below, below).where(reason == "")
    return pd.DataFrame({"p": p, "q": q, "p_equivalence": outside, "reason": reason, "basis": basis})


def compare_groups(
    shares: pd.DataFrame, first: str, second: str, *, margin: float = 0.05, fdr: float = 0.05
) -> pd.DataFrame:
    """Gap between two groups' shares, one row per code, with a verdict that claims no more than is shown.

    `shares` is a table made by `estimates.shares`; a gap above 0 means that `first` uses the code more.
    `margin` is the largest gap that still counts as aligned, 0 to 1 (0.05 = 5 points), `fdr` the share of
    false findings allowed among the codes called different. After Newcombe (1998, Stat. Med. 17), Lakens
    (2017, SPPS 8) and Benjamini & Hochberg (1995, JRSS B 57).

    Gives code; first, second (shares); gap, low, high (95 %), low_90, high_90, -1 to 1; h (Cohen's h, to
    +-3.14); p (gap is 0), q (p adjusted over the codes), p_equivalence (gap is at least margin, either way):
    below .05 where the interval says so; verdict; reason: why the p-values are withheld (NaN), else "";
    basis: that of both shares, or "mixed" if hand codes correct one of them only. Verdicts: "uncorrected" (no
    hand codes in a group: no claim), "too few to say", "aligned" (90 % interval inside the margin),
    "different" (q < fdr), "not shown". `InputError` if a group is not in the table (see
    `estimates.with_groups`), groups hold different codes, or margin or fdr is not within 0 to 1.

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
    table = pd.DataFrame({"first": one["share"], "second": two["share"], "gap": one["share"] - two["share"]})
    table["low"], table["high"] = _interval(one, two, "share")
    table["low_90"], table["high_90"] = _interval(one, two, "share", "_90")
    tests = _p_values(one, two, table, margin)
    table["h"] = 2 * (np.arcsin(np.sqrt(table["first"])) - np.arcsin(np.sqrt(table["second"])))
    aligned = (table["low_90"] > -margin) & (table["high_90"] < margin)
    rules = [tests["reason"].isin(UNCORRECTED), table["gap"].isna(), aligned, tests["q"] < fdr]
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


def net_table(counts: Counts, names: pd.Index, minimum_n: int) -> pd.DataFrame:
    """What `net_sentiment` gives, from counts of the codes positive and negative in the groups so named."""
    own = np.arange(2), ..., np.array([2, 0])  # of each code, the label that says the same; and all others
    size, n, cases = (np.stack([x.sum(axis=3) - x[own], x[own]], axis=-1) for x in counts[:3])
    found, classes = estimate(Counts(size, n, cases, counts.by_hand), minimum_n), classify(counts)
    (positive, negative), limits = found["share"], np.stack([found["low"], found["high"]], axis=1)
    alike = together(classes, 0.5)  # shares of 0 and 1, as seen, would not be correlated
    low, high = newcombe(positive, tuple(limits[0]), negative, tuple(limits[1]), alike)
    table = pd.DataFrame({name: found[name][0] for name in ("n", "n_hand", "basis", "note")})
    table = table.assign(group=names, positive=positive, negative=negative, net=positive - negative)
    table["low"], table["high"] = np.maximum(low, -1), np.minimum(high, 1)
    (one, two), alike = found["se"], together(classes)
    return table.assign(se=np.sqrt(one**2 + two**2 - 2 * alike * one * two))[NET]


def net_sentiment(
    machine_labels: pd.Series, hand_labels: pd.Series | None, groups: pd.Series, *,
    strata: pd.Series | None = None, minimum_n: int = 20,
) -> pd.DataFrame:  # fmt: skip
    """Net sentiment per group, positive minus negative share, corrected as in `estimates.shares`.

    Labels are "positive", "neutral" or "negative". Gives one row per group: group; n, n_hand (comments);
    positive, negative, 0 to 1; net, -1 (all negative) to 1, with low, high (95 %, from both shares' intervals
    and correlation: Zou 2007, Psych. Meth. 12), se; basis, note and `InputError` as in `estimates.shares`.

    Examples
    --------
    >>> labels = pd.Series(["positive"] * 60 + ["neutral"] * 10 + ["negative"] * 30)
    >>> table = net_sentiment(labels, labels, pd.Series("consumer", index=labels.index))
    >>> table[["net", "low", "high"]].round(2).values.tolist()
    [[0.3, 0.12, 0.46]]
    """
    machine, hand = _scores(machine_labels, "machine"), _scores(hand_labels, "hand")
    wide = [pd.DataFrame({"positive": score == 1, "negative": score == -1}) for score in (machine, hand)]
    truth, (place, names) = checked(*wide)[1], numbered(groups, machine.index, "group")
    stratum = 0 * place if strata is None else numbered(strata, machine.index, "stratum")[0]
    labels = np.repeat(machine.to_numpy(dtype=int)[:, None] + 1, 2, axis=1)
    counts = count(labels, np.array([[0, 0, 1], [1, 0, 0]]), truth, place, stratum)
    return net_table(counts, names, minimum_n)


def compare_net(net: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Difference of two groups' net sentiment, from a table made by `net_sentiment`.

    Gives gap (first - second, -2 to 2), low, high (95 %), se, p (gap is 0); reason: why p is withheld (NaN),
    else ""; verdict: "different" if the interval excludes 0, else "not shown", or why nothing is claimed;
    basis, as in `compare_groups`.

    Examples
    --------
    >>> labels = pd.Series((["positive"] * 6 + ["negative"] * 4) * 10 + ["positive"] * 90 + ["negative"] * 10)
    >>> net = net_sentiment(labels, labels, pd.Series(["consumer"] * 100 + ["brand"] * 100))
    >>> compare_net(net, "brand", "consumer")[["gap", "low", "high"]].astype(float).round(3).tolist()
    [0.6, 0.367, 0.814]
    """
    one, two = _pair(net.assign(code="net"), first, second)
    low, high = _interval(one, two, "net")
    table = pd.DataFrame({"gap": one["net"] - two["net"], "low": low, "high": high})
    table["se"], table["p"] = np.hypot(one["se"], two["se"]), _p_gap(table)
    result = table.iloc[0].astype(object)
    reason, basis = (str(found[0]) for found in _no_claim(one, two, table["gap"]))
    claim = "different" if result["low"] > 0 or result["high"] < 0 else "not shown"
    verdict = "uncorrected" if reason in UNCORRECTED else TOO_FEW if reason else claim
    reason = reason or ("" if result["se"] else "no variance")
    told = {"p": np.nan if reason else result["p"], "reason": reason, "verdict": verdict, "basis": basis}
    return pd.Series(result.to_dict() | told)
