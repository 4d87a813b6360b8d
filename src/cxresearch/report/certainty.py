"""How sure the figures are: agreement, correction, sensitivity, limits; and the method."""

import re
from itertools import groupby
from operator import itemgetter

from ..phrases import Row, capital
from ..quotes import LONGEST, ROLES, SHORTEST
from . import evidence
from .page import Page

_WAYS = {  # names of `sensitivity.variants` and notebook 05
    "hand": re.compile("hand codes only"),
    "without": re.compile("without (?P<name>.+)"),
    "thresholds": re.compile(r"sentiment thresholds of (?P<value>[\d.]+)"),
    "codebook": re.compile("codebook (?P<name>.+)"),
    "right": re.compile(r"(?P<other>.+), not (?P<coder>.+), is right \((?P<n>\d+) .+"),
}
MOVED = 8  # shares in the table of what the correction changed


def write_certainty(page: Page) -> None:
    """Agreement, accuracy, thresholds, correction, sensitivity and limits."""
    found, say = page.found, page.say
    page.heading("headings.certainty", 2)
    if found.machine_part == "all":
        page.text(say("certainty.none"))
    if found.rows["agreement"]:
        page.heading("headings.agreement")
        page.text(say("certainty.agreement"), say("certainty.twice" if found.twice else "certainty.once"))
        page.text(say("certainty.marked") if found.marked else "", *evidence.unequal_errors(found))
        page.figure("agreement")
    _accuracy(page)
    _thresholds(page)
    if found.machine_part != "all":
        page.heading("headings.correction")
        page.text(*found.correction())
        page.figure("correction")
        page.table("correction", [_moved(page, row) for row in found.shifts()[:MOVED]])
    _sensitivity(page)
    page.heading("headings.limits")
    interval = {"all": "interval_machine", "some": "interval_partly"}.get(found.machine_part, "interval")
    page.items(say(f"limits.{name}") for name in ("people", "words", interval, "absence"))


def write_method(page: Page) -> None:
    """How it was done, in words."""
    page.heading("headings.method", 2)
    correction = "uncorrected" if page.found.machine_part == "all" else "correction"
    page.text(f"{page.say('method.coding')} {page.say(f'method.{correction}')}")
    page.text(*(page.say(f"method.{part}") for part in ("verdicts", "planning", "variants")))
    if page.found.study.quotes == "none":
        page.text(page.say("quotes.not_quoted"))
        return
    limits = {"shortest": SHORTEST, "longest": LONGEST, "seed": str(page.found.study.seed)}
    page.text(page.say("quotes.rule", **limits))
    page.items(page.say(f"quotes.rules.{role}") for role in ROLES)


def _accuracy(page: Page) -> None:
    """How often the machine's sentiment is right, and which mistakes it makes."""
    found, phrases = page.found, page.phrases
    if not found.confused():
        return
    page.heading("headings.accuracy")
    page.text(page.say("certainty.accuracy"))
    rows = found.accuracy()
    told = []
    for row in rows:
        f1 = f"{phrases.number(row['macro_f1'])} ({phrases.interval(row, 'macro_f1_', factor=1)})"
        cells = page.cells(row, language="Languages", group="groups")
        told.append(cells | {"accuracy": phrases.share(row, "accuracy"), "f1": f1})
    page.table("accuracy", told, strong=[n for n, row in enumerate(rows) if row["group"] == "all"])
    confused = sorted(found.confused(), key=itemgetter("language"))
    for language, part in groupby(confused, itemgetter("language")):
        page.text(found.mistake(language))
        by_truth = groupby(sorted(part, key=itemgetter("truth", "predicted")), itemgetter("truth"))
        rows = [_confused(page, truth, list(cells)) for truth, cells in by_truth]
        page.table("confusion", rows, language=language)


def _confused(page: Page, truth: str, cells: list[Row]) -> Row:
    shares = {row["predicted"]: page.phrases.share(row) for row in cells}
    n = sum(row["n"] for row in cells)
    return {"truth": capital(page.phrases.name("labels", truth)), "n": n} | shares


def _thresholds(page: Page) -> None:
    """Where scores become labels, on whose word, and what calibration gains."""
    rows, say = page.found.rows["thresholds"], page.say
    if not rows:
        return
    page.heading("headings.thresholds")
    page.text(say("thresholds.what"))
    told = []
    for row in sorted(rows, key=itemgetter("language")):
        known, reason = row["gain"] == row["gain"], row["reason"] if row["n"] else "nobody coded"
        claim = "more" if row["gain_low"] > 0 else "less" if row["gain_high"] < 0 else "not shown"
        parts = [say(f"thresholds.source.{row['source']}", row)]
        parts += [say("thresholds.best", row)] if known and row["source"] != "calibrated" else []
        parts += [say(f"thresholds.gain.{claim if known else 'unknown'}", row, reason=reason)]
        told.append((say("thresholds.language", row), " ".join(parts)))
    page.items(told)


def _way(page: Page, name: str) -> str:
    """Another way of doing the study, which notebook 05 named in English, in words."""
    for key, pattern in _WAYS.items():
        if match := pattern.fullmatch(name):
            known: Row = match.groupdict()
            known |= {name: float(known[name]) for name in ("n", "value") if name in known}
            return page.say(f"sensitivity.ways.{key}", known)
    return page.phrases.name("coders", name)


def _kind(name: str) -> str:
    """Which kind of way a variant is: a key of `_WAYS`, or else another machine."""
    return next((key for key, pattern in _WAYS.items() if pattern.fullmatch(name)), "other")


def _moved(page: Page, row: Row) -> Row:
    told = page.cells(row, group="groups", machine_share="percent", shift="points")
    return told | {"code": page.found.names[row["code"]], "share": page.phrases.share(row)}


def _sensitivity(page: Page) -> None:
    """Whether the headlines hold if the study is done in another way."""
    found = page.found
    if not any(row["variants"] for row in found.held.values()):
        return
    page.heading("headings.sensitivity")
    tried = {_kind(row["variant"]): None for row in found.rows["sensitivity"]}
    page.text(page.say("sensitivity.what", ways=[page.say(f"sensitivity.tried.{kind}") for kind in tried]))
    told = []
    for code, row in found.held.items():
        by = "; ".join(_way(page, name) for name in row["changed_by"].split("; ") if name)
        name = found.names.get(code, page.say("sensitivity.net"))
        told.append(page.cells(row, verdict="verdict") | {"code": name, "changed_by": by})
    page.table("sensitivity", told)
