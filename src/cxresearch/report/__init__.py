"""The report: a page that needs nothing else, every figure in it taken from the study's tables.

`report.html.j2` says what stands where, `findings` gives the sentences, and `phrases` the wording and the
form of numbers. The same tables give the same bytes.
"""

import re
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from ..charts import CHARTS
from ..errors import InputError
from ..findings import MODELS, PLACES, VALUES, Findings
from ..phrases import capital
from ..tables import write_whole

__all__ = ["Findings", "render_report", "write_report"]


def render_report(found: Findings, figures: dict[str, Path]) -> str:
    """Render the report as one HTML page that asks no server for anything; what came from data is escaped."""
    if missing := {*MODELS, *VALUES, *PLACES} - {family.family for family in found.codebook.families}:
        raise InputError(
            f"{found.study.codebook} has no family {', '.join(sorted(missing))}, which the report is about. "
            "Keep all seven families of the study's codebook; their codes may change."
        )
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cxresearch", "report"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        found=found, say=found.say, phrases=found.phrases, capital=capital,
        models=MODELS, values=VALUES, places=PLACES,
        svg=lambda name, number: _inline_svg(figures[name], CHARTS[name].words(found)[1], number),
    )  # fmt: skip


def write_report(found: Findings, figures: dict[str, Path], path: str | Path) -> None:
    """Write the report as one HTML page that asks no server for anything, whole or not at all.

    Takes findings of the tables ledger, masked, estimates, comparisons, net_sentiment, agreement, accuracy,
    confusion and thresholds, and the SVG files of the `CHARTS` by name. Without codes by hand a note says
    that all figures are the machine's. `InputError` if a figure is not there, or the codebook lacks a family.
    """
    page = render_report(found, figures)
    write_whole(path, lambda temporary: temporary.write_text(page, encoding="utf-8", newline="\n"))


def _inline_svg(path: Path, alt: str, number: int) -> str:
    """A figure's drawing alone, its ids made unique on the page, named by its alternative text."""
    if not path.is_file():
        raise InputError(f"{path} is not there. Draw the figures first: 06_draw_charts.")
    svg = path.read_text(encoding="utf-8")
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.S)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg.removeprefix("<svg ").strip(), count=2)
    return Markup(f'<svg role="img" aria-label="{escape(alt)}" {svg}')
