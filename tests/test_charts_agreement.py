"""charts.agreement: alpha of people and of the machine, and what is called reliable."""

import numpy as np
import pytest

import chart_example as example
from cxresearch import charts
from report_example import codebook

NAMES = codebook().names


def alpha(name, second, value, reliability="open", reason="", **changes):
    row = {"code": name, "first": "author", "second": second, "people": second == "reader", "by": "all"}
    row |= {"n": 200 if row["people"] else 800, "alpha": value, "reliability": reliability, "reason": reason}
    return row | {"alpha_low": value - 0.1, "alpha_high": min(1, value + 0.08)} | changes


def tables(people=True, machine=True):
    none = {"alpha_low": np.nan, "alpha_high": np.nan}
    rows = [alpha(name, "reader", 0.7) for name in ("negative", "consumer_identity", *NAMES)]
    rows[2] |= alpha("ease", "reader", 0.9, "reliable")
    rows[3] |= {"alpha": 1.0, "reliability": "", "reason": "no disagreement, so no interval"} | none
    rows[4] |= {"alpha": np.nan, "reliability": "", "reason": "one category only"} | none
    rows = rows if people else []
    rows += [alpha(name, "dictionary", 0.3, "not reliable here") for name in NAMES if machine]
    other = [alpha(name, "learned", 0.5) for name in NAMES] + [alpha("ease", "dictionary", 0.1, by="group")]
    return {"agreement": rows + other if machine else rows}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("people, machine", [(True, True), (True, False), (False, True)])
def test_words_are_whole_and_apart(language, people, machine):
    assert example.faults(example.draw("agreement", tables(people, machine), language)) == []


def test_people_and_the_machine_in_use_are_drawn():
    shown = charts.CHARTS["agreement"].data(example.findings(tables()))
    assert set(shown["second"]) == {"reader", "dictionary"} and len(shown) == 2 * len(NAMES) + 2


def test_rows_stand_under_their_families_in_bold():
    labels = example.draw("agreement", tables(), "en").get_yticklabels()
    assert [label.get_text() for label in labels[:3]] == [
        "Negative sentiment",
        "Consumer_identity (en)",
        "Ease (en)",
    ]
    assert [label.get_fontweight() for label in labels[:3]] == ["normal", "bold", "normal"]


def test_a_missing_interval_says_why():
    found = [text.get_text() for text in example.draw("agreement", tables(), "en").texts]
    assert found == ["no disagreement", "all or none carry the code"]


@pytest.mark.parametrize(
    "people, machine, words",
    [
        (True, True, "on 1 of the 9 codes. The machine agrees reliably with that reading on none"),
        (True, False, "Those who coded by reading agree reliably on 1"),
        (False, True, "on none of the 9 codes; how far two people would agree is not known"),
    ],
)  # fmt: skip
def test_the_title_counts_reliable_codes(people, machine, words):
    assert words in example.told("agreement", tables(people, machine))[0]


def test_alternative_text_names_the_least():
    alt = example.told("agreement", tables())[1]
    assert (
        "dictionary (machine) (n = 800): reliable on 0 of 9 codes; lowest alpha, Ease (en) † 0.30" not in alt
    )
    assert "dictionary (machine) (n = 800): reliable on 0 of 9 codes; lowest alpha, Ease (en) 0.30" in alt


def test_nothing_to_draw():
    assert charts.CHARTS["agreement"].data(example.findings({})).empty
    assert example.told("agreement", {})[0].startswith("Nobody has coded by hand")


def test_marks_lead_to_comments(tmp_path):
    found = example.links(example.draw("agreement", tables()), tmp_path / "a.svg")
    assert found == {f"all/{name}" for name in ("negative", "consumer_identity", *NAMES)}


def test_same_chart_same_bytes(tmp_path):
    assert example.same_bytes("agreement", tables(), tmp_path)
