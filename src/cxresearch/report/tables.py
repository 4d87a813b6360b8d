"""Tables of the report: the study's figures as cells, in the numbers and words of a language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..phrases import capital
from .blocks import Table
from .findings import RELIABLE, Findings

MOVED = 8  # rows in the table of what the correction changed


def ledger_table(found: Findings) -> Table:
    """Comments received, set aside and studied, by file."""
    rows = found.tables["ledger"].assign(gone=lambda table: table["raw"] - table["kept"]).to_dict("records")
    rows[-1]["file"] = capital(found.phrases.name("ledger", "all files"))
    return _table(found, "ledger", rows, strong=[len(rows) - 1])


def sentiment_table(found: Findings) -> Table:
    """Negative, neutral and positive shares and net sentiment, by group."""
    phrases, rows = found.phrases, [dict(row) for row in found.net]
    for row in rows:
        neutral = max(0.0, 1 - row["positive"] - row["negative"])
        row["neutral"] = "" if row["note"] else phrases.percent(neutral)
        row["net"] = phrases.name("verdict", row["note"]) or phrases.gap(row["net"], row["low"], row["high"])
        row["negative"], row["positive"] = (found.share(c, row["group"]) for c in ("negative", "positive"))
        row["group"] = capital(phrases.name("groups", row["group"]))
    return _table(found, "sentiment", rows, mark=phrases.mark(row["basis"] for row in found.net))


def comparison_table(found: Findings, name: str, families: Sequence[str]) -> Table:
    """Shares of both groups, gap and verdict, for each family and its codes."""
    codes = [code for family in families for code in (family, *found.codebook.family_codes(family))]
    strong, rows = (
        [codes.index(family) for family in families],
        [dict(found.comparisons[code]) for code in codes],
    )
    for row in rows:
        code, label = row["code"], found.names[row["code"]]
        row["code"] = found.say("comparison.any", name=label) if code in families else label
        row["first"], row["second"] = (found.share(code, group) for group in found.groups)
        row["gap"] = found.phrases.gap(row["gap"], row["low"], row["high"])
        row["verdict"] = found.verdict(code)
    return _table(found, "comparison", rows, strong, subject=found.say(f"comparison.{name}"))


def coders_table(found: Findings, agreement: pd.DataFrame) -> Table:
    """Agreement of two coders, per code, with a warning where it is not reliable."""
    phrases, rows = found.phrases, agreement[agreement["code"].isin(list(found.names))].to_dict("records")
    for row in rows:
        low, high = row["alpha_low"], row["alpha_high"]
        warning = "unreliable" if high < RELIABLE else "doubtful" if low < RELIABLE else "none"
        row["reason"] = phrases.name("reasons", row["reason"]) or found.say(f"certainty.warning.{warning}")
        row |= {column: phrases.percent(row[column]) for column in ("prevalence", "percent")}
        row |= {column: phrases.number(row[column]) for column in ("kappa", "ac1", "alpha")}
        row["alpha"] += "" if pd.isna(low) else f" ({phrases.interval(low, high, factor=1, digits=2)})"
        row["code"] = found.names[row["code"]]
    first, second = (phrases.name("coders", agreement.iloc[0][name]) for name in ("first", "second"))
    return _table(found, "agreement", rows, first=first, second=second)


def accuracy_table(found: Findings) -> Table:
    """How often the machine's sentiment is right, per language and group."""
    phrases, rows = found.phrases, found.tables["accuracy"].query("n > 0").to_dict("records")
    for row in rows:
        f1 = phrases.interval(row["macro_f1_low"], row["macro_f1_high"], factor=1, digits=2)
        row["f1"] = f"{phrases.number(row['macro_f1'])} ({f1})"
        right = {"share": row["accuracy"], "low": row["accuracy_low"], "high": row["accuracy_high"]}
        row["accuracy"] = phrases.share(right)
        row["language"] = capital(phrases.name("languages", row["language"]))
        row["group"] = phrases.name("groups", row["group"])
    return _table(found, "accuracy", rows)


def correction_table(found: Findings, shifts: pd.DataFrame) -> Table:
    """The shares that the correction moved most; `shifts` are estimates with ``shift``, the widest first."""
    phrases, rows = found.phrases, shifts.head(MOVED).to_dict("records")
    for row in rows:
        row["machine_share"], row["shift"] = (
            phrases.percent(row["machine_share"]),
            phrases.points(row["shift"]),
        )
        row["share"] = found.share(row["code"], row["group"])
        row["code"], row["group"] = found.names[row["code"]], phrases.name("groups", row["group"])
    return _table(found, "correction", rows)


def settings_table(found: Findings) -> Table:
    """The settings that the report hangs on."""
    study, book, number = found.study, found.codebook, found.phrases.number
    version = {"version": book.version, "hash": book.content_hash, "count": len(book.codes)}
    values = {name: number(v) if isinstance(v, float) else v for name, v in study.parameters().items()}
    values |= {"study": study.path.name, "codebook": found.say("method.codebook", **version)}
    values |= {"seed": str(study.seed), "alignment_margin": found.known["margin"]}
    labels = found.phrases.texts["method"]["settings"].items()
    return _table(found, "settings", [{"name": label, "value": values[name]} for name, label in labels])


def _table(found: Findings, name: str, rows: list[Any], strong: Sequence[int] = (), **values: str) -> Table:
    """Rows by column, in the order of the header in the phrases; what is not yet in words is a count."""
    columns, number = found.phrases.texts["tables"][name]["header"], found.phrases.number
    header = [found.say(f"tables.{name}.header.{column}") for column in columns]
    cells = [[row[column] for column in columns] for row in rows]
    words = [[cell if isinstance(cell, str) else number(cell, 0) for cell in row] for row in cells]
    return Table(found.say(f"tables.{name}.caption", **values), header, words, strong)
