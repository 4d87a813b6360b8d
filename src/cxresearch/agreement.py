"""How far two coders agree, beyond chance and with intervals: per code, or over labels such as sentiment."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxresearch.errors import InputError


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


def _cells(counts: ArrayLike) -> list[NDArray]:
    """Split counts (..., 4) into its four cells, their total, and the votes for and against."""
    both, first, second, neither = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    split = first + second
    return [both, first, second, neither, both + split + neither, 2 * both + split, 2 * neither + split]


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
    both, first, second, neither, n, *_ = _cells(counts)
    chance = (both + first) * (both + second) + (neither + first) * (neither + second)
    return (n * (both + neither) - chance) / (n * n - chance)


@np.errstate(invalid="ignore")
def gwet_ac1(counts: ArrayLike) -> NDArray:
    """Gwet's AC1: as `cohen_kappa`, but steady when a code is rare or very common (Gwet 2008, BJMSP 61)."""
    both, _, _, neither, n, votes, against = _cells(counts)
    chance = votes * against
    return (2 * n * (both + neither) - chance) / np.where(chance == 0, np.nan, 2 * n * n - chance)


@np.errstate(invalid="ignore")
def krippendorff_alpha(counts: ArrayLike) -> NDArray:
    """Krippendorff's alpha (2011), nominal: 1 - observed / expected disagreement; else as `cohen_kappa`."""
    _, first, second, _, n, votes, against = _cells(counts)
    return 1 - (2 * n - 1) * (first + second) / (votes * against)


def _alpha_interval(counts: NDArray, draws: int, seed: int) -> NDArray:
    """95 % percentile bootstrap; NaN if it had no width, or if over 2.5 % of draws held one category only."""
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / max(counts.sum(), 1), size=draws)
    alpha = krippendorff_alpha(drawn)
    withheld = not counts[1] + counts[2] or np.isnan(alpha).mean() > 0.025
    return np.full(2, np.nan) if withheld else np.nanpercentile(alpha, [2.5, 97.5])


def agreement_table(
    first: pd.DataFrame, second: pd.DataFrame, *, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Agreement of two coders, one row per code, on the comments and codes both have (`InputError` if none).

    `first` and `second` are wide code tables of bool, index comment_id; a comment missing in either is left
    out for that code. `draws` are those of the bootstrap over comments behind alpha's interval. Gives code;
    n, both, only_first, only_second, neither (comments); prevalence (mean share of the two), percent
    (agreement), 0 to 1; kappa, ac1, alpha, alpha_low, alpha_high (95 %), -1 to 1; precision, recall, f1 of
    the second coder if the first is right, 0 to 1; reason: why a value is NaN, or "".

    Examples
    --------
    >>> ana = pd.DataFrame({"ease": [True, True, False, False]}, index=list("abcd"))
    >>> agreement_table(ana, ~ana)[["code", "n", "percent", "kappa"]].values.tolist()
    [['ease', 4, 0.0, -1.0]]
    """
    codes = first.columns[first.columns.isin(second.columns)]
    if codes.empty:
        raise InputError(f"no code in common: one coder has {list(first)}, the other {list(second)}.")
    ids = first.index.intersection(second.index)
    one = flags(first[codes], "first coder").loc[ids].to_numpy()
    two = flags(second[codes], "second coder").loc[ids].to_numpy()
    cells = {"both": (1, 1), "only_first": (1, 0), "only_second": (0, 1), "neither": (0, 0)}
    table = pd.DataFrame({name: ((one == i) & (two == j)).sum(axis=0) for name, (i, j) in cells.items()})
    counts, both, n = table.to_numpy(), table["both"], table.sum(axis=1)
    first_uses, second_uses = both + table["only_first"], both + table["only_second"]
    table = pd.DataFrame({"code": codes, "n": n}).join(table)
    table["prevalence"] = (first_uses + second_uses) / (2 * n)
    table["percent"] = (both + table["neither"]) / n
    table = table.assign(kappa=cohen_kappa(counts), ac1=gwet_ac1(counts), alpha=krippendorff_alpha(counts))
    table[["alpha_low", "alpha_high"]] = np.array([_alpha_interval(row, draws, seed) for row in counts])
    table["precision"], table["recall"] = both / second_uses, both / first_uses
    table["f1"] = 2 * both / (first_uses + second_uses)
    reasons = {
        "no comments": n == 0,
        "one category only": table["alpha"].isna(),
        "one coder never used the code": (first_uses == 0) | (second_uses == 0),
        "no disagreement, so no interval": table["percent"] == 1,
        "too few comments for an interval": table["alpha_low"].isna(),
    }
    return table.assign(reason=np.select(list(reasons.values()), list(reasons), ""))  # the first that applies
