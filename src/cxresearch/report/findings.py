"""Findings of a study in words: every sentence picks its phrase by a verdict and its figures from the tables.

Nothing is computed here that another step has not written down. The wording is in `phrases`.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..charts import MODELS, Tables
from ..codebook import Codebook
from ..estimates import TOO_FEW
from ..phrases import Row, capital, load_phrases, machine_part
from ..study import Study

VALUES = ("transactional", "transformational")
VERDICTS = ("different", "aligned", "not shown", TOO_FEW, "uncorrected")  # in the order of reading
PLANNED = 5  # topics in the list of what to plan first
UNMET = "expectation_unmet"
RELIABLE = 0.667  # Krippendorff (2004), Content Analysis: below it not even tentative conclusions
FDR = 0.05  # the default of comparison.compare_groups


class Findings:
    """The study's tables, ready to be told in one language; the parameters are those of `build_report`."""

    def __init__(self, study: Study, codebook: Codebook, tables: Tables, language: str) -> None:
        self.study, self.codebook, self.tables, self.groups = study, codebook, tables, study.groups
        self.phrases = phrases = load_phrases(language)
        self.names = phrases.codebook_names(codebook) | phrases.texts["names"]["sentiments"]
        estimates, comparisons, net = (
            tables[name].to_dict("records") for name in ("estimates", "comparisons", "net_sentiment")
        )
        self.estimates = {(row["code"], row["group"]): row for row in estimates}
        self.comparisons = {row["code"]: row for row in comparisons}
        self.net = [row for group in study.groups for row in net if row["group"] == group]
        self.machine_part = machine_part([row["basis"] for row in estimates + net])
        one, two = study.groups
        margin = 100 * study.margins.alignment_margin
        self.known = {  # what any phrase may name
            "first": phrases.name("the", one),
            "second": phrases.name("the", two),
            "First": capital(phrases.name("groups", one)),
            "Second": capital(phrases.name("groups", two)),
            "samples": "; ".join(phrases.sample(row, "label") for row in self.net),
            "margin": phrases.number(margin, 0 if margin == round(margin) else 1),
            "minimum": phrases.number(study.thresholds.minimum_n, 0),
            "fdr": phrases.number(FDR),
            "reliable": phrases.number(RELIABLE, 3),
        }

    def say(self, key: str, /, **values: object) -> str:
        """A phrase, filled with these values and with what is known of the study."""
        return self.phrases.say(key, **self.known | values)

    def codes(self, families: Iterable[str]) -> list[str]:
        """Codes of some families, one family after the other."""
        return [code for family in families for code in self.codebook.family_codes(family)]

    def share(self, code: str, group: str) -> str:
        """A group's share of a code, family or sentiment, with its interval."""
        return self.phrases.share(self.estimates[code, group])

    def gap(self, code: str) -> dict[str, str]:
        """A gap without its sign, its intervals, and which group is the higher."""
        row, sides = self.comparisons[code], [self.known["first"], self.known["second"]]
        sign = -1 if row["gap"] < 0 else 1
        values = dict(zip(("higher", "lower"), sides[::sign], strict=True))
        for name, low, high in (("interval", "low", "high"), ("interval_90", "low_90", "high_90")):
            values[name] = self.phrases.interval(*sorted((sign * row[low], sign * row[high])))
        return values | {"gap": self.phrases.points(abs(row["gap"]), sign=False)}

    def pair(self, code: str) -> str:
        """How both groups stand on a code, family or sentiment, with the verdict."""
        row, (a, b) = self.comparisons[code], (self.share(code, group) for group in self.groups)
        verdict = TOO_FEW if row["gap"] != row["gap"] else row["verdict"]
        return self.say(f"pair.{verdict}", name=self.names[code], a=a, b=b, **self.gap(code))

    def balance(self) -> tuple[str, str]:
        """Answer whether there is a balance in what both groups feel."""
        few = any(row["note"] == TOO_FEW for row in self.net)
        verdict = TOO_FEW if few else self.comparisons["net"]["verdict"]
        told = [self._side(row) for row in self.net]
        told += [self.say(f"balance.gap.{verdict}", **self.gap("net")), self.say("balance.rule")]
        return self.say(f"balance.lead.{verdict}"), " ".join(filter(None, told))

    def _side(self, row: Row) -> str:
        """Which way a group's comments lean."""
        leaning = "negative" if row["high"] < 0 else "positive" if row["low"] > 0 else "even"
        kind = row["note"] or ("machine" if row["basis"] == "machine" else leaning)
        values = {"group": self.phrases.name("the", row["group"]), "sample": self.phrases.sample(row)}
        values["net"] = self.phrases.points(row["net"])
        values["interval"] = self.phrases.interval(row["low"], row["high"])
        return self.say(f"balance.side.{kind}", **values)

    def alignment(self) -> tuple[str, str]:
        """Answer whether the groups are aligned on personalization."""
        found, codes = [self.comparisons[model]["verdict"] for model in MODELS], self.by_verdict(MODELS)
        by_count = {(2, 0): "both", (1, 0): "one", (1, 1): "one", (0, 2): "differ", (0, 1): "mixed"}
        lead = by_count.get((found.count("aligned"), found.count("different")), "open")
        lead = "uncorrected" if "uncorrected" in found else TOO_FEW if set(found) == {TOO_FEW} else lead
        told = [self.pair(model) for model in MODELS]
        if lead != "uncorrected" and set(codes) != {TOO_FEW}:
            counts = [self.say(f"verdicts.{verdict}", n=len(listed)) for verdict, listed in codes.items()]
            words = self.phrases.join(counts)
            told.append(self.say("alignment.counts", n=len(self.codes(MODELS)), counts=words))
        return self.say(f"alignment.lead.{lead}"), " ".join(filter(None, [*told, self.say("base")]))

    def prevails(self, sides: tuple[str, str]) -> tuple[str, str]:
        """Answer which of two families weighs more in each group."""
        kinds, told = zip(*(self._prevailing(sides, group) for group in self.groups), strict=True)
        lead = kinds[0] if kinds[0] == kinds[1] else "depends"
        lead = "uncorrected" if "machine" in kinds else TOO_FEW if TOO_FEW in kinds else lead
        lead = "same" if lead in sides else lead
        side = capital(self.say(f"sides.{kinds[0]}")) if lead == "same" else ""
        rule = self.say("prevails.rule") if sides == MODELS and "machine" not in kinds else ""
        return self.say(f"prevails.lead.{lead}", Side=side), " ".join(filter(None, [*told, rule]))

    def _prevailing(self, sides: tuple[str, str], group: str) -> tuple[str, str]:
        """The family whose interval lies above the other's, or why none does; and a sentence on it."""
        x, y = (self.estimates[side, group] for side in sides)
        machine = "machine" in (x["basis"], y["basis"])
        if y["low"] > x["high"] and not machine:
            x, y = y, x
        above = x["code"] if x["low"] > y["high"] else "open"
        kind = x["note"] or y["note"] or ("machine" if machine else above)
        values = {"x": self.share(x["code"], group), "y": self.share(y["code"], group)}
        values |= {"x_side": self.say(f"sides.{x['code']}"), "y_side": self.say(f"sides.{y['code']}")}
        values |= {"group": self.phrases.name("the", group), "sample": self.phrases.sample(x)}
        return kind, self.say(f"prevails.{'side' if kind in sides else kind}", **values)

    def plan(self) -> tuple[str, list[tuple[str, str]], list[str]]:
        """What the first group raises more than the second: introduction, ranked list, what is not known."""
        group, codes = self.groups[0], self.codes((*MODELS, *VALUES))
        rank = {"different": 0, "not shown": 1, "uncorrected": 1}
        rows = [row for code, row in self.comparisons.items() if code in codes and row["gap"] > 0]
        rows = [row for row in rows if row["verdict"] in rank]
        rows.sort(key=lambda row: (rank[row["verdict"]], -row["first"]))
        items = []
        for row in rows[:PLANNED]:
            code, flag = row["code"], self.say(f"plan.flag.{row['verdict']}")
            text = self.say("plan.item", share=self.share(code, group), flag=flag, **self.gap(code))
            items.append((self.names[code], text))
        key = "none" if not items else "intro_machine" if self.machine_part == "all" else "intro"
        key = TOO_FEW if set(self.by_verdict((*MODELS, *VALUES))) == {TOO_FEW} else key
        values = {"sample": self.phrases.sample(self.estimates[MODELS[0], group])}
        unmet = self.say("plan.unmet", name=self.names[UNMET], share=self.share(UNMET, group), **values)
        return self.say(f"plan.{key}", **values), items, [unmet, self.say("plan.unknown")]

    def by_verdict(self, families: Iterable[str]) -> dict[str, list[str]]:
        """Codes of some families under each verdict that occurs."""
        verdicts = {code: self.comparisons[code]["verdict"] for code in self.codes(families)}
        found = [verdict for verdict in VERDICTS if verdict in verdicts.values()]
        return {verdict: [code for code in verdicts if verdicts[code] == verdict] for verdict in found}

    def verdict(self, code: str) -> str:
        """A verdict for a table, with q, or the reason why there is none."""
        row, why = self.comparisons[code], ""
        apart = row["low"] > 0 or row["high"] < 0  # not shown, but only because many codes are tested
        if row["verdict"] == "different" or (row["verdict"] == "not shown" and apart and not row["reason"]):
            q = self.phrases.number(max(row["q"], 0.001), 3)
            why = self.say("verdicts.q", sign="<" if row["q"] < 0.001 else "=", q=q)
        elif row["verdict"] == "not shown":
            why = self.phrases.name("reasons", row["reason"])
        return self.phrases.name("verdict", row["verdict"]) + (f" ({why})" if why else "")
