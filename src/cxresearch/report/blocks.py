"""What a report is made of: blocks of words, in order, that know nothing of how they will look.

`content` fills them from the study's tables; `html`, `pdf` and `word` render them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 (section; its `anchor` is a link's aim), 3 or 4; the report's title is level 1."""

    text: str
    level: int = 2
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its `lead`, if any, comes first and in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Items:
    """A list, with numbers if `ordered`."""

    items: tuple[Paragraph, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Figure:
    """A chart by its name in `charts.CHARTS`; `label` is as in "Figure 3."; `alt` says what it shows."""

    name: str
    label: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Table:
    """A table of words: the first cell of each row is its header; rows whose number is in `strong` are bold.

    `numeric` are the numbers of the columns to align right.
    """

    label: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: tuple[int, ...] = ()
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True)
class Quote:
    """A comment's own words, in `language`; `role` says why it stands here, `source` who wrote it where."""

    text: str
    role: str
    source: str
    language: str


@dataclass(frozen=True)
class Note:
    """A few words set apart; `strong` if nobody should miss them."""

    text: str
    title: str
    strong: bool = False


@dataclass(frozen=True)
class Code:
    """What one types, line for line."""

    text: str


@dataclass(frozen=True)
class Bank:
    """All comments, to be searched: HTML only; where there is no searching, `text` says so."""

    text: str


@dataclass(frozen=True)
class Break:
    """The next block begins a new page, where there are pages."""


Block = Heading | Paragraph | Items | Figure | Table | Quote | Note | Code | Bank | Break


@dataclass(frozen=True)
class Report:
    """A report in one language ("es" or "en").

    `labels` are the page's own words, such as "Contents"; `names` those of groups and codes that charts link.
    """

    title: str
    subtitle: str
    language: str
    labels: dict[str, str]
    blocks: tuple[Block, ...]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def sections(self) -> tuple[Heading, ...]:
        """Headings of level 2, for the table of contents."""
        return tuple(b for b in self.blocks if isinstance(b, Heading) and b.level == 2)
