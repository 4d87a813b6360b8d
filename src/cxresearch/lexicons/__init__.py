"""Word lists of the sentiment rules, one set per language; sources and licences in README.md beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

import pandas as pd

from ..tokens import fold

_ELONGATED = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"(.)\1+")  # in emoticons: ":))"


@dataclass(frozen=True)
class Rules:
    """The word lists of one language; words in lower case.

    Attributes
    ----------
    valence : dict of str to float
        Sentiment words, -4 (most negative) to 4 (most positive).
    negators, contrasts : frozenset of str
        Words that turn the next sentiment word; words that shift the weight to what follows ("but").
    boosters : dict of str to float
        Words that strengthen (above 0) or weaken (below 0) the next sentiment word.
    expressions : dict of tuple to (kind, value)
        Word sequences, folded, that count as one word; kind is ``valence``, ``negator``, ``booster`` or
        ``contrast``.
    idioms : dict of tuple to float
        VADER's own idioms, which work by other rules than `expressions` (English only).
    """

    valence: dict[str, float]
    negators: frozenset[str]
    boosters: dict[str, float]
    contrasts: frozenset[str]
    expressions: dict[tuple[str, ...], tuple[str, float]] = field(default_factory=dict)
    idioms: dict[tuple[str, ...], float] = field(default_factory=dict)


@lru_cache(maxsize=1)
def english_rules() -> Rules:
    """VADER's word lists: the lexicon shipped in vaderSentiment, the rules of NLTK.

    Examples
    --------
    >>> english_rules().valence["great"], english_rules().boosters["very"]
    (3.1, 0.293)
    """
    from nltk.sentiment.vader import VaderConstants

    entries = (line.split("\t")[:2] for line in _vader_lexicon().splitlines() if line.strip())
    return Rules(
        valence={word: float(valence) for word, valence in entries},
        negators=frozenset(VaderConstants.NEGATE),
        boosters=dict(VaderConstants.BOOSTER_DICT),
        contrasts=frozenset({"but"}),
        idioms={tuple(k.split()): float(v) for k, v in VaderConstants.SPECIAL_CASE_IDIOMS.items()},
    )


@lru_cache(maxsize=1)
def spanish_rules() -> Rules:
    """Our Spanish word lists (`lexicons/es.tsv`, `es_rules.tsv`), emoji, and VADER's emoticons.

    Every entry is also found without its accents, unless that would be another entry.

    Examples
    --------
    >>> rules = spanish_rules()
    >>> rules.valence["pésimo"] == rules.valence["pesimo"], "jamás" in rules.negators
    (True, True)
    """
    lists = pd.concat([_lexicon("es.tsv"), _lexicon("emoji.tsv")])[["entry", "valence"]]
    grammar = _lexicon("es_rules.tsv").replace({"kind": {"dampener": "booster", "idiom": "valence"}})
    grammar["value"] = pd.to_numeric(grammar["value"]).fillna(1.0)
    rows = pd.concat([lists.rename(columns={"valence": "value"}).assign(kind="valence"), grammar])
    single, long = rows[~rows["entry"].str.contains(" ")], rows[rows["entry"].str.contains(" ")]
    by_kind = {
        kind: dict(zip(part["entry"], part["value"], strict=True)) for kind, part in single.groupby("kind")
    }
    emoticons = {e: v for e, v in english_rules().valence.items() if e[0] in ":;=<" or e.startswith("8-")}
    return Rules(
        valence=_with_plain(emoticons | by_kind["valence"]),
        negators=frozenset(_with_plain(by_kind["negator"])),
        boosters=_with_plain(by_kind["booster"]),
        contrasts=frozenset(_with_plain(by_kind["contrast"])),
        expressions={
            tuple(fold(word) for word in entry.split()): (kind, value)
            for entry, kind, value in zip(long["entry"], long["kind"], long["value"], strict=True)
        },
    )


def _with_plain(entries: dict[str, float]) -> dict[str, float]:
    """Add each entry without its accents, unless that is another entry."""
    return {fold(entry): value for entry, value in entries.items()} | entries


def _lexicon(name: str) -> pd.DataFrame:
    """Read a word list of this package."""
    with (resources.files("cxresearch") / "lexicons" / name).open(encoding="utf-8") as file:
        return pd.read_csv(file, sep="\t", keep_default_na=False, quoting=3)


def _vader_lexicon() -> str:
    """Text of the lexicon file shipped in the vaderSentiment package."""
    return (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8")


def spanish_entry(form: str) -> str:
    """Lexicon entry of a Spanish word as typed: lower case; long letters shortened; else without accents."""
    rules, word = spanish_rules(), form.lower()
    shorter = (_ELONGATED if word[:1].isalpha() else _REPEATED).sub(r"\1", word)
    doubled = _ELONGATED.sub(r"\1\1", word)
    lists = (rules.valence, rules.boosters, rules.negators, rules.contrasts)
    for candidate in (word, doubled, shorter, fold(word), fold(shorter)):
        if any(candidate in entries for entries in lists):
            return candidate
    return word
