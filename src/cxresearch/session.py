"""One person's coding of a drawn sample: every act can be undone, and is on disk before the next."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .codebook import Codebook
from .errors import InputError, nearest
from .handcoding import FILED, check_coder, load_hand_codes
from .sentiment import LABELS
from .tables import file_hash, read_table, write_table
from .tokens import fold

_DEFUSED = re.compile(r"^'+(?=[=@+-])")  # what write_table puts before a formula
Row = dict[Any, str]  # by column


class FileChanged(InputError):
    """Somebody else wrote to a file since it was read; it is left as they wrote it."""


class OwnFile:
    """A table of text that one session alone may change: it never writes over what it has not read."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._hash = self._on_disk()

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """The table, empty cells as ""; without rows if there is no file yet."""
        table = read_table(self.path) if self._hash else pd.DataFrame(columns=list(columns))
        return table.astype("str").fillna("").replace(_DEFUSED, "", regex=True)

    def write(self, table: pd.DataFrame) -> None:
        """Write the table whole; `FileChanged` if the file is not as it was last read or written."""
        if self._on_disk() != self._hash:
            raise FileChanged(
                f"{self.path} was changed, moved or removed by somebody else since this session read it, "
                "so nothing was written. Is it open in a second window? Run the cell again to read it anew."
            )
        write_table(table, self.path)
        self._hash = self._on_disk()

    def _on_disk(self) -> str:
        return file_hash(self.path) if self.path.exists() else ""


def tidy(text: str) -> str:
    """A remark in one line, without what a CSV file would not give back as it was."""
    line = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\s]+", " ", text[:5_000]).strip()  # Excel's cell: 32,767
    return _DEFUSED.sub("", line)


class Round:
    """Comments to be gone through one at a time."""

    def __init__(self, ids: list[str]) -> None:
        self.ids, self._place = ids, 0

    current = property(lambda self: self.ids[self._place] if self.ids else "", doc="Its comment_id, or none.")
    place = property(lambda self: self._place + 1, doc="Where it stands, from 1.")

    def go(self, to: int | str) -> None:
        """Go so many comments on (-1: back), to either end at most, or to a comment_id."""
        if isinstance(to, str) and to not in self.ids:
            raise InputError(f"The comment '{to}' is not among those gone through here.")
        place = self.ids.index(to) if isinstance(to, str) else self._place + to
        self._place = max(min(place, len(self.ids) - 1), 0)


class CodingSession(Round):
    """One coder's work on a sample, saved to the coder's own file after every act.

    Blind: no other hand codes are read, and a machine's are shown only if `machine` (comment_id: codes) is
    given and the coder asks for them, from which moment the comment counts as not blind.

    Parameters
    ----------
    comments : pd.DataFrame
        The sample in coding order: index comment_id, ``text`` and attributes.
    codebook : Codebook
        Its version is noted with every comment.
    path, coder : path, str
        The coder's file, made if it is not there, and name. Its rows of other comments stay.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> comments = pd.DataFrame({"text": ["Two hours on hold", "Gracias"]}, index=["c1", "c2"])
    >>> book, path = load_codebook("data/raw/codebook.yaml"), getfixture("tmp_path") / "ana.csv"
    >>> session = CodingSession(comments, book, path, "ana")
    >>> session.toggle("efficiency")
    >>> session.finish()
    >>> session.current, CodingSession(comments, book, path, "ana").progress
    ('c2', (1, 2))
    """

    def __init__(
        self, comments: pd.DataFrame, codebook: Codebook, path: str | Path, coder: str,
        *, machine: Mapping[str, list[str]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(comments.index.astype("str").tolist())
        self.comments, self.codebook, self.coder = comments.set_axis(self.ids), codebook, check_coder(coder)
        if not self.ids or comments.index.has_duplicates:
            raise InputError("A session needs comments, each once: draw a sample, and give it in its order.")
        self._folded = [fold(f"{each} {text}") for each, text in zip(self.ids, comments["text"], strict=True)]
        self._file = OwnFile(path)
        self._rows = self._read()
        self._steps: list[Row] = []  # former rows
        self.machine, self.saves = machine, 0
        self._go_to_open(0)

    codes = property(lambda self: _names(self.row()["codes"]), doc="Codes of the current comment.")

    @property
    def progress(self) -> tuple[int, int]:
        """How many comments of the sample are done, and how many there are."""
        return len(self.ids) - len(self._open()), len(self.ids)

    @property
    def machine_codes(self) -> list[str] | None:
        """What the machine gave, if the coder asked for it; else None."""
        shown = self.machine is not None and self.row()["blind"] == "no"
        return list((self.machine or {}).get(self.current, [])) if shown else None

    def row(self, comment_id: str | None = None) -> Row:
        """What is noted of a comment (the current one, if not named), by column; "" is empty."""
        wanted = comment_id or self.current
        blank = dict.fromkeys(FILED, "") | {"comment_id": wanted, "coder": self.coder, "blind": "yes"}
        return self._rows.get(wanted, blank)

    def toggle(self, code: str) -> None:
        """Give a code, or take it back."""
        if code not in self.codebook.names:
            raise InputError(f"There is no code '{code}' in the codebook. Load it anew.")
        had = self.codes
        self._change(codes=";".join(n for n in self.codebook.names if (n in had) != (n == code)))

    def label(self, sentiment: str) -> None:
        """Set the sentiment; a second time takes it back."""
        if sentiment not in LABELS:
            raise InputError(f"The sentiment is {', '.join(LABELS)}, but found '{sentiment}'.")
        self._change(sentiment="" if self.row()["sentiment"] == sentiment else sentiment)

    def doubt(self) -> None:
        """Mark the comment as one the coder is unsure of, or no longer."""
        self._change(unsure="" if self.row()["unsure"] else "yes")

    def remember(self, memo: str) -> None:
        """Set the memo: one line of at most 5,000 characters."""
        self._change(memo=tidy(memo))

    def finish(self) -> None:
        """Count the comment as done, and go to the next one that is not."""
        self._change(done="yes")
        self._go_to_open(self.place)

    def show_machine(self) -> None:
        """Show what the machine gave; from now on the comment is not coded blind, which nothing undoes."""
        if self.machine is None:
            raise InputError("This session has no machine codes: give CodingSession machine= to allow them.")
        if self.row()["blind"] != "no":
            self._save(self.row() | {"blind": "no"})

    def undo(self) -> bool:
        """Take back the last change, and go to its comment; False if there is none of this session left."""
        if not self._steps:
            return False
        former = self._steps[-1]
        self._save(former | {"blind": self.row(former["comment_id"])["blind"]})
        self._steps.pop()
        self.go(former["comment_id"])
        return True

    def search(self, text: str) -> list[str]:
        """Comments of the sample, by text, id or memo; capitals and accents do not count."""
        sample, wanted = zip(self.ids, self._folded, strict=True), fold(text.strip())
        return [i for i, told in sample if wanted and wanted in f"{told} {fold(self.row(i)['memo'])}"]

    def _change(self, **cells: str) -> None:
        """Save new cells of the current comment, and how to undo them; the same again is no change."""
        former = self.row()
        if former | cells != former:
            self._save(former | cells | {"codebook": self.codebook.version})
            self._steps.append(former)

    def _save(self, row: Row) -> None:
        """Write all rows; only what could be written counts."""
        rows = self._rows | {row["comment_id"]: row}
        self._file.write(pd.DataFrame(list(rows.values())))
        self._rows, self.saves = rows, self.saves + 1

    def _open(self) -> list[int]:
        return [place for place, each in enumerate(self.ids) if not self._rows.get(each, {}).get("done")]

    def _go_to_open(self, start: int) -> None:
        """Go to the first comment from here on that is not done, or before; if all are, to this one."""
        left = self._open() or [min(start, len(self.ids) - 1)]
        self._place = next((place for place in left if place >= start), left[0])

    def _read(self) -> dict[str, Row]:
        """The coder's rows by comment_id; refused if they are not this coder's hand codes."""
        table, name = self._file.read(FILED), self._file.path.name
        if len(table):
            load_hand_codes([self._file.path], self.codebook.names)  # refuses what is no file of hand codes
        for row, other in table.loc[table["coder"] != self.coder, "coder"].head(1).items():
            found = f"{name}, row {row} belongs to the coder '{other}', not to '{self.coder}'"
            raise InputError(f"{found}. Each person has a file of their own: name it.")
        codes = table["codes"].map(_names).explode().dropna()  # also of comments that are not done
        for row, code in codes[~codes.isin(self.codebook.names)].head(1).items():
            hint = nearest(code, self.codebook.names)
            raise InputError(f"{name}, row {row}: there is no code '{code}'.{hint} Mend it.")
        for row in table.index[table["comment_id"].duplicated()][:1]:
            raise InputError(f"{name}, row {row}: the comment is there twice. Keep one of the rows.")
        usual = dict.fromkeys(FILED[4:], "") | {"done": "yes"}  # in a file made elsewhere, all is finished
        table = table.assign(**{name: cell for name, cell in usual.items() if name not in table})
        table["codes"] = table["codes"].map(lambda cell: ";".join(_names(cell)))
        return {row["comment_id"]: row for row in table.to_dict("records")}


def _names(cell: str) -> list[str]:
    return [code.strip() for code in cell.split(";") if code.strip()]
