"""What only NLTK's VADER does: the rules and peculiarities by which English scores equal NLTK's.

`cxresearch.sentiment` calls these for English; Spanish does without. They are described in the
documentation of `nltk.sentiment.vader`; each is kept because leaving it out changes scores.
"""

from __future__ import annotations

import string

import numpy as np
import pandas as pd

from .lexicons import Rules
from .tokens import Tokens, match_sequence

NEGATION_FACTOR = -0.74  # Hutto & Gilbert (2014)
BIGRAM_DAMPENER = -0.293


def bare(form: str) -> str:
    """Token without one leading or trailing punctuation mark of NLTK's list, as NLTK cleans it."""
    from nltk.sentiment.vader import VaderConstants

    core = form.strip(string.punctuation)
    if len(core) > 1 and not any(c in string.punctuation for c in core) and form != core:
        marks = form.removesuffix(core) if form.endswith(core) else form.removeprefix(core)
        if (form.endswith(core) or form.startswith(core)) and marks in VaderConstants.PUNC_LIST:
            return core
    return form


def first_occurrence(units: Tokens, hits: np.ndarray) -> np.ndarray:
    """For each hit the place where the same form first occurs in its comment."""
    form_id = pd.factorize(np.array(units.vocabulary, dtype=object))[0]  # tokens may share a cleaned form
    key = units.comment[hits] * (len(form_id) + 1) + form_id[units.ids[hits]]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return hits[first[inverse]] if len(hits) else hits


def _is(units: Tokens, *chosen: str, lower: bool = False) -> np.ndarray:
    """Which tokens are one of the chosen words, shape (n_tokens,)."""
    forms = [form.lower() if lower else form for form in units.vocabulary]
    return np.array([form in chosen for form in forms], dtype=bool)[units.ids]


def so_this(units: Tokens, at: np.ndarray, distance: int, factor: np.ndarray) -> np.ndarray:
    """Let "never so" and "so"/"this" strengthen instead of negating (case matters, as in NLTK)."""
    never, amplifier = _is(units, "never"), _is(units, "so", "this")

    def back(flags: np.ndarray, k: int) -> np.ndarray:
        return flags[np.maximum(at - k, 0)]

    if distance == 2:
        return np.where(back(never, 2) & back(amplifier, 1), 1.5, factor)
    if distance == 3:
        return np.where((back(never, 3) & back(amplifier, 2)) | back(amplifier, 1), 1.25, factor)
    return factor


def idioms(units: Tokens, rules: Rules, at: np.ndarray, value: np.ndarray) -> np.ndarray:
    """VADER's idioms and two-word dampeners, looked for around a word with three words before it."""

    def look(table: dict[tuple[str, ...], float], *offsets: int) -> np.ndarray:
        return match_sequence(units, at, offsets, {e: v for e, v in table.items() if len(e) == len(offsets)})

    value, still_open = value.copy(), np.ones(len(at), dtype=bool)
    for offsets in ((-1, 0), (-2, -1, 0), (-2, -1), (-3, -2, -1), (-3, -2)):
        found = look(rules.idioms, *offsets)
        value = np.where(still_open & ~np.isnan(found), found, value)
        still_open &= np.isnan(found)
    for offsets in ((0, 1), (0, 1, 2)):
        found = look(rules.idioms, *offsets)
        value = np.where(np.isnan(found), value, found)
    pairs = {tuple(b.split()): v for b, v in rules.boosters.items() if " " in b}
    dampened = ~np.isnan(look(pairs, -3, -2)) | ~np.isnan(look(pairs, -2, -1))
    return value + np.where(dampened, BIGRAM_DAMPENER, 0.0)


def least_and_kind_of(
    units: Tokens, at: np.ndarray, position: np.ndarray, known: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """Negate after "least" (not "at least", "very least"); "kind" in "kind of" has no sentiment."""
    comment = units.comment
    least, at_very = _is(units, "least", lower=True), _is(units, "at", "very", lower=True)
    one, two, after = (
        np.maximum(at - 1, 0),
        np.maximum(at - 2, 0),
        np.minimum(at + 1, max(len(comment) - 1, 0)),
    )
    turned = (position[at] > 0) & least[one] & ~known[one] & ((position[at] == 1) | ~at_very[two])
    value = np.where(turned, value * NEGATION_FACTOR, value)
    kind, of = _is(units, "kind", lower=True), _is(units, "of", lower=True)
    kind_of = kind[at] & of[after] & (after > at) & (comment[after] == comment[at])
    return np.where(kind_of, 0.0, value)
