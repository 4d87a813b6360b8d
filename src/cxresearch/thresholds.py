"""Thresholds between the sentiment labels that fit hand-labelled comments better than the published ones."""

import numpy as np
import pandas as pd

from .accuracy import accuracy_f1
from .errors import InputError
from .sentiment import LABELS, NEGATIVE_BELOW, POSITIVE_ABOVE

FOLDS = 10
ENOUGH = 20  # hand-labelled comments per label; with fewer, thresholds would fit chance
CUTS = 200  # candidate thresholds


def calibrate_thresholds(
    scores: pd.DataFrame, labels: pd.Series, *, draws: int = 1000, seed: int = 0
) -> pd.Series:
    """Set the two sentiment thresholds from hand-labelled comments, and say what that gains on new ones.

    The pair with the highest macro F1 is taken. What it gains is measured by cross-validation: in each of
    ten parts the comments are labelled by thresholds set on the nine others.

    Parameters
    ----------
    scores : pd.DataFrame
        Table made by `score_sentiment`, of comments in one language: the scales differ between languages.
    labels : pd.Series of str, same index
        ``negative``, ``neutral`` or ``positive`` by hand; missing where a comment was not labelled.
    draws, seed : int
        Bootstrap samples behind the interval; random seed of parts and samples.

    Returns
    -------
    pd.Series
        negative_below, positive_above (-1 to 1); n (labelled and scored comments); macro_f1_published and
        macro_f1 (0 to 1, cross-validated) of published and calibrated thresholds; gain (the second minus the
        first), gain_low, gain_high (95 %, comments resampled); reason: why the published thresholds stay
        (then macro_f1 is theirs and gain missing), or "".

    Examples
    --------
    >>> scores = pd.DataFrame({"score": np.linspace(-0.5, 1, 300)})
    >>> labels = pd.cut(scores["score"], [-1, 0, 0.5, 1], labels=["negative", "neutral", "positive"])
    >>> found = calibrate_thresholds(scores, labels.astype("str"))
    >>> found[["negative_below", "positive_above"]].tolist(), float(found["gain"].round(2))
    ([-0.003, 0.503], 0.4)
    """
    if scores.index.has_duplicates or labels.index.has_duplicates:
        raise InputError("scores and labels: a comment_id occurs more than once. Keep one row per comment.")
    used = pd.DataFrame({"truth": labels}).join(scores, how="inner").dropna(subset=["truth", "score"])
    for strange in used.loc[~used["truth"].isin(LABELS), "truth"][:1]:
        raise InputError(f"hand labels: expected one of {', '.join(LABELS)}, found {strange!r}. Mend it.")
    truth, score = pd.Categorical(used["truth"], LABELS).codes, used["score"].to_numpy()
    low, high = NEGATIVE_BELOW, POSITIVE_ABOVE
    before = after = _label(score, low, high)
    few = [label for label, n in zip(LABELS, np.bincount(truth, minlength=3), strict=True) if n < ENOUGH]
    if not few:
        fold = np.random.default_rng(seed).permutation(len(score)) % FOLDS
        after = np.empty_like(before)
        for part in range(FOLDS):
            rest = fold != part
            after[~rest] = _label(score[~rest], *_best(score[rest], truth[rest]))
        low, high = _best(score, truth)
    counts = np.bincount(truth * 9 + before * 3 + after, minlength=27)
    drawn = np.random.default_rng(seed).multinomial(len(score), counts / max(len(score), 1), size=draws)
    old, new = (
        accuracy_f1(np.vstack([counts, drawn]).reshape(-1, 3, 3, 3).sum(axis=a))[:, 1] for a in (3, 2)
    )
    limits = np.percentile(new[1:] - old[1:], [2.5, 97.5])
    gains = [np.nan] * 3 if few else [new[0] - old[0], *limits]
    reason = f"fewer than {ENOUGH} comments labelled {' or '.join(few)}" if few else ""
    names = ["negative_below", "positive_above", "n", "macro_f1_published", "macro_f1", "gain", "gain_low"]
    values = [low, high, len(score), old[0], new[0], *gains, reason]
    return pd.Series(values, index=[*names, "gain_high", "reason"])


def _label(score: np.ndarray, low: float, high: float) -> np.ndarray:
    """Place of each score's label in LABELS."""
    return 1 - (score < low) + (score > high)


def _best(score: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Thresholds with the highest macro F1; of equal ones those nearest to the published."""
    cuts = np.quantile(score, np.linspace(0, 1, CUTS)).round(3)
    cuts = np.unique([*cuts, NEGATIVE_BELOW, POSITIVE_ABOVE])
    by_label = [np.sort(score[truth == label]) for label in range(3)]
    below = np.stack([np.searchsorted(own, cuts, "left") for own in by_label])
    upto = np.stack([np.searchsorted(own, cuts, "right") for own in by_label])
    n = np.array([len(own) for own in by_label])
    over, between = n[:, None] - upto, upto[:, None, :] - below[:, :, None]  # from a lower cut to an upper
    f1 = (2 * below[0] / (below.sum(axis=0) + n[0]))[:, None] + 2 * over[2] / (over.sum(axis=0) + n[2])
    f1 = f1 + 2 * between[1] / np.maximum(between.sum(axis=0) + n[1], 1)
    f1[cuts[:, None] > cuts] = -1
    away = np.abs(cuts - NEGATIVE_BELOW)[:, None] + np.abs(cuts - POSITIVE_ABOVE)
    low, high = divmod(int(np.lexsort((away.ravel(), -f1.round(9).ravel()))[0]), len(cuts))
    return float(cuts[low]), float(cuts[high])
