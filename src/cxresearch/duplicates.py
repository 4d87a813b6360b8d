"""Find comments that repeat an earlier one almost word for word."""

import numpy as np
import pandas as pd

_BLOCK = 500  # texts compared with all others at a time, to bound the memory


def near_duplicates(texts: pd.Series, similarity: float, within: pd.DataFrame | None = None) -> pd.Series:
    """Find texts that are nearly equal to an earlier one; no pair is missed.

    `similarity`, 0.5 to 1, is one minus the insertions and deletions needed, as a share of both lengths
    (rapidfuzz's ``ratio``); 1 switches the search off. Only texts equal in all columns of `within` are
    compared. For each near duplicate (index) the label of the first text it repeats, also by way of others.

    Examples
    --------
    >>> texts = pd.Series(["Gracias por escribirnos hoy", "Gracias por escribirnos hoy!", "Gracias"])
    >>> near_duplicates(texts, 0.95).to_dict()
    {1: 0}
    """
    if similarity >= 1 or len(texts) < 2:
        return pd.Series(dtype=object)
    first = np.arange(len(texts))
    classes = first * 0 if within is None else within.groupby(list(within), dropna=False).ngroup()
    for members in pd.Series(first).groupby(np.asarray(classes)).indices.values():
        first[members] = members[_first_alike(texts.iloc[members], similarity)]
    while (first != first[first]).any():
        first = first[first]
    repeated = np.flatnonzero(first != np.arange(len(texts)))
    return pd.Series(texts.index[first[repeated]], index=texts.index[repeated])


def _first_alike(texts: pd.Series, similarity: float) -> np.ndarray:
    """Position of the first text that each one resembles; its own if it resembles no earlier one."""
    from rapidfuzz.process import cdist  # its scorer is fuzz.ratio

    cells, every = texts.to_numpy(dtype=object), np.arange(len(texts))
    first = every.copy()
    for start in every[::_BLOCK]:
        block, later = every[start : start + _BLOCK], every[start + 1 :]
        later = later[first[later] == later]  # not yet found
        alike = cdist(cells[block], cells[later], score_cutoff=100 * similarity, dtype=np.uint8, workers=-1)
        close = (alike > 0) & (block[:, None] < later)
        found = close.any(axis=0)
        first[later[found]] = block[close[:, found].argmax(axis=0)]
    return first
