"""The codebook: the one place where every code is named, defined, and given its patterns."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from .errors import InputError, nearest
from .patterns import parse_pattern
from .settings import Settings, Text, read_settings


def _readable(pattern: str) -> str:
    """Refuse a pattern that cannot be read."""
    try:
        parse_pattern(pattern)
    except ValueError as error:
        raise ValueError(f'pattern "{pattern}": {error}') from None
    return pattern


Pattern = Annotated[str, AfterValidator(_readable)]
T = TypeVar("T")


class Rule(Settings):
    """Patterns of one code, and under which conditions a match counts.

    ``unless``: not where a match of one of these overlaps it. ``negated``: ``skip`` it after one of the
    codebook's negations (at most three words before, in the same clause), or count it ``only`` there.
    ``group``: in comments of this group alone, and nowhere if the groups are not known.
    """

    patterns: list[Pattern] = Field(min_length=1)
    unless: list[Pattern] = Field([])
    negated: Literal["skip", "only"] | None = None
    group: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_pattern(cls, value: Any) -> Any:
        """A pattern alone is a rule without conditions."""
        if not isinstance(value, str | dict | Rule):
            raise ValueError(f"expected a pattern, in quotes if it is a number, but found {value!r}")
        return {"patterns": [value]} if isinstance(value, str) else value


class ByLanguage(Settings, Generic[T]):
    """Two lists, of texts or rules, by language."""

    es: list[T] = Field([])
    en: list[T] = Field([])

    def __getitem__(self, language: str) -> list[T]:
        return self.es if language == "es" else self.en


class Examples(Settings):
    """Invented comments to which a code applies, and one that belongs to a neighbouring code."""

    typical: ByLanguage[str]
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
    patterns: ByLanguage[Rule]


class Codebook(Settings):
    """All families and codes, in the order in which they are shown."""

    version: str
    title: Text
    negations: ByLanguage[Pattern] = ByLanguage(es=[], en=[])
    families: list[Family] = Field(min_length=1)
    codes: list[Code] = Field(min_length=1)

    @cached_property
    def content_hash(self) -> str:
        """First 12 hex digits of the SHA-256 of what the codebook says; layout and remarks do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def edition(self) -> str:
        """Version and content hash: what codes are stamped with."""
        return f"{self.version} {self.content_hash}"

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
        return self


def load_codebook(path: str | Path, groups: list[str] | None = None) -> Codebook:
    """Read and check a codebook, a YAML file; `data/raw/codebook.yaml` shows every field.

    `InputError` names file, code, field or pattern, and how to mend it; so it does for a rule restricted to a
    group that is not among the study's `groups`, if these are given.

    Examples
    --------
    >>> load_codebook("data/raw/codebook.yaml").names[:3]
    ['ease', 'consistency', 'efficiency']
    """
    book = read_settings(Path(path), Codebook)
    for number, code in enumerate(book.codes, start=1):
        for rule in code.patterns.es + code.patterns.en:
            if rule.group and groups and rule.group not in groups:
                where = f'{Path(path).name}, code {number} ({code.code}), pattern "{rule.patterns[0]}"'
                hint = f"but the study's groups are {' and '.join(groups)}.{nearest(rule.group, groups)}"
                raise InputError(f"{where}: restricted to the group '{rule.group}', {hint}")
    return book
