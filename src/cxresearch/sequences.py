"""Word sequences, such as idioms, found in a whole text column at once."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from .tokens import Tokens


class Sequences:
    """Word sequences to look for, all different; `plain` brings a form to how their words are written.

    Examples
    --------
    >>> from cxresearch.tokens import tokenize
    >>> Sequences([("de", "lujo"), ("de",)]).find(tokenize(pd.Series(["de lujo de"]))).tolist()
    [[0, 2, 0], [1, 1, 2], [1, 1, 0]]
    """

    def __init__(self, sequences: Iterable[tuple[str, ...]], plain: Callable[[str], str] = str) -> None:
        number, self._plain = {sequence: n for n, sequence in enumerate(sequences)}, plain
        self._word = {word: n for n, word in enumerate(sorted({w for s in number for w in s}), start=1)}
        # All beginnings, the empty one first; from each, a word leads to the one longer by it.
        node = {part: n for n, part in enumerate(sorted({s[:k] for s in number for k in range(len(s) + 1)}))}
        self._size = len(self._word) + 1
        steps = [node[part[:-1]] * self._size + self._word[part[-1]] for part in node if part]
        self._steps = pd.Index(steps, dtype=np.int64)
        self._ends = np.array([number.get(part, -1) for part in node])

    def find(self, tokens: Tokens) -> np.ndarray:
        """Every occurrence of every sequence within a comment, sorted by length, then place.

        Gives first token, length and number of the sequence, shape (3, n_found).
        """
        row, (words,) = tokens.decide(self._words_of)
        words = words[row][tokens.ids]
        at = start = np.flatnonzero(words)
        node, found = np.zeros_like(at), [np.empty((3, 0), dtype=np.int64)]
        while len(at):
            node = self._steps.get_indexer(node * self._size + words[at]) + 1  # 0 where no step leads on
            whole = np.stack([start, at + 1 - start, self._ends[node]])
            found.append(whole[:, whole[2] >= 0])
            on = (node > 0) & (at + 1 < tokens.offsets[tokens.comment[at] + 1])  # the comment goes on
            start, node, at = start[on], node[on], at[on] + 1
        return np.hstack(found)

    def _words_of(self, forms: list[str]) -> tuple[np.ndarray]:
        """Number of each form among the words of the sequences, 0 for others."""
        return (np.array([self._word.get(self._plain(form), 0) for form in forms], dtype=np.int32),)
