"""Do 95 % intervals cover, and do the tests keep their word? Simulated studies in which the truth is known.

    python benchmarks/coverage.py [--quick] [--seed 1]

Each row is one kind of study, simulated 2,000 times (200 with --quick): two groups, 2,000 and 5,000 comments
in three languages, a machine coder of known errors, and so many comments of each group coded by hand. The
sample is simple, stratified (languages equally often, whatever their size) or enriched (a third has a rare
machine code). A row outside the limits is simulated again, ten times as often and with other random numbers,
and only that counts: among so many rows some fall outside by chance, as 2,000 studies leave 1 point of doubt.
"""

import argparse
import re
import sys
import time
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.comparison import compare_groups, net_table
from cxresearch.estimates import Counts, estimate, shares

GROUPS = ["brand", "consumer"]
SIZES = np.array([2000, 5000])
LANGUAGES = np.array([[0.6, 0.3, 0.1], [0.7, 0.2, 0.1]])
RARE = 0.1  # of comments have some other rare machine code
MARGIN = 0.05
SAMPLES = ("simple", "stratified", "enriched")
EQUAL = np.full((2, 3), 0.9)
ERRORS = {  # sensitivity and specificity by group and language
    "equal": (EQUAL, EQUAL),
    "unequal": (np.array([[0.9, 0.7, 0.7], [0.7, 0.9, 0.7]]), np.array([[0.9, 0.9, 0.7], [0.9, 0.7, 0.9]])),
    "useless": (EQUAL - 0.4, EQUAL - 0.4),
}
LEGEND = """
n: coded by hand in each group. cases: with the code among them, in the group with fewer. covers: intervals of
the two groups that hold the true share (or are withheld). hand: those of the hand codes alone, in the worse
group; width: in widths of theirs. gap: equal groups called different at .05. aligned: groups a margin apart
called aligned. Last: limits missed.

sample     machine  share   n   cases   covers   covers withheld     hand   width       gap   aligned"""


class Row(NamedTuple):
    """What was found in the studies of one kind; the worse of the two groups where there is one figure."""

    cases: float  # coded by hand, on average
    covered: tuple[float, float]
    withheld: float
    hand_covered: float
    width: float  # in widths of the hand codes' own interval
    different: float = np.nan
    aligned: float = np.nan

    def faults(self, width: float) -> str:
        """Which of the limits are not kept; with fewer than five cases an interval may cover too often."""
        missed = {
            "UNDER": min(self.covered) < 0.93,
            "OVER": max(self.covered) > 0.97 and round(self.cases, 1) >= 5,
            "WIDTH": self.width > width,
            "GAP": self.different > 0.06,
            "EQUIVALENCE": self.aligned > 0.06,
        }
        return " ".join(name for name, fault in missed.items() if fault)


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
    random: np.random.Generator, runs: int, sample: str, n: int, truth: tuple[float, float], errors: tuple
) -> Counts:
    """Counts of `runs` studies (first axis): the code has these true shares in the two groups."""
    sensitivity, specificity = errors
    p = np.broadcast_to(np.array(truth)[:, None], sensitivity.shape)
    without, given = (
        [(1 - p) * specificity, p * (1 - sensitivity)],
        [(1 - p) * (1 - specificity), p * sensitivity],
    )
    kinds = np.moveaxis(np.array([without, given]), (0, 1), (-2, -1))[
        :, :, None
    ]  # by machine's code and truth
    kinds = kinds * LANGUAGES[..., None, None, None] * np.array([1 - RARE, RARE])[:, None, None]
    cells = np.stack([random.multinomial(SIZES[g], kinds[g].ravel(), runs) for g in (0, 1)], axis=1)
    cells, weights = (
        cells.reshape(runs, 2, 3, 2, 2, 2),
        np.ones(1),
    )  # study, group, language, rare, machine, truth
    if sample == "simple":
        strata = cells.sum(axis=(2, 3))[:, :, None]
    elif sample == "stratified":
        strata = cells.sum(axis=3)
    else:
        if min(truth) < 0.1:  # then this code is a rare one, too
            cells[:, :, :, 1, 1] += cells[:, :, :, 0, 1]
            cells[:, :, :, 0, 1] = 0
        strata = cells.reshape(runs, 2, 6, 2, 2)
        weights = (LANGUAGES[..., None] * np.array([2 / 3, 1 / 3])).reshape(2, 6)
    size = strata.sum(axis=(-1, -2))
    drawn = allocate(size, np.broadcast_to(weights, size.shape), n)
    coded = hypergeometric(random, strata.reshape(*size.shape, 4), drawn).reshape(strata.shape)
    counts = (strata.sum(axis=-1), coded.sum(axis=-1), coded[..., 1])
    return Counts(*(x.astype(float) for x in counts), np.ones((runs, 2), dtype=bool))


def thin(random: np.random.Generator, counts: Counts, part: float) -> Counts:
    """Keep a part of all comments, by chance, whatever their stratum: a brand or a month."""
    size, n, cases = (x.astype(int) for x in counts[:3])
    cases, others, rest = (random.binomial(x, part).astype(float) for x in (cases, n - cases, size - n))
    return Counts(cases + others + rest, cases + others, cases, counts.by_hand)


def gaps(found: dict[str, NDArray]) -> pd.DataFrame:
    """Compare the two groups of every study, each as if it were a code."""
    runs = len(found["n"])
    table = pd.DataFrame({name: values.ravel() for name, values in found.items()})
    table = table.assign(code=np.repeat(np.arange(runs), 2), group=np.tile(GROUPS, runs))
    return compare_groups(table, *GROUPS, margin=MARGIN)


def measure(counts: Counts, truth: float) -> Row:
    """Coverage and width in studies where both groups have the true share."""
    found = estimate(counts, 20)
    shown = found["note"] == ""
    covered = ((found["low"] <= truth) & (truth <= found["high"]) | ~shown).mean(axis=0)
    by_hand = ((found["hand_low"] <= truth) & (truth <= found["hand_high"]) | ~shown).mean(axis=0)
    wide, wide_hand = (
        np.nanmean(found[f"{name}high"] - found[f"{name}low"], axis=0) for name in ("", "hand_")
    )
    cases = counts.cases.sum(axis=(2, 3)).mean(axis=0).min()
    return Row(cases, tuple(covered), 1 - shown.mean(), by_hand.min(), (wide / wide_hand).max())


def study(random: np.random.Generator, runs: int, sample: str, errors: tuple, p: float, n: int) -> Row:
    """One row of the main table: both groups alike, then a margin apart."""
    counts = simulate(random, runs, sample, n, (p, p), errors)
    alike = gaps(estimate(counts, 20))
    apart = gaps(estimate(simulate(random, runs, sample, n, (p, p + MARGIN), errors), 20))
    tests = {"different": (alike["p"] < 0.05).mean(), "aligned": (apart["verdict"] == "aligned").mean()}
    return measure(counts, p)._replace(**tests)


def f1(p: float) -> tuple[NDArray, NDArray]:
    """A coder with sensitivity and precision of .8, so an F1 of .8."""
    return np.full((2, 3), 0.8), np.full((2, 3), 1 - 0.2 * p / (1 - p))


def net(random: np.random.Generator, runs: int, truth: NDArray, n: int) -> Row:
    """Net sentiment of groups with these shares of negative, neutral and positive, 8 of 10 labels right."""
    confused = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
    cells = random.multinomial(SIZES[0], (truth[:, None] * confused).T.ravel(), runs)
    coded = hypergeometric(random, cells, np.full(runs, n)).reshape(runs, 3, 3)
    size, seen = (np.stack([x.sum(axis=-1)] * 2)[:, :, None] for x in (cells.reshape(runs, 3, 3), coded))
    cases = np.stack([coded[..., 2], coded[..., 0]])[:, :, None]
    counts = Counts(*(x.astype(float) for x in (size, seen, cases)), np.ones((2, runs), dtype=bool))
    table, value = net_table(counts, pd.RangeIndex(runs), 20), truth[2] - truth[0]
    covered = (table["low"].le(value) & table["high"].ge(value)).mean()
    return Row(cases[1].sum() / runs, (covered, covered), 0, np.nan, np.nan)


def part(random: np.random.Generator, runs: int, sample: str, p: float, share: float) -> Row:
    """A brand or month with this share of all comments, which cuts across strata; 300 coded by group."""
    counts = simulate(random, runs, sample, 300, (p, p), ERRORS["unequal"])
    return measure(thin(random, counts, share), p)


def rows() -> list[tuple[str, tuple, float]]:
    """Every row: its name; function and arguments; the width that it may have at most."""
    shares_of, sizes = (0.02, 0.05, 0.2, 0.5), (100, 200, 500)
    found = [
        (f"{sample:10} {kind:8} {p:4.0%} {n:4}", (study, sample, ERRORS[kind], p, n), 1.02)
        for sample, kind, p, n in product(SAMPLES, ERRORS, shares_of, sizes)
    ]
    found += [
        (f"{'simple':10} {'F1 .8':8} {p:4.0%} {n:4}", (study, "simple", f1(p), p, n), 0.85)
        for p, n in product(shares_of, sizes)
    ]
    found += [
        (f"{sample:10} {'a part':8} {p:4.0%} {300 * share:4.0f}", (part, sample, p, share), 1.02)
        for sample, p, share in product(SAMPLES[1:], (0.05, 0.2, 0.5), (0.1, 0.2))
    ]
    moods = ([0.2, 0.3, 0.5], [0.05, 0.15, 0.8], [0.01, 0.09, 0.9], [0.001, 0.049, 0.95])
    return found + [
        (f"{'simple':10} {'net':8} {mood[0]:4.0%} {n:4}", (net, np.array(mood), n), np.inf)
        for mood, n in product(moods, sizes)
    ]


def report(name: str, row: Row, width: float) -> str:
    """Print a row; its faults."""
    low, high = row.covered
    tests = f"{row.different:10.1%}{row.aligned:10.1%}"
    figures = (
        f"{row.cases:7.1f}{low:9.1%}{high:9.1%}{row.withheld:9.1%}{row.hand_covered:9.1%}{row.width:8.3f}"
    )
    told = re.sub(r"nan%?", lambda found: "-".rjust(len(found[0])), figures + tests)
    print(f"{name:28}{told}  {row.faults(width) or 'ok'}", flush=True)
    return row.faults(width)


def speed() -> float:
    """Seconds for 31 codes, 2 groups and 20,000 comments, 600 of them coded by hand, from tables to tests."""
    random, n = np.random.default_rng(1), 20_000
    machine = pd.DataFrame(random.random((n, 31)) < random.random(31) / 3).rename(columns=str)
    hand = (machine ^ (random.random((n, 31)) < 0.05)).sample(600, random_state=1)
    groups = pd.Series(random.choice(GROUPS, n))
    strata = groups + random.choice(["es", "en", "other"], n)
    start = time.perf_counter()
    compare_groups(shares(machine, hand, groups, strata=strata), *GROUPS)
    return time.perf_counter() - start


def main() -> None:
    """Run all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="200 studies a row instead of 2,000")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    runs, start, failed, again = 200 if options.quick else 2000, time.perf_counter(), [], 0
    print(LEGEND)
    for number, (name, (function, *arguments), width) in enumerate(rows()):
        row = function(np.random.default_rng([options.seed, number]), runs, *arguments)
        if report(name, row, width):
            again += 1
            row = function(np.random.default_rng([options.seed, number, 1]), 10 * runs, *arguments)
            if report(f"{'  ten times as often':28}", row, width):
                failed.append(name)
    print(
        f"{len(rows())} rows, {again} simulated again, {len(failed)} outside the limits{':' * bool(failed)}"
    )
    print(*failed, sep="\n")
    print(f"seed {options.seed}, {runs} studies a row, {time.perf_counter() - start:.0f} s")
    print(f"31 codes, 2 groups, 20,000 comments: {speed():.2f} s (at most 5)")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
