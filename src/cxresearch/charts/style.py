"""What all charts share: colours, sizes, words beside marks, links to the comments behind a mark."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from ..findings import Findings
from ..phrases import capital

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes

Axes: TypeAlias = "matplotlib.axes.Axes"  # by name: matplotlib is loaded when something is drawn
Artist: TypeAlias = "matplotlib.artist.Artist"
Style: TypeAlias = tuple[str, str, Any]  # colour, marker and its filling
WIDTH, TEXT = 7.2, 9  # inches, points: at the report's column width, 9 points are read as 12 pixels
INK, SOFT, GRID = "#222222", "#5c5c5c", "#d9d9d9"
GROUP_STYLES: tuple[Style, Style] = (("#12355b", "o", "#12355b"), ("#c9660a", "D", "white"))


@dataclass(frozen=True)
class Chart:
    """A chart of the report: how it is drawn, its numbers, its words, its height.

    `data` are the numbers drawn, saved as CSV beside the drawing; an empty table means that this study has
    nothing to draw, and the title says why. `words` are the title, which says what was found, and the
    alternative text. `size` are inches of height: of the frame, and of each row of the y axis.
    """

    draw: Callable[[Findings, Axes], Axes]
    data: Callable[[Findings], pd.DataFrame]
    words: Callable[[Findings], tuple[str, str]]
    size: tuple[float, float]


def write(ax: Axes, words: str, x: float, y: float, side: int = 1, **style: Any) -> None:
    """Write a few words just right (side 1) or left (-1) of a place."""
    look = {"va": "center", "ha": "left" if side > 0 else "right", "fontsize": TEXT, "color": INK} | style
    ax.annotate(words, (x, y), (5 * side, 0), textcoords="offset points", **look)


def dots(ax: Axes, x: Any, y: Any, size: Any, look: Style, **style: Any) -> Artist:
    """Draw points."""
    color, shape, fill = look
    edge: dict[str, Any] = {"color": color} if shape == "x" else {"facecolors": fill, "edgecolors": color}
    return ax.scatter(x, y, size, marker=shape, **edge, **{"linewidths": 1.1, "zorder": 3} | style)


def interval_dots(ax: Axes, rows: pd.DataFrame, of: str, y: Any, look: Style, label: str = "") -> Artist:
    """Draw a figure of each row (``alpha``, say) as a point on its interval, if it has one."""
    ax.hlines(y, rows[of + "_low"], rows[of + "_high"], color=look[0], linewidth=1.3, zorder=2)
    return dots(ax, rows[of], y, 27, look, label=label, linewidths=1.0)


def link(artist: Artist, group: str, *codes: str) -> None:
    """Let a mark lead to the comments behind it: of a group ("all"), with a code, family or sentiment.

    The marks of one `scatter` or `hlines` take a code each, in their order.
    """
    urls = [f"#quotes/{group}/{code}" for code in codes]
    if hasattr(artist, "set_urls"):
        artist.set_urls(urls)
    else:
        artist.set_url(urls[0])


def told(found: Findings, title: str, alt: str, **values: object) -> tuple[str, str]:
    """Title, and the alternative text, which says the title first."""
    return title, f"{title}. {found.say(f'shares_chart.alt.{alt}', **values)}"


def group_label(found: Findings, group: str, code: str) -> str:
    """A group and its n for the head of a legend or a panel, in two lines."""
    return capital(found.phrases.label(found.estimates[code, group])).replace(" (", "\n(")


def finish(ax: Axes, labels: dict[str, str], bold: Collection[str] = ()) -> Axes:
    """Label the rows from top to bottom, some in bold."""
    ax.set_yticks(range(len(labels)), list(labels.values()), fontsize=TEXT)
    ax.set(ylim=(len(labels) - 0.4, -0.6))
    for text, name in zip(ax.get_yticklabels(), labels, strict=True):
        text.set_fontweight("bold" if name in bold else "normal")
    return ax


def head(ax: Axes, **options: Any) -> None:
    """Set the legend over a panel, from its left edge."""
    look: dict[str, Any] = {"frameon": False, "fontsize": TEXT - 1, "borderpad": 0, "handlelength": 1.5}
    look |= {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.3, "columnspacing": 1.2}
    look |= {"handletextpad": 0.5, "alignment": "left", "title_fontsize": TEXT}
    ax.legend(**look, **options)


def dress(ax: Axes, unit: str, form: Callable) -> Axes:
    """Name the x axis and say how it writes numbers; take away what says nothing."""
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", left=False, length=0, labelsize=TEXT)
    ax.tick_params(axis="x", labelsize=TEXT, color=SOFT)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_xlabel(unit, fontsize=TEXT, color=INK)
    ax.xaxis.set_major_formatter(lambda value, _: form(value))
    return ax


def frame(ax: Axes, x_unit: str, y_unit: str) -> Axes:
    """Name two measured axes and take away what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=TEXT, color=SOFT)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(x_unit, fontsize=TEXT, color=INK)
    ax.set_ylabel(y_unit, fontsize=TEXT, color=INK)
    return ax


def beside(ax: Axes, width: float) -> Axes:
    """Give a part of a chart's place to a second panel at its right, so many times as wide, on its rows."""
    panel = divide(ax, (1, 2), width_ratios=(1, width))
    panel.set(ylim=ax.get_ylim(), yticks=[])
    return panel


def divide(ax: Axes, shape: tuple[int, int], **options: Any) -> Axes:
    """Give a part of a chart's place, cut into rows and columns, to a second panel."""
    place: Any = ax.get_subplotspec()
    first, second = place.subgridspec(*shape, **options)
    ax.set_subplotspec(first)
    figure: Any = ax.figure
    return figure.add_subplot(second)
