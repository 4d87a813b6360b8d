"""The wording of charts and report, one YAML file per language, and how that language writes numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

if TYPE_CHECKING:
    from ..codebook import Codebook

LANGUAGES = ("es", "en")
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Phrases:
    """Sentences of one language, filled with values; `load_phrases` makes one.

    Attributes
    ----------
    language : str
        "es" or "en".
    texts : dict
        The YAML file: phrases under nested keys; a pair of ``one`` and ``other`` is chosen by number.
    """

    language: str
    texts: dict[str, Any]

    def say(self, key: str, /, **values: object) -> str:
        """Fill the phrase at a dotted key; the value ``n`` also chooses between ``one`` and ``other``.

        Whole numbers are written with the language's thousands separator. KeyError for an unknown key.

        Examples
        --------
        >>> [load_phrases("es").say("verdicts.different", n=n) for n in (1, 12500)]
        ['1 difiere', '12\u202f500 difieren']
        """
        phrase: Any = self.texts
        for part in key.split("."):
            phrase = phrase[part]
        if isinstance(phrase, dict):
            phrase = phrase["one" if values["n"] == 1 else "other"]
        filled = {name: self.number(v, 0) if isinstance(v, int) else v for name, v in values.items()}
        return str(phrase).format(pct=self.texts["number"]["percent"], **filled)

    def name(self, kind: str, word: str) -> str:
        """How a word of the data (a group, reason, coder, ...) is called; the word itself if unlisted."""
        return str(self.texts["names"][kind].get(word, word))

    def number(self, value: float, digits: int = 2) -> str:
        """A number with the language's decimal sign and a real minus; never "-0".

        Examples
        --------
        >>> load_phrases("es").number(-0.204), load_phrases("en").number(12500, 0)
        ('−0,20', '12,500')
        """
        rounded = round(value, digits) + 0.0
        grouped = self.language == "en" or abs(rounded) >= 10_000  # Spanish: from five digits on (RAE)
        text = f"{abs(rounded):{',' if grouped else ''}.{digits}f}"
        signs = {",": self.texts["number"]["thousands"], ".": self.texts["number"]["decimal"]}
        return (MINUS if rounded < 0 else "") + "".join(signs.get(sign, sign) for sign in text)

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (0 to 1) as a percentage.

        Examples
        --------
        >>> load_phrases("es").percent(0.124), load_phrases("en").percent(0.124)
        ('12,4\u202f%', '12.4%')
        """
        return self.number(100 * share, digits) + str(self.texts["number"]["percent"])

    def points(self, gap: float, *, sign: bool = False) -> str:
        """A difference of shares or a net sentiment (-1 to 1) in points, without the unit."""
        return ("+" if sign and round(100 * gap, 1) > 0 else "") + self.number(100 * gap, 1)

    def interval(self, low: float, high: float, *, factor: float = 100, digits: int = 1) -> str:
        """Limits of an interval, "33.9 to 45.8"; a dash where there is none."""
        if low != low or high != high:
            return str(self.texts["number"]["no_interval"])
        limits = {"low": self.number(factor * low, digits), "high": self.number(factor * high, digits)}
        return self.say("number.interval", **limits)

    def share(self, share: float, low: float, high: float) -> str:
        """A share with its interval; "too few to say" when it is withheld."""
        if share != share:
            return self.name("verdict", "too few to say")
        return f"{self.percent(share)} ({self.interval(low, high)})"

    def sample(self, n: int, n_hand: int, *, group: str = "") -> str:
        """How many comments, and how many of them coded by hand: "n = 264, 120 coded by hand"."""
        key = "none" if not n_hand else "all" if n_hand == n else "some"
        values = {"total": int(n), "hand": int(n_hand), "group": group}
        return self.say(f"{'label' if group else 'sample'}.{key}", **values)

    def group_label(self, row: pd.Series) -> str:
        """A row's group with its number of comments: "brands, n = 264 (120 coded by hand)"."""
        return self.sample(row["n"], row["n_hand"], group=self.name("groups", row["group"]))

    def net_words(self, row: pd.Series) -> str:
        """A row of net sentiment in words, with its interval and n."""
        if row["net"] != row["net"]:
            return f"{self.group_label(row)}; {self.name('verdict', row['note'])}"
        shares = {code: self.percent(row[code]) for code in ("positive", "negative")}
        net = f"{self.points(row['net'], sign=True)} ({self.interval(row['low'], row['high'])})"
        return self.say("alt.net", label=self.group_label(row), net=net, **shares)

    def on_basis(self, key: str, table: pd.DataFrame, **values: object) -> str:
        """A phrase, marked where a table's figures, or some of them, are the machine's alone."""
        machine = (table["basis"] == "machine").mean()
        mark = "none" if machine == 0 else "all" if machine == 1 else "some"
        return self.say(key, **values) + self.say(f"uncorrected.{mark}")

    def codebook_names(self, codebook: Codebook) -> dict[str, str]:
        """Names of all codes and families."""
        items = {code.code: code.name for code in codebook.codes}
        items |= {family.family: family.name for family in codebook.families}
        return {word: name[self.language] for word, name in items.items()}

    def join(self, items: list[str]) -> str:
        """Join words as in "a, b and c"; Spanish turns y into e before an i sound.

        Examples
        --------
        >>> load_phrases("es").join(["empatía", "facilidad", "intercambio"])
        'empatía, facilidad e intercambio'
        """
        if len(items) < 2:
            return "".join(items)
        sound = self.language == "es" and re.match(r"h?[ií](?![aeouáéóú])", items[-1].lower())
        return f"{', '.join(items[:-1])} {self.texts['number']['and_i' if sound else 'and']} {items[-1]}"


@lru_cache(maxsize=len(LANGUAGES))
def load_phrases(language: str) -> Phrases:
    """Read the wording of a language.

    Parameters
    ----------
    language : str
        "es" or "en"; ValueError for any other.

    Returns
    -------
    Phrases

    Examples
    --------
    >>> load_phrases("en").name("verdict", "not shown")
    'not shown'
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, found {language!r}.")
    file = resources.files("cxresearch") / "phrases" / f"{language}.yaml"
    return Phrases(language, yaml.safe_load(file.read_text(encoding="utf-8")))


def capital(text: str) -> str:
    """Text with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Text with its first letter small, unless the second is large too, as in an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
