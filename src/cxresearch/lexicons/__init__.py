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

from ..sequences import Sequences
from ..tokens import fold

_ELONGATED = re.compile(r"(.)\1{2,}")
_REPEATED = re.compile(r"(.)\1+")  # in emoticons: ":))"
_CLITICS = re.compile(r"(\w+(?:[aei]r|ndo))(?:me|te|se|nos|les?|l[oa]s?){1,2}")
_DIMINUTIVES = re.compile(r"(\w{3,}?)(?:isim|(?:ec|c)?it)([oa]s?)")  # and superlatives
_lemma = partial(simplemma.lemmatize, lang="es", low_memory=True)


@dataclass(frozen=True)
class Rules:
    """The word lists of one language; words in lower case.

    `expressions` are word sequences that count as one word, with their kind (``valence``, ``booster``,
    ``negator`` or ``contrast``) and value; in English VADER's idioms and dampeners, with rules of their own.
    """

    language: str
    entry: Callable[[str], str]  # lexicon entry of a word as typed
    valence: dict[str, float]  # of the sentiment words, -4 (most negative) to 4
    negators: frozenset[str]  # turn the next of them
    boosters: dict[str, float]  # strengthen (above 0) or weaken it
    contrasts: frozenset[str]  # "but": what follows weighs more
    expressions: dict[tuple[str, ...], tuple[str, float]]

    @property
    def vader(self) -> bool:
        """Whether all peculiarities of NLTK's VADER apply."""
        return self.language == "en"

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each word in `table`."""
        words = dict.fromkeys([*self.valence, *self.boosters, *self.negators, *self.contrasts])
        return {word: number for number, word in enumerate(words, start=1)}

    @cached_property
    def table(self) -> dict[str, np.ndarray]:
        """The lists as columns: row 0 for words without a role, rows of words, then of expressions.

        ``says_no`` marks expressions that open with a negator: another one does not turn them.
        """
        roles = [(self.row[word], "valence", value) for word, value in self.valence.items()]
        roles += [(self.row[word], "booster", value) for word, value in self.boosters.items()]
        roles += [(self.row[word], "negator", 1.0) for word in self.negators]
        roles += [(self.row[word], "contrast", 1.0) for word in self.contrasts]
        first = len(self.row) + 1
        for number, (words, (kind, value)) in enumerate(self.expressions.items(), start=first):
            roles += [(number, kind, value), (number, "says_no", words[0] in self.negators)]
        types = {"valence": float, "booster": float, "negator": bool, "contrast": bool, "says_no": bool}
        table = {name: np.zeros(first + len(self.expressions), dtype=kind) for name, kind in types.items()}
        for number, kind, value in roles:
            table[kind][number] = value
        return table

    @cached_property
    def sequences(self) -> Sequences:
        """The expressions, ready to be looked for."""
        return Sequences(self.expressions, plain=str if self.vader else fold)


@lru_cache(maxsize=1)
def english_rules() -> Rules:
    """VADER's word lists: the lexicon shipped in vaderSentiment, the rules of NLTK.

    Examples
    --------
    >>> english_rules().valence["great"], english_rules().boosters["very"]
    (3.1, 0.293)
    """
    from nltk.sentiment.vader import VaderConstants

    idioms = {tuple(k.split()): ("valence", float(v)) for k, v in VaderConstants.SPECIAL_CASE_IDIOMS.items()}
    boosters, negators = VaderConstants.BOOSTER_DICT, frozenset(VaderConstants.NEGATE) | {"n't"}
    pairs = {tuple(k.split()): ("booster", v) for k, v in boosters.items() if " " in k}
    return Rules("en", str.lower, _vader_lexicon(), negators, boosters, frozenset({"but"}), pairs | idioms)


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
    single = [row for row in rows if " " not in row[1]]
    lists: dict[str, dict[str, float]] = {kind: {} for kind, *_ in rows}
    for kind, entry, value in [(kind, fold(entry), value) for kind, entry, value in single] + single:
        lists[kind][entry] = value
    expressions = {tuple(fold(e).split()): (kind, value) for kind, e, value in rows if " " in e}
    negators, contrasts = frozenset(lists["negator"]), frozenset(lists["contrast"])
    return Rules("es", spanish_entry, lists["valence"], negators, lists["booster"], contrasts, expressions)


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
    """Valences of the lexicon file shipped in the vaderSentiment package."""
    text = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8")
    lines = (line.split("\t")[:2] for line in text.splitlines() if line.strip())
    return {word: float(valence) for word, valence in lines}
