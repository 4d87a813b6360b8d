"""Tokens: a text column becomes integer ids of its distinct words.

A million comments hold millions of words but far fewer distinct ones. So a column is split once, every
distinct word gets a number, and whatever has to be decided about a word is decided once (`Vocabulary`).
What is left per comment is arithmetic on whole numbers.

Two views of the same column:

* `tokenize` splits on white space only, as VADER does: ``"¡Muy bien!"`` gives ``¡Muy`` and ``bien!``.
* `words` cuts those tokens further into bare words, emoji and emoticons, each with its place in the text;
  handles, links and the masks of `cxresearch.privacy` are left out, so that they never count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .vocabulary import Columns, Decided, Vocabulary

SpanRule = Callable[[str], list[tuple[int, int]]]
CHUNK = 100_000  # comments taken at a time; larger chunks take longer per comment

# Every character on which str.split() splits, so that Arrow and Python agree on what a token is.
_SPACES = (
    r"[\t\n\x0b\x0c\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)

_STOPS = frozenset(",.;:!?…")
_LETTER = r"[^\W_][\u0300-\u036f]*"  # with its accents, if they are typed apart
_SKIPPED = r"(?i:https?://|www\.)\S+|@\w[\w.]*|[:;=]?\[(?:email|phone|card|iban|id|link)\]"
_UNITS = re.compile(
    rf"(?:{_SKIPPED})"  # no named group
    r"|(?P<emoticon>(?:[:;=][-'’o]?|8-)(?:[)(\]\[\\|*]+|[DPpOo]+(?!\w)|/(?![\w/]))"
    r"|(?<!\w)[:;=]-?3+(?!\w)|<3+(?!\w)|\^_*\^|[xX][dD]+(?!\w))"
    rf"|(?P<word>(?:{_LETTER})+(?:['’](?:{_LETTER})+)*)"
    r"|(?P<emoji>[\u2600-\u27bf\u2b50\u2b55\u203c\u2049\U0001f000-\U0001faff])(?P=emoji)*"  # repeats are one
)


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text column.

    Attributes
    ----------
    ids : np.ndarray of int32, shape (n_tokens,)
        For each token in reading order, the place of its form in `vocabulary`.
    offsets : np.ndarray of int64, shape (n_comments + 1,)
        Comment ``i`` owns ``ids[offsets[i]:offsets[i + 1]]``.
    vocabulary : Vocabulary
        The distinct forms, in order of first appearance.
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
        chosen = np.zeros(len(self.offsets) - 1, dtype=bool)
        chosen[comments] = True
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets)[comments])])
        return Tokens(self.ids[chosen[self.comment]], offsets, self.vocabulary)

    def respell(self, rule: Callable[[str], str]) -> Tokens:
        """Put what `rule` makes of its form in the place of every token; leave out what becomes empty.

        Examples
        --------
        >>> tokens = tokenize(pd.Series(["Muy bien !", "muy mal"])).respell(lambda form: form.strip("!"))
        >>> [tokens.vocabulary[i] for i in tokens.ids], tokens.offsets.tolist()
        (['Muy', 'bien', 'muy', 'mal'], [0, 2, 4])
        """

        def respell(forms: list[str]) -> Columns:
            return (self.vocabulary.number([rule(form) for form in forms]),)

        row, (number,) = self.decide(respell, name=rule)
        ids = number[row][self.ids]
        gone = np.flatnonzero(ids < 0)
        offsets = self.offsets - np.searchsorted(gone, self.offsets)
        return Tokens(np.delete(ids, gone), offsets, self.vocabulary)

    def cut(self, rule: SpanRule) -> tuple[Tokens, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Cut every token at the spans that `rule` gives of its form.

        Returns the parts as tokens and, for each part, the place of its token, where it starts and ends
        within it, and whether a mark that ends a clause follows.
        """

        def cut(forms: list[str]) -> Columns:
            spans = [rule(form) for form in forms]
            pieces = [form[a:b] for form, own in zip(forms, spans, strict=True) for a, b in own]
            places = np.array([span for own in spans for span in own], dtype=np.int32).reshape(-1, 2)
            sizes = np.array([len(own) for own in spans], dtype=np.int64)
            rests = [
                form[own[n][1] : own[n + 1][0] if n + 1 < len(own) else None]
                for form, own in zip(forms, spans, strict=True)
                for n in range(len(own))
            ]
            stops = np.array([not _STOPS.isdisjoint(rest) for rest in rests], dtype=bool)
            return sizes, self.vocabulary.number(pieces), *places.T, stops

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
    """Bare words, emoji and emoticons of a text column, with their places.

    Attributes
    ----------
    start, end : np.ndarray of int64, shape (n_words,)
        Character positions in the comment: ``text[start:end]`` is the word as typed.
    """

    start: np.ndarray
    end: np.ndarray


def tokenize(texts: pd.Series, vocabulary: Vocabulary | None = None) -> Tokens:
    """Split comments on white space and number the distinct tokens.

    Parameters
    ----------
    texts : pd.Series, shape (n_comments,)
        Missing texts count as empty: no tokens. Numbers are read as text, half characters as U+FFFD.
    vocabulary : Vocabulary, optional
        That of earlier chunks of the column, to go on with.

    Returns
    -------
    Tokens

    Examples
    --------
    >>> tokens = tokenize(pd.Series(["muy bien", "muy muy mal", ""]))
    >>> tokens.vocabulary, tokens.ids.tolist(), tokens.offsets.tolist()
    (['muy', 'bien', 'mal'], [0, 1, 0, 0, 2], [0, 2, 5, 5])
    """
    vocabulary = Vocabulary() if vocabulary is None else vocabulary
    lists = pc.split_pattern(_plain_spaces(texts), " ")
    ids, offsets = vocabulary.number(lists.values), lists.offsets.to_numpy().astype(np.int64)
    empty = np.flatnonzero(ids < 0)  # what runs of spaces leave
    return Tokens(np.delete(ids, empty), offsets - np.searchsorted(empty, offsets), vocabulary)


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

    Handles (``@someone``), links and privacy masks give no word; nor do missing texts.

    Examples
    --------
    >>> found = words(pd.Series(["@Telvanta ¡No funciona!😡"]))
    >>> [found.vocabulary[i] for i in found.ids], found.start.tolist(), found.end.tolist()
    (['No', 'funciona', '😡'], [11, 14, 23], [13, 22, 24])
    """
    tokens = tokenize(texts) if tokens is None else tokens
    cut, token, start, end, _ = tokens.cut(word_spans)
    at = _token_starts(texts)[token]
    return Words(cut.ids, cut.offsets, cut.vocabulary, at + start, at + end)


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


def without_skipped(form: str) -> str:
    """Cut handles, links and privacy masks, which give no word, out of a token.

    Examples
    --------
    >>> without_skipped("¡Mira!(https://cx.mx/?a=1")
    '¡Mira!('
    """
    return re.sub(_SKIPPED, "", form)


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


def _plain_spaces(texts: pd.Series) -> pa.Array:
    """Arrow strings in which every white-space character is a single space; lengths are kept."""
    try:
        column = pa.array(texts.astype("str"), pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:  # half of a surrogate pair, as broken exports leave them
        whole = [str(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        column = pa.array(pd.Series(whole, index=texts.index).where(texts.notna()), pa.large_string())
    if isinstance(column, pa.ChunkedArray):  # what concatenated tables come as
        column = column.combine_chunks()
    if column.nbytes < 2**31:  # what 32-bit offsets reach; splitting is faster with them
        column = column.cast(pa.string())
    return pc.replace_substring_regex(column.fill_null(""), _SPACES, " ")


def _token_starts(texts: pd.Series) -> np.ndarray:
    """Character position within its comment at which each token starts, shape (n_tokens,)."""
    lists = pc.split_pattern(_plain_spaces(texts), " ")
    sizes = pc.utf8_length(lists.values).to_numpy() + 1  # and the space that follows
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    offsets = lists.offsets.to_numpy()
    first = np.repeat(starts[offsets[:-1]] if len(starts) else offsets[:-1], np.diff(offsets))
    return (starts - first)[sizes > 1]
