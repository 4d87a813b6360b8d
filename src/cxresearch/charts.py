"""The figures of the report: one function per chart, findings and axes in, axes out.

Colours and markers differ in lightness and shape too, so that the charts survive colour blindness and a
black-and-white printer. Shares stand with their 95 % intervals and n; titles are the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .phrases import Row, capital
from .report.findings import MODELS, Findings
from .tables import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, TEXT = 7.2, 9  # inches, points: at the report's column width, 9 points are read as 12 pixels
INK, SOFT, GRID = "#222222", "#5c5c5c", "#d9d9d9"
GROUP_STYLES = (("#12355b", "o", "#12355b"), ("#c9660a", "D", "white"))  # colour, marker and its filling
SENTIMENT_STYLES = (("negative", -1, "#b5562a"), ("positive", 1, "#9ecae9"))  # side and colour
OFFSETS = (-0.17, 0.17)  # of the two groups from the middle of their row


def ledger_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how many comments came in, how many were set aside for which reason, and how many are studied."""
    phrases, counts = found.phrases, found.ledger_counts()
    colors = [GROUP_STYLES[step not in ("raw", "kept")][0] for step in counts]
    bars = ax.barh(range(len(counts)), list(counts.values()), height=0.62, color=colors)
    ax.bar_label(bars, fmt=lambda n: phrases.number(n, 0), padding=3, fontsize=TEXT, color=INK)
    ax.set_xlim(0, 1.1 * max(*counts.values(), 1))
    labels = {step: capital(phrases.name("ledger", step)) for step in counts}
    return _finish(ax, labels, phrases.say("axis.comments"), lambda n: phrases.number(n, 0), ("raw", "kept"))


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
            _write(ax, phrases.name("verdict", row["note"]), 0, y, color=SOFT)
        else:
            _sentiment_row(found, ax, y, row)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xticks([tick / 100 for tick in range(-100, 101, 25) if abs(tick / 100) <= reach])
    words = phrases.say("axis.sentiment", mark=phrases.mark(net["basis"]))
    return _finish(ax, labels, words, lambda share: phrases.number(100 * share, 0))


def code_shares_chart(found: Findings, ax: Axes) -> Axes:
    """Draw both groups' share of comments with each code, under its family, in the codebook's order."""
    families = [family.family for family in found.codebook.families]
    return _dumbbells(found, ax, {code: found.names[code] for code in found.outline(families)}, families)


def interaction_models_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how often each group speaks in the consumer-brand and in the human-human model."""
    for y, model in enumerate(MODELS):
        for group, offset in zip(found.groups, OFFSETS, strict=True):
            row = found.estimates[model, group]
            if not row["note"]:
                _write(ax, found.phrases.percent(row["share"]), row["high"], y + offset)
    labels = {model: f"{found.names[model]}\n({found.phrases.name('models', model)})" for model in MODELS}
    return _dumbbells(found, ax, labels)


CHARTS: dict[str, tuple[Callable[[Findings, Axes], Axes], float, float]] = {
    "ledger": (ledger_chart, 0.8, 0.3),  # inches of height: of the frame, of each row
    "sentiment_balance": (sentiment_balance_chart, 0.9, 1.05),
    "interaction_models": (interaction_models_chart, 1.1, 0.75),
    "code_shares": (code_shares_chart, 1.1, 0.235),
}


def draw_figure(name: str, found: Findings) -> Figure:
    """Draw a chart of the report, a key of `CHARTS`, as large as its rows need, in a figure of its own.

    The charts take findings of the tables ledger, estimates and net_sentiment.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study, ledger = find_study(), pd.DataFrame({"file": ["all files"], "raw": [5], "kept": [4]})
    >>> found = Findings(study, load_codebook(study.codebook_path), {"ledger": ledger}, "en")
    >>> draw_figure("ledger", found).get_size_inches().round(1).tolist()
    [7.2, 1.4]
    """
    from matplotlib.figure import Figure

    figure, (chart, frame, row) = Figure(layout="constrained"), CHARTS[name]
    ax = chart(found, figure.subplots())
    figure.set_size_inches(WIDTH, frame + row * len(ax.get_yticks()))
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as .svg or .png, whole or not at all; the same figure gives the same bytes.

    Text in SVG becomes outlines: with text as text, a reader's browser sets it in another font, whose widths
    let labels overlap. What the outlines say stands in `Findings.alt` and in the report's tables.
    """
    import matplotlib as mpl

    path = Path(path)
    metadata = {"Date": None, "Creator": None} if path.suffix == ".svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "cxresearch", "svg.fonttype": "path"}):
        write_whole(path, lambda temporary: figure.savefig(temporary, dpi=200, metadata=metadata))


def _dumbbells(found: Findings, ax: Axes, labels: dict[str, str], headers: Collection[str] = ()) -> Axes:
    """Two points with intervals for each label, but for the headers, which are set in bold."""
    phrases, codes = found.phrases, [code for code in labels if code not in headers]
    places = pd.Series([float(y) for y, code in enumerate(labels) if code in codes])
    parts = [pd.DataFrame([found.estimates[code, group] for code in codes]) for group in found.groups]
    ends = [places + offset for offset in OFFSETS]
    ax.plot([part["share"] for part in parts], ends, color="#a8a8a8", linewidth=1, zorder=1)
    for part, end, (color, shape, fill) in zip(parts, ends, GROUP_STYLES, strict=True):
        spread = [part["share"] - part["low"], part["high"] - part["share"]]
        label = capital(phrases.label(part.iloc[0].to_dict()))
        ax.errorbar(part["share"], end, xerr=spread, label=label, c=color, fmt=shape, mfc=fill, lw=1.3, ms=5)
        for y in end[part["share"].isna()]:
            _write(ax, phrases.name("verdict", "too few to say"), 0, y, fontsize=TEXT - 2, color=SOFT)
    table = pd.concat(parts)
    reach = max(0.05, table["high"].max())
    ax.set_xlim(-0.025 * reach, 1.12 * reach)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=TEXT, borderpad=0)
    words = phrases.say("axis.share", mark=phrases.mark(table["basis"]))
    return _finish(ax, labels, words, lambda share: phrases.percent(share, 0), headers)


def _sentiment_row(found: Findings, ax: Axes, y: int, row: Row) -> None:
    """One group: negative and positive shares as bars from the middle, the net as a point below them."""
    phrases = found.phrases
    for code, side, color in SENTIMENT_STYLES:
        mood = found.estimates[code, row["group"]]
        ax.barh(y, side * mood["share"], height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        ax.hlines(y, side * mood["low"], side * mood["high"], color=INK, linewidth=1.3)
        _write(ax, phrases.say(f"chart.{code}", **mood), 0, y - 0.17, side, va="bottom")
    _write(ax, phrases.say("chart.neutral", **row), ax.get_xlim()[1], y, -1)
    net, side = row["net"], 1 if row["net"] >= 0 else -1
    ax.hlines(y + 0.3, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(net, y + 0.3, "o", color=INK, markersize=6)
    end = row["high" if side > 0 else "low"]
    _write(ax, phrases.say("chart.net", **row), net if pd.isna(end) else end, y + 0.3, side)


def _write(ax: Axes, words: str, x: float, y: float, side: int = 1, **style: Any) -> None:
    """A few words just right (side 1) or left (-1) of a place."""
    look = {"va": "center", "ha": "left" if side > 0 else "right", "fontsize": TEXT, "color": INK} | style
    ax.annotate(words, (x, y), (5 * side, 0), textcoords="offset points", **look)


def _finish(ax: Axes, labels: dict[str, str], unit: str, write: Callable, bold: Collection[str] = ()) -> Axes:
    """Label the rows from top to bottom, some in bold; name the axis; take away what says nothing."""
    ax.set_yticks(range(len(labels)), list(labels.values()))
    ax.set(ylim=(len(labels) - 0.4, -0.6), axisbelow=True)
    for text, name in zip(ax.get_yticklabels(), labels, strict=True):
        text.set_fontweight("bold" if name in bold else "normal")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0, labelsize=TEXT)
    ax.tick_params(axis="x", labelsize=TEXT, color=SOFT)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    ax.set_xlabel(unit, fontsize=TEXT, color=INK)
    ax.xaxis.set_major_formatter(lambda value, _: write(value))
    return ax
