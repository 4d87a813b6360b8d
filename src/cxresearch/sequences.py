"""Word sequences, such as idioms, found in a whole text column at once."""

from collections.abc import Callable, Iterable

import numpy as np

from .tokens import Tokens

Found = tuple[np.ndarray, np.ndarray, np.ndarray]


class Sequences:
    """Word sequences to look for, kept as a tree: each node is a beginning that some sequence has.

    The sequences are all different; `plain` brings a form of the text to how their words are written.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.tokens import tokenize
    >>> start, length, which = Sequences([("de", "lujo"), ("de",)]).find(tokenize(pd.Series(["de lujo de"])))
    >>> start.tolist(), length.tolist(), which.tolist()
    ([0, 2, 0], [1, 1, 2], [1, 1, 0])
    """

    def __init__(self, sequences: Iterable[tuple[str, ...]], plain: Callable[[str], str] = str) -> None:
        sequences, self._plain = list(sequences), plain
        self._word = {w: n for n, w in enumerate(sorted({w for s in sequences for w in s}), start=1)}
        step: dict[tuple[int, int], int] = {}  # node and word lead to a node; node 0 is the empty beginning
        ends = {}
        for number, sequence in enumerate(sequences):
            node = 0
            for word in sequence:
                node = step.setdefault((node, self._word[word]), len(step) + 1)
            ends[node] = number
        self._size = len(self._word) + 1
        pairs = sorted((node * self._size + word, to) for (node, word), to in step.items())
        self._keys, self._to = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        self._ends = np.full(len(step) + 1, -1)
        self._ends[list(ends)] = list(ends.values())

    def find(self, tokens: Tokens) -> Found:
        """Every occurrence of every sequence: first token, length, and number of the sequence; arrays.

        Sorted by length, then place. A sequence never crosses from one comment into the next.
        """
        row, (words,) = tokens.decide(self._words_of)
        words = words[row][tokens.ids]
        at = start = np.flatnonzero(words)
        node, length, found = np.zeros(len(at), dtype=np.int64), 0, []
        while len(at):
            key = node * self._size + words[at]
            row = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            goes = self._keys[row] == key
            start, node, at, length = start[goes], self._to[row[goes]], at[goes], length + 1
            ends = self._ends[node] >= 0
            found.append((start[ends], np.full(ends.sum(), length), self._ends[node[ends]]))
            on = at + 1 < tokens.offsets[tokens.comment[at] + 1]  # the comment goes on
            start, node, at = start[on], node[on], at[on] + 1
        none = np.empty((3, 0), dtype=np.int64)
        return tuple(np.concatenate(part) for part in zip(none, *found, strict=True))  # type: ignore[return-value]

    def _words_of(self, forms: list[str]) -> tuple[np.ndarray]:
        """Number of each form among the words of the sequences, 0 for others."""
        return (np.array([self._word.get(self._plain(form), 0) for form in forms], dtype=np.int32),)
