"""charts.priorities: which codes are named, and which places are settled."""

import numpy as np
import pytest

import chart_example as example
from cxresearch import charts
from report_example import codebook

NAMES = codebook().names


def code(rank, name, quadrant, **changes):
    row = {
        "code": name,
        "group": "consumer",
        "n": 400,
        "n_hand": 400,
        "cases": 50 - rank,
        "rank": float(rank),
    }
    row |= {"importance": 0.8 - 0.05 * rank, "performance": -0.7 + 0.1 * rank, "overall": -0.2}
    row |= {f"{of}_{end}": row[of] + by for of in ("importance", "performance")
            for end, by in (("low", -0.05), ("high", 0.08))}  # fmt: skip
    return row | {"likely": "act first", "quadrant": quadrant, "basis": "corrected"} | changes


def tables(quadrants=("act first", "not settled", "keep up"), **changes):
    rows = [code(k + 1, NAMES[k], quadrant, **changes) for k, quadrant in enumerate(quadrants)]
    rows.append(code(9, NAMES[-1], "too few to say") | {"rank": np.nan})
    return {"priorities": [*rows, code(1, NAMES[0], "low", group="brand")]}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("near", [False, True])
def test_words_are_whole_and_apart(language, near):
    rows = tables(["act first", "not settled", "keep up", "low"] * 2)
    for k, row in enumerate(rows["priorities"] if near else []):  # nearly in one place
        row |= {"importance": 0.5 + 0.01 * (k % 3), "performance": -0.02 * k}
    assert example.faults(example.draw("priorities", rows, language)) == []


def test_only_codes_of_the_first_group_with_a_place_are_drawn():
    shown = charts.CHARTS["priorities"].data(example.findings(tables()))
    assert shown["code"].tolist() == NAMES[:3] and set(shown["group"]) == {"consumer"}


def test_settled_places_are_filled():
    ax = example.draw("priorities", tables())
    marks = [part for part in ax.collections if hasattr(part, "get_sizes")]
    fills = [part.get_facecolors()[0][:3].tolist() for part in marks]
    places = [part.get_offsets()[0].tolist() for part in marks]
    assert [fill == [1, 1, 1] for fill in fills] == [False, False, True]
    assert places == pytest.approx(np.array([[0.75, -0.6], [0.65, -0.4], [0.7, -0.5]]))


@pytest.mark.parametrize(
    "quadrants, basis, words",
    [
        (("act first", "act first", "low"), "corrected", "What to plan first: Ease (en) and Relevance"),
        (("act first", "not settled", "low"), "corrected", "What to plan first: Ease (en), which"),
        (("not settled",) * 3, "corrected", "No code has a firm place"),
        (("uncorrected",) * 3, "machine", "By the machine's count, uncorrected"),
    ],
)  # fmt: skip
def test_the_title_claims_what_is_settled(quadrants, basis, words):
    assert example.told("priorities", tables(quadrants, basis=basis))[0].startswith(words)


def test_alternative_text_and_list_tell_the_numbers():
    place = "1, Ease (en): importance 0.75 (0.70 to 0.83), net sentiment in points −60.0 (−65 to −52)"
    assert place in example.told("priorities", tables())[1]
    listed = [text.get_text() for text in example.draw("priorities", tables(), "en").texts]
    assert "\u20071  Ease (en) (49)" in listed


def test_nothing_to_draw():
    assert charts.CHARTS["priorities"].data(example.findings({})).empty
    assert example.told("priorities", {})[0].startswith("Too few comments from consumers")


def test_marks_lead_to_comments(tmp_path):
    found = example.links(example.draw("priorities", tables()), tmp_path / "a.svg")
    assert found == {f"consumer/{name}" for name in NAMES[:3]}


def test_same_chart_same_bytes(tmp_path):
    assert example.same_bytes("priorities", tables(), tmp_path)
