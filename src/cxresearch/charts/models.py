"""The two planes: a group, and each brand in it, by how often it speaks in one way and in the other."""

import textwrap
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..estimates import TOO_FEW
from ..findings import Findings
from ..phrases import capital
from ..profiles import MODELS, VALUES
from .style import GRID, GROUP_STYLES, INK, SOFT, TEXT, Axes, Chart, Style, divide, dots, dress, head, link

Sides = tuple[str, str]
ALL = "all"  # a group's own point, beside those of its brands
MOST = 12  # brands drawn: those with most comments
STEP = 0.07  # between two names, as a part of the plane's height


def plane_chart(found: Findings, ax: Axes, sides: Sides) -> Axes:
    """Draw a plane per group, its own point large and its brands' small, each with both intervals.

    The first side is read to the right, the second upwards; on the dashed line both are equally frequent.
    """
    table = plane_data(found, sides)
    x, y = (1.04 * max(0.05, table[f"{side}_high"].max()) for side in sides)
    panels = (ax, divide(ax, (2, 1)))
    for panel, group, style in zip(panels, found.groups, GROUP_STYLES, strict=True):
        part = table[table["group"] == group]
        panel.set(xlim=(0, x), ylim=(0, y))
        _marks(found, panel, part.dropna(subset=[*sides]), sides, style)
        label, end = found.say("shares_chart.chart.equal"), min(x, y)
        panel.plot([0, end], [0, end], color=SOFT, lw=0.8, ls=(0, (4, 3)), zorder=1, label=label)
        _axes(found, panel, part, sides, last=panel is panels[-1])
        head(panel, ncols=3, title=capital(found.phrases.label(found.estimates[sides[0], group])))
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


def _marks(found: Findings, ax: Axes, part: pd.DataFrame, sides: Sides, style: Style) -> None:
    """A group's point and its intervals, behind those of its brands, which are named at the right."""
    x, y = sides
    looks = {True: (style, 60, 2.0), False: (("white", "o", INK), 17, 0.5)}
    for own, (look, size, width) in looks.items():
        rows, color = part[(part["brand"] == ALL) == own], style[0] if own else SOFT
        if len(rows):
            ax.hlines(rows[y], rows[f"{x}_low"], rows[f"{x}_high"], color=color, linewidth=width)
            ax.vlines(rows[x], rows[f"{y}_low"], rows[f"{y}_high"], color=color, linewidth=width)
            label = found.say(f"shares_chart.chart.{'total' if own else 'each'}")
            marks = dots(ax, rows[x], rows[y], size, look, label=label, zorder=4 - own, linewidths=0.4 + own)
            link(marks, rows["group"].iloc[0], x)
    if ALL not in set(part["brand"]):
        few = found.phrases.name("verdict", TOO_FEW)
        ax.text(0.5, 0.5, few, transform=ax.transAxes, ha="center", fontsize=TEXT, color=SOFT)
    brands = part[part["brand"] != ALL].sort_values([y, "brand"])
    line: dict[str, Any] = {"arrowstyle": "-", "color": SOFT, "lw": 0.7, "ls": (0, (1, 2)), "shrinkB": 3}
    heights = spread((brands[y] / ax.get_ylim()[1]).to_numpy())
    for row, height in zip(brands.to_dict("records"), heights, strict=True):
        words = f"{row['brand']} ({found.phrases.number(row['n'], 0)})"
        ax.annotate(
            words, (row[x], row[y]), (1.03, height), textcoords="axes fraction", va="center",
            fontsize=TEXT - 1, arrowprops=line | {"relpos": (0, 0.5)},
        )  # fmt: skip


def spread(heights: NDArray, step: float = STEP) -> NDArray:
    """Move rising heights (0 to 1) apart, up as far as down, until each lies a step above the one before.

    Examples
    --------
    >>> spread(np.array([0.5, 0.5, 0.99, 1.0]), 0.1).round(2).tolist()
    [0.45, 0.55, 0.9, 1.0]
    """
    steps = step * np.arange(len(heights))
    level = heights - steps
    up, down = np.maximum.accumulate(level), np.minimum.accumulate(level[::-1])[::-1]
    return steps + ((up + down) / 2).clip(0, 1 - step * (len(heights) - 1))


def _axes(found: Findings, ax: Axes, part: pd.DataFrame, sides: Sides, last: bool) -> None:
    """What each axis says, the right one in the last plane; and which brands have too few comments to say."""
    few = part.loc[part[[*sides]].isna().any(axis=1) & (part["brand"] != ALL), "brand"]
    lines = [textwrap.fill(found.say("shares_chart.axis.withheld", names=list(few)), 80)] if len(few) else []
    if last:
        mark = found.phrases.mark(part["basis"])
        lines.insert(0, found.say("shares_chart.axis.right", side=sides[0], mark=mark))
    dress(ax, "\n".join(lines), lambda share: found.phrases.percent(share, 0))
    ax.yaxis.set_major_formatter(ax.xaxis.get_major_formatter())
    ax.spines["left"].set_visible(True)
    ax.grid(axis="y", color=GRID, linewidth=0.6)
    ax.set_ylabel(found.say("shares_chart.axis.up", side=sides[1]), fontsize=TEXT, color=INK)


def plane_words(found: Findings, sides: Sides) -> tuple[str, str]:
    """Which side prevails in each group, by the rule of the findings, and in how many brands it does."""
    kinds = [found.prevailing(sides, group)[0] for group in found.groups]
    same = kinds[0] == kinds[1] and kinds[0] in (*sides, "uncorrected")
    told = []
    for group, kind in zip(found.groups, kinds, strict=True):
        x, y = sides[::-1] if kind == sides[1] else sides
        known = {"group": group, "side": kind, "one": sides[0], "two": sides[1]}
        known |= {name: found.estimates[side, group]["share"] for name, side in (("x", x), ("y", y))}
        told.append(found.say(f"shares_chart.title.plane.{'figures' if same else kind}", known))
    title = capital("; ".join(told))
    table, brands = plane_data(found, sides), ""
    if same:
        key = "machine" if kinds[0] == "uncorrected" else "same"
        title = found.say(f"shares_chart.title.plane.{key}", known, told=told)
    if same and kinds[0] in sides:
        brands = _clear(found, table.dropna(subset=[*sides]), kinds[0], sides)
    return title + brands, f"{title}{brands}. {_described(found, table, sides)}"


def _clear(found: Findings, table: pd.DataFrame, kind: str, sides: Sides) -> str:
    """In how many brands of each group one side's interval lies above the other's; empty without brands."""
    brands, other = table[table["brand"] != ALL], sides[sides[0] == kind]
    above = (brands[f"{kind}_low"] > brands[f"{other}_high"]).groupby(brands["group"]).agg(["sum", "size"])
    if len(above) < len(found.groups):
        return ""
    parts = [dict(zip(("above", "of"), above.loc[g], strict=True)) | {"group": g} for g in found.groups]
    counts = [found.say("shares_chart.title.plane.of", part) for part in parts]
    return found.say("shares_chart.title.plane.brands", counts=counts)


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
    draw, data = partial(plane_chart, sides=sides), partial(plane_data, sides=sides)
    return Chart(draw, data, partial(plane_words, sides=sides), (6.6, 0))


CHARTS = {"interaction_models": _plane(MODELS), "value_plane": _plane(VALUES)}
