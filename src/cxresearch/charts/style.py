"""What all charts share: colours, sizes, words beside marks, links to the comments behind a mark."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..findings import Findings

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

WIDTH, TEXT = 7.2, 9  # inches, points: at the report's column width, 9 points are read as 12 pixels
INK, SOFT, GRID = "#222222", "#5c5c5c", "#d9d9d9"
GROUP_STYLES = (("#12355b", "o", "#12355b"), ("#c9660a", "D", "white"))  # colour, marker and its filling
SENTIMENT_STYLES = (("negative", -1, "#b5562a"), ("positive", 1, "#9ecae9"))  # side and colour


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


def link(artist: Artist, group: str, code: str) -> None:
    """Let a mark lead to the comments behind it: of a group ("all"), with a code, family or sentiment."""
    artist.set_url(f"#quotes/{group}/{code}")


def finish(ax: Axes, labels: dict[str, str], unit: str, form: Callable, bold: Collection[str] = ()) -> Axes:
    """Label the rows from top to bottom, some in bold; name the axis; take away what says nothing."""
    ax.set_yticks(range(len(labels)), list(labels.values()))
    ax.set(ylim=(len(labels) - 0.4, -0.6), axisbelow=True)
    for text, name in zip(ax.get_yticklabels(), labels, strict=True):
        text.set_fontweight("bold" if name in bold else "normal")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.tick_params(axis="x", labelsize=TEXT, color=SOFT)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_xlabel(unit, fontsize=TEXT, color=INK)
    ax.xaxis.set_major_formatter(lambda value, _: form(value))
    return ax
