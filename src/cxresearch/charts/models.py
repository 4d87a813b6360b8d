"""The two planes: a group, and each brand in it, by how often it speaks in one way and in the other."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from ..findings import Findings
from ..phrases import capital
from ..profiles import MODELS, VALUES
from .style import GRID, GROUP_STYLES, INK, SOFT, TEXT, Chart, beside, dress, group_label, head, link

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Sides = tuple[str, str]
ALL = "all"  # a group's own point, beside those of its brands
MOST = 12  # brands drawn: those with most comments
STEP = 0.07  # between two names, as a part of the plane's height


def plane_chart(found: Findings, ax: Axes, sides: Sides) -> Axes:
    """Draw a plane per group, its own point large and its brands' small, each with both intervals.

    The first side is read to the right, the second upwards; on the diagonal both are equally frequent.
    """
    table = plane_data(found, sides)
    reach = 1.04 * max(0.05, table[[f"{side}_high" for side in sides]].max().max())
    panels = (ax, beside(ax, 1, share_rows=False))
    for panel, group, style in zip(panels, found.groups, GROUP_STYLES, strict=True):
        part = table[table["group"] == group]
        panel.set(xlim=(0, reach), ylim=(0, reach))
        panel.axline((0, 0), slope=1, color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        tilted = {"rotation": 45, "rotation_mode": "anchor", "transform_rotates_text": True, "color": SOFT}
        words, place = found.say("shares_chart.chart.equal"), 0.985 * reach
        panel.text(place, place, words, ha="right", va="bottom", fontsize=TEXT - 1, **tilted)
        _marks(found, panel, part.dropna(subset=[*sides]), sides, style)
        _axes(found, panel, part, sides)
        head(panel, ncols=2, title=group_label(found, group, sides[0]))
    panels[1].set_ylabel("")
    return ax


def plane_data(found: Findings, sides: Sides) -> pd.DataFrame:
    """Both shares of each group (brand "all") and of the brands with most comments, with their limits."""
    rows = [row | {"brand": ALL} for row in found.estimates.values()]
    for row in found.rows["breakdown"]:
        group = next((group for group in found.groups if row["group"].startswith(f"{group}: ")), None)
        if row["by"] == "brand" and group:
            rows.append(row | {"group": group, "brand": row["group"].removeprefix(f"{group}: ")})
    table = pd.DataFrame([row for row in rows if row["code"] in sides])
    own = table[table["brand"] != ALL].groupby("brand")["n"].sum()
    table = table[table["brand"].isin([ALL, *own.sort_values(ascending=False, kind="stable").index[:MOST]])]
    keys = ["group", "brand"]
    one, two = (table[table["code"] == side].set_index(keys) for side in sides)
    both = one[["n", "n_hand"]].copy()
    for side, part in zip(sides, (one, two), strict=True):
        both[[side, f"{side}_low", f"{side}_high"]] = part[["share", "low", "high"]]
    both["basis"], both["note"] = one["basis"], one["note"].where(one["note"] != "", two["note"])
    return both.reset_index()


def _marks(found: Findings, ax: Axes, part: pd.DataFrame, sides: Sides, style: tuple[str, str, str]) -> None:
    """A group's point with its intervals, over those of its brands, which are named at the right."""
    (x, y), (color, shape, fill) = sides, style
    for own, size, width in ((False, 14, 0.6), (True, 60, 1.8)):
        rows, tint = part[(part["brand"] == ALL) == own], color if own else SOFT
        if rows.empty:
            continue
        look = {"color": tint, "linewidth": width, "alpha": 1 if own else 0.5, "zorder": 2 + 2 * own}
        ax.hlines(rows[y], rows[f"{x}_low"], rows[f"{x}_high"], **look)
        ax.vlines(rows[x], rows[f"{y}_low"], rows[f"{y}_high"], **look)
        label = found.say(f"shares_chart.chart.{'total' if own else 'each'}")
        marks = ax.scatter(
            rows[x], rows[y], size, fill, shape, edgecolors=color, label=label, zorder=3 + 2 * own
        )
        link(marks, rows["group"].iloc[0], x)
    brands = part[part["brand"] != ALL].sort_values([y, "brand"])
    heights = brands[y] / ax.get_ylim()[1]
    line = {
        "arrowstyle": "-",
        "color": SOFT,
        "linewidth": 0.5,
        "shrinkA": 1,
        "shrinkB": 3,
        "relpos": (0, 0.5),
    }
    for row, height in zip(brands.to_dict("records"), spread(heights.tolist()), strict=True):
        words = f"{row['brand']} ({found.phrases.number(row['n'], 0)})"
        ax.annotate(
            words, (row[x], row[y]), (1.04, height), textcoords="axes fraction", va="center",
            fontsize=TEXT - 1, arrowprops=line,
        )  # fmt: skip


def spread(heights: list[float], step: float = STEP) -> list[float]:
    """Move rising heights (0 to 1) as little as needed for each to lie a step above the one before.

    Examples
    --------
    >>> [round(height, 2) for height in spread([0.5, 0.51, 0.99, 1.0], 0.1)]
    [0.5, 0.6, 0.9, 1.0]
    """
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + step)
    top = 1.0
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], top)
        top = heights[i] - step
    return heights


def _axes(found: Findings, ax: Axes, part: pd.DataFrame, sides: Sides) -> None:
    """What each axis says, and which brands are left out as too few to say."""
    few = part.loc[part[[*sides]].isna().any(axis=1) & (part["brand"] != ALL), "brand"]
    right, up = (found.say("shares_chart.axis.side", side=side) for side in sides)
    lines = [right, found.say("shares_chart.axis.lines"), found.phrases.mark(part["basis"]).strip()]
    if len(few):
        words = found.say("shares_chart.axis.withheld", names=list(few))
        lines += textwrap.wrap(words, 40)
    dress(ax, "\n".join(filter(None, lines)), lambda share: found.phrases.percent(share, 0))
    ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    ax.spines["left"].set_visible(True)
    ax.grid(color=GRID, linewidth=0.6)
    ax.set_ylabel(up, fontsize=TEXT, color=INK)


def plane_words(found: Findings, sides: Sides) -> tuple[str, str]:
    """Which side prevails in each group, by the rule of the findings, and in how many brands it does."""
    table, told, kinds = plane_data(found, sides), [], []
    for group in found.groups:
        kind, _ = found.prevailing(sides, group)
        rows = {side: found.estimates[side, group] for side in sides}
        first = kind if kind in sides else sides[0]
        known = {"group": group, "side": kind, "one": sides[0], "two": sides[1], "brands": ""}
        known |= {"x": rows[first]["share"], "y": rows[sides[sides[0] == first]]["share"]}
        if kind in sides:
            known["brands"] = _clear(found, table[table["group"] == group], kind, sides)
        kinds.append(kind)
        told.append(known)
    same = kinds[0] == kinds[1] and kinds[0] in sides
    keys = ["figures"] * 2 if same else kinds
    rows = [found.say(f"shares_chart.title.plane.{key}", row) for key, row in zip(keys, told, strict=True)]
    title = (
        found.say("shares_chart.title.plane.same", side=kinds[0], told="; ".join(rows))
        if same
        else capital("; ".join(rows))
    )
    return title, f"{title}. {_described(found, table, sides)}"


def _clear(found: Findings, part: pd.DataFrame, kind: str, sides: Sides) -> str:
    """In how many of a group's brands one side's interval lies above the other's; empty if it has none."""
    brands = part[part["brand"] != ALL].dropna(subset=[*sides])
    other = sides[sides[0] == kind]
    above = (brands[f"{kind}_low"] > brands[f"{other}_high"]).sum()
    return (
        found.say("shares_chart.title.plane.brands", above=above, of=len(brands)) if len(brands) > 1 else ""
    )


def _described(found: Findings, table: pd.DataFrame, sides: Sides) -> str:
    """The alternative text after the title: both shares of each group, and between which its brands lie."""
    told = []
    for group in found.groups:
        x, y = (found.estimates[side, group] for side in sides)
        told.append(found.say("shares_chart.alt.group", x, one=sides[0], two=sides[1], x=x, y=y))
        brands = table[(table["group"] == group) & (table["brand"] != ALL)].dropna(subset=[*sides])
        for side in sides if len(brands) > 1 else ():
            low, *_, high = brands.sort_values(side)[["brand", side]].itertuples(index=False)
            ends = {"lowest": low[0], "low": low[1], "highest": high[0], "high": high[1]}
            told.append(found.say("shares_chart.alt.range", side=side, **ends))
    mark = found.phrases.mark(table["basis"])
    return found.say("shares_chart.alt.plane", rows="; ".join(told), mark=mark)


def _plane(sides: Sides) -> Chart:
    return Chart(
        partial(plane_chart, sides=sides),
        partial(plane_data, sides=sides),
        partial(plane_words, sides=sides),
        (4.3, 0),
    )


CHARTS = {"interaction_models": _plane(MODELS), "value_plane": _plane(VALUES)}
