"""Tables of the report: the study's figures as cells, in the numbers and words of a language."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..phrases import Row, capital
from .findings import RELIABLE, Findings

MOVED = 8  # rows in the table of what the correction changed


class Table(NamedTuple):
    """A table in words: the first cell of each row is its header; rows in `strong` are set in bold."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: Sequence[int] = ()


def ledger_table(found: Findings) -> Table:
    """Comments received, set aside and studied, by file."""
    rows = [row | {"gone": row["raw"] - row["kept"]} for row in found.rows["ledger"]]
    rows[-1]["file"] = capital(found.phrases.name("ledger", "all files"))
    return _table(found, "ledger", rows, strong=[len(rows) - 1])


def sentiment_table(found: Findings) -> Table:
    """Negative, neutral and positive shares and net sentiment, by group."""
    phrases, rows = found.phrases, [dict(row) for row in found.net]
    for row in rows:
        neutral = max(0.0, 1 - row["positive"] - row["negative"])
        row["neutral"] = "" if row["note"] else phrases.percent(neutral)
        row["net"] = phrases.name("verdict", row["note"]) or phrases.gap(row["net"], row["low"], row["high"])
        row |= {mood: found.share(mood, row["group"]) for mood in ("negative", "positive")}
        row["group"] = capital(phrases.name("groups", row["group"]))
    return _table(found, "sentiment", rows, mark=phrases.mark(row["basis"] for row in found.net))


def comparison_table(found: Findings, name: str, families: Sequence[str]) -> Table:
    """Shares of both groups, gap and verdict, for each family and its codes."""
    rows = [dict(found.comparisons[code]) for code in found.outline(families)]
    strong = [place for place, row in enumerate(rows) if row["code"] in families]
    for row in rows:
        code, label = row["code"], found.names[row["code"]]
        row["code"] = found.say("comparison.any", name=label) if code in families else label
        row["first"], row["second"] = (found.share(code, group) for group in found.groups)
        row["gap"] = found.phrases.gap(row["gap"], row["low"], row["high"])
        row["verdict"] = _verdict(found, row)
    return _table(found, "comparison", rows, strong, subject=found.say(f"comparison.{name}"))


def _verdict(found: Findings, row: Row) -> str:
    """The verdict of a comparison, with q, or the reason why there is none."""
    phrases, verdict, why = found.phrases, row["verdict"], ""
    apart = row["low"] > 0 or row["high"] < 0  # not shown, but only because many codes are tested
    if verdict == "different" or (verdict == "not shown" and apart and not row["reason"]):
        q = phrases.number(max(row["q"], 0.001), 3)
        why = found.say("verdicts.q", sign="<" if row["q"] < 0.001 else "=", q=q)
    elif verdict == "not shown":
        why = phrases.name("reasons", row["reason"])
    return phrases.name("verdict", verdict) + (f" ({why})" if why else "")


def coders_tables(found: Findings) -> list[Table]:
    """Agreement per code, a table for each two coders, with a warning where it is not reliable."""
    phrases, number, pairs = found.phrases, found.phrases.number, dict[tuple[str, str], list[Row]]()
    for row in found.rows["agreement"]:
        if row["language"] == row["group"] == "all" and row["code"] in found.names:
            low, high = row["alpha_low"], row["alpha_high"]
            warning = "unreliable" if high < RELIABLE else "doubtful" if low < RELIABLE else "none"
            warned = phrases.name("reasons", row["reason"]) or found.say(f"certainty.warning.{warning}")
            limits = "" if low != low else f" ({phrases.interval(low, high, factor=1, digits=2)})"
            cells = {column: phrases.percent(row[column]) for column in ("prevalence", "percent")}
            cells |= {column: number(row[column]) for column in ("kappa", "ac1")}
            cells |= {"code": found.names[row["code"]], "alpha": number(row["alpha"]) + limits}
            coders = (phrases.name("coders", row["first"]), phrases.name("coders", row["second"]))
            pairs.setdefault(coders, []).append(row | cells | {"reason": warned})
    return [_table(found, "agreement", rows, first=a, second=b) for (a, b), rows in pairs.items()]


def accuracy_table(found: Findings) -> Table:
    """How often the machine's sentiment is right: over all languages if there are several, and in each."""
    phrases, table = found.phrases, [row for row in found.rows["accuracy"] if row["n"] > 0]
    languages = list(dict.fromkeys(row["language"] for row in table))
    if len(languages) == 2:  # all, and the only one
        table = [row for row in table if row["language"] != "all"]
    order = ["all", *found.groups]
    table.sort(key=lambda row: (languages.index(row["language"]), order.index(row["group"])))
    rows = []
    for row in table:
        f1 = phrases.interval(row["macro_f1_low"], row["macro_f1_high"], factor=1, digits=2)
        right = {"share": row["accuracy"], "low": row["accuracy_low"], "high": row["accuracy_high"]}
        cells = {"accuracy": phrases.share(right), "f1": f"{phrases.number(row['macro_f1'])} ({f1})"}
        cells |= {"language": capital(phrases.name("languages", row["language"]))}
        rows.append(row | cells | {"group": phrases.name("groups", row["group"])})
    return _table(found, "accuracy", rows, [i for i, row in enumerate(table) if row["group"] == "all"])


def confusion_table(found: Findings, language: str) -> Table:
    """What the machine made of the comments with each sentiment by hand, in one language."""
    rows: dict[str, dict[str, Any]] = {}
    for pair in found.confused()[language]:
        label = capital(found.phrases.name("labels", pair["truth"]))
        row = rows.setdefault(pair["truth"], {"truth": label, "n": 0})
        row |= {pair["predicted"]: found.phrases.share(pair), "n": row["n"] + int(pair["n"])}
    name = found.phrases.name("languages", language)
    return _table(found, "confusion", list(rows.values()), language=name)


def correction_table(found: Findings) -> Table:
    """The shares that the correction moved most."""
    phrases, rows = found.phrases, []
    for row in found.shifts()[:MOVED]:
        cells = {"machine_share": phrases.percent(row["machine_share"]), "share": phrases.share(row)}
        cells |= {"code": found.names[row["code"]], "group": phrases.name("groups", row["group"])}
        rows.append(row | cells | {"shift": phrases.points(row["shift"])})
    return _table(found, "correction", rows)


def settings_table(found: Findings) -> Table:
    """The settings that the report hangs on; the sentiment thresholds are those used for each language."""
    study, book, number = found.study, found.codebook, found.phrases.number
    version = {"version": book.version, "hash": book.content_hash, "count": len(book.codes)}
    values = {name: number(v) if isinstance(v, float) else v for name, v in study.parameters().items()}
    values |= {"study": study.path.name, "codebook": found.say("method.codebook", **version)}
    values |= {"seed": str(study.seed), "alignment_margin": found.known["margin"]}
    for name in ("negative_below", "positive_above"):
        used = [(number(row[name], None), row["language"]) for row in found.rows["thresholds"]]
        told = [f"{value} ({found.phrases.name('languages', language)})" for value, language in used]
        values[name] = "; ".join(told)
    labels = found.phrases.texts["method"]["settings"].items()
    return _table(found, "settings", [{"name": label, "value": values[name]} for name, label in labels])


def _table(found: Findings, name: str, rows: list[Any], strong: Sequence[int] = (), **values: str) -> Table:
    """Rows by column, in the order of the header in the phrases; what is not yet in words is a count."""
    columns, number = found.phrases.texts["tables"][name]["header"], found.phrases.number
    header = [found.say(f"tables.{name}.header.{column}") for column in columns]
    cells = [[row[column] for column in columns] for row in rows]
    words = [[cell if isinstance(cell, str) else number(cell, 0) for cell in row] for row in cells]
    return Table(found.say(f"tables.{name}.caption", **values), header, words, strong)
