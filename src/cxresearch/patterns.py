"""The codebook's pattern language: word sequences with gaps and alternatives, found all at once.

A pattern is a sequence of elements separated by spaces, compared with a comment word by word after both
are brought to lower case without accents and apostrophes:

=================  ===============================================================
``espera``         this word
``esper*``         any word that starts so (three letters at least)
``(no|nunca)``     one of these words or prefixes
``no * respond*``  a lone ``*`` stands for up to three words in between
``no *8 llega*``   with a number, for up to so many (twenty at most)
=================  ===============================================================

`docs/codebook.md` explains them, and the conditions a codebook may put on them, on one page.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

from .tokens import Tokens, fold

GAP, LONGEST_GAP = 3, 20  # words that a lone * stands for at most; the most that may be asked for
Element = int | tuple[str, ...]
Found = tuple[np.ndarray, np.ndarray, np.ndarray]
_PART = re.compile(r"\([^()]*\)|[^\s()]+|[()]")
_PLAIN = re.compile(r"[^*|]+\*?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\*?")


@cache
def parse_pattern(pattern: str) -> tuple[Element, ...]:
    """Split a pattern into its elements: the words (folded) and prefixes each accepts, or a gap's length.

    ValueError says what is wrong with the pattern.

    Examples
    --------
    >>> parse_pattern("no * (respond*|contestó)")
    (('no',), 3, ('respond*', 'contesto'))
    """
    elements: list[Element] = []
    if re.search(r"\.[*+?]|[\[\]^$+\\]", pattern):
        raise ValueError("patterns are not regular expressions; write esper* for any ending, * for a gap")
    for part in _PART.findall(unicodedata.normalize("NFC", pattern)):
        gap = re.fullmatch(r"\*(\d*)", part)
        if gap and elements and isinstance(elements[-1], int):
            raise ValueError("two gaps follow each other; write one, such as *6 for up to six words")
        if gap:
            elements.append(int(gap[1] or GAP))
        elif part in ("(", ")"):
            raise ValueError("a bracket is open; write alternatives as (one|two|thr*)")
        elif part.startswith("("):
            elements.append(tuple(_word(choice) for choice in part[1:-1].split("|")))
        elif not _PLAIN.fullmatch(part):
            raise ValueError(f"'{part}' is not one word or prefix; write alternatives as (one|two|thr*)")
        else:
            elements.extend((_word(word),) for word in _WORD.findall(part) or [part])
    if not elements or isinstance(elements[0], int) or isinstance(elements[-1], int):
        raise ValueError("a pattern begins and ends with a word, not with a gap")
    for size in (element for element in elements if isinstance(element, int)):
        if not 1 <= size <= LONGEST_GAP:
            raise ValueError(f"a gap of {size} words; it may be 1 to {LONGEST_GAP} long")
    return tuple(elements)


class Patterns:
    """Patterns to look for, kept as a tree: each node is a beginning that some pattern has.

    `plain` brings the words of a comment to how the patterns' are written.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.tokens import words
    >>> found = words(pd.Series(["No me han respondido", "Nadie contesta"]))
    >>> which, first, last = Patterns(["nadie", "no * respond*"]).find(found)
    >>> which.tolist(), first.tolist(), last.tolist()
    ([0, 1], [4, 0], [4, 3])
    """

    def __init__(self, patterns: Iterable[str], plain: Callable[[str], str] = fold) -> None:
        steps: dict[tuple[int, Element], int] = {}  # node and element lead to a node; 0: nothing matched yet
        ends, accepts = [], defaultdict[str, set[tuple[int, int]]](set)
        for number, pattern in enumerate(patterns):
            node = 0
            for element in parse_pattern(pattern):
                node = steps.setdefault((node, element), len(steps) + 1)
            ends.append((node, number))
        gaps = [(node, to, element) for (node, element), to in steps.items() if isinstance(element, int)]
        for (node, element), to in steps.items():
            for choice in element if isinstance(element, tuple) else ():
                accepts[choice].add((node, to))
        self._end_node, self._end_of = _columns(ends, 2)
        self._gap_node, self._gap_to, self._gap_size = _columns(gaps, 3)
        self._bit = np.uint64(1) << (np.arange(len(steps) + 1) % 64).astype(np.uint64)
        self._plain, self._accepts, self._heads = plain, accepts, {choice[:3] for choice in accepts}
        self._lengths = sorted({len(choice) - 1 for choice in accepts if choice.endswith("*")})
        self._kinds: dict[tuple[str, ...], int] = {(): 0}  # words that fit the same choices are of one kind
        self._hint = np.empty(0, dtype=np.uint64)  # per kind a bit for every node it leads on from, modulo 64

    def find(self, tokens: Tokens) -> Found:
        """Every occurrence: number of the pattern, first word and last word, by their places in `tokens`.

        Sorted by pattern, first word, last word; a gap may let a pattern end in several places.
        """
        row, (kinds,) = tokens.decide(self._kinds_of)
        kind, nodes = kinds[row][tokens.ids], np.int64(len(self._bit))
        after = np.append(kind[1:], np.int32(0))
        after[tokens.offsets[1:] - 1] = 0  # nothing follows the last word of a comment
        begins = self._hint & self._bit[0] > 0
        at = start = np.flatnonzero(begins[kind])
        node, ended = np.zeros_like(at), [np.empty((3, 0), dtype=np.int64)]
        while len(at):
            state, step = _pairs(self._keys, kind[at] * nodes + node)
            node, start, at = self._to[step], start[state], at[state]
            row, end = _pairs(self._end_node, node)
            ended.append(np.stack([self._end_of[end], start[row], at[row]]))
            row, gap = _pairs(self._gap_node, node)
            left = tokens.offsets[tokens.comment[at[row]] + 1] - at[row] - 1  # words of the comment
            copy, skipped = _ranges(np.minimum(self._gap_size[gap] + 1, left))
            row, gap = row[copy], gap[copy]
            on = np.flatnonzero(self._hint[after[at]] & self._bit[node])
            node = np.concatenate([node[on], self._gap_to[gap]])
            start = np.concatenate([start[on], start[row]])
            at = np.concatenate([at[on], at[row] + skipped]) + 1
            if len(at) > 16 * len(kind):  # gap upon gap leads to the same places again and again
                node, start, at = _distinct(np.stack([node, start, at]))
        which, first, last = _distinct(np.concatenate(ended, axis=1))
        return which, first, last

    def _kinds_of(self, forms: list[str]) -> tuple[np.ndarray]:
        """Number of each form's kind, 0 for those that fit nothing."""
        words = map(self._plain, forms)
        kinds = [self._kind(word) if word[:3] in self._heads else 0 for word in words]
        if len(self._kinds) > len(self._hint):
            choices = [(choice, kind) for fits, kind in self._kinds.items() for choice in fits]
            steps = [(kind, node, to) for choice, kind in choices for node, to in self._accepts[choice]]
            kind, node, self._to = _distinct(_columns(steps, 3))
            self._keys = kind * len(self._bit) + node
            self._hint = np.zeros(len(self._kinds), dtype=np.uint64)
            np.bitwise_or.at(self._hint, kind, self._bit[node])
        return (np.array(kinds, dtype=np.int32),)

    def _kind(self, word: str) -> int:
        """Number of a word's kind: those that fit the same words and prefixes have the same."""
        choices = [word, *(f"{word[:length]}*" for length in self._lengths if length <= len(word))]
        return self._kinds.setdefault(tuple(filter(self._accepts.__contains__, choices)), len(self._kinds))


def _word(text: str) -> str:
    """Fold one word or prefix, refusing what could never match or would match nearly everything."""
    text = text.strip()
    if not _WORD.fullmatch(text):
        raise ValueError(f"'{text}' is not one word; alternatives are single words or prefixes")
    stem, star, _ = fold(text).partition("*")
    if star and len(stem) < 3:
        raise ValueError(f"'{text}' has fewer than three letters before the *")
    return stem + star


def _columns(rows: list[tuple], width: int) -> np.ndarray:
    """Sorted rows of numbers as columns."""
    return np.array(sorted(rows), dtype=np.int64).reshape(-1, width).T


def _ranges(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the members of groups of these sizes: the group of each, and its place within."""
    row = np.repeat(np.arange(len(sizes)), sizes)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _distinct(rows: np.ndarray) -> np.ndarray:
    """The distinct columns of some rows of numbers from 0, sorted by the first row, then the next."""
    rows = rows[:, np.lexsort(rows[::-1])]  # np.unique does the same, twenty times as slowly
    return rows[:, np.diff(rows, axis=1, prepend=-1).any(axis=0)]


def _pairs(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of equal values: their places in `wanted`, and in the sorted `keys`."""
    distinct, first, times = np.unique(keys, return_index=True, return_counts=True)
    place = np.searchsorted(distinct, wanted)
    some = np.flatnonzero(np.append(distinct, -1)[place] == wanted)
    row, step = _ranges(times[place[some]])
    return some[row], first[place[some]][row] + step
