"""The figures of the report: one function per chart, tables and axes in, axes out.

Colours and markers differ in lightness and shape too, so that the charts survive colour blindness and a
black-and-white printer. Shares stand with their 95 % intervals and n; titles are the caller's business.
In all of them `language` is "es" or "en", `groups` the two groups compared, the first above the second.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .codebook import Codebook
from .phrases import Phrases, Row, capital, load_phrases
from .tables import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Tables = dict[str, pd.DataFrame]
MODELS = ("consumer_identity", "emotional_self")  # the consumer-brand and the human-human model
WIDTH, TEXT = 7.2, 9  # inches, points: at the report's column width, 9 points are read as 12 pixels
INK, SOFT, GRID = "#222222", "#5c5c5c", "#d9d9d9"
GROUP_STYLES = (("#12355b", "o", "#12355b"), ("#c9660a", "D", "white"))  # line, marker, fill of each group
SENTIMENT_STYLES = (("negative", -1, "#b5562a"), ("positive", 1, "#9ecae9"))  # side and colour
OFFSETS = (-0.17, 0.17)  # of the two groups from the middle of their row


def figure_size(name: str, tables: Tables) -> tuple[float, float]:
    """Width and height, in inches, that a chart of these tables needs.

    Parameters
    ----------
    name : str
        "ledger", "sentiment_balance", "code_shares" or "interaction_models".
    tables : dict of str to pd.DataFrame
        With the table that the chart draws: ledger, net_sentiment or estimates.

    Examples
    --------
    >>> figure_size("sentiment_balance", {"net_sentiment": pd.DataFrame({"group": ["consumer", "brand"]})})
    (7.2, 3.0)
    """
    if name == "ledger":
        return WIDTH, 0.8 + 0.3 * len(_ledger_counts(tables["ledger"]))
    if name == "sentiment_balance":
        return WIDTH, 0.9 + 1.05 * len(tables["net_sentiment"])
    if name == "code_shares":
        return WIDTH, 1.1 + 0.235 * tables["estimates"].query("kind in ('code', 'family')")["code"].nunique()
    return WIDTH, 2.6


def ledger_chart(ledger: pd.DataFrame, ax: Axes, language: str) -> Axes:
    """Draw how many comments came in, how many were set aside for which reason, and how many are studied.

    `ledger` is the table of `comments.ledger`, its index as column ``file``; its last row counts all files.
    """
    phrases, counts = load_phrases(language), _ledger_counts(ledger)
    ends = [step in ("raw", "kept") for step in counts]
    colors = [GROUP_STYLES[0 if end else 1][0] for end in ends]
    bars = ax.barh(range(len(counts)), list(counts.values()), height=0.62, color=colors)
    ax.bar_label(bars, [phrases.number(n, 0) for n in counts.values()], padding=3, fontsize=TEXT, color=INK)
    ax.set_xlim(0, 1.1 * max(*counts.values(), 1))
    labels = [capital(phrases.name("ledger", step)) for step in counts]
    return _finish(ax, labels, phrases.say("axis.comments"), lambda n: phrases.number(n, 0), ends)


def sentiment_balance_chart(
    net_sentiment: pd.DataFrame, estimates: pd.DataFrame, ax: Axes, language: str, groups: list[str]
) -> Axes:
    """Draw each group's negative share to the left, its positive share to the right, and the net below.

    `net_sentiment` is the table of `comparison.net_sentiment`; the intervals of "positive" and "negative"
    come from `estimates`, the table of `estimates.shares` with the column ``kind``.
    """
    phrases = load_phrases(language)
    rows = net_sentiment.set_index("group", drop=False).loc[groups].to_dict("records")
    moods = estimates[estimates["kind"] == "sentiment"]
    shares = {(row["group"], row["code"]): row for row in moods.to_dict("records")}
    ends = [moods["high"], net_sentiment["low"].abs(), net_sentiment["high"]]
    reach = 1.15 * max(0.2, pd.concat(ends).max())
    ax.set_xlim(-1.2 * reach, 1.6 * reach)  # room for the net's label and for the neutral share
    for y, row in enumerate(rows):
        if row["note"]:
            _write(ax, phrases.name("verdict", row["note"]), 0, y, color=SOFT)
        else:
            _sentiment_row(ax, y, row, shares, phrases)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xticks([tick / 100 for tick in range(-100, 101, 25) if abs(tick / 100) <= reach])
    labels = [capital(phrases.sample(row, "label")) for row in rows]
    labels = [label.replace(", ", "\n").replace(" (", "\n(") for label in labels]
    words = phrases.say("axis.sentiment", mark=phrases.mark(net_sentiment["basis"]))
    return _finish(ax, labels, words, lambda share: phrases.number(100 * share, 0))


def code_shares_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw both groups' share of comments with each code, under its family, in the codebook's order.

    `estimates` is the table of `estimates.shares` with the column ``kind``, whose rows "code" are drawn.
    """
    names, families = load_phrases(language).codebook_names(codebook), [f.family for f in codebook.families]
    codes = [code for family in families for code in (family, *codebook.family_codes(family))]
    labels = {code: names[code] for code in codes}
    return _dumbbells(ax, estimates[estimates["kind"] == "code"], labels, language, groups)


def interaction_models_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw how often each group speaks in the consumer-brand and in the human-human model.

    As `code_shares_chart`, of the rows "family"; each share is also written beside its point.
    """
    phrases = load_phrases(language)
    names = phrases.codebook_names(codebook)
    table = estimates[(estimates["kind"] == "family") & estimates["code"].isin(MODELS)]
    for row in table[table["share"].notna()].to_dict("records"):
        y = MODELS.index(row["code"]) + OFFSETS[groups.index(row["group"])]
        _write(ax, phrases.percent(row["share"]), row["high"], y)
    labels = {model: f"{names[model]}\n({phrases.name('models', model)})" for model in MODELS}
    return _dumbbells(ax, table, labels, language, groups)


def alt_text(name: str, tables: Tables, codebook: Codebook, language: str, groups: list[str]) -> str:
    """Say in words, built from the numbers, what a chart shows; `name` and `tables` as in `figure_size`."""
    phrases, estimates = load_phrases(language), tables["estimates"]
    if name == "ledger":
        counts = _ledger_counts(tables["ledger"]).items()
        rows = [f"{phrases.name('ledger', step)}: {phrases.number(n, 0)}" for step, n in counts]
        return phrases.say("alt.ledger", rows="; ".join(rows))
    if name == "sentiment_balance":
        net = tables["net_sentiment"].set_index("group", drop=False).loc[groups].to_dict("records")
        rows = [capital(_net_words(row, phrases)) for row in net]
        return phrases.say("alt.sentiment_balance", rows=". ".join(rows))
    names, called = phrases.codebook_names(codebook), {g: phrases.name("groups", g) for g in groups}
    shares, codes = {(row["code"], row["group"]): row for row in estimates.to_dict("records")}, list(MODELS)
    if name == "code_shares":  # the three widest gaps
        pairs = {code: [shares[code, group]["share"] for group in groups] for code in codebook.names}
        gaps = {code: abs(one - two) for code, (one, two) in pairs.items() if pd.notna(one - two)}
        codes = sorted(gaps, key=lambda code: -gaps[code])[:3]
    rows = []
    for code in codes:
        words = [f"{called[group]} {phrases.share(shares[code, group])}" for group in groups]
        rows.append(f"{names[code]}: {', '.join(words)}")
    values = {"n": len(codebook.names), "mark": phrases.mark(estimates["basis"])}
    return phrases.say(f"alt.{name}", rows="; ".join(rows), **values)


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as .svg or .png, whole or not at all; the same figure gives the same bytes.

    Text in SVG becomes outlines: with text as text, a reader's browser sets it in another font, whose widths
    let labels overlap. What the outlines say stands in `alt_text` and in the report's tables.
    """
    import matplotlib as mpl

    path = Path(path)
    metadata = {"Date": None, "Creator": None} if path.suffix == ".svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "cxresearch", "svg.fonttype": "path"}):
        write_whole(path, lambda temporary: figure.savefig(temporary, dpi=200, metadata=metadata))


def _dumbbells(
    ax: Axes, table: pd.DataFrame, labels: dict[str, str], language: str, groups: list[str]
) -> Axes:
    """Two points with intervals per label whose code is in the table; a bold header for any other."""
    phrases, drawn = load_phrases(language), set(table["code"])
    places = pd.Series({code: float(y) for y, code in enumerate(labels) if code in drawn})
    parts = [table[table["group"] == group].set_index("code").loc[places.index] for group in groups]
    ends = [places + offset for offset in OFFSETS]
    ax.plot([part["share"] for part in parts], ends, color="#a8a8a8", linewidth=1, zorder=1)
    for part, end, (color, marker, face) in zip(parts, ends, GROUP_STYLES, strict=True):
        spread = [part["share"] - part["low"], part["high"] - part["share"]]
        bars = ax.errorbar(part["share"], end, xerr=spread, fmt=marker, color=color, linewidth=1.3)
        bars[0].set(markerfacecolor=face, markersize=5)
        bars.set_label(capital(phrases.sample(part.iloc[0].to_dict(), "label")))
        for y in end[part["share"].isna()]:
            _write(ax, phrases.name("verdict", "too few to say"), 0, y, fontsize=TEXT - 2, color=SOFT)
    reach = max(0.05, table["high"].max())
    ax.set_xlim(-0.025 * reach, 1.12 * reach)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=TEXT, borderpad=0)
    words = phrases.say("axis.share", mark=phrases.mark(table["basis"]))
    headers = [code not in drawn for code in labels]
    return _finish(ax, list(labels.values()), words, lambda share: phrases.percent(share, 0), headers)


def _sentiment_row(ax: Axes, y: int, row: Row, shares: dict[Any, Any], phrases: Phrases) -> None:
    """One group: negative and positive shares as bars from the middle, the net as a point below them."""
    for code, side, color in SENTIMENT_STYLES:
        mood = shares[row["group"], code]
        share = mood["share"]
        ax.barh(y, side * share, height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        ax.hlines(y, side * mood["low"], side * mood["high"], color=INK, linewidth=1.3)
        _write(ax, phrases.say(f"chart.{code}", share=phrases.percent(share)), 0, y - 0.17, side, va="bottom")
    rest = max(0.0, 1 - sum(shares[row["group"], code]["share"] for code in ("negative", "positive")))
    _write(ax, phrases.say("chart.neutral", share=phrases.percent(rest)), ax.get_xlim()[1], y, -1)
    net, side = row["net"], 1 if row["net"] >= 0 else -1
    ax.hlines(y + 0.3, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(net, y + 0.3, "o", color=INK, markersize=6)
    end = row["high" if side > 0 else "low"]
    _write(ax, phrases.say("chart.net", net=phrases.points(net)), net if pd.isna(end) else end, y + 0.3, side)


def _net_words(row: Row, phrases: Phrases) -> str:
    """One group's net sentiment in words, with its interval and n."""
    label = phrases.sample(row, "label")
    if row["note"]:
        return f"{label}; {phrases.name('verdict', row['note'])}"
    shares = {code: phrases.percent(row[code]) for code in ("positive", "negative")}
    return phrases.say("alt.net", label=label, net=phrases.gap(row["net"], row["low"], row["high"]), **shares)


def _ledger_counts(ledger: pd.DataFrame) -> dict[str, int]:
    """Counts over all files: raw, each reason that occurs, kept."""
    counts = ledger.drop(columns="file").iloc[-1]
    return {str(step): int(n) for step, n in counts.items() if n > 0 or step in ("raw", "kept")}


def _write(ax: Axes, words: str, x: float, y: float, side: int = 1, **style: Any) -> None:
    """A few words just right (side 1) or left (-1) of a place."""
    place: dict[str, Any] = {"xytext": (5 * side, 0), "textcoords": "offset points", "va": "center"}
    place |= {"ha": "left" if side > 0 else "right", "fontsize": TEXT, "color": INK}
    ax.annotate(words, (x, y), **place | style)


def _finish(
    ax: Axes, labels: list[str], words: str, number: Callable[[float], str], bold: list[bool] | None = None
) -> Axes:
    """Label the rows from top to bottom, some in bold; name the axis; take away what says nothing."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    for text, strong in zip(ax.get_yticklabels(), bold or [False] * len(labels), strict=True):
        text.set_fontweight("bold" if strong else "normal")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.tick_params(axis="x", labelsize=TEXT, color=SOFT)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(words, fontsize=TEXT, color=INK)
    ax.xaxis.set_major_formatter(lambda value, _: number(value))
    return ax
