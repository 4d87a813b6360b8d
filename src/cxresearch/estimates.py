"""Shares of comments per group, corrected for the machine coder's error by a hand-coded random sample."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.agreement import flags
from cxresearch.errors import InputError
from cxresearch.intervals import Z_95, equal_n, stratified

TOO_FEW, NO_COMMENTS = "too few to say", "no comments"
COLUMNS = ["group", "code", "n", "n_hand", "n_outside", "machine_cases", "hand_cases", "machine_share"]
COLUMNS += ["hand_share", "hand_low", "hand_high", "share", "low", "high", "low_90", "high_90", "se"]
COLUMNS += ["n_effective", "lambda", "rogan_gladen", "rogan_low", "rogan_high", "sensitivity"]
COLUMNS += ["false_positive_rate", "basis", "note"]


class Counts(NamedTuple):
    """Comments of each (code, group, stratum, machine's label): all, coded by hand, and those with the code.

    Of a code and group without hand codes (`by_hand`), the machine's count as if people had given them.
    """

    size: NDArray
    n: NDArray
    cases: NDArray
    by_hand: NDArray


class Classes(NamedTuple):
    """Share with the code, comments coded by hand, and comments it stands for; (codes, groups, classes)."""

    share: NDArray
    n: NDArray
    size: NDArray

    def whole(self) -> NDArray:
        """Share of all comments of each group."""
        return (self.size * self.share).sum(axis=-1) / self.size.sum(axis=-1)


def count(labels: NDArray, case: NDArray, truth: NDArray, groups: NDArray, strata: NDArray) -> Counts:
    """Count comments by the machine's label (0, 1, ...) and people's code (1, 0, NaN): (comments, codes).

    `case` (codes, labels) says which labels mean the code; groups and strata are numbered from 0.
    """
    shape = (labels.shape[1], groups.max(initial=-1) + 1, strata.max(initial=-1) + 1, case.shape[1])
    cells = ((groups * shape[2] + strata) * shape[3])[:, None] + labels
    tables = []
    for keep in (np.ones(truth.shape, dtype=bool), ~np.isnan(truth), truth == 1):
        sums = [np.bincount(cells[k, code], minlength=np.prod(shape[1:])) for code, k in enumerate(keep.T)]
        tables.append(np.array(sums, dtype=float).reshape(shape))
    size, n, cases = tables
    by_hand = n.sum(axis=(2, 3), keepdims=True) > 0
    own = np.where(by_hand, n, size), np.where(by_hand, cases, size * case[:, None, None])
    return Counts(size, *own, by_hand[..., 0, 0])


@np.errstate(invalid="ignore", divide="ignore")
def classify(counts: Counts, *, by_machine: bool = True) -> Classes:
    """Classes by stratum and machine's label, or by stratum; those without hand codes as `shares` says."""
    n, size = (x.sum(axis=2, keepdims=True) for x in (counts.n, counts.size))
    home = np.arange(n.shape[3]) == n.argmax(axis=3)[..., None]
    moved = (((n == 0) & (size > 0)) | (not by_machine)) & ~home
    size, n, cases = (np.where(moved, 0, x) + home * (x * moved).sum(3, keepdims=True) for x in counts[:3])
    known = size * (n > 0)
    size = known * (size.sum(axis=2, keepdims=True) / known.sum(axis=2, keepdims=True))
    return Classes(*(np.nan_to_num(x).reshape(*x.shape[:2], -1) for x in (cases / n, n, size)))


def together(classes: Classes, more: float = 0.0) -> NDArray:
    """Correlation of the first two codes' shares in each group, as if `more` of each label had been seen."""
    share = (classes.share * classes.n + more) / np.maximum(classes.n + 3 * more, 1)
    parts = stratified(np.stack([*share, share.sum(axis=0)]), classes.n[:1], classes.size[:1])[2]
    one, two, both = parts**2  # the variance of their sum tells how far the two go together
    return (both - one - two) / 2 / np.sqrt(np.maximum(one * two, 1e-300))


@np.errstate(invalid="ignore", divide="ignore")
def _errors(counts: Counts) -> dict[str, NDArray]:
    """Machine's error rates, smoothed by half a comment; the share they imply; lambda: (codes, groups)."""
    by_stratum = classify(counts, by_machine=False).size.reshape(counts.n.shape).sum(axis=3)
    weight = np.nan_to_num(by_stratum / counts.n.sum(axis=3))
    weight *= (counts.n.sum(axis=(2, 3)) / by_stratum.sum(axis=2))[..., None]  # 1 on average
    (denied, given), (missed, hits) = (
        np.moveaxis((x * weight[..., None]).sum(axis=2), -1, 0)
        for x in (counts.n - counts.cases, counts.cases)
    )
    implied = _implied(counts.size.sum(axis=2), hits, missed + hits, given, denied + given)
    classes = classify(counts)
    of_label = classes.size.reshape(counts.n.shape).sum(axis=2)
    rates = np.nan_to_num((classes.share * classes.size).reshape(counts.n.shape).sum(axis=2) / of_label)
    return dict(zip(("rogan_gladen", "rogan_low", "rogan_high"), implied, strict=True)) | {
        "lambda": np.where((of_label > 0).all(axis=-1), rates[..., 1] - rates[..., 0], 0),
        "sensitivity": (hits + 0.5) / (missed + hits + 1),
        "false_positive_rate": (given + 0.5) / (denied + given + 1),
    }


def _implied(of_label: NDArray, hits: NDArray, cases: NDArray, given: NDArray, others: NDArray) -> NDArray:
    """Share that the error rates imply, and its limits (Lang & Reiczigel 2014, Prev. Vet. Med. 113)."""
    n, z2 = of_label.sum(axis=-1), Z_95**2
    machine, hit, false = of_label[..., 1] / n, hits / cases, given / others
    share, useful = (machine - false) / (hit - false), hit > false
    hit, false, machine = (
        (hits + 1) / (cases + 2),
        (given + 1) / (others + 2),
        (n * machine + z2 / 2) / (n + z2),
    )
    power = np.maximum(hit - false, 1e-9)
    middle = (machine - false) / power
    parts = middle * hit * (1 - hit) / (cases + 2), (1 - middle) * false * (1 - false) / (others + 2)
    spread = machine * (1 - machine) / (n + z2) + middle * parts[0] + (1 - middle) * parts[1]
    middle, reach = middle + 2 * z2 * (parts[0] - parts[1]), Z_95 * np.sqrt(spread) / power
    limits = np.stack([share, middle - reach, middle + reach]).clip(0, 1)
    return np.where(useful, limits, np.nan)


def estimate(counts: Counts, minimum_n: int) -> dict[str, NDArray]:
    """What `shares` says of each code and group, (codes, groups), but for the machine's error rates."""
    n, by_hand = counts.size.sum(axis=(2, 3)), counts.by_hand
    n_hand, strata = counts.n.sum(axis=(2, 3)) * by_hand, counts.size.sum(axis=3)
    few = np.where(by_hand, n_hand, n) < minimum_n
    classes, alone = classify(counts), classify(counts, by_machine=False)
    (low, high, se), (hand_low, hand_high, _) = stratified(*classes), stratified(*alone)
    share, (low_90, high_90, _) = classes.whole(), stratified(*classes, 0.9)
    found = {"share": share, "low": low, "high": high, "low_90": low_90, "high_90": high_90, "se": se}
    only = {"hand_low": hand_low, "hand_high": hand_high, "n_effective": equal_n(share, high - low)}
    kept = {name: np.where(few, np.nan, value) for name, value in found.items()}
    kept |= {name: np.where(few | ~by_hand, np.nan, value) for name, value in only.items()}
    outside = (strata * (counts.n.sum(axis=3) == 0)).sum(axis=2)
    sizes = {"n": n, "n_hand": n_hand, "n_outside": outside}
    return kept | {name: value.astype(int) for name, value in sizes.items()} | {
        "hand_share": np.where(by_hand, alone.whole(), np.nan),
        "basis": np.where(by_hand, "corrected", "machine"), "note": np.where(few, TOO_FEW, ""),
    }  # fmt: skip


def joint_basis(bases: NDArray) -> NDArray:
    """Basis of what rests on several shares (first axis): that of all, else "mixed"; "" if one has none."""
    alike = (bases == bases[0]).all(axis=0)
    return np.select([(bases == "").any(axis=0), alike], ["", bases[0]], "mixed")


def with_groups(table: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Add rows for the groups without comments: numbers 0, shares missing, basis "", note "no comments".

    `table` has a ``group`` column, as all tables of this library per group; other words are as in its rows
    of the first group it has.

    Examples
    --------
    >>> machine = pd.DataFrame({"ease": [True] * 40})
    >>> table = shares(machine, None, pd.Series("brand", index=machine.index))
    >>> with_groups(table, ["brand", "consumer"])[["group", "n", "share", "note"]].values.tolist()
    [['brand', 40, 1.0, ''], ['consumer', 0, nan, 'no comments']]
    """
    parts, like = [table], table[table["group"] == table["group"].iloc[0]]
    for group in [group for group in groups if group not in set(table["group"])]:
        blank = {name: 0 if like[name].dtype.kind == "i" else np.nan for name in like.select_dtypes("number")}
        parts.append(like.assign(group=group, basis="", note=NO_COMMENTS, **blank))
    return pd.concat(parts, ignore_index=True)


def numbered(labels: pd.Series, index: pd.Index, name: str) -> tuple[NDArray, pd.Index]:
    """Number each comment's group or stratum in sorted order, and name them; InputError if one lacks it."""
    if labels.index.has_duplicates:
        raise InputError(f"{name}: a comment_id occurs more than once. Give each comment one {name}.")
    own = labels.reindex(index)
    if (missing := own.isna()).any():
        found = f"{missing.sum()} comments lack a {name}, first {missing.idxmax()!r}"
        raise InputError(f"{found}. Give them one.")
    return pd.factorize(own, sort=True)


def checked(machine: pd.DataFrame, hand: pd.DataFrame | None) -> tuple[NDArray, NDArray]:
    """Machine's codes as 0 and 1, people's as 0, 1 and NaN, of the same comments; InputError otherwise."""
    coded, hand = flags(machine, "machine codes"), machine.iloc[:0] if hand is None else hand
    if (missing := coded.isna().any(axis=1)).any():
        found = f"{missing.sum()} comments lack a machine code, first {missing.idxmax()!r}"
        raise InputError(f"{found}. Give them one.")
    for strange in [*hand.columns.difference(machine.columns), *hand.index.difference(machine.index)][:1]:
        advice = "Apply the machine coder to the same comments and codebook, or drop it."
        raise InputError(f"hand codes: {strange!r} is no code or comment of the machine's table. {advice}")
    truth = flags(hand, "hand codes").astype(float).reindex(index=machine.index, columns=machine.columns)
    return coded.to_numpy(dtype=int), truth.to_numpy(dtype=float)


def shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, *,
    strata: pd.Series | None = None, minimum_n: int = 20,
) -> pd.DataFrame:  # fmt: skip
    """Share of comments with each code, per group: machine codes of all, corrected by hand codes of some.

    Within strata the hand-coded comments must be a simple random sample. Crossed with what the machine says,
    the strata are classes; a share is that of the hand codes in each class, weighted by its part of all
    comments. For yes and no this is the stratified difference estimator with power tuning: mean of lambda
    times the machine's codes + mean of (hand - lambda machine), with each stratum's best lambda. A class
    without hand codes is taken to be as the others with that machine code, or, if none has any, as those with
    the other. The interval is of the share in the population the comments come from (`intervals.stratified`);
    with a single case in the sample it may begin too high (coverage 90 %). After Angelopoulos, Duchi & Zrnic
    (2023, arXiv 2311.01453); Egami et al. (2023), NeurIPS 36.

    Parameters
    ----------
    machine, hand : pd.DataFrame of bool, shape (n_comments, n_codes), index comment_id
        The machine's codes, nothing missing; codes by hand of some comments, missing where not judged.
    groups : pd.Series, index comment_id
        Group of every comment: any label, such as the brand or month. Of one with fewer than `minimum_n`
        hand-coded comments, or comments if none is hand-coded, nothing is said.
    strata : pd.Series, index comment_id, optional
        Stratum of every comment, drawn or not (`sampling.coded_strata`). Without, each group is one.

    Returns
    -------
    pd.DataFrame
        One row per code (in the machine's order) and group: group, code; n, n_hand, n_outside (in strata of
        which nothing of the group is hand-coded), machine_cases, hand_cases (comments); machine_share;
        hand_share, hand_low, hand_high (without the machine); share, low, high (95 %), low_90, high_90, se, 0
        to 1; n_effective, random comments of which hand codes alone give as narrow an interval; lambda, -1 to
        1, 0 if the machine is of no use; rogan_gladen, the share that the machine's error rates imply (1978),
        rogan_low, rogan_high, NaN if no better than chance; sensitivity, false_positive_rate (0 to 1,
        smoothed by half a comment);
        basis, "corrected", or "machine" where nothing is coded by hand, and what needs hand codes
        NaN; note, "too few to say" where share and intervals are withheld (NaN), else "". `InputError` if a
        comment lacks a group, stratum or machine code, occurs twice, or is coded by hand only.

    Examples
    --------
    >>> machine = pd.DataFrame({"ease": [True] * 40 + [False] * 60})
    >>> table = shares(machine, ~machine.iloc[30:60], pd.Series("brand", index=machine.index))
    >>> table[["n", "n_hand", "machine_share", "hand_share", "share"]].round(3).values.tolist()
    [[100.0, 30.0, 0.4, 0.667, 0.6]]
    """
    labels, truth = checked(machine, hand)
    place, names = numbered(groups, machine.index, "group")
    stratum = 0 * place if strata is None else numbered(strata, machine.index, "stratum")[0]
    counts = count(labels, np.tile([0, 1], (labels.shape[1], 1)), truth, place, stratum)
    table = estimate(counts, minimum_n)
    table |= {name: np.where(counts.by_hand, value, np.nan) for name, value in _errors(counts).items()}
    for name in ("lambda", "rogan_gladen", "rogan_low", "rogan_high"):
        table[name][table["note"] != ""] = np.nan
    cases, of_label = counts.cases.sum(axis=(2, 3)) * counts.by_hand, counts.size.sum(axis=2)
    table["machine_cases"] = of_label[..., 1].astype(int)
    table["hand_cases"] = cases.astype(int)
    table["machine_share"] = of_label[..., 1] / table["n"]
    keys = {"group": np.tile(names, len(labels.T)), "code": np.repeat(machine.columns, len(names))}
    return pd.DataFrame(keys | {name: value.ravel() for name, value in table.items()})[COLUMNS]
