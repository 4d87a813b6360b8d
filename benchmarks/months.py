"""Do monthly shares cover, and does a chart keep quiet while nothing happens? Simulated, truth known.

    python benchmarks/months.py [--charts 150] [--seed 1]

Each row is one kind of series, simulated 150 times: so many months with so many comments each, a machine that
finds .7 of the cases and invents .1 of the others, and so many comments of the whole drawn and coded by hand.
"steady": the machine errs alike in every month; "unsteady": each month has a sensitivity of .6 to .8 and a
specificity of .86 to .94; "drift": the sensitivity falls from .8 to .6. Every series is simulated twice: as
it is, and with 15 points more in one month.
"""

import argparse
import sys
import time
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.trends import control_chart, monthly_shares

SHIFT = 0.15
ALARMS = {
    12: 0.05,
    24: 0.1,
}  # charts with a false alarm, at most; three standard deviations promise 3 and 6 %
MACHINES = ("steady", "unsteady", "drift")
LEGEND = """
shown: monthly shares that are not withheld. covers: 95 % intervals of those that hold the true share. alarms:
charts in which a month without a shift left its range; run: in which a run was found. shift: the 15 points
are found; covers: by that month's interval; alarms: charts in which another month left its range. TOO OFTEN:
alarms in more than 5 % of charts of 12 months or 10 % of 24, by more than chance explains.

machine   months   n  share  hand   shown  covers  alarms    run    shift  covers  alarms"""


def errors(random: np.random.Generator, machine: str, shape: tuple[int, int]) -> tuple[NDArray, NDArray]:
    """Sensitivity and false positive rate of the machine, by month and chart."""
    hit, false = np.full(shape, 0.7), np.full(shape, 0.1)
    if machine == "unsteady":
        hit, false = random.uniform(0.6, 0.8, shape), random.uniform(0.06, 0.14, shape)
    if machine == "drift":
        hit = np.tile(np.linspace(0.8, 0.6, shape[0])[:, None], shape[1])
    return hit, false


def series(
    random: np.random.Generator, charts: int, machine: str, truth: NDArray, n: int, hand: int
) -> pd.DataFrame:
    """Charts of series with these true shares by month, each chart as if it were a code."""
    months = len(truth)
    hit, false = (np.repeat(rate, n, axis=0) for rate in errors(random, machine, (months, charts)))
    true = random.random(hit.shape) < np.repeat(truth, n)[:, None]
    coded = pd.DataFrame(random.random(true.shape) < np.where(true, hit, false))
    drawn = np.sort(random.choice(len(coded), hand, replace=False))
    dates = pd.Series(np.repeat(pd.date_range("2024-01-01", periods=months, freq="MS"), n))
    table = monthly_shares(coded, pd.DataFrame(true[drawn], drawn), dates, pd.Series("brand", coded.index))
    table = control_chart(table[table["group"] == "brand"])
    table["true"] = np.tile(truth, charts)
    table["covered"] = table["low"].le(table["true"]) & table["high"].ge(table["true"])
    table["left"] = table["signal"].isin(["above", "below"])
    return table


def some(flags: pd.Series, table: pd.DataFrame) -> float:
    """Part of the charts with such a month."""
    return float(flags.groupby(table["code"]).any().mean())


def measure(
    random: np.random.Generator, charts: int, machine: str, months: int, n: int, p: float, hand: int
) -> list[float]:
    """One row: as it is, and with more in the month after the middle."""
    truth = np.full(months, p)
    quiet = series(random, charts, machine, truth, n, hand)
    truth[months // 2 + 1] += SHIFT
    moved = series(random, charts, machine, truth, n, hand)
    said, there = quiet["share"].notna(), moved["true"] > p + SHIFT / 2
    found = moved[there & moved["share"].notna()]
    return [
        said.mean(),
        quiet.loc[said, "covered"].mean(),
        some(quiet["left"], quiet),
        some(quiet["signal"].str.startswith("run"), quiet),
        found["left"].mean(),
        found["covered"].mean(),
        some(moved["left"] & ~there, moved),
    ]


def main() -> None:
    """Run all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--charts", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, failed = time.perf_counter(), 0
    print(LEGEND)
    kinds = product(MACHINES, ALARMS, (40, 150), (0.05, 0.2), (200, 500))
    for number, (machine, months, n, p, hand) in enumerate(kinds):
        if hand > months * n:
            continue
        random = np.random.default_rng([options.seed, number])
        row = measure(random, options.charts, machine, months, n, p, hand)
        doubt = 3 * np.sqrt(ALARMS[months] * (1 - ALARMS[months]) / options.charts)
        often = max(row[2], row[6]) > ALARMS[months] + doubt
        failed += often
        line = "".join(f"{figure:8.1%}" for figure in row)
        print(
            f"{machine:9}{months:7}{n:4}{p:7.0%}{hand:6}{line}  {'TOO OFTEN' if often else 'ok'}", flush=True
        )
    print(f"seed {options.seed}, {options.charts} charts a row, {time.perf_counter() - start:.0f} s")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
