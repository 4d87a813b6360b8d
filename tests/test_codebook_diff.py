"""codebook_diff: every change is listed once, and the comments that change their codes are counted."""

import copy

import pandas as pd
import pytest

from cxresearch.codebook import Codebook
from cxresearch.codebook_diff import changed_codes, compare_codebooks


def edited(content, change):
    """A codebook before and after a change of its content."""
    after = copy.deepcopy(content)
    change(after)
    return Codebook.model_validate(content), Codebook.model_validate(after)


def rows(old, new):
    return [tuple(row) for row in compare_codebooks(old, new).to_numpy()]


def test_nothing_changed(tiny_codebook):
    assert rows(*edited(tiny_codebook, lambda content: None)) == []


@pytest.mark.parametrize(
    "change, expected",
    [
        (
            lambda c: c.update(version="2"),
            [("version", "removed", "1"), ("version", "added", "2")],
        ),
        (
            lambda c: c["codes"][0]["definition"].update(es="Otra."),
            [
                ("codes.efficiency.definition.es", "removed", "Definition."),
                ("codes.efficiency.definition.es", "added", "Otra."),
            ],
        ),
        (
            lambda c: c["codes"][0]["patterns"].update(
                en=["slow", {"patterns": ["wait*"], "negated": "skip"}]
            ),
            [
                ("codes.efficiency.patterns.en", "removed", "wait*"),
                ("codes.efficiency.patterns.en", "added", "wait* (negated: skip)"),
            ],
        ),
        (
            lambda c: c["codes"][0]["patterns"].update(es=["(hora|horas) * espera*", "lent*"]),
            [],  # order alone is no change
        ),
        (lambda c: c["codes"].pop(0), [("codes.efficiency.code", "removed", "efficiency")]),
        (
            lambda c: c["codes"].append(c["codes"][0] | {"code": "ease"}),
            [("codes.ease.code", "added", "ease")],
        ),
        (
            lambda c: c["families"][0]["name"].update(en="New"),
            [
                ("families.consumer_identity.name.en", "removed", "consumer_identity"),
                ("families.consumer_identity.name.en", "added", "New"),
            ],
        ),
        (lambda c: c.update(negations={"es": ["no"], "en": []}), [("negations.es", "added", "no")]),
    ],
)
def test_changes(tiny_codebook, change, expected):
    assert rows(*edited(tiny_codebook, change)) == expected


def test_changed_codes(tiny_codebook):
    old, new = edited(tiny_codebook, lambda c: c["codes"][0]["patterns"].update(es=["tard*"]))
    texts = ["muy lento", "muy lento y tardado", "tardan", "lo sentimos"]
    comments = pd.DataFrame({"text": texts, "language": "es"}, index=["c1", "c2", "c3", "c4"])
    counts = changed_codes(old, new, comments)
    assert counts.loc["efficiency"].to_dict() == {
        "before": 2,
        "after": 2,
        "gained": 1,
        "lost": 1,
        "changed": 2,
    }
    assert counts.loc["empathy"].to_dict() == {"before": 1, "after": 1, "gained": 0, "lost": 0, "changed": 0}
    assert counts.iloc[0].to_dict() == {"before": 3, "after": 3, "gained": 1, "lost": 1, "changed": 2}


def test_a_code_that_one_edition_lacks(tiny_codebook):
    old, new = edited(tiny_codebook, lambda c: c["codes"].pop(0))
    comments = pd.DataFrame({"text": ["muy lento"], "language": "es"}, index=["c1"])
    assert changed_codes(old, new, comments).loc["efficiency"].tolist() == [1, 0, 0, 1, 1]
    assert changed_codes(new, old, comments).loc["efficiency"].tolist() == [0, 1, 1, 0, 1]
