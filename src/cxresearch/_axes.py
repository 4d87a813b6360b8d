"""What all charts have in common: ink, size of the text, rows from top to bottom, and nothing idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXT, INK, SOFT, GRID = 9, "#222222", "#5c5c5c", "#d9d9d9"


def write(ax: Axes, words: str, x: float, y: float, side: int = 1, **style: object) -> None:
    """A few words just right (side 1) or left (-1) of a place."""
    style = {"fontsize": TEXT, "va": "center", "color": INK, "ha": "left" if side > 0 else "right"} | style
    ax.annotate(words, (x, y), (5 * side, 0), textcoords="offset points", **style)  # type: ignore[arg-type]


def label_rows(ax: Axes, labels: list[str], bold: list[bool] | None = None) -> None:
    """Label the rows of a chart from top to bottom, some in bold."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    for text, strong in zip(ax.get_yticklabels(), bold or [False] * len(labels), strict=True):
        text.set_fontweight("bold" if strong else "normal")


def tidy(ax: Axes, words: str) -> Axes:
    """Take away what says nothing; name the axis."""
    import seaborn as sns

    sns.despine(ax=ax, left=True)
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.tick_params(axis="x", labelsize=TEXT, color=SOFT)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(words, fontsize=TEXT, color=INK)
    return ax
