"""Find comments that repeat an earlier one almost word for word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

_KINDS = 16  # kinds of characters counted in the first sieve
_BLOCK = 500  # texts sieved at a time, so that even 100,000 copies of one text fit into memory


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
        For each near duplicate (index) the label of the first text it repeats; if that one repeats another,
        the label of the other.

    Notes
    -----
    No pair is missed. Texts that share few characters, counted without regard to their order, cannot be
    similar; this bag distance never exceeds the insertions and deletions needed and sieves nearly all pairs
    out before any is compared. With a low similarity the sieve lets most pairs pass, and time grows with
    the square of the number of texts.

    References
    ----------
    Bartolini, Ciaccia and Patella (2002), "String Matching with Metric Trees Using an Approximate Distance",
    SPIRE 2002.

    Examples
    --------
    >>> texts = pd.Series(["Gracias por escribirnos hoy", "Gracias por escribirnos hoy!", "Gracias"])
    >>> near_duplicates(texts, 0.95).to_dict()
    {1: 0}
    """
    if similarity >= 1 or len(texts) < 2:
        return pd.Series(dtype=object)
    original = np.arange(len(texts))
    classes = original * 0 if within is None else within.groupby(list(within), dropna=False).ngroup()
    for members in pd.Series(original).groupby(np.asarray(classes)).indices.values():
        for one, other in _close_pairs(texts.iloc[members], similarity):
            pair = np.stack([members[one], members[other]])
            np.minimum.at(original, pair.max(axis=0), pair.min(axis=0))
    while (original != original[original]).any():
        original = original[original]
    repeated = np.flatnonzero(original != np.arange(len(texts)))
    return pd.Series(texts.index[original[repeated]], index=texts.index[repeated])


def _close_pairs(texts: pd.Series, similarity: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions of the pairs of texts that are at least so similar, a block at a time."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cdist, cpdist

    cutoff = 100 * similarity
    for one, other in _sieved_pairs(texts, similarity):
        rows, columns = np.unique(one), np.unique(other)
        if len(one) < 0.1 * len(rows) * len(columns):  # few pairs: compare just these
            left, right = texts.iloc[one].tolist(), texts.iloc[other].tolist()
            close = cpdist(left, right, scorer=ratio, score_cutoff=cutoff, workers=-1) > 0
            yield one[close], other[close]
        else:
            left, right = texts.iloc[rows].tolist(), texts.iloc[columns].tolist()
            close = cdist(left, right, scorer=ratio, score_cutoff=cutoff, dtype=np.float32, workers=-1) > 0
            yield rows[np.nonzero(close)[0]], columns[np.nonzero(close)[1]]


def _sieved_pairs(texts: pd.Series, similarity: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions of the pairs whose lengths and character counts allow that similarity."""
    from scipy.spatial import KDTree

    counts, lengths = _character_counts(texts), texts.str.len().to_numpy()
    low = 0
    while low <= lengths.max():
        high = int(1.1 * low) + 1  # texts of about one length share a radius
        longest = min(high * (2 - similarity) / max(similarity, 1e-9), lengths.max())
        radius = (1 - similarity) * (high + longest)
        own = np.flatnonzero((lengths >= low) & (lengths < high))
        near = np.flatnonzero((lengths >= low) & (lengths <= longest))
        tree = KDTree(counts[near]) if len(own) else None
        for start in range(0, len(own), _BLOCK) if tree else ():
            block = own[start : start + _BLOCK]
            found = KDTree(counts[block]).sparse_distance_matrix(tree, radius, p=1, output_type="ndarray")
            one, other = block[found["i"]], near[found["j"]]
            fits = found["v"] <= (1 - similarity) * (lengths[one] + lengths[other]) + 1e-9
            fits &= (lengths[one] < lengths[other]) | ((lengths[one] == lengths[other]) & (one < other))
            yield one[fits], other[fits]
        low = high


def _character_counts(texts: pd.Series) -> np.ndarray:
    """How often each kind of character occurs in each text, shape (n_texts, _KINDS)."""
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.repeat(np.arange(len(texts)) * _KINDS, texts.str.len()) + characters % _KINDS
    return np.bincount(places, minlength=len(texts) * _KINDS).reshape(-1, _KINDS).astype(float)
