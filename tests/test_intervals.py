"""intervals: against statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cxresearch.intervals import newcombe, stratified, wilson


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson(n, fraction, confidence):
    count = round(n * fraction)
    expected = proportion_confint(count, n, 1 - confidence, "wilson")
    assert np.array(wilson(count / n, n, confidence)) == pytest.approx(expected, abs=1e-9)


def test_wilson_without_comments():
    assert np.isnan(wilson([0.5, 0.5], [0, 10])[0]).tolist() == [True, False]


@given(st.integers(1, 500), st.integers(1, 500), st.floats(0, 1), st.floats(0, 1))
def test_newcombe(n1, n2, fraction1, fraction2):
    count1, count2 = round(n1 * fraction1), round(n2 * fraction2)
    expected = confint_proportions_2indep(count1, n1, count2, n2, method="newcomb")
    share1, share2 = count1 / n1, count2 / n2
    found = newcombe(share1, wilson(share1, n1), share2, wilson(share2, n2))
    assert np.array(found) == pytest.approx(expected, abs=1e-9)


def test_newcombes_example():
    """Newcombe (1998), Stat. Med. 17, table II, (a) by method 10: 56/70 and 48/80."""
    found = newcombe(56 / 70, wilson(56 / 70, 70), 48 / 80, wilson(48 / 80, 80))
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_correlated_shares():
    """Where one share is all that the other is not, their reaches add up."""
    one, two = wilson(0.6, 50), wilson(0.4, 50)
    apart, together = newcombe(0.6, one, 0.4, two), newcombe(0.6, one, 0.4, two, -1)
    assert together == pytest.approx((one[0] - two[1], one[1] - two[0]))
    assert together[0] < apart[0] and together[1] > apart[1]


@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from([0.8, 0.95]))
def test_one_class_is_wilson(cases, more, confidence):
    n = cases + more
    for share in (cases / n, 1 - cases / n):
        low, high, se = stratified([share], [n], [1e12], confidence)
        assert (low, high) == pytest.approx(wilson(share, n, confidence), abs=1e-8)
        assert se == pytest.approx(np.sqrt(share * (1 - share) / n), abs=1e-8)


def test_a_census_is_wilson():
    low, high, _ = stratified([0.5, 0.1, 1.0], [20, 70, 10], [20, 70, 10])
    assert (low, high) == pytest.approx(wilson(0.27, 100), abs=1e-9)


@pytest.mark.parametrize(
    "a, n, b, m, expected",
    [(56, 70, 48, 80, (0.0528, 0.3382)), (9, 10, 3, 10, (0.17, 0.8406)), (6, 7, 2, 7, (0.0342, 0.8534))],
)
def test_miettinen_and_nurminens_examples(a, n, b, m, expected):
    """Newcombe (1998), Stat. Med. 17, table II, (a) to (c) by method 6; halves with shares p1 and 1 - p2.

    Their whole is 1/2 + (p1 - p2) / 2. (statsmodels' score interval of a difference is another one.)
    """
    low, high, _ = stratified([a / n, 1 - b / m], [n, m], [1e12, 1e12])
    assert (2 * low - 1, 2 * high - 1) == pytest.approx(expected, abs=5e-5)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1), st.integers(0, 900)), min_size=1, max_size=6),
    st.sampled_from([0.9, 0.95]),
)
def test_limits_enclose_the_share(classes, confidence):
    n, share, more = np.array(classes).T
    share, size = np.round(share * n) / n, n + more
    low, high, _ = stratified(share, n, size, confidence)
    whole = (share * size).sum() / size.sum()
    assert -1e-12 <= low <= whole + 1e-9 and whole - 1e-9 <= high <= 1 + 1e-12
    again = stratified(1 - share, n, size, confidence)
    assert (1 - high, 1 - low) == pytest.approx(again[:2], abs=1e-7)
