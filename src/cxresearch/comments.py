"""Read any comment file into the canonical table; keep a ledger of what was dropped and why.

Rows leave the study here and nowhere later. Whatever cannot be used goes to a second table with its file,
row and reason, so that raw = kept + dropped in every run.
"""

import numpy as np
import pandas as pd

from . import privacy
from .duplicates import near_duplicates
from .errors import InputError
from .language import detect_languages
from .raw import read_inputs
from .study import COMMENT_COLUMNS, Study
from .tokens import Words, tokenize, words

_QUOTED = ("no words", "unknown group", "unreadable date")  # shown by the value itself, the others by ids
REASONS = ("empty text", *_QUOTED, "duplicate id", "exact duplicate", "near duplicate")
_OWN = (*COMMENT_COLUMNS, "second_language", "file", "row", "_raw_date")


def load_comments(
    study: Study, *, near_duplicate: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Read a study's input files, mask personal data, and set aside what cannot be used.

    `InputError` names the file, row and column of what it refuses, and what to do.

    Parameters
    ----------
    near_duplicate : float, optional
        Similarity from which texts of one group and brand count as the same; the study's if left out.

    Returns
    -------
    comments : pd.DataFrame
        One row per usable comment: the columns of `cxresearch.study.COMMENT_COLUMNS`, those under ``keep``,
        and ``file`` and ``row`` (where it came from). ``text`` and kept texts are masked, ``author`` is a
        pseudonym; ``date`` is a day, ``rating`` a number; both may be missing.
    dropped : pd.DataFrame
        ``file``, ``row``, ``reason`` (one of `REASONS`), ``detail`` and the masked ``text``.
    masked : pd.Series of int
        How many passages of the texts were masked, by kind.
    """
    raw = read_inputs(study)
    raw["text"], masked = privacy.mask(raw["text"], keep_handles=study.brand_handles)
    kept = [name for name in raw if name not in _OWN]
    for column in kept:
        raw[column] = _mask_kept(raw[column], study)
    if raw["author"].notna().any():  # only then is a key needed, and made if there is none
        key = study.pseudonym_key.encode() if study.pseudonym_key else privacy.load_key(study.path.parent)
        raw["author"] = privacy.pseudonyms(raw["author"], key)
    tokens = tokenize(raw["text"])
    found, languages = words(raw["text"], tokens), detect_languages(raw["text"], tokens)
    raw = raw.assign(second_language=languages["second_language"])
    raw["language"] = raw["language"].fillna(languages["language"])
    raw["comment_id"] = raw["comment_id"].fillna(_content_ids(raw))
    dropped = _dropped(raw, study, near_duplicate or study.thresholds.near_duplicate, found)
    order = [*COMMENT_COLUMNS, "second_language", "file", "row", *kept]
    comments = raw.drop(index=dropped.index)[order].astype({"rating": float})
    return comments.reset_index(drop=True), dropped.reset_index(drop=True), masked


def ledger(comments: pd.DataFrame, dropped: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of what `load_comments` returns: one row per file, the last for ``all files``.

    Columns: ``raw``, one per reason, and ``kept``; raw = kept + all reasons in every row.

    Examples
    --------
    >>> kept = pd.DataFrame({"file": ["a.csv", "a.csv"]})
    >>> gone = pd.DataFrame({"file": ["a.csv"], "reason": ["empty text"]})
    >>> ledger(kept, gone).loc["a.csv", ["raw", "empty text", "kept"]].tolist()
    [3, 1, 2]
    """
    rows = pd.concat([comments[["file"]].assign(reason="kept"), dropped[["file", "reason"]]])
    counts = pd.crosstab(rows["file"], rows["reason"], margins=True, margins_name="all files")
    counts = counts.rename(columns={"all files": "raw"})
    files, columns = [*rows["file"].unique(), "all files"], ["raw", *REASONS, "kept"]
    return counts.reindex(files, columns=columns, fill_value=0).rename_axis(index="file", columns=None)


def _content_ids(raw: pd.DataFrame) -> pd.Series:
    """Ids for comments without one, made of their content: the same comment has the same id in every run.

    The author is left out: pseudonyms depend on a key, and hand codes must find their comments without it.
    """
    parts = raw[["text", "group", "brand", "date"]].astype("str").fillna("")
    same = parts.groupby(list(parts.columns)).cumcount().astype("str")
    hashed = pd.util.hash_pandas_object(parts.assign(same=same), index=False)
    return "c" + hashed.map("{:016x}".format).astype("str").str[:12]


def _mask_kept(cells: pd.Series, study: Study) -> pd.Series:
    """A kept column with its texts masked; numbers, also those written as text, stay for joining."""
    if cells.dtype.kind != "O":
        return cells
    texts = cells.astype("str")
    masked, _ = privacy.mask(texts, keep_handles=study.brand_handles)
    return texts.where(texts.str.fullmatch(r"\d+", na=False), masked)


def _dropped(raw: pd.DataFrame, study: Study, similarity: float, found: Words) -> pd.DataFrame:
    """Rows that cannot be used: file, row, reason, detail (the value that shows it) and text."""
    reason, detail = _reasons(raw, study, similarity, found)
    masked, _ = privacy.mask(detail, keep_handles=study.brand_handles)
    detail = detail.mask(reason.isin(_QUOTED), masked)
    if reason.notna().all():
        most = reason.mode()[0]
        example = raw.assign(detail=detail)[reason == most].iloc[0]
        raise InputError(
            f"None of the {len(raw)} rows can be used; the most frequent reason is '{most}', first in "
            f"{example['file']}, row {example['row']} ({example['detail']!r}). Check the columns, groups and "
            "day_first of each input in the study file."
        )
    return raw[["file", "row"]].assign(reason=reason, detail=detail, text=raw["text"])[reason.notna()]


def _reasons(raw: pd.DataFrame, study: Study, similarity: float, found: Words) -> tuple[pd.Series, pd.Series]:
    """Why each row cannot be used (missing where it can), and the value that shows it."""
    reason = pd.Series(pd.NA, index=raw.index, dtype="str")
    detail = pd.Series("", index=raw.index, dtype="str")

    def drop(rows: pd.Series, why: str, shown: pd.Series) -> None:
        rows = rows & reason.isna()
        reason[rows], detail[rows] = why, shown[rows].fillna("").astype("str")

    def drop_repeated(values: pd.Series, why: str, shown: pd.Series) -> None:
        values = values.where(reason.isna())
        drop(values.duplicated(), why, shown.groupby(values).transform("first"))

    drop(raw["text"].isna(), "empty text", raw["text"])
    drop(pd.Series(np.diff(found.offsets) == 0, index=raw.index), "no words", raw["text"])
    drop(~raw["group"].isin(study.groups), "unknown group", raw["group"].fillna("(missing)"))
    drop(raw["date"].isna() & raw["_raw_date"].notna(), "unreadable date", raw["_raw_date"])
    ids = raw["comment_id"]
    drop_repeated(ids, "duplicate id", ids + ", as in " + raw["file"] + ", row " + raw["row"].astype("str"))
    plain = raw["text"].fillna("").str.lower().str.replace(r"\s+", " ", regex=True).str.strip()
    same = raw["group"].fillna("") + "\t" + raw["brand"].fillna("") + "\t" + plain
    drop_repeated(same, "exact duplicate", "of " + ids)
    twins = near_duplicates(plain[reason.isna()], similarity, raw.loc[reason.isna(), ["group", "brand"]])
    of = twins.map(ids).reindex(raw.index)
    drop(of.notna(), "near duplicate", "of " + of)
    return reason, detail
