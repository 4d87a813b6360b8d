"""What to plan for: which month left its usual range, and which codes matter most and fare worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..findings import Findings
from ..phrases import Row, capital, machine_part
from ..priorities import QUADRANTS
from ..trends import MONTHS
from .marks import frame
from .style import INK, SOFT, TEXT, Chart, head, link

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USUAL = "expectation_unmet"  # shown if no month of any code left its range
CHANCE = (0.003, 0.015)  # of the months leave it by chance: trends.control_chart
TOP = 10  # codes with a number and a name on the map
MARK, RANGE, QUIET = "#c9660a", "#ececec", "#8f8f8f"
SETTLED = {
    "act first": (MARK, "D"),
    "keep up": ("#12355b", "o"),
    "watch": ("#12355b", "o"),
    "low": ("#12355b", "o"),
}


def monthly_chart(found: Findings, ax: Axes) -> Axes:
    """Draw a code's share month by month, with its usual range: a p-chart of the `telling` series."""
    phrases, table = found.phrases, telling(found)
    x, group, code = range(len(table)), table["group"].iloc[0], table["code"].iloc[0]
    say = "patterns_chart.monthly."
    height = table["upper"] - table["lower"]
    told = [ax.bar(x, height, 1, table["lower"], color=RANGE, label=phrases.say(say + "range"))]
    ends = [at - 0.5 for at in x], [at + 0.5 for at in x]
    for limit in ("lower", "upper"):
        ax.hlines(table[limit], *ends, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)))
    told.append(ax.hlines(table["centre"], *ends, color=SOFT, linewidth=1, label=phrases.say(say + "centre")))
    ax.vlines(x, table["low"], table["high"], color=INK, linewidth=1.1)
    for at, row in enumerate(table.to_dict("records")):
        shape, size, fill = ("D", 8, MARK) if row["signal"] else ("o", 5, INK)
        (mark,) = ax.plot(at, row["share"], shape, markersize=size, markerfacecolor=fill, markeredgecolor=INK,
                          clip_on=False, zorder=3)  # fmt: skip
        link(mark, group, code)
        if row["share"] != row["share"]:
            words = phrases.name("verdict", row["note"]) if row["n"] else phrases.name("reasons", row["note"])
            style = {"rotation": 90, "ha": "center", "va": "bottom", "fontsize": TEXT - 2, "color": SOFT}
            ax.annotate(words, (at, 0), (0, 4), textcoords="offset points", **style)
    if (table["signal"] != "").any():
        style = {"markersize": 7, "markerfacecolor": MARK, "markeredgecolor": INK}
        told += ax.plot([], [], "D", **style, label=phrases.say(say + "signal"))
    head(ax, ncols=3, handles=told)
    _month_ticks(found, ax, table)
    known = {"where": _where(found, group), "mark": phrases.mark(table["basis"])}
    counted = phrases.sample({"n": int(table["n"].sum()), "n_hand": int(table["n_hand"].sum())})
    frame(ax, found.say(say + "months", sample=counted), found.say(say + "unit", **known))
    top = max(0.05, table[["high", "upper"]].max(axis=None))
    step = next((s for s in (0.01, 0.02, 0.05, 0.1) if top / s <= 5), 0.2)
    ax.set_yticks([k * step for k in range(int(top / step) + 1)])
    ax.yaxis.set_major_formatter(lambda share, _: phrases.percent(share, 0))
    ax.set(xlim=(-0.6, len(table) - 0.4), ylim=(0, 1.04 * top))
    return ax


def priorities_chart(found: Findings, ax: Axes) -> Axes:
    """Draw each code by how much it matters and how it fares, the first ten numbered and named."""
    phrases, table = found.phrases, placed(found)
    middle, overall = table["importance"].mean(), table["overall"].iloc[0]
    ax.axvline(middle, color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)))
    ax.axhline(overall, color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)))
    for row in reversed(table.to_dict("records")):
        first, settled = row["rank"] <= TOP, row["quadrant"] in SETTLED
        color, shape = SETTLED[row["quadrant"]] if settled else (INK, "o")
        line = {"color": QUIET if first else "#cfcfcf", "linewidth": 1.1 if first else 0.7, "zorder": 1}
        ax.plot([row["importance_low"], row["importance_high"]], [row["performance"]] * 2, **line)
        ax.plot([row["importance"]] * 2, [row["performance_low"], row["performance_high"]], **line)
        look = {"color": color, "markerfacecolor": color if settled else "white", "zorder": 3}
        (mark,) = ax.plot(row["importance"], row["performance"], shape, markersize=6 if first else 4, **look)
        link(mark, row["group"], row["code"])
    ax.set(xlim=(0, 1), ylim=(-1.3, 1.25))
    _number(ax, table)
    _quadrants(found, ax, middle)
    _name(found, ax, table.head(TOP))
    say = "patterns_chart.priorities."
    kinds = {"act first": "D", "settled": "o"} if table["quadrant"].isin(QUADRANTS).any() else {}
    for kind, shape in kinds.items():
        color = MARK if shape == "D" else SETTLED["low"][0]
        ax.plot([], [], shape, color=color, markersize=6, label=phrases.say(f"{say}legend.{kind}"))
    ax.plot(
        [], [], "o", color=INK, markerfacecolor="white", markersize=6, label=phrases.say(say + "legend.open")
    )
    head(ax, ncols=3)
    counted = phrases.sample(table.iloc[0].to_dict())
    known = {"mark": phrases.mark(table["basis"]), "sample": counted, "group": table["group"].iloc[0]}
    frame(ax, found.say(say + "importance", **known), found.say(say + "performance"))
    ax.set_yticks([-1, -0.5, 0, 0.5, 1])
    ax.yaxis.set_major_formatter(lambda net, _: phrases.number(100 * net, 0))
    ax.xaxis.set_major_formatter(lambda value, _: phrases.number(value, 1))
    ax.grid(visible=False)
    return ax


def telling(found: Findings) -> pd.DataFrame:
    """The series to show: that with most months out of their range, of the first group before others.

    Without any, `expectation_unmet` of the first group. Empty if no series has enough months.
    """
    rows = [row for row in found.rows["series"] if row["code"] in found.names]
    groups, series = [*found.groups, "all"], pd.DataFrame(rows)
    if series.empty or series["centre"].isna().all():
        return pd.DataFrame(columns=series.columns)
    signals = series[series["signal"] != ""].groupby(["group", "code"], sort=False).size()
    known = series[series["centre"].notna()].groupby(["group", "code"], sort=False).size()
    order = sorted(known.index, key=lambda key: (-signals.get(key, 0), key[1] != USUAL, groups.index(key[0])))
    group, code = order[0]
    return series[(series["group"] == group) & (series["code"] == code)].sort_values(
        "month", ignore_index=True
    )


def placed(found: Findings) -> pd.DataFrame:
    """Codes of the first group that have a place, by rank."""
    rows = [row for row in found.rows["priorities"] if row["group"] == found.groups[0]]
    table = pd.DataFrame([row for row in rows if row["rank"] == row["rank"] and row["code"] in found.names])
    return table if table.empty else table.sort_values("rank", ignore_index=True)


def _where(found: Findings, group: str) -> str:
    return found.say(f"patterns_chart.of.{'all' if group == 'all' else 'group'}", group=group)


def _month(found: Findings, month: str, form: str) -> str:
    year, number = month.split("-")
    return found.say(f"patterns_chart.{form}.{number}", year=year)


def _month_ticks(found: Findings, ax: Axes, table: pd.DataFrame) -> None:
    """Months in words, with n below each; the year below the first and every January."""
    step, ticks = -(-len(table) // 12), []
    for at, row in enumerate(table.to_dict("records")):
        year = f"\n{row['month'][:4]}" if at == 0 or row["month"].endswith("-01") else ""
        name, n = _month(found, row["month"], "short"), found.phrases.number(row["n"], 0)
        ticks.append("" if at % step else f"{name}\n{n}{year}")
    ax.set_xticks(range(len(table)), ticks)


def _monthly_words(found: Findings) -> tuple[str, str]:
    """Which months left their usual range; and how many of all would by chance."""
    table, say = telling(found), "patterns_chart.monthly."
    if table.empty:
        months = len({row["month"] for row in found.rows["series"] if row["share"] == row["share"]})
        kind = "few" if months else "empty"
        return (found.say(f"{say}{kind}", n=months, least=MONTHS),) * 2
    records = table.to_dict("records")
    name, where = found.names[records[0]["code"]], _where(found, records[0]["group"])
    told = [
        found.say(say + "month", row, name=_month(found, row["month"], "long"))
        for row in records
        if row["signal"]
    ]
    mark = found.phrases.mark(table["basis"])
    title = [
        found.say(
            say + ("title.some" if told else "title.none"),
            code=name,
            where=where,
            months=told,
            n=len(told),
            mark=mark,
        )
    ]
    every = [row for row in found.rows["series"] if row["centre"] == row["centre"]]
    signals = sum(row["signal"] != "" for row in every)
    low, high = (round(part * len(every)) for part in CHANCE)
    title.append(found.say(say + "chance", checked=len(every), n=signals, low=low, high=high))
    ends = {
        end: _month(found, row["month"], "long")
        for end, row in zip(("first_month", "last_month"), (records[0], records[-1]), strict=True)
    }
    each = [found.say(say + "month", row, name=_month(found, row["month"], "long")) for row in records]
    alt = found.say(say + "alt", code=name, where=where, **ends, rows="; ".join(each), mark=mark)
    return " ".join(title), f"{alt} {title[1]}"


def _number(ax: Axes, table: pd.DataFrame) -> None:
    """Ranks beside the first codes, each where it is farthest from marks and from other numbers."""
    scale = np.array([4.2, 1.75])  # inches of a unit of either axis, nearly
    marks = table[["importance", "performance"]].to_numpy() * scale
    taken, ways = marks.copy(), [(1, 0.8), (-1, 0.8), (1, -0.8), (-1, -0.8), (0, 1.1), (0, -1.1)]
    moves = np.array([(far * x, far * y) for far in (0.13, 0.2, 0.28) for x, y in ways])
    style = {"ha": "center", "va": "center", "fontsize": TEXT, "fontweight": "bold", "color": INK}
    for rank, (at, place) in enumerate(zip(marks[:TOP], marks[:TOP] / scale, strict=True), 1):
        free = np.linalg.norm((at + moves)[:, None] - taken, axis=2).min(axis=1)
        move = moves[np.argmax(free.clip(max=0.15))]  # the first that is free enough, or else the freest
        taken = np.vstack([taken, at + move])
        ax.annotate(str(rank), place, 72 * move, textcoords="offset points", **style)


def _quadrants(found: Findings, ax: Axes, middle: float) -> None:
    """What each corner of the map means, beyond the reach of the marks."""
    for name, side, y in (
        ("act first", 1, -1.21),
        ("watch", -1, -1.21),
        ("keep up", 1, 1.16),
        ("low", -1, 1.16),
    ):
        words = capital(found.say(f"patterns_chart.priorities.quadrants.{name}"))
        ax.text(0.99 if side > 0 else 0.01, y, words, ha="right" if side > 0 else "left", va="center",
                fontsize=TEXT, fontweight="bold", color=SOFT)  # fmt: skip


def _name(found: Findings, ax: Axes, table: pd.DataFrame) -> None:
    """The names behind the numbers, with n, at the right of the map."""
    lines = [found.say("patterns_chart.priorities.listed")]
    for rank, row in enumerate(table.to_dict("records"), 1):
        known = {"place": f"{rank:\u2007>2}", "name": found.names[row["code"]], "cases": int(row["cases"])}
        lines.append(found.say("patterns_chart.priorities.item", **known))
    style = {"transform": ax.transAxes, "fontsize": TEXT - 0.5, "color": INK, "va": "center"}
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
    matters = found.phrases.interval(row, "importance_", factor=1, digits=2)
    fares = found.phrases.interval(row, "performance_", digits=0)
    return found.say(
        "patterns_chart.priorities.place", row, name=found.names[row["code"]], matters=matters, fares=fares
    )


CHARTS = {
    "monthly": Chart(monthly_chart, telling, _monthly_words, (1.4, 0.42)),
    "priorities": Chart(priorities_chart, placed, _priorities_words, (0.9, 0.78)),
}
