"""charts.monthly: which series is shown, and what it says."""

import numpy as np
import pytest

import chart_example as example
from cxresearch import charts


def series(code, group="consumer", months=12, signals=(), **changes):
    rows = []
    for k in range(months):
        row = {
            "month": f"{2024 + k // 12}-{k % 12 + 1:02}",
            "group": group,
            "code": code,
            "n": 40,
            "n_hand": 40,
        }
        row |= {"share": 0.1, "low": 0.05, "high": 0.2, "worth": 40.0, "basis": "corrected", "note": ""}
        row |= {"centre": 0.1, "lower": 0.0, "upper": 0.25, "method": "p", "signal": ""}
        rows.append(row | ({"share": 0.4, "signal": "above"} if k in signals else {}) | changes)
    return rows


def tables(signals=(), **changes):
    return {"series": series("ease", **changes) + series("expectation_unmet", signals=signals, **changes)}


@pytest.mark.parametrize("months", [6, 12, 30])
@pytest.mark.parametrize("language", ["es", "en"])
def test_words_are_whole_and_apart(language, months):
    assert example.faults(example.draw("monthly", tables((2,), months=months), language)) == []


@pytest.mark.parametrize(
    "rows, expected",
    [
        (series("ease") + series("expectation_unmet"), ("consumer", "expectation_unmet")),
        (series("expectation_unmet") + series("ease", signals=[3]), ("consumer", "ease")),
        (series("ease", "brand", signals=[3]) + series("empathy", signals=[1]), ("consumer", "empathy")),
        (series("ease", "all", signals=[3]) + series("empathy", "brand", signals=[3]), ("brand", "empathy")),
        (series("ease", signals=[3]) + series("empathy", "brand", signals=[3, 4]), ("brand", "empathy")),
    ],
)
def test_most_signals_first_then_the_first_group_then_unmet_expectations(rows, expected):
    shown = charts.CHARTS["monthly"].data(example.findings({"series": rows}))
    assert {tuple(row) for row in shown[["group", "code"]].to_numpy()} == {expected}


def test_months_in_words_and_signals_beside_chance():
    title, alt = example.told("monthly", tables([2]))
    assert "one month left its usual range, March 2024, 40.0% (5.0 to 20.0)" in title
    assert (
        "Over all series, 1 of 24 months left it; by chance, 0 to 1 could be expected." in title
        and title[-40:] in alt
    )
    assert "marzo de 2024, 40,0" in example.told("monthly", tables([2]), "es")[0]


def test_a_quiet_series_says_so():
    assert "no month left its usual range" in example.told("monthly", tables())[0]


def test_signals_have_another_shape():
    shapes = [
        line.get_marker() for line in example.draw("monthly", tables([2])).lines if len(line.get_xdata())
    ]
    assert shapes == ["o", "o", "D"] + ["o"] * 9


def test_months_without_a_share_say_why():
    rows = tables()
    for row in rows["series"]:
        if row["month"] == "2024-04":
            row |= dict.fromkeys(["share", "low", "high", "centre", "lower", "upper"], np.nan)
            row["note"] = "too few to say"
    assert [text.get_text() for text in example.draw("monthly", rows, "en").texts] == ["too few to say"]


@pytest.mark.parametrize(
    "rows, words",
    [
        ([], "no dates"),
        (series("ease", months=1, centre=np.nan), "a single month"),
        (series("ease", months=4, centre=np.nan), "of 4 months: it takes at least 6"),
    ],
)
def test_nothing_to_draw(rows, words):
    assert charts.CHARTS["monthly"].data(example.findings({"series": rows})).empty
    assert words in example.told("monthly", {"series": rows})[0]


def test_uncorrected_figures_are_marked():
    ax = example.draw("monthly", tables(basis="machine", n_hand=0), "en")
    assert ax.get_xlabel().endswith("none coded by hand) (uncorrected)")


def test_the_error_of_all_months_is_said():
    ax = example.draw("monthly", tables(basis="corrected over all months"), "en")
    assert ax.get_xlabel().endswith("(corrected by the error over the whole period)")


def test_marks_lead_to_comments(tmp_path):
    assert example.links(example.draw("monthly", tables()), tmp_path / "a.svg") == {
        "consumer/expectation_unmet"
    }


def test_same_chart_same_bytes(tmp_path):
    assert example.same_bytes("monthly", tables(), tmp_path)
