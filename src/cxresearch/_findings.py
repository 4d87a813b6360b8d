"""Findings of a study in words: every sentence picks its phrase by a verdict and its figures from the tables.

Nothing is computed here that another step has not written down. The wording is in `phrases`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from .charts import MODELS
from .codebook import Codebook
from .estimates import TOO_FEW
from .phrases import Phrases, capital, load_phrases, small
from .study import Study

VALUES = ("transactional", "transformational")
VERDICTS = ("different", "aligned", "not shown", TOO_FEW, "uncorrected")  # in the order of reading
PLANNED = 5  # topics in the list of what to plan first
UNMET = "expectation_unmet"


@dataclass(frozen=True)
class Findings:
    """The study's tables, ready to be told in one language.

    Parameters
    ----------
    study : Study
    codebook : Codebook
    tables : dict of str to pd.DataFrame
        ledger, masked, estimates, comparisons, net_sentiment, agreement, accuracy.
    language : str
        "es" or "en".
    """

    study: Study
    codebook: Codebook
    tables: dict[str, pd.DataFrame]
    language: str

    @property
    def phrases(self) -> Phrases:
        """The wording."""
        return load_phrases(self.language)

    @property
    def groups(self) -> list[str]:
        """The two groups: gaps are the first minus the second."""
        return self.study.groups

    @property
    def names(self) -> dict[str, str]:
        """Names of codes, families and the two sentiments."""
        sentiments = {code: self.phrases.say(f"sentiment.{code}") for code in ("negative", "positive")}
        return self.phrases.codebook_names(self.codebook) | sentiments

    @property
    def both(self) -> dict[str, str]:
        """How the two groups are called in a sentence."""
        called = [self.phrases.name("the", group) for group in self.groups]
        return dict(zip(("first", "second"), called, strict=True))

    @property
    def basis(self) -> str:
        """Whether the machine alone stands behind "all", "some" or "none" of the figures."""
        bases = pd.concat([self.tables[name]["basis"] for name in ("estimates", "net_sentiment")])
        machine = (bases == "machine").mean()
        return "none" if machine == 0 else "all" if machine == 1 else "some"

    @property
    def margin(self) -> str:
        """The margin of alignment, in points."""
        margin = 100 * self.study.margins.alignment_margin
        return self.phrases.number(margin, 0 if margin == round(margin) else 1)

    @property
    def samples(self) -> str:
        """Both groups with their n."""
        return "; ".join(self.phrases.group_label(self.net(group)) for group in self.groups)

    def net(self, group: str) -> pd.Series:
        """A group's row of net sentiment."""
        table = self.tables["net_sentiment"]
        return table[table["group"] == group].iloc[0]

    def estimate(self, code: str, group: str) -> pd.Series:
        """A group's row of estimates for a code, family or sentiment."""
        table = self.tables["estimates"]
        return table[(table["code"] == code) & (table["group"] == group)].iloc[0]

    def comparison(self, code: str) -> pd.Series:
        """Row of comparisons for a code, family, sentiment or "net"."""
        table = self.tables["comparisons"]
        return table[table["code"] == code].iloc[0]

    def share(self, code: str, group: str) -> str:
        """A share with its interval."""
        row = self.estimate(code, group)
        return self.phrases.share(row["share"], row["low"], row["high"])

    def sample(self, code: str, group: str) -> str:
        """How many comments stand behind a share."""
        row = self.estimate(code, group)
        return self.phrases.sample(row["n"], row["n_hand"])

    def gap(self, code: str) -> dict[str, str]:
        """A gap without its sign, its interval, and which group is the higher."""
        row, sign = self.comparison(code), 1
        first, second = self.both.values()
        if row["gap"] < 0:
            sign, first, second = -1, second, first
        limits = {
            name: self.phrases.interval(*sorted(sign * row[[f"low{end}", f"high{end}"]]))
            for name, end in (("interval", ""), ("interval_90", "_90"))
            if f"low{end}" in row
        }
        return {"gap": self.phrases.points(abs(row["gap"])), "higher": first, "lower": second} | limits

    def pair(self, code: str) -> str:
        """How both groups stand on a code, with the verdict."""
        shares = {"a": self.share(code, self.groups[0]), "b": self.share(code, self.groups[1])}
        row = self.comparison(code)
        verdict = _key(row["verdict"] if row["gap"] == row["gap"] else TOO_FEW)
        values = shares | self.gap(code) | self.both | {"name": self.names[code], "margin": self.margin}
        return self.phrases.say(f"pair.{verdict}", **values)

    def balance(self) -> tuple[str, str]:
        """Answer whether there is a balance in what both groups feel."""
        verdict = self.comparison("net")["verdict"]
        if any(self.net(group)["note"] == TOO_FEW for group in self.groups):
            verdict = "too few"
        sides = [self._side(self.net(group)) for group in self.groups]
        gap = self.phrases.say(f"balance.gap.{_key(verdict)}", **self.gap("net"))
        return self.phrases.say(f"balance.lead.{_key(verdict)}"), _sentences(
            [*sides, gap, self.phrases.say("balance.rule")]
        )

    def _side(self, row: pd.Series) -> str:
        """Which way a group's comments lean."""
        leaning = "negative" if row["high"] < 0 else "positive" if row["low"] > 0 else "even"
        kind = "too_few" if row["note"] else "machine" if row["basis"] == "machine" else leaning
        return self.phrases.say(
            f"balance.side.{kind}",
            group=self.phrases.name("the", row["group"]),
            net=self.phrases.points(row["net"], sign=True),
            interval=self.phrases.interval(row["low"], row["high"]),
            sample=self.phrases.sample(row["n"], row["n_hand"]),
        )

    def alignment(self) -> tuple[str, str]:
        """Answer whether the groups are aligned on personalization."""
        found = [self.comparison(model)["verdict"] for model in MODELS]
        aligned, different = found.count("aligned"), found.count("different")
        by_count = {(2, 0): "both", (1, 0): "one", (1, 1): "one", (0, 2): "differ", (0, 1): "mixed"}
        lead = "uncorrected" if "uncorrected" in found else by_count.get((aligned, different), "open")
        codes = [code for model in MODELS for code in self.codebook.family_codes(model)]
        verdicts = [self.comparison(code)["verdict"] for code in codes]
        counts = [(v, verdicts.count(v)) for v in VERDICTS if v in verdicts]
        words = self.phrases.join([self.phrases.say(f"verdicts.{_key(v)}", n=n) for v, n in counts])
        last = (
            self.phrases.say("alignment.counts", n=len(codes), counts=words) if lead != "uncorrected" else ""
        )
        pairs = [self.pair(model) for model in MODELS]
        return self.phrases.say(f"alignment.lead.{lead}"), _sentences(
            [*pairs, last, self.phrases.say("base", samples=self.samples)]
        )

    def prevails(self, sides: tuple[str, str]) -> tuple[str, str]:
        """Answer which of two families weighs more in each group."""
        kinds = [self._prevailing(sides, group) for group in self.groups]
        words = [self._prevails(kind, sides, group) for kind, group in zip(kinds, self.groups, strict=True)]
        lead = kinds[0] if kinds[0] == kinds[1] else "depends"
        lead = "uncorrected" if "machine" in kinds else "same" if lead in sides else lead
        side = capital(self.phrases.say(f"sides.{kinds[0]}")) if lead == "same" else ""
        rule = [self.phrases.say("prevails.rule")] if sides == MODELS and "machine" not in kinds else []
        return self.phrases.say(f"prevails.lead.{lead}", Side=side), _sentences(words + rule)

    def _prevailing(self, sides: tuple[str, str], group: str) -> str:
        """The family whose interval lies above the other's; "open" if they touch, "machine" or "too_few"."""
        one, two = (self.estimate(side, group) for side in sides)
        if one["note"] or two["note"]:
            return "too_few"
        if "machine" in (one["basis"], two["basis"]):
            return "machine"
        return sides[0] if one["low"] > two["high"] else sides[1] if two["low"] > one["high"] else "open"

    def _prevails(self, kind: str, sides: tuple[str, str], group: str) -> str:
        """Sentence on one group."""
        winner = kind if kind in sides else sides[0]
        loser = sides[1] if winner == sides[0] else sides[0]
        x, y = (self.share(side, group) for side in (winner, loser))
        x_side, y_side = (self.phrases.say(f"sides.{side}") for side in (winner, loser))
        values = {"winner": x_side, "win": x, "lose": y, "x": x, "y": y, "x_side": x_side, "y_side": y_side}
        called, sample = self.phrases.name("the", group), self.sample(winner, group)
        key = "side" if kind in sides else kind
        return self.phrases.say(f"prevails.{key}", group=called, sample=sample, **values)

    def plan(self) -> tuple[str, list[tuple[str, str]], list[str]]:
        """What the first group raises more than the second: introduction, ranked list, what is not known."""
        families = (*MODELS, *VALUES)
        codes = [code for family in families for code in self.codebook.family_codes(family)]
        table = self.tables["comparisons"]
        table = table[(table["kind"] == "code") & table["code"].isin(codes) & (table["gap"] > 0)]
        rank = table["verdict"].map({"different": 0, "not shown": 1, "uncorrected": 1})
        table = table.assign(rank=rank).dropna(subset=["rank"])
        table = table.sort_values(["rank", "first"], ascending=[True, False], kind="stable").head(PLANNED)
        values = self.both | {"sample": self.sample(families[0], self.groups[0])}
        key = "none" if table.empty else "intro_machine" if self.basis == "all" else "intro"
        items = [(self.names[row["code"]], self._plan_item(row)) for _, row in table.iterrows()]
        share = self.share(UNMET, self.groups[0])
        unmet = self.phrases.say("plan.unmet", name=self.names[UNMET], share=share, **values)
        return self.phrases.say(f"plan.{key}", **values), items, [unmet, self.phrases.say("plan.unknown")]

    def _plan_item(self, row: pd.Series) -> str:
        """One line of the list."""
        flag = self.phrases.say(f"plan.flag.{_key(row['verdict'])}")
        share = self.share(row["code"], self.groups[0])
        return self.phrases.say("plan.item", share=share, flag=flag, **self.gap(row["code"]), **self.both)

    def by_verdict(self, families: Iterable[str]) -> list[tuple[str, str]]:
        """Names of the families' codes under each verdict that occurs."""
        listed: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
        for code in (code for family in families for code in self.codebook.family_codes(family)):
            listed[self.comparison(code)["verdict"]].append(small(self.names[code]))
        found = {verdict: names for verdict, names in listed.items() if names}
        if list(found) == ["uncorrected"]:
            return []
        say, join = self.phrases.say, self.phrases.join
        return [
            (say(f"verdicts.list.{_key(v)}"), capital(join(names))) for v, names in found.items() if names
        ]

    def shifts(self) -> pd.DataFrame:
        """Estimates of codes with ``shift``, corrected minus machine's share; the widest first."""
        table = self.tables["estimates"].query("kind == 'code' and basis == 'corrected'")
        table = table.assign(shift=table["share"] - table["machine_share"]).dropna(subset=["shift"])
        return table.loc[table["shift"].abs().sort_values(ascending=False, kind="stable").index]

    def verdict(self, code: str) -> str:
        """A verdict for a table, with q, or the reason why there is none."""
        row = self.comparison(code)
        values = {"verdict": self.phrases.name("verdict", row["verdict"])}
        if row["verdict"] == "different":
            key = "verdicts.q_small" if row["q"] < 0.001 else "verdicts.q"
            return self.phrases.say(key, q=self.phrases.number(row["q"], 3), **values)
        if row["verdict"] == "not shown" and row["reason"]:
            reasons = self.phrases.texts["verdicts"]["reasons"]
            return self.phrases.say(
                "verdicts.withheld", reason=reasons.get(row["reason"], row["reason"]), **values
            )
        return values["verdict"]


def _key(verdict: str) -> str:
    """A verdict as a key of the phrases."""
    return verdict.replace(" ", "_")


def _sentences(parts: list[str]) -> str:
    """Sentences one after the other."""
    return " ".join(part for part in parts if part)
