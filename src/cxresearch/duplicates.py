"""Find comments that repeat an earlier one almost word for word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd


def near_duplicates(texts: pd.Series, similarity: float, within: pd.DataFrame | None = None) -> pd.Series:
    """Find texts that are nearly equal to an earlier one.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_texts,)
    similarity : float
        From 0 to 1: one minus the insertions and deletions needed, as a share of both lengths (rapidfuzz's
        ``ratio``). 1 switches the search off.
    within : pd.DataFrame, same index, optional
        Only texts equal in all these columns are compared.

    Returns
    -------
    pd.Series
        For each near duplicate (index) the label of the first text it repeats. Time grows with the square of
        the number of texts of similar length.

    Examples
    --------
    >>> texts = pd.Series(["Gracias por escribirnos hoy", "Gracias por escribirnos hoy!", "Gracias"])
    >>> near_duplicates(texts, 0.95).to_dict()
    {1: 0}
    """
    if similarity >= 1 or len(texts) < 2:
        return pd.Series(dtype=object)
    lengths = texts.str.len().to_numpy()
    by_length = np.argsort(lengths, kind="stable")
    reach = np.searchsorted(
        lengths[by_length], lengths[by_length] * (2 - similarity) / similarity, side="right"
    )
    classes = np.zeros(len(texts)) if within is None else within.groupby(list(within), dropna=False).ngroup()
    of_class = np.asarray(classes)
    original = np.arange(len(texts))
    for start in range(0, len(texts), 1000):
        block = by_length[start : start + 1000]
        window = by_length[start : reach[start + len(block) - 1]]
        for a, b in _close_pairs(texts, block, window, similarity):
            if of_class[a] == of_class[b]:
                original[max(a, b)] = min(original[max(a, b)], original[min(a, b)])
    repeated = np.flatnonzero(original != np.arange(len(texts)))
    return pd.Series(texts.index[original[repeated]], index=texts.index[repeated])


def _close_pairs(
    texts: pd.Series, block: np.ndarray, window: np.ndarray, similarity: float
) -> Iterator[list[int]]:
    """Positions of the pairs of texts that are at least so similar."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cdist

    left, right = texts.iloc[block].tolist(), texts.iloc[window].tolist()
    close = cdist(left, right, scorer=ratio, score_cutoff=100 * similarity, dtype=np.float32, workers=-1)
    rows, columns = np.nonzero(close)
    yield from np.stack([block[rows], window[columns]], axis=1).tolist()
