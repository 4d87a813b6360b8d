"""The figures of the report: one function per chart, tables and axes in, axes out.

Colours and markers differ in lightness and shape too, so that the charts survive colour blindness and a
black-and-white printer. Shares stand with their 95 % intervals and n; titles are the caller's business.
In all of them `language` is "es" or "en", `groups` the two groups compared, the first above the second.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ._axes import INK, SOFT, TEXT, label_rows, tidy, write
from .codebook import Codebook
from .phrases import Phrases, capital, load_phrases
from .tables import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Tables = dict[str, pd.DataFrame]
MODELS = ("consumer_identity", "emotional_self")  # the consumer-brand and the human-human model
WIDTH = 7.2  # inches: at the report's column width, 9 points are read as 12 pixels
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
        return WIDTH, 0.8 + 0.3 * len(_ledger_rows(tables["ledger"]))
    if name == "sentiment_balance":
        return WIDTH, 0.9 + 1.05 * len(tables["net_sentiment"])
    if name == "code_shares":
        return WIDTH, 1.1 + 0.235 * tables["estimates"].query("kind in ('code', 'family')")["code"].nunique()
    return WIDTH, 2.6


def ledger_chart(ledger: pd.DataFrame, ax: Axes, language: str) -> Axes:
    """Draw how many comments came in, how many were set aside for which reason, and how many are studied.

    `ledger` is the table of `comments.ledger`, its index as column ``file``; its last row counts all files.
    """
    phrases, rows = load_phrases(language), _ledger_rows(ledger)
    ends = [name in ("raw", "kept") for name in rows.index]
    colors = [GROUP_STYLES[0][0] if end else GROUP_STYLES[1][0] for end in ends]
    bars = ax.barh(range(len(rows)), rows.to_numpy(), height=0.62, color=colors)
    ax.bar_label(bars, [phrases.number(n, 0) for n in rows], padding=3, fontsize=TEXT, color=INK)
    label_rows(ax, [capital(phrases.name("ledger", str(name))) for name in rows.index], ends)
    ax.set_xlim(0, 1.1 * max(rows.max(), 1))
    ax.xaxis.set_major_formatter(lambda x, _: phrases.number(x, 0))
    return tidy(ax, phrases.say("axis.comments"))


def sentiment_balance_chart(
    net_sentiment: pd.DataFrame, estimates: pd.DataFrame, ax: Axes, language: str, groups: list[str]
) -> Axes:
    """Draw each group's negative share to the left, its positive share to the right, and the net below.

    `net_sentiment` is the table of `comparison.net_sentiment`; the intervals of "positive" and "negative"
    come from `estimates`, the table of `estimates.shares` with the column ``kind``.
    """
    phrases, net = load_phrases(language), net_sentiment.set_index("group").loc[groups].reset_index()
    shares = estimates[estimates["kind"] == "sentiment"].set_index(["group", "code"])
    reach = 1.15 * max([0.2, *shares["high"].dropna(), *net["low"].abs().dropna(), *net["high"].dropna()])
    ax.set_xlim(-reach, 1.3 * reach)
    for y, (_, row) in enumerate(net.iterrows()):
        if row["net"] == row["net"]:
            _sentiment_bars(ax, y, shares.loc[row["group"]], phrases)
            _net_dot(ax, y + 0.3, row, phrases)
        else:
            write(ax, phrases.name("verdict", row["note"]), 0, y, color=SOFT)
    ax.axvline(0, color=INK, linewidth=0.8)
    label_rows(
        ax,
        [
            capital(phrases.group_label(row)).replace(", ", "\n").replace(" (", "\n(")
            for _, row in net.iterrows()
        ],
    )
    ax.set_xticks([tick / 100 for tick in range(-100, 101, 25) if abs(tick / 100) <= reach])
    ax.xaxis.set_major_formatter(lambda x, _: phrases.number(100 * x, 0))
    return tidy(ax, phrases.on_basis("axis.sentiment", net))


def code_shares_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw both groups' share of comments with each code, under its family, in the codebook's order.

    `estimates` is the table of `estimates.shares` with the column ``kind``, whose rows "code" are drawn.
    """
    names, rows = load_phrases(language).codebook_names(codebook), []
    for family in (family.family for family in codebook.families):
        rows += [(code, names[code]) for code in (family, *codebook.family_codes(family))]
    return _dumbbells(ax, estimates[estimates["kind"] == "code"], rows, language, groups)


def interaction_models_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw how often each group speaks in the consumer-brand and in the human-human model.

    As `code_shares_chart`, of the rows "family"; each share is also written beside its point.
    """
    phrases = load_phrases(language)
    names = phrases.codebook_names(codebook)
    table = estimates[(estimates["kind"] == "family") & estimates["code"].isin(MODELS)]
    rows = [(model, f"{names[model]}\n({phrases.name('models', model)})") for model in MODELS]
    for row in table[table["share"].notna()].to_dict("records"):
        y = MODELS.index(row["code"]) + OFFSETS[groups.index(row["group"])]
        write(ax, phrases.percent(row["share"]), row["high"], y)
    return _dumbbells(ax, table, rows, language, groups)


def alt_text(name: str, tables: Tables, codebook: Codebook, language: str, groups: list[str]) -> str:
    """Say in words, built from the numbers, what a chart shows; `name` and `tables` as in `figure_size`."""
    phrases, estimates = load_phrases(language), tables["estimates"]
    if name == "ledger":
        counts = _ledger_rows(tables["ledger"]).items()
        steps = [f"{phrases.name('ledger', str(step))}: {phrases.number(n, 0)}" for step, n in counts]
        return phrases.say("alt.ledger", steps="; ".join(steps))
    if name == "sentiment_balance":
        net = tables["net_sentiment"].set_index("group").loc[groups].reset_index()
        return phrases.say(
            "alt.sentiment_balance", rows=". ".join(capital(phrases.net_words(r)) for _, r in net.iterrows())
        )
    kind, chosen = ("code", codebook.names) if name == "code_shares" else ("family", list(MODELS))
    table = estimates[(estimates["kind"] == kind) & estimates["code"].isin(chosen)].set_index(
        ["code", "group"]
    )
    if kind == "code":  # the three widest gaps
        one, two = (table["share"].xs(group, level="group").reindex(chosen) for group in groups)
        gaps = (one - two).abs().dropna()
        chosen = list(gaps.sort_values(ascending=False, kind="stable").index[:3])
    names, parts = phrases.codebook_names(codebook), ["share", "low", "high"]
    words = [
        f"{names[code]}: "
        + ", ".join(
            f"{phrases.name('groups', g)} {phrases.share(*table.loc[(code, g), parts])}" for g in groups
        )
        for code in chosen
    ]
    return phrases.on_basis(f"alt.{name}", estimates, n=len(codebook.names), rows="; ".join(words))


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
    ax: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], language: str, groups: list[str]
) -> Axes:
    """Two points with intervals per row that is in the table; a bold header for a row that is not."""
    phrases, drawn = load_phrases(language), set(table["code"])
    places = {code: y for y, (code, _) in enumerate(rows) if code in drawn}
    parts = [table[table["group"] == group].set_index("code").loc[list(places)] for group in groups]
    ends = [pd.Series(places, dtype=float) + offset for offset in OFFSETS]
    ax.plot([part["share"] for part in parts], ends, color="#a8a8a8", linewidth=1, zorder=1)
    for part, end, (color, marker, face) in zip(parts, ends, GROUP_STYLES, strict=True):
        spread = [part["share"] - part["low"], part["high"] - part["share"]]
        bars = ax.errorbar(part["share"], end, xerr=spread, fmt=marker, color=color, linewidth=1.3)
        bars[0].set(markerfacecolor=face, markersize=5)
        bars.set_label(capital(phrases.group_label(part.reset_index().iloc[0])))
        for y in end[part["share"].isna()]:
            write(ax, phrases.name("verdict", "too few to say"), 0, y, fontsize=TEXT - 2, color=SOFT)
    label_rows(ax, [label for _, label in rows], [code not in drawn for code, _ in rows])
    reach = max([0.05, *table["high"].dropna()])
    ax.set_xlim(-0.025 * reach, 1.12 * reach)
    ax.xaxis.set_major_formatter(lambda x, _: phrases.percent(x, 0))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=TEXT, borderpad=0)
    return tidy(ax, phrases.on_basis("axis.share", table))


def _sentiment_bars(ax: Axes, y: float, shares: pd.DataFrame, phrases: Phrases) -> None:
    """One group's negative and positive shares as bars from the middle, with intervals, words above them."""
    for code, side, color in SENTIMENT_STYLES:
        share, low, high = shares.loc[[code], ["share", "low", "high"]].to_numpy()[0]
        ax.barh(y, side * share, height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        ax.hlines(y, side * low, side * high, color=INK, linewidth=1.3)
        write(ax, phrases.say(f"chart.{code}", share=phrases.percent(share)), 0, y - 0.17, side, va="bottom")
    neutral = phrases.percent(max(0.0, 1 - shares["share"][["negative", "positive"]].sum()))
    write(ax, phrases.say("chart.neutral", share=neutral), ax.get_xlim()[1], y, -1)


def _net_dot(ax: Axes, y: float, row: pd.Series, phrases: Phrases) -> None:
    """One group's net sentiment as a point with its interval and its value."""
    side = 1 if row["net"] >= 0 else -1
    ax.hlines(y, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(row["net"], y, "o", color=INK, markersize=6)
    edge = row[["net", "high" if side > 0 else "low"]].dropna().iloc[-1]
    write(ax, phrases.say("chart.net", net=phrases.points(row["net"], sign=True)), edge, y, side)


def _ledger_rows(ledger: pd.DataFrame) -> pd.Series:
    """Counts over all files: raw, each reason that occurs, kept."""
    counts = ledger.set_index("file").iloc[-1].astype(int)
    return counts[(counts > 0) | counts.index.isin(["raw", "kept"])]
