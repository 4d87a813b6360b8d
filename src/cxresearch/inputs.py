"""The settings of one input file: what its columns mean and how it names the groups."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from .errors import nearest
from .settings import Names, Settings

COMMENT_COLUMNS = ("comment_id", "text", "group", "language", "brand", "channel", "date", "rating", "author")


class Columns(Settings):
    """What each of our columns is called in an input file; leave out what a file does not have."""

    comment_id: str | None = None
    text: str = "text"
    group: str | None = None
    language: str | None = None
    brand: str | None = None
    channel: str | None = None
    date: str | None = None
    rating: str | None = None
    author: str | None = None


class Input(Settings):
    """One input file: where it is, what its columns mean, and how it names the groups."""

    file: str
    columns: Columns = Columns()
    groups: Names = Field({})
    constants: Names = Field({})
    keep: dict[str, str] = Field({})
    day_first: bool = False
    encoding: str | None = None
    separator: str | None = None
    sheet: str | int = 0

    @field_validator("constants")
    @classmethod
    def _known_constants(cls, constants: dict[str, str]) -> dict[str, str]:
        """Refuse constants for columns that do not exist or make no sense."""
        allowed = [column for column in COMMENT_COLUMNS if column not in ("comment_id", "text")]
        for name in constants:
            if name not in allowed:
                raise ValueError(f"a constant cannot be given for '{name}'.{nearest(name, allowed)}")
        return constants

    @field_validator("keep")
    @classmethod
    def _free_names(cls, keep: dict[str, str]) -> dict[str, str]:
        """Refuse to overwrite our own columns by kept ones."""
        for name in keep:
            if name in (*COMMENT_COLUMNS, "file", "row") or name.startswith("_"):
                raise ValueError(f"'{name}' is a column of ours; keep '{keep[name]}' under another name")
        return keep

    @model_validator(mode="after")
    def _one_source_each(self) -> Input:
        """Refuse a column that means two things, one of ours with two sources, and a missing group."""
        named = {ours: theirs for ours, theirs in self.columns.model_dump().items() if theirs}
        first: dict[str, str] = {}
        for ours, theirs in named.items():
            if theirs in first:
                raise ValueError(f"column '{theirs}' is named both for {first[theirs]} and for {ours}")
            if ours in self.constants:
                raise ValueError(f"{ours} is named both under columns and under constants; remove one")
            first[theirs] = ours
        if "group" not in named and "group" not in self.constants:
            raise ValueError(
                "nothing says to which group its comments belong. Name the column under columns: group:, "
                "or, when all are of one group, name that under constants: group:"
            )
        return self
