"""The wording of charts and report, YAML files per language, and how that language writes numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partialmethod, reduce
from operator import getitem
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

LANGUAGES = ("es", "en")
Row = dict[Any, Any]  # of a table, by column


@dataclass(frozen=True)
class Phrases(Formatter):
    """Sentences of one language ("es" or "en"), filled with values; `load_phrases` makes one.

    `texts` are its YAML files: phrases under nested keys; ``one`` and ``other`` are chosen by number.
    """

    language: str
    texts: dict[str, Any]

    def say(self, key: str, /, **values: object) -> str:
        """Fill the phrase at a dotted key; the value ``n`` also chooses between ``one`` and ``other``.

        Examples
        --------
        >>> [load_phrases("es").say("masks.link", n=n) for n in (1, 12500)]
        ['1 enlace', '12\u202f500 enlaces']
        """
        phrase: Any = reduce(getitem, key.split("."), self.texts)
        if isinstance(phrase, dict):
            phrase = phrase["one" if values["n"] == 1 else "other"]
        return self.vformat(phrase, (), {"pct": self.texts["number"]["percent"], **values})

    def format_field(self, value: Any, how: str) -> str:
        """Write a value as a phrase asks: by a list of names, with so many digits, or by a method."""
        kind = how.lower()
        if kind in self.texts["names"]:
            words = self.name(kind, value)
        elif kind.isalpha():
            words = getattr(self, kind)(value)
        else:
            words = value if isinstance(value, str) else self.number(value, int(how[1:]) if how else None)
        return capital(words) if how[:1].isupper() else words

    def name(self, kind: str, word: str) -> str:
        """How a word of the data (a group, reason, coder, ...) is called; the word itself if unlisted."""
        return str(self.texts["names"][kind].get(word, word))

    def number(self, value: float, digits: int | None = 2) -> str:
        """A number with the language's decimal sign and a real minus; never "-0"; empty if missing.

        With `digits` None it has those that it needs, as a setting should.

        Examples
        --------
        >>> load_phrases("es").number(-0.204), load_phrases("en").number(12500, 0)
        ('−0,20', '12,500')
        """
        if value != value:
            return ""
        digits = len(f"{value:.10g}".partition(".")[2]) if digits is None else digits
        rounded = round(value, digits) + 0.0
        grouped = self.language == "en" or abs(rounded) >= 10_000  # Spanish: from five digits on (RAE)
        text = f"{abs(rounded):{',' if grouped else ''}.{digits}f}"
        signs = {",": self.texts["number"]["thousands"], ".": self.texts["number"]["decimal"]}
        return ("\N{MINUS SIGN}" if rounded < 0 else "") + text.translate(str.maketrans(signs))

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (0 to 1) as a percentage; empty if missing, as all numbers are."""
        number = self.number(100 * share, digits)
        return number and number + str(self.texts["number"]["percent"])

    whole = partialmethod(percent, digits=0)

    def points(self, gap: float) -> str:
        """A difference of shares or a net sentiment (-1 to 1) in points, with its sign, without the unit."""
        return ("+" if round(100 * gap, 1) > 0 else "") + self.number(100 * gap, 1)

    def month(self, month: str) -> str:
        """A month in words, from its year and number.

        Examples
        --------
        >>> load_phrases("es").month("2025-03")
        'marzo de 2025'
        """
        year, _, number = month.partition("-")
        return self.say("number.month", month=self.texts["number"]["months"][int(number) - 1], year=year)

    def interval(self, row: Row, of: str = "", *, factor: float = 100, digits: int | None = None) -> str:
        """Limits of an interval (``low`` and ``high`` after `of`), "33.9 to 45.8"; says if it has none."""
        digits = (2 if factor == 1 else 1) if digits is None else digits
        limits = {end: self.number(factor * row[of + end], digits) for end in ("low", "high")}
        return self.say("number.interval" if all(limits.values()) else "number.no_interval", **limits)

    def share(self, row: Row, of: str = "") -> str:
        """A share with its interval, the row's own or `of` some name; when it is withheld, why."""
        if row[of or "share"] != row[of or "share"]:
            return self.name("verdict", row.get("note") or "too few to say")
        return f"{self.percent(row[of or 'share'])} ({self.interval(row, of and of + '_')})"

    def sample(self, row: Row, form: str = "sample") -> str:
        """Tell how many comments are behind a row, "n = 264, 120 coded by hand"; a label names its group."""
        key = "none" if not row["n_hand"] else "all" if row["n_hand"] == row["n"] else "some"
        return self.say(f"{form}.{key}", **row)

    label = partialmethod(sample, form="label")

    def source(self, row: Row) -> str:
        """Whose comment a row is, of which brand and month as far as known, and who coded it."""
        names = [self.name("coders", coder) for coder in row["coder"].split(";")]
        known = [capital(self.name("groups", row["group"])), row["brand"]]
        known += [self.month(row["month"]) if row["month"] else "", self.say("quotes.coded", names=names)]
        return " · ".join(filter(None, known))

    def mark(self, basis: Iterable[str]) -> str:
        """What marks figures that are, or some of which are, the machine's alone."""
        return self.say(f"uncorrected.{machine_part(basis)}")

    def join(self, items: list[str]) -> str:
        """Join words as in "a, b and c"; Spanish turns y into e before an i sound."""
        if len(items) < 2:
            return "".join(items)
        sound = self.language == "es" and re.match(r"[«“]?h?[ií](?![aeouáéóú])", items[-1].lower())
        return f"{', '.join(items[:-1])} {self.texts['number']['and_i' if sound else 'and']} {items[-1]}"


@lru_cache(maxsize=len(LANGUAGES))
def load_phrases(language: str) -> Phrases:
    """Read the wording of a language, "es" or "en"; ValueError for any other."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, found {language!r}.")
    texts: dict[str, Any] = {}
    for file in sorted(Path(__file__).parent.glob(f"{language}*.yaml")):
        more = yaml.safe_load(file.read_text(encoding="utf-8"))
        if twice := texts.keys() & more.keys():
            raise ValueError(f"{file.name}: {', '.join(sorted(twice))} stands in two files; keep one.")
        texts |= more
    return Phrases(language, texts)


def machine_part(basis: Iterable[str]) -> str:
    """Whether the machine alone stands behind "all", "some" or "none" of some figures, given their basis.

    Behind a "mixed" figure it stands in part; what has no comments has no basis.
    """
    found = {*basis} - {""}
    return "all" if found == {"machine"} else "some" if found & {"machine", "mixed"} else "none"


def capital(text: str) -> str:
    """Text with its first letter large, the rest as it is; a symbol such as n stays small."""
    return text[:1].upper() + text[1:] if len(text) > 1 else text


def small(text: str) -> str:
    """Text with its first letter small, unless the second is large too, as in an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
