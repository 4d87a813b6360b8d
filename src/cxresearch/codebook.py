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

from pydantic import BaseModel, ConfigDict, Field

from .errors import InputError, nearest
from .settings import read_settings
from .tables import file_hash
from .tokens import fold

LONGEST_GAP = 3  # words that a lone * may stand for
_STAR_LAST = re.compile(r"[^*]+\*?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\*?")


class Text(BaseModel):
    """The same text in both languages of the study."""

    model_config = ConfigDict(extra="forbid")
    es: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, language: str) -> str:
        """Text in ``es`` or ``en``."""
        return self.es if language == "es" else self.en


class Texts(BaseModel):
    """Lists of texts in both languages."""

    model_config = ConfigDict(extra="forbid")
    es: list[str] = []
    en: list[str] = []


class Examples(BaseModel):
    """Invented comments to which a code applies, and one that belongs to a neighbouring code."""

    model_config = ConfigDict(extra="forbid")
    typical: Texts
    near_miss: Text


class Family(BaseModel):
    """A group of codes that belong to one idea of the study."""

    model_config = ConfigDict(extra="forbid")
    family: str
    name: Text
    definition: Text


class Code(BaseModel):
    """One code: what it means, when it applies, and the patterns by which the machine applies it."""

    model_config = ConfigDict(extra="forbid")
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


class Codebook(BaseModel):
    """All families and codes, in the order in which they are shown."""

    model_config = ConfigDict(extra="forbid")
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


def load_codebook(path: Path) -> Codebook:
    """Read and check a codebook.

    Parameters
    ----------
    path : Path
        A YAML file; `data/raw/codebook.yaml` is the study's own and shows every field.

    Returns
    -------
    Codebook
        With ``content_hash``, the first 12 hex digits of the file's SHA-256.

    Raises
    ------
    InputError
        Names file, code, field or pattern, and how to mend it.

    Examples
    --------
    >>> load_codebook(Path("none.yaml"))
    Traceback (most recent call last):
    cxresearch.errors.InputError: none.yaml: there is no such file. Check the name in the study's settings.
    """
    path = Path(path)
    book = read_settings(path, Codebook)
    book.content_hash = file_hash(path)[:12]
    _check_codes(path.name, book)
    return book


def parse_pattern(pattern: str) -> list[tuple[str, ...] | None]:
    """Split a pattern into its elements.

    Returns
    -------
    list
        For each element the words (folded) and prefixes (ending in ``*``) it accepts; None for a gap.

    Raises
    ------
    ValueError
        Says what is wrong with the pattern.

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
        elif "|" in part or not _STAR_LAST.fullmatch(part):
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
    stem = fold(text.rstrip("*"))
    if text.endswith("*") and len(stem) < 3:
        raise ValueError(f"'{text}' has fewer than three letters before the *")
    return stem + ("*" if text.endswith("*") else "")


def _check_codes(name: str, book: Codebook) -> None:
    """Refuse names used twice, unknown families and unusable patterns."""
    families = [family.family for family in book.families]
    seen: dict[str, str] = {}
    for kind, names in (("family", families), ("code", book.names)):
        for number, own in enumerate(names, start=1):
            if own in seen:
                raise InputError(
                    f"{name}, {kind} {number} ({own}): {seen[own]} has the same name. "
                    "Rename or remove one of them."
                )
            seen[own] = f"{kind} {number}"
    for number, code in enumerate(book.codes, start=1):
        where = f"{name}, code {number} ({code.code})"
        if code.family not in families:
            raise InputError(
                f'{where}: family "{code.family}" is not one of {", ".join(families)}.'
                f"{nearest(code.family, families)}"
            )
        for language in ("es", "en"):
            for pattern in getattr(code.patterns, language):
                try:
                    parse_pattern(pattern)
                except ValueError as error:
                    raise InputError(f'{where}, {language} pattern "{pattern}": {error}.') from None
