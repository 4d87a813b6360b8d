"""intervals: against statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cxresearch.intervals import newcombe, wilson


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
