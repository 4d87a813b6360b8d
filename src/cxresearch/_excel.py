"""Spreadsheets: from bytes to records of text, and to an .xlsx that is the same on every run."""

import io
import zipfile
from datetime import datetime
from itertools import chain, compress
from pathlib import Path
from typing import Any

import pandas as pd

from cxresearch._textfiles import Records, as_text
from cxresearch.errors import InputError

_ROWS, _CELL, _WHOLE = 1_048_576, 32_767, 10**15  # what .xlsx holds; longer whole numbers lose digits
_ESCAPED = "_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]"  # ECMA-376, ST_Xstring


def sheet_records(data: bytes, path: Path, sheet: str | int) -> Records:
    """Header, row numbers and rows of a spreadsheet's sheet; empty rows and columns are left out."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if sheet not in (names if isinstance(sheet, str) else range(len(names))):
            raise InputError(f"{path} has no sheet {sheet!r}. Its sheets are, from 0: {', '.join(names)}.")
        name = sheet if isinstance(sheet, str) else names[sheet]
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except calamine.CalamineError as error:
        locked = isinstance(error, calamine.PasswordError) or data.startswith(b"\xd0\xcf\x11\xe0")
        reason = "locked by a password" if locked else "damaged, or not a spreadsheet"
        advice = "Open it in a spreadsheet program and save it again, without a password."
        raise InputError(f"{path} is {reason} ({error}). {advice}") from error
    numbered = [(number, row) for number, row in enumerate(cells, 1) if set(row) != {""}]
    used = [set(column) != {""} for column in zip(*cells, strict=True)]
    rows = [[as_text(cell) for cell in compress(row, used)] for _, row in numbered]
    header = [cell or "" for cell in rows[0]] if rows else []
    return header, [number for number, _ in numbered[1:]], rows[1:]


def write_excel(table: pd.DataFrame, path: Path) -> None:
    """One sheet, with fixed dates in the document's properties and in the zip."""
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    if len(table) >= _ROWS:
        raise InputError(f"{len(table)} rows are more than an .xlsx file holds. Write .csv or .parquet.")
    book, buffer = Workbook(write_only=True), io.BytesIO()
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    sheet = book.create_sheet("table")
    header = _excel_cells(pd.Series(table.columns))
    for row in chain([header], zip(*(_excel_cells(table[name]) for name in table), strict=True)):
        sheet.append(row)
    ExcelWriter(book, zipfile.ZipFile(buffer, "w")).save()
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(path, "w") as fixed:
        for name in made.namelist():
            fixed.writestr(zipfile.ZipInfo(name), made.read(name), zipfile.ZIP_DEFLATED)


def _excel_cells(column: pd.Series) -> list[Any]:
    """Numbers and dates as they are, the rest as text with what XML cannot hold escaped."""
    kind, is_local = column.dtype.kind, not isinstance(column.dtype, pd.DatetimeTZDtype)
    if kind in "bf" or (kind == "M" and is_local) or (kind in "iu" and not (column.abs() >= _WHOLE).any()):
        plain = column.astype(object).where(column.notna(), None)
        return plain.replace({float("inf"): "inf", float("-inf"): "-inf"}).tolist()
    text = column.astype("str")
    if text.str.len().max() > _CELL:
        raise InputError(
            f"Column {column.name} has a text of over {_CELL} characters, too long for an .xlsx cell. "
            "Write .csv or .parquet."
        )
    text = text.str.replace("[\ufffe\uffff]", "\ufffd", regex=True)  # no characters, and XML holds no escape
    escaped = text.str.replace(_ESCAPED, lambda found: f"_x{ord(found[0]):04X}_", regex=True)
    return escaped.astype(object).where(text.notna(), None).tolist()
