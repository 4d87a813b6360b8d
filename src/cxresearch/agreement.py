"""How far two coders agree, beyond chance and with intervals: per code, or over sentiment labels."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxresearch.errors import InputError

CELLS = ["both", "only_first", "only_second", "neither"]  # order of every counts array


def flags(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check a wide code table; return it as it is when all bool, else as 0.0, 1.0 and NaN (missing).

    Parameters
    ----------
    table : pd.DataFrame, shape (n_comments, n_codes)
        True/False or 1/0 per comment_id (index) and code; missing where a coder gave no answer.
    name : str
        What to call the table in a message.

    Raises
    ------
    InputError
        If a comment occurs twice, or a cell is neither 0, 1 nor missing.

    Examples
    --------
    >>> flags(pd.DataFrame({"ease": [1, None]}, index=["c1", "c2"]), "hand codes")["ease"].tolist()
    [1.0, nan]
    """
    if table.index.has_duplicates:
        twice = table.index[table.index.duplicated()][0]
        raise InputError(f"{name}: comment_id {twice!r} occurs more than once. Keep one row per comment.")
    other = table.select_dtypes(exclude="bool")
    if other.empty and not len(other.columns):
        return table
    wrong = ~(other.isin([0, 1]) | other.isna()).to_numpy()
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{name}, comment_id {table.index[row]!r}, code {other.columns[column]!r}: expected 1 (present), "
            f"0 (absent) or an empty cell, found {other.iloc[row, column]!r} ({wrong.sum()} such cells)."
        )
    return pd.DataFrame(
        table.to_numpy(dtype=float, na_value=np.nan), index=table.index, columns=table.columns
    )


def _cells(counts: ArrayLike) -> list[NDArray[np.float64]]:
    """Split counts (..., 4) into its four cells, their total, and the votes for and against."""
    both, first, second, neither = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    n, split = both + first + second + neither, first + second
    return [both, first, second, neither, n, 2 * both + split, 2 * neither + split]


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide; NaN where the denominator is 0."""
    return np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=bottom != 0)[()]


def cohen_kappa(counts: ArrayLike) -> NDArray[np.float64]:
    """Cohen's kappa: agreement beyond what each coder's own habits would give by chance.

    Parameters
    ----------
    counts : array-like, shape (..., 4)
        Comments coded by both coders, only the first, only the second, neither.

    Returns
    -------
    np.ndarray, shape (...)
        1 perfect, 0 chance, negative below chance; NaN without comments or when both used one
        category only. Low on rare codes even when nearly all comments agree: never report it alone.

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales", EPM 20.

    Examples
    --------
    >>> float(cohen_kappa([20, 5, 10, 15]).round(3))
    0.4
    """
    both, first, second, neither, n, *_ = _cells(counts)
    chance = (both + first) * (both + second) + (neither + first) * (neither + second)
    return _ratio(n * (both + neither) - chance, n * n - chance)


def gwet_ac1(counts: ArrayLike) -> NDArray[np.float64]:
    """Gwet's AC1: agreement beyond chance, steady when a code is rare or very common.

    Counts, range and direction as in `cohen_kappa`; NaN without comments or when only one category occurs.

    References
    ----------
    Gwet (2008), "Computing inter-rater reliability ... in the presence of high agreement", BJMSP 61.

    Examples
    --------
    >>> float(gwet_ac1([118, 5, 2, 0]).round(4))
    0.9408
    """
    both, _, _, neither, n, votes_for, votes_against = _cells(counts)
    chance = votes_for * votes_against
    return _ratio(2 * n * (both + neither) - chance, np.where(chance == 0, 0, 2 * n * n - chance))


def krippendorff_alpha(counts: ArrayLike) -> NDArray[np.float64]:
    """Krippendorff's alpha, nominal, two coders: 1 minus observed over expected disagreement.

    Counts, range and direction as in `cohen_kappa`; NaN without comments or when only one category occurs.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability".

    Examples
    --------
    >>> float(krippendorff_alpha([1, 3, 1, 5]).round(3))
    0.095
    """
    _, first, second, _, n, votes_for, votes_against = _cells(counts)
    return 1 - _ratio((2 * n - 1) * (first + second), votes_for * votes_against)


def _alpha_interval(counts: NDArray[np.int64], draws: int, seed: int) -> NDArray[np.float64]:
    """95 % percentile bootstrap of alpha; NaN when it would have no width or over 2.5 % of draws no value."""
    if counts.sum() == 0 or counts[1] + counts[2] == 0:
        return np.full(2, np.nan)
    resampled = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), size=draws)
    values = krippendorff_alpha(resampled)
    return np.full(2, np.nan) if np.isnan(values).mean() > 0.025 else np.nanpercentile(values, [2.5, 97.5])


def _reason(counts: NDArray[np.int64], low: float) -> str:
    """Say why a row of the agreement table has empty cells."""
    both, first, second, neither = counts
    if not counts.sum():
        return "no comments"
    if not first + second + min(both, neither):
        return "one category only"
    said = ["second coder never used the code"] if not both + second else []
    said += ["first coder never used the code"] if not both + first else []
    if np.isnan(low):
        said += ["no interval: " + ("too few comments" if first + second else "no disagreement")]
    return "; ".join(said)


def agreement_table(
    first: pd.DataFrame, second: pd.DataFrame, *, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Agreement of two coders, one row per code, on the comments and codes both have.

    Parameters
    ----------
    first, second : pd.DataFrame of bool, shape (n_comments, n_codes)
        Wide code tables, index comment_id. A comment missing in either is left out for that code.
    draws, seed : int
        Bootstrap samples of comments behind alpha's interval, and their random seed.

    Returns
    -------
    pd.DataFrame
        code; n (comments); both, only_first, only_second, neither (comments); prevalence (mean share
        of the two coders) and percent (agreement), 0 to 1; kappa, ac1, alpha, -1 to 1, with
        alpha_low and alpha_high (95 %); precision, recall, f1 of the second coder when the first is
        taken as truth, 0 to 1; reason, which says why a value is NaN (empty when all are there).

    Raises
    ------
    InputError
        If the tables share no code, a comment occurs twice, or a cell is neither 0, 1 nor missing.

    Examples
    --------
    >>> ana = pd.DataFrame({"ease": [True, True, False, False]}, index=list("abcd"))
    >>> agreement_table(ana, ~ana)[["code", "n", "percent", "kappa"]].values.tolist()
    [['ease', 4, 0.0, -1.0]]
    """
    codes = [code for code in first.columns if code in set(second.columns)]
    if not codes:
        raise InputError(f"no code in common: one coder has {list(first)}, the other {list(second)}.")
    comments = first.index.intersection(second.index)
    one, two = (
        flags(table, f"{name} coder").loc[comments, codes].to_numpy()
        for table, name in ((first, "first"), (second, "second"))
    )
    pairs = ((1, 1), (1, 0), (0, 1), (0, 0))
    counts = np.stack([((one == i) & (two == j)).sum(axis=0) for i, j in pairs], axis=-1)
    table = pd.DataFrame({"code": codes, "n": counts.sum(axis=1)}).join(pd.DataFrame(counts, columns=CELLS))
    both, only_first, only_second, neither, n, votes, _ = _cells(counts)
    table["prevalence"], table["percent"] = _ratio(votes, 2 * n), _ratio(both + neither, n)
    table["kappa"], table["ac1"] = cohen_kappa(counts), gwet_ac1(counts)
    table["alpha"] = krippendorff_alpha(counts)
    table[["alpha_low", "alpha_high"]] = [_alpha_interval(row, draws, seed) for row in counts]
    table["precision"], table["recall"] = _ratio(both, both + only_second), _ratio(both, both + only_first)
    table["f1"] = _ratio(2 * both, votes)
    table["reason"] = [_reason(row, low) for row, low in zip(counts, table["alpha_low"], strict=True)]
    return table


def confusion(truth: pd.Series, predicted: pd.Series, labels: Sequence[str]) -> pd.DataFrame:
    """Count comments by true label (rows) and predicted label (columns), both in the order of `labels`.

    Both series are indexed by comment_id; comments missing in either are left out. Raises InputError
    for a label outside `labels` or a comment that occurs twice.

    Examples
    --------
    >>> confusion(pd.Series(["pos", "neg"]), pd.Series(["pos", "pos"]), ["neg", "pos"]).values.tolist()
    [[0, 1], [0, 1]]
    """
    for name, series in (("truth", truth), ("predicted", predicted)):
        stray = series[series.notna() & ~series.isin(labels)]
        if len(stray) or series.index.has_duplicates:
            found = f"label {stray.iloc[0]!r} at {stray.index[0]!r}" if len(stray) else "a comment_id twice"
            raise InputError(f"{name}: expected one of {list(labels)} per comment, found {found}.")
    pairs = pd.concat({"truth": truth, "predicted": predicted}, axis=1, join="inner").dropna()
    counts = pd.crosstab(pairs["truth"], pairs["predicted"])
    return counts.reindex(index=list(labels), columns=list(labels), fill_value=0).rename_axis(
        index="truth", columns="predicted"
    )


def _accuracy_f1(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accuracy and macro F1 of confusion tables (..., k, k), stacked on the last axis."""
    right = np.diagonal(tables, axis1=-2, axis2=-1)
    f1 = _ratio(2.0 * right, (tables.sum(axis=-1) + tables.sum(axis=-2)).astype(float))
    return np.stack([right.sum(axis=-1) / tables.sum(axis=(-2, -1)), np.nanmean(f1, axis=-1)], axis=-1)


def classification_summary(
    truth: pd.Series, predicted: pd.Series, labels: Sequence[str], *, draws: int = 1000, seed: int = 0
) -> pd.Series:
    """Accuracy and macro F1 of predicted labels, with 95 % percentile bootstrap intervals over comments.

    Parameters as in `confusion`; macro F1 is the mean over the labels that occur in either series.

    Returns
    -------
    pd.Series of float
        n, accuracy, accuracy_low, accuracy_high, macro_f1, macro_f1_low, macro_f1_high, all but n from
        0 to 1, higher is better. All but n are NaN without comments; the limits are NaN when all
        comments are right or all wrong, since a bootstrap interval would then have no width.

    Examples
    --------
    >>> truth, predicted = pd.Series(["pos", "neg", "neg", "pos"]), pd.Series(["pos", "neg", "pos", "pos"])
    >>> classification_summary(truth, predicted, ["neg", "pos"]).round(3)[["accuracy", "macro_f1"]].tolist()
    [0.75, 0.733]
    """
    counts, k = confusion(truth, predicted, labels).to_numpy(), len(labels)
    n = int(counts.sum())
    rows = np.full((3, 2), np.nan)
    if n:
        rows[0] = _accuracy_f1(counts)
    if 0 < rows[0, 0] < 1:
        drawn = np.random.default_rng(seed).multinomial(n, counts.ravel() / n, size=draws)
        rows[1:] = np.percentile(_accuracy_f1(drawn.reshape(draws, k, k)), [2.5, 97.5], axis=0)
    names = [f"{score}{end}" for score in ("accuracy", "macro_f1") for end in ("", "_low", "_high")]
    return pd.Series([n, *rows.T.ravel()], index=["n", *names], dtype=float)
