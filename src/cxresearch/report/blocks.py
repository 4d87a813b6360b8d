"""What a report is made of: its content, before it is a page, a PDF or a Word file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Text(NamedTuple):
    """A text: a heading ("h2", "h3"), paragraph ("p"), "note", "warning", or "command" to type.

    A paragraph may begin with a `lead` in bold; the `name` is a heading's link or a note's title.
    """

    kind: str
    text: str
    lead: str = ""
    name: str = ""


class List(NamedTuple):
    """Items, all of them texts; numbered ("ol") or not ("ul")."""

    kind: str
    items: Sequence[Block]


class Table(NamedTuple):
    """A table: the first cell of each row is its header; rows in `strong` are set in bold."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: Sequence[int] = ()
    kind: str = "table"


class Figure(NamedTuple):
    """A figure's file, the caption under it, and the words for who cannot see it."""

    path: Path
    caption: str
    alt: str
    kind: str = "figure"


Block = Text | List | Table | Figure
