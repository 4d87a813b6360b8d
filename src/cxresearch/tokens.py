"""Tokens: a text column becomes integer ids of its distinct words.

A million comments hold millions of words but far fewer distinct ones. So a column is split once, every
distinct word gets a number, and whatever has to be decided about a word is decided once (`Vocabulary`).
`tokenize` splits on white space only, as VADER does: ``"¡Muy bien!"`` gives ``¡Muy`` and ``bien!``; `words`
cuts further, into bare words, emoji and emoticons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Columns = tuple[np.ndarray, ...]
Decided = tuple[np.ndarray, Columns]
SpanRule = Callable[[str], list[tuple[int, int]]]
CHUNK = 100_000  # comments taken at a time; larger chunks take longer per comment

# Every character on which str.split() splits, so that Arrow and Python agree on what a token is.
_SPACES = r"[\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_STOPS = frozenset(",.;:!?…")
_LETTER = r"[^\W_][\u0300-\u036f]*"  # with its accents, if they are typed apart
SKIPPED = re.compile(r"(?i:https?://|www\.)\S+|@\w[\w.]*|[:;=]?\[(?:email|phone|card|iban|id|link)\]")
_UNITS = re.compile(
    rf"(?:{SKIPPED.pattern})"  # no named group
    r"|(?P<emoticon>(?:[:;=][-'’o]?|8-)(?:[)(\]\[\\|*]+|[DPpOo]+(?!\w)|/(?![\w/]))"
    r"|(?<!\w)[:;=]-?3+(?!\w)|<3+(?!\w)|\^_*\^|[xX][dD]+(?!\w))"
    rf"|(?P<word>(?:{_LETTER})+(?:['’](?:{_LETTER})+)*)"
    r"|(?P<emoji>[\u2600-\u27bf\u2b50\u2b55\u203c\u2049\U0001f000-\U0001faff])(?P=emoji)*"  # repeats are one
)


class Vocabulary(list[str]):
    """Distinct forms, numbered in order of first appearance; kept over chunks, each is looked at once in all.

    Examples
    --------
    >>> vocabulary = Vocabulary()
    >>> vocabulary.number(["muy", "bien", "muy"]).tolist(), vocabulary.number(["mal", "", "bien"]).tolist()
    ([0, 1, 0], [2, -1, 1])
    """

    def __init__(self) -> None:
        super().__init__()
        self._forms = pa.array([], pa.string())
        self._decided: dict[object, Decided] = {}

    def number(self, forms: pa.Array | list[str]) -> np.ndarray:
        """Number of each form, shape (n_forms,), -1 for empty ones; forms not met before are added."""
        encoded = pa.array(forms, pa.string()).dictionary_encode()
        distinct = encoded.dictionary
        numbers = pc.index_in(distinct, self._forms).fill_null(-1).to_numpy().copy()
        unknown = (numbers < 0) & pc.not_equal(distinct, "").to_numpy(zero_copy_only=False)
        numbers[unknown] = len(self) + np.arange(unknown.sum())
        new = distinct.filter(pa.array(unknown))
        self._forms = pa.concat_arrays([self._forms, new])
        self.extend(new.to_pylist())
        return numbers[encoded.indices.to_numpy()]

    def decide(self, rule: Callable[[list[str]], Columns], asked: np.ndarray, name: object = None) -> Decided:
        """Ask `rule` about the forms with these numbers, of each only once; `name` stands for the rule.

        Returns the row of each form and the columns that hold the answers; row 0 is the answer to an empty
        form, and stands for those not asked about yet.
        """
        row, columns = self._decided.get(name or rule) or (np.empty(0, dtype=np.int32), rule([""]))
        row = np.concatenate([row, np.zeros(len(self) - len(row), dtype=np.int32)])  # forms that are new
        new = asked[row[asked] == 0]
        if len(new):
            answers = rule(list(map(self.__getitem__, new.tolist())))
            columns = tuple(map(np.concatenate, zip(columns, answers, strict=True)))
            row[new] = row.max() + 1 + np.arange(len(new))
        self._decided[name or rule] = row, columns
        return row, columns


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text column.

    `ids`, int32, shape (n_tokens,), give the place of each token's form in `vocabulary`, in reading order.
    Comment ``i`` owns ``ids[offsets[i]:offsets[i + 1]]``; `offsets`, int64, have shape (n_comments + 1,).
    """

    ids: np.ndarray
    offsets: np.ndarray
    vocabulary: Vocabulary

    @cached_property
    def comment(self) -> np.ndarray:
        """For each token the number of its comment, shape (n_tokens,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def forms(self) -> np.ndarray:
        """Numbers of the forms that occur, ascending."""
        return np.flatnonzero(np.bincount(self.ids, minlength=len(self.vocabulary)))

    def decide(self, rule: Callable[[list[str]], Columns], name: object = None) -> Decided:
        """Ask `rule` about each form that occurs, once: see `Vocabulary.decide`."""
        return self.vocabulary.decide(rule, self.forms, name)

    def total(self, places: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        """Sum per comment over some tokens, given by their places: of values, or else their number."""
        return np.bincount(self.comment[places], values, minlength=len(self.offsets) - 1)

    def take(self, comments: np.ndarray) -> Tokens:
        """Return the tokens of some comments, given by their numbers in ascending order."""
        if len(comments) == len(self.offsets) - 1:
            return self
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets)[comments])])
        return Tokens(self.ids[np.isin(self.comment, comments)], offsets, self.vocabulary)

    def respell(self, rule: Callable[[str], str]) -> Tokens:
        """Put what `rule` makes of its form in the place of every token; leave out what becomes empty."""
        number = self.vocabulary.number
        row, (spelt,) = self.decide(lambda forms: (number(list(map(rule, forms))),), name=rule)
        return _without_empty(spelt[row][self.ids], self.offsets, self.vocabulary)

    def cut(self, rule: SpanRule) -> tuple[Tokens, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Cut every token at the spans that `rule` gives of its form.

        Returns the parts as tokens and, for each part, the place of its token, where it starts and ends
        within it, and whether a mark that ends a clause follows.
        """

        def cut(forms: list[str]) -> Columns:
            sizes, pieces, places = [], [], []
            for form in forms:
                spans = rule(form)
                sizes.append(len(spans))
                for (start, end), (after, _) in pairwise([*spans, (len(form), 0)]):
                    pieces.append(form[start:end])
                    places.append((start, end, not _STOPS.isdisjoint(form[end:after])))
            starts, ends, stops = np.array(places, dtype=np.int32).reshape(-1, 3).T
            return np.array(sizes), self.vocabulary.number(pieces), starts, ends, stops.astype(bool)

        row, (sizes, part, start, end, stops) = self.decide(cut, name=rule)
        counts = sizes[row][self.ids]
        before = np.concatenate([[0], np.cumsum(counts)])
        first = (np.cumsum(sizes) - sizes)[row][self.ids]  # where a token's parts begin
        token = np.repeat(np.arange(len(self.ids)), counts)
        rows = np.arange(before[-1]) + (first - before[:-1])[token]
        parts = Tokens(part[rows], before[self.offsets], self.vocabulary)
        return parts, token, start[rows], end[rows], stops[rows]


@dataclass(frozen=True)
class Words(Tokens):
    """Bare words, emoji and emoticons of a text column; for each where it is, as arrays of shape (n_words,).

    ``text[start:end]`` is the word as typed; `stops` says whether a mark that ends a clause follows.
    """

    start: np.ndarray
    end: np.ndarray
    stops: np.ndarray


def tokenize(texts: pd.Series, vocabulary: Vocabulary | None = None) -> Tokens:
    """Split comments on white space and number the distinct tokens.

    Missing texts count as empty: no tokens. Numbers are read as text, half characters as U+FFFD.
    `vocabulary` is that of earlier chunks of the column, to go on with.

    Examples
    --------
    >>> tokens = tokenize(pd.Series(["muy bien", "muy muy mal", ""]))
    >>> tokens.vocabulary, tokens.ids.tolist(), tokens.offsets.tolist()
    (['muy', 'bien', 'mal'], [0, 1, 0, 0, 2], [0, 2, 5, 5])
    """
    vocabulary = Vocabulary() if vocabulary is None else vocabulary
    lists = _split(texts)
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return _without_empty(vocabulary.number(lists.values), offsets, vocabulary)  # runs of spaces leave some


def chunks(texts: pd.Series, tokens: Tokens | None = None) -> Iterator[tuple[int, Tokens]]:
    """Tokens of a long column piece by piece, each with its first comment; those given count as one piece."""
    if tokens is not None:
        yield 0, tokens
        return
    vocabulary = Vocabulary()
    for start in range(0, max(len(texts), 1), CHUNK):
        yield start, tokenize(texts.iloc[start : start + CHUNK], vocabulary)


def words(texts: pd.Series, tokens: Tokens | None = None) -> Words:
    """Cut comments (or their `tokens`, if they are already there) into bare words, emoji and emoticons.

    Handles (``@someone``), links, the masks of `cxresearch.privacy` and missing texts give no word.

    Examples
    --------
    >>> found = words(pd.Series(["@Telvanta ¡No funciona!😡"]))
    >>> [found.vocabulary[i] for i in found.ids], found.start.tolist(), found.end.tolist()
    (['No', 'funciona', '😡'], [11, 14, 23], [13, 22, 24])
    """
    tokens = tokenize(texts) if tokens is None else tokens
    cut, token, start, end, stops = tokens.cut(word_spans)
    lists = _split(texts)
    sizes = pc.utf8_length(lists.values).to_numpy() + 1  # and the space that follows
    starts, offsets = np.concatenate([[0], np.cumsum(sizes)]), lists.offsets.to_numpy()
    first = np.repeat(starts[offsets[:-1]], np.diff(offsets))
    at = (starts[:-1] - first)[sizes > 1][token]
    return Words(cut.ids, cut.offsets, cut.vocabulary, at + start, at + end, stops)


def word_spans(form: str) -> list[tuple[int, int]]:
    """Where the words, emoji and emoticons of a token start and end.

    Examples
    --------
    >>> word_spans("¡Gracias!:)")
    [(1, 8), (9, 11)]
    """
    if form.isalpha():  # most tokens
        return [(0, len(form))]
    return [match.span() for match in _UNITS.finditer(form) if match.lastgroup]


def fold(word: str) -> str:
    """Bring a word to its plainest form: lower case, without accents and apostrophes, ñ as n.

    Examples
    --------
    >>> fold("Señorío"), fold("DON'T")
    ('senorio', 'dont')
    """
    if word.isascii():
        return word.lower().replace("'", "")
    bare = unicodedata.normalize("NFD", word.lower().replace("'", "").replace("’", ""))
    return "".join(c for c in bare if not unicodedata.combining(c))


def _without_empty(ids: np.ndarray, offsets: np.ndarray, vocabulary: Vocabulary) -> Tokens:
    """Tokens without those that have no form."""
    empty = np.flatnonzero(ids < 0)
    return Tokens(np.delete(ids, empty), offsets - np.searchsorted(empty, offsets), vocabulary)


def _split(texts: pd.Series) -> pa.ListArray:
    """Split each text at every white-space character: tokens, and nothing between two such characters."""
    try:
        column = pa.array(texts.astype("str"), pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:  # half of a surrogate pair, as broken exports leave them
        whole = [str(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        column = pa.array(pd.Series(whole, index=texts.index).where(texts.notna()), pa.large_string())
    if isinstance(column, pa.ChunkedArray):  # what concatenated tables come as
        column = column.combine_chunks()
    if column.nbytes < 2**31:  # what 32-bit offsets reach; splitting is faster with them
        column = column.cast(pa.string())
    return pc.split_pattern(pc.replace_substring_regex(column.fill_null(""), _SPACES, " "), " ")
