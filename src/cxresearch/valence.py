"""The valence of each word in its context: capitals, boosters, negation, contrast, expressions.

Every distinct word is looked up once (`_look_up`); the rules then look only at the words that carry
sentiment and at the three words before each.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from . import vader
from .lexicons import AMPLIFIER, SAYS_NO, Rules
from .tokens import Tokens

# Hutto & Gilbert (2014), on the -4 to 4 valence scale.
CAPITALS_STEP = 0.733
DISTANCE_DAMPING = (1.0, 0.95, 0.9)


class Step(NamedTuple):
    """One rule at work on words: which it acted on, because of which, and their valences before and after."""

    rule: str
    words: np.ndarray
    causes: np.ndarray
    before: np.ndarray
    after: np.ndarray


def word_valences(
    units: Tokens, stops: np.ndarray, rules: Rules, steps: list[Step] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the words that carry sentiment, and the valence of each in its context.

    Parameters
    ----------
    units : Tokens
        Words, emoji and emoticons of comments in one language.
    stops : np.ndarray of bool, shape (n_units,)
        After which of them a clause ends: boosters and negations do not reach beyond.
    rules : Rules
        Word lists of that language.
    steps : list, optional
        Each rule appends what it did, for `cxresearch.sentiment.explain`.

    Returns
    -------
    places : np.ndarray of int, shape (n_hits,)
        Token positions, ascending.
    valence : np.ndarray of float, shape (n_hits,)
        About -8 to 8; 0 where rules took a word's sentiment away.
    """
    of_form, columns = units.decide(partial(_look_up, rules), name=(_look_up, rules.language))
    row, upper, special = (column[of_form][units.ids] for column in columns)
    note: Callable[[Step], None] = steps.append if steps is not None else lambda step: None
    table = rules.table
    if not rules.vader:
        note(_merge_expressions(units, rules, row))
        _settle_doubles(units, rules, row)
    hits = np.flatnonzero((table.known & (table.booster == 0) & (table.valence != 0))[row])
    value = table.valence[row[hits]]
    note(Step("lexicon", hits, hits, 0 * value, value))

    def apply(rule: str, causes: np.ndarray, new: np.ndarray) -> None:
        nonlocal value
        note(Step(rule, hits, causes, value, new))
        value = new

    shouting = _shouting(units, upper)
    apply("capitals", hits, value + CAPITALS_STEP * np.sign(value) * shouting[hits])
    at = vader.first_occurrence(units, hits) if rules.vader else hits
    clause = np.cumsum(stops) - stops
    position, turned = at - units.offsets[units.comment[at]], table.special[row[hits]] == SAYS_NO
    for distance, damping in enumerate(DISTANCE_DAMPING, start=1):
        cause = np.maximum(at - distance, 0)
        applies = (position >= distance) & (clause[cause] == clause[at]) & ~table.known[row[cause]]
        booster = table.booster[row[cause]]
        step = booster * np.sign(value)
        loud = (booster != 0) & shouting[cause]
        step += np.where(loud, CAPITALS_STEP * np.where(value > 0, 1.0, -1.0), 0.0)
        apply("booster", cause, np.where(applies, value + step * damping, value))
        stronger = vader.so_this(special, at, distance) if rules.vader else np.zeros(len(at))
        negated = applies & table.negator[row[cause]] & (stronger == 0) & ~turned
        turned |= negated & (not rules.vader)  # in Spanish "no ... nada" says no once
        apply("negation", cause, np.where(negated, value * vader.NEGATION_FACTOR, value))
        apply("so, this", at, np.where(applies & (stronger > 0), value * stronger, value))
        if rules.vader and distance == 3:
            apply("idiom", at, np.where(applies, vader.idioms(units, rules, at, value), value))
    if rules.vader:
        left = units.offsets[units.comment[at] + 1] - at
        apply("least, kind of", at, vader.least_and_kind_of(special, at, position, left, value))
    turn = _first_contrast(units, np.flatnonzero(table.contrast[row]), rules)[units.comment[hits]]
    weight = np.where(turn < 0, 1.0, 1.0 + 0.5 * np.sign(hits - turn))
    apply("contrast", turn, value * weight)
    return hits, value


def _look_up(rules: Rules, forms: list[str]) -> tuple[np.ndarray, ...]:
    """Look every distinct word up once: row in the table, whether in capitals, and VADER's special bits."""
    keys, other = [rules.entry(form) for form in forms], rules.row.get("n't", 0)
    row = np.array([rules.row.get(k, other if "n't" in k else 0) for k in keys], dtype=np.int32)
    exact = np.array([form == key for form, key in zip(forms, keys, strict=True)], dtype=bool)
    special = rules.table.special[row]  # the case of "never", "so" and "this" matters
    upper = np.array([form.isupper() for form in forms], dtype=bool)
    return row, upper, np.where(exact | (special > AMPLIFIER), special, 0)


def _shouting(units: Tokens, upper: np.ndarray) -> np.ndarray:
    """Which words are in capitals in a comment that is not all in capitals, shape (n_units,)."""
    places = np.flatnonzero(upper)
    partly = units.total(places) < np.diff(units.offsets)
    shouting = upper.copy()
    shouting[places] = partly[units.comment[places]]
    return shouting


def _first_contrast(units: Tokens, found: np.ndarray, rules: Rules) -> np.ndarray:
    """Place of each comment's first "but", -1 if none: before it words count half, after it half more."""
    if not rules.vader:  # an opening "pero" contrasts nothing
        found = found[found > units.offsets[units.comment[found]]]
    turn = np.full(len(units.offsets) - 1, -1)
    turn[units.comment[found[::-1]]] = found[::-1]  # the first one is written last and stays
    return turn


def _merge_expressions(units: Tokens, rules: Rules, row: np.ndarray) -> Step:
    """Let each expression found, longest first, count as one word: change the rows of its words, in place.

    A sentiment expression stands at its first word, so that what precedes it can negate it; a negating,
    boosting or contrasting one at its last word, next to what it acts on.
    """
    kinds, taken, kept = [kind for kind, _ in rules.expressions.values()], set[int](), []
    found = sorted(zip(*(column.tolist() for column in rules.sequences.find(units)), strict=True))
    for start, length, which in sorted(found, key=lambda expression: -expression[1]):
        words = range(start, start + length)
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append((start, words[-1], which, words[0] if kinds[which] == "valence" else words[-1]))
    row[sorted(taken)] = 0
    first, last, which, place = np.array(kept, dtype=np.int64).reshape(-1, 4).T
    opens = np.isin(first, units.offsets) & rules.table.contrast[len(rules.row) + 1 + which]
    row[place] = np.where(opens, 0, len(rules.row) + 1 + which)  # an opening contrast contrasts nothing
    return Step("expression", first, last, 0.0 * first, 0.0 * first)


def _settle_doubles(units: Tokens, rules: Rules, row: np.ndarray) -> None:
    """Let words of both kinds ("bien") boost a sentiment word right after, else carry sentiment, in place."""
    known, places = rules.table.known, []
    for number, word in enumerate(rules.doubles):
        at = np.flatnonzero(row == rules.row[word])
        follows = np.minimum(at + 1, len(row) - 1)
        feels = (follows < units.offsets[units.comment[at] + 1]) & (follows > at) & known[row[follows]]
        feels &= ~np.isin(row[follows], [rules.row[w] for w in rules.doubles])
        places.append((at, len(rules.row) + 1 + len(rules.expressions) + 2 * number + np.where(feels, 0, 1)))
    for at, new in places:
        row[at] = new
