"""Intervals of shares and of their differences."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95 = NormalDist().inv_cdf(0.975)

BISECTIONS = 40  # halve the search until a limit is right to ten decimals


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
    first: ArrayLike, first_limits: tuple, second: ArrayLike, second_limits: tuple, correlation: ArrayLike = 0
) -> tuple[NDArray, NDArray]:
    """Interval of first - second from the limits of both (Newcombe 1998, Stat. Med. 17, method 10; MOVER).

    With a `correlation` of the two, as of shares of the same comments, it is Zou's (2007, Psych. Meth. 12).

    Examples
    --------
    >>> [float(limit.round(4)) for limit in newcombe(0.7, wilson(0.7, 80), 0.6, wilson(0.6, 80))]
    [-0.0472, 0.2414]
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    (low1, high1), (low2, high2), twice = first_limits, second_limits, 2 * np.asarray(correlation)
    below, above = (one - low1, high2 - two), (high1 - one, two - low2)
    reach = [np.sqrt(np.maximum(a**2 + b**2 - twice * a * b, 0)) for a, b in (below, above)]
    return one - two - reach[0], one - two + reach[1]


def percentiles(values: NDArray) -> NDArray:
    """95 % limits over draws (first axis): (low, high), NaN if over 2.5 % lack a value, or without width.

    Examples
    --------
    >>> percentiles(np.linspace(0, 1, 101)[:, None] * [1, 0]).tolist()
    [[0.025, nan], [0.975, nan]]
    """
    few = np.isnan(values).mean(axis=0) > 0.025
    low, high = np.nanpercentile(np.where(few, 0, values), [2.5, 97.5], axis=0)
    return np.where(few | (np.isclose(low, high)), np.nan, [low, high])


@np.errstate(invalid="ignore", divide="ignore")
def equal_n(share: ArrayLike, width: ArrayLike) -> NDArray:
    """Comments in a random sample of which this share has a 95 % interval (Wilson's) of this width.

    Examples
    --------
    >>> low, high = wilson(0.1, 50)
    >>> float(equal_n(0.1, high - low).round(6))
    50.0
    """
    p, width, z2 = np.asarray(share, dtype=float), np.asarray(width, dtype=float), Z_95**2
    square, across = width**2 - 1, 2 * width**2 - 4 * p * (1 - p)
    return 2 * square * z2 / (-across - np.sqrt(across**2 - 4 * square * width**2))


def stratified(
    share: ArrayLike, n: ArrayLike, size: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray, NDArray, NDArray]:
    """Score interval of a share that is known class by class (last axis): (low, high, standard error).

    Of `size` comments in each class a random sample of `n` has this `share`. The interval holds every share
    of the whole from which the one seen is at most z standard errors off, the classes' shares being the
    likeliest that add up to it: so it allows for cases in classes where none was seen. Miettinen and Nurminen
    (1985, Stat. Med. 4), for a sum in place of a difference; each class with cases and others, but one, costs
    a degree of freedom. Wilson's for one class, and if every comment is in the sample.

    Examples
    --------
    >>> low, high, _ = stratified([0.9, 0.0], [20, 30], [2000, 8000])
    >>> float(low.round(3)), float(high.round(3))
    (0.139, 0.272)
    """
    share, n, size = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (share, n, size)))
    part, total = size / size.sum(-1, keepdims=True), size.sum(-1)
    mixed = ((share > 0) & (share < 1)).sum(-1)
    spare = n.sum(-1) / np.maximum(n.sum(-1) + 1 - np.maximum(mixed, 1), 1)
    unseen = np.where(n > 0, 1 / np.maximum(n, 1e-9) - 1 / np.maximum(size, 1), 0) * part**2

    def spread(shares: NDArray) -> tuple[NDArray, NDArray]:
        whole = (part * shares).sum(-1)
        return whole, spare * (unseen * shares * (1 - shares)).sum(-1) + whole * (1 - whole) / total

    def pushed(force: NDArray) -> NDArray:
        """Solve n (share - p) = force part p (1 - p) for p in each class: the likeliest, given their sum."""
        pull = force[..., None] * part
        middle = pull + n
        root = np.sqrt(np.maximum(middle**2 - 4 * pull * n * share, 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(middle > 0, 2 * n * share / (middle + root), (middle - root) / (2 * pull))
        return np.clip(np.nan_to_num(found), 0, 1)

    z2, (whole, variance) = NormalDist().inv_cdf((1 + confidence) / 2) ** 2, spread(share)
    down_up = np.array([1.0, -1.0]).reshape(2, *[1] * whole.ndim)
    near, far = np.full((2, *whole.shape), -12.0), np.full((2, *whole.shape), 20.0)  # logarithm of the force
    for _ in range(BISECTIONS):
        middle = (near + far) / 2
        value, var = spread(pushed(down_up * np.exp(middle)))
        outside = (whole - value) ** 2 > z2 * var
        near, far = np.where(outside, near, middle), np.where(outside, middle, far)
    low, high = spread(pushed(down_up * np.exp(near)))[0]
    return low, high, np.sqrt(variance)
