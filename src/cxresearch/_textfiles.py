"""CSV and JSON Lines: from bytes to records (encoding, separator, what is damaged), and back to a file."""

import codecs
import csv
import io
import json
import re
from contextlib import suppress
from datetime import date, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pandas as pd

from cxresearch.errors import InputError

Records = tuple[list[str], list[int], list[list[Any]]]  # header, row numbers, rows of text or None
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNUSED, _END = "\x1f", "\0"  # a separator that text does not hold; a field that only ends the file


def decode(data: bytes, path: Path, encoding: str | None) -> str:
    """The text of a file's bytes, by the encoding stated or else found; NUL bytes are refused."""
    used = encoding or _encoding(data, path)
    try:
        text = data.decode(used).removeprefix("\ufeff")
    except (ValueError, LookupError) as error:
        found = _encoding(data, path)
        advice = "It is damaged; export it again." if found == used else f'Its bytes fit encoding "{found}".'
        raise InputError(f'{path} cannot be read in encoding "{used}": {error}. {advice}') from error
    _refuse_nul(text, used, path)
    return text


def _encoding(data: bytes, path: Path) -> str:
    """By byte order mark, else UTF-8, else Windows-1252; what is none of them is refused."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    _refuse_nul(data.decode("latin-1"), "latin-1", path)
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        at, lossy = error.start, data.decode("utf-8", "replace")
    undefined = re.search(rb"[\x81\x8d\x8f\x90\x9d]", data)
    damaged_utf8 = sum(map(lossy.count, "áéíóúñü’")) > lossy.count("\ufffd")
    if not undefined and not damaged_utf8:
        return "cp1252"
    if undefined and not damaged_utf8:
        at = undefined.start()
    line = data.count(b"\n", 0, at) + 1
    raise InputError(
        f"{path}, line {line}, byte {at}: {data[at]:#04x} is no character of UTF-8 or Windows-1252. "
        "Save the file again as UTF-8, or state its encoding."
    )


def _refuse_nul(text: str, encoding: str, path: Path) -> None:
    """Raise at the first NUL character."""
    at = text.find("\0")
    if at >= 0:
        line, byte = text.count("\n", 0, at) + 1, len(text[:at].encode(encoding))
        raise InputError(
            f"{path}, line {line}, byte {byte}: a NUL byte, which no text holds. The file is damaged, or is "
            'UTF-16 without its mark: try encoding "utf-16-le", or save it as UTF-8.'
        )


def csv_records(text: str, path: Path, separator: str | None) -> Records:
    """Header, record numbers (the header's is 1) and rows; blank lines are left out, yet counted."""
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise InputError(f"{path}: the separator must be one character such as , or ; but is {separator!r}.")
    lines, limit = io.StringIO(text, newline=""), csv.field_size_limit(2**31 - 1)
    try:
        delimiter = separator or _separator(lines)
        lines.seek(0)
        reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
        numbered = [(number, record) for number, record in enumerate(reader, 1) if record]
    finally:
        csv.field_size_limit(limit)
    number, last = numbered.pop()
    if last != [_END]:
        raise InputError(
            f'{path}, row {number}, column {len(last)}: a quote (") is opened and never closed. '
            "Close it, or double it if it belongs to the text."
        )
    header = numbered[0][1] if numbered else []
    return header, [number for number, _ in numbered[1:]], [record for _, record in numbered[1:]]


def _separator(lines: io.StringIO) -> str:
    """The separator by which most of the first 50 records are as wide as the header, and wider than one."""
    scores: dict[str, tuple[int, int]] = {}
    for candidate in ",;\t|":
        lines.seek(0)
        widths = []
        with suppress(csv.Error):
            for record in islice(csv.reader(lines, delimiter=candidate, strict=True), 50):
                widths.append(len(record))
        if widths and widths[0] > 1:
            scores[candidate] = (widths.count(widths[0]), widths[0])
    return max(scores, key=lambda candidate: scores[candidate], default=_UNUSED)


def json_records(text: str, path: Path) -> Records:
    """Names, line numbers (from 1) and values of JSON Lines; half characters become U+FFFD."""
    numbers, records = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if "\\u" in line:
                whole = json.dumps(record, ensure_ascii=False).encode("utf-16", "surrogatepass")
                record = json.loads(whole.decode("utf-16", "replace"))
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{path}, line {number} is not JSON: {error}. Mend or remove that line."
            ) from error
        if not isinstance(record, dict):
            raise InputError(
                f"{path}, line {number} holds {type(record).__name__}, where an object is expected: one "
                '{"column": value, ...} on each line.'
            )
        numbers.append(number)
        records.append(record)
    header = list(dict.fromkeys(chain.from_iterable(records)))
    return header, numbers, [[as_text(record.get(name)) for name in header] for record in records]


def as_text(value: Any) -> str | None:
    """A cell as text: 7.0 is "7", dates and times are ISO 8601, nested values JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 with LF, tabs for .tsv, with every text in quotes so that no separator misleads."""
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    table.to_csv(path, sep=separator, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)


def write_json(table: pd.DataFrame, path: Path) -> None:
    """Write one object a line, missing values as null."""
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    lines = (json.dumps(record, ensure_ascii=False, default=str) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
