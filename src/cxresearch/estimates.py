"""Shares of comments per group, corrected for the machine coder's error by a hand-coded random sample."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.agreement import flags
from cxresearch.errors import InputError
from cxresearch.intervals import score_interval

TOO_FEW = "too few to say"
COLUMNS = ["group", "code", "n", "n_hand", "machine_cases", "hand_cases", "machine_share", "hand_share"]
COLUMNS += ["share", "low", "high", "se", "sensitivity", "false_positive_rate", "basis", "note"]


def _spread(table: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray]:
    """Coefficients of the share's variance v0 + v1 p - v2 p^2, given the machine's measured error.

    [p(1-p) (1 - 2rd) + r Var(m)] / h, with h = n_hand, r = 1 - h/n, d = sensitivity - false positive rate,
    m the machine's code: p(1-p)/n when all or nothing is coded by hand, prediction-powered when h is small.
    """
    columns = table[["n", "n_hand", "sensitivity", "false_positive_rate"]].fillna(0).to_numpy(dtype=float)
    n, n_hand, hit, false = columns.T
    labels = np.where(n_hand > 0, n_hand, n)
    rest, gain = 1 - labels / n, hit - false
    own = 1 - 2 * rest * gain
    linear = own + rest * gain * (1 - 2 * false)
    return rest * false * (1 - false) / labels, linear / labels, (own + rest * gain**2) / labels


def limits(table: pd.DataFrame, confidence: float) -> tuple[NDArray, NDArray]:
    """Interval of every share in a table made by `shares`: (low, high), NaN where the share is missing."""
    return score_interval(table["share"], _spread(table), confidence)


def _checked(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Machine codes as bool, hand codes as 0, 1 and NaN, and each comment's group; InputError otherwise."""
    if groups.index.has_duplicates:
        raise InputError("groups: a comment_id occurs more than once. Give each comment one group.")
    coded, member = flags(machine, "machine codes"), groups.reindex(machine.index)
    hand = flags(machine.iloc[:0] if hand is None else hand, "hand codes").astype(float)
    for missing, what in ((coded.isna().any(axis=1), "a machine code"), (member.isna(), "a group")):
        if missing.any():
            found = f"{missing.sum()} comments lack {what}, first {missing.idxmax()!r}"
            raise InputError(f"{found}. Give them one.")
    for strange in [*hand.columns.difference(machine.columns), *hand.index.difference(machine.index)][:1]:
        advice = "Apply the machine coder to the same comments and codebook, or drop it."
        raise InputError(f"hand codes: {strange!r} is no code or comment of the machine's table. {advice}")
    return coded.astype(bool), hand, member


def _counts(machine: pd.DataFrame, hand: pd.DataFrame, member: pd.Series) -> pd.DataFrame:
    """Count comments per code and group: all, hand-coded, and with the code by machine, by hand, by both."""
    seen, size = hand.notna(), member.groupby(member, observed=True).size()
    sampled = machine.loc[hand.index, hand.columns].where(seen, 0).astype(float)
    tables = {"n_hand": seen, "machine_cases": machine, "hand_cases": hand, "sampled": sampled}
    sums = {}
    for name, table in (tables | {"hits": hand * sampled}).items():
        total = table.groupby(member, observed=True).sum()
        sums[name] = total.reindex(index=size.index, columns=machine.columns, fill_value=0).T.stack()  # noqa: PD013
    counts = pd.DataFrame(sums).astype(int).rename_axis(["code", "group"]).reset_index()
    return counts.assign(n=np.tile(size, len(machine.columns)))


def shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, *, minimum_n: int = 20
) -> pd.DataFrame:
    """Share of comments with each code, per group: machine codes of all, corrected by hand codes of some.

    Difference estimator: mean of the machine's codes over all comments + mean of (hand - machine) over the
    hand-coded ones, which within a group and code must be a simple random sample. The 95 % interval inverts
    the score test, with the machine's error rates as measured in that group (half a comment in each cell, as
    a sample without errors proves no faultless machine); it is Wilson's if all is coded by hand. After
    Angelopoulos et al. (2023), Science 382; Egami et al. (2023), NeurIPS 36; Wilson (1927), JASA 22.

    Parameters
    ----------
    machine, hand : pd.DataFrame of bool, shape (n_comments, n_codes), index comment_id
        The machine's codes, nothing missing; codes by hand of some comments, missing where not judged.
    groups : pd.Series, index comment_id
        Group of every comment. Of one with fewer than `minimum_n` hand-coded comments, or comments if none
        is hand-coded, nothing is said.

    Returns
    -------
    pd.DataFrame
        One row per code (in the machine's order) and group: group, code; n, n_hand, machine_cases,
        hand_cases (comments); machine_share, hand_share, share, low, high, se (0 to 1); sensitivity,
        false_positive_rate (0 to 1, smoothed); basis, "corrected", or "machine" where nothing is coded
        by hand; note, "too few to say" where share, low, high and se are withheld (NaN), else "".
        `InputError` if a comment lacks a group or machine code, occurs twice, or is coded by hand only.

    Examples
    --------
    >>> machine = pd.DataFrame({"ease": [True] * 40 + [False] * 60})
    >>> table = shares(machine, ~machine.iloc[30:60], pd.Series("brand", index=machine.index))
    >>> table[["n", "n_hand", "machine_share", "share"]].round(3).values.tolist()
    [[100.0, 30.0, 0.4, 0.733]]
    """
    table = _counts(*_checked(machine, hand, groups))
    n, n_hand, hand_cases = table["n"], table["n_hand"], table["hand_cases"]
    by_hand, sampled, hits = n_hand > 0, table.pop("sampled"), table.pop("hits")
    table["machine_share"], table["hand_share"] = table["machine_cases"] / n, hand_cases / n_hand
    correction = ((hand_cases - sampled) / n_hand).fillna(0)
    few = n_hand.where(by_hand, n) < minimum_n
    table["share"] = (table["machine_share"] + correction).clip(0, 1).mask(few)
    table["sensitivity"] = ((hits + 0.5) / (hand_cases + 1)).where(by_hand)
    table["false_positive_rate"] = ((sampled - hits + 0.5) / (n_hand - hand_cases + 1)).where(by_hand)
    constant, linear, square = _spread(table)
    variance = constant + linear * table["share"] - square * table["share"] ** 2
    low, high = limits(table, 0.95)
    table = table.assign(low=low, high=high, se=np.sqrt(variance.clip(lower=0)))
    table["basis"], table["note"] = np.where(by_hand, "corrected", "machine"), np.where(few, TOO_FEW, "")
    return table[COLUMNS]
