"""Word lists of the sentiment rules, one set per language; sources and licences in README.md beside them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import simplemma

from .. import vader
from ..patterns import Patterns
from ..tokens import SKIPPED, fold

_ELONGATED = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"(.)\1+")  # in emoticons: ":))"
_CLITICS = re.compile(r"(\w+(?:[aei]r|ndo))(?:me|te|se|nos|les?|l[oa]s?){1,2}")
_DIMINUTIVES = re.compile(r"(\w{3,}?)(?:isim|(?:ec|c)?it)([oa]s?)")  # and superlatives
_lemma = partial(simplemma.lemmatize, lang="es", low_memory=True)


@dataclass(frozen=True)
class Rules:
    """The word lists of one language, in lower case; Spanish entries may be expressions of several words.

    An expression counts as one word. VADER's, which have rules of their own, stand in `cxresearch.vader`.
    """

    language: str
    entry: Callable[[str], str]  # lexicon entry of a word as typed
    valence: dict[str, float]  # of the sentiment words, -4 (most negative) to 4
    negators: frozenset[str]  # turn the next of them
    boosters: dict[str, float]  # strengthen (above 0) or weaken it
    contrasts: frozenset[str]  # "but": what follows weighs more

    @property
    def vader(self) -> bool:
        """Whether all peculiarities of NLTK's VADER apply."""
        return self.language == "en"

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each entry in `table`."""
        entries = dict.fromkeys([*self.valence, *self.boosters, *self.negators, *self.contrasts])
        return {entry: number for number, entry in enumerate(entries, start=1)}

    @cached_property
    def table(self) -> dict[str, np.ndarray]:
        """The lists as columns; row 0 is for words without a role.

        ``says_no`` marks expressions that open with a negator: another one does not turn them.
        """
        says_no = {entry for entry in self.row if " " in entry and entry.split()[0] in self.negators}
        values = {"valence": self.valence, "booster": self.boosters}
        flags = {"negator": self.negators, "contrast": self.contrasts, "says_no": says_no}
        table = {name: np.array([0.0, *(own.get(e, 0.0) for e in self.row)]) for name, own in values.items()}
        return table | {name: np.array([False, *(e in own for e in self.row)]) for name, own in flags.items()}

    @cached_property
    def expressions(self) -> tuple[Patterns, np.ndarray]:
        """The expressions, ready to be looked for, and the row of each."""
        rows = {entry: row for entry, row in self.row.items() if " " in entry}
        return Patterns(rows), np.array(list(rows.values()))

    def look_up(self, forms: list[str]) -> tuple[np.ndarray, ...]:
        """Row of each form in `table`, whether it is in capitals, and which special word of VADER's."""
        keys, other = [self.entry(form) for form in forms], self.row.get("n't", 0)
        row = np.array([self.row.get(k, other if "n't" in k else 0) for k in keys], dtype=np.int32)
        exact = np.array([form == key for form, key in zip(forms, keys, strict=True)], dtype=bool)
        special = np.array([vader.SPECIAL.get(key, 0) for key in keys], dtype=np.int8)
        upper = np.array([form.isupper() for form in forms], dtype=bool)
        ruled = exact | (special > vader.AMPLIFIER)  # "Never", "SO" are not
        return row, upper, np.where(ruled, special, 0)

    def count_marks(self, forms: list[str]) -> tuple[np.ndarray, ...]:
        """Exclamation marks, question marks and summed emoji of each form; in Spanish emoji are words."""
        if not self.vader:  # marks in links do not count there
            forms = [form if form.isalnum() else SKIPPED.sub("", form) for form in forms]
        valences = emoji_valences() if self.vader else {}
        # Repeated in a token, an emoji counts once.
        emoji = [0.0 if f.isascii() else sum(valences.get(c, 0.0) for c in dict.fromkeys(f)) for f in forms]
        exclaimed, asked = (np.array([form.count(mark) for form in forms], dtype=float) for mark in "!?")
        return exclaimed, asked, np.array(emoji)


@lru_cache(maxsize=1)
def english_rules() -> Rules:
    """VADER's word lists: the lexicon shipped in vaderSentiment, the rules of NLTK.

    Examples
    --------
    >>> english_rules().valence["great"], english_rules().boosters["very"]
    (3.1, 0.293)
    """
    from nltk.sentiment.vader import VaderConstants

    negators, boosters = frozenset(VaderConstants.NEGATE) | {"n't"}, VaderConstants.BOOSTER_DICT
    return Rules("en", str.lower, _vader_lexicon(), negators, boosters, frozenset({"but"}))


@lru_cache(maxsize=1)
def spanish_rules() -> Rules:
    """Our Spanish word lists, emoji, VADER's emoticons; also without accents, unless that is another entry.

    Examples
    --------
    >>> rules = spanish_rules()
    >>> rules.valence["pésimo"] == rules.valence["pesimo"], "jamás" in rules.negators
    (True, True)
    """
    felt = {e: v for e, v in _vader_lexicon().items() if e[0] in ":;=<" or e.startswith("8-")}
    felt |= _lexicon("es.tsv", "valence") | emoji_valences()
    kinds, values = (_lexicon("es_rules.tsv", column) for column in ("kind", "value"))
    roles = {"dampener": "booster", "idiom": "valence"}
    rows = [("valence", *item) for item in felt.items()]
    rows += [(roles.get(kind, kind), entry, float(values[entry] or 1)) for entry, kind in kinds.items()]
    lists: dict[str, dict[str, float]] = {kind: {} for kind, *_ in rows}
    for kind, entry, value in rows:
        lists[kind][fold(entry)] = value
    for kind, entry, value in rows:
        if " " not in entry:  # expressions are looked for without accents
            lists[kind][entry] = value
    negators, contrasts = frozenset(lists["negator"]), frozenset(lists["contrast"])
    return Rules("es", spanish_entry, lists["valence"], negators, lists["booster"], contrasts)


def spanish_entry(form: str) -> str:
    """Lexicon entry of a Spanish word: as typed, else without long letters or accents, else its lemma.

    Examples
    --------
    >>> spanish_entry("GRACIASSS"), spanish_entry("pesimo"), spanish_entry("decepcionándonos")
    ('gracias', 'pesimo', 'decepcionar')
    """
    known, word = spanish_rules().row, form.lower()
    shorter = (_ELONGATED if word[:1].isalpha() else _REPEATED).sub(r"\1", word)
    for candidate in (word, _ELONGATED.sub(r"\1\1", word), shorter, fold(word), fold(shorter)):
        if candidate in known:
            return candidate
    bases = [_lemma(shorter)] if shorter.isalpha() else []
    if found := _CLITICS.fullmatch(fold(shorter)):
        bases += [found[1], _lemma(found[1])]
    if found := _DIMINUTIVES.fullmatch(fold(shorter)):
        stems = found[1], found[1].removesuffix("qu") + "c" * found[1].endswith("qu")
        bases += [stem + ending for stem in stems for ending in (found[2], "i" + found[2], "o", "e", "")]
    return next((base for base in bases if spanish_rules().valence.get(base)), word)


@lru_cache(maxsize=1)
def emoji_valences() -> dict[str, float]:
    """Valence of each emoji of `lexicons/emoji.tsv`, -4 to 4."""
    return _lexicon("emoji.tsv", "valence")


@lru_cache(maxsize=1)
def own_words() -> tuple[list[str], list[str]]:
    """Words of some length that stand only in the Spanish lists, accents or not, and only in VADER's."""
    entries = [*_lexicon("es.tsv", "valence"), *map(fold, _lexicon("es_rules.tsv", "kind"))]
    spanish, english = {*entries, *map(fold, entries)}, _vader_lexicon().keys()
    es, en = ([w for w in sorted(own) if len(w) > 2] for own in (spanish - english, english - spanish))
    return es, en


def _lexicon(name: str, column: str) -> dict[str, Any]:
    """Read a column of a word list of this package, by entry."""
    with (resources.files("cxresearch") / "lexicons" / name).open(encoding="utf-8") as file:
        table = pd.read_csv(file, sep="\t", keep_default_na=False, quoting=3)
    return dict(zip(table["entry"], table[column], strict=True))


@lru_cache(maxsize=1)
def _vader_lexicon() -> dict[str, float]:
    """Valences of the lexicon shipped in the vaderSentiment package."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().lexicon
