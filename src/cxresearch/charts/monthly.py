"""A code month by month, with its usual range."""

from math import ceil, floor
from typing import Any

import pandas as pd

from ..findings import Findings
from ..phrases import Row
from ..trends import MONTHS, POOLED
from .style import INK, SOFT, TEXT, Axes, Chart, frame, head, link

USUAL = "expectation_unmet"  # shown if no month of any code left its range
CHANCE = (0.003, 0.015)  # of the months leave it by chance: trends.control_chart
MARK, RANGE, LIMIT = "#c9660a", "#ececec", "#8f8f8f"


def monthly_chart(found: Findings, ax: Axes) -> Axes:
    """Draw a code's share month by month, with its usual range: a p-chart of the `telling` series."""
    phrases, table = found.phrases, telling(found)
    x, group, code = range(len(table)), table["group"].iloc[0], table["code"].iloc[0]
    say = "patterns_chart.monthly."
    height = table["upper"] - table["lower"]
    told: list[Any] = [ax.bar(x, height, 1, table["lower"], color=RANGE, label=phrases.say(say + "range"))]
    ends = [at - 0.5 for at in x], [at + 0.5 for at in x]
    for limit in ("lower", "upper"):
        ax.hlines(table[limit], *ends, color=LIMIT, linewidth=0.8, linestyle=(0, (4, 2)))
    told.append(ax.hlines(table["centre"], *ends, color=SOFT, linewidth=1, label=phrases.say(say + "centre")))
    ax.vlines(x, table["low"], table["high"], color=INK, linewidth=1.1)
    for at, row in enumerate(table.to_dict("records")):
        shape, size, fill = ("D", 8, MARK) if row["signal"] else ("o", 5, INK)
        (mark,) = ax.plot(at, row["share"], shape, markersize=size, markerfacecolor=fill, markeredgecolor=INK,
                          clip_on=False, zorder=3)  # fmt: skip
        link(mark, group, code)
        if row["share"] != row["share"]:
            words = phrases.name("verdict", row["note"]) if row["n"] else phrases.name("reasons", row["note"])
            ax.annotate(words, (at, 0), (0, 4), textcoords="offset points", fontsize=TEXT - 2, color=SOFT,
                        rotation=90, ha="center", va="bottom")  # fmt: skip
    if (table["signal"] != "").any():
        look: dict[str, Any] = {"markersize": 7, "markerfacecolor": MARK, "markeredgecolor": INK}
        told += ax.plot([], [], "D", **look, label=phrases.say(say + "signal"))
    head(ax, ncols=3, handles=told)
    _month_ticks(found, ax, table)
    return _axes(found, ax, table)


def telling(found: Findings) -> pd.DataFrame:
    """The series to show: that with most months out of their range, of the first group before the other.

    Without any, `expectation_unmet` of the first group. Empty if no series has enough months.
    """
    groups, series = found.groups, pd.DataFrame(_own(found))
    if series.empty or series["centre"].isna().all():
        return pd.DataFrame(columns=series.columns)
    signals = series[series["signal"] != ""].groupby(["group", "code"], sort=False).size()
    known = series[series["centre"].notna()].groupby(["group", "code"], sort=False).size()
    order = sorted(known.index, key=lambda key: (-signals.get(key, 0), key[1] != USUAL, groups.index(key[0])))
    group, code = order[0]
    shown = series[(series["group"] == group) & (series["code"] == code)]
    return shown.sort_values("month", ignore_index=True)


def _own(found: Findings) -> list[Row]:
    """Months of each group on its own: both together hold the same comments."""
    rows = (row for row in found.rows["series"] if row["group"] in found.groups)
    return [row for row in rows if row["code"] in found.names]


def beside_chance(found: Findings) -> Row:
    """Months with a usual range (`of`), those that left it (`n`), and would by chance (`low` to `high`)."""
    every = [row for row in _own(found) if row["centre"] == row["centre"]]
    low, high = floor(CHANCE[0] * len(every)), ceil(CHANCE[1] * len(every))
    return {"of": len(every), "n": sum(row["signal"] != "" for row in every), "low": low, "high": high}


def _axes(found: Findings, ax: Axes, table: pd.DataFrame) -> Axes:
    """What both axes measure, where the shares come from, and up to where they reach."""
    phrases, say = found.phrases, "patterns_chart.monthly."
    mark = phrases.mark(table["basis"])
    mark += phrases.say(say + "pooled") if POOLED in set(table["basis"]) else ""
    counted = phrases.sample({"n": int(table["n"].sum()), "n_hand": int(table["n_hand"].sum())})
    frame(ax, found.say(say + "months", sample=counted, mark=mark), found.say(say + "unit"))
    top = max(0.05, float(table["high"].max()), float(table["upper"].max()))
    step = next((s for s in (0.01, 0.02, 0.05, 0.1) if top / s <= 5), 0.2)
    ax.set_yticks([k * step for k in range(int(top / step) + 1)])
    ax.yaxis.set_major_formatter(lambda share, _: phrases.percent(share, 0))
    ax.set(xlim=(-0.6, len(table) - 0.4), ylim=(0, 1.04 * top))
    return ax


def _month_ticks(found: Findings, ax: Axes, table: pd.DataFrame) -> None:
    """Months in words, with n below each; the year below the first and every January."""
    step, ticks = -(-len(table) // 12), []
    for at, row in enumerate(table.to_dict("records")):
        year, month = row["month"].split("-")
        below = f"\n{year}" if at == 0 or month == "01" else ""
        name, n = found.phrases.month(row["month"])[:3], found.phrases.number(row["n"], 0)
        ticks.append("" if at % step else f"{name}\n{n}{below}")
    ax.set_xticks(range(len(table)), ticks)


def _monthly_words(found: Findings) -> tuple[str, str]:
    """Which months left their usual range; and how many of all would by chance."""
    table, say = telling(found), "patterns_chart.monthly."
    if table.empty:
        months = len({row["month"] for row in _own(found) if row["share"] == row["share"]})
        kind = "few" if months else "withheld" if _own(found) else "empty"
        return (found.say(f"{say}{kind}", n=months, least=MONTHS),) * 2
    records = table.to_dict("records")
    each = {row["month"]: found.say(say + "month", row) for row in records}
    out = [each[row["month"]] for row in records if row["signal"]]
    known: Row = {"code": found.names[table["code"].iloc[0]], "mark": found.phrases.mark(table["basis"])}
    known["group"] = table["group"].iloc[0]
    title = found.say(say + ("title.some" if out else "title.none"), months=out, n=len(out), **known)
    chance = found.say(say + "chance", beside_chance(found))
    ends = {"first_month": records[0]["month"], "last_month": records[-1]["month"]}
    alt = found.say(say + "alt", None, rows="; ".join(each.values()), **ends, **known)
    return f"{title} {chance}", f"{alt} {chance}"


CHARTS = {"monthly": Chart(monthly_chart, telling, _monthly_words, (1.4, 0.42))}
