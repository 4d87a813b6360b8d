"""The report: a page that needs nothing else, every figure in it taken from the study's tables.

`report.html.j2` says what stands where; sentences come from `findings`, cells from `tables`, and the wording
of both from `phrases`. The same tables give the same bytes.
"""

import re
from pathlib import Path

from ..errors import InputError
from ..tables import write_whole
from . import tables
from .findings import MODELS, VALUES, Findings

__all__ = ["Findings", "render_report", "write_report"]

PLACES = ("touchpoint", "expectation", "practice")


def render_report(found: Findings, figures: dict[str, Path]) -> str:
    """Render the report as one HTML page that asks no server for anything; what came from data is escaped."""
    import jinja2

    study, language = found.study, found.phrases.language
    if missing := {*MODELS, *VALUES, *PLACES} - {family.family for family in found.codebook.families}:
        raise InputError(
            f"{study.codebook} has no family {', '.join(sorted(missing))}, which the report is about. "
            "Keep all seven families of the study's codebook; their codes may change."
        )
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cxresearch", "report"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        found=found, say=found.say, tables=tables, models=MODELS, values=VALUES, places=PLACES,
        title=getattr(study.name, language), about=study.about and getattr(study.about, language),
        svg=lambda name, number: _inline_svg(figures[name], found.alt(name), number),
    )  # fmt: skip


def write_report(found: Findings, figures: dict[str, Path], path: str | Path) -> None:
    """Write the report as one HTML page that asks no server for anything, whole or not at all.

    Parameters
    ----------
    found : Findings
        Of the tables ledger, masked, estimates, comparisons, net_sentiment, agreement, accuracy, confusion
        and thresholds. Without codes by hand a note says that all figures are the machine's.
    figures : dict of str to Path
        SVG files of the `CHARTS`. `InputError` if one is not there, or the codebook lacks a family.
    """
    page = render_report(found, figures)
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8", newline="\n"))


def _inline_svg(path: Path, alt: str, number: int) -> str:
    """A figure's drawing alone, its ids made unique on the page, named by its alternative text."""
    from markupsafe import Markup, escape

    if not path.is_file():
        raise InputError(f"{path} is not there. Draw the figures first: 06_draw_charts.")
    svg = path.read_text(encoding="utf-8")
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg.removeprefix("<svg ").strip(), count=2)
    return Markup(f'<svg role="img" aria-label="{escape(alt)}" {svg}')
