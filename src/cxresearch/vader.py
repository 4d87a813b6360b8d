"""What only NLTK's VADER does: the rules and peculiarities by which English scores equal NLTK's.

`cxresearch.valence` calls these for English; Spanish does without. They are described in the documentation
of `nltk.sentiment.vader`, or found in its code; each is kept because leaving it out changes scores.
"""

import string
from functools import cache

import numpy as np

from .patterns import Patterns
from .tokens import Tokens

NEGATION_FACTOR = -0.74  # Hutto & Gilbert (2014)
BIGRAM_DAMPENER = -0.293
NEVER, AMPLIFIER, LEAST, AT_VERY, KIND, OF = range(1, 7)
SPECIAL = {"never": NEVER, "so": AMPLIFIER, "this": AMPLIFIER, "least": LEAST}  # have rules of their own
SPECIAL |= {"at": AT_VERY, "very": AT_VERY, "kind": KIND, "of": OF}
# What NLTK takes off one side of a word: VaderConstants.PUNC_LIST.
_MARKS = frozenset([*".!?,;:-'\"", "!!", "!!!", "??", "???", "?!?", "!?!", "?!?!", "!?!?"])
_PUNCTUATION = frozenset(string.punctuation)


def bare(form: str) -> str:
    """Token without one leading or trailing mark, as NLTK cleans it; empty if it is one character only."""
    if len(form) < 2:
        return ""
    core = form.strip(string.punctuation)
    if 1 < len(core) < len(form) and _PUNCTUATION.isdisjoint(core):
        before, _, after = form.partition(core)
        if not (before and after) and before + after in _MARKS:
            return core
    return form


def first_occurrence(units: Tokens, hits: np.ndarray) -> np.ndarray:
    """For each hit the place where the same form first occurs in its comment."""
    key = units.comment[hits] * (len(units.vocabulary) + 1) + units.ids[hits]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return hits[first[inverse]]


def so_this(special: np.ndarray, at: np.ndarray, distance: int) -> np.ndarray:
    """Factor by which "never so" and "so"/"this" strengthen instead of negating, 0 where they do not."""
    one, two, three = (special[np.maximum(at - back, 0)] for back in (1, 2, 3))
    if distance == 2:
        return np.where((two == NEVER) & (one == AMPLIFIER), 1.5, 0.0)
    strong = ((three == NEVER) & (two == AMPLIFIER)) | (one == AMPLIFIER)
    return np.where(strong & (distance == 3), 1.25, 0.0)


@cache
def _sequences() -> tuple[Patterns, list[float]]:
    """VADER's idioms and two-word dampeners, ready to be looked for, and the valence of each idiom."""
    from nltk.sentiment.vader import VaderConstants

    worth = {words: float("nan") for words in VaderConstants.BOOSTER_DICT if " " in words}
    worth |= VaderConstants.SPECIAL_CASE_IDIOMS
    return Patterns(worth, plain=str), list(worth.values())


def idioms(units: Tokens, at: np.ndarray, value: np.ndarray) -> np.ndarray:
    """VADER's idioms and two-word dampeners, looked for around a word with three words before it."""
    sequences, worth = _sequences()
    found = {(first, last): worth[n] for n, first, last in np.stack(sequences.find(units)).T.tolist()}
    valence = {span: own for span, own in found.items() if own == own}
    dampeners = found.keys() - valence.keys()
    value, near = value.copy(), np.isin(at, [first + n for first, _ in found for n in range(4)])
    for row in np.flatnonzero(near).tolist():  # few: all other words are far from any idiom
        word = int(at[row])
        for places in (((-1, 0), (-2, 0), (-2, -1), (-3, -1), (-3, -2)), ((0, 1),), ((0, 2),)):
            spans = ((word + first, word + last) for first, last in places)
            value[row] = next((valence[span] for span in spans if span in valence), value[row])
        if not dampeners.isdisjoint([(word - 3, word - 2), (word - 2, word - 1)]):
            value[row] += BIGRAM_DAMPENER
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
