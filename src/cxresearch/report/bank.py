"""The bank of comments: a searchable table in the HTML report that asks no server for anything."""

import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from ..findings import Findings
from ..phrases import capital
from ..quotes import KEPT_EACH, MACHINE
from ..sentiment import LABELS
from ..templates import render
from ..themes import MACHINES

_json = partial(htmlsafe_json_dumps, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":")))


def bank_html(bank: pd.DataFrame, found: Findings, total: int | None = None) -> Markup:
    """The comments of a bank as a part of an HTML page, with filters and a search; empty without comments.

    A link to ``#quotes/GROUP/CODE`` anywhere on the page sets the filters and goes there: GROUP may be
    ``all``, CODE is a code, family or sentiment. DataTables, which itables brings along (MIT licence), stands
    in the page itself. All that came from comments is escaped.

    Parameters
    ----------
    bank : pd.DataFrame
        As `quotes.limit_bank` returns it.
    found : Findings
        For names and wording.
    total : int, optional
        How many comments the whole bank has, so that the page can say what it leaves out.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study = find_study()
    >>> found = Findings(study, load_codebook(study.codebook_path), {}, "en")
    >>> bank = pd.DataFrame({"comment_id": ["c1"], "text": "<b>Slow</b>", "codes": "ease", "coder": "ana"})
    >>> bank = bank.assign(group="brand", language="en", brand="A", month="2025-01", sentiment="negative")
    >>> "<b>Slow" in bank_html(bank.assign(sentiment_coder="ana"), found)
    False
    """
    if bank.empty:
        return Markup("")
    from itables import options

    css, script = (
        Markup(resources.files(__name__.rpartition(".")[0]).joinpath(f"bank.{kind}").read_text("utf-8"))
        for kind in ("css", "js")
    )
    return Markup(render(
        "bank.html.j2", say=found.say, phrases=found.phrases, css=css, script=script, filters=_filters(found),
        data=_json(_data(bank, found)), library=_json(Path(options.dt_bundle).read_text("utf-8")),
        shown=len(bank), all=total or len(bank), each=KEPT_EACH, seed=str(found.study.seed),
    ))  # fmt: skip


def _filters(found: Findings) -> list[tuple[str, list[tuple[str, list[tuple[str, str]]]]]]:
    """What can be chosen in each filter, with its name: in parts with a title, or without one."""
    name, phrases, codes = found.names, found.phrases, []
    for family in (family.family for family in found.codebook.families):
        inner = [(code, name[code]) for code in found.codebook.family_codes(family)]
        codes.append((name[family], [(family, phrases.say("bank.family", name=name[family])), *inner]))
    groups = [(group, capital(phrases.name("groups", group))) for group in found.groups]
    moods = [(label, capital(phrases.name("labels", label))) for label in LABELS]
    return [("group", [("", groups)]), ("code", codes), ("mood", [("", moods)])]


def _data(bank: pd.DataFrame, found: Findings) -> dict[str, Any]:
    """Rows and names for the script: escaped, and names in place of which rows hold numbers."""
    phrases, names = found.phrases, found.codebook.names
    numbers = pd.Series(range(len(names)), index=names)
    codes = [[int(numbers[code]) for code in cell.split(";") if code] for cell in bank["codes"]]
    machine = (bank["sentiment_coder"] == MACHINE) & bank["coder"].isin(MACHINES)  # which is said once
    felt_by = bank["sentiment_coder"].mask(machine, bank["coder"])
    places, coders = pd.factorize(pd.concat([felt_by, bank["coder"]]), sort=True)
    months = {month: phrases.month(month) if month else "" for month in bank["month"].unique()}
    rows = zip(
        bank["text"].map(escape), bank["language"].where(bank["language"].isin(["es", "en"]), ""),
        pd.Index(found.groups).get_indexer(pd.Index(bank["group"])).tolist(), bank["brand"].map(escape),
        bank["month"].map(months), pd.Index(LABELS).get_indexer(pd.Index(bank["sentiment"])).tolist(),
        places[: len(bank)].tolist(), codes, places[len(bank) :].tolist(), strict=True,
    )  # fmt: skip
    people = [[phrases.name("coders", one) for one in coder.split(";") if one] for coder in coders]
    thousands = phrases.number(10_000, 0)[2:-3]
    return {
        "rows": list(rows),
        "coders": [escape(phrases.say("quotes.coded", names=who)) if who else "" for who in people],
        "groups": [{"group": g, "name": escape(capital(phrases.name("groups", g)))} for g in found.groups],
        "moods": [{"mood": m, "name": escape(capital(phrases.name("labels", m)))} for m in LABELS],
        "codes": [{"code": code, "name": escape(found.names[code])} for code in names],
        "families": {
            f.family: numbers[found.codebook.family_codes(f.family)].tolist() for f in found.codebook.families
        },
        "number": {"thousands": thousands, "from": 1_000 if found.phrases.language == "en" else 10_000},
        "words": phrases.texts["bank"]["script"] | {"no_codes": phrases.texts["bank"]["no_codes"]},
    }
