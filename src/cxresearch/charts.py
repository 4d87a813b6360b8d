"""The figures of the report: one function per chart, tables and axes in, axes out.

Colours and markers differ in lightness and shape too, so that the charts survive colour blindness and a
black-and-white printer. Every share stands with its 95 % interval and its n; titles are the caller's business.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .codebook import Codebook
from .phrases import Phrases, capital, load_phrases
from .tables import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODELS = ("consumer_identity", "emotional_self")  # the consumer-brand and the human-human model
WIDTH = 7.2  # inches: at the report's column width, 9 points are read as 12 pixels
INK, SOFT, GRID = "#222222", "#5c5c5c", "#d9d9d9"
GROUP_STYLES = (("#12355b", "o", "#12355b"), ("#c9660a", "D", "white"))  # line, marker, fill of each group
SENTIMENT_STYLES = (("negative", -1, "#8f3b12"), ("positive", 1, "#6ea8d8"))  # side and colour
TEXT = 9  # points


def figure_size(name: str, tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
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

    Parameters
    ----------
    ledger : pd.DataFrame
        Made by `comments.ledger`, its index as column ``file``; the last row counts all files.
    ax : Axes
    language : str
        "es" or "en".
    """
    phrases, rows = load_phrases(language), _ledger_rows(ledger)
    ends = [name in ("raw", "kept") for name in rows.index]
    colors = [GROUP_STYLES[0][0] if end else GROUP_STYLES[1][0] for end in ends]
    bars = ax.barh(range(len(rows)), rows.to_numpy(), height=0.62, color=colors)
    ax.bar_label(bars, [phrases.number(n, 0) for n in rows], padding=3, fontsize=TEXT, color=INK)
    ax.set_yticks(range(len(rows)), [capital(phrases.name("ledger", name)) for name in rows.index])
    _bold(ax, ends)
    ax.set_xlim(0, 1.1 * max(rows.max(), 1))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.xaxis.set_major_formatter(lambda x, _: phrases.number(x, 0))
    return _tidy(ax, phrases.say("axis.comments"))


def sentiment_balance_chart(
    net_sentiment: pd.DataFrame, estimates: pd.DataFrame, ax: Axes, language: str, groups: list[str]
) -> Axes:
    """Draw each group's negative share to the left, its positive share to the right, and the net below.

    Parameters
    ----------
    net_sentiment : pd.DataFrame
        Made by `comparison.net_sentiment`.
    estimates : pd.DataFrame
        Made by `estimates.shares`, with ``kind``; the intervals of "positive" and "negative" come from here.
    ax : Axes
    language : str
        "es" or "en".
    groups : list of str
        Groups from top to bottom.
    """
    phrases, net = load_phrases(language), net_sentiment.set_index("group").loc[groups].reset_index()
    shares = estimates[estimates["kind"] == "sentiment"].set_index(["group", "code"])
    ends = [1.0, *shares["high"], *net["low"].abs(), *net["high"].abs()]
    reach = 1.15 * max(end for end in ends[1:] if end == end) if net["net"].notna().any() else 1.0
    ax.set(xlim=(-reach, reach * 1.25), ylim=(len(net) - 0.35, -0.6))
    for y, row in net.iterrows():
        if row["net"] == row["net"]:
            _sentiment_bars(ax, y, shares.loc[row["group"]], phrases)
            _net_dot(ax, y + 0.3, row, phrases)
        else:
            ax.text(0, y, f" {phrases.name('verdict', 'too few to say')}", va="center", color=SOFT, fontsize=TEXT)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks(range(len(net)), [_group_label(phrases, row, "\n") for _, row in net.iterrows()])
    ax.set_xticks([tick / 100 for tick in range(-100, 101, 25) if abs(tick / 100) <= reach])
    ax.xaxis.set_major_formatter(lambda x, _: phrases.number(100 * x, 0))
    return _tidy(ax, _axis_words(phrases, "axis.sentiment", net))


def code_shares_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw both groups' share of comments with each code, by family, in the codebook's order.

    Parameters
    ----------
    estimates : pd.DataFrame
        Made by `estimates.shares`, with ``kind``; rows "code" are drawn.
    ax : Axes
    codebook : Codebook
        Gives order, families and names.
    language : str
        "es" or "en".
    groups : list of str
        The two groups.
    """
    names = _names(codebook, language)
    rows = [
        (code, names[code])
        for family in codebook.families
        for code in (family.family, *codebook.family_codes(family.family))
    ]
    return _dumbbells(ax, estimates[estimates["kind"] == "code"], rows, language, groups)


def interaction_models_chart(
    estimates: pd.DataFrame, ax: Axes, codebook: Codebook, language: str, groups: list[str]
) -> Axes:
    """Draw how often each group speaks in the consumer-brand and in the human-human model.

    Parameters as in `code_shares_chart`; rows "family" are drawn, each share written beside its point.
    """
    phrases, names = load_phrases(language), _names(codebook, language)
    rows = [(model, f"{names[model]}\n({phrases.name('models', model)})") for model in MODELS]
    ax = _dumbbells(ax, estimates[estimates["kind"] == "family"], rows, language, groups)
    for y, model in enumerate(MODELS):
        for (_, row), offset in zip(_of(estimates, model, groups).iterrows(), _offsets(), strict=True):
            if row["share"] == row["share"]:
                words = phrases.percent(row["share"])
                ax.annotate(words, (row["high"], y + offset), (6, 0), textcoords="offset points", va="center",
                            fontsize=TEXT)  # fmt: skip
    return ax


def alt_text(
    name: str, tables: dict[str, pd.DataFrame], codebook: Codebook, language: str, groups: list[str]
) -> str:
    """Say in words, built from the numbers, what a chart shows.

    Parameters
    ----------
    name : str
        As in `figure_size`.
    tables : dict of str to pd.DataFrame
        The study's tables: ledger, net_sentiment, estimates.
    codebook, language, groups
        As in `code_shares_chart`.
    """
    phrases, estimates = load_phrases(language), tables["estimates"]
    if name == "ledger":
        rows = _ledger_rows(tables["ledger"])
        gone = [f"{phrases.name('ledger', why)}: {phrases.number(n, 0)}" for why, n in rows.iloc[1:-1].items()]
        reasons = phrases.join(gone) or phrases.say("alt.none")
        return phrases.say("alt.ledger", raw=int(rows["raw"]), kept=int(rows["kept"]), reasons=reasons)
    if name == "sentiment_balance":
        net = tables["net_sentiment"].set_index("group").loc[groups].reset_index()
        return " ".join(_net_words(phrases, row) for _, row in net.iterrows())
    if name == "interaction_models":
        shown = [_pair_words(phrases, estimates, model, groups, codebook) for model in MODELS]
        return phrases.say("alt.interaction_models", pairs="; ".join(shown))
    shares = estimates[estimates["kind"] == "code"].pivot(index="code", columns="group", values="share")
    gaps = (shares[groups[0]] - shares[groups[1]]).abs().reindex(codebook.names).dropna()
    widest = gaps.sort_values(ascending=False, kind="stable").index[:3]
    shown = [_pair_words(phrases, estimates, code, groups, codebook) for code in widest]
    return phrases.say("alt.code_shares", n=len(shares), pairs="; ".join(shown) or phrases.say("alt.none"))


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as .svg or .png, whole or not at all; the same figure gives the same bytes.

    Text in SVG becomes outlines: with text as text, a reader's browser sets it in another font, whose widths
    let labels overlap. What the outlines say is in the table beside each chart and in its `alt_text`.
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
    y = pd.Series(places, dtype=float)
    ends = [y + offset for offset in _offsets()]
    ax.plot([part["share"] for part in parts], ends, color="#a8a8a8", linewidth=1, zorder=1)
    for part, end, (color, marker, face) in zip(parts, ends, GROUP_STYLES, strict=True):
        spread = [part["share"] - part["low"], part["high"] - part["share"]]
        label = _group_label(phrases, part.reset_index().iloc[0] if len(part) else None, " ")
        ax.errorbar(part["share"], end, xerr=spread, fmt=marker, color=color, markerfacecolor=face,
                    markersize=5, linewidth=1.3, label=label)  # fmt: skip
        for place in end[part["share"].isna()]:
            words = f" {phrases.name('verdict', 'too few to say')}"
            ax.text(0, place, words, va="center", fontsize=TEXT - 2, color=SOFT)
    ax.set_yticks(range(len(rows)), [label for _, label in rows])
    _bold(ax, [code not in drawn for code, _ in rows])
    ax.set(xlim=(0, 1.12 * max(table["high"].max(), 0.05)), ylim=(len(rows) - 0.4, -0.6))
    ax.xaxis.set_major_formatter(lambda x, _: phrases.percent(x, 0))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=TEXT, ncols=2, borderpad=0)
    return _tidy(ax, _axis_words(phrases, "axis.share", table))


def _sentiment_bars(ax: Axes, y: float, shares: pd.DataFrame, phrases: Phrases) -> None:
    """One group's negative and positive shares as bars from the middle, with intervals and words above."""
    for code, side, color in SENTIMENT_STYLES:
        share, low, high = (float(shares.loc[code, part]) for part in ("share", "low", "high"))
        ax.barh(y, side * share, height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        ax.hlines(y, side * low, side * high, color=INK, linewidth=1.3)
        words = phrases.say(f"chart.{code}", share=phrases.percent(share))
        ax.annotate(words, (0, y - 0.17), (side * 4, 1), textcoords="offset points", va="bottom",
                    ha="left" if side > 0 else "right", fontsize=TEXT)  # fmt: skip
    neutral = phrases.percent(max(0.0, 1 - shares["share"].loc[["negative", "positive"]].sum()))
    words = phrases.say("chart.neutral", share=neutral)
    ax.text(0.99, y, words, transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=TEXT)


def _net_dot(ax: Axes, y: float, row: pd.Series, phrases: Phrases) -> None:
    """One group's net sentiment as a point with its interval and its value."""
    side = 1 if row["net"] >= 0 else -1
    edge = row["high" if side > 0 else "low"]
    ax.hlines(y, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(row["net"], y, "o", color=INK, markersize=6)
    words = phrases.say("chart.net", net=phrases.points(row["net"]))
    ax.annotate(words, (row["net"] if edge != edge else edge, y), (side * 8, 0), textcoords="offset points",
                va="center", ha="left" if side > 0 else "right", fontsize=TEXT)  # fmt: skip
