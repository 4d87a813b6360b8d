"""Find comments that repeat an earlier one almost word for word."""

from __future__ import annotations

import numpy as np
import pandas as pd

_BLOCK = 500  # texts compared with all others at a time, to bound the memory


def near_duplicates(texts: pd.Series, similarity: float, within: pd.DataFrame | None = None) -> pd.Series:
    """Find texts that are nearly equal to an earlier one; no pair is missed.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_texts,)
    similarity : float
        From 0.5 to 1: one minus the insertions and deletions needed, as a share of both lengths (rapidfuzz's
        ``ratio``). 1 switches the search off.
    within : pd.DataFrame, same index, optional
        Only texts equal in all these columns are compared.

    Returns
    -------
    pd.Series
        For each near duplicate (index) the label of the first text it repeats; if that one repeats another,
        the label of the other.

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
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cdist

    cells, lengths = texts.to_numpy(dtype=object), texts.str.len().to_numpy()
    first, reach = np.arange(len(cells)), (2 - similarity) / similarity + 1e-9  # longest by shortest
    low = 0
    while low <= lengths.max():  # texts of about one length share those they could resemble
        high = int(1.1 * low) + 1
        later = np.flatnonzero((lengths >= low) & (lengths < high))
        earlier = np.flatnonzero((lengths * reach >= low) & (lengths <= high * reach))
        for start in range(0, len(earlier), _BLOCK):
            block = earlier[start : start + _BLOCK]
            later = later[(later > block[0]) & (first[later] == later)]  # not yet found
            close = cdist(
                cells[block], cells[later], scorer=ratio, score_cutoff=100 * similarity, dtype=np.uint8,
                workers=-1,
            ) > 0  # fmt: skip
            close &= block[:, None] < later
            found = close.any(axis=0)
            first[later[found]] = block[close[:, found].argmax(axis=0)]
        low = high
    return first
