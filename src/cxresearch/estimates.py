"""Shares of comments per group, corrected for the machine coder's error by a hand-coded random sample."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.agreement import flags
from cxresearch.errors import InputError
from cxresearch.intervals import stratified

TOO_FEW = "too few to say"
COLUMNS = ["group", "code", "n", "n_hand", "n_outside", "machine_cases", "hand_cases", "machine_share"]
COLUMNS += ["hand_share", "hand_low", "hand_high", "share", "low", "high", "low_90", "high_90", "se"]
COLUMNS += ["n_effective", "lambda", "rogan_gladen", "sensitivity", "false_positive_rate", "basis", "note"]
FEWEST = 2  # hand-coded comments of a class that stands by itself: one alone shows no spread
Z_95 = NormalDist().inv_cdf(0.975)


class Counts(NamedTuple):
    """Comments of each (code, group, stratum, machine's label): all, hand-coded, with the code.

    `weight`: comments of its stratum, over all groups, that a hand-coded one stands for. `by_hand` (codes,
    groups): whether people coded any.
    """

    size: NDArray
    n: NDArray
    cases: NDArray
    weight: NDArray
    by_hand: NDArray


class Classes(NamedTuple):
    """Share of comments with the code, comments coded by hand, all comments; (codes, groups, classes)."""

    share: NDArray
    n: NDArray
    size: NDArray

    def mean(self, values: NDArray) -> NDArray:
        """Mean over all comments of each group of a value known by class."""
        return (self.size * values).sum(axis=-1) / self.size.sum(axis=-1)


def count(labels: NDArray, case: NDArray, truth: NDArray, groups: NDArray, strata: NDArray) -> Counts:
    """Count comments by the machine's label (0, 1, ...) and people's code (1, 0, NaN): (comments, codes).

    `case` (codes, labels) says which labels mean the code: of a group without hand codes, the machine's are
    counted as if people had given them.
    """
    shape = (labels.shape[1], groups.max(initial=-1) + 1, strata.max(initial=-1) + 1, case.shape[1])
    cells = ((groups * shape[2] + strata) * shape[3])[:, None] + labels
    tables = []
    for keep in (np.ones(truth.shape, dtype=bool), ~np.isnan(truth), truth == 1):
        sums = [np.bincount(cells[k, code], minlength=np.prod(shape[1:])) for code, k in enumerate(keep.T)]
        tables.append(np.array(sums, dtype=float).reshape(shape))
    size, n, cases = tables
    of_stratum, drawn = (x.sum(axis=(1, 3), keepdims=True) for x in (size, n))
    weight = np.where(drawn > 0, of_stratum / np.maximum(drawn, 1), 0) + 0 * size
    by_hand = n.sum(axis=(2, 3), keepdims=True) > 0
    whole = size * case[:, None, None]
    own = np.where(by_hand, n, size), np.where(by_hand, cases, whole)
    return Counts(size, *own, weight, by_hand[..., 0, 0])


def _fewer_labels(counts: Counts, by_machine: bool) -> list[NDArray]:
    """Count machine's labels of which too few were coded by hand (or all labels) with the most frequent."""
    n, size = (x.sum(axis=2, keepdims=True) for x in (counts.n, counts.size))
    home = np.arange(n.shape[3]) == n.argmax(axis=3)[..., None]
    few = (((n < FEWEST) & (size > n)) | (not by_machine)) & ~home
    return [np.where(few, 0, x) + home * (x * few).sum(axis=3, keepdims=True) for x in counts[:3]]


@np.errstate(invalid="ignore", divide="ignore")
def classify(counts: Counts, *, by_machine: bool = True) -> Classes:
    """Classes by stratum and machine's label, those with too few hand codes together; see `shares`."""
    size, n, cases = _fewer_labels(counts, by_machine)
    few = (n < FEWEST) & (size > n)
    short = (n * few).sum(axis=2, keepdims=True) < FEWEST
    few |= few.any(axis=2, keepdims=True) & short & (n == n.max(axis=2, keepdims=True))
    weight = np.where(few, counts.weight, 0)
    known, squares, found = ((x * weight).sum(axis=2, keepdims=True) for x in (n, n * weight, cases))
    rest = (size * few).sum(axis=2, keepdims=True)
    pooled = (found / known, np.minimum(known**2 / squares, rest), rest)  # n after Kish (1965)
    own = (np.where(few, 0, x) for x in (cases / n, n, size))
    both = (np.concatenate(pair, axis=2) for pair in zip(own, pooled, strict=True))
    return Classes(*(np.nan_to_num(x).reshape(*x.shape[:2], -1) for x in both))


@np.errstate(invalid="ignore", divide="ignore")
def _equal_n(share: NDArray, width: NDArray) -> NDArray:
    """Comments in a random sample of which this share has a 95 % interval (Wilson's) of this width."""
    square, across = width**2 - 1, 2 * width**2 - 4 * share * (1 - share)
    return 2 * square * Z_95**2 / (-across - np.sqrt(across**2 - 4 * square * width**2))


@np.errstate(invalid="ignore", divide="ignore")
def _errors(counts: Counts) -> dict[str, NDArray]:
    """Machine's error rates in the sample, weighted and smoothed by half a comment; what they imply; lambda."""
    weight = counts.weight * counts.n.sum(axis=(2, 3), keepdims=True)
    weight = weight / (counts.weight * counts.n).sum(axis=(2, 3), keepdims=True)
    given, hits = ((x * weight).sum(axis=2)[..., 1] for x in (counts.n, counts.cases))
    n, cases = ((x * weight).sum(axis=(2, 3)) for x in (counts.n, counts.cases))
    false = (given - hits) / (n - cases)
    power = hits / cases - false
    implied = counts.size.sum(axis=2)[..., 1] / counts.size.sum(axis=(2, 3)) - false
    classes = classify(counts)
    pairs, of_label = (x.reshape(*x.shape[:2], -1, 2) for x in (classes.share * classes.size, classes.size))
    rates = np.nan_to_num(pairs.sum(axis=2) / of_label.sum(axis=2))
    return {
        "lambda": np.where((of_label.sum(axis=2) > 0).all(axis=-1), rates[..., 1] - rates[..., 0], 0),
        "rogan_gladen": np.where(power > 0, np.clip(implied / power, 0, 1), np.nan),
        "sensitivity": (hits + 0.5) / (cases + 1),
        "false_positive_rate": (given - hits + 0.5) / (n - cases + 1),
    }


def estimate(counts: Counts, minimum_n: int) -> dict[str, NDArray]:
    """What `shares` says of each code and group, (codes, groups), as far as no machine's error rates enter."""
    n, n_hand = counts.size.sum(axis=(2, 3)), counts.n.sum(axis=(2, 3)) * counts.by_hand
    few = np.where(counts.by_hand, n_hand, n) < minimum_n
    kept, by_hand = np.where(few, np.nan, 1), np.where(few | ~counts.by_hand, np.nan, 1)
    classes, alone = classify(counts), classify(counts, by_machine=False)
    share, (low, high, se) = classes.mean(classes.share), stratified(*classes)
    low_90, high_90, _ = stratified(*classes, 0.9)
    hand_low, hand_high, _ = stratified(*alone)
    found = {"share": share, "low": low, "high": high, "low_90": low_90, "high_90": high_90, "se": se}
    only = {"hand_low": hand_low, "hand_high": hand_high, "n_effective": _equal_n(share, high - low)}
    outside = (counts.size * (counts.weight == 0)).sum(axis=(2, 3)) * counts.by_hand
    return {
        "n": n.astype(int), "n_hand": n_hand.astype(int), "n_outside": outside.astype(int),
        "hand_share": np.where(counts.by_hand, alone.mean(alone.share), np.nan),
        **{name: value * kept for name, value in found.items()},
        **{name: value * by_hand for name, value in only.items()},
        "basis": np.where(counts.by_hand, "corrected", "machine"), "note": np.where(few, TOO_FEW, ""),
    }  # fmt: skip


def numbered(labels: pd.Series, index: pd.Index, name: str) -> tuple[NDArray, pd.Index]:
    """Number each comment's group or stratum, in sorted order; with their names. InputError if one lacks it."""
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
    """Doc."""
    labels, truth = checked(machine, hand)
    place, names = numbered(groups, machine.index, "group")
    stratum = 0 * place if strata is None else numbered(strata, machine.index, "stratum")[0]
    counts = count(labels, np.tile([0, 1], (labels.shape[1], 1)), truth, place, stratum)
    table = estimate(counts, minimum_n)
    table |= {name: np.where(counts.by_hand, value, np.nan) for name, value in _errors(counts).items()}
    for name in ("lambda", "rogan_gladen"):
        table[name][table["note"] != ""] = np.nan
    cases, of_label = counts.cases.sum(axis=(2, 3)) * counts.by_hand, counts.size.sum(axis=2)
    table["machine_cases"] = of_label[..., 1].astype(int)
    table["hand_cases"] = cases.astype(int)
    table["machine_share"] = of_label[..., 1] / table["n"]
    keys = {"group": np.tile(names, len(labels.T)), "code": np.repeat(machine.columns, len(names))}
    return pd.DataFrame(keys | {name: value.ravel() for name, value in table.items()})[COLUMNS]
