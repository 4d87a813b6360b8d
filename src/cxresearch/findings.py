"""Findings of a study in words: every sentence picks its phrase by a verdict and its figures from the tables.

Nothing is computed here that another step has not written down. The wording is in `phrases`.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from statistics import median

import pandas as pd

from .codebook import Codebook
from .estimates import NO_COMMENTS, TOO_FEW
from .phrases import Row, load_phrases, machine_part, small
from .profiles import MODELS, VALUES
from .reliability import RELIABLE, unreliable
from .sensitivity import holds
from .study import Study
from .themes import MACHINES

TOLD: tuple[str, ...] = ("ledger", "masked", "agreement", "error_differences", "accuracy", "confusion")
TOLD += ("thresholds", "estimates", "comparisons", "net_sentiment", "sensitivity")
TOLD += ("breakdown", "profiles", "words", "associations", "series", "priorities")
READ: tuple[str, ...] = ("comments", "codes", "sentiment")  # of these only counts and quotes
PLACES = ("touchpoint", "expectation", "practice")
VERDICTS = ("different", "aligned", "not shown", TOO_FEW, "uncorrected")  # in the order of reading
MOODS = ("negative", "positive")
PLANNED = 5  # topics in the list of what to plan first
FDR = 0.05  # the default of comparison.compare_groups


def load_tables(study: Study, *more: str) -> dict[str, pd.DataFrame]:
    """Load the tables that charts and report tell of, and `more`, by name."""
    return {name: study.load(name) for name in (*TOLD, *READ, *more)}


class _Rows(dict[str, list[Row]]):
    """Rows of each table, made when first asked for; of a table that is not there, none."""

    def __init__(self, tables: dict[str, pd.DataFrame]):
        self._tables = tables

    def __missing__(self, name: str) -> list[Row]:
        self[name] = self._tables[name].to_dict("records") if name in self._tables else []
        return self[name]


class Findings:
    """A study's tables, as the steps wrote them, by name, ready to be told in one language ("es" or "en").

    What is told of a table takes that table only.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study = find_study()
    >>> Findings(study, load_codebook(study.codebook_path), {}, "en").say("questions.balance")
    'Is there a balance in what consumers and brands feel?'
    """

    def __init__(self, study: Study, codebook: Codebook, tables: dict[str, pd.DataFrame], language: str):
        self.study, self.codebook, self.groups = study, codebook, study.groups
        self.phrases = phrases = load_phrases(language)
        self.names = {family.family: family.name[language] for family in codebook.families}
        self.names |= {code.code: code.name[language] for code in codebook.codes}
        self.names |= phrases.texts["names"]["sentiments"]
        self.marked = unreliable(tables.get("agreement", pd.DataFrame()), study.machine_coder)
        self.names |= {code: f"{self.names[code]}\u00a0†" for code in self.marked}
        self.tables, self.rows = tables, _Rows(tables)
        self.estimates = {(row["code"], row["group"]): row for row in self.rows["estimates"]}
        self.comparisons = {row["code"]: row for row in self.rows["comparisons"]}
        self.net = sorted(self.rows["net_sentiment"], key=lambda row: self.groups.index(row["group"]))
        for row in self.net:
            row["neutral"] = max(0.0, 1 - row["positive"] - row["negative"])  # corrected shares can exceed 1
        self.machine_part = machine_part(row["basis"] for row in [*self.estimates.values(), *self.net])
        self.known: Row = dict(zip(("first", "second"), self.groups, strict=True)) | {"fdr": FDR}
        self.known |= {"margin": 100 * study.margins.alignment_margin, "minimum": study.thresholds.minimum_n}
        self.known |= {"samples": "; ".join(map(phrases.label, self.net)), "reliable": RELIABLE}
        partly = any(0 < row["n_hand"] < row["n"] for row in self.net)
        self.known["random"] = phrases.say("notes.random") if partly else ""
        self.known["machine_coder"] = study.machine_coder
        self.known["marked"] = [self.names[code] for code in self.marked]
        checked = tables.get("sensitivity", pd.DataFrame())
        self.held = {row["code"]: row for row in holds(checked).to_dict("records")} if len(checked) else {}
        self.twice = any(row["people"] for row in self.rows["agreement"])  # have two people coded?
        self.marks = "notes.marked" if self.twice else "notes.marked_once"

    def say(self, key: str, row: Row | None = None, /, **values: object) -> str:
        """A phrase, filled with these values, with what is known of the study and with a row of a table."""
        return self.phrases.say(key, **{**(row or {}), "row": row, **self.known, **values})

    def codes(self, families: Iterable[str]) -> list[str]:
        """Codes of some families, one family after the other."""
        return [code for family in families for code in self.codebook.family_codes(family)]

    def outline(self, families: Iterable[str]) -> list[str]:
        """Some families, each with its codes after it."""
        return [name for family in families for name in (family, *self.codebook.family_codes(family))]

    def gap(self, code: str) -> Row:
        """A comparison turned so that its gap is not below 0, in points; names the higher and lower group.

        With the name of what is compared, and the estimates ``a`` and ``b`` of the two groups.
        """
        row, sign = self.comparisons[code], -1 if self.comparisons[code]["gap"] < 0 else 1
        turned = row | dict(zip(("higher", "lower"), self.groups[::sign], strict=True))
        turned["name"] = self.names.get(code)
        turned["a"], turned["b"] = (self.estimates.get((code, group)) for group in self.groups)
        turned["kind"] = "mixed" if row.get("basis") == "mixed" else row["verdict"]  # then nothing is claimed
        turned["low"], turned["high"] = sorted((sign * row["low"], sign * row["high"]))
        low, high = sorted((sign * row["low_90"], sign * row["high_90"]))
        return turned | {"gap": 100 * abs(row["gap"]), "at_90": {"low": low, "high": high}}

    def pair(self, code: str, *, robust: bool = True) -> str:
        """How both groups stand on a code, family or sentiment, with the verdict, and whether it holds."""
        row = self.gap(code)
        told = [self.say(f"pair.{TOO_FEW if row['gap'] != row['gap'] else row['kind']}", row)]
        alone = [part for part in (row["a"], row["b"]) if part and part["note"] != NO_COMMENTS]
        if len(alone) == 1 and not alone[0]["note"]:  # of the other group there is no comment
            mark = self.phrases.mark([alone[0]["basis"]])
            return self.say("pair.alone", alone[0], name=row["name"], mark=mark)
        if row["kind"] == "not shown" and (row["low"] > 0 or row["high"] < 0):
            told.append(self.say(f"pair.{'reason' if row['reason'] else 'adjusted'}", row))
        return " ".join(filter(None, [*told, self.robust(code) if robust else ""]))

    def robust(self, code: str) -> str:
        """Whether the verdict on a headline holds if the study is done in another way; empty if not known."""
        row = self.held.get(code, {"summary": "cannot say"})
        return self.say(f"robust.{row['summary']}", row)

    def answers(self) -> dict[str, tuple[str, str]]:
        """By question: the answer in a few words, and what it rests on."""
        found = {"balance": self.balance(), "alignment": self.alignment()}
        return found | {"models": self.prevails(MODELS), "value": self.prevails(VALUES)}

    def balance(self) -> tuple[str, str]:
        """Answer whether there is a balance in what both groups feel."""
        told = []
        for row in self.net:  # which way each group's comments lean
            leaning = "negative" if row["high"] < 0 else "positive" if row["low"] > 0 else "even"
            kind = row["note"] or ("uncorrected" if row["basis"] == "machine" else leaning)
            told.append(self.say(f"balance.side.{kind}", row))
        moods = [small(self.names[m]) for m in MOODS if self.comparisons[m]["verdict"] == "different"]
        if self._balanced() == "not shown" and moods:
            told.append(self.say("balance.apart", moods=moods))
        told += [self.gap_of_nets(), self.say("balance.rule")]
        return self.say(f"balance.lead.{self._balanced()}"), " ".join(filter(None, told))

    def gap_of_nets(self) -> str:
        """How far apart both groups' net sentiment is; empty with too few comments."""
        return self.say(f"balance.gap.{self._balanced()}", self.gap("net"))

    def _balanced(self) -> str:
        """The verdict on net sentiment."""
        notes = {row["note"] for row in self.net} - {""}
        return (NO_COMMENTS if NO_COMMENTS in notes else TOO_FEW) if notes else str(self.gap("net")["kind"])

    def alignment(self) -> tuple[str, str]:
        """Answer whether the groups are aligned on personalization."""
        found, names = [self.comparisons[model]["verdict"] for model in MODELS], self.by_verdict(MODELS)
        lead = f"{found.count('aligned')} aligned, {found.count('different')} different"
        few = NO_COMMENTS if self._balanced() == NO_COMMENTS else TOO_FEW
        lead = "uncorrected" if "uncorrected" in found else few if set(found) == {TOO_FEW} else lead
        told = [self.pair(model, robust=False) for model in MODELS]
        if lead != "uncorrected" and set(names) != {TOO_FEW}:
            counts = [self.say(f"verdicts.{verdict}", n=len(those)) for verdict, those in names.items()]
            told.append(self.say("alignment.counts", n=len(self.codes(MODELS)), counts=counts))
        return self.say(f"alignment.lead.{lead}"), " ".join(told)

    def prevails(self, sides: tuple[str, str]) -> tuple[str, str]:
        """Answer which of two families weighs more in each group."""
        kinds, told = zip(*(self.prevailing(sides, group) for group in self.groups), strict=True)
        lead = kinds[0] if kinds[0] == kinds[1] else "one" if "open" in kinds else "depends"
        for kind in ("uncorrected", TOO_FEW, NO_COMMENTS):
            lead = kind if kind in kinds else lead
        return self.say(f"prevails.lead.{lead}", side=lead), " ".join(told)

    def prevailing(self, sides: tuple[str, str], group: str) -> tuple[str, str]:
        """The family whose interval lies above the other's, or why none does; and a sentence on it."""
        x, y = (self.estimates[side, group] for side in sides)
        machine = "machine" in (x["basis"], y["basis"])
        if y["low"] > x["high"] and not machine:
            x, y = y, x
        above = x["code"] if x["low"] > y["high"] else "open"
        kind = x["note"] or y["note"] or ("uncorrected" if machine else above)
        return kind, self.say(f"prevails.{kind}", x, other=y)

    def planned(self) -> list[Row]:
        """Codes that the first group makes much of and speaks badly of, in order: what to plan first."""
        rows = [row for row in self.rows["priorities"] if row["group"] == self.groups[0]]
        first = [row for row in rows if row["likely"] == "act first" and row["quadrant"] != TOO_FEW]
        return sorted(first, key=lambda row: row["rank"])[:PLANNED]

    def plan(self, *, short: bool = False) -> tuple[str, list[tuple[str, str]]]:
        """What to plan first: introduction, and the list with the evidence behind each line (or less)."""
        rows = self.planned()
        known = any(row["quadrant"] != TOO_FEW for row in self.rows["priorities"])
        machine = any(row["quadrant"] == "uncorrected" for row in rows)
        key = TOO_FEW if not known else "none" if not rows else "machine" if machine else "intro"
        intro = self.say(f"plan.{key}")
        lines = map(self._as_told, rows)
        told = [self.say(f"plan.short.{row['kind']}", row) if short else self._planned(row) for row in lines]
        return intro, [(f"{self.names[row['code']]}.", words) for row, words in zip(rows, told, strict=True)]

    def _as_told(self, row: Row) -> Row:
        """A line of the plan, its share and the group's net as everywhere else in the report, with limits."""
        own = self.estimates[row["code"], row["group"]]
        told = row | {name: own[name] for name in ("share", "low", "high", "note")}
        told["overall"] = next(net["net"] for net in self.net if net["group"] == row["group"])
        known = row["performance_low"] == row["performance_low"]  # not known where all cases are alike
        alike = self.say("plan.alike", cases=int(row["cases"]))
        told["fares"] = self.phrases.interval(row, "performance_") if known else alike
        settled = row["quadrant"] not in ("not settled", "uncorrected")
        return told | {"kind": "settled" if settled else row["quadrant"]}

    def _planned(self, row: Row) -> str:
        """The evidence for a line of the plan: how often, how badly, how firm its place, the other group."""
        told, other = [self.say("plan.item", row), self.say(f"plan.place.{row['kind']}", row)], ""
        if (of := self.estimates.get((row["code"], self.groups[1]))) and not of["note"]:
            other = self.say("plan.other", of, mark=self.phrases.mark([of["basis"]]))
        return " ".join([*told, other]).strip()

    def by_verdict(self, families: Iterable[str]) -> dict[str, list[str]]:
        """Names of the codes of some families under each verdict that occurs."""
        found: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
        for code in self.codes(families):
            found[self.comparisons[code]["verdict"]].append(small(self.names[code]))
        return {verdict: names for verdict, names in found.items() if names}

    def ledger_counts(self) -> dict[str, int]:
        """Comments of all files: raw, each reason that occurs, kept."""
        counts = {step: n for step, n in self.rows["ledger"][-1].items() if step != "file"}
        return {step: int(n) for step, n in counts.items() if n > 0 or step in ("raw", "kept")}

    def agreement(self) -> dict[tuple[str, str], list[Row]]:
        """By pair of coders, of the machines the one in use: agreement per code over all comments."""
        rows = [row for row in self.rows["agreement"] if row["by"] == "all"]
        others = {*MACHINES} - {self.study.machine_coder}
        known = [row for row in rows if row["code"] in self.names and row["second"] not in others]
        return {pair: list(told) for pair, told in groupby(known, key=itemgetter("first", "second"))}

    def accuracy(self) -> list[Row]:
        """How often the machine's sentiment is right: over all languages, if there are several; in each."""
        rows, groups = [row for row in self.rows["accuracy"] if row["n"] > 0], ["all", *self.groups]
        if len({row["language"] for row in rows}) == 2:  # all, and the only one
            rows = [row for row in rows if row["language"] != "all"]
        return sorted(rows, key=lambda row: (row["language"], groups.index(row["group"])))

    def confused(self) -> list[Row]:
        """How often the machine gave each label to comments of each label by hand, in each language."""
        rows = [row for row in self.rows["confusion"] if row["group"] == "all" != row["language"]]
        return [row for row in rows if row["share"] == row["share"]]  # that is, if somebody gave the label

    def mistake(self, language: str) -> str:
        """The machine's most frequent mistake in a language, and whether others may be as frequent."""
        rows = [row for row in self.confused() if row["language"] == language]
        totals = {row["truth"]: sum(r["n"] for r in rows if r["truth"] == row["truth"]) for row in rows}
        enough = [row for row in rows if totals[row["truth"]] >= self.study.thresholds.minimum_n]
        wrong = [row for row in enough if row["truth"] != row["predicted"]]
        if not wrong:
            return ""
        worst, *others = sorted(wrong, key=lambda row: -row["share"])
        also = self.say("certainty.also") if any(r["high"] >= worst["low"] for r in others) else ""
        key = "certainty.mistake" if worst["n"] else "certainty.no_mistake"
        return self.say(key, worst, total=totals[worst["truth"]], also=also)

    def shifts(self) -> list[Row]:
        """Estimates of codes with ``shift``, how far the correction moved them; the widest first."""
        rows = [self.estimates[code, group] for code in self.codebook.names for group in self.groups]
        told = [row for row in rows if row["basis"] == "corrected" and not row["note"]]
        moved = [row | {"shift": row["share"] - row["machine_share"]} for row in told]
        return sorted(moved, key=lambda row: -abs(row["shift"]))

    def correction(self) -> list[str]:
        """Where the shares come from, and how far they lie from the machine's."""
        shifts, by_hand = self.shifts(), all(row["n_hand"] == row["n"] for row in self.estimates.values())
        key = "by_hand" if by_hand else "sampled" if self.machine_part == "none" else "partly"
        told = [self.say(f"certainty.{key}")]
        middle = median(abs(row["shift"]) for row in shifts) if shifts else 0
        if middle >= 0.0005:
            name = self.names[shifts[0]["code"]]
            told.append(self.say("certainty.moved", shifts[0], name=name, median=100 * middle))
        return told
