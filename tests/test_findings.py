"""findings: what the words say of a gap corrected in part, of a group without comments, of no finding."""

import itertools

import pandas as pd
import pytest

import report_example as example
from cxresearch import charts
from cxresearch.comparison import compare_groups, compare_net
from cxresearch.estimates import with_groups
from cxresearch.findings import MODELS, Findings


def findings(tables, language="en"):
    return Findings(example.study(), example.codebook(), tables, language)


def mixed():
    """Tables of a study in which the consumers' comments alone are coded by hand."""
    tables, machine = example.tables("all"), example.tables("none")
    for name in ("estimates", "net_sentiment"):
        parts = [
            table[name][table[name]["group"] == group]
            for table, group in ((tables, "consumer"), (machine, "brand"))
        ]
        tables[name] = pd.concat(parts, ignore_index=True)
    return recompared(tables)


def recompared(tables):
    """The tables with comparisons made anew from estimates and net sentiment."""
    both, gap = ("consumer", "brand"), compare_net(tables["net_sentiment"], "consumer", "brand")
    found = compare_groups(tables["estimates"], *both).assign(kind="code")
    net = pd.DataFrame([gap.to_dict() | {"code": "net", "kind": "net"}])
    return tables | {"comparisons": pd.concat([found, net], ignore_index=True)}


@pytest.mark.parametrize(
    "language, by_machine, half",
    [
        ("en", "machine's count", "corrected share against"),
        ("es", "Según la máquina", "enfrenta una cifra corregida"),
    ],
)
def test_a_gap_corrected_in_one_group_is_called_that(language, by_machine, half):
    tables = mixed()
    assert set(tables["comparisons"]["basis"]) == {"mixed"}
    found = findings(tables, language)
    told = [found.balance()[1], *map(found.pair, MODELS)]
    assert all(by_machine.lower() not in sentence.lower() for sentence in told)
    assert half in told[1] and found.machine_part == "some"
    assert ("solo uno" if language == "es" else "only one") in told[0]
    told = [charts.CHARTS[name].words(found)[0] for name in ("sentiment_balance", "code_shares")]
    assert all(("en un solo grupo" if language == "es" else "in one group only") in title for title in told)


@pytest.mark.parametrize("coded", ["all", "none"])
@pytest.mark.parametrize(
    "language, told",
    [("es", "De las marcas no hay ningún comentario"), ("en", "There are no comments from brands")],
)
def test_a_group_without_comments(language, told, coded):
    tables = example.tables(coded)
    for name in ("estimates", "net_sentiment"):
        kept = tables[name][tables[name]["group"] == "consumer"]
        tables[name] = with_groups(kept, ["consumer", "brand"])
    tables = recompared(tables)
    found = findings(tables, language)
    words = " ".join(itertools.chain(*found.answers().values()))
    assert told in words and "nan" not in words.split()
    assert "no comments" not in words or language == "en"
    for name in ("sentiment_balance", "interaction_models", "code_shares"):
        charts.draw_figure(name, found)
    assert findings(tables).machine_part == ("all" if coded == "none" else "none")


def test_intervals_say_that_they_take_the_sample_to_be_random():
    for coded, said in (("some", True), ("all", False), ("none", False)):
        assert ("chosen at random" in findings(example.tables(coded)).say("notes.reading")) == said


@pytest.mark.parametrize(
    "verdict, summary",
    [("not shown", "Nor is anything shown in any other way"), ("too few to say", "")],
)
def test_a_verdict_that_is_no_finding_does_not_hold(verdict, summary):
    row = {"code": MODELS[0], "variant": "x", "base_verdict": verdict, "like": verdict, "verdict": verdict}
    held = "same verdict" if summary else "cannot say"
    row |= {"gap": 0.0, "low": -0.1, "high": 0.1, "holds": held}
    told = findings(example.tables() | {"sensitivity": pd.DataFrame([row])}).robust(MODELS[0])
    assert told.startswith(summary) and "holds" not in told.lower()
