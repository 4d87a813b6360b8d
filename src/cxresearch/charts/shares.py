"""Charts of codes: both groups' shares with their gap, and how far hand coding moved them."""

from statistics import median
from textwrap import fill

import pandas as pd

from ..estimates import TOO_FEW
from ..findings import Findings
from ..phrases import small
from .style import (
    GRID,
    GROUP_STYLES,
    INK,
    SOFT,
    TEXT,
    Axes,
    Chart,
    Style,
    beside,
    dots,
    dress,
    finish,
    group_label,
    head,
    link,
    told,
    write,
)

OFFSETS = (-0.17, 0.17)  # of the two groups from the middle of their row
VERDICT_STYLES = {"aligned": (INK, "o", INK), "different": (INK, "D", INK)}  # as of groups
VERDICT_STYLES |= {"not shown": (INK, "o", "white"), "uncorrected": (INK, "s", "white")}
COLUMNS = ["code", "group", "n", "n_hand", "machine_share", "hand_share"]
COLUMNS += ["share", "low", "high", "basis", "note"]
LINE = "#a8a8a8"  # between two marks


def code_shares_chart(found: Findings, ax: Axes) -> Axes:
    """Draw both groups' share of comments with each code; beside them the gap, its margin and the verdict."""
    finish(ax, *_rows(found))
    table = _estimates(found)
    parts = [table[table["group"] == group] for group in found.groups]
    ends = [part["y"] + offset for part, offset in zip(parts, OFFSETS, strict=True)]
    ax.plot([part["share"] for part in parts], ends, color=LINE, linewidth=1, zorder=1)
    for part, y, style in zip(parts, ends, GROUP_STYLES, strict=True):
        label = group_label(found, part["group"].iloc[0], part["code"].iloc[0])
        _points(found, ax, part.assign(y=y), style, label)
    head(ax)
    _gaps(found, beside(ax, 0.62))
    return _share_axis(found, ax, table)


def correction_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how far hand coding moved the machine's share of each code: a panel per group, on shared rows."""
    table, say = _estimates(found), found.say
    panels = (finish(ax, *_rows(found)), beside(ax, 1))
    for panel, group, style in zip(panels, found.groups, GROUP_STYLES, strict=True):
        part = table[table["group"] == group]
        ends = [part["machine_share"], part["share"]]
        panel.plot(ends, [part["y"]] * 2, color=LINE, linewidth=1.6, zorder=1)
        label = say("shares_chart.chart.machine")
        dots(panel, part["machine_share"], part["y"], 18, (SOFT, "o", "white"), label=label, zorder=2)
        corrected = part[part["basis"] == "corrected"]
        _points(found, panel, corrected, style, say("shares_chart.chart.corrected"))
        coded = part[(part["n_hand"] > 0) & (part["n_hand"] < part["n"])]  # of all, both are the same
        if len(coded):
            label = say("shares_chart.chart.by_hand")
            dots(panel, coded["hand_share"], coded["y"], 16, (INK, "x", INK), label=label, zorder=4)
        head(panel, ncols=3, title=group_label(found, group, part["code"].iloc[0]))
    _share_axis(found, panels[1], table)
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
    return pd.DataFrame(rows)[[*COLUMNS, "y"]]


def _points(found: Findings, ax: Axes, part: pd.DataFrame, style: Style, label: str) -> None:
    """A group's shares as points that lead to the comments, with their intervals; or why there are none."""
    shown = part[part["share"].notna()]
    ax.hlines(shown["y"], shown["low"], shown["high"], color=style[0], linewidth=1.3, zorder=2)
    marks = dots(ax, shown["share"], shown["y"], 24, style, label=label)
    if len(shown):
        link(marks, shown["group"].iloc[0], *shown["code"])
    for y in part.loc[part["share"].isna(), "y"]:
        write(ax, found.phrases.name("verdict", TOO_FEW), 0, y, fontsize=TEXT - 2, color=SOFT)


def _gaps(found: Findings, ax: Axes) -> None:
    """Both groups' gaps, with intervals, over the margin within which they count as none."""
    margin = found.study.margins.alignment_margin
    ax.axvspan(-margin, margin, color=GRID, linewidth=0, label=found.say("shares_chart.chart.margin"))
    ax.axvline(0, color=SOFT, linewidth=0.8)
    places = _estimates(found).drop_duplicates("code")[["code", "y"]]
    table = places.merge(pd.DataFrame(found.comparisons.values()), on="code")
    for verdict in [name for name in VERDICT_STYLES if name in set(table["verdict"])]:
        part = table[(table["verdict"] == verdict) & table["gap"].notna()]
        ax.hlines(part["y"], part["low"], part["high"], color=SOFT, linewidth=0.8)
        ax.hlines(part["y"], part["low_90"], part["high_90"], color=INK, linewidth=2)
        label = found.phrases.name("verdict", verdict)
        link(dots(ax, part["gap"], part["y"], 24, VERDICT_STYLES[verdict], label=label), "all", *part["code"])
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


def _code_words(found: Findings) -> tuple[str, str]:
    """How many codes have each verdict, and which have the widest gaps."""
    verdicts = found.by_verdict(family.family for family in found.codebook.families)
    counts = [found.say(f"verdicts.{verdict}", n=len(codes)) for verdict, codes in verdicts.items()]
    known = {"of": len(found.codebook.names), "counts": counts}
    key = "codes_machine" if found.machine_part == "all" else "codes_mixed"
    key = key if set(verdicts) == {"uncorrected"} else "codes"
    gaps = pd.Series({code: found.comparisons[code]["gap"] for code in found.codebook.names}, dtype=float)
    widest = [found.gap(code) for code in gaps.abs().dropna().nlargest(3).index]
    first = widest[0] | {"name": small(widest[0]["name"])} if widest else {}
    title = found.say(f"shares_chart.title.{key if widest else 'codes_few'}", first, **known)
    rows = "; ".join(found.say("shares_chart.alt.code", row) for row in widest)
    return told(found, title, "code_shares", rows=rows, mark=_mark(found), **known)


def _mark(found: Findings) -> str:
    return found.phrases.mark(row["basis"] for row in found.estimates.values())


def _correction_words(found: Findings) -> tuple[str, str]:
    shifts = [row | {"name": small(found.names[row["code"]])} for row in found.shifts()]
    if not shifts:
        title = found.say(f"shares_chart.title.{'few' if _correction_data(found).size else 'none'}")
        return title, title
    middle = median(abs(row["shift"]) for row in shifts)
    key = "moved" if middle >= 0.0005 else "still"
    title = found.say(f"shares_chart.title.{key}", shifts[0], median=100 * middle)
    rows = "; ".join(found.say("shares_chart.alt.shift", row) for row in shifts[:3])
    return told(found, title, "correction", rows=rows, mark=_mark(found))


def _code_data(found: Findings) -> pd.DataFrame:
    """Estimates of both groups, and the gap with its verdict beside the first group's."""
    gaps = pd.DataFrame(found.comparisons.values())
    gaps = gaps[["code", "gap", "low_90", "high_90", "verdict"]]
    return _estimates(found).drop(columns="y").merge(gaps, on="code", validate="many_to_one")


def _correction_data(found: Findings) -> pd.DataFrame:
    table = _estimates(found).drop(columns="y")
    return table if table["n_hand"].any() else table.iloc[:0]


CHARTS = {
    "code_shares": Chart(code_shares_chart, _code_data, _code_words, (1.75, 0.235)),
    "correction": Chart(correction_chart, _correction_data, _correction_words, (1.5, 0.2)),
}
