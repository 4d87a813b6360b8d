"""Which codes go together, and what goes with them: corrected, with intervals, per group and for all."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .errors import InputError, nearest
from .estimates import TOO_FEW, joint_basis
from .intervals import newcombe, percentiles, wilson
from .resampling import ALL, codings, resample, with_all

FEWEST = 5  # comments, hand-coded if any are, below which draws say too little of a share or a pair of codes
FEWEST_GIVEN = 10  # the same, of comments among which a share is taken
NO_VARIANCE = "no variance"  # so limits are missing
SENTIMENTS = ("negative", "positive")
TOUCHPOINTS = ("advertising", "word_of_mouth", "product_use", "service", "communication")
INTENTIONS = ("loyalty", "advocacy", "intention")
QUESTIONS = {  # the study's: among comments with any of the former, the share with each of the latter
    "expectations by touchpoint": (TOUCHPOINTS, ("expectation_met", "expectation_unmet", "correction")),
    "corrections by expectation": (("expectation_met", "expectation_unmet"), ("correction",)),
    "intention by interaction model": (("consumer_identity", "emotional_self"), INTENTIONS),
    "intention by sentiment": (SENTIMENTS, INTENTIONS),
    "sentiment of intentions": (INTENTIONS, SENTIMENTS),
}


def add_views(wide: pd.DataFrame, labels: pd.Series | None) -> pd.DataFrame:
    """Add columns for `negative` and `positive` sentiment, and `intention`: loyalty or advocacy.

    Sentiment is missing where a comment has no label (index comment_id). No code says which way an intention
    goes: `loyalty` holds staying and leaving, `advocacy` praise and warning.

    Examples
    --------
    >>> wide = pd.DataFrame({"loyalty": [True, False], "advocacy": False})
    >>> add_views(wide, pd.Series(["positive"])).values.tolist()
    [[True, False, 0.0, 1.0, True], [False, False, nan, nan, False]]
    """
    known = pd.Series(dtype="str") if labels is None else labels
    known = known.reindex(wide.index)
    views = {name: (known == name).astype(float).mask(known.isna()) for name in SENTIMENTS}
    if {"loyalty", "advocacy"} <= set(wide):
        views["intention"] = wide[["loyalty", "advocacy"]].max(axis=1, skipna=False)
    return wide.assign(**views)


@np.errstate(invalid="ignore", divide="ignore")
def conditional_shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series,
    given: Sequence[str], then: Sequence[str], **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """Among comments with one thing, the share with another: any columns of the wide tables.

    Estimates, draws and `options` (weights, draws, seed) are those of `resampling.resampled_shares`, tuned;
    the share of comments with both is kept within what the shares of each allow. Columns come from
    `themes.add_families` and `add_views`, the study's questions from `QUESTIONS`. What comments say is no
    probability of what people will do: most who come back never write that they will.

    Returns
    -------
    pd.DataFrame
        One row per group (last `all`), given and then: group, given, then; n, n_hand (comments); cases, how
        many hand-coded ones have `given`, as expected from its share (of all comments if none is hand-coded);
        share, among those with `given`, and share_without, among the others (0 to 1); gap, share -
        share_without (-1 to 1); each with 95 % limits ``_low``, ``_high``: percentiles of the draws or, with
        fewer than 5 cases or others expected, the wider of these and Wilson's; basis, "corrected",
        "machine", or "mixed" if hand codes correct but one of the two things or groups; note, "too few to
        say" where fewer than 10 have or lack `given`, and figures are withheld, "no variance" where all draws
        agree, and limits are missing, else "".

    Examples
    --------
    >>> machine = pd.DataFrame({"app": [True] * 40 + [False] * 60, "ease": [True] * 30 + [False] * 70})
    >>> table = conditional_shares(machine, machine, pd.Series(["brand"] * 100), ["app"], ["ease"])
    >>> table[["group", "cases", "share", "share_without", "gap"]].round(2).values.tolist()[0]
    ['brand', 40.0, 0.75, 0.0, 0.75]
    """
    pairs, parts = [pair for pair in product(given, then) if len(set(pair)) > 1], []
    for table, worth, one, two, both in joint_shares(machine, hand, groups, pairs, **options):
        share, without = both / one, (two - both) / (1 - one)
        cases, others = worth * one[0], worth * (1 - one[0])
        (limits, rare), (rest, rare_rest) = share_limits(share, cases), share_limits(without, others)
        wide = newcombe(share[0], tuple(limits), without[0], tuple(rest))
        gap = _wider(percentiles(share[1:] - without[1:]), wide, rare | rare_rest)
        found = {"share": (share[0], limits), "share_without": (without[0], rest)}
        found["gap"] = (share[0] - without[0], gap)
        few = np.minimum(cases, others).round(6) < FEWEST_GIVEN
        parts.append(with_figures(table.rename(columns={"one": "given", "two": "then"}), cases, found, few))
    return pd.concat(parts, ignore_index=True)


def by_sentiment(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, codes: Sequence[str], **options: Any
) -> pd.DataFrame:
    """`conditional_shares` of negative and positive comments among those with a code, for each code."""
    return conditional_shares(machine, hand, groups, codes, SENTIMENTS, **options)


@np.errstate(invalid="ignore", divide="ignore")
def code_pairs(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, codes: Sequence[str], **options: Any
) -> pd.DataFrame:
    """How any two codes go together: phi and lift, estimated as in `conditional_shares`.

    Returns
    -------
    pd.DataFrame
        One row per group (last `all`) and pair, by phi, the highest first: group, one, two; n, n_hand
        (comments); cases, how many hand-coded ones have both, as expected from the estimate (of all comments
        if none is hand-coded); both (share of comments, 0 to 1); phi, -1 to 1, 0 if unrelated; lift, how many
        times as often as by chance, from 0, 1 if unrelated; these three with 95 % limits ``_low``, ``_high``,
        as there, those of `both` the wider under 10 cases; p (phi is 0; normal, by the spread of the draws
        or, where the limits are Wilson's, by these), q (Benjamini & Hochberg 1995, over the group's pairs),
        both missing for machine codes alone; basis; note, as there: too few are under 5 with either code, or
        with neither.

    Notes
    -----
    Simulated (`benchmarks/association.py`: shares of 5 and 20 %, codes unrelated and tied, 100 to 500 of
    1,000 coded by hand), limits of the pairs shown cover 92 to 100 %. Codes of 5 % are withheld in three
    pairs of four with 100 by hand (half if the other code is frequent), in 2 to 6 % with 200, never with 500.

    Examples
    --------
    >>> machine = pd.DataFrame({"app": [True] * 40 + [False] * 60, "ease": [True] * 30 + [False] * 70})
    >>> table = code_pairs(machine, machine, pd.Series(["brand"] * 100), ["app", "ease"])
    >>> table[["group", "both", "phi", "lift"]].round(2).values.tolist()[0]
    ['brand', 0.3, 0.8, 2.5]
    """
    from scipy.stats import false_discovery_control

    pairs, parts = list(combinations(codes, 2)), []
    for table, worth, one, two, both in joint_shares(machine, hand, groups, pairs, **options):
        lone, root = one * two, np.sqrt(one * (1 - one) * two * (1 - two))
        wide, rare = np.minimum(wilson(both[0], worth), np.minimum(one[0], two[0])), worth * both[0] < FEWEST
        figures = {"phi": ((both - lone) / root, (wide - lone[0]) / root[0])}
        figures["lift"] = both / lone, wide / lone[0]
        found = {"both": (both[0], share_limits(both, worth, FEWEST_GIVEN)[0])}
        for name, (drawn, other) in figures.items():
            found[name] = drawn[0], _wider(percentiles(drawn[1:]), other, rare)
        # Not by how many have both: pairs shown only where many do would seem to go together.
        least = worth * np.min([one[0], two[0], 1 - one[0] - two[0] + both[0]], axis=0)
        table = with_figures(table, worth * both[0], found, least.round(6) < FEWEST).assign(
            p=np.nan, q=np.nan
        )
        tested = ((table["basis"] == "corrected") & table["phi_low"].notna()).to_numpy()
        p = _p_values(figures["phi"][0][:, tested], found["phi"][1][:, tested], rare[tested])
        table.loc[tested, "p"], table.loc[tested, "q"] = p, false_discovery_control(p)
        columns = [*table.columns.drop(["basis", "note"]), "basis", "note"]
        parts.append(table[columns].sort_values("phi", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _p_values(phi: NDArray, limits: NDArray, rare: NDArray) -> NDArray:
    """Two-sided p of phi, by the spread of its draws or, of what is rare, by its limit on the side of 0."""
    from scipy.stats import norm

    far = np.abs(np.where(phi[0] > 0, *limits) - phi[0]) / norm.isf(0.025)
    return 2 * norm.sf(np.abs(phi[0]) / np.where(rare, far, np.nanstd(phi[1:], axis=0)))


def joint_shares(
    machine: pd.DataFrame, hand: pd.DataFrame | None, groups: pd.Series, pairs: list[tuple[str, str]], *,
    weights: pd.Series | None = None, draws: int = 1000, seed: int = 0,
) -> Iterator[tuple]:  # fmt: skip
    """Per group: a table of its pairs; worth of its hand-coded comments; shares of one, two and both."""
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    for name in [name for name in names if name not in machine][:1]:
        raise InputError(f"machine codes: no column '{name}'.{nearest(name, machine.columns)}")
    if not pairs:
        raise InputError("expected two different columns to put side by side. Name more codes.")
    hand = hand if hand is None else hand[[name for name in names if name in hand]]
    first, second = ([names.index(pair[k]) for pair in pairs] for k in (0, 1))
    coded = codings(machine[names], hand, groups, weights)
    coded = {group: own.with_products(first, second) for group, own in coded.items()}
    drawn, known = resample(coded, draws, seed)
    basis = {group: np.where(found[1] > 0, "corrected", "machine") for group, found in known.items()}
    basis[ALL] = joint_basis(np.stack(list(basis.values())))
    shares, known = with_all(drawn, known)
    for group, values in shares.items():
        single = np.clip(values[:, : len(names)], 0, 1)
        one, two = single[:, first], single[:, second]
        both = np.clip(values[:, len(names) :], np.maximum(0, one + two - 1), np.minimum(one, two))
        n, n_hand, worth = known[group][:, len(names) :]
        table = pd.DataFrame(pairs, columns=["one", "two"]).assign(n=n.astype(int), n_hand=n_hand.astype(int))
        table.insert(0, "group", group)
        own = basis[group]
        table["basis"] = joint_basis(np.stack([own[first], own[second], own[len(names) :]]))
        yield table, worth, one, two, both


def share_limits(share: NDArray, cases: NDArray, fewest: int = FEWEST) -> tuple[NDArray, NDArray]:
    """Limits of shares of so many cases (draws first), and whether these or the others are rare."""
    rare = cases * np.minimum(share[0], 1 - share[0]) < fewest
    return _wider(percentiles(share[1:]), wilson(share[0], cases), rare), rare


def _wider(drawn: NDArray, other: ArrayLike, rare: NDArray) -> NDArray:
    """Limits by draws or, of what is rare, the wider of these and others."""
    low, high = np.asarray(other)
    return np.where(rare, [np.fmin(drawn[0], low), np.fmax(drawn[1], high)], drawn)


def with_figures(table: pd.DataFrame, cases: NDArray, found: dict, few: NDArray) -> pd.DataFrame:
    """Add cases, each figure with its limits, unless they are too few, and note."""
    basis = table.pop("basis")
    table["cases"] = cases
    for name, (value, (low, high)) in found.items():
        for end, figure in (("", value), ("_low", low), ("_high", high)):
            table[name + end] = np.where(few, np.nan, figure)
    flat = table.filter(regex="_(low|high)$").isna().any(axis=1)
    return table.assign(basis=basis, note=np.select([few, flat], [TOO_FEW, NO_VARIANCE], ""))
