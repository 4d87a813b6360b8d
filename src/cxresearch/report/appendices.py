"""Appendices: codebook, agreement, figures, datasheet, cards, checklists, how to run again, all comments."""

from collections.abc import Callable
from typing import Any

from ..phrases import Row, capital
from ..themes import MACHINES
from . import blocks, evidence
from .page import Page

CHECKLISTS = ("srqr", "coreq")


def write_appendices(page: Page, run: dict[str, Any]) -> None:
    """All appendices, in order; `run` is what `pipeline.describe_run` says of this one."""
    page.heading("headings.appendices", 2)
    page.text(page.say("appendices.what"))
    parts: list[Callable[[Page], None]] = [_codebook, _agreement, _estimates, _datasheet, _cards, _checklists]
    for part in parts:
        part(page)
    _again(page, run)
    if page.found.study.quotes == "all":
        page.heading("headings.quotes_bank", 2)
        page.blocks.append(blocks.Bank(page.say("bank.elsewhere")))


def _codebook(page: Page) -> None:
    """Families and codes with their definitions."""
    book, language = page.found.codebook, page.found.phrases.language
    page.heading("headings.codebook")
    page.text(f"{edition(page)}.")
    rows: list[Row] = []
    strong = []
    for family in book.families:
        strong.append(len(rows))
        rows.append({"code": family.name[language], "definition": family.definition[language]})
        codes = [code for code in book.codes if code.family == family.family]
        rows += [{"code": page.found.names[c.code], "definition": c.definition[language]} for c in codes]
    page.table("codebook", rows, strong=strong)


def _agreement(page: Page) -> None:
    """Agreement per code, of each pair of coders."""
    pairs = page.found.agreement()
    if pairs:
        page.heading("headings.agreement_by_code")
    for (first, second), rows in pairs.items():
        page.table("agreement", [_agreed(page, row) for row in rows], first=first, second=second)


def _agreed(page: Page, row: Row) -> Row:
    """Agreement on a code, in cells."""
    kind = "reliability" if row["reliability"] else "reasons"
    alpha, limits = page.phrases.number(row["alpha"]), page.phrases.interval(row, "alpha_", factor=1)
    told = page.cells(row, prevalence="percent", percent="percent", kappa="number", ac1="number")
    return told | {
        "code": page.found.names[row["code"]],
        "alpha": f"{alpha} ({limits})" if row["alpha_low"] == row["alpha_low"] else alpha,
        "reliability": page.phrases.name(kind, row["reliability"] or row["reason"]),
    }


def _estimates(page: Page) -> None:
    """Every share: by machine, by hand, corrected, and the check beside it."""
    found, phrases = page.found, page.phrases
    page.heading("headings.estimates")
    page.text(page.say("estimates.what"))
    for group in found.groups:
        rows = [row for (_, member), row in found.estimates.items() if member == group]
        told = [
            page.cells(row, machine_share="percent", hand_share="percent", rogan_gladen="percent")
            | {"code": found.names.get(row["code"], row["code"]), "share": phrases.share(row)}
            for row in rows
        ]
        mark = phrases.mark(row["basis"] for row in rows)
        page.table("estimates", told, group=group, n=max((row["n"] for row in rows), default=0), mark=mark)


def _datasheet(page: Page) -> None:
    """The corpus, after the questions of Gebru et al. (2021)."""
    found, say, language = page.found, page.say, page.phrases.language
    page.heading("headings.datasheet")
    page.text(say("datasheet.what"))
    about = found.study.about
    values = evidence.corpus(found) | {"about": about[language] if about else say("datasheet.not_stated")}
    questions = page.phrases.texts["datasheet"]["items"]
    rows = [
        {name: say(f"datasheet.items.{key}.{name}", **values) for name in ("question", "answer")}
        for key in questions
    ]
    page.table("datasheet", rows)


def _cards(page: Page) -> None:
    """What each coder is, what it gave, and how far it can be trusted, after Mitchell et al. (2019)."""
    found, say = page.found, page.say
    page.heading("headings.cards")
    page.text(say("cards.what"))
    for coder in evidence.coders(found):
        page.heading("cards.title", 4, coder=coder["coder"])
        kind = coder["coder"] if coder["coder"] in MACHINES else "person"
        page.text(say(f"cards.kind.{kind}", coder), say("cards.given", coder))
        page.items(evidence.judged(found, coder["coder"]))
        page.text(say(f"cards.limits.{kind}"))


def _checklists(page: Page) -> None:
    """The items of SRQR and COREQ that apply to a study of comments, filled in from the tables."""
    page.heading("headings.checklists")
    page.text(page.say("checklists.what"))
    titles = {f"h_{name}": page.say(f"headings.{name}") for name in page.phrases.texts["headings"]}
    quoted = {name: page.say(f"checklists.{name}.{page.found.study.quotes}") for name in ("quoted", "behind")}
    values = evidence.corpus(page.found) | titles | quoted
    for name in CHECKLISTS:
        items = page.phrases.texts["checklists"][name]
        told = {number: page.say(f"checklists.{name}.{number}.answer", **values) for number in items}
        rows = [{"number": n, "item": item["item"], "answer": told[n]} for n, item in items.items()]
        page.table("checklist", rows, checklist=name.upper())


def _again(page: Page, run: dict[str, Any]) -> None:
    """Settings, inputs and versions: all that is needed to get the same report."""
    say, study = page.say, page.found.study
    page.heading("headings.again")
    page.text(say("method.again"))
    changed = "".join(f" --set {name}={value}" for name, value in study.changed.items())
    page.blocks.append(blocks.Code(f"cxresearch run --study {study.path.name}{changed}"))
    known = {say(f"method.settings.{name}"): value for name, value in settings(page).items()}
    page.table("settings", [{"name": name, "value": value} for name, value in known.items()])
    page.table("inputs", [{"file": name, "hash": digest[:16]} for name, digest in run["inputs"].items()])
    packages = sorted((run["packages"] | {"cxresearch": run["library"][:16]}).items())
    page.table("packages", [{"package": name, "version": version} for name, version in packages])


def edition(page: Page) -> str:
    """Version, size and hash of the codebook, in words."""
    book = page.found.codebook
    known = {"version": book.version, "hash": book.content_hash, "count": len(book.codes)}
    return capital(page.say("method.codebook", **known))


def settings(page: Page) -> dict[str, str]:
    """The settings behind this report, by name, in words."""
    study, phrases = page.found.study, page.phrases
    thresholds = sorted(page.found.rows["thresholds"], key=lambda row: row["language"])

    def by_language(name: str) -> str:
        told = (page.cells(row, language="languages") for row in thresholds)
        return "; ".join(f"{phrases.number(row[name], None)} ({row['language']})" for row in told)

    return {
        "study": study.path.name,
        "codebook": edition(page),
        "seed": str(study.seed),
        "draws": phrases.number(study.draws, 0),
        "negative_below": by_language("negative_below"),
        "positive_above": by_language("positive_above"),
        "near_duplicate": phrases.number(study.thresholds.near_duplicate),
        "minimum_n": str(study.thresholds.minimum_n),
        "alignment_margin": phrases.number(page.found.known["margin"], None),
        "quotes": capital(page.say(f"method.quoted.{study.quotes}")),
    }
