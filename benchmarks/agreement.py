"""Speed of the agreement table, beside the krippendorff package looped over codes and bootstrap draws.

    python benchmarks/agreement.py [number of comments] [number of draws]

31 codes and three coders, some judgements missing, one thread. The peer answers less: alpha of each code, but
not of all decisions or whole sets, and no other coefficient. It takes some of the draws, and its time is
multiplied. Both get the same draws, so alpha and its limits must be equal; the largest difference is told.
"""

import os
import resource
import sys
import time

for threads in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"):
    os.environ[f"{threads}_NUM_THREADS"] = "1"  # read when numpy is imported

import krippendorff  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from cxresearch.agreement import agreement_table  # noqa: E402

CODES, CODERS, FEW = 31, 3, 20


def study(n: int, seed: int = 1) -> np.ndarray:
    """Ratings (coders, comments, codes): 2 to 15 % of comments have a code, coders miss and invent some."""
    random = np.random.default_rng(seed)
    truth = random.random((n, CODES)) < random.uniform(0.02, 0.15, CODES)
    kept, added = random.random((2, CODERS, n, CODES))
    ratings = np.where(truth, kept < 0.85, added < 0.02).astype(float)
    ratings[random.random((CODERS, n)) < 0.1] = np.nan  # a comment that a coder has not done
    return ratings


def peer(ratings: np.ndarray, draws: int) -> np.ndarray:
    """Alpha of each code for the comments themselves and for each draw."""
    n = ratings.shape[1]
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=draws)
    samples = [ratings, *(np.repeat(ratings, weights, axis=1) for weights in drawn)]
    return np.array(
        [
            [krippendorff.alpha(own, level_of_measurement="nominal") for own in np.moveaxis(sample, 2, 0)]
            for sample in samples
        ]
    )


def main() -> None:
    """Run all measurements."""
    n, draws = (int(number) for number in (*sys.argv[1:], 2000, 2000)[:2])
    ratings = study(n)
    coders = {f"coder{place}": pd.DataFrame(own) for place, own in enumerate(ratings)}
    few = agreement_table(coders, draws=FEW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    agreement_table(coders, draws=draws)
    ours = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    start = time.process_time()
    alphas = peer(ratings, FEW)
    theirs = (time.process_time() - start) / (FEW + 1) * (draws + 1)
    limits = np.percentile(alphas[1:], [2.5, 97.5], axis=0)
    found = few[["alpha", "alpha_low", "alpha_high"]].to_numpy()[:CODES].T
    apart = np.abs(found - [alphas[0], *limits]).max()
    sets = len(np.unique(ratings[~np.isnan(ratings).any(axis=2)], axis=0))
    print(f"{CODES} codes, {CODERS} coders, {n:,} comments ({sets:,} distinct sets), {draws:,} draws")
    print(f"agreement_table, all coefficients: {ours:.1f} s, {memory / 1024:.0f} MB")
    print(f"krippendorff, alpha of each code: {theirs:.0f} s, x {theirs / ours:.0f}; {apart:.0e} apart")


if __name__ == "__main__":
    main()
