"""A small study with known tables, for the tests of charts and report."""

import numpy as np
import pandas as pd

from cxresearch.accuracy import accuracy_table
from cxresearch.agreement import agreement_table
from cxresearch.codebook import Codebook
from cxresearch.comparison import compare_groups, compare_net, net_sentiment
from cxresearch.estimates import shares
from cxresearch.study import Study

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


def tables(coded="some", *, n=400, groups=("consumer", "brand"), seed=3, minimum_n=20):
    """All tables of the report; `coded` by hand are "all" comments, "some" or "none"."""
    groups = list(groups)
    member, machine, hand, guess, label = comments(n, groups, seed)
    step = {"all": 1, "some": 2, "none": None}[coded]
    sample = member.index[::step] if step else member.index[:0]
    hand, label = (hand.loc[sample], label.loc[sample]) if step else (None, None)

    def any_of(wide):
        return None if wide is None else pd.DataFrame({f: wide[c].any(axis=1) for f, c in CODES.items()})

    def moods(labels):
        return None if labels is None else pd.DataFrame({m: labels == m for m in ("positive", "negative")})

    estimates, comparisons = [], []
    wide = {
        "code": (machine, hand),
        "family": (any_of(machine), any_of(hand)),
        "sentiment": (moods(guess), moods(label)),
    }
    for kind, (ours, theirs) in wide.items():
        estimates.append(shares(ours, theirs, member, minimum_n=minimum_n).assign(kind=kind))
        comparisons.append(compare_groups(estimates[-1], *groups).assign(kind=kind))
    net = net_sentiment(guess, label, member, minimum_n=minimum_n)
    gap = compare_net(net, *groups).to_dict()
    verdict = (
        "uncorrected" if coded == "none" else "not shown" if gap["low"] <= 0 <= gap["high"] else "different"
    )
    comparisons.append(pd.DataFrame([{"code": "net", "kind": "net", "verdict": verdict} | gap]))
    agreement, where = pd.DataFrame(), {"by": "all", "part": "all", "reliability": "open", "people": False}
    if coded != "none":
        agreement = agreement_table({"ana": hand, "dictionary": machine}, draws=100).assign(
            first="ana", second="dictionary", **where
        )
    known = pd.DataFrame({"group": member, "language": np.where(member.index % 4 < 2, "es", "en")})
    by_hand = guess.iloc[:0] if label is None else label
    accuracy, confusion = accuracy_table(by_hand, guess, known, MOODS, draws=100)
    return {
        "ledger": pd.DataFrame(
            {
                "file": ["a.csv", "all files"],
                "raw": [2 * n + 3] * 2,
                "empty text": [2] * 2,
                "no words": [0] * 2,
                "near duplicate": [1] * 2,
                "kept": [2 * n] * 2,
            }
        ),
        "masked": pd.DataFrame({"kind": ["email", "phone", "card"], "n": [1, 12, 0]}),
        "estimates": pd.concat(estimates, ignore_index=True),
        "comparisons": pd.concat(comparisons, ignore_index=True),
        "net_sentiment": net,
        "agreement": agreement,
        "accuracy": accuracy.assign(coder="ana"),
        "confusion": confusion,
        "thresholds": thresholds(len(by_hand) // 2),
    }
