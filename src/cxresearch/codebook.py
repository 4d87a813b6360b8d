"""The codebook: one place where every code is named, defined, and given its patterns.

A pattern is a sequence of elements separated by spaces, compared with a comment word by word after both
are brought to lower case without accents and apostrophes:

=================  ===============================================================
``espera``         this word
``esper*``         any word that starts so (three letters at least)
``(no|nunca)``     one of these words or prefixes
``no * respond*``  a lone ``*`` stands for up to three words in between
=================  ===============================================================
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from .errors import nearest
from .settings import Settings, Text, read_settings
from .tables import file_hash
from .tokens import fold

LONGEST_GAP = 3  # words that a lone * may stand for
_PLAIN = re.compile(r"[^*|]+\*?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\*?")


class Texts(Settings):
    """Lists of texts in both languages."""

    es: list[str] = Field([])
    en: list[str] = Field([])


class Examples(Settings):
    """Invented comments to which a code applies, and one that belongs to a neighbouring code."""

    typical: Texts
    near_miss: Text


class Family(Settings):
    """A group of codes that belong to one idea of the study."""

    family: str
    name: Text
    definition: Text


class Code(Settings):
    """One code: what it means, when it applies, and the patterns by which the machine applies it."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    family: str
    name: Text
    definition: Text
    include: Text
    exclude: Text
    examples: Examples
    source: str
    color: str = Field(pattern=r"^#[0-9A-Fa-f]{6}$")
    nature: Literal["rational", "physical", "emotional", "psychological"] | None = None
    management: Literal["strategy", "operations", "people"] | None = None
    patterns: Texts


class Codebook(Settings):
    """All families and codes, in the order in which they are shown."""

    version: str
    title: Text
    families: list[Family] = Field(min_length=1)
    codes: list[Code] = Field(min_length=1)
    content_hash: str = ""

    @property
    def names(self) -> list[str]:
        """All codes, in the codebook's order."""
        return [code.code for code in self.codes]

    def family_codes(self, family: str) -> list[str]:
        """Codes of one family, in the codebook's order."""
        return [code.code for code in self.codes if code.family == family]

    @model_validator(mode="after")
    def _agrees(self) -> Codebook:
        """Refuse names used twice, unknown families and unusable patterns."""
        families, seen = [family.family for family in self.families], dict[str, str]()
        for kind, names in (("family", families), ("code", self.names)):
            for number, name in enumerate(names, start=1):
                if name in seen:
                    found = f"{kind} {number} ({name}): {seen[name]} has the same name"
                    raise ValueError(f"{found}. Rename or remove one of them.")
                seen[name] = f"{kind} {number}"
        for code in self.codes:
            where = f"{seen[code.code]} ({code.code})"
            if code.family not in families:
                known = f"{', '.join(families)}.{nearest(code.family, families)}"
                raise ValueError(f'{where}: family "{code.family}" is not one of {known}')
            for language, patterns in code.patterns:
                for pattern in patterns:
                    try:
                        parse_pattern(pattern)
                    except ValueError as error:
                        raise ValueError(f'{where}, {language} pattern "{pattern}": {error}.') from None
        return self


def load_codebook(path: str | Path) -> Codebook:
    """Read and check a codebook, a YAML file; `data/raw/codebook.yaml` shows every field.

    ``content_hash`` is the first 12 hex digits of the file's SHA-256. `InputError` names file, code, field or
    pattern, and how to mend it.

    Examples
    --------
    >>> load_codebook("data/raw/codebook.yaml").names[:3]
    ['ease', 'consistency', 'efficiency']
    """
    book = read_settings(Path(path), Codebook)
    book.content_hash = file_hash(path)[:12]
    return book


def parse_pattern(pattern: str) -> list[tuple[str, ...] | None]:
    """Split a pattern into its elements: what words (folded) and prefixes each accepts; None for a gap.

    ValueError says what is wrong with the pattern.

    Examples
    --------
    >>> parse_pattern("no * (respond*|contestó)")
    [('no',), None, ('respond*', 'contesto')]
    """
    elements: list[tuple[str, ...] | None] = []
    for part in re.findall(r"\([^()]*\)|[^\s()]+|[()]", unicodedata.normalize("NFC", pattern)):
        if part == "*":
            elements.append(None)
        elif part in ("(", ")"):
            raise ValueError("a bracket is open; write alternatives as (one|two|thr*)")
        elif part.startswith("("):
            elements.append(tuple(_word(choice) for choice in part[1:-1].split("|")))
        elif not _PLAIN.fullmatch(part):
            raise ValueError(f"'{part}' is not one word or prefix; write alternatives as (one|two|thr*)")
        else:
            elements.extend((_word(word),) for word in _WORD.findall(part) or [part])
    if not elements or elements[0] is None or elements[-1] is None:
        raise ValueError("a pattern begins and ends with a word, not with a gap")
    return elements


def _word(text: str) -> str:
    """Fold one word or prefix, refusing what could never match or would match nearly everything."""
    text = text.strip()
    if not _WORD.fullmatch(text):
        raise ValueError(f"'{text}' is not one word; alternatives are single words or prefixes")
    stem, star, _ = fold(text).partition("*")
    if star and len(stem) < 3:
        raise ValueError(f"'{text}' has fewer than three letters before the *")
    return stem + star
