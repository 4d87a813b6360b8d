"""What stands behind the findings, in words: how sure, how alike, how steady, which corpus, which coders."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..charts.monthly import beside_chance
from ..findings import Findings
from ..phrases import Row

SIGNALS = 6  # months told of one by one


def certainty(found: Findings) -> tuple[str, str]:
    """In a few words and then in full: what the figures rest on, and whether the headlines hold."""
    codes = found.codebook.names
    part = "none" if found.machine_part == "all" else "twice" if found.twice else "once"
    told = [found.say(f"certainty.short.{part}")]
    if part != "none" and (pair := _judging(found)):
        kinds = [row["reliability"] for row in found.agreement()[pair] if row["code"] in codes]
        counts = {"reliable": kinds.count("reliable"), "n": len({*codes} & {*found.marked})}
        told.append(found.say("certainty.short.reliable", pair=pair, of=len(codes), **counts))
    if part != "none" and found.machine_part == "some":
        told.append(found.say("certainty.short.partly"))
    shown = [row for row in found.held.values() if row["verdict"] in ("different", "aligned")]
    if steady := [row for row in shown if row["summary"] != "cannot say"]:
        kept = sum(row["changes"] == 0 for row in steady)
        told.append(found.say("certainty.short.held", n=kept, of=len(steady)))
    if part != "none" and _all_equal(found):
        told.append(found.say("certainty.short.equal"))
    return found.say(f"certainty.lead.{part}"), " ".join(told)


def _all_equal(found: Findings) -> bool:
    """Whether people gave each code to all comments of a group or to none: a slip, more likely than not."""
    shares = [row["hand_share"] for row in found.rows["estimates"] if row["kind"] == "code" and row["n_hand"]]
    return all(share in (0, 1) for share in shares)


def _judging(found: Findings) -> tuple[str, str] | None:
    """The two coders whose agreement says what is reliable: people, or else a person and the machine."""
    pairs = {pair: any(row["people"] for row in rows) for pair, rows in found.agreement().items()}
    return next(iter(sorted(pairs, key=lambda pair: not pairs[pair])), None)


def profiles(found: Findings) -> list[str]:
    """How alike the two groups' profiles of codes are, beside what chance alone would give."""
    rows = {row["measure"]: row for row in found.rows["profiles"] if row.get("scope") == "all"}
    if any(row["basis"] == "mixed" for row in rows.values()):
        return [found.say("profiles.mixed")]
    told = []
    for measure in ("distance", "spearman"):
        row = rows.get(measure)
        if row is None or row["value"] != row["value"]:
            continue
        limits = found.phrases.interval(row, factor=1)
        chance = found.phrases.interval(row, "baseline_", factor=1)
        mark = found.phrases.mark([row["basis"]])
        told.append(found.say(f"profiles.{measure}", row, limits=limits, chance=chance, mark=mark))
    if told and found.machine_part == "none":
        told.append(found.say(f"profiles.{'apart' if rows['distance']['p'] < 0.05 else 'not_shown'}"))
    return told or [found.say("profiles.too_few")]


def months(found: Findings) -> list[str]:
    """Whether a month left its usual range; which ones, for which code and group."""
    rows = [row for row in found.rows["series"] if row["group"] in found.groups]
    out = [row for row in rows if row["signal"]]
    each = []
    for row in sorted(out, key=lambda row: (row["month"], row["code"]))[:SIGNALS]:
        known = {"name": found.names[row["code"]], "mark": found.phrases.mark([row["basis"]])}
        each.append(found.say(f"months.{row['signal']}", row, **known))
    counted = beside_chance(found)
    if not counted["of"]:
        return [found.say("months.too_few")]
    mark = found.phrases.mark(row["basis"] for row in rows)
    return [found.say("months.what"), " ".join([found.say("months.counted", counted, mark=mark), *each])]


def unequal_errors(found: Findings) -> list[str]:
    """How often the machine errs more in one group or language than in the other."""
    rows = [row for row in found.rows["error_differences"] if row["coder"] == found.study.machine_coder]
    rows = [row for row in rows if row["q"] == row["q"]]  # others have too few comments
    if not rows:
        return []
    return [found.say("certainty.unequal", n=sum(bool(row["different"]) for row in rows), of=len(rows))]


def corpus(found: Findings) -> dict[str, Any]:
    """What the datasheet and the checklists say of the comments, by name."""
    comments, phrases = found.tables["comments"], found.phrases
    dates = comments["date"].dropna()
    came = found.ledger_counts()
    span = found.say("datasheet.no_dates")
    if len(dates):
        first, last = (phrases.month(f"{day:%Y-%m}") for day in (dates.min(), dates.max()))
        span = found.say("datasheet.span", first_month=first, last_month=last) if first != last else first
    by_hand = sum(row["n_hand"] for row in found.net)
    part = "all" if by_hand == sum(row["n"] for row in found.net) else "some" if by_hand else "none"
    names = [phrases.name("coders", row["coder"]) for row in coders(found)]
    return {
        "raw": came["raw"],
        "kept": came["kept"],
        "included": found.say(f"method.quoted.{found.study.quotes}"),
        "gone": came["raw"] - came["kept"],
        "span": span,
        "files": sorted(comments["file"].dropna().unique()),
        "languages": _counts(found, "languages", comments["language"]),
        "brands": comments["brand"].nunique(),
        "channels": _counts(found, "channels", comments["channel"]) or [found.say("cards.unknown")],
        "by_hand": by_hand,
        "drawn": found.say(f"datasheet.drawn.{part}", n=by_hand),
        "coders": len(names),
        "coder_list": names,
        "codes": len(found.codebook.codes),
        "families": len(found.codebook.families),
        "version": found.codebook.version,
    }


def _counts(found: Findings, kind: str, column: pd.Series) -> list[str]:
    """How many comments of each value, the most frequent first; nothing of an empty column."""
    counts = column.dropna().astype(str).value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    names = found.phrases.texts["names"].get(kind, {})
    return [f"{names.get(name, name)} ({found.phrases.number(n, 0)})" for name, n in counts.items()]


def coders(found: Findings) -> list[Row]:
    """Each coder, person or machine: comments looked at, codes given per comment, edition of the codebook."""
    codes = found.tables["codes"]
    given = codes[codes["code"].notna() & codes["given"]].drop_duplicates(["comment_id", "coder", "code"])
    told = codes.groupby("coder").agg(n=("comment_id", "nunique"), edition=("codebook", "first"))
    told["rate"] = (given.groupby("coder").size() / told["n"]).reindex(told.index).fillna(0.0)
    told["edition"] = told["edition"].fillna("").str.split().str[0].replace("", found.say("cards.unknown"))
    return told.rename_axis("coder").reset_index().to_dict("records")


def judged(found: Findings, coder: str) -> Iterable[tuple[str, str]]:
    """Of a coder, with each other one: agreement over all codes together, and how many are reliable."""
    rows = [row for row in found.rows["agreement"] if row["by"] == "all"]
    rows = [row | {"pair": {row["first"], row["second"]}} for row in rows]
    codes = [row for row in rows if row["code"] in found.codebook.names]
    for row in (row for row in rows if row["code"] == "all" and coder in row["pair"]):
        other = next(iter(row["pair"] - {coder}), coder)
        kinds = [code["reliability"] for code in codes if code["pair"] == row["pair"]]
        known = {"limits": found.phrases.interval(row, "alpha_", factor=1), "of": len(kinds)}
        told = found.say("cards.agreement", row, reliable_codes=kinds.count("reliable"), **known)
        yield found.say("cards.with", other=other), told
