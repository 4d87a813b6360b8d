"""Input files under our column names: dates read, groups translated, impossible values refused."""

import numpy as np
import pandas as pd

from . import privacy
from .errors import InputError, nearest
from .language import LANGUAGES
from .study import COMMENT_COLUMNS, Input, Study
from .tables import read_table

_ORDERS = {True: ("day/month/year", "%d/%m/%Y"), False: ("month/day/year", "%m/%d/%Y")}  # by day_first


def read_input(study: Study, entry: Input) -> pd.DataFrame:
    """An input file under our column names, nothing masked or left out yet.

    Columns: ``file`` and ``row`` (where a comment comes from), `COMMENT_COLUMNS`, ``_raw_date`` and those
    under ``keep``. Files of one name are told apart by the folder, as the study file has it.
    """
    names, file = [path.name for path in study.input_files], study.file(entry.file).name
    file = entry.file if names.count(file) > 1 else file
    table = read_as_is(study, entry)
    for wanted in [*entry.columns.values(), *entry.keep.values()]:
        require_column(table, wanted, file, f"Mend 'columns' of this input in {study.path.name}.")
    cells = {ours: table[theirs].astype(object) for ours, theirs in entry.columns.items()} | entry.constants
    raw = pd.DataFrame(cells, table.index, list(COMMENT_COLUMNS), dtype="str").apply(lambda c: c.str.strip())
    kept = {ours: table[theirs] for ours, theirs in entry.keep.items()}
    raw = raw.mask(raw == "").assign(file=file, row=table.index, **kept)
    raw["language"] = raw["language"].str.lower().str.replace(r"[-_].*", "", regex=True)  # es-MX is es
    dates = parse_dates(raw["date"], day_first=entry.day_first)
    _check(raw, dates, study, entry)
    return raw.assign(_raw_date=raw["date"], date=dates, group=raw["group"].replace(entry.groups))


def read_as_is(study: Study, entry: Input) -> pd.DataFrame:
    """An input file with its own columns, read as the study file says."""
    path = study.file(entry.file)
    return read_table(path, encoding=entry.encoding, separator=entry.separator, sheet=entry.sheet)


def require_column(table: pd.DataFrame, name: str, file: str, advice: str) -> None:
    """Refuse a table without this column; names the nearest."""
    if name not in table:
        known = [str(column) for column in table]
        listed = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
        hint = nearest(name, known, listed=False)
        raise InputError(f"{file} has no column '{name}'; its columns are {listed}.{hint} {advice}")


def parse_dates(dates: pd.Series, *, day_first: bool) -> pd.Series:
    """Read dates as ISO 8601, else as day/month/year or month/day/year; never guess the order.

    Separators ``/``, ``-`` and ``.`` are equal, and times are ignored. `day_first` says whether
    03/04/2025 is the third of April. Days are missing where the text is no date in the stated order.

    Examples
    --------
    >>> dates = pd.Series(["2025-04-03T10:00:00Z", "3/4/2025", "31/12/2025"])
    >>> parse_dates(dates, day_first=False).dt.strftime("%d %b").tolist()
    ['03 Apr', '04 Mar', nan]
    """
    day = dates.astype("str").str.strip().str.extract(r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?:$|[T ,])")[0]
    day = day.str.replace(r"[-.]", "/", regex=True)
    iso = pd.to_datetime(day, format="%Y/%m/%d", errors="coerce")
    named = pd.to_datetime(day, format=_ORDERS[day_first][1], errors="coerce")
    return iso.fillna(named).astype("datetime64[s]")


def _check(raw: pd.DataFrame, dates: pd.Series, study: Study, entry: Input) -> None:
    """Refuse what no later step could understand; a group only if a name under ``groups`` has no row."""
    known, unused = sorted({*entry.groups, *study.groups}), sorted(entry.groups.keys() - set(raw["group"]))
    if unused:
        expected = f"one of {', '.join(known)} (no row has '{unused[0]}')"
        _refuse("group", ~raw["group"].isin(known), expected, raw, entry)
    swapped = parse_dates(raw["date"], day_first=not entry.day_first)
    turned = swapped.notna() & dates.isna() & (swapped.count() > dates.count())  # more in the other order
    no_number = ~np.isfinite(pd.to_numeric(raw["rating"], errors="coerce"))
    _refuse("language", ~raw["language"].isin(LANGUAGES), f"one of {', '.join(LANGUAGES)}", raw, entry)
    _refuse("rating", no_number, "a number, such as 4 or 4.5", raw, entry)
    _refuse("date", turned, f"a date as {_ORDERS[entry.day_first][0]}", raw, entry)


def _refuse(name: str, wrong: pd.Series, rule: str, raw: pd.DataFrame, entry: Input) -> None:
    """Refuse a file with wrong values in this column, showing the first."""
    found = raw[name][wrong & raw[name].notna()]
    if len(found):
        where = f"{raw['file'].iloc[0]}, row {found.index[0]}, column '{entry.columns.get(name, name)}'"
        shown = privacy.mask(found.head(1))[0].iloc[0][:60]
        advice = {
            "group": "Mend 'groups' of this input.",
            "date": f"Set day_first: {str(not entry.day_first).lower()} for this input.",
        }.get(name, f"Mend it, or leave '{name}' out of the columns.")
        raise InputError(f"{where}: expected {rule}, but found {shown!r} ({len(found)} such rows). {advice}")
