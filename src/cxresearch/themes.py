"""Apply the codebook: which codes a comment carries, and which of its words say so.

All patterns are matched on the numbers of distinct words: a pattern's first element gives its candidate
places from an index of where each word occurs; further elements only narrow them down.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pandas as pd

from .codebook import LONGEST_GAP, Codebook, parse_pattern
from .tokens import Words, fold, words

CODER = "dictionary"
COLUMNS = ["comment_id", "coder", "code", "start", "end", "matched", "pattern"]


class WordIndex:
    """Where each distinct word, brought to its plainest form, occurs in a text column."""

    def __init__(self, found: Words) -> None:
        plain = np.array([fold(form) for form in found.vocabulary], dtype=object)
        self.forms, of_form = (
            np.unique(plain, return_inverse=True) if len(plain) else (plain, plain.astype(int))
        )
        self.ids = of_form[found.ids]
        self.comment = found.comment
        self._order = np.argsort(self.ids, kind="stable")
        self._first = np.searchsorted(self.ids[self._order], np.arange(len(self.forms) + 1))

    def accepted(self, choices: tuple[str, ...]) -> np.ndarray:
        """Ids of the distinct words that one element of a pattern accepts."""
        spans = []
        for choice in choices:
            stem = choice.rstrip("*")
            low = bisect_left(self.forms, stem)
            high = bisect_left(self.forms, stem + ("\U0010ffff" if choice != stem else "\0"))
            spans.append(np.arange(low, high))
        return np.unique(np.concatenate(spans))

    def places(self, ids: np.ndarray) -> np.ndarray:
        """Word positions at which any of these words occurs, ascending."""
        parts = [self._order[self._first[i] : self._first[i + 1]] for i in ids]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def match(self, pattern: str) -> tuple[np.ndarray, np.ndarray]:
        """First and last word positions of the shortest occurrence of a pattern from each first word."""
        elements = parse_pattern(pattern)
        first = self.places(self.accepted(elements[0] or ()))
        last, reach = first, 1
        for element in elements[1:]:
            if element is None:
                reach += LONGEST_GAP
                continue
            row, last = self._next(last, self.accepted(element), reach)
            pairs = np.unique(first[row] * len(self.ids) + last)  # a gap may lead to one place twice
            (first, last), reach = np.divmod(pairs, len(self.ids)), 1
        first, nearest = np.unique(first, return_index=True)
        return first, last[nearest]

    def _next(self, last: np.ndarray, ids: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
        """All places of `ids` within `reach` words after each of `last`: which of them, and the place."""
        place = last[:, np.newaxis] + np.arange(1, reach + 1)
        inside = np.minimum(place, len(self.ids) - 1)
        fits = (self.comment[inside] == self.comment[last][:, np.newaxis]) & (inside == place)
        row, step = np.nonzero(fits & np.isin(self.ids[inside], ids))
        return row, place[row, step]


def code_comments(
    texts: pd.Series, language: pd.Series, codebook: Codebook, found: Words | None = None
) -> pd.DataFrame:
    """Code comments by the codebook's patterns.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,), indexed by comment_id
    language : pd.Series of str, same index
        A comment is coded by the patterns of its own language; other languages than ``es`` and ``en`` get
        no codes.
    codebook : Codebook
    found : Words, optional
        The words of `texts`, if they are already there.

    Returns
    -------
    pd.DataFrame, one row per trigger
        ``comment_id``, ``coder`` ("dictionary"), ``code``, ``start`` and ``end`` (characters of the
        comment), ``matched`` (those characters), ``pattern``. A code may have several triggers in one
        comment; overlapping triggers of one code are reduced to the longest. Comments without codes do not
        appear. Sorted by comment (in the order of `texts`), codebook order, start.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> book = load_codebook(find_study().codebook_path)
    >>> texts = pd.Series({"c1": "Llevo dos horas esperando en la línea", "c2": "Hola"})
    >>> coded = code_comments(texts, pd.Series("es", index=texts.index), book)
    >>> sorted(set(coded["comment_id"])), "efficiency" in set(coded["code"])
    (['c1'], True)
    """
    found = words(texts) if found is None else found
    index = WordIndex(found)
    spoken = language.to_numpy()
    hits = []
    for number, code in enumerate(codebook.codes):
        for tongue in ("es", "en"):
            for pattern in getattr(code.patterns, tongue):
                first, last = index.match(pattern)
                own = spoken[index.comment[first]] == tongue
                hits.append(_hit_rows(number, pattern, first[own], last[own]))
    table = (
        pd.concat(hits, ignore_index=True) if hits else _hit_rows(0, "", np.empty(0, int), np.empty(0, int))
    )
    table["comment"] = index.comment[table["first"]]
    return _triggers(_longest(table), found, texts, codebook)


def code_table(codes: pd.DataFrame, comment_ids: pd.Index, names: list[str]) -> pd.DataFrame:
    """Turn triggers into one row per comment and one true/false column per code.

    Parameters
    ----------
    codes : pd.DataFrame
        Has ``comment_id`` and ``code``; further columns do not matter.
    comment_ids : pd.Index
        The rows of the result; comments without codes are False throughout.
    names : list of str
        The columns of the result.

    Returns
    -------
    pd.DataFrame of bool, shape (n_comments, n_codes), indexed by comment_id

    Examples
    --------
    >>> codes = pd.DataFrame({"comment_id": ["c1", "c1"], "code": ["ease", "ease"]})
    >>> code_table(codes, pd.Index(["c1", "c2"]), ["ease", "loyalty"]).sum().to_dict()
    {'ease': 1, 'loyalty': 0}
    """
    wide = np.zeros((len(comment_ids), len(names)), dtype=bool)
    rows, columns = (
        comment_ids.get_indexer(pd.Index(codes["comment_id"])),
        pd.Index(names).get_indexer(pd.Index(codes["code"])),
    )
    known = (rows >= 0) & (columns >= 0)
    wide[rows[known], columns[known]] = True
    return pd.DataFrame(wide, index=pd.Index(comment_ids, name="comment_id"), columns=names)


def add_families(wide: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Add one column per family: whether the comment carries any of its codes.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> book = load_codebook(find_study().codebook_path)
    >>> codes = pd.DataFrame({"comment_id": ["c1"], "code": ["ease"]})
    >>> wide = code_table(codes, pd.Index(["c1"]), book.names)
    >>> add_families(wide, book)[["consumer_identity", "emotional_self"]].iloc[0].tolist()
    [True, False]
    """
    families = {f.family: wide[codebook.family_codes(f.family)].any(axis=1) for f in codebook.families}
    return wide.assign(**families)


def _hit_rows(number: int, pattern: str, first: np.ndarray, last: np.ndarray) -> pd.DataFrame:
    """Rows for the occurrences of one pattern."""
    return pd.DataFrame({"code": number, "pattern": pattern, "first": first, "last": last})


def _longest(table: pd.DataFrame) -> pd.DataFrame:
    """Of triggers of one code that overlap, keep the longest; of equally long ones the first."""
    table = table.sort_values(["comment", "code", "first", "last"], ascending=[True, True, True, False])
    reached = table.groupby(["comment", "code"])["last"].cummax()
    before = reached.groupby([table["comment"], table["code"]]).shift(fill_value=-1)
    cluster = (table["first"] > before).cumsum()  # overlapping ones follow one another
    table = table.assign(cluster=cluster, length=table["last"] - table["first"])
    return table.sort_values(["cluster", "length"], ascending=[True, False]).drop_duplicates("cluster")


def _triggers(table: pd.DataFrame, found: Words, texts: pd.Series, codebook: Codebook) -> pd.DataFrame:
    """Give triggers their comment, code and characters."""
    start, end = found.start[table["first"]], found.end[table["last"]]
    comment = texts.iloc[table["comment"].to_numpy()]
    return pd.DataFrame(
        {
            "comment_id": comment.index.to_numpy(),
            "coder": CODER,
            "code": np.array(codebook.names, dtype=object)[table["code"].to_numpy()],
            "start": start,
            "end": end,
            "matched": [text[a:b] for text, a, b in zip(comment, start, end, strict=True)],
            "pattern": table["pattern"].to_numpy(),
        },
        columns=COLUMNS,
    ).astype({"coder": "str", "code": "str", "matched": "str", "pattern": "str"})
