"""Read any comment file into the canonical table; keep a ledger of what was dropped and why.

Rows leave the study here and nowhere later. Whatever cannot be used goes to a second table with its file,
row and reason, so that raw = kept + dropped in every run.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import privacy
from .duplicates import near_duplicates
from .errors import InputError, nearest
from .language import LANGUAGES, detect_language
from .study import COMMENT_COLUMNS, Input, Study
from .tables import read_table
from .tokens import words

REASONS = (
    "empty text",
    "no words",
    "unknown group",
    "unreadable date",
    "duplicate id",
    "exact duplicate",
    "near duplicate",
)
_DATE_FORMATS = {True: "%d/%m/%Y", False: "%m/%d/%Y"}


def load_comments(
    study: Study, *, near_duplicate: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Read a study's input files, mask personal data, and set aside what cannot be used.

    Parameters
    ----------
    study : Study
        Its ``inputs`` say what the files' columns mean.
    near_duplicate : float, optional
        Similarity from which texts of one group and brand count as the same; the study's if left out.

    Returns
    -------
    comments : pd.DataFrame
        One row per usable comment: the columns of `cxresearch.study.COMMENT_COLUMNS`, those under ``keep``,
        and ``file`` and ``row`` (where it came from). ``text`` is masked, ``author`` a pseudonym; ``date``
        is a day, ``rating`` a number; both may be missing.
    dropped : pd.DataFrame
        ``file``, ``row``, ``reason`` (one of `REASONS`), ``detail`` and the masked ``text``.
    masked : pd.Series of int
        How many passages were masked, by kind.

    Raises
    ------
    InputError
        Names file, row and column, and what to do.
    """
    raw = pd.concat([_read_input(study, entry) for entry in study.inputs], ignore_index=True)
    keep_handles = study.brand_handles
    raw["text"], masked = privacy.mask(raw["text"], keep_handles=keep_handles)
    raw["author"] = _pseudonyms(raw["author"], study)
    found = words(raw["text"])
    raw["language"] = raw["language"].fillna(detect_language(raw["text"], found))
    _check_contract(raw)
    raw["comment_id"] = raw["comment_id"].fillna(_content_ids(raw))

    similarity = study.thresholds.near_duplicate if near_duplicate is None else near_duplicate
    reason, detail = _reasons(raw, study.groups, similarity, np.diff(found.offsets) == 0)
    usable = reason.isna()
    if not usable.any():
        raise InputError(
            f"None of the {len(raw)} rows can be used; the most frequent reason is "
            f"'{reason.mode()[0]}' ({detail[reason == reason.mode()[0]].iloc[0]!r}). "
            "Check the columns, groups and day_first of each input in the study file."
        )
    dropped = raw[["file", "row"]].assign(reason=reason, detail=detail, text=raw["text"])[~usable]
    order = [*COMMENT_COLUMNS, *(c for c in raw.columns if c not in COMMENT_COLUMNS and c != "_raw_date")]
    comments = raw.loc[usable, order].astype({"rating": float})
    return comments.reset_index(drop=True), dropped.reset_index(drop=True), masked


def ledger(comments: pd.DataFrame, dropped: pd.DataFrame) -> pd.DataFrame:
    """Count rows from raw to kept, per file.

    Parameters
    ----------
    comments, dropped : pd.DataFrame
        As `load_comments` returns them.

    Returns
    -------
    pd.DataFrame of int, indexed by file and ``all files``
        Columns ``raw``, one per reason, and ``kept``; raw = kept + all reasons in every row.

    Examples
    --------
    >>> kept = pd.DataFrame({"file": ["a.csv", "a.csv"]})
    >>> gone = pd.DataFrame({"file": ["a.csv"], "reason": ["empty text"]})
    >>> ledger(kept, gone).loc["a.csv", ["raw", "empty text", "kept"]].tolist()
    [3, 1, 2]
    """
    reasons = pd.crosstab(dropped["file"], dropped["reason"]).reindex(columns=list(REASONS), fill_value=0)
    files = pd.Index(pd.concat([comments["file"], dropped["file"]]).unique(), name="file")
    table = reasons.reindex(files, fill_value=0)
    table["kept"] = comments["file"].value_counts().reindex(files, fill_value=0)
    table.insert(0, "raw", table.sum(axis=1))
    table.loc["all files"] = table.sum()
    return table.rename_axis(columns=None).astype(int)


def _read_input(study: Study, entry: Input) -> pd.DataFrame:
    """One input file with our column names; dates and groups translated."""
    path = study.file(entry.file)
    table = read_table(path, encoding=entry.encoding, separator=entry.separator, sheet=entry.sheet)
    named = {ours: theirs for ours, theirs in entry.columns.model_dump().items() if theirs}
    headers = [str(column) for column in table.columns]
    for wanted in [*named.values(), *entry.keep.values()]:
        if wanted not in headers:
            raise InputError(
                f"{path.name} has no column '{wanted}'; its columns are {', '.join(headers)}."
                f"{nearest(wanted, headers)} Mend 'columns' of this input in {study.path.name}."
            )
    raw = pd.DataFrame({"file": path.name, "row": table.index.to_numpy()})
    for column in COMMENT_COLUMNS:
        cells = table[named[column]] if column in named else [entry.constants.get(column)] * len(table)
        stripped = pd.Series(np.asarray(cells, dtype=object), dtype="str").str.strip()
        raw[column] = stripped.mask(stripped == "")
    for ours, theirs in entry.keep.items():
        raw[ours] = table[theirs].to_numpy()
    raw["group"] = raw["group"].map(lambda group: entry.groups.get(group, group), na_action="ignore")
    raw["_raw_date"] = raw["date"]
    raw["date"] = parse_dates(raw["date"], day_first=entry.day_first)
    return raw


def parse_dates(dates: pd.Series, *, day_first: bool) -> pd.Series:
    """Read dates as ISO 8601, else as day/month/year or month/day/year; never guess the order.

    Parameters
    ----------
    dates : pd.Series of str
        Separators ``/``, ``-`` and ``.`` are equal; a time after the date is ignored.
    day_first : bool
        Whether 03/04/2025 is the third of April.

    Returns
    -------
    pd.Series of datetime64
        Days; missing where the text is missing or is no date in the stated order.

    Examples
    --------
    >>> dates = pd.Series(["2025-04-03T10:00:00Z", "3/4/2025", "31/12/2025"])
    >>> parse_dates(dates, day_first=False).dt.strftime("%d %b").tolist()
    ['03 Apr', '04 Mar', nan]
    """
    day = dates.astype("str").str.strip().str.extract(r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?:$|[T ,])")[0]
    day = day.str.replace(r"[-.]", "/", regex=True)
    iso = pd.to_datetime(day, format="%Y/%m/%d", errors="coerce")
    return iso.fillna(pd.to_datetime(day, format=_DATE_FORMATS[day_first], errors="coerce")).astype(
        "datetime64[s]"
    )


def _pseudonyms(authors: pd.Series, study: Study) -> pd.Series:
    """Author names as keyed pseudonyms; the key comes from the study, the environment or a private file."""
    if authors.isna().all():
        return authors
    key = study.pseudonym_key.encode() if study.pseudonym_key else privacy.load_key(study.path.parent)
    return privacy.pseudonyms(authors, key)


def _content_ids(raw: pd.DataFrame) -> pd.Series:
    """Ids for comments without one, made of their content: the same comment has the same id in every run."""
    parts = raw[["text", "group", "brand", "date", "author"]].astype("str").fillna("")
    same = parts.groupby(list(parts.columns)).cumcount().astype("str")
    hashed = pd.util.hash_pandas_object(parts.assign(same=same), index=False)
    return "c" + hashed.map("{:016x}".format).astype("str").str[:12]


def _reasons(
    raw: pd.DataFrame, groups: list[str], similarity: float, wordless: np.ndarray
) -> tuple[pd.Series, pd.Series]:
    """Why each row cannot be used (missing where it can), and the value that shows it."""
    reason = pd.Series(pd.NA, index=raw.index, dtype="str")
    detail = pd.Series("", index=raw.index, dtype="str")

    def drop(rows: pd.Series, why: str, shown: pd.Series) -> None:
        rows = rows & reason.isna()
        reason[rows], detail[rows] = why, shown[rows].fillna("").astype("str")

    drop(raw["text"].isna(), "empty text", raw["text"])
    drop(pd.Series(wordless, index=raw.index), "no words", raw["text"])
    drop(~raw["group"].isin(groups), "unknown group", raw["group"].fillna("(missing)"))
    drop(raw["date"].isna() & raw["_raw_date"].notna(), "unreadable date", raw["_raw_date"])
    drop(
        raw["comment_id"].where(reason.isna()).duplicated() & reason.isna(), "duplicate id", raw["comment_id"]
    )
    same = _plain(raw)
    first = raw["comment_id"].where(reason.isna()).groupby(same).transform("first")
    drop(same.where(reason.isna()).duplicated() & reason.isna(), "exact duplicate", "of " + first)
    open_rows = raw[reason.isna()]
    twins = near_duplicates(_lower(open_rows), similarity, open_rows[["group", "brand"]])
    of = pd.Series(raw["comment_id"].reindex(twins).to_numpy(), index=twins.index).reindex(raw.index)
    drop(of.notna(), "near duplicate", "of " + of)
    return reason, detail


def _plain(raw: pd.DataFrame) -> pd.Series:
    """Group, brand and plain text in one: equal for what counts as the same comment."""
    return raw["group"].fillna("") + "\t" + raw["brand"].fillna("") + "\t" + _lower(raw)


def _lower(raw: pd.DataFrame) -> pd.Series:
    """Texts in lower case without repeated spaces."""
    return raw["text"].fillna("").str.lower().str.replace(r"\s+", " ", regex=True).str.strip()


def _check_contract(raw: pd.DataFrame) -> None:
    """Refuse values that no later step could understand, naming file, row and column."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    numeric = pa.Check(lambda cells: ~pd.to_numeric(cells, errors="coerce").isna(), error="a number, as 4")  # type: ignore[attr-defined]
    schema = pa.DataFrameSchema(
        {
            "language": pa.Column(checks=pa.Check.isin(LANGUAGES, error=f"one of {', '.join(LANGUAGES)}")),
            "rating": pa.Column(checks=numeric, nullable=True),
            "text": pa.Column(nullable=True),
        }
    )
    try:
        schema.validate(raw, lazy=True)
    except SchemaErrors as error:
        case = error.failure_cases.sort_values("index").iloc[0]
        row = raw.loc[int(case["index"])]
        raise InputError(
            f"{row['file']}, row {row['row']}, column for '{case['column']}': expected {case['check']}, but "
            f"found {case['failure_case']!r} ({len(error.failure_cases)} such). Mend the file or its mapping."
        ) from None


def check_inputs(study: Study) -> dict[str, int]:
    """Open every input and check its columns, without keeping anything.

    Returns
    -------
    dict of str to int
        Rows of each file.

    Raises
    ------
    InputError
        As `load_comments`.
    """
    return {entry.file: len(_read_input(study, entry)) for entry in study.inputs}
