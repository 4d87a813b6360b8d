"""Apply the codebook: which codes a comment carries, and which of its words say so.

Patterns are matched on the numbers of distinct words, all comments at once: the first element of a pattern
gives its candidate places; further elements only narrow them down.
"""

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
        self.forms, of_form = np.unique(plain, return_inverse=True)
        self.ids = of_form[found.ids]
        self.comment = found.comment
        self._order = np.argsort(self.ids, kind="stable")
        self._first = np.searchsorted(self.ids[self._order], np.arange(len(self.forms) + 1))

    def accepted(self, choices: tuple[str, ...] | None) -> np.ndarray:
        """Which of the distinct words one element of a pattern accepts."""
        mask = np.zeros(len(self.forms), dtype=bool)
        for choice in choices or ():
            stem = choice.rstrip("*")
            end = stem + ("\U0010ffff" if choice != stem else "\0")
            mask[bisect_left(self.forms, stem) : bisect_left(self.forms, end)] = True
        return mask

    def match(self, pattern: str) -> tuple[np.ndarray, np.ndarray]:
        """First and last word positions of the shortest occurrence of a pattern from each first word."""
        elements = parse_pattern(pattern)
        starts = np.flatnonzero(self.accepted(elements[0]))
        parts = [self._order[self._first[i] : self._first[i + 1]] for i in starts]
        first = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
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

    def _next(self, last: np.ndarray, mask: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
        """All accepted words within `reach` words after each of `last`: after which one, and where."""
        place = last[:, np.newaxis] + np.arange(1, reach + 1)
        inside = np.minimum(place, len(self.ids) - 1)
        fits = (self.comment[inside] == self.comment[last][:, np.newaxis]) & (inside == place)
        row, step = np.nonzero(fits & mask[self.ids[inside]])
        return row, place[row, step]


def code_comments(texts: pd.Series, language: pd.Series, codebook: Codebook) -> pd.DataFrame:
    """Code comments by the codebook's patterns.

    Parameters
    ----------
    texts, language : pd.Series of str, shape (n_comments,), indexed by comment_id
        A comment is coded by the patterns of its own language; in others than ``es`` and ``en``, by none.

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
    >>> book = load_codebook("data/raw/codebook.yaml")
    >>> texts = pd.Series({"c1": "Llevo dos horas esperando en la línea", "c2": "Hola"})
    >>> coded = code_comments(texts, pd.Series("es", index=texts.index), book)
    >>> sorted(set(coded["comment_id"])), "efficiency" in set(coded["code"])
    (['c1'], True)
    """
    found = words(texts)
    index, spoken = WordIndex(found), language.to_numpy()
    parts = [pd.DataFrame(columns=["code", "pattern", "first", "last"], dtype=int)]  # or none
    for number, code in enumerate(codebook.codes):
        for tongue, patterns in code.patterns:
            for pattern in patterns:
                first, last = index.match(pattern)
                own = spoken[index.comment[first]] == tongue
                places = {"first": first[own], "last": last[own]}
                parts.append(pd.DataFrame({"code": number, "pattern": pattern} | places))
    table = pd.concat(parts, ignore_index=True)
    table = _longest(table.assign(comment=index.comment[table["first"]]))
    comment = texts.iloc[table["comment"].to_numpy()]
    start, end = found.start[table["first"]], found.end[table["last"]]
    matched = [text[a:b] for text, a, b in zip(comment, start, end, strict=True)]
    table["code"] = np.array(codebook.names, dtype=object)[table["code"]]
    table["comment_id"] = comment.index.to_numpy()
    table = table.assign(coder=CODER, start=start, end=end, matched=matched)
    types = dict.fromkeys(["coder", "code", "matched", "pattern"], "str")
    return table[COLUMNS].astype(types).reset_index(drop=True)


def code_table(codes: pd.DataFrame, comment_ids: pd.Index, names: list[str]) -> pd.DataFrame:
    """Turn triggers into one row per comment (False throughout if it has none) and one column per code, bool.

    Of `codes` only ``comment_id`` and ``code`` matter; rows and columns follow `comment_ids` and `names`.

    Examples
    --------
    >>> codes = pd.DataFrame({"comment_id": ["c1", "c1"], "code": ["ease", "ease"]})
    >>> code_table(codes, pd.Index(["c1", "c2"]), ["ease", "loyalty"]).sum().to_dict()
    {'ease': 1, 'loyalty': 0}
    """
    given = pd.crosstab(codes["comment_id"], codes["code"]) > 0
    wide = given.reindex(index=comment_ids, columns=names, fill_value=False).astype(bool)
    return wide.rename_axis(index="comment_id", columns=None)


def add_families(wide: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Add one column per family: whether the comment carries any of its codes.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> book = load_codebook("data/raw/codebook.yaml")
    >>> wide = pd.DataFrame(False, index=["c1"], columns=book.names).assign(ease=True)
    >>> add_families(wide, book)[["consumer_identity", "emotional_self"]].iloc[0].tolist()
    [True, False]
    """
    families = {f.family: wide[codebook.family_codes(f.family)].any(axis=1) for f in codebook.families}
    return wide.assign(**families)


def _longest(table: pd.DataFrame) -> pd.DataFrame:
    """Of triggers of one code that overlap, keep the longest; of equally long ones the first."""
    table = table.sort_values(["comment", "code", "first", "last"], ascending=[True, True, True, False])
    reached = table.groupby(["comment", "code"])["last"].cummax()
    before = reached.groupby([table["comment"], table["code"]]).shift(fill_value=-1)
    cluster = (table["first"] > before).cumsum()  # overlapping ones follow one another
    table = table.assign(cluster=cluster, length=table["last"] - table["first"])
    return table.sort_values(["cluster", "length"], ascending=[True, False]).drop_duplicates("cluster")
