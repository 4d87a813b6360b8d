"""Findings of a study in words: every sentence picks its phrase by a verdict and its figures from the tables.

Nothing is computed here that another step has not written down. The wording is in `phrases`.
"""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

import pandas as pd

from ..codebook import Codebook
from ..estimates import TOO_FEW
from ..phrases import Row, capital, load_phrases, machine_part, small
from ..study import Study

Tables = dict[str, pd.DataFrame]
MODELS = ("consumer_identity", "emotional_self")  # the consumer-brand and the human-human model
VALUES = ("transactional", "transformational")
VERDICTS = ("different", "aligned", "not shown", TOO_FEW, "uncorrected")  # in the order of reading
PLANNED = 5  # topics in the list of what to plan first
UNMET = "expectation_unmet"
RELIABLE = 0.667  # Krippendorff (2004), Content Analysis: below it not even tentative conclusions
FDR = 0.05  # the default of comparison.compare_groups


class Findings:
    """A study's tables, ready to be told in one language ("es" or "en").

    Parameters
    ----------
    tables : dict of str to pd.DataFrame
        As the steps wrote them, by name; what is told of a table takes that table only.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study = find_study()
    >>> Findings(study, load_codebook(study.codebook_path), {}, "en").say("questions.balance")
    'Is there a balance in what consumers and brands feel?'
    """

    def __init__(self, study: Study, codebook: Codebook, tables: Tables, language: str) -> None:
        self.study, self.codebook, self.groups = study, codebook, study.groups
        self.phrases = phrases = load_phrases(language)
        self.names = {family.family: family.name[language] for family in codebook.families}
        self.names |= {code.code: code.name[language] for code in codebook.codes}
        self.names |= phrases.texts["names"]["sentiments"]
        self.rows = defaultdict[str, list[Row]](list)
        self.rows |= {name: table.to_dict("records") for name, table in tables.items()}
        self.rows["thresholds"].sort(key=lambda row: str(row["language"]))  # as the other tables are
        self.estimates = {(row["code"], row["group"]): row for row in self.rows["estimates"]}
        self.comparisons = {row["code"]: row for row in self.rows["comparisons"]}
        net = {row["group"]: row for row in self.rows["net_sentiment"]}
        self.net = [net[group] for group in self.groups if group in net]
        self.machine_part = machine_part(row["basis"] for row in [*self.estimates.values(), *self.net])
        self.known = {  # what any phrase may name
            "samples": "; ".join(phrases.sample(row, "label") for row in self.net),
            "margin": phrases.number(100 * study.margins.alignment_margin, None),
            "minimum": phrases.number(study.thresholds.minimum_n, 0),
            "fdr": phrases.number(FDR, None),
            "reliable": phrases.number(RELIABLE, None),
        }
        for place, group in zip(("first", "second"), study.groups, strict=True):
            self.known[place] = phrases.name("the", group)
            self.known[capital(place)] = capital(phrases.name("groups", group))

    def say(self, key: str, /, **values: object) -> str:
        """A phrase, filled with these values and with what is known of the study."""
        return self.phrases.say(key, **self.known | values)

    def codes(self, families: Iterable[str]) -> list[str]:
        """Codes of some families, one family after the other."""
        return [code for family in families for code in self.codebook.family_codes(family)]

    def outline(self, families: Iterable[str]) -> list[str]:
        """Some families, each with its codes after it."""
        return [name for family in families for name in (family, *self.codebook.family_codes(family))]

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

    def answers(self) -> dict[str, tuple[str, str]]:
        """By question: the answer in a few words, and what it rests on."""
        found = {"balance": self.balance(), "alignment": self.alignment()}
        return found | {"models": self.prevails(MODELS), "value": self.prevails(VALUES)}

    def balance(self) -> tuple[str, str]:
        """Answer whether there is a balance in what both groups feel."""
        few = any(row["note"] == TOO_FEW for row in self.net)
        verdict = TOO_FEW if few else self.comparisons["net"]["verdict"]
        told = []
        for row in self.net:  # which way each group's comments lean
            leaning = "negative" if row["high"] < 0 else "positive" if row["low"] > 0 else "even"
            kind = row["note"] or ("machine" if row["basis"] == "machine" else leaning)
            values = {"group": self.phrases.name("the", row["group"]), "sample": self.phrases.sample(row)}
            values["net"] = self.phrases.points(row["net"])
            values["interval"] = self.phrases.interval(row["low"], row["high"])
            told.append(self.say(f"balance.side.{kind}", **values))
        told += [self.say(f"balance.gap.{verdict}", **self.gap("net")), self.say("balance.rule")]
        return self.say(f"balance.lead.{verdict}"), " ".join(filter(None, told))

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
        return self.say(f"alignment.lead.{lead}"), " ".join([*told, self.say("base")])

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
        values = {"x": self.phrases.share(x), "y": self.phrases.share(y)}
        values |= {"x_side": self.say(f"sides.{x['code']}"), "y_side": self.say(f"sides.{y['code']}")}
        values |= {"group": self.phrases.name("the", group), "sample": self.phrases.sample(x)}
        return kind, self.say(f"prevails.{'side' if kind in sides else kind}", **values)

    def plan(self) -> tuple[str, list[tuple[str, str]], list[str]]:
        """What the first group raises more than the second: introduction, ranked list, what is not known."""
        group, codes = self.groups[0], self.codes((*MODELS, *VALUES))
        rank = {"different": 0, "not shown": 1, "uncorrected": 1}
        rows = [row for row in self.comparisons.values() if row["code"] in codes and row["verdict"] in rank]
        rows.sort(key=lambda row: (rank[row["verdict"]], -row["first"]))
        items = []
        for row in [row for row in rows if row["gap"] > 0][:PLANNED]:
            code, flag = row["code"], self.say(f"plan.flag.{row['verdict']}")
            text = self.say("plan.item", share=self.share(code, group), flag=flag, **self.gap(code))
            items.append((f"{self.names[code]}.", text))
        key = "none" if not items else "intro_machine" if self.machine_part == "all" else "intro"
        key = TOO_FEW if set(self.by_verdict((*MODELS, *VALUES))) == {TOO_FEW} else key
        values = {"sample": self.phrases.sample(self.estimates[MODELS[0], group])}
        unmet = self.say("plan.unmet", name=self.names[UNMET], share=self.share(UNMET, group), **values)
        return self.say(f"plan.{key}", **values), items, [unmet, self.say("plan.unknown")]

    def by_verdict(self, families: Iterable[str]) -> dict[str, list[str]]:
        """Codes of some families under each verdict that occurs."""
        rows = [self.comparisons[code] for code in self.codes(families)]
        found = {verdict: [row["code"] for row in rows if row["verdict"] == verdict] for verdict in VERDICTS}
        return {verdict: codes for verdict, codes in found.items() if codes}

    def listed(self, families: Iterable[str]) -> list[tuple[str, str]]:
        """Codes of some families in words, verdict by verdict; nothing when all are the machine's."""
        listed, items = self.by_verdict(families), []
        for verdict, codes in listed.items() if set(listed) != {"uncorrected"} else ():
            names = self.phrases.join([small(self.names[code]) for code in codes])
            items.append((self.say(f"verdicts.list.{verdict}"), f"{capital(names)}."))
        return items

    def ledger_counts(self) -> dict[str, int]:
        """Comments of all files: raw, each reason that occurs, kept."""
        counts = {step: n for step, n in self.rows["ledger"][-1].items() if step != "file"}
        return {step: int(n) for step, n in counts.items() if n > 0 or step in ("raw", "kept")}

    def comments(self) -> list[str]:
        """What came in, who is compared, how many comments are in another language."""
        n, kept = (self.ledger_counts()[step] for step in ("raw", "kept"))
        counted = self.say("comments.counted", n=n, kept=kept, gone=n - kept)
        other = kept - sum(int(row["n"]) for row in self.net)
        told = [f"{counted} {self.say('comments.groups')}"]
        return told + ([self.say("comments.other_language", n=other)] if other else [])

    def masked(self) -> str:
        """What was masked before anything was saved."""
        known, rows = self.phrases.texts["masks"], [row for row in self.rows["masked"] if row["n"] > 0]
        kinds = [(row["kind"] if row["kind"] in known else "other", row["n"]) for row in rows]
        masks = self.phrases.join([self.say(f"masks.{kind}", n=n) for kind, n in kinds])
        return self.say("comments.masked" if masks else "comments.unmasked", masks=masks)

    def confused(self) -> dict[str, list[Row]]:
        """By language: what the machine made of each label by hand, for labels that somebody gave."""
        rows = [row for row in self.rows["confusion"] if row["group"] == "all" and pd.notna(row["share"])]
        languages = dict.fromkeys(row["language"] for row in rows if row["language"] != "all")
        return {name: [row for row in rows if row["language"] == name] for name in languages}

    def mistake(self, language: str) -> str:
        """The machine's most frequent mistake in a language, and whether others may be as frequent."""
        rows, phrases = self.confused()[language], self.phrases
        wrong = [row for row in rows if row["truth"] != row["predicted"]]
        worst, *others = sorted(wrong, key=lambda row: -row["share"])
        values = {name: phrases.name("labels", worst[name]) for name in ("truth", "predicted")}
        values |= {"language": phrases.name("languages", language), "share": phrases.share(worst)}
        values["also"] = self.say("certainty.also") if any(r["high"] >= worst["low"] for r in others) else ""
        total = sum(row["n"] for row in rows if row["truth"] == worst["truth"])
        return self.say(f"certainty.{'mistake' if worst['n'] else 'no_mistake'}", total=total, **values)

    def thresholds(self) -> list[tuple[str, str]]:
        """By language: where scores become labels, on whose word, and what calibration gains."""
        number, told = self.phrases.number, []
        for row in self.rows["thresholds"]:
            low, high, known = row["gain_low"], row["gain_high"], pd.notna(row["gain"])
            claim = "more" if low > 0 else "less" if high < 0 else "not shown" if known else "unknown"
            values = {name: number(row[name], None) for name in row if name.endswith(("_below", "_above"))}
            values |= {name: number(row[name], 3) for name in ("macro_f1_published", "macro_f1", "gain")}
            values["interval"] = self.phrases.interval(low, high, factor=1, digits=3)
            values["why"] = self.phrases.name("reasons", row["reason"] if row["n"] else "nobody coded")
            best = "" if row["source"] == "calibrated" or not known else "best"
            keys = filter(None, [f"source.{row['source']}", best, f"gain.{claim}"])
            words = " ".join(self.say(f"thresholds.{key}", total=int(row["n"]), **values) for key in keys)
            told.append((f"{capital(self.phrases.name('languages', row['language']))}.", words))
        return told

    def shifts(self) -> list[Row]:
        """Estimates of codes with ``shift``, how far the correction moved them; the widest first."""
        rows = [self.estimates[code, group] for code in self.codebook.names for group in self.groups]
        told = [row for row in rows if row["basis"] == "corrected" and not row["note"]]
        moved = [row | {"shift": row["share"] - row["machine_share"]} for row in told]
        return sorted(moved, key=lambda row: -abs(row["shift"]))

    def correction(self) -> list[str]:
        """Where the shares come from, and how far they lie from the machine's."""
        shifts, phrases = self.shifts(), self.phrases
        by_hand = all(row["n_hand"] == row["n"] for row in self.estimates.values())
        told = [self.say(f"certainty.{'by_hand' if by_hand else 'sampled'}")]
        middle = median(abs(row["shift"]) for row in shifts) if shifts else 0
        if middle >= 0.0005:
            most = shifts[0]
            values = {"name": self.names[most["code"]], "group": phrases.name("the", most["group"])}
            values |= {"machine": phrases.percent(most["machine_share"]), "share": phrases.share(most)}
            values["median"] = phrases.points(middle, sign=False)
            told.append(self.say("certainty.moved", count=int(most["n"]), **values))
        return told

    def alt(self, figure: str) -> str:
        """Say in words, built from the numbers, what a chart shows."""
        phrases, shares, codes = self.phrases, self.estimates, list(MODELS)
        if figure == "sentiment_balance":
            return self.say("alt.sentiment_balance", rows=". ".join(map(self._net_words, self.net)))
        if figure == "ledger":
            counts = self.ledger_counts().items()
            rows = [f"{phrases.name('ledger', step)}: {phrases.number(n, 0)}" for step, n in counts]
            return self.say("alt.ledger", rows="; ".join(rows))
        if figure == "code_shares":  # the three widest gaps
            names = self.codebook.names
            one, two = (pd.Series({c: shares[c, group]["share"] for c in names}) for group in self.groups)
            codes = list((one - two).abs().nlargest(3).index)
        both = {c: [f"{phrases.name('groups', g)} {self.share(c, g)}" for g in self.groups] for c in codes}
        rows = [f"{self.names[code]}: {', '.join(words)}" for code, words in both.items()]
        mark = phrases.mark(row["basis"] for row in shares.values())
        return self.say(f"alt.{figure}", rows="; ".join(rows), n=len(self.codebook.names), mark=mark)

    def _net_words(self, row: Row) -> str:
        """One group's net sentiment in words, with its interval and n."""
        phrases, label = self.phrases, capital(self.phrases.sample(row, "label"))
        if row["note"]:
            return f"{label}; {phrases.name('verdict', row['note'])}"
        values = {code: phrases.percent(row[code]) for code in ("positive", "negative")}
        values["net"] = phrases.gap(row["net"], row["low"], row["high"])
        return self.say("alt.net", label=label, **values)
