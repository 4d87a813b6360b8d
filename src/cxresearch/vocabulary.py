"""Vocabulary: distinct words with a number each, and what has been decided about them."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Columns = tuple[np.ndarray, ...]
Decided = tuple[np.ndarray, Columns]


class Vocabulary(list[str]):
    """Distinct forms, numbered in order of first appearance, and what has been decided about each.

    Keep one over many chunks of a column, and every form is looked at once in all.

    Examples
    --------
    >>> vocabulary = Vocabulary()
    >>> vocabulary.number(["muy", "bien", "muy"]).tolist(), vocabulary.number(["mal", "", "bien"]).tolist()
    ([0, 1, 0], [2, -1, 1])
    """

    def __init__(self) -> None:
        super().__init__()
        self._forms = pa.array([], pa.string())
        self._decided: dict[object, tuple[np.ndarray, Columns]] = {}

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
        nothing = np.empty(0, dtype=np.int32)
        row, columns = self._decided.get(name or rule) or (nothing, rule([""]))
        row = np.concatenate([row, np.zeros(len(self) - len(row), dtype=np.int32)])  # forms that are new
        new = asked[row[asked] == 0]
        if len(new):
            answers = rule(list(map(self.__getitem__, new.tolist())))
            columns = tuple(map(np.concatenate, zip(columns, answers, strict=True)))
            row[new] = row.max() + 1 + np.arange(len(new))
        self._decided[name or rule] = row, columns
        return row, columns
