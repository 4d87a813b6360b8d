"""Input files under our column names: dates read, groups translated, impossible values refused."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import privacy
from .errors import InputError, nearest
from .language import LANGUAGES
from .study import COMMENT_COLUMNS, Input, Study
from .tables import read_table

_FORMATS = {True: "%d/%m/%Y", False: "%m/%d/%Y"}
_ORDERS = {True: "day/month/year", False: "month/day/year"}
_SHOWN = 20  # columns of a file that a message lists


def read_inputs(study: Study) -> pd.DataFrame:
    """All input files one below the other, nothing masked or left out yet.

    Columns: ``file`` and ``row`` (where a comment comes from), `COMMENT_COLUMNS`, ``_raw_date`` and those
    under ``keep``. Files of one name are told apart by the folder, as the study file has it.
    """
    names = [path.name for path in study.input_files]
    parts = [
        _read_input(study, entry, entry.file if names.count(name) > 1 else name)
        for entry, name in zip(study.inputs, names, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def require_column(table: pd.DataFrame, name: str, file: str, advice: str) -> None:
    """Refuse a table without this column, or with two of them; names the nearest."""
    known = [str(column) for column in table.columns]
    if known.count(name) != 1:
        listed = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
        hint = nearest(name, known).partition(" Known")[0]  # they are listed already
        how_many = "more than one" if name in known else "no"
        raise InputError(f"{file} has {how_many} column '{name}'; its columns are {listed}.{hint} {advice}")


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
    named = pd.to_datetime(day, format=_FORMATS[day_first], errors="coerce")
    return iso.fillna(named).astype("datetime64[s]")


def read_as_is(study: Study, entry: Input) -> pd.DataFrame:
    """An input file with its own columns, read as the study file says."""
    path = study.file(entry.file)
    return read_table(path, encoding=entry.encoding, separator=entry.separator, sheet=entry.sheet)


def _check_groups(raw: pd.DataFrame, study: Study, entry: Input) -> None:
    """Refuse a group's name that occurs nowhere while others in the file have no group: a misspelling."""
    unused = [name for name in entry.groups if name not in set(raw["group"])]
    unmapped = raw["group"][~raw["group"].isin([*entry.groups, *study.groups])].dropna()
    if unused and len(unmapped):
        counts = ", ".join(f"'{name}' ({n} rows)" for name, n in unmapped.value_counts().head(5).items())
        raise InputError(
            f"{raw['file'].iloc[0]}: under 'groups' stands '{unused[0]}', which no row has; in the file, but "
            f"without a group, are {counts}.{nearest(unused[0], unmapped.unique())}"
        )


def _read_input(study: Study, entry: Input, file: str) -> pd.DataFrame:
    """One input file."""
    table = read_as_is(study, entry)
    named, constants = entry.columns.stated(), entry.constants.stated()
    for wanted in [*named.values(), *entry.keep.values()]:
        require_column(table, wanted, file, f"Mend 'columns' of this input in {study.path.name}.")
    raw = pd.DataFrame({"file": file, "row": table.index.to_numpy()})
    for column in COMMENT_COLUMNS:
        cells = table[named[column]] if column in named else [constants.get(column)] * len(table)
        stripped = pd.Series(np.asarray(cells, dtype=object), dtype="str").str.strip()
        raw[column] = stripped.mask(stripped == "")
    for ours, theirs in entry.keep.items():
        raw[ours] = table[theirs].to_numpy()
    _check_groups(raw, study, entry)
    raw["group"] = raw["group"].replace(entry.groups)
    raw["language"] = raw["language"].str.lower().str.replace(r"[-_].*", "", regex=True)  # es-MX is es
    _check_values(raw, named)
    raw["_raw_date"] = raw["date"]
    raw["date"] = parse_dates(raw["date"], day_first=entry.day_first)
    _check_date_order(raw, entry.day_first)
    return raw


def _check_date_order(raw: pd.DataFrame, day_first: bool) -> None:
    """Refuse a file more of whose dates can be read in the other order than in the stated one."""
    swapped = parse_dates(raw["_raw_date"], day_first=not day_first)
    only_swapped = swapped.notna() & raw["date"].isna()
    if only_swapped.sum() > (raw["date"].notna() & swapped.isna()).sum():
        first = raw[only_swapped].iloc[0]
        raise InputError(
            f"{first['file']}, row {first['row']}: {first['_raw_date']} is no date as {_ORDERS[day_first]}, "
            f"and {only_swapped.sum()} of {raw['_raw_date'].count()} dates can be read only as "
            f"{_ORDERS[not day_first]}. Set day_first: {str(not day_first).lower()} for this input."
        )


def _check_values(raw: pd.DataFrame, named: dict[str, str]) -> None:
    """Refuse languages and ratings that no later step could understand, naming file, row and column."""
    import pandera.pandas as pa
    from pandera.errors import SchemaError

    language = pa.Check.isin(LANGUAGES, error=f"one of {', '.join(LANGUAGES)}")
    rating = pa.Check(
        lambda cells: np.isfinite(pd.to_numeric(cells, errors="coerce")), error="a number, such as 4 or 4.5"
    )
    checks = {"language": language, "rating": rating}
    schema = pa.DataFrameSchema({n: pa.Column(checks=c, nullable=True) for n, c in checks.items()})
    try:
        schema.validate(raw)
    except SchemaError as wrong:
        name, rows = wrong.schema.name, wrong.failure_cases["index"].sort_values()
        row, rule = raw.loc[rows.iloc[0]], wrong.check.error
        shown = privacy.mask(pd.Series([row[name]], dtype="str"))[0].iloc[0][:60]
        raise InputError(
            f"{row['file']}, row {row['row']}, column '{named.get(name, name)}': expected {rule}, but found "
            f"{shown!r} ({len(rows)} such rows). Mend the file, or leave '{name}' out of its columns."
        ) from None
