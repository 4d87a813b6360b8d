"""Read and write a table by its file ending; no other module opens data files."""

import difflib
import errno
import hashlib
import io
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch._excel import sheet_records, write_excel
from cxresearch._textfiles import Records, csv_records, decode, json_records, write_csv, write_json
from cxresearch.errors import InputError

MAX_CELL = 200_000  # characters; far beyond any comment: a longer cell means a quote left open
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # OWASP, "CSV Injection"
_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)*"
_SHEETS, _JSON = (".xlsx", ".xls", ".ods"), (".jsonl", ".ndjson")
_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "access was denied; close the file in other programs or choose another folder",
}


def read_table(
    path: str | Path, *, encoding: str | None = None, separator: str | None = None, sheet: str | int = 0
) -> pd.DataFrame:
    r"""Read a table from .csv, .tsv, .txt, .jsonl, .ndjson, .xlsx, .xls, .ods or .parquet.

    Parameters
    ----------
    path : str or Path
        The file; its ending says the format.
    encoding, separator : str, optional
        Of a text file. Default: its byte order mark, else UTF-8, else Windows-1252; and a tab in .tsv, else
        whichever of ``, ; tab |`` splits the first 50 records most consistently (none: a single column).
    sheet : str or int
        Name of the spreadsheet's sheet, or its position from 0.

    Returns
    -------
    pd.DataFrame, shape (n_records, n_columns)
        Text (dtype str), missing where empty, null or absent: 007 stays, 7.0 reads "7", dates are ISO 8601,
        nested values JSON. Parquet keeps its types. The index, "row", counts as the researcher sees it: the
        header is row 1; JSON Lines count lines, Parquet rows, from 1. Blank rows are left out, yet counted.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged or not of its kind, holds only a header, NUL bytes, unnamed or
        repeated columns, records longer than the header, or a cell over ``MAX_CELL`` characters.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "comments.csv"
    >>> _ = path.write_text("id;text\n007;¿Sí?\n", encoding="cp1252")
    >>> read_table(path).reset_index().to_dict("records")
    [{'row': 2, 'id': '007', 'text': '¿Sí?'}]
    """
    path = Path(path)
    data = _content(path)
    ending = _ending(path, (".csv", ".tsv", ".txt", *_JSON, *_SHEETS, ".parquet"))
    if not data:
        raise InputError(f"{path} is empty. Export it again, or choose another file.")
    if ending == ".parquet":
        return _read_parquet(data, path)
    if ending in _SHEETS:
        return _text_table(sheet_records(data, path, sheet), path)
    text = decode(data, path, encoding)
    if ending in _JSON:
        return _text_table(json_records(text, path), path)
    return _text_table(csv_records(text, path, separator or ("\t" if ending == ".tsv" else None)), path)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    r"""Write a table, without its index, to .csv, .tsv, .jsonl, .xlsx or .parquet: whole, or not at all.

    CSV and TSV are UTF-8 with LF line ends; there and in Excel, formulas in text are defused (see `defuse`).
    The same table gives the same bytes. Missing values become empty cells, or null in JSON Lines; whole
    numbers over the 15 digits that Excel keeps become text there. Raises `InputError` if the ending is
    unknown, the table does not fit into Excel, or the disk or folder refuses the file.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "comments.csv"
    >>> write_table(pd.DataFrame({"id": ["007", "008"], "text": ["=1+1", None]}), path)
    >>> path.read_text().splitlines()
    ['"id","text"', '"007","\'=1+1"', '"008",""']
    """
    path = Path(path)
    writer = _WRITERS[_ending(path, _WRITERS)]
    if not table.columns.is_unique:
        raise ValueError(f"{path}: the columns {list(table.columns)} are not all different.")
    write_whole(path, lambda temporary: writer(table, temporary))


def check_ending(path: str | Path) -> None:
    """Refuse a file that `write_table` could not write because of its ending, before any work is done.

    Examples
    --------
    >>> check_ending("scores.csv")
    """
    _ending(Path(path), _WRITERS)


def defuse(series: pd.Series) -> pd.Series:
    """Put an apostrophe before text that a spreadsheet would run as a formula: = + - @ tab CR.

    Numbers, also those read as text, and missing values stay. Source: OWASP, "CSV Injection".

    Examples
    --------
    >>> defuse(pd.Series(["=1+1", "@ana", "-1.5"])).tolist(), defuse(pd.Series([-1])).tolist()
    (["'=1+1", "'@ana", '-1.5'], [-1])
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if isinstance(series.dtype, pd.StringDtype):
        risky = series.str.startswith(FORMULA_STARTS) & ~series.str.fullmatch(_NUMBER)
        return series.mask(risky.fillna(False).astype(bool), "'" + series)
    if series.dtype == object:
        is_text = np.array([isinstance(cell, str) for cell in series], dtype=bool)
        return series.mask(is_text, defuse(series.astype("str")))
    return series


def write_whole(path: str | Path, writer: Callable[[Path], object]) -> None:
    """Let `writer` fill a temporary file in the same folder, then rename it to `path` in one step.

    Whatever fails, the temporary file is removed and the former file stays. The temporary name keeps the
    ending; missing folders are made. Raises `InputError` if the disk or folder refuses the file; other errors
    of `writer` pass through.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "new" / "hello.txt"
    >>> write_whole(path, lambda temporary: temporary.write_text("hola"))
    """
    path = Path(path)
    temporary = path.with_name(f".unfinished-{secrets.token_hex(6)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(temporary)
        os.replace(temporary, path)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}; choose another name or folder")
        state = "The former file is untouched." if os.path.exists(path) else "Nothing was left behind."
        raise InputError(f"{path} could not be written: {advice}. {state}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits; `InputError` if it cannot be read."""
    return hashlib.sha256(_content(Path(path))).hexdigest()


def _nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the nearest of the names, if any is near."""
    near = difflib.get_close_matches(name, list(names), 1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _ending(path: Path, known: Iterable[str]) -> str:
    """The file's ending in lower case, one of those known."""
    ending = path.suffix.lower()
    if ending not in known:
        hint = _nearest(ending, known)
        raise InputError(f'{path} ends in "{ending}", which is not one of {", ".join(known)}.{hint}')
    return ending


def _content(path: Path) -> bytes:
    """The file's bytes."""
    try:
        return path.read_bytes()
    except OSError as error:
        if path.is_dir():
            raise InputError(f"{path} is a folder. Name one of the files in it.") from error
        hint = _nearest(path.name, os.listdir(path.parent) if path.parent.is_dir() else [])
        raise InputError(f"{path} cannot be read: {error.strerror}.{hint}") from error


def _text_table(records: Records, path: Path) -> pd.DataFrame:
    """The records as columns of text; a header or rows that make no table are refused."""
    header, numbers, rows = records
    width, unfit = len(header), [name for name, n in Counter(header).items() if n > 1 or not name.strip()]
    if unfit:
        raise InputError(f"{path}: each column needs its own name in row 1, but found {unfit}. Rename them.")
    if not rows:
        raise InputError(f"{path} {'has only a header' if header else 'is empty'}. Export it with its rows.")
    longer = [number for number, row in zip(numbers, rows, strict=True) if len(row) > width]
    if longer:
        raise InputError(
            f"{path}: {len(longer)} rows have more than the header's {width} fields, first {longer[:3]}. "
            "Likely a separator inside a text without quotes: put such texts in quotes."
        )
    full = (row if len(row) == width else row + [None] * (width - len(row)) for row in rows)
    table = pd.concat([pd.Series(cells, dtype="str") for cells in zip(*full, strict=True)], axis=1)
    table = table.set_axis(header, axis=1).set_axis(pd.Index(numbers, name="row"))
    for name, lengths in ((name, column.str.len()) for name, column in table.items()):
        if lengths.max() > MAX_CELL:
            raise InputError(
                f"{path}, row {lengths.idxmax()}, column {name}: a cell of over {MAX_CELL:,} characters. "
                'Likely a quote (") opened and never closed there: close or remove it.'
            )
    return table.mask(table == "")


def _read_parquet(data: bytes, path: Path) -> pd.DataFrame:
    """The table as saved, its index (if it had one) as columns."""
    try:
        table = pd.read_parquet(io.BytesIO(data))
    except Exception as error:  # damaged bytes raise ArrowException, OSError, KeyError, ...
        raise InputError(f"{path} is damaged or not a Parquet file ({error}). Write it again.") from error
    table = table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row"))


def _defused(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its texts and column names defused."""
    names = defuse(pd.Series(table.columns, dtype="str"))
    return pd.DataFrame({name: defuse(table[column]) for name, column in zip(names, table, strict=True)})


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    **dict.fromkeys((".csv", ".tsv"), lambda table, path: write_csv(_defused(table), path)),
    ".xlsx": lambda table, path: write_excel(_defused(table), path),
    ".jsonl": write_json,
    ".parquet": lambda table, path: table.to_parquet(path, index=False),
}
