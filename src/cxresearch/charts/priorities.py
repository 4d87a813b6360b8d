"""What to plan first: how much each code matters to the first group, against how it fares."""

from typing import Any

import numpy as np
import pandas as pd

from ..findings import Findings
from ..phrases import Row, capital, machine_part
from ..priorities import QUADRANTS
from .style import INK, SOFT, TEXT, Axes, Chart, Style, dots, frame, head, link

TOP = 10  # codes with a number and a name on the map
QUIET, FAINT = "#8f8f8f", "#cfcfcf"  # intervals of these, and of the others
STYLES: dict[str, Style] = {  # of places
    "first": ("#c9660a", "D", "#c9660a"),
    "other": ("#12355b", "o", "#12355b"),
    "open": (INK, "o", "white"),
}


def priorities_chart(found: Findings, ax: Axes) -> Axes:
    """Draw each code by how much it matters and how it fares, the first ten numbered and named."""
    phrases, table, say = found.phrases, placed(found), "patterns_chart.priorities."
    broken: dict[str, Any] = {"color": SOFT, "linewidth": 0.9, "linestyle": (0, (4, 2)), "zorder": 1}
    ax.axvline(table["importance"].mean(), **broken)
    ax.axhline(table["overall"].iloc[0], **broken)
    ax.set(xlim=(0, 1), ylim=(-1.3, 1.25))
    _marks(found, ax, table)
    _number(ax, table)
    _corners(found, ax)
    _name(found, ax, table.head(TOP))
    head(ax, ncols=3)
    known = {"mark": phrases.mark(table["basis"]), "sample": phrases.sample(table.iloc[0].to_dict())}
    matters = found.say(say + "importance", None, group=found.groups[0], **known)
    frame(ax, matters, found.say(say + "performance"))
    ax.set_yticks([-1, -0.5, 0, 0.5, 1])
    ax.yaxis.set_major_formatter(lambda net, _: phrases.number(100 * net, 0))
    ax.xaxis.set_major_formatter(lambda value, _: phrases.number(value, 1))
    ax.grid(visible=False)
    return ax


def placed(found: Findings) -> pd.DataFrame:
    """Codes of the first group that have a place, by rank."""
    rows = [row for row in found.rows["priorities"] if row["group"] == found.groups[0]]
    table = pd.DataFrame([row for row in rows if row["rank"] == row["rank"] and row["code"] in found.names])
    return table if table.empty else table.sort_values("rank", ignore_index=True)


def _marks(found: Findings, ax: Axes, table: pd.DataFrame) -> None:
    """A mark with both intervals for each code, filled if its place is settled."""
    first, x, y = table["rank"] <= TOP, table["importance"], table["performance"]
    line: dict[str, Any] = {"color": np.where(first, QUIET, FAINT), "linewidth": np.where(first, 1.1, 0.7)}
    ax.hlines(y, table["importance_low"], table["importance_high"], zorder=1, **line)
    ax.vlines(x, table["performance_low"], table["performance_high"], zorder=1, **line)
    settled = table["quadrant"].isin(QUADRANTS)
    surest = table["quadrant"] == QUADRANTS[0]
    for kind, chosen in (("first", surest), ("other", settled & ~surest), ("open", ~settled)):
        if chosen.any():
            sizes = np.where(first, 40, 18)[chosen]
            words = found.say(f"patterns_chart.priorities.legend.{kind}")
            marks = dots(ax, x[chosen], y[chosen], sizes, STYLES[kind], label=words, linewidths=1.0)
            link(marks, found.groups[0], *table["code"][chosen])


def _number(ax: Axes, table: pd.DataFrame) -> None:
    """Ranks beside the first codes, each where it is farthest from marks and from other numbers."""
    scale = np.array([4.2, 1.75])  # inches of a unit of either axis, nearly
    marks = table[["importance", "performance"]].to_numpy() * scale
    taken, ways = marks.copy(), [(1, 0.8), (-1, 0.8), (1, -0.8), (-1, -0.8), (0, 1.1), (0, -1.1)]
    moves = np.array([(far * x, far * y) for far in (0.13, 0.2, 0.28) for x, y in ways])
    style: dict[str, Any] = {"fontsize": TEXT, "fontweight": "bold", "color": INK}
    for rank, (at, place) in enumerate(zip(marks[:TOP], marks[:TOP] / scale, strict=True), 1):
        free = np.linalg.norm((at + moves)[:, None] - taken, axis=2).min(axis=1)
        move = moves[np.argmax(free.clip(max=0.15))]  # the first that is free enough, or else the freest
        taken = np.vstack([taken, at + move])
        ax.annotate(
            str(rank), place, 72 * move, textcoords="offset points", ha="center", va="center", **style
        )


def _corners(found: Findings, ax: Axes) -> None:
    """What each corner of the map means, beyond the reach of the marks."""
    places = {
        "act first": (0.99, -1.21),
        "watch": (0.01, -1.21),
        "keep up": (0.99, 1.16),
        "low": (0.01, 1.16),
    }
    style: dict[str, Any] = {"va": "center", "fontsize": TEXT, "fontweight": "bold", "color": SOFT}
    for name, (x, y) in places.items():
        words = capital(found.say(f"patterns_chart.priorities.quadrants.{name}"))
        ax.text(x, y, words, ha="right" if x > 0.5 else "left", **style)


def _name(found: Findings, ax: Axes, table: pd.DataFrame) -> None:
    """The names behind the numbers, with n, at the right of the map."""
    lines = [found.say("patterns_chart.priorities.listed")]
    for rank, row in enumerate(table.to_dict("records"), 1):
        known = {"place": f"{rank:\u2007>2}", "name": found.names[row["code"]], "cases": int(row["cases"])}
        lines.append(found.say("patterns_chart.priorities.item", **known))
    style: dict[str, Any] = {"transform": ax.transAxes, "fontsize": TEXT - 0.5, "color": INK, "va": "center"}
    for k, line in enumerate(lines):
        ax.text(1.03, 0.94 - 0.075 * k, line, fontweight="normal" if k else "bold", **style)


def _priorities_words(found: Findings) -> tuple[str, str]:
    """Which codes are to be acted on first, and that other places are not settled."""
    table, say, group = placed(found), "patterns_chart.priorities.", found.groups[0]
    if table.empty:
        return (found.say(say + "empty", group=group),) * 2
    surest = table[table["quadrant"] == QUADRANTS[0]]
    machine = machine_part(table["basis"]) == "all"
    kind = "machine" if machine else "none" if surest.empty else "some"
    chosen = (table[table["likely"] == QUADRANTS[0]].head(3) if surest.empty else surest)["code"]
    names = [found.names[code] for code in chosen]
    title = found.say(f"{say}title.{kind}", group=group, names=names, n=len(names))
    each = [_place(found, row) for row in table.head(5).to_dict("records")]
    mark = found.phrases.mark(table["basis"])
    alt = found.say(say + "alt", None, group=group, n=len(table), rows="; ".join(each), mark=mark,
                    sample=found.phrases.sample(table.iloc[0].to_dict()))  # fmt: skip
    return title, alt


def _place(found: Findings, row: Row) -> str:
    known = {
        "matters": found.phrases.interval(row, "importance_", factor=1),
        "name": found.names[row["code"]],
    }
    known["fares"] = found.phrases.interval(row, "performance_", digits=0)
    return found.say("patterns_chart.priorities.place", row, **known)


CHARTS = {"priorities": Chart(priorities_chart, placed, _priorities_words, (0.9, 0.78))}
