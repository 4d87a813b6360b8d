"""Thresholds between the sentiment labels that fit hand-labelled comments better than the published ones."""

import numpy as np
import pandas as pd

from .accuracy import accuracy_f1
from .errors import InputError
from .sentiment import LABELS, NEGATIVE_BELOW, POSITIVE_ABOVE, label_places

FOLDS = 10
ENOUGH = 20  # hand-labelled comments per label; with fewer, thresholds would fit chance
CUTS = 200  # candidate thresholds


def calibrate_thresholds(
    scores: pd.DataFrame, labels: pd.Series, *, draws: int = 1000, seed: int = 0
) -> pd.Series:
    """Set the two sentiment thresholds from hand-labelled comments, and say what that gains on new ones.

    The pair with the highest macro F1 is taken. What it gains is measured by cross-validation: in each of
    ten parts the comments are labelled by thresholds set on the nine others. `scores` is a table made by
    `score_sentiment`, of comments in one language, as scales differ; `labels` are by hand, same index,
    missing where a comment was not labelled. `draws` are the bootstrap samples behind the interval.
    Gives negative_below, positive_above (-1 to 1); n (labelled and scored comments); macro_f1_published and
    macro_f1 (0 to 1, cross-validated); gain (the second minus the first), gain_low, gain_high (95 %);
    reason: why the published thresholds stay (then macro_f1 is theirs and gain missing), or "".

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
    score, truth = used["score"], used["truth"].map(LABELS.index).to_numpy(dtype=int)
    low, high = NEGATIVE_BELOW, POSITIVE_ABOVE
    before = label_places(score, low, high).to_numpy()
    after = before.copy()
    few = [label for label in LABELS if (used["truth"] == label).sum() < ENOUGH]
    if not few:
        fold = np.random.default_rng(seed).permutation(len(score)) % FOLDS
        for part in range(FOLDS):
            own = fold == part
            after[own] = label_places(score[own], *_best(score[~own], truth[~own]))
        low, high = _best(score, truth)
    counts = np.bincount(truth * 9 + before * 3 + after, minlength=27)
    drawn = np.random.default_rng(seed).multinomial(len(score), counts / max(len(score), 1), size=draws)
    tables = np.vstack([counts, drawn]).reshape(-1, 3, 3, 3)  # by truth, published and calibrated label
    old, new = (accuracy_f1(tables.sum(axis=axis))[:, 1] for axis in (3, 2))
    gain = np.full(draws + 1, np.nan) if few else new - old
    gain_low, gain_high = np.percentile(gain[1:], [2.5, 97.5])
    found = {"negative_below": low, "positive_above": high, "n": len(score), "macro_f1_published": old[0]}
    found |= {"macro_f1": new[0], "gain": gain[0], "gain_low": gain_low, "gain_high": gain_high}
    reason = f"fewer than {ENOUGH} comments labelled {' or '.join(few)}" if few else ""
    return pd.Series(found | {"reason": reason})


def _best(score: pd.Series, truth: np.ndarray) -> tuple[float, float]:
    """Thresholds with the highest macro F1; of equal ones those nearest to the published."""
    cuts = np.quantile(score, np.linspace(0, 1, CUTS)).round(3)
    cuts = np.unique([*cuts, NEGATIVE_BELOW, POSITIVE_ABOVE])
    of_label = [score[truth == place].to_numpy()[:, None] for place in range(len(LABELS))]
    below = np.stack([(own < cuts).sum(axis=0) for own in of_label], axis=-1)
    upto = np.stack([(own <= cuts).sum(axis=0) for own in of_label], axis=-1)
    low, high = np.broadcast_arrays(below[:, None], upto)  # by lower cut, upper cut and truth
    f1 = accuracy_f1(np.stack([low, high - low, np.bincount(truth) - high], axis=-1))[..., 1].round(9)
    f1[cuts[:, None] > cuts] = -1
    away = np.abs(cuts - NEGATIVE_BELOW)[:, None] + np.abs(cuts - POSITIVE_ABOVE)
    at = np.where(f1 == f1.max(), away, np.inf).argmin()
    return float(cuts[at // len(cuts)]), float(cuts[at % len(cuts)])
