"""comparison: intervals and tests against statsmodels, verdicts against seeded simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, false_discovery_control
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize
from statsmodels.stats.weightstats import DescrStatsW

from cxresearch.comparison import compare_groups, compare_net, net_sentiment
from cxresearch.errors import InputError
from cxresearch.estimates import shares, with_groups


def coded(brand, consumer, n_brand=100, n_consumer=100, by_hand=True):
    """Shares of a study in which the code occurs so often among the comments of each group."""
    wide = pd.DataFrame(
        {
            code: np.r_[np.arange(n_brand) < a, np.arange(n_consumer) < b]
            for code, a, b in zip("abcdefgh", brand, consumer, strict=False)
        }
    )
    groups = pd.Series(["brand"] * n_brand + ["consumer"] * n_consumer)
    return shares(wide, wide if by_hand else None, groups)


@pytest.mark.parametrize("a, n, b, m", [(30, 100, 45, 120), (0, 50, 3, 80), (56, 70, 48, 80)])
def test_interval_and_effect_size(a, n, b, m):
    row = compare_groups(coded([a], [b], n, m), "brand", "consumer").iloc[0]
    for low, high, alpha in (("low", "high", 0.05), ("low_90", "high_90", 0.10)):
        expected = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=alpha)
        assert [row[low], row[high]] == pytest.approx(expected)
    assert row["gap"] == pytest.approx(a / n - b / m)
    assert row["h"] == pytest.approx(proportion_effectsize(a / n, b / m))


def test_newcombe_published():
    """Newcombe (1998), table II, case (a): 56/70 - 48/80 gives .0524 to .3339 by method 10."""
    row = compare_groups(coded([56], [48], 70, 80), "brand", "consumer").iloc[0]
    assert [row["low"], row["high"]] == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_p_values():
    """Near the normal ones of the same gaps, and on the same side of .05 as the intervals."""
    from scipy.stats import norm

    table = compare_groups(coded([30, 50, 20], [45, 52, 21]), "brand", "consumer", margin=0.1)
    p1, p2 = np.array([0.3, 0.5, 0.2]), np.array([0.45, 0.52, 0.21])
    se = np.sqrt(p1 * (1 - p1) / 100 + p2 * (1 - p2) / 100)
    assert table["p"].tolist() == pytest.approx(2 * norm.cdf(-np.abs(p1 - p2) / se), abs=0.01)
    assert table["q"].tolist() == pytest.approx(false_discovery_control(table["p"]))
    one_sided = np.maximum(norm.sf((p1 - p2 + 0.1) / se), norm.cdf((p1 - p2 - 0.1) / se))
    assert table["p_equivalence"].tolist() == pytest.approx(one_sided, abs=0.02)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(5, 95), st.integers(5, 95)), min_size=1, max_size=8))
def test_p_values_say_what_the_intervals_say(cases):
    brand, consumer = zip(*cases, strict=True)
    table = compare_groups(coded(brand, consumer), "brand", "consumer", margin=0.2).query("reason == ''")
    excludes_zero = (table["low"] > 0) | (table["high"] < 0)
    assert ((table["p"] < 0.05) == excludes_zero).all()
    assert ((table["p_equivalence"] < 0.05) == (table["verdict"] == "aligned")).all()


@pytest.mark.parametrize(
    "brand, consumer, n, by_hand, verdict, reason",
    [
        (30, 60, 100, True, "different", ""),
        (600, 601, 2000, True, "aligned", ""),
        (30, 30, 100, True, "not shown", ""),  # no gap seen, but the interval is wide
        (30, 60, 100, False, "uncorrected", "machine codes only"),
        (600, 600, 2000, False, "uncorrected", "machine codes only"),
        (5, 15, 19, False, "uncorrected", "machine codes only"),  # no claim either way
        (5, 15, 19, True, "too few to say", "too few to say"),
        (1, 4, 100, True, "not shown", "fewer than 5 cases or non-cases expected"),
        (97, 99, 100, True, "not shown", "fewer than 5 cases or non-cases expected"),
        (0, 100, 100, True, "not shown", "no variance"),
        (0, 0, 2000, True, "aligned", "no variance"),
    ],
)
def test_verdicts(brand, consumer, n, by_hand, verdict, reason):
    row = compare_groups(coded([brand], [consumer], n, n, by_hand), "brand", "consumer").iloc[0]
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row[["p", "q", "p_equivalence"]].isna().all() == (reason != "")


def test_one_corrected_group_is_not_enough():
    both, machine = coded([30], [60]), coded([30], [60], by_hand=False)
    table = pd.concat([both[both["group"] == "brand"], machine[machine["group"] == "consumer"]])
    row = compare_groups(table, "brand", "consumer").iloc[0]
    told = ["uncorrected", "one group without hand codes", "mixed"]
    assert row[["verdict", "reason", "basis"]].tolist() == told and np.isnan(row["p"])
    assert compare_groups(machine, "brand", "consumer")["basis"].item() == "machine"
    labels, groups = pd.Series(["positive", "negative"] * 50), pd.Series(["brand", "consumer"] * 50)
    net = net_sentiment(labels, labels[groups == "brand"], groups)
    assert compare_net(net, "brand", "consumer")[["verdict", "reason", "basis"]].tolist() == told


def test_a_group_without_comments_is_too_few_to_say():
    labels, groups = pd.Series(["positive", "negative"] * 50), pd.Series("brand", range(100))
    for by_hand in (labels, None):
        net = with_groups(net_sentiment(labels, by_hand, groups), ["consumer", "brand"])
        gap = compare_net(net, "consumer", "brand")
        assert gap[["verdict", "reason"]].tolist() == ["too few to say", "no comments"]
        wide = pd.DataFrame({"ease": labels == "positive"})
        table = with_groups(
            shares(wide, wide if by_hand is not None else None, groups), ["consumer", "brand"]
        )
        row = compare_groups(table, "consumer", "brand").iloc[0]
        assert row[["verdict", "reason"]].tolist() == ["too few to say", "no comments"]
        assert row[["first", "gap", "low", "p", "h"]].isna().all() and row["second"] == 0.5
    assert table.loc[1, ["n", "n_hand", "basis", "note"]].tolist() == [0, 0, "", "no comments"]


def simulated(rng, truth, errors, *, n=1500, n_hand=150, runs=600):
    """Compare two groups `runs` times, each as a code of its own; error rates (se, sp) differ by group."""
    tables = []
    for group, p, (sensitivity, specificity) in zip(("brand", "consumer"), truth, errors, strict=True):
        true = rng.random((n, runs)) < p
        machine = np.where(true, rng.random((n, runs)) < sensitivity, rng.random((n, runs)) > specificity)
        wide = pd.DataFrame(machine)
        tables.append(shares(wide, pd.DataFrame(true[:n_hand]), pd.Series(group, index=wide.index)))
    return compare_groups(pd.concat(tables), "brand", "consumer")


ERRORS = ((0.9, 0.97), (0.7, 0.99))


@pytest.mark.parametrize("truth", [0.05, 0.2, 0.5])
def test_equal_groups_are_seldom_called_different(truth):
    """600 runs: more than the bound happens by chance once in 1000 tests if 5 % are false."""
    table = simulated(np.random.default_rng(21), (truth, truth), ERRORS)
    assert (table["p"] < 0.05).sum() <= binom.ppf(0.999, len(table), 0.05)
    assert (table["verdict"] == "different").sum() <= 2  # after Benjamini-Hochberg, none is true
    covered = table["low"].le(0) & table["high"].ge(0)
    assert covered.sum() >= binom.ppf(0.001, len(table), 0.95)


def test_real_gaps_are_found():
    table = simulated(np.random.default_rng(22), (0.2, 0.4), ERRORS, runs=200)
    assert (table["verdict"] == "different").mean() > 0.8


@pytest.mark.parametrize("truth, n_hand", [((0.2, 0.25), 800), ((0.5, 0.55), 800), ((0.05, 0.10), 400)])
def test_groups_a_margin_apart_are_seldom_called_aligned(truth, n_hand):
    table = simulated(np.random.default_rng(23), truth, ERRORS, n_hand=n_hand)
    assert (table["verdict"] == "aligned").sum() <= binom.ppf(0.999, len(table), 0.05)


def test_aligned_never_rests_on_a_wide_interval():
    table = simulated(np.random.default_rng(24), (0.2, 0.2), ERRORS)
    aligned = table[table["verdict"] == "aligned"]
    assert (aligned["low_90"] > -0.05).all() and (aligned["high_90"] < 0.05).all()
    wide = table[(table["high_90"] - table["low_90"] > 0.1) & ~table["verdict"].eq("different")]
    assert len(wide) > 100 and set(wide["verdict"]) == {"not shown"}


@pytest.mark.parametrize(
    "first, second, margin, message",
    [
        (
            "brand",
            "brands",
            0.05,
            r"two different groups among \['brand', 'consumer'\], found 'brand' and 'brands'",
        ),
        ("brand", "brand", 0.05, "two different groups"),
        ("brand", "consumer", 5, "found 5 and 0.05; 5 points are 0.05"),
    ],
)
def test_unusable_requests_are_named(first, second, margin, message):
    with pytest.raises(InputError, match=message):
        compare_groups(coded([30], [60]), first, second, margin=margin)


def test_groups_with_different_codes():
    with pytest.raises(InputError, match="different codes"):
        compare_groups(coded([30, 20], [60, 20]).iloc[:3], "brand", "consumer")


def labelled(positive, neutral, negative):
    return pd.Series(["positive"] * positive + ["neutral"] * neutral + ["negative"] * negative)


def test_net_sentiment_of_hand_labels():
    labels = labelled(50, 20, 30)
    row = net_sentiment(labels, labels, pd.Series("brand", index=labels.index)).iloc[0]
    assert row[["n", "n_hand", "positive", "negative", "net"]].tolist() == pytest.approx(
        [100, 100, 0.5, 0.3, 0.2]
    )
    score = DescrStatsW(np.repeat([1, 0, -1], [50, 20, 30]), ddof=0)
    assert row["se"] == pytest.approx(score.std / np.sqrt(100))
    independent = np.sqrt(0.5 * 0.5 / 100 + 0.3 * 0.7 / 100)
    assert row["se"] > independent  # a positive comment cannot be negative: the shares move apart
    normal = 0.2 + np.array([-1, 1]) * 1.959964 * row["se"]
    assert row[["low", "high"]].tolist() == pytest.approx(normal, abs=0.012)


@pytest.mark.parametrize("counts", [(60, 0, 0), (40, 20, 0), (58, 1, 1), (0, 60, 0)])
def test_net_sentiment_of_a_group_without_negative_comments(counts):
    """An interval that has width, stays within -1 to 1 and mirrors that of the labels turned round."""
    turned = [
        net_sentiment(x, x, pd.Series("brand", index=x.index))
        for x in (labelled(*counts), labelled(*counts[::-1]))
    ]
    low, high = turned[0][["low", "high"]].iloc[0]
    assert -1 <= low <= turned[0]["net"].item() <= high <= 1 and 0.05 < high - low < 0.35
    assert [-high, -low] == pytest.approx(turned[1][["low", "high"]].iloc[0].tolist(), abs=1e-8)


@pytest.mark.parametrize("truth", [(0.01, 0.09, 0.9), (0.05, 0.15, 0.8)])
def test_net_sentiment_covers_where_negatives_are_rare(truth):
    rng, runs, n, n_hand = np.random.default_rng(32), 500, 1000, 60
    labels = np.array(["negative", "neutral", "positive"])
    true = rng.choice(3, size=runs * n, p=truth)
    machine = pd.Series(labels[np.where(rng.random(runs * n) < 0.2, rng.integers(0, 3, runs * n), true)])
    hand = pd.Series(labels[true])[np.tile(np.arange(n) < n_hand, runs)]
    table = net_sentiment(machine, hand, pd.Series(np.repeat(np.arange(runs), n)))
    covered = (table["low"].le(truth[2] - truth[0]) & table["high"].ge(truth[2] - truth[0])).sum()
    assert binom.ppf(0.001, runs, 0.95) <= covered <= binom.ppf(0.999, runs, 0.975)


def test_net_sentiment_of_an_unequal_sample():
    """Strata in which people coded the same number of comments weigh as many as they have."""
    labels = pd.concat([labelled(10, 30, 60), labelled(800, 50, 50)], ignore_index=True)
    strata = pd.Series(["rare"] * 100 + ["common"] * 900)
    groups, nothing = pd.Series("brand", index=labels.index), pd.Series("neutral", index=labels.index)
    tables = []
    for seed in range(100):  # a machine that knows nothing
        hand = labels.groupby(strata).sample(80, random_state=seed)
        tables.append(net_sentiment(nothing, hand, groups, strata=strata))
    table = pd.concat(tables)
    assert table["net"].mean() == pytest.approx(0.7, abs=4 * table["net"].std() / np.sqrt(100))
    covered = (table["low"].le(0.7) & table["high"].ge(0.7)).sum()
    assert covered >= binom.ppf(0.001, 100, 0.95)
    assert net_sentiment(nothing, hand, groups)["high"].item() < 0.5  # taken for a simple random sample
    assert net_sentiment(labels, hand, groups, strata=strata)["net"].item() == pytest.approx(0.7)


def test_compare_net():
    labels = pd.concat([labelled(50, 20, 30), labelled(70, 10, 20)], ignore_index=True)
    groups = pd.Series(["consumer"] * 100 + ["brand"] * 100)
    net = net_sentiment(labels, labels, groups)
    result = compare_net(net, "brand", "consumer")
    assert result["gap"] == pytest.approx(0.3)
    assert result["se"] == pytest.approx(np.sqrt((0.8 - 0.04 + 0.9 - 0.25) / 100))
    normal = 0.3 + np.array([-1, 1]) * 1.959964 * result["se"]
    assert [result["low"], result["high"]] == pytest.approx(normal, abs=0.01)
    assert result["p"] == pytest.approx(0.01152, abs=2e-3) and result["verdict"] == "different"
    machine = compare_net(net_sentiment(labels, None, groups), "brand", "consumer")
    assert (machine["reason"], np.isnan(machine["p"])) == ("machine codes only", True)
    few = compare_net(net_sentiment(labels, labels, groups, minimum_n=101), "brand", "consumer")
    assert (few["reason"], np.isnan(few["gap"])) == ("too few to say", True)


def test_net_without_variation_has_no_p_value():
    labels = labelled(60, 0, 0)
    groups = pd.Series(["brand"] * 30 + ["consumer"] * 30)
    net = net_sentiment(labels, labels, groups)
    assert net["net"].tolist() == [1, 1] and net["se"].tolist() == [0, 0]
    result = compare_net(net, "brand", "consumer")
    assert (result["reason"], result["verdict"]) == ("no variance", "not shown") and np.isnan(result["p"])
    assert result["low"] < 0 < result["high"]


def test_one_language_or_one_group_only():
    labels = labelled(30, 10, 20)
    net = net_sentiment(
        labels, labels, pd.Series("brand", index=labels.index), strata=pd.Series("es", index=labels.index)
    )
    assert len(net) == 1 and net["note"].item() == ""
    with pytest.raises(
        InputError, match=r"two different groups among \['brand'\], found 'brand' and 'consumer'"
    ):
        compare_net(net, "brand", "consumer")


def test_unknown_sentiment_is_named():
    with pytest.raises(InputError, match=r"machine labels, comment_id 1: expected one of .*found 'positivo'"):
        net_sentiment(pd.Series(["positive", "positivo"]), None, pd.Series(["brand", "brand"]))
