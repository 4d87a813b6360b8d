"""Read any comment file into the canonical table; keep a ledger of what was dropped and why.

Rows leave the study here and nowhere later, each with its reason: raw = kept + dropped in every run.
"""

import numpy as np
import pandas as pd

from . import privacy
from .errors import InputError
from .language import detect_languages
from .raw import read_input
from .study import OWN_COLUMNS, Study
from .tokens import tokenize, words

_DUPLICATES = ("duplicate id", "exact duplicate", "near duplicate")  # shown by ids, the others by the value
REASONS = ("empty text", "no words", "unknown group", "unreadable date", *_DUPLICATES)
_BLOCK = 500  # texts compared with all others at a time, to bound the memory


def load_comments(
    study: Study, *, near_duplicate: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Read a study's input files, mask personal data, and set aside what cannot be used.

    From the similarity `near_duplicate` (the study's if left out), texts of one group and brand count as the
    same. `InputError` names the file, row and column of what it refuses, and what to do.

    Returns
    -------
    comments : pd.DataFrame
        One row per usable comment: the columns of `cxresearch.study.COMMENT_COLUMNS`, ``second_language``,
        ``file`` and ``row`` (where it came from), and those under ``keep``. ``text`` and kept texts are
        masked, ``author`` is a pseudonym; ``date`` is a day, ``rating`` a number; both may be missing.
    dropped : pd.DataFrame
        ``file``, ``row``, ``reason`` (one of `REASONS`), ``detail`` and the masked ``text``.
    masked : pd.Series of int
        How many passages of the texts were masked, by kind.
    """
    raw = pd.concat([read_input(study, entry) for entry in study.inputs], ignore_index=True)
    raw["text"], masked = privacy.mask(raw["text"], keep_handles=study.brand_handles)
    kept = [name for name in raw if name not in (*OWN_COLUMNS, "_raw_date")]
    for column in kept:
        if raw[column].dtype.kind == "O":  # numbers stay for joining, also those written as text
            texts = raw[column].astype("str")
            hidden, _ = privacy.mask(texts, keep_handles=study.brand_handles)
            raw[column] = texts.where(texts.str.fullmatch(r"\d+", na=False), hidden)
    if raw["author"].notna().any():  # only then is a key needed, and made if there is none
        key = study.pseudonym_key.encode() if study.pseudonym_key else privacy.load_key(study.path.parent)
        raw["author"] = privacy.pseudonyms(raw["author"], key)
    tokens = tokenize(raw["text"])
    languages = detect_languages(raw["text"], tokens)
    raw["language"] = raw["language"].fillna(languages["language"])
    raw["second_language"] = languages["second_language"]
    raw["comment_id"] = raw["comment_id"].fillna(_content_ids(raw))
    similarity = near_duplicate or study.thresholds.near_duplicate
    wordless = np.diff(words(raw["text"], tokens).offsets) == 0
    dropped = _dropped(raw, study, similarity, wordless)
    comments = raw.drop(index=dropped.index)[[*OWN_COLUMNS, *kept]].astype({"rating": float})
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


def near_duplicates(texts: pd.Series, similarity: float) -> pd.Series:
    """Find texts that are nearly equal to an earlier one; no pair is missed.

    `similarity`, 0.5 to 1, is one minus the insertions and deletions needed, as a share of both lengths
    (rapidfuzz's ``ratio``); 1 switches the search off. For each near duplicate (index) the label of the first
    text it repeats, also by way of others.

    Examples
    --------
    >>> texts = pd.Series(["Gracias por escribirnos hoy", "Gracias por escribirnos hoy!", "Gracias"])
    >>> near_duplicates(texts, 0.95).to_dict()
    {1: 0}
    """
    from rapidfuzz.process import cdist  # its scorer is fuzz.ratio

    if similarity >= 1:
        return pd.Series(dtype=object)
    cells, cutoff = texts.to_numpy(dtype=object), 100 * similarity
    every = np.arange(len(texts))
    first = every.copy()  # of each text the first that it resembles
    for start in range(0, len(texts), _BLOCK):
        block, later = every[start : start + _BLOCK], every[start + 1 :]
        later = later[first[later] == later]  # not yet found
        ratio = cdist(cells[block], cells[later], score_cutoff=cutoff, dtype=np.uint8, workers=-1)
        close = (ratio > 0) & (block[:, None] < later)
        first[later] = np.where(close.any(axis=0), block[close.argmax(axis=0)], later)
    while (first != first[first]).any():
        first = first[first]
    repeated = np.flatnonzero(first != every)
    return pd.Series(texts.index[first[repeated]], index=texts.index[repeated])


def _content_ids(raw: pd.DataFrame) -> pd.Series:
    """Ids made of the content, the same in every run; not of the author, whose pseudonym depends on a key."""
    parts = raw[["text", "group", "brand", "date"]].astype("str").fillna("")
    same = parts.groupby(list(parts.columns)).cumcount().astype("str")
    hashed = pd.util.hash_pandas_object(parts.assign(same=same), index=False)
    return "c" + hashed.map("{:016x}".format).astype("str").str[:12]


def _dropped(raw: pd.DataFrame, study: Study, similarity: float, wordless: np.ndarray) -> pd.DataFrame:
    """Rows that cannot be used: file, row, reason, detail (the value that shows it) and text."""
    rows = raw[["file", "row"]].assign(reason="", detail="", text=raw["text"])

    def drop(these: pd.Series | np.ndarray, reason: str, detail: pd.Series) -> None:
        these = these & (rows["reason"] == "")
        rows.loc[these, "reason"], rows.loc[these, "detail"] = reason, detail[these].fillna("")

    def drop_repeated(values: pd.Series, reason: str, detail: pd.Series) -> None:
        values = values.where(rows["reason"] == "")
        drop(values.duplicated(), reason, detail.groupby(values).transform("first"))

    drop(raw["text"].isna(), "empty text", raw["text"])
    drop(wordless, "no words", raw["text"])
    drop(~raw["group"].isin(study.groups), "unknown group", raw["group"].fillna("(missing)"))
    drop(raw["date"].isna() & raw["_raw_date"].notna(), "unreadable date", raw["_raw_date"])
    rows["detail"], _ = privacy.mask(rows["detail"], keep_handles=study.brand_handles)
    ids = raw["comment_id"]
    drop_repeated(ids, "duplicate id", ids + ", as in " + raw["file"] + ", row " + raw["row"].astype("str"))
    plain = raw["text"].fillna("").str.lower().str.replace(r"\s+", " ", regex=True).str.strip()
    same = raw["group"].fillna("") + "\t" + raw["brand"].fillna("") + "\t" + plain
    drop_repeated(same, "exact duplicate", "of " + ids)
    if not (rows["reason"] == "").any():
        first = rows[rows["reason"] == rows["reason"].mode()[0]].iloc[0]
        raise InputError(
            f"None of the {len(raw)} rows can be used; the most frequent reason is '{first['reason']}', "
            f"first in {first['file']}, row {first['row']} ({first['detail']!r}). Check the columns, groups "
            "and day_first of each input in the study file."
        )
    alike = plain[rows["reason"] == ""].groupby([raw["group"], raw["brand"]], dropna=False)
    of = pd.concat([near_duplicates(texts, similarity) for _, texts in alike]).map(ids)
    drop(rows.index.isin(of.index), "near duplicate", "of " + of.reindex(raw.index))
    return rows[rows["reason"] != ""]
