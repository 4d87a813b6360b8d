"""Charts of shares: the ledger, sentiment by group, both groups' share of each code, and its correction."""

from __future__ import annotations

from statistics import median
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..estimates import TOO_FEW
from ..findings import Findings
from ..phrases import Row, capital, small
from .style import (
    GRID, GROUP_STYLES, INK, SENTIMENT_STYLES, SOFT, TEXT, Chart, beside, dress, finish, group_label, head, link, write,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFFSETS = (-0.17, 0.17)  # of the two groups from the middle of their row
VERDICT_STYLES = {"aligned": ("o", INK), "different": ("D", INK), "not shown": ("o", "white")}
VERDICT_STYLES |= {"uncorrected": ("s", "white")}  # marker and its filling
COLUMNS = ["code", "group", "n", "n_hand", "machine_share", "hand_share", "share", "low", "high", "basis", "note"]
LINE = "#a8a8a8"  # between two marks


def ledger_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how many comments came in, how many were set aside for which reason, and how many are studied."""
    phrases, counts = found.phrases, found.ledger_counts()
    colors = [GROUP_STYLES[step not in ("raw", "kept")][0] for step in counts]
    bars = ax.barh(range(len(counts)), list(counts.values()), height=0.62, color=colors)
    ax.bar_label(bars, fmt=lambda n: phrases.number(n, 0), padding=3, fontsize=TEXT, color=INK)
    ax.set_xlim(0, 1.1 * max(*counts.values(), 1))
    labels = {step: capital(phrases.name("ledger", step)) for step in counts}
    unit = phrases.say("shares_chart.axis.comments")
    return dress(finish(ax, labels, ("raw", "kept")), unit, lambda n: phrases.number(n, 0))


def sentiment_balance_chart(found: Findings, ax: Axes) -> Axes:
    """Draw each group's negative share to the left, its positive share to the right, and the net below."""
    phrases, net = found.phrases, pd.DataFrame(found.net)
    moods = [found.estimates[mood, group]["high"] for mood, *_ in SENTIMENT_STYLES for group in net["group"]]
    reach = 1.15 * pd.concat([pd.Series([0.2, *moods]), net["low"].abs(), net["high"]]).max()
    ax.set_xlim(-1.2 * reach, 1.6 * reach)  # room for the net's label and for the neutral share
    labels = {}
    for y, row in enumerate(found.net):
        labels[row["group"]] = capital(phrases.label(row)).replace(", ", "\n").replace(" (", "\n(")
        if row["note"]:
            write(ax, phrases.name("verdict", row["note"]), 0, y, color=SOFT)
        else:
            _sentiment_row(found, ax, y, row)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xticks([tick / 100 for tick in range(-100, 101, 25) if abs(tick / 100) <= reach])
    words = phrases.say("shares_chart.axis.sentiment", mark=phrases.mark(net["basis"]))
    return dress(finish(ax, labels), words, lambda share: phrases.number(100 * share, 0))


def _sentiment_row(found: Findings, ax: Axes, y: int, row: Row) -> None:
    """One group: negative and positive shares as bars from the middle, the net as a point below them."""
    phrases = found.phrases
    for code, side, color in SENTIMENT_STYLES:
        mood = found.estimates[code, row["group"]]
        (bar,) = ax.barh(y, side * mood["share"], height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        link(bar, row["group"], code)
        ax.hlines(y, side * mood["low"], side * mood["high"], color=INK, linewidth=1.3)
        write(ax, phrases.say(f"shares_chart.chart.{code}", **mood), 0, y - 0.17, side, va="bottom")
    write(ax, phrases.say("shares_chart.chart.neutral", **row), ax.get_xlim()[1], y, -1)
    net, side = row["net"], 1 if row["net"] >= 0 else -1
    ax.hlines(y + 0.3, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(net, y + 0.3, "o", color=INK, markersize=6)
    end = row["high" if side > 0 else "low"]
    write(ax, phrases.say("shares_chart.chart.net", **row), net if pd.isna(end) else end, y + 0.3, side)


def code_shares_chart(found: Findings, ax: Axes) -> Axes:
    """Draw both groups' share of comments with each code; beside them the gap, its margin and the verdict."""
    table, phrases = _estimates(found), found.phrases
    parts = [table[table["group"] == group] for group in found.groups]
    ends = [part["y"] + offset for part, offset in zip(parts, OFFSETS, strict=True)]
    ax.plot([part["share"] for part in parts], ends, color=LINE, linewidth=1, zorder=1)
    for part, y, style in zip(parts, ends, GROUP_STYLES, strict=True):
        label = group_label(found, part["group"].iloc[0], part["code"].iloc[0])
        _points(found, ax, part.assign(y=y), style, label)
    head(ax)
    _gaps(found, beside(ax, 0.62))
    finish(ax, *_rows(found))
    return _share_axis(found, ax, table)


def correction_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how far hand coding moved the machine's share of each code: a panel per group, on shared rows."""
    table, say = _estimates(found), found.say
    panels = (ax, beside(ax, 1))
    for panel, group, style in zip(panels, found.groups, GROUP_STYLES, strict=True):
        part = table[table["group"] == group]
        panel.plot([part["machine_share"], part["share"]], [part["y"]] * 2, color=LINE, linewidth=1.6, zorder=1)
        label = say("shares_chart.chart.machine")
        panel.scatter(part["machine_share"], part["y"], 18, "white", "o", edgecolors=SOFT, label=label, zorder=2)
        corrected = part[part["basis"] == "corrected"]
        _points(found, panel, corrected, style, say("shares_chart.chart.corrected"))
        told = part[(part["n_hand"] > 0) & (part["n_hand"] < part["n"])]  # of all comments, both are the same
        if len(told):
            label = say("shares_chart.chart.by_hand")
            panel.scatter(told["hand_share"], told["y"], 16, INK, "x", linewidths=0.9, label=label, zorder=4)
        head(panel, ncols=3, title=group_label(found, group, part["code"].iloc[0]))
    _share_axis(found, panels[1], table)
    finish(ax, *_rows(found))
    return _share_axis(found, ax, table)


def _rows(found: Findings) -> tuple[dict[str, str], list[str]]:
    """Labels of the rows, families with their codes after them; and which of them are families."""
    families = [family.family for family in found.codebook.families]
    return {code: found.names[code] for code in found.outline(families)}, families


def _estimates(found: Findings) -> pd.DataFrame:
    """Estimates of all codes, each group's in the order of the rows; y is their row."""
    labels, families = _rows(found)
    rows = [
        found.estimates[code, group] | {"y": float(y)}
        for group in found.groups for y, code in enumerate(labels) if code not in families
    ]  # fmt: skip
    return pd.DataFrame(rows)[COLUMNS + ["y"]]


def _points(found: Findings, ax: Axes, part: pd.DataFrame, style: tuple, label: str) -> None:
    """A group's shares as points that lead to the comments, with their intervals; or why there are none."""
    color, shape, inside = style
    told = part[part["share"].notna()]
    ax.hlines(told["y"], told["low"], told["high"], color=color, linewidth=1.3, zorder=2)
    look = {"edgecolors": color, "linewidths": 1.1, "zorder": 3, "label": label}
    for group, rows in told.groupby("group"):
        link(ax.scatter(rows["share"], rows["y"], 24, inside, shape, **look), group, *rows["code"])
    for y in part.loc[part["share"].isna(), "y"]:
        write(ax, found.phrases.name("verdict", TOO_FEW), 0, y, fontsize=TEXT - 2, color=SOFT)


def _gaps(found: Findings, ax: Axes) -> None:
    """Both groups' gaps, with intervals, over the margin within which they count as none."""
    margin = found.study.margins.alignment_margin
    ax.axvspan(-margin, margin, color=GRID, linewidth=0, label=found.say("shares_chart.chart.margin"))
    ax.axvline(0, color=SOFT, linewidth=0.8)
    labels, _ = _rows(found)
    rows = [row | {"y": y} for y, code in enumerate(labels) if (row := found.comparisons.get(code)) and row["kind"] == "code"]
    table = pd.DataFrame(rows)
    for verdict in [name for name in VERDICT_STYLES if name in set(table["verdict"])]:
        part, (shape, inside) = table[(table["verdict"] == verdict) & table["gap"].notna()], VERDICT_STYLES[verdict]
        ax.hlines(part["y"], part["low"], part["high"], color=SOFT, linewidth=0.8)
        ax.hlines(part["y"], part["low_90"], part["high_90"], color=INK, linewidth=2)
        label = found.phrases.name("verdict", verdict)
        marks = ax.scatter(part["gap"], part["y"], 24, inside, shape, edgecolors=INK, label=label, zorder=3)
        link(marks, "all", *part["code"])
    for y in table.loc[table["gap"].isna(), "y"]:
        write(ax, found.phrases.name("verdict", TOO_FEW), -margin, y, fontsize=TEXT - 2, color=SOFT)
    ax.set_xlim(min(-1.4 * margin, 1.08 * table["low"].min()), max(1.4 * margin, 1.08 * table["high"].max()))
    unit = "\n".join(fill(line, 28) for line in found.say("shares_chart.axis.gap").splitlines())
    dress(ax, unit, lambda gap: found.phrases.number(100 * gap, 0))
    head(ax)


def _share_axis(found: Findings, ax: Axes, table: pd.DataFrame) -> Axes:
    reach = max(0.05, table[["high", "machine_share"]].max().max())
    ax.set_xlim(-0.025 * reach, 1.06 * reach)
    unit = f"{found.say('shares_chart.axis.share')}\n{found.phrases.mark(table['basis']).strip()}".strip()
    return dress(ax, unit, lambda share: found.phrases.percent(share, 0))


def _told(found: Findings, title: str, alt: str, **values: object) -> tuple[str, str]:
    """Title, and the alternative text, which says the title first."""
    return title, f"{title}. {found.say(f'shares_chart.alt.{alt}', **values)}"


def _ledger_words(found: Findings) -> tuple[str, str]:
    counts = found.ledger_counts()
    raw, kept = counts["raw"], counts["kept"]
    key = "whole" if raw == kept else "part"
    title = found.say(f"shares_chart.title.ledger.{key}", raw=raw, kept=kept, lost=raw - kept)
    rows = [found.say("shares_chart.alt.step", step=step, count=n) for step, n in counts.items()]
    return _told(found, title, "ledger", rows="; ".join(rows))


def _sentiment_words(found: Findings) -> tuple[str, str]:
    few = any(row["note"] == TOO_FEW for row in found.net)
    gap = found.gap("net")
    title = found.say(f"shares_chart.title.net.{TOO_FEW if few else gap['verdict']}", gap)
    rows = [found.say(f"shares_chart.alt.{'withheld' if row['note'] else 'net'}", row) for row in found.net]
    return _told(found, title, "sentiment_balance", rows=". ".join(rows))


def _widest(found: Findings) -> list[Row]:
    """The comparisons of the three codes with the widest gaps."""
    gaps = pd.Series({code: found.comparisons[code]["gap"] for code in found.codebook.names}, dtype=float)
    return [found.gap(code) for code in gaps.abs().nlargest(3).index]


def _code_words(found: Findings) -> tuple[str, str]:
    verdicts = found.by_verdict(family.family for family in found.codebook.families)
    counts = [found.say(f"verdicts.{verdict}", n=len(codes)) for verdict, codes in verdicts.items()]
    known = {"of": len(found.codebook.names), "counts": counts}
    key = "codes_machine" if set(verdicts) == {"uncorrected"} else "codes"
    widest = _widest(found)
    first = widest[0] | {"name": small(widest[0]["name"])} if widest else {}
    title = found.say(f"shares_chart.title.{key if widest else 'codes_few'}", first, **known)
    rows = "; ".join(found.say("shares_chart.alt.code", row) for row in widest)
    return _told(found, title, "code_shares", rows=rows, mark=_mark(found), **known)


def _mark(found: Findings) -> str:
    return found.phrases.mark(row["basis"] for row in found.estimates.values())


def _correction_words(found: Findings) -> tuple[str, str]:
    shifts = [row | {"name": small(found.names[row["code"]])} for row in found.shifts()]
    if not shifts:
        title = found.say(f"shares_chart.title.{'few' if _correction_data(found).size else 'none'}")
        return title, title
    middle = median(abs(row["shift"]) for row in shifts)
    title = found.say(f"shares_chart.title.{'moved' if middle >= 0.0005 else 'still'}", shifts[0], median=100 * middle)
    rows = "; ".join(found.say("shares_chart.alt.shift", row) for row in shifts[:3])
    return _told(found, title, "correction", rows=rows, mark=_mark(found))


def _ledger_data(found: Findings) -> pd.DataFrame:
    return pd.DataFrame(found.ledger_counts().items(), columns=["step", "comments"])


def _code_data(found: Findings) -> pd.DataFrame:
    """Estimates of both groups, and the gap with its verdict beside the first group's."""
    gaps = pd.DataFrame(found.comparisons.values())
    gaps = gaps[["code", "gap", "low_90", "high_90", "verdict"]]
    return _estimates(found).drop(columns="y").merge(gaps, on="code", validate="many_to_one")


def _correction_data(found: Findings) -> pd.DataFrame:
    table = _estimates(found).drop(columns="y")
    return table if table["n_hand"].any() else table.iloc[:0]


CHARTS = {
    "ledger": Chart(ledger_chart, _ledger_data, _ledger_words, (0.8, 0.3)),
    "sentiment_balance": Chart(
        sentiment_balance_chart, lambda found: pd.DataFrame(found.net), _sentiment_words, (0.9, 1.05)
    ),
    "code_shares": Chart(code_shares_chart, _code_data, _code_words, (1.75, 0.235)),
    "correction": Chart(correction_chart, _correction_data, _correction_words, (1.5, 0.2)),
}
