"""Charts of shares: the ledger, sentiment by group, and both groups' share of each model and code."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from ..findings import Findings
from ..phrases import Row, capital
from ..profiles import MODELS
from .style import GROUP_STYLES, INK, SENTIMENT_STYLES, SOFT, TEXT, Chart, finish, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFFSETS = (-0.17, 0.17)  # of the two groups from the middle of their row


def ledger_chart(found: Findings, ax: Axes) -> Axes:
    """Draw how many comments came in, how many were set aside for which reason, and how many are studied."""
    phrases, counts = found.phrases, found.ledger_counts()
    colors = [GROUP_STYLES[step not in ("raw", "kept")][0] for step in counts]
    bars = ax.barh(range(len(counts)), list(counts.values()), height=0.62, color=colors)
    ax.bar_label(bars, fmt=lambda n: phrases.number(n, 0), padding=3, fontsize=TEXT, color=INK)
    ax.set_xlim(0, 1.1 * max(*counts.values(), 1))
    labels = {step: capital(phrases.name("ledger", step)) for step in counts}
    return finish(ax, labels, phrases.say("axis.comments"), lambda n: phrases.number(n, 0), ("raw", "kept"))


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
    words = phrases.say("axis.sentiment", mark=phrases.mark(net["basis"]))
    return finish(ax, labels, words, lambda share: phrases.number(100 * share, 0))


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
                write(ax, found.phrases.percent(row["share"]), row["high"], y + offset)
    labels = {model: f"{found.names[model]}\n({found.phrases.name('models', model)})" for model in MODELS}
    return _dumbbells(found, ax, labels)


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
            write(ax, phrases.name("verdict", "too few to say"), 0, y, fontsize=TEXT - 2, color=SOFT)
    table = pd.concat(parts)
    reach = max(0.05, table["high"].max())
    ax.set_xlim(-0.025 * reach, 1.12 * reach)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=TEXT, borderpad=0)
    words = phrases.say("axis.share", mark=phrases.mark(table["basis"]))
    return finish(ax, labels, words, lambda share: phrases.percent(share, 0), headers)


def _sentiment_row(found: Findings, ax: Axes, y: int, row: Row) -> None:
    """One group: negative and positive shares as bars from the middle, the net as a point below them."""
    phrases = found.phrases
    for code, side, color in SENTIMENT_STYLES:
        mood = found.estimates[code, row["group"]]
        ax.barh(y, side * mood["share"], height=0.3, color=color, edgecolor=INK, linewidth=0.6)
        ax.hlines(y, side * mood["low"], side * mood["high"], color=INK, linewidth=1.3)
        write(ax, phrases.say(f"chart.{code}", **mood), 0, y - 0.17, side, va="bottom")
    write(ax, phrases.say("chart.neutral", **row), ax.get_xlim()[1], y, -1)
    net, side = row["net"], 1 if row["net"] >= 0 else -1
    ax.hlines(y + 0.3, row["low"], row["high"], color=INK, linewidth=1.6)
    ax.plot(net, y + 0.3, "o", color=INK, markersize=6)
    end = row["high" if side > 0 else "low"]
    write(ax, phrases.say("chart.net", **row), net if pd.isna(end) else end, y + 0.3, side)


def _codes_alt(found: Findings, name: str, codes: list[str]) -> str:
    """What a chart of shares shows, told of some codes."""
    rows = "; ".join(found.say("alt.code", found.both(code)) for code in codes)
    mark = found.phrases.mark(row["basis"] for row in found.estimates.values())
    return found.say(f"alt.{name}", rows=rows, n=len(found.codebook.names), mark=mark)


def _ledger_words(found: Findings) -> tuple[str, str]:
    rows = [found.say("alt.step", step=step, count=n) for step, n in found.ledger_counts().items()]
    return found.say("captions.ledger"), found.say("alt.ledger", rows="; ".join(rows))


def _ledger_data(found: Findings) -> pd.DataFrame:
    return pd.DataFrame(found.ledger_counts().items(), columns=["step", "comments"])


def _sentiment_words(found: Findings) -> tuple[str, str]:
    rows = [found.say("alt.withheld" if row["note"] else "alt.net", row) for row in found.net]
    return found.say("captions.sentiment_balance"), found.say("alt.sentiment_balance", rows=". ".join(rows))


def _estimates(found: Findings, codes: Collection[str]) -> pd.DataFrame:
    rows = [found.estimates[code, group] for code in codes for group in found.groups]
    return pd.DataFrame(rows)[["code", "group", "n", "n_hand", "share", "low", "high", "basis", "note"]]


CHARTS = {
    "ledger": Chart(ledger_chart, _ledger_data, _ledger_words, (0.8, 0.3)),
    "sentiment_balance": Chart(
        sentiment_balance_chart, lambda found: pd.DataFrame(found.net), _sentiment_words, (0.9, 1.05)
    ),
    "interaction_models": Chart(
        interaction_models_chart,
        lambda found: _estimates(found, MODELS),
        lambda found: (
            found.say("captions.interaction_models"),
            _codes_alt(found, "interaction_models", list(MODELS)),
        ),
        (1.1, 0.75),
    ),
    "code_shares": Chart(
        code_shares_chart,
        lambda found: _estimates(found, found.codebook.names),
        lambda found: (
            found.say("captions.code_shares"),
            _codes_alt(found, "code_shares", _widest(found)),
        ),
        (1.1, 0.235),
    ),
}


def _widest(found: Findings) -> list[str]:
    """The three codes with the widest gaps."""
    one, two = (
        pd.Series({c: found.estimates[c, g]["share"] for c in found.codebook.names}) for g in found.groups
    )
    return list((one - two).abs().nlargest(3).index)
