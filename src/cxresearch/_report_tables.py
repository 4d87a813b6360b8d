"""Tables of the report: the study's figures as cells, in the numbers and words of a language."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ._blocks import Table
from ._findings import Findings
from .phrases import Phrases, capital

RELIABLE = 0.667  # Krippendorff (2004), Content Analysis: below it not even tentative conclusions
MOVED = 8  # rows in the table of what the correction changed


def ledger_table(found: Findings) -> Table:
    """Comments received, set aside and studied, by file."""
    phrases, ledger = found.phrases, found.tables["ledger"]
    files = [*ledger["file"].iloc[:-1], capital(phrases.name("ledger", "all files"))]
    counts = pd.DataFrame(
        {"raw": ledger["raw"], "gone": ledger["raw"] - ledger["kept"], "kept": ledger["kept"]}
    )
    cells = [[phrases.number(n, 0) for n in row] for row in counts.to_numpy()]
    rows = [[file, *numbers] for file, numbers in zip(files, cells, strict=True)]
    return Table(
        phrases.say("comments.table"), _header(phrases, "comments"), rows, frozenset({len(rows) - 1})
    )


def sentiment_table(found: Findings) -> Table:
    """Negative, neutral and positive shares and net sentiment, by group."""
    phrases, rows = found.phrases, []
    for net in (found.net(group) for group in found.groups):
        counts = [phrases.number(net[name], 0) for name in ("n", "n_hand")]
        neutral, saldo = "", phrases.name("verdict", net["note"])
        if not net["note"]:
            neutral = phrases.percent(max(0.0, 1 - net["positive"] - net["negative"]))
            saldo = _signed(phrases, net["net"], net)
        shares = [found.share("negative", net["group"]), neutral, found.share("positive", net["group"])]
        rows.append([capital(phrases.name("groups", net["group"])), *counts, *shares, saldo])
    caption = phrases.on_basis("sentiment.table", found.tables["net_sentiment"])
    return Table(f"{caption}.", _header(phrases, "sentiment"), rows)


def comparison_table(found: Findings, name: str, families: Sequence[str]) -> Table:
    """Shares of both groups, gap and verdict, for each family and its codes."""
    phrases, rows, strong = found.phrases, [], []
    for family in families:
        strong.append(len(rows))
        rows.append(_comparison_row(found, family, phrases.say("comparison.any", name=found.names[family])))
        codes = found.codebook.family_codes(family)
        rows += [_comparison_row(found, code, found.names[code]) for code in codes]
    code, gap, verdict = _header(phrases, "comparison")
    header = [code, *(capital(phrases.name("groups", group)) for group in found.groups), gap, verdict]
    return Table(phrases.say(f"comparison.{name}", samples=found.samples), header, rows, frozenset(strong))


def _comparison_row(found: Findings, code: str, name: str) -> list[str]:
    """One row of that table."""
    row = found.comparison(code)
    gap = _signed(found.phrases, row["gap"], row) if row["gap"] == row["gap"] else ""
    return [name, *(found.share(code, group) for group in found.groups), gap, found.verdict(code)]


def coders_table(found: Findings, agreement: pd.DataFrame) -> Table:
    """Agreement of two coders, per code, with a warning where it is not reliable."""
    phrases, rows = found.phrases, []
    for row in agreement[agreement["code"].isin(list(found.names))].to_dict("records"):
        shares = [
            phrases.percent(row[name]) if row[name] == row[name] else "" for name in ("prevalence", "percent")
        ]
        scores = [
            phrases.number(row[name]) if row[name] == row[name] else "" for name in ("kappa", "ac1", "alpha")
        ]
        if row["alpha_low"] == row["alpha_low"]:
            scores[-1] += f" ({phrases.interval(row['alpha_low'], row['alpha_high'], factor=1, digits=2)})"
        warning = (
            "unreliable"
            if row["alpha_high"] < RELIABLE
            else "doubtful"
            if row["alpha_low"] < RELIABLE
            else "none"
        )
        words = (
            phrases.name("reasons", row["reason"])
            if row["reason"]
            else phrases.say(f"certainty.warning.{warning}")
        )
        rows.append([found.names[row["code"]], phrases.number(row["n"], 0), *shares, *scores, words])
    first, second = (phrases.name("coders", agreement.iloc[0][name]) for name in ("first", "second"))
    caption = phrases.say("certainty.agreement_table", first=first, second=second)
    return Table(caption, _header(phrases, "certainty", "agreement_header"), rows)


def accuracy_table(found: Findings) -> Table:
    """How often the machine's sentiment is right, per language and group."""
    phrases, rows = found.phrases, []
    for row in found.tables["accuracy"].query("n > 0").to_dict("records"):
        f1 = phrases.interval(row["macro_f1_low"], row["macro_f1_high"], factor=1, digits=2)
        right = phrases.share(row["accuracy"], row["accuracy_low"], row["accuracy_high"])
        cells = [phrases.name("groups", row["group"]), phrases.number(row["n"], 0), right]
        rows.append(
            [
                capital(phrases.name("languages", row["language"])),
                *cells,
                f"{phrases.number(row['macro_f1'])} ({f1})",
            ]
        )
    return Table(
        phrases.say("certainty.accuracy_table"), _header(phrases, "certainty", "accuracy_header"), rows
    )


def correction_table(found: Findings, shifts: pd.DataFrame) -> Table:
    """The shares that the correction moved most; `shifts` are estimates with ``shift``, the widest first."""
    phrases, rows = found.phrases, []
    for row in shifts.head(MOVED).to_dict("records"):
        shares = [phrases.percent(row["machine_share"]), found.share(row["code"], row["group"])]
        label = [found.names[row["code"]], phrases.name("groups", row["group"]), phrases.number(row["n"], 0)]
        rows.append([*label, *shares, phrases.points(row["shift"], sign=True)])
    return Table(phrases.say("certainty.moved_table"), _header(phrases, "certainty", "moved_header"), rows)


def settings_table(found: Findings) -> Table:
    """The settings that the report hangs on."""
    phrases, study, book = found.phrases, found.study, found.codebook
    version = {"version": book.version, "hash": book.content_hash, "count": len(book.codes)}
    values = {
        "study": study.path.name,
        "codebook": phrases.say("method.settings.codebook_value", **version),
        "seed": str(study.seed),
        "draws": phrases.number(study.draws, 0),
        "negative": phrases.number(study.thresholds.negative_below),
        "positive": phrases.number(study.thresholds.positive_above),
        "duplicate": phrases.number(study.thresholds.near_duplicate),
        "minimum": phrases.number(study.thresholds.minimum_n, 0),
        "margin": found.margin,
    }
    rows = [[phrases.say(f"method.settings.{name}"), value] for name, value in values.items()]
    return Table(phrases.say("method.table"), _header(phrases, "method"), rows)


def _signed(phrases: Phrases, value: float, row: pd.Series) -> str:
    """Points with their sign and interval."""
    return f"{phrases.points(value, sign=True)} ({phrases.interval(row['low'], row['high'])})"


def _header(phrases: Phrases, section: str, name: str = "header") -> list[str]:
    """Column names of a section's table."""
    return list(phrases.texts[section][name].values())
