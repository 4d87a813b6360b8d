"""Read and write a table by its file ending; no other module opens data files."""

import csv
import errno
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, time
from pathlib import Path
from typing import Any

import pandas as pd

from cxresearch.errors import InputError, nearest

MAX_CELL = 200_000  # characters; far beyond any comment: a longer cell means a quote left open
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+(?:[.,]\d+)*\Z)")  # OWASP, "CSV Injection"; not numbers
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters no workbook can hold
_READABLE = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods", ".parquet")
_CELLS: dict[str, Any] = {"header": None, "dtype": object, "na_values": [""], "keep_default_na": False}
_QUOTED: dict[str, Any] = {"index": False, "lineterminator": "\n", "quoting": csv.QUOTE_NONNUMERIC}
_LINES: dict[str, Any] = {"orient": "records", "lines": True, "force_ascii": False, "double_precision": 15}
_DISK = {errno.ENOSPC: "the disk is full", errno.EROFS: "the disk is read-only; choose another folder"}


def read_table(
    path: str | Path, *, encoding: str | None = None, separator: str | None = None, sheet: str | int = 0
) -> pd.DataFrame:
    r"""Read a table from .csv, .tsv, .txt, .jsonl, .ndjson, .xlsx, .xls, .ods or .parquet.

    All is text (dtype str): 007 stays, 7.0 reads "7", dates are ISO 8601, nested values JSON, empty and null
    missing; Parquet keeps its types. The index, "row", counts from the header, row 1, or from 1 where there
    is none (JSON Lines, Parquet), blank rows included. Unless stated, encoding (UTF-8, UTF-16, Windows-1252)
    and separator (``, ; tab |``) are found; a sheet goes by name, or place from 0. `InputError` if the file
    is damaged or not of its kind, has no rows, or columns without a name of their own.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "comments.csv"
    >>> _ = path.write_text("id;text\n007;¿Sí?\n", encoding="cp1252")
    >>> read_table(path).reset_index().to_dict("records")
    [{'row': 2, 'id': '007', 'text': '¿Sí?'}]
    """
    path = Path(path)
    data, ending = read_bytes(path), check_ending(path, _READABLE)
    if not data:
        raise InputError(f"{path} is empty. Export it again, or choose another file.")
    if ending == ".parquet":
        table = _read_binary(data, path)
        table = table.reset_index(drop=isinstance(table.index, pd.RangeIndex))  # a saved index is a column
        return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row"))
    if ending in (".xlsx", ".xls", ".ods"):
        return _text_table(_read_binary(data, path, sheet), path)
    text = _decode(data, path, encoding)
    if ending in (".jsonl", ".ndjson"):
        return _text_table(_read_json(text, path), path, first=0)
    separator = separator or ("\t" if ending == ".tsv" else _separator(text))
    return _text_table(_read_csv(text, path, separator), path)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    r"""Write a table, without its index, to .csv, .tsv, .jsonl, .xlsx or .parquet: whole, or not at all.

    CSV and TSV are UTF-8; there and in Excel, text that would run as a formula (= + - @ tab CR before other
    than numbers) gets an apostrophe: OWASP, "CSV Injection". The same table gives the same bytes, but in
    Excel. `InputError` if Excel cannot hold it, or the disk refuses the file.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "comments.csv"
    >>> write_table(pd.DataFrame({"id": ["007"], "text": ["=1+1"]}), path)
    >>> path.read_text().splitlines()
    ['"id","text"', '"007","\'=1+1"']
    """
    ending = check_ending(path)
    if ending not in (".jsonl", ".parquet"):
        table = table.apply(defuse).set_axis(defuse(table.columns.to_series()), axis=1)
    write_whole(path, lambda temporary: _WRITERS[ending](table, temporary))


def check_ending(path: str | Path, known: Iterable[str] = ()) -> str:
    """Return a file's ending in lower case; `InputError` if it is none of those known (to `write_table`)."""
    known, ending = list(known or _WRITERS), Path(path).suffix.lower()
    if ending not in known:
        raise InputError(f'{path} ends in "{ending}", which is not one of {", ".join(known)}.')
    return ending


def write_whole(path: str | Path, writer: Callable[[Path], object]) -> None:
    """Let `writer` fill a temporary file beside `path` with the same ending, then rename it in one step.

    Whatever fails, no temporary file is left and the former file stays. `InputError` if the disk refuses.
    """
    path = Path(path)
    temporary = path.with_name(f".unfinished-{secrets.token_hex(6)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(temporary)
        os.replace(temporary, path)
    except OSError as error:
        advice = f"{error.strerror or error}; close it elsewhere, or choose another name or folder"
        advice = _DISK.get(error.errno or 0, advice)
        state = "The former file is untouched." if os.path.exists(path) else "Nothing was left behind."
        raise InputError(f"{path} could not be written: {advice}. Then try again. {state}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits; `InputError` if it cannot be read."""
    return hashlib.sha256(read_bytes(Path(path))).hexdigest()


def read_bytes(path: Path) -> bytes:
    """The file's bytes; `InputError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        hint = nearest(path.name, [other.name for other in path.parent.glob("*")], listed=False)
        problem = f"{error.strerror}.{hint or ' Check its name and folder.'}"
        problem = "it is a folder. Name a file in it." if path.is_dir() else problem
        raise InputError(f"{path} cannot be read: {problem}") from error


def _decode(data: bytes, path: Path, encoding: str | None) -> str:
    """The text of a file's bytes: by the encoding stated, else by byte order mark, UTF-8, Windows-1252."""
    lossy = data.decode("utf-8", "replace")
    damaged = lossy.count("\ufffd") - data.count("\ufffd".encode())
    found = "utf-8" if damaged <= sum(map(lossy.count, "áéíóúñü’")) else "cp1252"
    found = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else found
    try:
        text = data.decode(encoding or found).removeprefix("\ufeff")
        if "\0" in text:
            raise UnicodeError("a NUL byte, which no text holds")
    except (UnicodeError, LookupError) as error:
        line = data.count(b"\n", 0, getattr(error, "start", max(data.find(b"\0"), 0))) + 1
        advice = f'Its bytes fit encoding "{found}".' if encoding else "Save the file again as UTF-8."
        raise InputError(f"{path}, line {line} is not {encoding or found}: {error}. {advice}") from error
    return text


def _read_csv(text: str, path: Path, separator: str) -> pd.DataFrame:
    """Records of separated text; one of several lines is one row."""
    try:
        return pd.read_csv(io.StringIO(text), sep=separator, engine="c", skip_blank_lines=False, **_CELLS)
    except ValueError as error:
        problem = f"{error}. Check its separator, and that its first line names the columns."
        if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem):
            problem = f"row {found[2]}: {found[3]} fields, more than the header's {found[1]}. Use quotes."
        if found := re.search(r"EOF inside string starting at row (\d+)", problem):  # counted from 0
            problem = f'row {int(found[1]) + 1}: a quote (") is opened and never closed. Close or remove it.'
        raise InputError(f"{path}, {problem}") from error


def _separator(text: str) -> str:
    """The mark that most of the first 50 records hold as often as the header, outside quotes."""
    lines = re.split(r"[\r\n]+", re.sub(r'"[^"]*"', "", text[:100_000]))[:50]
    counts = {mark: [line.count(mark) for line in lines] for mark in ",;\t|" if mark in lines[0]}
    like_header = {mark: (every.count(every[0]), every[0]) for mark, every in counts.items()}
    return max(like_header, key=like_header.__getitem__, default="\x1f")  # no text holds it: one column


def _read_json(text: str, path: Path) -> pd.DataFrame:
    """Names and objects of JSON Lines; pandas' own reader rounds long numbers and does not tell the line."""
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            records.append({**json.loads(line.strip() or "{}")})
        except (ValueError, TypeError, RecursionError) as error:
            told = f'{path}, line {number} is no JSON object, {{"column": value, ...}}: {error}.'
            raise InputError(f"{told} Mend or remove it.") from error
    names = {name: name for record in records for name in record}
    return pd.DataFrame([names, *records], dtype=object)


def _read_binary(data: bytes, path: Path, sheet: str | int | None = None) -> pd.DataFrame:
    """One sheet of a spreadsheet, else (without a sheet) the table of a Parquet file as it was saved."""
    try:
        if sheet is None:
            return pd.read_parquet(io.BytesIO(data))
        return pd.read_excel(io.BytesIO(data), sheet_name=sheet, engine="calamine", **_CELLS)
    except Exception as error:  # Arrow's, calamine's and pandas' own, OSError, KeyError, ...
        kind = "a Parquet file" if sheet is None else f"a spreadsheet, or is there no such sheet as {sheet!r}"
        raise InputError(
            f"{path}: {str(error).rstrip('.')}. Is it damaged, locked by a password, not {kind}?"
        ) from error


def _text_table(rows: pd.DataFrame, path: Path, first: int = 1) -> pd.DataFrame:
    """Rows, counted from `first`, as text under the first that is not blank; no table is refused."""
    rows = rows.set_axis(range(first, first + len(rows))).rename_axis("row")
    rows = rows.map(as_text, na_action="ignore").dropna(how="all").dropna(how="all", axis=1)
    if len(rows) < 2:
        raise InputError(f"{path} {'has only a header' if len(rows) else 'is empty'}. Export it again.")
    names = rows.iloc[0].fillna("").tolist()
    if unfit := [name for name in names if not name.strip() or names.count(name) > 1]:
        raise InputError(f"{path}: each column needs its own name in row 1, but found {unfit}. Rename them.")
    table = rows.iloc[1:].set_axis(names, axis=1).astype("str")
    for name, cells in table.items():
        if (long := cells.str.len() > MAX_CELL).any():
            where = f"{path}, row {long.idxmax()}, column {name}"
            raise InputError(f"{where}: a cell of over {MAX_CELL:,} characters. Is a quote left open there?")
    return table


def as_text(cell: Any) -> str | None:
    """A cell as text: 7.0 is "7", dates and times are ISO 8601, nested values JSON; missing if empty."""
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, date | time):
        return cell.isoformat().removesuffix("T00:00:00")
    text = json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list | bool) else str(cell)
    return text.encode(errors="replace").decode() or None  # half an emoji becomes a question mark


def defuse(cells: pd.Series) -> pd.Series:
    """An apostrophe before each text that a spreadsheet would run as a formula; all else as it is."""
    if cells.dtype.kind != "O":
        return cells
    return cells.map(lambda cell: f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell)


def _write_excel(table: pd.DataFrame, path: Path) -> None:
    try:
        table.map(_excel_cell).rename(columns=_excel_cell).to_excel(path, index=False, engine="openpyxl")
    except ValueError as error:  # too many rows, too long a text, a time zone
        raise InputError(f"Excel cannot hold this table: {error} Write .csv or .parquet.") from error


def _excel_cell(cell: Any) -> Any:
    """A cell as .xlsx can hold it: long numbers as text, U+FFFD for characters that XML has no place for."""
    if not isinstance(cell, str):
        return str(cell) if isinstance(cell, int) and abs(cell) >= 10**15 else cell
    if len(cell) > 32_767:
        raise ValueError("A text is longer than 32,767 characters.")
    return NOT_XML.sub("\ufffd", cell)


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    ".csv": lambda table, path: table.to_csv(path, **_QUOTED),
    ".tsv": lambda table, path: table.to_csv(path, sep="\t", **_QUOTED),
    ".jsonl": lambda table, path: table.to_json(path, date_format="iso", **_LINES),
    ".xlsx": _write_excel,
    ".parquet": lambda table, path: table.to_parquet(path, index=False),
}
