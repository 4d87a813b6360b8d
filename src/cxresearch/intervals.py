"""Intervals of shares and of their differences."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray


def score_interval(share: ArrayLike, spread: tuple, confidence: float) -> tuple[NDArray, NDArray]:
    """Solve (share - p)^2 = z^2 (v0 + v1 p - v2 p^2) for p: Wilson's interval for any such variance."""
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    p, v0, v1, v2 = (np.asarray(value, dtype=float) for value in (share, *spread))
    middle, width = 2 * p + z2 * v1, 1 + z2 * v2
    root = np.sqrt(np.maximum(middle**2 - 4 * width * (p**2 - z2 * v0), 0))
    return np.clip((middle - root) / (2 * width), 0, 1), np.clip((middle + root) / (2 * width), 0, 1)


def wilson(share: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[NDArray, NDArray]:
    """Wilson's (1927) score interval for shares (0 to 1) of n comments: (low, high), NaN where n is 0.

    Examples
    --------
    >>> [float(limit.round(4)) for limit in wilson(0.1, 50)]
    [0.0435, 0.2136]
    """
    n = np.asarray(n, dtype=float)
    inverse = 1 / np.where(n > 0, n, np.nan)
    return score_interval(share, (0 * inverse, inverse, inverse), confidence)


def newcombe(
    first: ArrayLike, first_limits: tuple, second: ArrayLike, second_limits: tuple
) -> tuple[NDArray, NDArray]:
    """Interval of first - second from the limits of both (Newcombe 1998, Stat. Med. 17, method 10; MOVER).

    Examples
    --------
    >>> [float(limit.round(4)) for limit in newcombe(0.7, wilson(0.7, 80), 0.6, wilson(0.6, 80))]
    [-0.0472, 0.2414]
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    (low1, high1), (low2, high2) = first_limits, second_limits
    return one - two - np.hypot(one - low1, high2 - two), one - two + np.hypot(high1 - one, two - low2)
