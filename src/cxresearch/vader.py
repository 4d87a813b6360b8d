"""What only NLTK's VADER does: the rules and peculiarities by which English scores equal NLTK's.

`cxresearch.valence` calls these for English; Spanish does without. They are described in the documentation
of `nltk.sentiment.vader`, or found in its code; each is kept because leaving it out changes scores.
"""

import string
from functools import lru_cache

import numpy as np

from .lexicons import AMPLIFIER, AT_VERY, KIND, LEAST, NEVER, OF, Rules
from .tokens import Tokens

NEGATION_FACTOR = -0.74  # Hutto & Gilbert (2014)
BIGRAM_DAMPENER = -0.293
_PUNCTUATION = frozenset(string.punctuation)


def bare(form: str) -> str:
    """Token without one leading or trailing mark, as NLTK cleans it; empty if it is one character only.

    Examples
    --------
    >>> bare("good!"), bare("don't!"), bare("a")
    ('good', "don't!", '')
    """
    if form.isalnum() or len(form) < 2:
        return form if len(form) > 1 else ""
    core = form.strip(string.punctuation)
    if 1 < len(core) < len(form) and _PUNCTUATION.isdisjoint(core):
        marks = form.removeprefix(core) if form.startswith(core) else form.removesuffix(core)
        if marks in _marks():  # on one side
            return core
    return form


@lru_cache(maxsize=1)
def _marks() -> frozenset[str]:
    """Return the marks that NLTK takes off a word."""
    from nltk.sentiment.vader import VaderConstants

    return frozenset(VaderConstants.PUNC_LIST)


def first_occurrence(units: Tokens, hits: np.ndarray) -> np.ndarray:
    """For each hit the place where the same form first occurs in its comment."""
    key = units.comment[hits] * (len(units.vocabulary) + 1) + units.ids[hits]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return hits[first[inverse]] if len(hits) else hits


def so_this(special: np.ndarray, at: np.ndarray, distance: int) -> np.ndarray:
    """Factor by which "never so" and "so"/"this" strengthen instead of negating, 0 where they do not."""
    one, two, three = (special[np.maximum(at - back, 0)] for back in (1, 2, 3))
    if distance == 2:
        return np.where((two == NEVER) & (one == AMPLIFIER), 1.5, 0.0)
    strong = ((three == NEVER) & (two == AMPLIFIER)) | (one == AMPLIFIER)
    return np.where(strong & (distance == 3), 1.25, 0.0)


def idioms(units: Tokens, rules: Rules, at: np.ndarray, value: np.ndarray) -> np.ndarray:
    """VADER's idioms and two-word dampeners, looked for around a word with three words before it."""
    starts, lengths, which = (column.tolist() for column in rules.sequences.find(units))
    entries = list(rules.expressions.values())
    found = {(s, n): entries[w] for s, n, w in zip(starts, lengths, which, strict=True)}
    near = np.zeros(len(units.ids) + 4, dtype=bool)
    near[np.add.outer(starts, range(4)).astype(np.int64)] = True

    def look(kind: str, word: int, *places: tuple[int, int]) -> list[float]:
        at_places = [found.get((word + offset, size), ("", 0.0)) for offset, size in places]
        return [value for of_kind, value in at_places if of_kind == kind]

    value = value.copy()
    for row in np.flatnonzero(near[at]).tolist():  # few: all other words are far from any idiom
        word = int(at[row])
        for places in (((-1, 2), (-2, 3), (-2, 2), (-3, 3), (-3, 2)), ((0, 2),), ((0, 3),)):
            value[row] = next(iter(look("valence", word, *places)), value[row])
        value[row] += BIGRAM_DAMPENER * bool(look("booster", word, (-3, 2), (-2, 2)))
    return value


def least_and_kind_of(
    special: np.ndarray, at: np.ndarray, position: np.ndarray, left: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """Negate after "least" (not "at least", "very least"); "kind" in "kind of" has no sentiment.

    `position` counts the words before each within its comment, `left` those from it to the end.
    """
    one, two = (special[np.maximum(at - back, 0)] for back in (1, 2))
    turned = (position > 0) & (one == LEAST) & ((position == 1) | (two != AT_VERY))
    value = np.where(turned, value * NEGATION_FACTOR, value)
    follows = np.minimum(at + 1, len(special) - 1)
    return np.where((special[at] == KIND) & (left > 1) & (special[follows] == OF), 0.0, value)
