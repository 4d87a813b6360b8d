"""Corrected shares of any columns, and how they move together from one bootstrap sample to the next."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import InputError
from .estimates import checked, numbered

ALL = "all"  # comments of all groups, each group weighing as many comments as it has
CHUNK = 2_000_000  # counts held at a time: 16 MB
FEWEST = 5  # hand-coded comments of one weight that make a stratum; other weights make one together
UNSURE = 2  # in each draw so many comments count as coded by chance, as no sample proves a faultless machine
TINY = 1e-300  # what is added to a sum that may be 0, to divide by it


class Coding(NamedTuple):
    """One group's codes: n comments by machine, h of them by hand, c columns."""

    machine: NDArray  # (n, c)
    place: NDArray  # (h,): which of the n they are
    judged: NDArray  # (h, c), 1 or 0
    hand: NDArray  # (h, c), 0 if not judged
    weight: NDArray  # (h,)
    stratum: NDArray  # (n,): number

    def shares(self, counts: NDArray, tuned: bool) -> NDArray:
        """Corrected shares (draws, c) if comments count so often: (draws, n)."""
        by_hand, coded = counts[:, self.place] * self.weight, self.machine[self.place] * self.judged
        n = by_hand @ self.judged
        hand, machine, both = (
            by_hand @ codes / (n + TINY) for codes in (self.hand, coded, self.hand * coded)
        )
        trust = (both - hand * machine) / (machine * (1 - machine) + TINY) if tuned else np.ones_like(n)
        everywhere = counts @ self.machine / counts.sum(axis=1, keepdims=True)
        return hand + np.where(n > 0, trust.clip(0, 1), 1) * (everywhere - machine)

    def evidence(self) -> NDArray:
        """Per column: comments; hand-coded ones; their worth at equal weights (Kish), or n if none."""
        n, n_hand = len(self.machine), self.judged.sum(axis=0)
        worth = (self.weight @ self.judged) ** 2 / (self.weight**2 @ self.judged + TINY)
        return np.stack([np.full(len(worth), n), n_hand, np.where(n_hand > 0, worth, n)])

    def with_products(self, one: list[int], two: list[int]) -> "Coding":
        """Add columns for comments with two of the columns."""
        tables = (self.machine, self.judged, self.hand)
        machine, judged, hand = (np.hstack([table, table[:, one] * table[:, two]]) for table in tables)
        return self._replace(machine=machine, judged=judged, hand=hand)


def codings(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, weights: pd.Series | None = None
) -> dict:
    """Each group's `Coding`, by group in order; `InputError` says what does not fit."""
    if machine.empty:
        raise InputError("machine codes: there are no comments or no codes. Run the steps that make them.")
    (coded, truth), (number, names) = checked(machine, hand), numbered(groups, machine.index, "group")
    sampled = machine.index.isin([] if hand is None else hand.index)
    weight = (
        pd.Series(1.0, machine.index) if weights is None else weights.reindex(machine.index).astype(float)
    )
    valid = (weight.gt(0) & np.isfinite(weight)).to_numpy()
    for comment_id in machine.index[sampled & ~valid][:1]:
        found = f"weights, comment_id {comment_id!r}: found {weight[comment_id]}"
        raise InputError(f"{found}. Give every hand-coded comment 1 / its chance of having been drawn.")
    parts = {}
    for k, name in enumerate(names):
        rows = np.flatnonzero(number == k)
        place, weighed = np.flatnonzero(sampled[rows]), weight.to_numpy()[rows]
        by_hand = truth[rows][place]
        strata = np.unique(weighed, return_inverse=True)[1] if valid[rows].all() else 0 * rows
        drawn = np.bincount(strata[place], minlength=len(rows))
        strata = np.where(drawn[strata] < FEWEST, -1, strata)
        judged = (~np.isnan(by_hand)).astype(float)
        given = np.nan_to_num(by_hand)
        parts[name] = Coding(coded[rows].astype(float), place, judged, given, weighed[place], strata)
    return parts


def resample(coded: dict, draws: int, seed: int, *, tuned: bool = True) -> tuple[dict, dict]:
    """Shares (draws + 1, c) of each `Coding`, the estimate first; its `evidence`."""
    drawn = {}
    for k, (group, own) in enumerate(coded.items()):
        chunks = _drawn(own, draws, np.random.default_rng([seed, k]), tuned)
        drawn[group] = np.concatenate([own.shares(np.ones((1, len(own.machine))), tuned), *chunks])
    return drawn, {group: own.evidence() for group, own in coded.items()}


def resampled_shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, *,
    weights: pd.Series | None = None, draws: int = 1000, seed: int = 0, tuned: bool = False,
) -> dict:  # fmt: skip
    """Corrected shares of comments with each column, and as many bootstrap draws of them, per group.

    Difference estimator: mean of the machine over all comments + weighted mean of (hand - machine) over the
    hand-coded ones; the machine's share where nothing is coded by hand. If `tuned`, the machine counts as far
    as it foretells the hand, column by column (PPI++, Angelopoulos et al. 2023, arXiv 2311.01453). Not
    clipped: sums of columns stay sums unless tuned, but a rare column can fall below 0.

    A draw resamples whole comments within the group, so that the columns move together: how many each stratum
    has, then its hand-coded ones and the others (Rao & Wu 1988, JASA 83). One weight is one stratum.

    Parameters
    ----------
    machine, hand : pd.DataFrame of bool, shape (n_comments, n_columns), index comment_id
        By machine, nothing missing; by hand of some comments, missing where not judged.
    groups : pd.Series, index comment_id
        Group of every comment.
    weights : pd.Series, index comment_id, optional
        1 / the chance that each comment had of being drawn, as in `sample.csv`; all equal if left out. Of
        hand-coded comments only, they weigh, but strata are not told apart, and intervals are wider.

    Returns
    -------
    dict of NDArray, shape (draws + 1, n_columns)
        By group, sorted; row 0 is the estimate itself. One seed draws the same comments whatever the columns.

    Examples
    --------
    >>> machine = pd.DataFrame({"ease": [True] * 40 + [False] * 60})
    >>> hand, groups = ~machine.iloc[30:60], pd.Series("brand", index=machine.index)
    >>> drawn = resampled_shares(machine, hand, groups)["brand"]
    >>> float(drawn[0, 0].round(3)), drawn.shape
    (0.733, (1001, 1))
    """
    return resample(codings(machine, hand, groups, weights), draws, seed, tuned=tuned)[0]


def with_all(drawn: dict, known: dict) -> tuple[dict, dict]:
    """Add the comments of all groups to what `resample` gives."""
    n, n_hand, _ = sum(known.values())
    shares = sum(known[group][0] / n * values for group, values in drawn.items())
    worth = 1 / sum((own / n) ** 2 / enough for own, _, enough in known.values())
    return drawn | {ALL: shares}, known | {ALL: np.stack([n, n_hand, worth])}


def _drawn(own: Coding, draws: int, random: np.random.Generator, tuned: bool) -> Iterator[NDArray]:
    """Shares in chunks of draws."""
    n, (_, n_hand, worth) = len(own.machine), own.evidence()
    doubt = np.where(n_hand > 0, (1 - n_hand / n) / worth, 0)
    by_hand = np.isin(np.arange(n), own.place)
    _, stratum, size = np.unique(own.stratum, return_inverse=True, return_counts=True)
    parts = [
        np.flatnonzero((stratum == k) & (by_hand == yes)) for k in range(len(size)) for yes in (True, False)
    ]
    step = max(1, CHUNK // n)
    for start in range(0, draws, step):
        k = min(step, draws - start)
        counts = (random.multinomial(n, size / n, k) / size)[:, stratum]
        for rows in (rows for rows in parts if len(rows) > 1):
            m = len(rows)
            picked = random.integers(m, size=(k, m - 1)) + m * np.arange(k)[:, None]
            counts[:, rows] *= np.bincount(picked.ravel(), minlength=k * m).reshape(k, m) * (m / (m - 1))
        one, two = own.machine[random.integers(n, size=(2, UNSURE, k))]
        yield own.shares(counts, tuned) + (one - two).sum(axis=0) * doubt
