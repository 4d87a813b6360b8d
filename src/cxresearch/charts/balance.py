"""Charts of all comments: how many are studied, and how negative and positive each group's are."""

import pandas as pd

from ..estimates import TOO_FEW
from ..findings import Findings
from ..phrases import Row, capital
from .style import GROUP_STYLES, INK, SOFT, TEXT, Axes, Chart, dress, finish, link, told, write

SENTIMENT_STYLES = (("negative", -1, "#b5562a"), ("positive", 1, "#9ecae9"))  # side and colour


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


def _ledger_words(found: Findings) -> tuple[str, str]:
    counts = found.ledger_counts()
    raw, kept = counts["raw"], counts["kept"]
    key = "whole" if raw == kept else "part"
    title = found.say(f"shares_chart.title.ledger.{key}", raw=raw, kept=kept, lost=raw - kept)
    rows = [found.say("shares_chart.alt.step", step=step, count=n) for step, n in counts.items()]
    return told(found, title, "ledger", rows="; ".join(rows))


def _sentiment_words(found: Findings) -> tuple[str, str]:
    few = any(row["note"] for row in found.net)
    gap = found.gap("net")
    title = found.say(f"shares_chart.title.net.{TOO_FEW if few else gap['kind']}", gap)
    rows = [found.say(f"shares_chart.alt.{'withheld' if row['note'] else 'net'}", row) for row in found.net]
    return told(found, title, "sentiment_balance", rows=". ".join(rows))


def _ledger_data(found: Findings) -> pd.DataFrame:
    return pd.DataFrame(found.ledger_counts().items(), columns=["step", "comments"])


CHARTS = {
    "ledger": Chart(ledger_chart, _ledger_data, _ledger_words, (0.8, 0.3)),
    "sentiment_balance": Chart(
        sentiment_balance_chart, lambda found: pd.DataFrame(found.net), _sentiment_words, (0.9, 1.05)
    ),
}
