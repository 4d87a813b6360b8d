"""Pairs of codes: do 95 % intervals cover, and how often is nothing said? Simulated studies of known truth.

    python benchmarks/association.py [--studies 8] [--seed 1]

Each row is one kind of study, simulated 8 times: 1,000 comments, so many of them coded by hand, 20 codes with
one share, each tied to one of 20 codes with another share (half of the rarer's comments have both) and not to
the rest: 20 tied and 380 unrelated pairs. "good": a machine of sensitivity .9 and specificity .97; "weak": .7
and .9.
"""

import argparse
import time
from itertools import product

import numpy as np
import pandas as pd

from cxresearch.association import code_pairs, conditional_shares
from cxresearch.estimates import TOO_FEW

CODES, SIZE, DRAWS = 20, 1000, 300
MACHINES = {"good": (0.9, 0.03), "weak": (0.7, 0.1)}  # sensitivity, false positive rate
FIGURES = {"pairs": ("both", "phi", "lift"), "conditional": ("share", "share_without", "gap")}
LEGEND = """
shown: pairs that are not withheld. Of these, in which the interval holds the truth: share of comments with
both, phi, lift; p: phi is called other than 0 at .05. Then the same of the share of the second code given the
first, the share without, and their gap. UNDER: less than 93 %, by more than
chance explains (three standard errors).

machine  first second   n  pairs      shown    both     phi    lift       p   shown   share without     gap"""


def simulate(random: np.random.Generator, p: float, q: float, n: int, machine: str) -> tuple:
    """Machine codes, hand codes, groups: codes a0.. of share p and b0.. of share q, each a with its own b."""
    a = random.random((SIZE, CODES)) < p
    both = min(p, q) / 2
    b = random.random(a.shape) < np.where(a, both / p, (q - both) / (1 - p))
    true, (hit, false) = np.hstack([a, b]), MACHINES[machine]
    coded = random.random(true.shape) < np.where(true, hit, false)
    names = [f"{kind}{k}" for kind in "ab" for k in range(CODES)]
    machine_codes, hand = (pd.DataFrame(codes, columns=names) for codes in (coded, true))
    return machine_codes, hand[:n], pd.Series("all comments", hand.index)


def truths(p: float, q: float, both: float) -> dict[str, float]:
    """What the figures should be."""
    share, without = both / p, (q - both) / (1 - p)
    phi = (both - p * q) / np.sqrt(p * (1 - p) * q * (1 - q))
    found = {"both": both, "phi": phi, "lift": both / p / q}
    return found | {"share": share, "share_without": without, "gap": share - without}


def study(random: np.random.Generator, p: float, q: float, n: int, machine: str, seed: int) -> pd.DataFrame:
    """Every pair of one study: whether it is told, its intervals hold the truth, it is significant."""
    tables = simulate(random, p, q, n, machine)
    first, second = (list(tables[0].columns[own]) for own in (slice(CODES), slice(CODES, None)))
    options, parts = {"draws": DRAWS, "seed": seed}, []
    pairs = code_pairs(*tables, first + second, **options)
    pairs = pairs[pairs["one"].str.startswith("a") & pairs["two"].str.startswith("b")]
    given = conditional_shares(*tables, first, second, **options).rename(
        columns={"given": "one", "then": "two"}
    )
    for kind, table in (("pairs", pairs), ("conditional", given)):
        table = table[table["group"] == "all"]
        tied = table["one"].str[1:] == table["two"].str[1:]
        told = table["note"] != TOO_FEW
        held = pd.DataFrame({"tied": tied, "kind": kind, "told": told.astype(float)})
        for name in FIGURES[kind]:
            true, false = truths(p, q, min(p, q) / 2)[name], truths(p, q, p * q)[name]
            truth = np.where(tied, true, false)
            held[name] = (table[f"{name}_low"].le(truth) & table[f"{name}_high"].ge(truth)).where(told)
        held["p"] = table["p"].lt(0.05).where(told) if kind == "pairs" else np.nan
        parts.append(held)
    return pd.concat(parts)


def main() -> None:
    """Run all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options, start = parser.parse_args(), time.perf_counter()
    print(LEGEND)
    for number, (machine, p, q, n) in enumerate(product(MACHINES, (0.05, 0.2), (0.05, 0.2), (100, 200, 500))):
        random = np.random.default_rng([options.seed, number])
        held = pd.concat(study(random, p, q, n, machine, seed) for seed in range(options.studies))
        for tied in (True, False):
            own = held[held["tied"] == tied].set_index("kind")
            line, faults = f"{machine:8}{p:6.0%}{q:7.0%}{n:5}  {'tied' if tied else 'unrelated':9}", []
            for kind, names in FIGURES.items():
                table = own.loc[kind]
                line += f"{table['told'].mean():8.1%}"
                columns = [*names, "p"] if kind == "pairs" else list(names)
                means = table[columns].astype(float).mean()
                line += "".join(f"{x:8.1%}" if x == x else f"{'-':>8}" for x in means)
                doubt = 3 * np.sqrt(0.93 * 0.07 / max(table["told"].sum(), 1))
                faults += [name for name in names if means[name] < 0.93 - doubt]
            print(line, " UNDER" * bool(faults), *faults, flush=True)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
