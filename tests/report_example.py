"""A small study with known tables, for the tests of charts and report."""

from functools import lru_cache

import numpy as np
import pandas as pd

from cxresearch.accuracy import accuracy_table, error_differences
from cxresearch.association import QUESTIONS, add_views, code_pairs, conditional_shares
from cxresearch.codebook import Codebook
from cxresearch.comparison import compare_groups, compare_net, net_sentiment
from cxresearch.estimates import shares, with_groups
from cxresearch.keywords import log_odds
from cxresearch.priorities import crossed, priorities
from cxresearch.profiles import compare_profiles, interaction_models, value_index
from cxresearch.quotes import choose_quotes, quote_bank
from cxresearch.reliability import agreement_by_part
from cxresearch.resampling import resampled_shares
from cxresearch.sensitivity import sensitivity, variants
from cxresearch.study import Study
from cxresearch.themes import add_families
from cxresearch.trends import control_chart, monthly_shares

CODES = {
    "consumer_identity": ["ease", "relevance"],
    "emotional_self": ["empathy", "recognition"],
    "transactional": ["price_value"],
    "transformational": ["loyalty"],
    "touchpoint": ["service"],
    "expectation": ["expectation_unmet"],
    "practice": ["culture"],
}
MOODS = ["negative", "neutral", "positive"]
RATES = {  # share of comments with a code: consumers, brands
    "ease": (0.50, 0.20),
    "relevance": (0.25, 0.24),
    "empathy": (0.10, 0.30),
    "price_value": (0.40, 0.35),
    "expectation_unmet": (0.20, 0.02),
}


def both(name):
    return {"es": f"{name} (es)", "en": f"{name} (en)"}


def codebook(codes=CODES):
    item = {key: both("x") for key in ("definition", "include", "exclude")} | {
        "examples": {"typical": {}, "near_miss": both("x")},
        "source": "x",
        "color": "#000000",
        "patterns": {},
    }
    return Codebook.model_validate(
        {
            "version": "1.2",
            "title": both("Codebook"),
            "families": [{"family": f, "name": both(f.capitalize()), "definition": both("x")} for f in codes],
            "codes": [
                {"code": c, "family": f, "name": both(c.capitalize())} | item for f in codes for c in codes[f]
            ],
        }
    )


def study(**changes):
    settings = {
        "name": both("The study"),
        "inputs": [{"file": "a.csv", "columns": {"group": "group"}}],
        "about": both("Invented."),
    }
    return Study.model_validate(settings | changes)


def comments(n, groups, seed):
    """Machine and hand codes and sentiment labels of n comments per group."""
    rng, names = np.random.default_rng(seed), [code for codes in CODES.values() for code in codes]
    member = pd.Series(np.repeat(groups, n), index=pd.Index(range(2 * n), name="comment_id"))
    rates = [np.repeat(RATES.get(code, (0.15, 0.15)), n) for code in names]
    hand = pd.DataFrame(rng.random((len(names), 2 * n)) < rates, index=names, columns=member.index).T
    machine = hand ^ (rng.random(hand.shape) < 0.06)
    mood = np.where(rng.random(2 * n) < np.repeat([0.6, 0.05], n), "negative", "positive")
    label = pd.Series(np.where(rng.random(2 * n) < 0.2, "neutral", mood), index=member.index)
    guess = label.where(rng.random(2 * n) < 0.85, "neutral")
    return member, machine, hand, guess, label


def thresholds(n=200, **changes):
    """Thresholds of both languages, the published ones, with a gain not shown; without labels, unknown."""
    row = {"negative_below": -0.05, "positive_above": 0.05, "source": "published", "n": n, "reason": ""}
    row |= {"best_negative_below": -0.125, "best_positive_above": 0.3, "macro_f1_published": 0.61}
    row |= {"macro_f1": 0.62, "gain": 0.01, "gain_low": -0.02, "gain_high": 0.04} | changes
    if not n:
        row |= dict.fromkeys(["macro_f1_published", "macro_f1", "gain", "gain_low", "gain_high"], np.nan)
        row["reason"] = "fewer than 20 comments labelled negative or neutral or positive"
    return pd.DataFrame([{"language": language} | row for language in ("es", "en")]).infer_objects()


RUN = {  # what `steps.provenance` says
    "inputs": {"a.csv": "0123456789abcdef" * 4, "codebook.yaml": "fedcba9876543210" * 4},
    "packages": {"python": "3.11.9", "pandas": "3.0.1"},
    "library": "00112233" * 8,
}
GROUPS = ("consumer", "brand")
CODED = ("all", "some", "none", "one group", "missing group")


def tables(coded="some", *, n=400, groups=GROUPS, seed=3, minimum_n=20):
    """All tables of the report, by the library's own functions.

    `coded` by hand are "all" comments, "some", "none", or some of "one group" only, the first; or some, and
    of the second group there are no comments at all: "missing group".
    """
    made = _tables(coded, n, tuple(groups), seed, minimum_n)
    return {name: table.copy() for name, table in made.items()}


@lru_cache(maxsize=32)
def _tables(coded, n, groups, seed, minimum_n):
    member, machine, hand, guess, label = comments(n, list(groups), seed)
    ids = pd.Index([f"c{number:04}" for number in member.index], name="comment_id")
    member, machine, hand, guess, label = (
        table.set_axis(ids) for table in (member, machine, hand, guess, label)
    )
    if coded == "missing group":
        member = member[member == groups[0]]
        machine, guess = machine.loc[member.index], guess[member.index]
    sample = member.index[:: 1 if coded == "all" else 2]
    if coded in ("none", "one group"):
        sample = sample[(member[sample] == groups[0]) & (coded != "none")]
    hand, label, book = hand.loc[sample], label[sample], codebook()
    known = _comments(member, machine, guess)
    by_hand = pd.DataFrame({"comment_id": sample, "coder": "ana", "sentiment": label.to_numpy()})
    codes = pd.concat([_long(machine, "dictionary"), _long(hand, "ana")], ignore_index=True)
    scores = known[["label", "score"]]
    bank = quote_bank(known, codes, scores, by_hand, book, study(groups=list(groups)))
    made = {"comments": known.drop(columns=["label", "score"]).reset_index(), "codes": codes}
    made |= {"sentiment": scores.reset_index(), "quote_bank": bank}
    made["quotes"] = choose_quotes(bank, book, study(groups=list(groups)))
    made |= _ledger(len(known)) | _checked(machine, hand, guess, label, known)
    return made | _compared(machine, hand, guess, label, known, groups, minimum_n)


def _comments(member, machine, guess):
    """Comments as step 01 writes them, with label and score of step 02; their words name their codes."""
    number = np.arange(len(member))
    language = np.where(number % 4 < 2, "es", "en")
    named = [" ".join(machine.columns[own]) for own in machine.to_numpy()]
    said = {"es": "Esto fue lo que pasó aquí: <b>fila</b>", "en": "This is what happened here: <b>row</b>"}
    text = [f"{said[lang]} {k} {own}" for k, (lang, own) in enumerate(zip(language, named, strict=True))]
    score = guess.map({"negative": -1, "neutral": 0, "positive": 1}) * (0.2 + number % 7 / 10)
    columns = {"group": member, "text": text, "language": language, "label": guess, "score": score}
    columns |= {"brand": np.where(number % 3 == 0, "Almendra", "Telvanta"), "file": "a.csv"}
    columns |= {"channel": np.where(number % 5 == 0, "chat", "survey")}
    dates = pd.to_datetime([f"2025-{1 + k % 12:02}-15" for k in number])
    return pd.DataFrame(columns, index=member.index).assign(date=dates)


def _long(wide, coder):
    """A coder's codes as step 03 writes them: a row per code given, and one for a comment without any."""
    given = wide.stack()  # noqa: PD013
    rows = given[given].reset_index().set_axis(["comment_id", "code", "given"], axis=1)
    empty = wide.index[~wide.any(axis=1)]
    rows = pd.concat([rows, pd.DataFrame({"comment_id": empty, "code": None, "given": False})])
    return rows.assign(coder=coder, unsure=False, codebook="1.2 0123")


def _ledger(kept):
    """What steps 01 tells of: one file, three comments set aside."""
    counts = {"raw": kept + 3, "empty text": 2, "no words": 0, "near duplicate": 1, "kept": kept}
    ledger = pd.DataFrame([{"file": name} | counts for name in ("a.csv", "all files")])
    return {"ledger": ledger, "masked": pd.DataFrame({"kind": ["email", "phone", "card"], "n": [1, 12, 0]})}


def _checked(machine, hand, guess, label, known):
    """What steps 02 and 04 write: how the machine's codes and labels agree with people's."""
    accuracy, confusion = accuracy_table(label, guess, known, MOODS, draws=100)
    made = {"accuracy": accuracy.assign(coder="ana"), "confusion": confusion}
    made |= {"thresholds": thresholds(len(label) // 2)}
    made |= dict.fromkeys(["agreement", "error_differences"], pd.DataFrame())
    if len(hand):
        coders = {"ana": hand, "dictionary": machine}
        table = agreement_by_part(coders, known, [], list(hand), draws=100)
        made["agreement"] = table.assign(first="ana", second="dictionary", people=False)
        errors = error_differences(hand, machine, known)
        made["error_differences"] = errors.assign(coder="dictionary")
    return made


def _measures(wide, labels):
    """Codes, families and sentiment in one table."""
    felt = {mood: labels.reindex(wide.index) == mood for mood in ("positive", "negative")}
    return add_families(wide, codebook()).assign(**felt)


def _compared(codes, by_hand, guess, label, known, groups, minimum_n):
    """What step 05 writes, as notebook 05 makes it."""
    member, both = known["group"], list(groups)
    machine, hand = _measures(codes, guess), _measures(by_hand, label)
    names, options = list(codes), {"draws": 40, "seed": 1}
    kinds = dict.fromkeys(CODES, "family") | dict.fromkeys(["positive", "negative"], "sentiment")

    def estimated(machine, hand, member, labels):
        """Estimates, comparisons and net sentiment, from these codes of these comments."""
        felt = label[label.index.isin(member.index)]
        table, net = (
            with_groups(found, both)
            for found in (
                shares(machine, hand, member, minimum_n=minimum_n),
                net_sentiment(labels[member.index], felt, member, minimum_n=minimum_n),
            )
        )
        kind = table["code"].map(kinds).fillna("code").astype("str")
        parts = [compare_groups(part, *both).assign(kind=name) for name, part in table.groupby(kind)]
        balance = compare_net(net, *both).to_dict() | {"code": "net", "kind": "net"}
        return table.assign(kind=kind), pd.concat([*parts, pd.DataFrame([balance])], ignore_index=True), net

    estimates, comparisons, net = estimated(machine, hand, member, guess)
    ways = {}
    for name, (ours, theirs, own) in variants(machine, hand, member, known["brand"]):
        blind = name == "hand codes only"
        if (set(own) >= set(both) and not blind) or len(hand) < len(machine):
            labels = pd.Series("neutral", index=guess.index) if blind else guess
            ways[name] = estimated(ours, theirs, own, labels)[1]
    cut = member + ": " + known["language"]
    breakdown = shares(machine, hand, cut, minimum_n=minimum_n).assign(by="language")
    given = [machine[names], hand[names], member]
    found = [interaction_models(machine, hand, member, **options)]
    found += [value_index(machine, hand, member, known["brand"], **options)]
    profiles = pd.DataFrame({"scope": []})
    if set(member) == set(both):
        profiles = compare_profiles(*given, *both, families=CODES, languages=known["language"], **options)
    profiles = pd.concat([profiles, *(with_groups(table, both) for table in found)], ignore_index=True)
    crosses = [crossed(table[names], felt) for table, felt in ((machine, guess), (hand, label))]
    plan = priorities(
        resampled_shares(*crosses, member, **options),
        shares(*crosses, member, minimum_n=minimum_n),
        both[0],
    )
    series = monthly_shares(machine, hand, known["date"], member, minimum_n=minimum_n)
    return {
        "estimates": estimates, "comparisons": comparisons, "net_sentiment": net, "breakdown": breakdown,
        "profiles": profiles, "words": _words(known, both),
        "associations": with_groups(_associated(codes, by_hand, guess, label, member, options), both),
        "series": control_chart(with_groups(series, both)), "priorities": with_groups(plan, both),
        "sensitivity": sensitivity(comparisons[comparisons["kind"] != "code"], ways),
    }  # fmt: skip


def _words(known, both):
    parts = [known[known["language"] == language] for language in ("en", "es")]
    told = [
        log_odds(own["text"], own["group"], *both, draws=60).assign(language=own["language"].iloc[0])
        for own in parts
        if set(own["group"]) == set(both)
    ]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame()


def _associated(codes, by_hand, guess, label, member, options):
    """Pairs of codes, and those of the study's questions that so few codes can answer."""
    views = [
        add_views(add_families(wide, codebook()), felt) for wide, felt in ((codes, guess), (by_hand, label))
    ]
    told = [code_pairs(codes, by_hand, member, list(codes), **options).assign(question="pairs of codes")]
    for question, parts in QUESTIONS.items():
        given, then = ([name for name in part if name in views[0]] for part in parts)
        if given and then:
            told.append(conditional_shares(*views, member, given, then, **options).assign(question=question))
    return pd.concat(told, ignore_index=True)
