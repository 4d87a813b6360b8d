"""Word lists of the sentiment rules, one set per language; sources and licences in README.md beside them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from importlib import resources
from typing import NamedTuple

import numpy as np
import pandas as pd
import simplemma

from ..sequences import Sequences
from ..tokens import fold

# VADER's words with rules of their own, as bits ("n't" stands for all words that hold it); the last bit is
# for Spanish expressions that open with a negator: another one does not turn them.
NEVER, AMPLIFIER, LEAST, AT_VERY, KIND, OF, SAYS_NO = (1 << bit for bit in range(7))
SPECIAL = {"never": NEVER, "so": AMPLIFIER, "this": AMPLIFIER, "least": LEAST}
SPECIAL |= {"at": AT_VERY, "very": AT_VERY, "kind": KIND, "of": OF, "n't": 0}

_ELONGATED = re.compile(r"(.)\1{2,}")
_CLITICS = re.compile(r"(\w+(?:[aei]r|ndo))(?:me|te|se|nos|les?|l[oa]s?){1,2}")
_DIMINUTIVES = re.compile(r"(\w{3,}?)(?:isim|(?:ec|c)?it)([oa]s?)")  # and superlatives
_lemma = partial(simplemma.lemmatize, lang="es", low_memory=True)
_REPEATED = re.compile(r"(.)\1+")  # in emoticons: ":))"


class Table(NamedTuple):
    """What the rules need to know of each word; arrays of one length."""

    valence: np.ndarray
    booster: np.ndarray
    negator: np.ndarray
    contrast: np.ndarray
    known: np.ndarray
    special: np.ndarray


@dataclass(frozen=True)
class Rules:
    """The word lists of one language; words in lower case.

    Attributes
    ----------
    language : str
    entry : function
        Gives the lexicon entry of a word as typed.
    valence : dict of str to float
        Sentiment words, -4 (most negative) to 4 (most positive).
    negators, contrasts : frozenset of str
        Words that turn the next sentiment word; words that shift the weight to what follows ("but").
    boosters : dict of str to float
        Words that strengthen (above 0) or weaken (below 0) the next sentiment word.
    expressions : dict of tuple to (kind, value)
        Word sequences that count as one word; kind is ``valence``, ``negator``, ``booster`` or ``contrast``.
        In English these are VADER's idioms and dampeners, which work by rules of their own.
    special : dict of str to int
        Words with rules of their own in VADER, as bits; without any, VADER's peculiarities do not apply.
    """

    language: str
    entry: Callable[[str], str]
    valence: dict[str, float]
    negators: frozenset[str]
    boosters: dict[str, float]
    contrasts: frozenset[str]
    expressions: dict[tuple[str, ...], tuple[str, float]]
    special: dict[str, int] = field(default_factory=dict)

    @property
    def vader(self) -> bool:
        """Whether all peculiarities of NLTK's VADER apply."""
        return bool(self.special)

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each word in `table`; row 0 is that of words without a role."""
        words = {**self.valence, **self.boosters, **dict.fromkeys(sorted(self.negators | self.contrasts))}
        return {word: number for number, word in enumerate({**words, **self.special}, start=1)}

    @cached_property
    def doubles(self) -> list[str]:
        """Words that are both boosters and sentiment words, such as "bien" in Spanish."""
        return [] if self.vader else sorted(self.boosters.keys() & self.valence.keys())

    @cached_property
    def table(self) -> Table:
        """The lists as columns: rows of words, of expressions, then each double as booster, as valence."""
        extra = list(self.expressions.values())
        for word in self.doubles:
            extra += [("booster", self.boosters[word]), ("valence", self.valence[word])]
        start = len(self.row) + 1
        types = (float, float, bool, bool, bool, np.int8)
        table = Table(*(np.zeros(start + len(extra), dtype=kind) for kind in types))
        known = [word for word, value in self.valence.items() if value]
        roles = [dict.fromkeys(words, 1.0) for words in (self.negators, self.contrasts, known)]
        lists: list[dict[str, float]] = [self.valence, self.boosters, *roles, {**self.special}]
        for column, values in zip(table, lists, strict=True):
            column[[self.row[word] for word in values]] = list(values.values())
        for number, (kind, value) in enumerate(extra, start=start):
            getattr(table, kind)[number] = value
            table.known[number] = kind == "valence" and value != 0
        for number, words in enumerate(self.expressions, start=start):
            table.special[number] = SAYS_NO * (words[0] in self.negators)
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

    lines = (line.split("\t")[:2] for line in _vader_lexicon().splitlines() if line.strip())
    idioms = {tuple(k.split()): ("valence", float(v)) for k, v in VaderConstants.SPECIAL_CASE_IDIOMS.items()}
    pairs = {tuple(k.split()): ("booster", v) for k, v in VaderConstants.BOOSTER_DICT.items() if " " in k}
    return Rules(
        language="en",
        entry=str.lower,
        valence={word: float(valence) for word, valence in lines},
        negators=frozenset(VaderConstants.NEGATE) | {"n't"},
        boosters=dict(VaderConstants.BOOSTER_DICT),
        contrasts=frozenset({"but"}),
        expressions=pairs | idioms,
        special=SPECIAL,
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
        language="es",
        entry=spanish_entry,
        valence=_with_plain(emoticons | by_kind["valence"]),
        negators=frozenset(_with_plain(by_kind["negator"])),
        boosters=_with_plain(by_kind["booster"]),
        contrasts=frozenset(_with_plain(by_kind["contrast"])),
        expressions={
            tuple(fold(word) for word in entry.split()): (kind, value)
            for entry, kind, value in zip(long["entry"], long["kind"], long["value"], strict=True)
        },
    )


def spanish_entry(form: str) -> str:
    """Lexicon entry of a Spanish word: as typed, else without long letters or accents, else its lemma.

    Examples
    --------
    >>> spanish_entry("GRACIASSS"), spanish_entry("pesimo"), spanish_entry("decepcionándonos")
    ('gracias', 'pesimo', 'decepcionar')
    """
    known, word = spanish_rules().row, form.lower()
    if word in known:
        return word
    shorter = (_ELONGATED if word[:1].isalpha() else _REPEATED).sub(r"\1", word)
    doubled = _ELONGATED.sub(r"\1\1", word)
    for candidate in (doubled, shorter, fold(word), fold(shorter)):
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
    """Valence of each emoji of `lexicons/emoji.tsv`, -4 to 4.

    Examples
    --------
    >>> emoji_valences()["😡"] < 0 < emoji_valences()["😍"]
    True
    """
    emoji = _lexicon("emoji.tsv")
    return dict(zip(emoji["entry"], emoji["valence"], strict=True))


@lru_cache(maxsize=1)
def own_words() -> tuple[list[str], list[str]]:
    """Words of some length that stand only in the Spanish lists, accents or not, and only in VADER's."""
    spanish = {fold(entry) for name in ("es.tsv", "es_rules.tsv") for entry in _lexicon(name)["entry"]}
    spanish |= set(_lexicon("es.tsv")["entry"])
    english = {line.split("\t")[0] for line in _vader_lexicon().splitlines()}
    es, en = ([w for w in sorted(own) if len(w) > 2] for own in (spanish - english, english - spanish))
    return es, en


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
