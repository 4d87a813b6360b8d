"""accuracy: against hand counts, pandas, statsmodels and scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cxresearch.accuracy import (
    FEWEST,
    accuracy_f1,
    accuracy_table,
    classification_summary,
    confusion,
    error_differences,
    parts,
)
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


place_values = st.sampled_from(["es", "en"]), st.sampled_from(["brand", "consumer"])
place = st.tuples(*place_values)


@given(st.lists(st.tuples(*place_values, st.sampled_from(["web", "app", None])), min_size=1))
def test_parts(rows):
    columns = ["language", "group", "channel"]
    comments = pd.DataFrame(rows, columns=columns, index=[f"c{n}" for n in range(len(rows))])
    cuts = ["channel", ("language", "group"), ["group"]]
    found = {key: set(ids) for key, ids in parts(comments, cuts).items()}
    expected = {((), ()): set(comments.index)}
    for comment, values in zip(comments.index, rows, strict=True):
        own = dict(zip(columns, values, strict=True))
        for cut in (("channel",), ("language", "group"), ("group",)):
            if None not in [own[column] for column in cut]:
                expected.setdefault((cut, tuple(own[column] for column in cut)), set()).add(comment)
    assert found == expected
    order = [(("channel",), ("language", "group"), ("group",)).index(by) for by, _ in list(found)[1:]]
    assert order == sorted(order)


def test_parts_name_an_unknown_column():
    with pytest.raises(InputError, match=r"'chanel'.*Did you mean 'channel'"):
        parts(pd.DataFrame({"channel": ["web"]}), ["chanel"])


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


# --- differences of errors


def coded_study(seed, n=400, missing=0.05, codes=3, languages=("es", "en", "other")):
    """Hand and machine codes whose error differs by group and language, some missing, and the comments."""
    random = np.random.default_rng(seed)
    ids = [f"c{place}" for place in range(n)]
    where = {"language": random.choice(languages, n), "group": random.choice(["brand", "consumer"], n)}
    comments = pd.DataFrame(where, index=ids)
    error = 0.05 + 0.25 * (comments["group"] == "brand") + 0.2 * (comments["language"] == "es")
    hand = random.random((n, codes)) < np.linspace(0.05, 0.4, codes)
    machine = hand ^ (random.random((n, codes)) < error.to_numpy()[:, None])
    tables = [
        pd.DataFrame(own, ids, [f"k{c}" for c in range(codes)]).astype(float) for own in (hand, machine)
    ]
    return *(own.mask(random.random(own.shape) < missing) for own in tables), comments


def fisher(wrong1, n1, wrong2, n2):
    """Fisher's exact test, written out: tables with these margins that are as unlikely or less likely."""
    total = hypergeom(n1 + n2, wrong1 + wrong2, n1).pmf(np.arange(n1 + 1))
    return min(1, total[total <= total[wrong1] * (1 + 1e-7)].sum())


@pytest.mark.parametrize("seed, n", [(1, 400), (2, 60), (3, 15)])
def test_error_differences(seed, n):
    truth, machine, comments = coded_study(seed, n)
    order = np.random.default_rng(seed).permutation(n)  # the order of rows and other comments do not matter
    table = error_differences(truth.iloc[order], machine, comments.iloc[order[::-1]])
    assert not table.duplicated(["by", "within", "code", "error", "first", "second"]).any()
    seen = comments["language"].nunique()
    pairs = 3 * (1 + seen) * 2 + 3 * 3 * seen * (seen - 1)  # groups; languages, in both and in each
    assert len(table) <= pairs
    assert len(table) == pairs or n < 100
    for own in table.itertuples():
        other = "language" if own.by == "group" else "group"
        inside = pd.Series(True, comments.index) if own.within == "all" else comments[other] == own.within
        value = 1 if own.error == "missed" else 0
        tables = []
        for place in (own.first, own.second):
            ids = comments.index[inside & (comments[own.by] == place)]
            judged = [(truth.loc[i, own.code], machine.loc[i, own.code]) for i in ids]
            judged = [said for hand, said in judged if hand == value and said == said]
            tables.append((sum(said != value for said in judged), len(judged)))
        (wrong1, n1), (wrong2, n2) = tables
        assert (own.n_first, own.n_second) == (n1, n2)
        shares = [wrong1 / n1 if n1 else np.nan, wrong2 / n2 if n2 else np.nan]
        assert [own.error_first, own.error_second] == pytest.approx(shares, nan_ok=True)
        if min(n1, n2) < FEWEST:
            assert np.isnan([own.difference, own.low, own.high, own.p, own.q]).all()
            assert not own.different and own.reason == "fewer than 5 comments to judge by"
        else:
            expected = confint_proportions_2indep(wrong1, n1, wrong2, n2, method="newcomb")
            assert [own.low, own.high] == pytest.approx(expected, abs=1e-9)
            assert own.p == pytest.approx(fisher(wrong1, n1, wrong2, n2), abs=1e-9)
            assert own.difference == pytest.approx(shares[0] - shares[1]) and own.reason == ""
    for _, family in table.dropna(subset="p").groupby(["by", "within", "error"]):
        different, q, *_ = multipletests(family["p"], 0.05, "fdr_bh")
        assert family["q"].tolist() == pytest.approx(q, abs=1e-9)
        assert family["different"].tolist() == different.tolist()


def test_established_differences_come_first():
    table = error_differences(*coded_study(1))
    size = table["difference"].abs()
    first = table["different"].sum()
    assert 0 < first < len(table) and table["different"].head(first).all()
    for own in (size.head(first), size.tail(len(table) - first)):
        assert own.isna().tolist() == sorted(own.isna()) and own.dropna().is_monotonic_decreasing
    assert error_differences(*coded_study(1), fdr=1e-9)["different"].sum() < first
    assert set(table.loc[: first - 1, "by"]) == {"group", "language"}  # both were planted


def test_error_differences_of_sentiment():
    """A column per label; the errors are those of the confusion table."""
    truth = pd.Series(["negative"] * 40 + ["positive"] * 40)
    guess = truth.mask((truth.index % 4 == 0) & (truth.index < 40), "neutral")
    comments = pd.DataFrame({"language": ["es", "en"] * 40, "group": "consumer"})
    hand, said = (pd.DataFrame({label: own == label for label in LABELS}) for own in (truth, guess))
    table = error_differences(hand, said, comments).set_index(["code", "error"])
    own = table.query("within == 'all'").loc[("negative", "missed")]
    assert own[["by", "first", "second", "n_first", "error_first", "error_second"]].tolist() == [
        *("language", "en", "es"),
        *(20, 0, 0.5),
    ]
    assert own["different"] and (table["by"] == "language").all()


@pytest.mark.filterwarnings("error")
def test_error_differences_without_comments_or_places_to_compare():
    truth, machine, comments = coded_study(1, 30)
    columns = error_differences(truth, machine, comments).columns.tolist()
    for own in (truth.iloc[:0], truth.iloc[:1]):
        empty = error_differences(own, machine, comments)
        assert empty.empty and empty.columns.tolist() == columns
    with pytest.raises(InputError, match=r"no code in common: truth has \['k0'"):
        error_differences(truth, machine.add_prefix("x"), comments)
