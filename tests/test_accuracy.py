"""accuracy: against hand counts, pandas, statsmodels and scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from cxresearch.accuracy import accuracy_f1, accuracy_table, classification_summary, confusion, parts
from cxresearch.errors import InputError

LABELS = ["negative", "neutral", "positive"]
TRUTH = pd.Series(["positive"] * 5 + ["negative"] * 3 + [None])
PREDICTED = pd.Series(["positive"] * 4 + ["negative"] * 2 + ["positive"] * 2 + ["negative"])


def test_confusion_and_summary():
    assert confusion(TRUTH, PREDICTED, LABELS).values.tolist() == [[1, 0, 2], [0, 0, 0], [1, 0, 4]]
    summary = classification_summary(TRUTH, PREDICTED, LABELS)
    f1 = (2 / 5 + 8 / 11) / 2  # neutral never occurs, so it does not count
    assert summary[["n", "accuracy", "macro_f1"]].tolist() == pytest.approx([8, 5 / 8, f1])
    assert summary["accuracy_low"] < 5 / 8 < summary["accuracy_high"]
    assert summary["macro_f1_low"] < f1 < summary["macro_f1_high"]


def test_accuracy_interval_is_binomial():
    from scipy.stats import binom

    truth = pd.Series(["positive"] * 300)
    summary = classification_summary(truth, truth.where(truth.index < 240, "neutral"), LABELS, draws=5000)
    expected = binom.ppf([0.025, 0.975], 300, 0.8) / 300
    assert summary[["accuracy_low", "accuracy_high"]].tolist() == pytest.approx(expected, abs=0.007)


@pytest.mark.parametrize("predicted, given", [(TRUTH, 5), (pd.Series(dtype=object), 1)])
def test_summary_without_errors_or_comments(predicted, given):
    summary = classification_summary(TRUTH, predicted, LABELS)
    assert summary.notna().sum() == (3 if given == 5 else 1)


def test_unknown_label_is_named():
    with pytest.raises(InputError, match="found predicted 'mixed' for comment 2"):
        confusion(TRUTH, PREDICTED.where(PREDICTED.index != 2, "mixed"), LABELS)


def naive_accuracy_f1(truth, predicted):
    """Accuracy and macro F1 counted comment by comment, over the labels that occur."""
    pairs = list(zip(truth, predicted, strict=True))
    f1 = []
    for label in set(truth) | set(predicted):
        right = sum(a == b == label for a, b in pairs)
        f1.append(2 * right / sum((a == label) + (b == label) for a, b in pairs))
    return [sum(a == b for a, b in pairs) / len(pairs), sum(f1) / len(f1)]


label = st.sampled_from(LABELS)


@given(st.lists(st.tuples(label, label), min_size=1, max_size=30))
def test_accuracy_f1(pairs):
    truth, predicted = (pd.Series(column) for column in zip(*pairs, strict=True))
    table = confusion(truth, predicted, LABELS).to_numpy()
    expected = naive_accuracy_f1(truth, predicted)
    assert accuracy_f1(table).tolist() == pytest.approx(expected)
    stacked = accuracy_f1(np.stack([[table, 2 * table], [table.T, table]]))
    assert stacked.shape == (2, 2, 2)
    assert stacked[0, 1].tolist() == stacked[1, 0].tolist() == pytest.approx(expected)


place = st.tuples(st.sampled_from(["es", "en"]), st.sampled_from(["brand", "consumer"]))


@given(st.lists(place, min_size=1))
def test_parts(rows):
    comments = pd.DataFrame(rows, columns=["language", "group"], index=[f"c{n}" for n in range(len(rows))])
    found = {key: set(ids) for key, ids in parts(comments).items()}
    expected = {("all", "all"): set(comments.index)}
    for comment, (language, group) in zip(comments.index, rows, strict=True):
        expected.setdefault((language, "all"), set()).add(comment)
        expected.setdefault((language, group), set()).add(comment)
    assert found == expected
    order = [2 - (language == "all") - (group == "all") for language, group in found]
    assert order == sorted(order)


maybe = st.one_of(st.none(), label)
coded = st.builds(lambda where, *labels: (*where, *labels), place, maybe, maybe)


@settings(max_examples=30)
@given(st.lists(coded, min_size=1, max_size=25), st.randoms())
def test_accuracy_table(rows, shuffled):
    ids = [f"c{n}" for n in range(len(rows))]
    table = pd.DataFrame(rows, columns=["language", "group", "truth", "predicted"], index=ids)
    shuffled.shuffle(ids)
    accuracy, counted = accuracy_table(
        table["truth"].loc[ids].dropna(), table["predicted"], table[["language", "group"]], LABELS, draws=20
    )
    both = table.dropna()
    rows_of = {(language, group): rows for language, group, rows in every_part(both)}
    assert set(zip(accuracy["language"], accuracy["group"], strict=True)) == set(rows_of)
    for (language, group), own in counted.groupby(["language", "group"]):
        rows = rows_of[language, group]
        crossed = pd.crosstab(rows["truth"], rows["predicted"])
        expected = crossed.reindex(index=LABELS, columns=LABELS, fill_value=0)
        assert own["n"].tolist() == expected.to_numpy().ravel().tolist()
        assert own["truth"].tolist() == [label for label in LABELS for _ in LABELS]
        assert own["predicted"].tolist() == LABELS * 3

    of_truth = counted.groupby(["language", "group", "truth"])["n"].transform("sum")
    never = of_truth == 0
    assert counted.loc[never, ["share", "low", "high"]].isna().all(axis=None)
    some, n = counted[~never], of_truth[~never]
    assert some["share"].to_numpy() == pytest.approx((some["n"] / n).to_numpy())
    low, high = proportion_confint(some["n"], n, method="wilson")
    assert some["low"].to_numpy() == pytest.approx(np.asarray(low), abs=1e-9)
    assert some["high"].to_numpy() == pytest.approx(np.asarray(high), abs=1e-9)

    for row in accuracy[accuracy["n"] > 0].itertuples():
        own = rows_of[row.language, row.group]
        assert row.n == len(own)
        assert [row.accuracy, row.macro_f1] == pytest.approx(
            naive_accuracy_f1(own["truth"], own["predicted"])
        )


def every_part(table):
    """Language, group and rows of all comments, of each language, of each group in it."""
    yield "all", "all", table
    for language, own in table.groupby("language"):
        yield language, "all", own
        for group, rows in own.groupby("group"):
            yield language, group, rows


@pytest.mark.parametrize("truth", [{}, {"c9": "positive"}, {"c1": None}])
def test_accuracy_table_without_true_labels(truth):
    """Nothing labelled, or only comments that were not predicted: one part, of no comments."""
    comments = pd.DataFrame({"language": ["es", "en"], "group": "brand"}, index=["c1", "c2"])
    predicted = pd.Series("neutral", index=comments.index)
    accuracy, counted = accuracy_table(pd.Series(truth, dtype="str"), predicted, comments, LABELS)
    assert accuracy[["language", "group", "n"]].values.tolist() == [["all", "all", 0]]
    assert accuracy["accuracy"].isna().all()
    assert counted["n"].tolist() == [0] * 9
    assert counted["share"].isna().all()


def test_accuracy_table_names_unknown_labels():
    comments = pd.DataFrame({"language": ["es"], "group": ["brand"]}, index=["c1"])
    with pytest.raises(InputError, match="found truth 'angry' for comment 'c1'"):
        accuracy_table(pd.Series({"c1": "angry"}), pd.Series({"c1": "neutral"}), comments, LABELS)


def test_the_same_seed_gives_the_same_interval():
    one = classification_summary(TRUTH, PREDICTED, LABELS, seed=5)
    pd.testing.assert_series_equal(one, classification_summary(TRUTH, PREDICTED, LABELS, seed=5))
    assert not one.equals(classification_summary(TRUTH, PREDICTED, LABELS, seed=6))
