"""The report: one content as a list of blocks, rendered to a page that needs nothing else.

`build_report` arranges sentences and tables whose figures all come from the study's tables; `render_html`
sets it. The wording is in `phrases`, the page in `templates`; the same tables give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from . import _report_tables as rows_of
from ._blocks import Block, Command, Figure, Heading, List, Note, Paragraph
from ._findings import VALUES, Findings
from .charts import MODELS, alt_text
from .codebook import Codebook
from .errors import InputError
from .phrases import Phrases, load_phrases
from .study import Study
from .tables import write_whole

PLACES = ("touchpoint", "expectation", "practice")
FDR = 0.05  # the default of comparison.compare_groups


def build_report(
    study: Study, codebook: Codebook, tables: dict[str, pd.DataFrame], figures: dict[str, Path], language: str
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

    def figure(name: str, caption: str) -> Figure:
        alt = alt_text(name, tables, codebook, language, study.groups)
        return Figure(figures[name], found.phrases.say(f"captions.{caption}"), alt)

    return [
        *_opening(found),
        *_in_short(found),
        *_comments(found, figure("ledger", "comments")),
        *_balance(found, figure("sentiment_balance", "sentiment")),
        *_personalization(found, figure("interaction_models", "models"), figure("code_shares", "codes")),
        *_compared(found, "value", VALUES),
        *_compared(found, "where", PLACES),
        *_certainty(found),
        *_method(found),
    ]


def render_html(blocks: Sequence[Block], study: Study, language: str) -> str:
    """Render blocks as one HTML page that asks no server for anything; whatever came from data is escaped."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cxresearch"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.tests["a"] = lambda block, kind: type(block).__name__ == kind
    environment.filters["svg"] = lambda figure, number: Markup(_inline_svg(figure, number))
    template = environment.get_template("report.html.j2")
    title = getattr(study.name, language)
    return template.render(
        blocks=blocks, title=title, language=language, page=load_phrases(language).texts["page"]
    )


def write_report(
    study: Study,
    codebook: Codebook,
    tables: dict[str, pd.DataFrame],
    figures: dict[str, Path],
    language: str,
    path: str | Path,
) -> None:
    """Build the report, render it to HTML and write it to `path`, whole or not at all; see `build_report`."""
    page = render_html(build_report(study, codebook, tables, figures, language), study, language)
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8", newline="\n"))


def _inline_svg(figure: Figure, number: int) -> str:
    """The figure's drawing alone, its ids made unique on the page, named by its alternative text."""
    from markupsafe import escape

    if not figure.path.is_file():
        raise InputError(f"{figure.path} is not there. Draw the figures first: 06_draw_charts.")
    svg = figure.path.read_text(encoding="utf-8")
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    named = f'<svg role="img" aria-label="{escape(figure.alt)}" '
    return named + re.sub(r' (?:width|height)="[\d.]+pt"', "", svg.removeprefix("<svg ").strip(), count=2)


def _heading(phrases: Phrases, name: str, level: int = 2) -> Heading:
    """A heading by its name in the phrases."""
    return Heading(phrases.say(f"headings.{name}"), level, name if level == 2 else "")


def _opening(found: Findings) -> list[Block]:
    """What a reader must know first."""
    say, about, blocks = found.phrases.say, found.study.about, list[Block]()
    if about:
        blocks.append(Note(getattr(about, found.language), say("notes.about")))
    if found.basis != "none":
        key = f"notes.machine_{found.basis}"
        blocks.append(Note(say(key), say(f"{key}_title"), strong=True))
    return [*blocks, Paragraph(say("notes.reading"))]


def _in_short(found: Findings) -> list[Block]:
    """The five questions and their answers."""
    answers = {
        "balance": found.balance(),
        "alignment": found.alignment(),
        "models": found.prevails(MODELS),
        "value": found.prevails(VALUES),
    }
    blocks: list[Block] = [_heading(found.phrases, "short")]
    for name, (lead, text) in answers.items():
        question = Heading(found.phrases.say(f"questions.{name}", **found.both), 3)
        blocks += [question, Paragraph(text, lead)]
    intro, items, rest = found.plan()
    ranked = List([Paragraph(text, f"{name}.") for name, text in items], ordered=True)
    question = Heading(found.phrases.say("questions.plan"), 3)
    return [*blocks, question, Paragraph(intro), ranked, *map(Paragraph, rest)]


def _comments(found: Findings, figure: Figure) -> list[Block]:
    """What came in, what was set aside, what was masked."""
    phrases, total = found.phrases, found.tables["ledger"].iloc[-1]
    counts = {"n": int(total["raw"]), "kept": int(total["kept"]), "gone": int(total["raw"] - total["kept"])}
    came = phrases.say("comments.counted", **counts)
    compared = phrases.say("comments.groups", groups=found.samples)
    masked = found.tables["masked"].query("n > 0")
    masks = [
        phrases.say(f"masks.{kind if kind in phrases.texts['masks'] else 'other'}", n=n)
        for kind, n in zip(masked["kind"], masked["n"], strict=True)
    ]
    mask = phrases.say("comments.masked" if masks else "comments.unmasked", masks=phrases.join(masks))
    last = Paragraph(f"{mask} {phrases.say('comments.names')}")
    first = Paragraph(f"{came} {compared}")
    return [_heading(phrases, "comments"), first, figure, rows_of.ledger_table(found), last]


def _balance(found: Findings, figure: Figure) -> list[Block]:
    """Sentiment of both groups."""
    pairs = [Paragraph(found.pair(code)) for code in ("negative", "positive")]
    return [*_original(found.phrases, "balance"), *pairs, figure, rows_of.sentiment_table(found)]


def _personalization(found: Findings, models: Figure, codes: Figure) -> list[Block]:
    """The two models, then code by code."""
    heading, compared = _heading(found.phrases, "codes", 3), _pairs(found, "personalization", MODELS)
    sentences = [Paragraph(found.pair(model)) for model in MODELS]
    return [*_original(found.phrases, "personalization"), *sentences, models, heading, *compared, codes]


def _original(phrases: Phrases, name: str) -> list[Block]:
    """A section's heading and what the original study found, apart from what these comments show."""
    original, here = (_heading(phrases, key, 3) for key in ("original", "here"))
    return [_heading(phrases, name), original, Paragraph(phrases.say(f"original.{name}")), here]


def _compared(found: Findings, name: str, families: Sequence[str]) -> list[Block]:
    """A section that compares some families."""
    sentences = [Paragraph(found.pair(family)) for family in families]
    return [_heading(found.phrases, name), *sentences, *_pairs(found, name, families)]


def _pairs(found: Findings, name: str, families: Sequence[str]) -> list[Block]:
    """Codes by verdict, and the table of both groups' shares."""
    verdicts = List([Paragraph(f"{names}.", lead) for lead, names in found.by_verdict(families)])
    orientation = Paragraph(found.phrases.say("comparison.orientation", **found.both))
    return [verdicts, orientation, rows_of.comparison_table(found, name, families)]


def _certainty(found: Findings) -> list[Block]:
    """Agreement, accuracy, what the correction did, limits."""
    phrases, agreement = found.phrases, found.tables["agreement"]
    blocks: list[Block] = [_heading(phrases, "certainty")]
    if found.basis == "all":
        blocks.append(Paragraph(phrases.say("certainty.none")))
    if len(agreement):
        totals = agreement[(agreement["language"] == "all") & (agreement["group"] == "all")]
        text = phrases.say("certainty.agreement", reliable=phrases.number(rows_of.RELIABLE, 3))
        blocks += [_heading(phrases, "agreement", 3), Paragraph(text)]
        coders = totals.groupby(["first", "second"], sort=False)
        blocks += [rows_of.coders_table(found, table) for _, table in coders]
    if len(found.tables["accuracy"]):
        text = phrases.say("certainty.accuracy")
        blocks += [_heading(phrases, "accuracy", 3), Paragraph(text), rows_of.accuracy_table(found)]
    blocks += _correction(found) if found.basis != "all" else []
    keys = ["people", "words", "interval_machine" if found.basis == "all" else "interval", "absence"]
    limits = List([Paragraph(phrases.say(f"limits.{key}")) for key in keys])
    return [*blocks, _heading(phrases, "limits", 3), limits]


def _correction(found: Findings) -> list[Block]:
    """How far the corrected shares lie from the machine's."""
    phrases, shifts = found.phrases, found.shifts()
    by_hand = "by_hand" if (shifts["n_hand"] == shifts["n"]).all() else "sampled"
    blocks: list[Block] = [_heading(phrases, "correction", 3), Paragraph(phrases.say(f"certainty.{by_hand}"))]
    if shifts.empty:
        return blocks
    table, group = rows_of.correction_table(found, shifts), shifts.iloc[0]["group"]
    name, _, n, machine, share, _ = table.rows[0]
    values = {
        "name": name,
        "group": phrases.name("the", group),
        "machine": machine,
        "share": share,
        "count": n,
    }
    median = phrases.points(shifts["shift"].abs().median())
    return [*blocks, Paragraph(phrases.say("certainty.moved", median=median, **values)), table]


def _method(found: Findings) -> list[Block]:
    """The method in short, the settings, the command."""
    phrases, fdr, minimum = found.phrases, found.phrases.number(FDR), found.study.thresholds.minimum_n
    verdicts = phrases.say("method.verdicts", margin=found.margin, fdr=fdr, minimum=minimum)
    texts = [Paragraph(text) for text in (phrases.say("method.coding"), verdicts)]
    again = Paragraph(phrases.say("method.again"))
    replaced = "".join(f" --set {name}={value}" for name, value in found.study.changed.items())
    command = Command(f"cxresearch run --study {found.study.path.name}{replaced}")
    return [_heading(phrases, "method"), *texts, rows_of.settings_table(found), again, command]
