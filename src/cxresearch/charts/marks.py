"""Marks that several charts share: points on their intervals, the frame of a chart with two measured axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .style import GRID, INK, SOFT, TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

Style = tuple[str, str, Any]  # colour, marker and its filling


def dots(ax: Axes, rows: pd.DataFrame, of: str, y: Any, style: Style, **more: Any) -> PathCollection:
    """Draw a figure of each row (``alpha``, say) as a point on its interval, if it has one."""
    color, shape, fill = style
    ax.hlines(y, rows[of + "_low"], rows[of + "_high"], color=color, linewidth=1.3, zorder=2)
    return ax.scatter(rows[of], y, 27, marker=shape, edgecolors=color, facecolors=fill, zorder=3, **more)


def frame(ax: Axes, x_unit: str, y_unit: str) -> Axes:
    """Name both axes and take away what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=TEXT, color=SOFT)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(x_unit, fontsize=TEXT, color=INK)
    ax.set_ylabel(y_unit, fontsize=TEXT, color=INK)
    return ax
