"""How far coders agree, beyond chance and with intervals: on a code, on all decisions, on whole comments."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxresearch.errors import InputError
from cxresearch.intervals import percentiles, wilson

MASI_WEIGHTS = (1, 2 / 3, 1 / 3, 0)  # equal, subset, overlapping, disjoint sets: Passonneau (2006), LREC
COUNTS = ["both", "only_first", "only_second", "neither"]
ESTIMATES = ["percent", "kappa", "ac1", "alpha", "precision", "recall", "f1"]
COLUMNS = [name + end for name in ESTIMATES for end in ("", "_low", "_high")]
CHUNK = 2_000_000  # numbers held at a time in one array: 16 MB


def flags(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a wide code table as it is if all bool, else as 0.0, 1.0 and NaN (missing).

    `InputError`, calling the table `name`, if a comment occurs twice or a cell holds anything else.

    Examples
    --------
    >>> flags(pd.DataFrame({"ease": [1, None]}), "hand codes")["ease"].tolist()
    [1.0, nan]
    """
    for twice in table.index[table.index.duplicated()][:1]:
        raise InputError(f"{name}: comment_id {twice!r} occurs more than once. Keep one row per comment.")
    if (table.dtypes == np.dtype("bool")).all():
        return table
    for row, column in np.argwhere(~(table.isin([0, 1]) | table.isna()).to_numpy())[:1]:
        where = f"{name}, comment_id {table.index[row]!r}, code {table.columns[column]!r}"
        raise InputError(f"{where}: found {table.iloc[row, column]!r}. Put 1, 0 (absent) or nothing.")
    return table.astype(object).where(table.notna(), np.nan).astype(float)


def common_codes(tables: Mapping[str, pd.DataFrame]) -> list:
    """Codes that all wide tables hold, in the order of the first; `InputError` if there is none."""
    codes = [code for code in next(iter(tables.values())) if all(code in table for table in tables.values())]
    if not codes:
        held = "; ".join(f"{name} has {list(table)}" for name, table in tables.items())
        raise InputError(f"no code in common: {held}. Code with the same codebook.")
    return codes


def _ratings(coders: Mapping[str, pd.DataFrame], codes: list) -> NDArray:
    """1, 0 and NaN by coder, comment and code, of the comments that at least two coders have."""
    tables = [flags(table[codes], name).astype(float) for name, table in coders.items()]
    ids = tables[0].index.append([table.index for table in tables[1:]])
    ids = ids[ids.duplicated()].unique().sort_values()  # so that the order of the rows changes nothing
    return np.stack([table.reindex(ids).to_numpy() for table in tables])


@np.errstate(invalid="ignore")
def cohen_kappa(counts: ArrayLike) -> NDArray:
    """Cohen's kappa (1960, EPM 20) of counts (..., 4): both, only first, only second, neither.

    1 is perfect agreement, 0 chance, below 0 worse; NaN without comments or when only one category occurs.
    Low on rare codes even when nearly all comments agree: never report it alone.

    Examples
    --------
    >>> float(cohen_kappa([20, 5, 10, 15]).round(3))
    0.4
    """
    both, first, second, neither = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    n = both + first + second + neither
    chance = (both + first) * (both + second) + (neither + first) * (neither + second)
    return (n * (both + neither) - chance) / (n * n - chance)


def _features(ratings: NDArray) -> NDArray:
    """What the coefficients of a code add up, (features, comments): 2x2 cells of each pair, seven more."""
    yes, no = ratings == 1, ratings == 0
    pairs = combinations(range(len(ratings)), 2)
    cells = [one & two for i, j in pairs for one in (yes[i], no[i]) for two in (yes[j], no[j])]
    given, rated = yes.sum(axis=0), (yes | no).sum(axis=0)
    several, some = rated > 1, np.maximum(rated, 1)
    apart = 2 * given * (rated - given) / np.maximum(rated - 1, 1)
    more = [rated > 0, given / some, several, several - apart / some, several * rated, several * given, apart]
    return np.stack([*cells, *more], dtype=float)


@np.errstate(invalid="ignore")
def _estimates(sums: NDArray) -> NDArray:
    """Prevalence and the `ESTIMATES` (last axis) from sums of `_features` (last axis)."""
    cells = sums[..., :-7].reshape(*sums.shape[:-1], -1, 4)
    rated, share, several, agreed, values, given, apart = np.moveaxis(sums[..., -7:], -1, 0)
    percent = agreed / several
    shared = cells.sum(axis=-1) > 0  # a pair without comments in common says nothing
    kappa = np.where(shared, cohen_kappa(cells), 0).sum(axis=-1) / shared.sum(axis=-1)
    alpha = 1 - (values - 1) * apart / (2 * given * (values - given))
    chance = 2 * share / rated * (1 - share / rated)
    ac1 = np.where(np.isnan(alpha), np.nan, (percent - chance) / (1 - chance))
    first_of_pair = cells[..., 0, :] if cells.shape[-2] == 1 else np.full((*sums.shape[:-1], 4), np.nan)
    both, first, second, _ = np.moveaxis(first_of_pair, -1, 0)
    right = [both / (both + second), both / (both + first), 2 * both / (2 * both + first + second)]
    return np.stack([given / values, percent, kappa, ac1, alpha, *right], axis=-1)


def _masi(shared: NDArray, one: NDArray, two: NDArray) -> NDArray:
    """MASI distance of sets with `one` and `two` codes, of them `shared` in common; 0 if both are empty."""
    union = one + two - shared
    kinds = [shared == union, shared == np.minimum(one, two), shared > 0]
    weight = np.select(kinds, MASI_WEIGHTS[:3], MASI_WEIGHTS[3])
    return 1 - weight * np.where(union == 0, 1, shared) / np.maximum(union, 1)


def _sets(ratings: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Distinct sets of codes; how often each comment holds each (sparse); disagreement in each comment."""
    from scipy.sparse import csr_array

    whole = ~np.isnan(ratings).any(axis=2)
    whole &= whole.sum(axis=0) > 1
    coder, comment = np.nonzero(whole)
    sets, place = np.unique(ratings[coder, comment] == 1, axis=0, return_inverse=True)
    shape = (ratings.shape[1], len(sets))
    held = csr_array((np.ones(len(comment)), (comment, place.ravel())), shape=shape)
    apart, size = np.zeros(len(whole.T)), (ratings == 1).sum(axis=2)
    for i, j in combinations(range(len(ratings)), 2):
        far = _masi((ratings[i] * ratings[j] == 1).sum(axis=1), size[i], size[j])
        apart += 2 * far * (whole[i] & whole[j]) / np.maximum(whole.sum(axis=0) - 1, 1)
    return sets, held, apart


@np.errstate(invalid="ignore")
def _set_alpha(counts: list[NDArray], apart: NDArray, sets: NDArray) -> NDArray:
    """Krippendorff's alpha with MASI distance, per draw: how often each set occurs, sum of disagreement."""
    codes, size, expected = sets.astype(float), sets.sum(axis=1), np.zeros(len(apart))
    step = max(1, CHUNK // max(1, len(sets)))
    for start in range(0, len(sets), step):
        own = slice(start, start + step)
        far = _masi(codes @ codes[own].T, size[:, None], size[own])
        expected += np.concatenate([((chunk @ far) * chunk[:, own]).sum(axis=1) for chunk in counts])
    n = np.concatenate([chunk.sum(axis=1) for chunk in counts])
    return 1 - (n - 1) * apart / expected


def _weights(n: int, draws: int, seed: int) -> Iterator[NDArray]:
    """How often each of n comments counts: once, then as drawn. The size of the chunks changes no draw."""
    yield np.ones((1, n))
    random, step = np.random.default_rng(seed), max(1, CHUNK // max(1, n))
    for start in range(0, draws, step):
        share = np.full(max(n, 1), 1 / max(n, 1))
        yield random.multinomial(n, share, size=min(step, draws - start))[:, :n].astype(float)


def _drawn(ratings: NDArray, draws: int, seed: int) -> tuple[NDArray, NDArray]:
    """`_estimates` of all comments, then of each draw, by row of the table; 2x2 counts of all comments."""
    sets, held, apart = _sets(ratings)
    sums, counts, far = [], [], []
    for weights in _weights(ratings.shape[1], draws, seed):
        sums.append(np.stack([weights @ _features(code).T for code in np.moveaxis(ratings, 2, 0)], axis=1))
        counts.append(weights @ held)
        far.append(weights @ apart)
    every = np.concatenate(sums)
    every = np.concatenate([every, every.sum(axis=1, keepdims=True)], axis=1)
    values = np.pad(_estimates(every), ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
    values[:, -1, 1 + ESTIMATES.index("alpha")] = _set_alpha(counts, np.concatenate(far), sets)
    return values, every[0, :, :-7].reshape(len(every[0]), -1, 4).sum(axis=1)


def _who(ratings: NDArray, codes: list) -> pd.DataFrame:
    """Per row of the table: comments judged by two or more, their coders, whether one never used the code."""
    judged, yes = ~np.isnan(ratings), ratings == 1
    judged = np.concatenate([judged, judged.all(axis=2, keepdims=True)], axis=2)
    judged &= judged.sum(axis=0) > 1
    judged = np.insert(judged, -1, judged[..., :-1].any(axis=2), axis=2)
    yes = np.concatenate([yes, yes.any(axis=2, keepdims=True), judged[..., -1:]], axis=2) & judged
    judging = judged.any(axis=1)
    silent = (judging & ~yes.any(axis=1)).any(axis=0)
    counts = {"n": judged.any(axis=0).sum(axis=0), "coders": judging.sum(axis=0), "silent": silent}
    return pd.DataFrame({"code": [*codes, "all", "set"], **counts})


def _reason(table: pd.DataFrame, silent: pd.Series, pair: bool) -> NDArray:
    """Why a value of a row is missing, the first reason that applies; "" if none is."""
    missing = (
        table[COLUMNS[: 21 if pair else 12]]
        .isna()
        .any(axis=1)
        .where(table["code"] != "set", table["alpha_low"].isna())
    )
    reasons = [
        ("no comments", table["n"] == 0),
        ("a single comment", table["n"] == 1),
        ("one category only", table["alpha"].isna()),
        ("one coder never used the code", missing & silent),
        ("one category only", table["kappa"].isna() & table["percent"].notna()),
        ("no disagreement, so no interval", missing & (table["alpha"] == 1)),
        ("never given by both, so no interval", missing & (table["both"] == 0)),
        ("too few comments for an interval", missing),
    ]
    return np.select([applies for _, applies in reasons], [reason for reason, _ in reasons], "")


def agreement_table(coders: Mapping[str, pd.DataFrame], *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Agreement of two or more coders: one row per code, then `all` decisions together, then whole `set`s.

    `coders` holds each coder's wide code table by name: index comment_id, bool or 1, 0 and missing; codes
    that not all have and comments that only one has are left out. Intervals are 95 % percentiles of `draws`
    bootstrap samples of comments, but Wilson's for precision and recall of a code.

    Returns
    -------
    pd.DataFrame
        code; n, comments judged by at least two coders; coders, who judged any of them; both, only_first,
        only_second, neither, decisions, summed over the pairs of coders; prevalence, 0 to 1. Each with
        ``_low`` and ``_high``: percent, mean share of agreeing pairs, 0 to 1; at most 1, chance 0: kappa
        (Cohen 1960; of several, the mean over pairs: Light 1971, Psych. Bull. 76), ac1 (Gwet 2014, Handbook
        of Inter-Rater Reliability; steady when a code is rare), alpha (Krippendorff 2011; in row ``set``,
        which has nothing else, with MASI distance of whole sets); precision, recall, f1 of the second coder
        if the first is right, 0 to 1, missing for more than two. reason: why a value is missing, else "".
        `InputError` for fewer than two coders, or no code in common.

    Examples
    --------
    >>> ana = pd.DataFrame({"ease": [True, True, False, False]}, index=list("abcd"))
    >>> agreement_table({"ana": ana, "ben": ~ana})[["code", "n", "percent", "kappa"]].values.tolist()
    [['ease', 4, 0.0, -1.0], ['all', 4, 0.0, -1.0], ['set', 4, nan, nan]]
    """
    if len(coders) < 2:
        raise InputError(f"agreement needs at least two coders, found {list(coders)}. Add another's codes.")
    codes = common_codes(coders)
    ratings = _ratings(coders, codes)
    values, cells = _drawn(ratings, draws, seed)
    table = _who(ratings, codes)
    silent = table.pop("silent")
    table[COUNTS], table["prevalence"] = pd.DataFrame(cells), values[0, :, 0]
    found = np.stack([values[0], *percentiles(values[1:])], axis=-1)[:, 1:].reshape(len(table), -1)
    table = table.join(pd.DataFrame(found, columns=COLUMNS))
    for name, only in (("precision", "only_second"), ("recall", "only_first")):
        own = table.index[: len(codes)]  # decisions of `all` are not independent: there the bootstrap stays
        limits = wilson(table.loc[own, name], (table["both"] + table[only])[own])
        table.loc[own, f"{name}_low"], table.loc[own, f"{name}_high"] = limits
    table.loc[table["n"] < 2, "prevalence":] = np.nan
    table["reason"] = _reason(table, silent, len(coders) == 2)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))
