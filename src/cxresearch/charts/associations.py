"""What goes together: codes with codes, touchpoints with expectations and what follows, words with groups."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd

from ..estimates import TOO_FEW
from ..findings import FDR, Findings
from ..phrases import Row, machine_part
from .style import INK, SOFT, TEXT, Axes, Chart, Style, dress, finish, head, interval_dots, link, write

PAIRS = "pairs of codes"
STAGES = ("expectations by touchpoint", "corrections by expectation")
MOST = 26  # codes in the heat map: more would leave no room for the figures
NAMED = 2  # pairs named in the title
PAIR_COLUMNS = ["one", "two", "n", "n_hand", "cases", "phi", "phi_low", "phi_high", "p", "q", "basis", "note"]
SHARE_COLUMNS = ["question", "group", "given", "then", "n", "n_hand", "cases"]
SHARE_COLUMNS += ["share", "share_low", "share_high", "gap", "gap_low", "gap_high", "basis", "note"]
STYLES: dict[str, Style] = {
    "expectation_met": ("#4a7fa5", "o", "#4a7fa5"),
    "expectation_unmet": ("#b5562a", "D", "white"),
    "correction": (INK, "s", INK),
}


def co_occurrence_chart(found: Findings, ax: Axes) -> Axes:
    """Draw phi of each pair of codes as a coloured cell, with the figure where it is shown not to be 0."""
    phrases, table = found.phrases, pairs(found)
    codes = [code for code in found.codebook.names if code in {*table["one"], *table["two"]}]
    place = {code: k for k, code in enumerate(codes)}
    ends = np.sort([table["one"].map(place), table["two"].map(place)], axis=0)
    x, y, few = ends[0], ends[1] - 1, (table["note"] == TOO_FEW).to_numpy()
    cells = np.ma.masked_all((len(codes) - 1, len(codes) - 1))
    cells[y, x] = table["phi"].where(table["shown"], 0)
    reach, edges = max(0.3, np.abs(cells).max()), np.arange(len(codes)) - 0.5
    ax.pcolor(edges, edges, cells, cmap="PuOr", vmin=-reach, vmax=reach, edgecolors="#dcdcdc", linewidth=0.5)
    ax.plot(x[few], y[few], "x", color="#9a9a9a", markersize=2.5, markeredgewidth=0.6)
    for row, column in np.argwhere(cells.filled(0) != 0):
        color = "white" if abs(cells[row, column]) > 0.6 * reach else INK
        words = ax.text(column, row, phrases.number(100 * cells[row, column], 0), fontsize=TEXT - 3,
                        ha="center", va="center_baseline", color=color)  # fmt: skip
        words.set_in_layout(False)  # it lies inside: laying out the chart need not ask
    _family_names(found, ax, codes)
    finish(ax, {code: found.names[code] for code in codes[1:]})
    dress(ax, _pairs_unit(found, table), str)
    ax.set(ylim=(len(codes) - 1.5, -1.7), xlim=(-0.5, len(codes) - 1.5))
    ax.set_xticks(range(len(codes) - 1), [found.names[code] for code in codes[:-1]], rotation=90)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.grid(visible=False)
    return ax


def expectation_flow_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how often expectations are met at each touchpoint, and how often corrections go with them."""
    phrases, rows = found.phrases, _flow(found)
    labels = {}
    for stage in STAGES:
        labels[stage] = phrases.say(f"patterns_chart.expectation_flow.stages.{stage}")
        for row in (row for row in rows if row["question"] == stage):
            known = {"name": found.names[row["given"]], "cases": round(row["cases"])}
            labels[row["given"]] = phrases.say("patterns_chart.expectation_flow.row", **known)
    table, places = pd.DataFrame(rows), {name: float(y) for y, name in enumerate(labels)}
    first = table["then"] == "expectation_met"
    table["y"] = table["given"].map(places) + (0.2 - 0.4 * first) * (table["question"] == STAGES[0])
    for code, style in STYLES.items():
        own = table[(table["then"] == code) & table["share"].notna()]
        if len(own):
            marks = interval_dots(ax, own, "share", own["y"], style, found.names[code])
            link(marks, found.groups[0], *own["then"])
    for row in table.to_dict("records"):
        if row["share"] == row["share"]:
            end = row["share"] if pd.isna(row["share_high"]) else row["share_high"]
            write(ax, row["told"], end, row["y"], fontsize=TEXT - 1)
        else:
            write(ax, phrases.name("verdict", TOO_FEW), 0, row["y"], fontsize=TEXT - 1, color=SOFT)
    reach = max(0.05, table["share_high"].max())
    ax.set_xlim(-0.015 * reach, 1.35 * reach)  # room for the figures
    head(ax, ncols=3)
    counted = "machine" if machine_part(table["basis"]) == "all" else "hand"
    unit = f"patterns_chart.expectation_flow.unit.{counted}"
    words = found.say(unit, mark=phrases.mark(table["basis"]), group=found.groups[0])
    finish(ax, labels, STAGES)
    return dress(ax, words, lambda share: phrases.percent(share, 0))


def pairs(found: Findings) -> pd.DataFrame:
    """Pairs of codes over all comments, of those that are frequent enough; `shown`: phi differs from 0.

    By q where codes by hand give one, and by phi's interval. Of more than `MOST` codes, those with the
    strongest pairs.
    """
    told = [row for row in found.rows["associations"] if row["question"] == PAIRS and row["group"] == "all"]
    told = [row for row in told if row["one"] in found.names and row["two"] in found.names]
    if not told:
        return pd.DataFrame(columns=[*PAIR_COLUMNS, "shown"])
    table = pd.DataFrame(told)[PAIR_COLUMNS]
    clear = (table["phi_low"] > 0) | (table["phi_high"] < 0)
    table["shown"] = clear & ((table["q"] < FDR) | (table["basis"] != "corrected"))
    known = table[table["note"] != TOO_FEW]
    strength = pd.concat([known.set_index(end)["phi"].abs().where(known["shown"].to_numpy(), 0)
                          for end in ("one", "two")])  # fmt: skip
    kept = strength.groupby(level=0).max().sort_index().nlargest(MOST).index
    return table[table["one"].isin(kept) & table["two"].isin(kept)].reset_index(drop=True)


def _family_names(found: Findings, ax: Axes, codes: list[str]) -> None:
    """Names of families along the diagonal, where their codes begin."""
    for family in found.codebook.families:
        own = [code for code in found.codebook.family_codes(family.family) if code in codes]
        if own:
            at = codes.index(own[0])
            room = max(18, 78 * (len(codes) - at) // len(codes))  # characters, up to the right edge
            name = textwrap.fill(found.names[family.family], room)
            style: dict[str, Any] = {"fontsize": TEXT - 1, "fontweight": "bold", "linespacing": 1}
            ax.text(at + 0.3, at - 1, name, va="center", ha="left", color=SOFT, **style)


def _pairs_unit(found: Findings, table: pd.DataFrame) -> str:
    kind = "machine" if (table["basis"] == "machine").all() else "corrected"
    return found.say(f"patterns_chart.co_occurrence.unit.{kind}", None, **_basis(found, table))


def _basis(found: Findings, table: pd.DataFrame) -> Row:
    """What the figures of all pairs rest on."""
    sample, mark = found.phrases.sample(table.iloc[0].to_dict()), found.phrases.mark(table["basis"])
    return {"sample": sample, "mark": mark, "codes": len({*table["one"], *table["two"]})}


def _pairs_words(found: Findings) -> tuple[str, str]:
    """Which codes go together most, with phi; and how many pairs do or do not."""
    table, say = pairs(found), "patterns_chart.co_occurrence."
    if table.empty:
        return (found.say(say + "empty"),) * 2
    shown = table[table["shown"]].sort_values("phi", ascending=False, kind="stable")
    above, below = shown[shown["phi"] > 0], shown[shown["phi"] < 0]
    told = [_pair(found, row) for row in above.to_dict("records")]
    away = [_pair(found, row) for row in below.iloc[::-1].to_dict("records")]
    machine = machine_part(table["basis"]) == "all"
    kind = "machine" if machine and told else "some" if told else "none"
    known = _basis(found, table)
    title = found.say(say + f"title.{kind}", pairs=told[:NAMED], mark=known["mark"])
    alt = [found.say(say + "alt.what", None, together=len(told), apart=len(away), **known)]
    alt += [found.say(say + "alt.together", pairs=told[:5])] if told else []
    alt += [found.say(say + "alt.apart", pairs=away[:3])] if away else []
    return title, " ".join(alt)


def _pair(found: Findings, row: Row) -> str:
    names = {"one": found.names[row["one"]], "two": found.names[row["two"]]}
    interval = found.phrases.interval(row, "phi_", factor=1)
    return found.say("patterns_chart.co_occurrence.pair", None, **names, phi=row["phi"], interval=interval)


def _flow(found: Findings) -> list[Row]:
    """Shares of the first group's comments: of each touchpoint, then of each expectation."""
    rows = [row for row in found.rows["associations"] if row["group"] == found.groups[0]]
    rows = [row for row in rows if row["given"] in found.names and row["then"] in found.names]
    early = [row for row in rows if row["question"] == STAGES[0] and row["then"] != "correction"]
    told = early + [row for row in rows if row["question"] == STAGES[1]]
    return [row | {"told": found.phrases.share(row, "share")} for row in told]


def _flow_words(found: Findings) -> tuple[str, str]:
    """At which touchpoints unmet expectations stand out, and what share of them goes with a correction."""
    rows, say, group = _flow(found), "patterns_chart.expectation_flow.", found.groups[0]
    known = [row for row in rows if row["share"] == row["share"]]
    if not known:
        return (found.say(say + "empty", group=group),) * 2
    unmet = [row for row in known if row["then"] == "expectation_unmet"]
    out = [f"{found.names[row['given']]} ({row['told']})" for row in unmet if row["gap_low"] > 0]
    mark = found.phrases.mark(row["basis"] for row in rows)
    machine = machine_part(row["basis"] for row in rows) == "all"
    kind = "machine" if machine else "some" if out else "none"
    told = [found.say(say + f"title.{kind}", group=group, names=out, mark=mark)]
    last = [row for row in known if row["given"] == "expectation_unmet" and row["then"] == "correction"]
    told += [found.say(say + "correction", group=group, share=row["told"]) for row in last]
    each = [found.say(say + "alt_row", given=found.names[row["given"]], then=found.names[row["then"]],
                      share=row["told"], cases=round(row["cases"])) for row in known]  # fmt: skip
    alt = found.say(say + "alt", group=group, rows="; ".join(each), mark=mark)
    return " ".join(told), alt


def _flow_data(found: Findings) -> pd.DataFrame:
    rows = _flow(found)
    none = all(row["share"] != row["share"] for row in rows)
    return pd.DataFrame([] if none else rows, columns=SHARE_COLUMNS)


CHARTS = {
    "co_occurrence": Chart(co_occurrence_chart, pairs, _pairs_words, (2.2, 0.185)),
    "expectation_flow": Chart(expectation_flow_chart, _flow_data, _flow_words, (1.1, 0.42)),
}
