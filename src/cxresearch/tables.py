"""Read and write a table by its file ending; no other module opens data files.

Text formats (CSV, TSV, JSON Lines) and spreadsheets are read as text, cell by cell, with no guessing:
``007`` stays ``007``, and an empty cell is missing. Parquet keeps the types it was saved with.
"""

import codecs
import csv
import difflib
import errno
import hashlib
import io
import json
import os
import re
import secrets
import zipfile
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pandas as pd

from cxresearch.errors import InputError

MAX_CELL = 200_000  # characters; far beyond any comment, so more means that a quote was left open
EXCEL_CELL, EXCEL_ROWS = 32_767, 1_048_576  # limits of the .xlsx format
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # OWASP, "CSV Injection"
_SPREADSHEETS = (".xlsx", ".xls", ".ods")
_READABLE = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", *_SPREADSHEETS, ".parquet")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
         codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # fmt: skip
_NO_SEPARATOR, _END = "\x1f", "\0"  # neither is part of a text that is read
_EXCEL_ESCAPED = "_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]"  # ECMA-376, ST_Xstring
_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "access was denied; close the file in other programs or choose another folder",
}


def read_table(
    path: str | Path, *, encoding: str | None = None, separator: str | None = None, sheet: str | int = 0
) -> pd.DataFrame:
    """Read a table from .csv, .tsv, .txt, .jsonl, .ndjson, .xlsx, .xls, .ods or .parquet.

    Parameters
    ----------
    path : str or Path
        The file; its ending says the format.
    encoding : str, optional
        Of a text file. By default: its byte order mark, else strict UTF-8, else Windows-1252.
    separator : str, optional
        One character between CSV fields. By default a tab in .tsv; else whichever of ``, ; tab |`` splits
        the first 50 records most consistently. A header without any of them means a single column.
    sheet : str or int
        Name of the spreadsheet's sheet, or its position from 0. The first row is the header.

    Returns
    -------
    pd.DataFrame, shape (n_records, n_columns)
        Columns of dtype ``str``; empty cells, JSON null and absent fields are missing. JSON and spreadsheet
        values become text (7.0 "7", true "true", dates ISO 8601, nested values JSON). Parquet: types as
        saved, and a saved index becomes columns. The index, "row", counts as the researcher sees it:
        spreadsheet rows and CSV records with the header as 1, JSON Lines lines and Parquet rows from 1.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged or not of its kind, holds only a header, NUL bytes, unnamed
        or repeated columns, rows longer than the header, or a cell over ``MAX_CELL`` characters.

    Examples
    --------
    >>> read_table(getfixture("tmp_path") / "comments.csv")
    Traceback (most recent call last):
    cxresearch.errors.InputError: ...comments.csv does not exist. Check the name and the folder.
    """
    path = Path(path)
    ending, data = _ending(path, _READABLE), _content(path)
    if not data.strip():
        raise InputError(f"{path} is empty. Export it again, or choose another file.")
    if ending == ".parquet":
        return _read_parquet(data, path)
    if ending in _SPREADSHEETS:
        header, numbers, rows = _sheet_records(data, path, sheet)
    elif ending in (".jsonl", ".ndjson"):
        header, numbers, rows = _json_records(_decode(data, path, encoding), path)
    else:
        given = separator or ("\t" if ending == ".tsv" else None)
        header, numbers, rows = _csv_records(_decode(data, path, encoding), path, given)
    return _text_table(path, header, numbers, rows)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table to .csv, .tsv, .jsonl, .xlsx or .parquet: the whole file or, on failure, nothing.

    The index is not written. CSV and TSV are UTF-8 with LF line ends and every text quoted; in them and in
    Excel, text that a spreadsheet would run as a formula is defused (see `defuse`). The same table gives
    the same bytes. Excel shows 15 digits, so longer whole numbers are written there as text.

    Parameters
    ----------
    table : pd.DataFrame, shape (n_rows, n_columns)
        With columns named by text; missing values become empty cells, or null in JSON Lines.
    path : str or Path
        Where to write; missing folders are made.

    Raises
    ------
    InputError
        If the ending is unknown, the table does not fit into Excel, or the disk or folder refuses the file.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "comments.csv"
    >>> write_table(pd.DataFrame({"id": ["007", "008"], "text": ["=1+1", None]}), path)
    >>> read_table(path)
          id   text
    row
    2    007  '=1+1
    3    008    NaN
    """
    path = Path(path)
    writer = _WRITERS[_ending(path, _WRITERS)]
    write_whole(path, lambda temporary: writer(table, temporary))


def defuse(series: pd.Series) -> pd.Series:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, "CSV Injection").

    Texts beginning with = + - @ tab or CR change; numbers and missing values stay. Defusing twice is the
    same as once.

    Examples
    --------
    >>> defuse(pd.Series(["=1+1", "@ana hola", "hola"])).tolist()
    ["'=1+1", "'@ana hola", 'hola']
    >>> defuse(pd.Series([-1, 2])).tolist()
    [-1, 2]
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if isinstance(series.dtype, pd.StringDtype):
        return series.mask(series.str.startswith(FORMULA_STARTS).fillna(False).astype(bool), "'" + series)
    if series.dtype == object:
        risky = [isinstance(value, str) and value.startswith(FORMULA_STARTS) for value in series]
        return series.where(~pd.Series(risky, series.index, bool), "'" + series.astype(str))
    return series


def write_whole(path: str | Path, writer: Callable[[Path], object]) -> None:
    """Call `writer` with a temporary name in the same folder, then rename the result to `path` at once.

    Whatever fails, the temporary file is removed and the former file stays as it was. The temporary name
    keeps the ending, and missing folders are made.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written; any other error of `writer` passes through.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "notes" / "hello.txt"
    >>> write_whole(path, lambda temporary: temporary.write_text("hola"))
    >>> path.read_text()
    'hola'
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
    """SHA-256 of a file's bytes, as 64 hexadecimal digits; `InputError` if it cannot be read.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "hello.txt"
    >>> write_whole(path, lambda temporary: temporary.write_text("hola"))
    >>> file_hash(path)[:8]
    'b221d9db'
    """
    return hashlib.sha256(_content(Path(path))).hexdigest()
