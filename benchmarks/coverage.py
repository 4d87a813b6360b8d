"""Do 95 % intervals cover, and do the tests keep their word? Simulated studies in which the truth is known.

    python benchmarks/coverage.py [--quick] [--seed 1]

Each row is one kind of study, simulated 2,000 times (200 with --quick): two groups of 2,000 and 5,000 comments
in three languages, a machine coder whose errors are known, and so many comments of each group coded by hand.
The sample is simple, stratified (languages equally often, whatever their size) or enriched (a third has a rare
machine code). Printed beside what is asked for; `ok` says whether it is met. 2,000 studies leave a simulated
95 % uncertain by 1 point either way, and a simulated 5 % too.
"""

import argparse
import sys
import time
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.comparison import compare_groups
from cxresearch.estimates import Counts, estimate

GROUPS = ["brand", "consumer"]
SIZES = np.array([2000, 5000])
LANGUAGES = np.array([[0.6, 0.3, 0.1], [0.7, 0.2, 0.1]])
RARE = 0.1  # of comments have some other rare machine code
EQUAL = np.full((2, 3), 0.9)
ERRORS = {  # sensitivity and specificity by group and language
    "equal": (EQUAL, EQUAL),
    "unequal": (np.array([[0.9, 0.7, 0.7], [0.7, 0.9, 0.7]]), np.array([[0.9, 0.9, 0.7], [0.9, 0.7, 0.9]])),
    "useless": (EQUAL - 0.4, EQUAL - 0.4),
}
MARGIN = 0.05


def hypergeometric(random: np.random.Generator, counts: NDArray, n: NDArray) -> NDArray:
    """Simple random samples of n, by kind (last axis) of comment."""
    found, left, rest = np.zeros_like(counts), n.copy(), counts.sum(axis=-1)
    for kind in range(counts.shape[-1]):
        rest = rest - counts[..., kind]
        found[..., kind] = random.hypergeometric(counts[..., kind], rest, left)
        left = left - found[..., kind]
    return found


def allocate(sizes: NDArray, weights: NDArray, n: int) -> NDArray:
    """How many of each stratum: two at least or all, the rest by weight (Sainte-Lague, as `draw_sample`)."""
    counts = np.minimum(sizes, 2)
    for _ in range(n):
        short = counts.sum(axis=-1, keepdims=True) < n
        behind = np.where(counts < sizes, weights / (counts + 0.5), -1)
        counts = counts + short * (np.arange(sizes.shape[-1]) == behind.argmax(axis=-1)[..., None])
    return counts


def simulate(
    random: np.random.Generator, runs: int, sample: str, n: int, shares: NDArray, errors: tuple
) -> Counts:
    """Counts of `runs` studies (first axis): the code has these shares in the two groups."""
    sensitivity, specificity = errors
    p = np.broadcast_to(shares[:, None], sensitivity.shape)
    kinds = np.stack(
        [
            (1 - p) * specificity,
            p * (1 - sensitivity),
            (1 - p) * (1 - specificity),
            p * sensitivity,
        ],
        axis=-1,
    ).reshape(2, 3, 1, 2, 2)  # group, language, rare code, machine's code, truth
    kinds = kinds * LANGUAGES[:, :, None, None, None] * np.array([1 - RARE, RARE])[:, None, None]
    cells = np.stack([random.multinomial(SIZES[g], kinds[g].ravel(), runs) for g in (0, 1)], axis=1)
    cells = cells.reshape(runs, 2, 3, 2, 2, 2)
    if sample == "simple":
        strata = cells.sum(axis=(2, 3))[:, :, None]
        weights = np.ones(1)
    elif sample == "stratified":
        strata, weights = cells.sum(axis=3), np.ones(3)
    else:
        if min(shares) < 0.1:  # then this code is a rare one
            cells = np.stack([cells[..., 0, :, :], cells[..., 1, :, :]], axis=3)
            cells[:, :, :, 1, 1] += cells[:, :, :, 0, 1]
            cells[:, :, :, 0, 1] = 0
        strata = cells.reshape(runs, 2, 6, 2, 2)
        weights = (LANGUAGES[:, :, None] * np.array([2 / 3, 1 / 3])).reshape(2, 6)
    size = strata.sum(axis=(-1, -2))
    drawn = allocate(size, np.broadcast_to(weights, size.shape), n)
    coded = hypergeometric(random, strata.reshape(*size.shape, 4), drawn).reshape(strata.shape)
    counts = (strata.sum(axis=-1), coded.sum(axis=-1), coded[..., 1])
    return Counts(*(x.astype(float) for x in counts), np.ones((runs, 2), dtype=bool))
