"""Tokens: a text column becomes integer ids of its distinct words.

A million comments hold millions of words but far fewer distinct ones. So a column is split once, every
distinct word gets a number, and whatever has to be decided about a word is decided once. What is left per
comment is arithmetic on whole numbers.

Two views of the same column:

* `tokenize` splits on white space only, as VADER does: ``"¡Muy bien!"`` gives ``¡Muy`` and ``bien!``.
* `words` cuts those tokens further into bare words, emoji and emoticons, each with its place in the text;
  handles, links and the masks of `cxresearch.privacy` are left out, so that they never count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Every character on which str.split() splits, so that Arrow and Python agree on what a token is.
_SPACES = (
    r"[\t\n\x0b\x0c\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)

_LETTER = r"[^\W_][\u0300-\u036f]*"  # with its accents, if they are typed apart
_SKIPPED = r"(?i:https?://|www\.)\S+|@\w[\w.]*|[:;=]?\[(?:email|phone|card|iban|id|link)\]"
_UNITS = re.compile(
    rf"(?:{_SKIPPED})"  # no named group
    r"|(?P<emoticon>(?:[:;=][-'’o]?|8-)(?:[)(\]\[\\|*]+|[DPpOo]+(?!\w)|/(?![\w/]))"
    r"|(?<!\w)[:;=]-?3+(?!\w)|<3+(?!\w)|\^_*\^|[xX][dD]+(?!\w))"
    rf"|(?P<word>(?:{_LETTER})+(?:['’](?:{_LETTER})+)*)"
    r"|(?P<emoji>[\u2600-\u27bf\u2b50\u2b55\u203c\u2049\U0001f000-\U0001faff])"
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
    vocabulary : list of str, length n_distinct
        The distinct forms, in order of first appearance.
    """

    ids: np.ndarray
    offsets: np.ndarray
    vocabulary: list[str]

    @property
    def comment(self) -> np.ndarray:
        """For each token the number of its comment, shape (n_tokens,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


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


def tokenize(texts: pd.Series) -> Tokens:
    """Split comments on white space and number the distinct tokens.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
        A missing text counts as empty: it has no tokens.

    Returns
    -------
    Tokens

    Examples
    --------
    >>> tokens = tokenize(pd.Series(["muy bien", "muy muy mal", ""]))
    >>> tokens.vocabulary
    ['muy', 'bien', 'mal']
    >>> tokens.ids.tolist(), tokens.offsets.tolist()
    ([0, 1, 0, 0, 2], [0, 2, 5, 5])
    """
    lists = pc.split_pattern(_plain_spaces(texts), " ")
    flat, ends = lists.values, lists.offsets.to_numpy().astype(np.int64)
    real = pc.not_equal(flat, "").to_numpy(zero_copy_only=False)  # runs of spaces leave empty strings
    encoded = flat.filter(pa.array(real)).dictionary_encode()
    offsets = np.concatenate([[0], np.cumsum(real)])[ends]
    return Tokens(encoded.indices.to_numpy(), offsets, encoded.dictionary.to_pylist())


def words(texts: pd.Series, tokens: Tokens | None = None) -> Words:
    """Cut comments into bare words, emoji and emoticons.

    Each distinct token is cut once. Handles (``@someone``), links and privacy masks give no word.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
    tokens : Tokens, optional
        The tokens of the same column, if they are already there.

    Returns
    -------
    Words

    Examples
    --------
    >>> found = words(pd.Series(["@Telvanta ¡No funciona!😡"]))
    >>> [found.vocabulary[i] for i in found.ids]
    ['No', 'funciona', '😡']
    >>> found.start.tolist(), found.end.tolist()
    ([11, 14, 23], [13, 22, 24])
    """
    tokens = tokenize(texts) if tokens is None else tokens
    cuts = [[m for m in _UNITS.finditer(form) if m.lastgroup] for form in tokens.vocabulary]
    sizes = np.array([len(c) for c in cuts], dtype=np.int64)
    forms = pa.array([m.group() for c in cuts for m in c], pa.string()).dictionary_encode()
    places = np.array([m.span() for c in cuts for m in c], dtype=np.int64).reshape(-1, 2)

    counts = sizes[tokens.ids]  # words per token; then the row of `places` for every word
    first_row = np.concatenate([[0], np.cumsum(sizes)])[tokens.ids]
    before = np.concatenate([[0], np.cumsum(counts)])
    rows = np.repeat(first_row - before[:-1], counts) + np.arange(before[-1])
    token_start = np.repeat(_token_starts(texts), counts)
    return Words(
        forms.indices.to_numpy()[rows],
        before[tokens.offsets],
        forms.dictionary.to_pylist(),
        token_start + places[rows, 0],
        token_start + places[rows, 1],
    )


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


def match_sequence(
    tokens: Tokens, at: np.ndarray, offsets: tuple[int, ...], table: dict[tuple[str, ...], float]
) -> np.ndarray:
    """Look word sequences up in a table, at many places at once.

    Parameters
    ----------
    tokens : Tokens
    at : np.ndarray of int, shape (n_places,)
        Token positions.
    offsets : tuple of int
        Which tokens, seen from each place, make the sequence: ``(-1, 0)`` is the one before and itself.
    table : dict
        Value of each sequence; all sequences are as long as `offsets`.

    Returns
    -------
    np.ndarray of float, shape (n_places,)
        NaN where the sequence is not in the table or would leave the comment.

    Examples
    --------
    >>> tokens = tokenize(pd.Series(["de lujo", "de todo"]))
    >>> match_sequence(tokens, np.arange(4), (0, 1), {("de", "lujo"): 2.6})
    array([2.6, nan, nan, nan])
    """
    number = {word: n for n, word in enumerate(sorted({w for e in table for w in e}), start=1)}
    code = np.array([number.get(form, 0) for form in tokens.vocabulary], dtype=np.int64)
    comment, base = tokens.comment, len(number) + 1
    if base ** len(offsets) >= 2**63:
        raise ValueError(
            f"{len(table)} sequences of {len(offsets)} words do not fit into one number; use fewer."
        )
    key, inside = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=bool)
    for offset in offsets:
        place = np.clip(at + offset, 0, max(len(comment) - 1, 0))
        inside &= (place == at + offset) & (comment[place] == comment[at])
        key = key * base + code[tokens.ids[place]]
    values = {sum(number[w] * base**k for k, w in enumerate(reversed(e))): v for e, v in table.items()}
    keys = np.array(sorted(values), dtype=np.int64)
    if not len(keys) or not len(at):
        return np.full(len(at), np.nan)
    nearest = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    found = inside & (keys[nearest] == key)
    return np.where(found, np.array([values[k] for k in keys.tolist()])[nearest], np.nan)


def _plain_spaces(texts: pd.Series) -> pa.Array:
    """Arrow strings in which every white-space character is a single space; lengths are kept."""
    column = pa.array(texts, pa.large_string(), from_pandas=True)
    if isinstance(column, pa.ChunkedArray):  # what concatenated tables come as
        column = column.combine_chunks()
    column = column.fill_null("")
    return pc.replace_substring_regex(column, _SPACES, " ")


def _token_starts(texts: pd.Series) -> np.ndarray:
    """Character position within its comment at which each token starts, shape (n_tokens,)."""
    column = _plain_spaces(texts)
    lengths = pc.utf8_length(column).to_numpy(zero_copy_only=False)
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    joined = np.frombuffer("".join(column.to_pylist()).encode("utf-32-le"), dtype=np.uint32)
    inside = joined != ord(" ")
    opens = inside.copy()
    opens[1:] &= ~inside[:-1]
    heads = first[:-1][lengths > 0]
    opens[heads] = inside[heads]  # a comment's first character never continues the comment before
    at = np.flatnonzero(opens)
    return at - first[np.searchsorted(first, at, side="right") - 1]
