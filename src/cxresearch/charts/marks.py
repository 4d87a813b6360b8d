"""Marks that several charts share: a point with its interval, the frame of a chart with two measured axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..phrases import Row
from .style import GRID, INK, SOFT, TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Style = tuple[str, str, str]  # colour, marker and its filling


def dot(ax: Axes, row: Row, of: str, y: float, style: Style, **more: object) -> Line2D:
    """Draw a figure of a row (``alpha``, say) as a point on its interval, if it has one."""
    color, shape, fill = style
    ax.plot([row[of + "_low"], row[of + "_high"]], [y, y], color=color, linewidth=1.3, zorder=2)
    (mark,) = ax.plot(row[of], y, shape, color=color, markerfacecolor=fill, markersize=5, **more)
    return mark


def frame(ax: Axes, x_unit: str, y_unit: str) -> Axes:
    """Name both axes and take away what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=TEXT, color=SOFT)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(x_unit, fontsize=TEXT, color=INK)
    ax.set_ylabel(y_unit, fontsize=TEXT, color=INK)
    return ax


def legend(ax: Axes, columns: int = 3) -> None:
    """Explain the labelled marks above the chart."""
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": columns}
    ax.legend(**place, frameon=False, fontsize=TEXT, borderpad=0, columnspacing=1.2, handletextpad=0.5)
