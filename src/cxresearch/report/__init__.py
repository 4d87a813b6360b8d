"""The report: one content as a list of blocks, rendered to a page that needs nothing else.

`build_report` arranges sentences (`findings`) and `tables` whose figures all come from the study's tables;
`render_html` sets them by `report.html.j2`. The wording is in `phrases`; the same tables give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..charts import MODELS, Tables, alt_text
from ..codebook import Codebook
from ..errors import InputError
from ..phrases import capital, load_phrases, small
from ..study import Study
from ..tables import write_whole
from . import tables as rows_of
from .blocks import Block, Figure, List, Text
from .findings import VALUES, Findings

PLACES = ("touchpoint", "expectation", "practice")
Figures = dict[str, Path]


def build_report(
    study: Study, codebook: Codebook, tables: Tables, figures: Figures, language: str
) -> list[Block]:
    """Arrange the report's content; every figure in it comes from the tables.

    Parameters
    ----------
    study : Study
    codebook : Codebook
    tables : dict of str to pd.DataFrame
        ledger, masked, estimates, comparisons, net_sentiment, agreement, accuracy, as the steps wrote them.
    figures : dict of str to Path
        SVG files of "ledger", "sentiment_balance", "interaction_models", "code_shares".
    language : str
        "es" or "en".

    Returns
    -------
    list of Block
        Without codes by hand a note says that all figures are the machine's, and nothing is claimed.

    Raises
    ------
    InputError
        If the codebook lacks a family that the report is about.
    """
    missing = {*MODELS, *VALUES, *PLACES} - {family.family for family in codebook.families}
    if missing:
        raise InputError(
            f"{study.codebook} has no family {', '.join(sorted(missing))}, which the report is about. "
            "Keep all seven families of the study's codebook; their codes may change."
        )
    found = Findings(study, codebook, tables, language)
    figure = {}
    for name, path in figures.items():
        alt = alt_text(name, tables, codebook, language, study.groups)
        figure[name] = Figure(path, found.say(f"captions.{name}"), alt)
    return [
        *_opening(found),
        *_in_short(found),
        *_comments(found, figure["ledger"]),
        *_original(found, "balance", ("negative", "positive")),
        figure["sentiment_balance"],
        rows_of.sentiment_table(found),
        *_original(found, "personalization", MODELS),
        figure["interaction_models"],
        *_texts(found, "h3 headings.codes"),
        *_codes(found, "personalization", MODELS),
        figure["code_shares"],
        *_compared(found, "value", VALUES),
        *_compared(found, "where", PLACES),
        *_certainty(found),
        *_method(found),
    ]


def render_html(blocks: Sequence[Block], study: Study, language: str) -> str:
    """Render blocks as one HTML page that asks no server for anything; whatever came from data is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cxresearch", "report"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        blocks=blocks,
        title=getattr(study.name, language),
        language=language,
        page=load_phrases(language).texts["page"],
        svg=_inline_svg,
    )


def write_report(
    study: Study, codebook: Codebook, tables: Tables, figures: Figures, language: str, path: str | Path
) -> None:
    """Build the report, render it to HTML and write it to `path`, whole or not at all; see `build_report`."""
    page = render_html(build_report(study, codebook, tables, figures, language), study, language)
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8", newline="\n"))


def _inline_svg(figure: Figure, number: int) -> str:
    """The figure's drawing alone, its ids made unique on the page, named by its alternative text."""
    from markupsafe import Markup, escape

    if not figure.path.is_file():
        raise InputError(f"{figure.path} is not there. Draw the figures first: 06_draw_charts.")
    svg = figure.path.read_text(encoding="utf-8")
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg.removeprefix("<svg ").strip(), count=2)
    return Markup(f'<svg role="img" aria-label="{escape(figure.alt)}" {svg}')


def _texts(found: Findings, *lines: str, **values: object) -> list[Block]:
    """Texts of the phrases, each by its kind and its keys, as in "p comments.counted comments.groups"."""
    texts = list[Block]()
    for kind, *keys in map(str.split, lines):
        words = " ".join(found.say(key, **values) for key in keys)
        texts.append(Text(kind, words, name=keys[0].rpartition(".")[2]))
    return texts


def _opening(found: Findings) -> list[Block]:
    """What a reader must know first."""
    about, notice, blocks = found.study.about, f"notes.machine_{found.machine_part}", list[Block]()
    if about:
        blocks.append(Text("note", getattr(about, found.phrases.language), name=found.say("notes.about")))
    if found.machine_part != "none":
        blocks.append(Text("warning", found.say(notice), name=found.say(f"{notice}_title")))
    return blocks + _texts(found, "p notes.reading")


def _in_short(found: Findings) -> list[Block]:
    """The five questions and their answers."""
    answers = {"balance": found.balance(), "alignment": found.alignment()}
    answers |= {"models": found.prevails(MODELS), "value": found.prevails(VALUES)}
    blocks = _texts(found, "h2 headings.short")
    for name, (lead, text) in answers.items():
        blocks += [*_texts(found, f"h3 questions.{name}"), Text("p", text, lead)]
    intro, items, rest = found.plan()
    ranked = List("ol", [Text("p", text, f"{name}.") for name, text in items])
    blocks += [*_texts(found, "h3 questions.plan"), Text("p", intro), ranked]
    return blocks + [Text("p", text) for text in rest]


def _comments(found: Findings, figure: Figure) -> list[Block]:
    """What came in, what was set aside, what was masked."""
    n, kept = (int(found.tables["ledger"].iloc[-1][name]) for name in ("raw", "kept"))
    masked, known = found.tables["masked"].query("n > 0"), found.phrases.texts["masks"]
    counts = zip(masked["kind"], masked["n"], strict=True)
    masks = [found.say(f"masks.{kind if kind in known else 'other'}", n=count) for kind, count in counts]
    came = {"n": n, "kept": kept, "gone": n - kept, "masks": found.phrases.join(masks)}
    mask = "comments.masked" if masks else "comments.unmasked"
    first = _texts(found, "h2 headings.comments", "p comments.counted comments.groups", **came)
    other = kept - sum(int(row["n"]) for row in found.net)
    first += _texts(found, "p comments.other_language", n=other) if other else []
    return [*first, figure, rows_of.ledger_table(found), *_texts(found, f"p {mask} comments.names", **came)]


def _original(found: Findings, name: str, codes: Sequence[str]) -> list[Block]:
    """A section on what the original study found and, apart from it, what these comments show."""
    keys = [f"h2 headings.{name}", "h3 headings.original", f"p original.{name}", "h3 headings.here"]
    return _texts(found, *keys) + [Text("p", found.pair(code)) for code in codes]


def _compared(found: Findings, name: str, families: Sequence[str]) -> list[Block]:
    """A section that compares some families and their codes."""
    pairs = [Text("p", found.pair(family)) for family in families]
    return [*_texts(found, f"h2 headings.{name}"), *pairs, *_codes(found, name, families)]


def _codes(found: Findings, name: str, families: Sequence[str]) -> list[Block]:
    """Codes by verdict, and the table of both groups' shares."""
    listed, items = found.by_verdict(families), []
    for verdict, codes in listed.items() if set(listed) != {"uncorrected"} else ():
        names = found.phrases.join([small(found.names[code]) for code in codes])
        items.append(Text("p", f"{capital(names)}.", found.say(f"verdicts.list.{verdict}")))
    table = rows_of.comparison_table(found, name, families)
    return [List("ul", items), *_texts(found, "p comparison.orientation"), table]


def _certainty(found: Findings) -> list[Block]:
    """Agreement, accuracy, what the correction did, limits."""
    agreement, machine_only = found.tables["agreement"], found.machine_part == "all"
    blocks = _texts(found, "h2 headings.certainty", *(["p certainty.none"] if machine_only else []))
    if len(agreement):
        totals = agreement.query("language == 'all' and group == 'all'")
        blocks += _texts(found, "h3 headings.agreement", "p certainty.agreement")
        coders = totals.groupby(["first", "second"], sort=False)
        blocks += [rows_of.coders_table(found, table) for _, table in coders]
    if len(found.tables["accuracy"]):
        blocks += _texts(found, "h3 headings.accuracy", "p certainty.accuracy")
        blocks.append(rows_of.accuracy_table(found))
    if not machine_only:
        blocks += _correction(found)
    keys = ["people", "words", "interval_machine" if machine_only else "interval", "absence"]
    limits = List("ul", _texts(found, *(f"p limits.{key}" for key in keys)))
    return [*blocks, *_texts(found, "h3 headings.limits"), limits]


def _correction(found: Findings) -> list[Block]:
    """How far the corrected shares lie from the machine's."""
    shifts = found.tables["estimates"].query("kind == 'code' and basis == 'corrected'")
    shifts = shifts.assign(shift=shifts["share"] - shifts["machine_share"]).dropna(subset="shift")
    shifts = shifts.sort_values("shift", key=abs, ascending=False, kind="stable")
    by_hand = "by_hand" if (shifts["n_hand"] == shifts["n"]).all() else "sampled"
    blocks = _texts(found, "h3 headings.correction", f"p certainty.{by_hand}")
    if shifts.empty:
        return blocks
    table, group = rows_of.correction_table(found, shifts), found.phrases.name("the", shifts.iloc[0]["group"])
    name, _, count, machine, share, _ = table.rows[0]
    values = {"name": name, "group": group, "count": count, "machine": machine, "share": share}
    median = found.phrases.points(shifts["shift"].abs().median(), sign=False)
    moved = _texts(found, "p certainty.moved", median=median, **values)
    return [*blocks, *(moved if shifts["shift"].abs().median() >= 0.0005 else []), table]


def _method(found: Findings) -> list[Block]:
    """The method in short, the settings, the command."""
    method = _texts(found, "h2 headings.method", "p method.coding", "p method.verdicts")
    replaced = "".join(f" --set {name}={value}" for name, value in found.study.changed.items())
    command = Text("command", f"cxresearch run --study {found.study.path.name}{replaced}")
    return [*method, rows_of.settings_table(found), *_texts(found, "p method.again"), command]
