"""The report's main part, section by section, from the answers in short to what to plan first."""

from collections.abc import Iterable

from ..estimates import NO_COMMENTS, TOO_FEW
from ..findings import PLACES
from ..phrases import Row, capital
from ..profiles import MODELS, VALUES
from . import evidence
from .page import Page

SHORT_PLAN, QUOTED = 3, ("consumer_identity", "emotional_self")  # themes in the summary


def write_summary(page: Page) -> None:
    """The answers first, on a page of their own."""
    found, say = page.found, page.say
    page.heading("headings.short", 2)
    page.text(say("base"))
    for question, answer in found.answers().items():
        page.heading(f"questions.{question}")
        page.text(answer)
    page.heading("questions.plan")
    intro, topics = found.plan(short=True)
    page.text("" if topics else intro)
    page.items(topics[:SHORT_PLAN], ordered=True)
    page.heading("questions.sure")
    page.text(evidence.certainty(found))


def write_comments(page: Page) -> None:
    """Where the comments come from, which were left out and why, and what was masked."""
    found, say, came = page.found, page.say, page.found.ledger_counts()
    other = came["kept"] - sum(row["n"] for row in found.net)
    page.heading("headings.comments", 2)
    page.note("notes.reading_title", say("notes.reading") + (f" {say(found.marks)}" if found.marked else ""))
    counted = say("comments.counted", n=came["raw"], kept=came["kept"], gone=came["raw"] - came["kept"])
    both = all(row["note"] != NO_COMMENTS for row in found.net)
    page.text(f"{counted} {say('comments.groups' if both else 'comments.one_group')}")
    page.text(say("comments.other_language", n=other) if other else "")
    page.figure("ledger")
    rows = [row | {"gone": row["raw"] - row["kept"]} for row in found.rows["ledger"]]
    rows[-1]["file"] = capital(page.phrases.name("ledger", "all files"))
    page.table("ledger", rows, strong=[len(rows) - 1])
    kinds = page.phrases.texts["masks"]
    masked = [row for row in found.rows["masked"] if row["n"] > 0]
    masks = [say(f"masks.{row['kind'] if row['kind'] in kinds else 'other'}", n=row["n"]) for row in masked]
    told = say("comments.masked" if masks else "comments.unmasked", masks=masks)
    page.text(f"{told} {say('comments.names')}")


def write_balance(page: Page) -> None:
    """Sentiment: what the original study found, and what these comments show."""
    page.heading("headings.balance", 2)
    _original(page, "balance", ("negative", "positive"))
    page.text(f"{page.found.gap_of_nets()} {page.found.robust('net')}".strip())
    page.figure("sentiment_balance")
    marks = page.phrases.mark(row["basis"] for row in page.found.net)
    page.table("sentiment", [_net(page, row) for row in page.found.net], mark=marks)
    _breakdown(page, "language", ("negative", "positive"))
    page.quotes("negative", "positive")


def write_personalization(page: Page) -> None:
    """The two models of personalization: alignment, profiles, which codes and words set the groups apart."""
    found, say = page.found, page.say
    page.heading("headings.personalization", 2)
    _original(page, "personalization", MODELS)
    page.text(say("prevails.rule"))
    page.figure("interaction_models")
    _breakdown(page, "language", MODELS)
    page.heading("headings.codes")
    _comparison(page, "personalization", MODELS)
    page.figure("code_shares")
    page.heading("headings.profiles")
    page.text(say("profiles.what"), *evidence.profiles(found))
    page.figure("co_occurrence")
    page.heading("headings.words")
    page.text(say("words.what"))
    page.figure("words")
    page.quotes(*QUOTED)


def write_value(page: Page) -> None:
    """Transactional against transformational, brand by brand."""
    found, phrases = page.found, page.phrases
    page.heading("headings.value", 2)
    page.text(page.say("value.what"), *(found.pair(family) for family in VALUES))
    _comparison(page, "value", VALUES)
    page.figure("value_plane")
    brands = [row for row in found.rows["breakdown"] if row["by"] == "brand"]  # as the figure draws them
    shares = {(row["group"], row["code"]): phrases.share(row) for row in brands}
    few = {row["group"] for row in brands if row["note"]}
    rows = [row for row in found.rows["profiles"] if isinstance(row.get("brand"), str)]
    rows = [row for row in rows if row["group"] in found.groups and row["brand"] != "all"]
    told = []
    for row in sorted(rows, key=lambda row: (row["brand"], found.groups.index(row["group"]))):
        own = f"{row['group']}: {row['brand']}"
        cells = {side: shares.get((own, side), "") for side in VALUES}
        cells["index"] = "" if own in few else _limited(page, row, "index")
        told.append(page.cells(row, group="groups") | cells)
    page.table("value_index", told, mark=phrases.mark(row["basis"] for row in rows))
    page.quotes(*VALUES)


def write_where(page: Page) -> None:
    """Touchpoints, expectations and follow-up; intentions; month by month."""
    found, say = page.found, page.say
    page.heading("headings.where", 2)
    page.text(*(found.pair(family) for family in PLACES))
    _comparison(page, "where", PLACES)
    page.heading("headings.expectations")
    page.text(say("expectations.what"))
    page.figure("expectation_flow")
    _asked(page, "expectations by touchpoint", ["expectation_unmet", "correction"])
    _asked(page, "corrections by expectation", ["correction"])
    page.quotes("expectation_unmet")
    page.heading("headings.intention")
    page.text(say("original.intention"), say("intention.here"))
    _asked(page, "intention by sentiment", ["loyalty", "advocacy", "intention"])
    _asked(page, "intention by interaction model", ["loyalty", "advocacy", "intention"])
    page.text(say("intention.limits"))
    page.heading("headings.months")
    page.text(*evidence.months(found) if found.rows["series"] else ())  # else the chart's title says why
    page.figure("monthly")


def write_plan(page: Page) -> None:
    """What to plan first, in order, with the evidence behind each line and what is not known."""
    found, say = page.found, page.say
    page.heading("headings.plan", 2)
    intro, topics = found.plan()
    page.text(intro)
    page.items(topics, ordered=True)
    drawn = page.figure("priorities")
    page.text(say("plan.how") if drawn else "", say("plan.unknown"))
    page.quotes(*(row["code"] for row in found.planned()[:SHORT_PLAN]), head="headings.behind_plan")


def _original(page: Page, name: str, codes: Iterable[str]) -> None:
    """What the original study found, apart from what these comments show."""
    page.heading("headings.original")
    page.text(page.say(f"original.{name}"))
    page.heading("headings.here")
    page.text(*(page.found.pair(code) for code in codes))


def _net(page: Page, row: Row) -> Row:
    """Sentiment of a group, in cells."""
    phrases, moods = page.phrases, ("negative", "positive")
    net = f"{phrases.points(row['net'])} ({phrases.interval(row)})"
    told = {mood: page.share(mood, row["group"]) for mood in moods}
    told["neutral"] = "" if row["note"] else phrases.percent(row["neutral"])
    told["net"] = phrases.name("verdict", row["note"]) if row["note"] else net
    return page.cells(row, group="Groups") | told


def _breakdown(page: Page, by: str, codes: tuple[str, ...]) -> None:
    """Shares in each part of each group; nothing if there is one part only, or none."""
    rows = [row for row in page.found.rows["breakdown"] if row["by"] == by and row["code"] in codes]
    told: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: page.found.groups.index(row["group"].partition(": ")[0])):
        group, _, part = row["group"].partition(": ")
        cells = told.setdefault(row["group"], {"group": capital(page.phrases.name("groups", group))})
        cells |= {"part": page.phrases.name("languages", part), "n": row["n"], "n_hand": row["n_hand"]}
        cells |= {["one", "two"][codes.index(row["code"])]: page.phrases.share(row)}
    if len({cells["part"] for cells in told.values()}) > 1:
        one, two = (page.found.names[code] for code in codes)
        marks = page.phrases.mark(row["basis"] for row in rows)
        page.table("breakdown", list(told.values()), one=one, two=two, mark=marks)


def _comparison(page: Page, name: str, families: tuple[str, ...]) -> None:
    """The verdicts in a list, and all shares and differences in a table."""
    found, say, outline = page.found, page.say, page.found.outline(families)
    verdicts = found.by_verdict(families)
    if list(verdicts) not in (["uncorrected"], [TOO_FEW]):
        lists = {verdict: f"{capital(page.phrases.join(names))}." for verdict, names in verdicts.items()}
        page.items((say(f"verdicts.list.{verdict}"), names) for verdict, names in lists.items())
    page.text(say("comparison.orientation"))
    strong = [number for number, code in enumerate(outline) if code in families]
    rows = [_compared(page, code, code in families) for code in outline]
    mark = page.phrases.mark(found.comparisons[code]["basis"] for code in outline)
    page.table("comparison", rows, strong=strong, subject=say(f"comparison.{name}"), mark=mark)


def _compared(page: Page, code: str, family: bool) -> Row:
    """A comparison in cells: shares, difference, and the verdict with q, or with why there is no q."""
    found, phrases, row = page.found, page.phrases, page.found.comparisons[code]
    name, known, why = found.names[code], row["gap"] == row["gap"], ""
    apart = (row["low"] > 0 or row["high"] < 0) and not row["reason"]
    if row["verdict"] == "different" or (row["verdict"] == "not shown" and apart):
        why = page.say("verdicts.small_q" if row["q"] < 0.001 else "verdicts.q", row)
    elif row["verdict"] in ("not shown", "aligned"):
        why = phrases.name("reasons", row["reason"])
    alone = row["reason"] == NO_COMMENTS
    told = phrases.name("reasons", NO_COMMENTS) if alone else phrases.name("verdict", row["verdict"])
    return {
        "code": page.say("comparison.any", name=name) if family else name,
        "first": page.share(code, found.groups[0]),
        "second": page.share(code, found.groups[1]),
        "gap": f"{phrases.points(row['gap'])} ({phrases.interval(row)})" if known else "",
        "verdict": told + (f" ({why})" if why else ""),
    }


def _asked(page: Page, question: str, then: list[str]) -> None:
    """Among comments with one thing and among the others, the share with another: of the first group."""
    found, phrases = page.found, page.phrases
    rows = [row for row in found.rows["associations"] if row["question"] == question]
    rows = [row for row in rows if row["group"] == found.groups[0] and row["then"] in then]
    few = phrases.name("verdict", TOO_FEW)
    told = [
        {
            "given": found.names.get(row["given"], row["given"]),
            "then": found.names.get(row["then"], phrases.texts["names"]["intentions"].get(row["then"])),
            "cases": row["cases"],
            "share": few if row["note"] == TOO_FEW else _limited(page, row, "share"),
            "without": "" if row["note"] == TOO_FEW else _limited(page, row, "share_without"),
        }
        for row in rows
    ]
    mark = phrases.mark(row["basis"] for row in rows)
    page.table("asked", told, question=page.say(f"asked.{question}"), mark=mark)


def _limited(page: Page, row: Row, of: str) -> str:
    """A value with its interval, in a cell: an index as it is, all else in percent."""
    if of != "index" or row[of] != row[of]:
        return page.phrases.share(row, of)
    return f"{page.phrases.number(row[of])} ({page.phrases.interval(row, 'index_', factor=1)})"
