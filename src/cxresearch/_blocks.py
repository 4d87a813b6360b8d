"""What a report is made of: its content, before it is a page, a PDF or a Word file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3; one with a name stands in the list of contents."""

    text: str
    level: int = 2
    name: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, which may begin with a few words in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Note:
    """What a reader must know before the rest."""

    text: str
    title: str
    strong: bool = False


@dataclass(frozen=True)
class List:
    """Items, each a paragraph; ordered or not."""

    items: Sequence[Paragraph]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row is its header; rows in `strong` are set in bold."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A figure's file, the caption under it, and the words for who cannot see it."""

    path: Path
    caption: str
    alt: str


@dataclass(frozen=True)
class Command:
    """A line to type."""

    text: str


Block = Heading | Paragraph | Note | List | Table | Figure | Command
