"""charts.associations: which pairs are shown, and the two stages of expectations."""

import itertools

import numpy as np
import pytest

import chart_example as example
from cxresearch import charts
from report_example import codebook

NAMES = codebook().names


def pair(one, two, phi, reach=0.05, q=0.01, **changes):
    low_high = {"phi": phi, "phi_low": phi - reach, "phi_high": phi + reach}
    row = {"question": "pairs of codes", "group": "all", "given": None, "then": None, "one": one, "two": two}
    row |= {"n": 800, "n_hand": 800, "cases": 30.0, "p": q, "q": q, "basis": "corrected", "note": ""}
    return row | low_high | changes


def pairs(**changes):
    """All pairs of the nine codes: those of `ease` differ from 0, one by q alone; two are too few."""
    rows = [pair(one, two, 0.02, q=0.4) for one, two in itertools.combinations(NAMES, 2)]
    rows[0] = pair("ease", "relevance", 0.41)
    rows[1] = pair("ease", "empathy", -0.22)
    rows[2] = pair("ease", "recognition", 0.30, q=0.2)
    few = dict.fromkeys(["phi", "phi_low", "phi_high", "q"], np.nan)
    rows[-2:] = [row | few | {"note": "too few to say"} for row in rows[-2:]]
    return {"associations": [row | changes for row in rows]}


def share(question, given, then, share, gap_low=-0.1, *, cases=60.0, group="consumer", **changes):
    row = {"question": question, "group": group, "given": given, "then": then, "n": 400, "n_hand": 400}
    row |= {"share": share, "share_low": share - 0.04, "share_high": share + 0.05, "cases": cases}
    return row | {"gap": 0.1, "gap_low": gap_low, "gap_high": 0.3, "basis": "corrected", "note": ""} | changes


def flow(gap_low=-0.1, **changes):
    """Only `service` and `expectation_unmet` are in the codebook of the tests."""
    rows = [share("expectations by touchpoint", "service", "expectation_unmet", 0.2, gap_low, **changes)]
    rows += [share("expectations by touchpoint", "service", "expectation_unmet", 0.3, group="brand")]
    rows += [share("expectations by touchpoint", "advertising", "expectation_unmet", 0.1)]
    return {"associations": rows}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name, tables", [("co_occurrence", pairs()), ("expectation_flow", flow())])
def test_words_are_whole_and_apart(name, tables, language):
    assert example.faults(example.draw(name, tables, language)) == []


def test_heat_map_prints_phi_where_it_is_shown():
    printed = {text.get_text() for text in example.draw("co_occurrence", pairs()).texts}
    assert {"41", "−22"} <= printed
    assert not {"30", "2"} & printed  # 30: q is not below .05; 2: the interval includes 0


def test_machine_pairs_need_no_q_and_are_said_to_be_uncorrected():
    tables = pairs(basis="machine", q=np.nan, n_hand=0)
    printed = {text.get_text() for text in example.draw("co_occurrence", tables).texts}
    assert {"41", "−22", "30"} <= printed
    title, alt = example.told("co_occurrence", tables)
    assert title.startswith("By the machine's count, uncorrected") and "(uncorrected)" in alt


def test_what_is_corrected_in_part_says_so():
    title, _ = example.told("co_occurrence", pairs(basis="mixed", q=np.nan))
    assert "Ease (en) with Recognition (en)" in title and title.endswith("(partly uncorrected).")


def test_the_title_names_the_strongest_pairs():
    title, alt = example.told("co_occurrence", pairs())
    assert title == "The codes that most go together: Ease (en) with Relevance (en) (φ 0.41; 0.36 to 0.46)."
    assert (
        "more than by chance, 1; less than by chance, 1." in alt
        and "Ease (en) with Empathy (en) (φ −0.22; −0.27 to −0.17)" in alt
    )


def test_a_code_with_too_few_cases_everywhere_is_left_out():
    tables = pairs()
    for row in tables["associations"]:
        if "culture" in (row["one"], row["two"]):
            row["note"] = "too few to say"
    ax = example.draw("co_occurrence", tables, "en")
    assert "Culture (en)" not in [label.get_text() for label in ax.get_yticklabels()]
    assert len(ax.get_yticks()) == len(NAMES) - 2


def test_flow_draws_the_first_group_and_codes_of_the_codebook():
    ax = example.draw("expectation_flow", flow(), "en")
    labels = [label.get_text().replace("\u00a0", " ") for label in ax.get_yticklabels()]
    assert "Service (en) (n = 60)" in labels and not any("advertising" in label for label in labels)
    assert [text.get_text() for text in ax.texts] == ["20.0% (16.0\u00a0to\u00a025.0)"]


@pytest.mark.parametrize(
    "gap_low, words", [(0.02, "are more frequent"), (-0.02, "are not shown to be more frequent")]
)
def test_a_touchpoint_stands_out_only_if_its_gap_is_above_0(gap_low, words):
    assert words in example.told("expectation_flow", flow(gap_low))[0]


def test_withheld_shares_are_said_to_be_too_few():
    none = dict.fromkeys(["share", "share_low", "share_high", "gap_low"], np.nan)
    tables = flow()
    tables["associations"].append(
        share("corrections by expectation", "expectation_unmet", "loyalty", 0.1) | none
    )
    assert "too few to say" in [
        text.get_text() for text in example.draw("expectation_flow", tables, "en").texts
    ]


def test_marks_lead_to_comments(tmp_path):
    ax = example.draw("expectation_flow", flow())
    assert example.links(ax, tmp_path / "a.svg") == {"consumer/expectation_unmet"}


@pytest.mark.parametrize("name", ["co_occurrence", "expectation_flow"])
def test_nothing_to_draw(name):
    assert charts.CHARTS[name].data(example.findings({})).empty
    assert example.told(name, {})[0].startswith("Too few comments")


@pytest.mark.parametrize("name, tables", [("co_occurrence", pairs()), ("expectation_flow", flow())])
def test_same_chart_same_bytes(tmp_path, name, tables):
    assert example.same_bytes(name, tables, tmp_path)
