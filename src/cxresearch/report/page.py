"""Gather a report's blocks in order: words by their phrase, figures and tables with their numbers."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from ..charts import CHARTS
from ..findings import Findings
from ..phrases import Row, capital, small
from . import blocks

_NUMBER = re.compile(r"[+−]?[\d.,\u202f]*(\u202f?%)?")  # what a column holds that is set to the right
Words = str | tuple[str, str]  # with a lead, in bold, before them


class Page:
    """A report being written in one language; each method adds what its name says, or nothing if empty."""

    def __init__(self, found: Findings):
        self.found, self.say, self.phrases = found, found.say, found.phrases
        self.blocks: list[blocks.Block] = []
        self._figures = self._tables = 0
        self._quoted = set[str]()

    def heading(self, key: str, level: int = 3, **values: object) -> None:
        """Add a heading by its phrase; one of level 2 begins a section, named by the key's last part."""
        anchor = key.rpartition(".")[2] if level == 2 else ""
        self.blocks.append(blocks.Heading(self.say(key, **values), level, anchor))

    def text(self, *words: Words) -> None:
        """Add paragraphs, leaving out empty ones."""
        self.blocks += [_paragraph(part) for part in words if part and part != ("", "")]

    def items(self, words: Iterable[Words], *, ordered: bool = False) -> None:
        """Add a list."""
        if parts := tuple(map(_paragraph, words)):
            self.blocks.append(blocks.Items(parts, ordered))

    def note(self, key: str, text: str, *, strong: bool = False) -> None:
        """Add a note with a title by its phrase."""
        self.blocks.append(blocks.Note(text, self.say(key), strong))

    def figure(self, name: str) -> bool:
        """Add a chart and return True; or, if there is nothing to draw, the title that says why."""
        title, alt = CHARTS[name].words(self.found)
        if CHARTS[name].data(self.found).empty:
            self.text(title)
            return False
        self._figures += 1
        label = self.say("page.figure", n=self._figures)
        self.blocks.append(blocks.Figure(name, label, self.say(f"captions.{name}"), alt))
        return True

    def table(self, name: str, rows: Sequence[Row], *, strong: Collection[int] = (), **values: Any) -> None:
        """Add a table whose header and caption are phrases, from rows of words or counts by column."""
        if not rows:
            return
        self._tables += 1
        columns = list(self.phrases.texts["tables"][name]["header"])
        cells = [tuple(self._cell(row.get(column, "")) for column in columns) for row in rows]
        right = [any(column) and all(map(_NUMBER.fullmatch, column)) for column in zip(*cells, strict=True)]
        numeric = tuple(place for place, own in enumerate(right) if own)
        head = tuple(capital(self.say(f"tables.{name}.header.{column}", **values)) for column in columns)
        label, caption = self.say("page.table", n=self._tables), self.say(f"tables.{name}.caption", **values)
        order = tuple(sorted(strong))
        self.blocks.append(blocks.Table(label, caption, head, tuple(cells), order, numeric))

    def quotes(self, *codes: str, head: str = "headings.quotes") -> None:
        """Add the comments chosen for some codes, families or sentiments, each once, under a heading."""
        chosen = [row for code in codes for row in self.found.rows["quotes"] if row["finding"] == code]
        own = [row for row in chosen if row["language"] == self.phrases.language] or chosen
        fresh = {row["comment_id"]: row for row in own[::-1] if row["comment_id"] not in self._quoted}
        if not fresh or self.found.study.quotes == "none":
            return
        self.heading(head)
        self._quoted |= fresh.keys()
        for row in [row for row in own if fresh.get(row["comment_id"]) is row]:
            role = small(self.say(f"quotes.role.{row['role']}"))
            role = f"{self.found.names[row['finding']]} · {role}"
            self.blocks.append(blocks.Quote(row["text"], role, self.phrases.source(row), row["language"]))

    def cells(self, row: Row, **how: str) -> Row:
        """A row with some columns in words, each as a phrase writes it: "percent", "groups", and so on."""
        return row | {column: self.phrases.format_field(row[column], kind) for column, kind in how.items()}

    def share(self, code: str, group: str) -> str:
        """A group's share with its interval, in a cell."""
        return self.phrases.share(self.found.estimates[code, group])

    def _cell(self, value: Any) -> str:
        return value if isinstance(value, str) else capital(self.phrases.number(value, 0))


def _paragraph(words: Words) -> blocks.Paragraph:
    lead, text = ("", words) if isinstance(words, str) else words
    return blocks.Paragraph(text, lead)
