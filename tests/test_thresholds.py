"""thresholds: against a search through all pairs, and on labels that scores do not predict."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.errors import InputError
from cxresearch.sentiment import LABELS, NEGATIVE_BELOW, POSITIVE_ABOVE, label_scores
from cxresearch.thresholds import ENOUGH, calibrate_thresholds

PUBLISHED = (NEGATIVE_BELOW, POSITIVE_ABOVE)


def calibrated(score, truth, **how):
    return calibrate_thresholds(pd.DataFrame({"score": score}), pd.Series(truth, dtype="str"), **how)


def macro_f1(score, truth, low, high):
    """Macro F1 of the three labels, written out."""
    predicted = np.where(score < low, "negative", np.where(score > high, "positive", "neutral"))
    f1 = []
    for label in LABELS:
        right = np.sum((predicted == label) & (truth == label))
        f1.append(2 * right / (np.sum(predicted == label) + np.sum(truth == label)))
    return np.mean(f1)


def best_of(score, truth, cuts):
    """The highest macro F1 that any pair of cuts reaches, and the pairs that do."""
    found = {(low, high): macro_f1(score, truth, low, high) for low in cuts for high in cuts if low <= high}
    best = max(found.values())
    return best, [pair for pair, f1 in found.items() if f1 > best - 1e-9]


@st.composite
def labelled(draw):
    """Enough comments of every label, their scores few, so that every one is a candidate threshold."""
    values = draw(st.lists(st.integers(-20, 20), min_size=2, max_size=7, unique=True))
    of_label = [draw(st.lists(st.sampled_from(values), min_size=ENOUGH, max_size=30)) for _ in LABELS]
    truth = np.repeat(LABELS, list(map(len, of_label)))
    return np.concatenate(of_label) / 20, truth


@settings(max_examples=50)
@given(labelled())
def test_no_pair_of_thresholds_fits_better(comments):
    score, truth = comments
    found = calibrated(score, truth, draws=10)
    low, high = found["negative_below"], found["positive_above"]
    assert -1 <= low <= high <= 1
    reached, cuts = macro_f1(score, truth, low, high), np.unique([*score, *PUBLISHED])
    assert reached >= best_of(score, truth, cuts)[0] - 1e-9
    between = np.unique([*cuts, *(cuts[1:] + cuts[:-1]) / 2])
    assert reached <= best_of(score, truth, between)[0] + 1e-9  # the same measure, then
    assert reached >= macro_f1(score, truth, *PUBLISHED)
    assert found["macro_f1_published"] == pytest.approx(macro_f1(score, truth, *PUBLISHED))
    assert found["gain"] == pytest.approx(found["macro_f1"] - found["macro_f1_published"])
    assert found["gain_low"] <= found["gain_high"]
    assert (found["n"], found["reason"]) == (len(score), "")


def test_of_equal_pairs_the_nearest_to_the_published_is_taken():
    score, truth = np.repeat([-0.9, 0.0, 0.9], 30), np.repeat(LABELS, 30)
    assert calibrated(score, truth)[["negative_below", "positive_above"]].tolist() == [*PUBLISHED]


def simulated(seed, n=300):
    """Scores that the published thresholds cut in thirds, and labels at random."""
    generator = np.random.default_rng(seed)
    score = generator.uniform(-0.15, 0.15, n).round(4)
    return score, generator.choice(LABELS, n)


def test_labels_at_random_gain_nothing():
    found, apparent = [], []
    for seed in range(20):
        score, truth = simulated(seed)
        found.append(row := calibrated(score, truth, draws=200, seed=seed))
        fitted = macro_f1(score, truth, row["negative_below"], row["positive_above"])
        apparent.append(fitted - row["macro_f1_published"])
    table = pd.DataFrame(found)
    assert np.mean(apparent) > 0.02  # what the data it was set on seem to promise
    assert -0.05 < table["gain"].mean() < 0.015
    assert (table["gain_low"] > 0).sum() <= 2


def test_a_shifted_scale_is_found_and_the_gain_is_clear():
    generator = np.random.default_rng(1)
    score = generator.uniform(-1, 1, 600).round(3)
    own = score + generator.normal(0, 0.1, 600)
    truth = np.where(own < 0.2, "negative", np.where(own > 0.6, "positive", "neutral"))
    found = calibrated(score, truth)
    assert found["negative_below"] == pytest.approx(0.2, abs=0.08)
    assert found["positive_above"] == pytest.approx(0.6, abs=0.08)
    assert 0.1 < found["gain_low"] < found["gain"] < found["gain_high"]
    scores = pd.DataFrame({"score": score, "positive": 1.0, "neutral": 0.0, "negative": 0.0})
    labels = label_scores(scores, found["negative_below"], found["positive_above"])
    assert (labels == truth).mean() > 0.8


@pytest.mark.parametrize(
    "counts, lacking",
    [
        ((19, 30, 30), "negative"),
        ((30, 19, 0), "neutral or positive"),
        ((0, 0, 0), "negative or neutral or positive"),
    ],
)
def test_too_few_labels_leave_the_published_thresholds(counts, lacking):
    truth = np.repeat(LABELS, counts)
    found = calibrated(np.linspace(-1, 1, len(truth)), truth)
    assert found[["negative_below", "positive_above"]].tolist() == [*PUBLISHED]
    assert found["reason"] == f"fewer than 20 comments labelled {lacking}"
    assert found["n"] == len(truth)
    assert pd.isna(found[["gain", "gain_low", "gain_high"]]).all()
    assert found["macro_f1"] == found["macro_f1_published"] or not len(truth)


def test_twenty_of_each_are_enough():
    assert calibrated(np.linspace(-1, 1, 60), np.repeat(LABELS, 20))["reason"] == ""


def test_unknown_labels_are_named():
    with pytest.raises(InputError, match="one of negative, neutral, positive, found 'mixed'"):
        calibrated([0.1, 0.2], ["mixed", "neutral"])


def test_what_lacks_a_label_or_a_score_is_left_out():
    score, truth = simulated(3)
    whole = calibrated(score, truth)
    index = [f"c{n}" for n in range(len(score) + 4)]
    scores = pd.DataFrame({"score": [*score, 0.5, 0.5, np.nan, np.nan]}, index=index)
    labels = pd.Series([*truth, None, None, "negative", "neutral"], index=index, dtype="str")
    pd.testing.assert_series_equal(calibrate_thresholds(scores, labels), whole)
    scores.loc["unlabelled"] = 0.9
    labels["unscored"] = "positive"
    pd.testing.assert_series_equal(calibrate_thresholds(scores[::-1], labels), whole)  # matched by index


def test_the_same_seed_gives_the_same_result():
    score, truth = simulated(4)
    one = calibrated(score, truth, seed=1)
    pd.testing.assert_series_equal(one, calibrated(score, truth, seed=1))
    other = calibrated(score, truth, seed=2)
    assert one["gain_low"] != other["gain_low"]
    assert one[["negative_below", "positive_above"]].equals(other[["negative_below", "positive_above"]])


def test_a_comment_that_occurs_twice_is_refused():
    scores = pd.DataFrame({"score": [0.1, 0.2]}, index=["c1", "c1"])
    with pytest.raises(InputError, match="more than once"):
        calibrate_thresholds(scores, pd.Series(["neutral"], index=["c1"]))
