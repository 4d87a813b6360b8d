"""The valence of each word in its context: capitals, boosters, negation, contrast, expressions.

Every distinct word is looked up once (`Rules.look_up`); the rules then look only at the words that carry
sentiment and at the three words before each.
"""

from collections.abc import Callable

import numpy as np

from . import vader
from .lexicons import Rules
from .tokens import Tokens, word_spans

CAPITALS_STEP = 0.733  # Hutto & Gilbert (2014), on the -4 to 4 valence scale
DISTANCE_DAMPING = (1.0, 0.95, 0.9)

# A rule at work: its name, the words it acted on, those that made it act, valences before and after.
Step = tuple[str, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def word_valences(
    tokens: Tokens, rules: Rules, note: Callable[[Step], None] = lambda step: None
) -> tuple[Tokens, np.ndarray, np.ndarray]:
    """Find the words that carry sentiment, and the valence of each in its context.

    Gives the words as the language's rules see them, the places of those hits (ascending), and their
    valences: about -8 to 8, 0 where rules took a word's sentiment away. `note` hears what each rule did.
    """
    units, stops = _units(tokens, rules)
    of_form, columns = units.decide(rules.look_up)
    row, upper, special = (column[of_form][units.ids] for column in columns)
    table = rules.table
    if not rules.vader:
        note(_merge_expressions(units, rules, row))
    feels, boosts = (table["valence"] != 0)[row], (table["booster"] != 0)[row]
    if not rules.vader:
        _settle_doubles(units, feels, boosts)
    hits = np.flatnonzero(feels & ~boosts)
    value = table["valence"][row[hits]]
    note(("lexicon", hits, hits, 0 * value, value))

    def apply(rule: str, causes: np.ndarray, new: np.ndarray) -> None:
        nonlocal value
        note((rule, hits, causes, value, new))
        value = new

    partly = units.total(np.flatnonzero(upper)) < np.diff(units.offsets)  # a comment all in capitals: a habit
    shouting = upper & partly[units.comment]
    apply("capitals", hits, value + CAPITALS_STEP * np.sign(value) * shouting[hits])
    at = vader.first_occurrence(units, hits) if rules.vader else hits
    clause = np.cumsum(stops) - stops
    position, turned = at - units.offsets[units.comment[at]], table["says_no"][row[hits]]
    for distance, damping in enumerate(DISTANCE_DAMPING, start=1):
        cause = np.maximum(at - distance, 0)
        applies = (position >= distance) & (clause[cause] == clause[at]) & ~feels[cause]
        booster = table["booster"][row[cause]] * boosts[cause]
        loud = (booster != 0) & shouting[cause]
        step = booster * np.sign(value) + CAPITALS_STEP * loud * np.where(value > 0, 1.0, -1.0)
        apply("booster", cause, np.where(applies, value + step * damping, value))
        stronger = vader.so_this(special, at, distance) if rules.vader else np.zeros(len(at))
        negated = applies & table["negator"][row[cause]] & (stronger == 0) & ~turned
        turned |= negated & (not rules.vader)  # in Spanish "no ... nada" says no once
        apply("negation", cause, np.where(negated, value * vader.NEGATION_FACTOR, value))
        apply("so, this", at, np.where(applies & (stronger > 0), value * stronger, value))
        if rules.vader and distance == 3:
            apply("idiom", at, np.where(applies, vader.idioms(units, at, value), value))
    if rules.vader:
        left = units.offsets[units.comment[at] + 1] - at
        apply("least, kind of", at, vader.least_and_kind_of(special, at, position, left, value))
    turn = _first_contrast(units, np.flatnonzero(table["contrast"][row]), rules)[units.comment[hits]]
    apply("contrast", turn, value * np.where(turn < 0, 1.0, 1.0 + 0.5 * np.sign(hits - turn)))
    return units, hits, value


def _units(tokens: Tokens, rules: Rules) -> tuple[Tokens, np.ndarray]:
    """Words, and after which of them a clause ends, so that no rule reaches beyond (in English, none)."""
    if rules.vader:
        units = tokens.respell(vader.bare)
        return units, np.zeros(len(units.ids), dtype=bool)
    units, *_, stops = tokens.cut(word_spans)
    return units, stops | np.isin(units.ids, units.vocabulary.number(["y", "e", "Y", "E"]))


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
    patterns, rows = rules.expressions
    which, first, last = patterns.find(units)
    taken, kept = set[int](), []
    for number in np.lexsort((first, first - last)).tolist():
        words = range(first[number], last[number] + 1)
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append(number)
    row[sorted(taken)] = 0
    merged, first, last = rows[which[kept]], first[kept], last[kept]
    roles = rules.table
    acts = (roles["booster"] != 0) | roles["negator"] | roles["contrast"]
    opens = (first == units.offsets[units.comment[first]]) & roles["contrast"][merged]
    row[np.where(acts[merged], last, first)] = np.where(opens, 0, merged)  # opening, it contrasts nothing
    return "expression", first, last, 0.0 * first, 0.0 * first


def _settle_doubles(units: Tokens, feels: np.ndarray, boosts: np.ndarray) -> None:
    """Let words of both kinds ("bien") boost a sentiment word right after, else carry sentiment, in place."""
    both = np.flatnonzero(feels & boosts)
    after = np.minimum(both + 1, len(feels) - 1)
    follows = (units.comment[after] == units.comment[both]) & feels[after] & ~boosts[after]
    feels[both], boosts[both] = ~follows, follows
