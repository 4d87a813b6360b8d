"""The figures of the report: one function per chart, findings and axes in, axes out.

Colours and markers differ in lightness and shape too, so that the charts survive colour blindness and a
black-and-white printer. Shares stand with their 95 % intervals and n.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..findings import Findings
from ..processes import side_by_side
from ..tables import write_table, write_whole
from . import agreement, associations, balance, models, monthly, priorities, shares, words
from .style import INK, TEXT, WIDTH, Chart

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CHARTS", "Chart", "draw_figure", "save_charts", "save_figure"]

_MODULES = (balance, models, shares, associations, monthly, priorities, words, agreement)
CHARTS: dict[str, Chart] = {name: chart for module in _MODULES for name, chart in module.CHARTS.items()}
FORMS = ("svg", "png")
DPI = 160  # of the PNG


def draw_figure(name: str, found: Findings) -> Figure:
    """Draw a chart of the report, a key of `CHARTS`, with its title, as large as its rows need.

    A chart with nothing to draw becomes a line that says why.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study, ledger = find_study(), pd.DataFrame({"file": ["all files"], "raw": [5], "kept": [4]})
    >>> found = Findings(study, load_codebook(study.codebook_path), {"ledger": ledger}, "en")
    >>> draw_figure("ledger", found).get_size_inches().round(1).tolist()
    [7.2, 1.7]
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context({"text.parse_math": False}):  # a brand's name may hold a $
        chart, figure = CHARTS[name], Figure(dpi=DPI)
        ax = figure.add_subplot()
        title = textwrap.fill(chart.words(found)[0], 82)
        height = 0.2 * (1 + title.count("\n")) + 0.1
        look = {"ha": "left", "fontsize": TEXT + 1, "fontweight": "bold", "color": INK}
        heading = figure.suptitle(title, x=0.01, **look)
        if chart.data(found).empty:
            ax.set_axis_off()
            figure.set_size_inches(WIDTH, height)
            heading.set(y=0.5, va="center")
        else:
            chart.draw(found, ax)
            frame, row = chart.size
            figure.set_size_inches(WIDTH, height + frame + row * len(ax.get_yticks()))
            ConstrainedLayoutEngine().execute(figure)  # once, not at each saving
    return figure


def save_charts(found: Mapping[str, Findings], folder: str | Path) -> list[Path]:
    """Save every chart in each language as .svg and .png, and its numbers as .csv; returns the files."""
    folder = Path(folder)
    numbers = [folder / f"{name}.csv" for name in CHARTS]
    for path, chart in zip(numbers, CHARTS.values(), strict=True):
        write_table(chart.data(next(iter(found.values()))), path)
    side_by_side(_save_language, [(*item, folder) for item in found.items()])
    drawn = [folder / f"{name}_{language}.{form}" for name in CHARTS for language in found for form in FORMS]
    return [*numbers, *drawn]


def _save_language(language: str, found: Findings, folder: Path) -> None:
    """Save all charts in one language."""
    for name in CHARTS:
        save_figure(draw_figure(name, found), folder / f"{name}_{language}")


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as `path` .svg and .png, whole or not at all; the same figure gives the same bytes.

    Text in SVG becomes outlines: with text as text, a reader's browser sets it in another font, whose widths
    let labels overlap. What the outlines say stands in the alternative text and in the report's tables. The
    PNG is the SVG as typst draws it: alike to the eye, and in a third of matplotlib's time.
    """
    import matplotlib as mpl
    import typst
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    svg, png = (Path(path).with_suffix(suffix) for suffix in (".svg", ".png"))
    # the backend's own function: figure.savefig draws everything twice
    with mpl.rc_context({"svg.hashsalt": "cxresearch", "svg.fonttype": "path"}):
        known: dict[str, Any] = {"metadata": {"Date": None, "Creator": None}}
        write_whole(svg, lambda file: FigureCanvasSVG(figure).print_svg(file, **known))
    page = f'#set page(width: auto, height: auto, margin: 0pt)\n#image("{svg.name}")'.encode()
    options: dict[str, Any] = {"root": str(svg.parent), "ignore_system_fonts": True}
    write_whole(png, lambda file: typst.compile(page, file, format="png", ppi=DPI, **options))
