"""Sentiment per comment, from word lists and a few rules of grammar.

English follows VADER as NLTK computes it, number for number. Spanish follows the same rules with word lists
of our own (`lexicons/`). Scores describe the words of a comment, not what its author felt; irony is missed.

How it works: every distinct word is looked up once (`_features`); the rules then look only at the words
that carry sentiment and at the three words before each (`_word_scores`); sums per comment make the scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from . import vader
from .lexicons import Rules, english_rules, spanish_entry, spanish_rules
from .tokens import Tokens, fold, match_sequence, tokenize, without_skipped, words

# Hutto & Gilbert (2014), on the -4 to 4 valence scale.
CAPITALS_STEP = 0.733
EXCLAMATION_STEP = 0.292
DISTANCE_DAMPING = (1.0, 0.95, 0.9)
NORMALIZATION_ALPHA = 15
NEGATIVE_BELOW, POSITIVE_ABOVE = -0.05, 0.05

SCORED_LANGUAGES = ("es", "en")
LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class _Features:
    """What the rules need to know of each distinct word; arrays of shape (n_distinct,)."""

    valence: np.ndarray
    known: np.ndarray
    upper: np.ndarray
    booster: np.ndarray
    negator: np.ndarray
    contrast: np.ndarray


def score_sentiment(
    texts: pd.Series,
    language: pd.Series,
    *,
    negative_below: float = NEGATIVE_BELOW,
    positive_above: float = POSITIVE_ABOVE,
) -> pd.DataFrame:
    """Score the sentiment of comments.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
        Missing texts count as empty.
    language : pd.Series of str, same index
        ``es`` and ``en`` are scored; comments in other languages get missing scores, never a guess.
    negative_below, positive_above : float
        Compound scores under (over) this are labelled negative (positive), those between neutral.

    Returns
    -------
    pd.DataFrame, same index
        ``compound`` (-1 most negative to 1 most positive), ``positive``, ``neutral``, ``negative`` (shares
        of the words, adding to 1; all 0 in a text without words) and ``label``.

    References
    ----------
    Hutto and Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis", ICWSM-14.

    Examples
    --------
    >>> texts = pd.Series(["Great service, thanks!", "No me gustó nada", "Ótimo atendimento"])
    >>> scores = score_sentiment(texts, pd.Series(["en", "es", "pt"]))
    >>> scores["label"].tolist(), float(scores["compound"][0])
    (['positive', 'negative', nan], 0.807)
    """
    if not -1 <= negative_below <= positive_above <= 1:
        raise ValueError(
            f"negative_below ({negative_below}) must not exceed positive_above ({positive_above}), "
            "both between -1 and 1."
        )
    columns = ["compound", "positive", "neutral", "negative"]
    scores = pd.DataFrame(np.nan, index=texts.index, columns=columns)
    for code, scorer in (("en", _score_english), ("es", _score_spanish)):
        chosen = (language == code).to_numpy()
        scores.loc[chosen] = scorer(texts[chosen])
    compound = scores["compound"]
    label = pd.Series("neutral", index=texts.index, dtype="str")
    label = label.mask(compound < negative_below, "negative").mask(compound > positive_above, "positive")
    return scores.assign(label=label.where(compound.notna()))


def _score_english(texts: pd.Series) -> np.ndarray:
    """VADER's four scores of English texts as NLTK gives them, shape (n_comments, 4)."""
    tokens = tokenize(texts)
    rules = english_rules()
    long_enough = np.array([len(form) > 1 for form in tokens.vocabulary], dtype=bool)
    units = replace(
        _keep(tokens, long_enough[tokens.ids]), vocabulary=[vader.bare(f) for f in tokens.vocabulary]
    )
    features = _features(units.vocabulary, rules, str.lower)
    return _compose(units, _word_scores(units, features, rules, nltk=True), _emphasis(tokens))


def _score_spanish(texts: pd.Series) -> np.ndarray:
    """Score Spanish texts by the same rules on the Spanish word lists, shape (n_comments, 4)."""
    tokens = tokenize(texts)
    units = words(texts, tokens)
    rules = spanish_rules()
    features = _features(units.vocabulary, rules, spanish_entry)
    unlinked = replace(tokens, vocabulary=[without_skipped(form) for form in tokens.vocabulary])
    return _compose(units, _word_scores(units, features, rules, nltk=False), _emphasis(unlinked))


def _features(forms: list[str], rules: Rules, key: Callable[[str], str]) -> _Features:
    """Look every distinct word up once; `key` turns a word as typed into its lexicon entry."""
    keys = [key(form) for form in forms]
    lower = [form.lower() for form in forms]
    return _Features(
        np.array([rules.valence.get(k, 0.0) for k in keys], dtype=float),
        np.array([k in rules.valence for k in keys], dtype=bool),
        np.array([form.isupper() for form in forms], dtype=bool),
        np.array([rules.boosters.get(k, 0.0) for k in keys], dtype=float),
        np.array([k in rules.negators or "n't" in w for k, w in zip(keys, lower, strict=True)], dtype=bool),
        np.array([k in rules.contrasts for k in keys], dtype=bool),
    )


def _word_scores(units: Tokens, f: _Features, rules: Rules, *, nltk: bool) -> np.ndarray:
    """Sentiment of each word in its context, shape (n_units,); 0 for words without sentiment.

    With ``nltk`` VADER's peculiarities are kept: a repeated word takes the context of its first occurrence,
    and some words ("so", "least", "kind of") have rules of their own.
    """
    ids, comment = units.ids, units.comment
    position = np.arange(len(ids)) - units.offsets[comment]
    of_unit = {name: values[ids] for name, values in vars(f).items()}
    if not nltk:
        _merge_expressions(units, rules, of_unit)
        _settle_double_roles(units, of_unit)
    valence, known, upper = of_unit["valence"], of_unit["known"], of_unit["upper"]
    booster, negator, contrast = of_unit["booster"], of_unit["negator"], of_unit["contrast"]
    shouting = upper & _capitals_differ(units, upper)[comment]

    hits = np.flatnonzero(known & (booster == 0) & (valence != 0))
    at = vader.first_occurrence(units, hits) if nltk else hits
    value = valence[hits] + np.where(shouting[hits], CAPITALS_STEP * np.sign(valence[hits]), 0.0)
    for distance, damping in enumerate(DISTANCE_DAMPING, start=1):
        before = np.maximum(at - distance, 0)
        applies = (position[at] >= distance) & ~known[before]
        step = booster[before] * np.sign(value)
        loud = (booster[before] != 0) & shouting[before]
        step += np.where(loud, CAPITALS_STEP * np.where(value > 0, 1.0, -1.0), 0.0)
        value = np.where(applies, value + step * damping, value)
        factor = np.where(negator[before], vader.NEGATION_FACTOR, 1.0)
        if nltk:
            factor = vader.so_this(units, at, distance, factor)
        value = np.where(applies, value * factor, value)
        if nltk and distance == 3:
            value = np.where(applies, vader.idioms(units, rules, at, value), value)
    if nltk:
        value = vader.least_and_kind_of(units, at, position, known, value)

    scores = np.zeros(len(ids))
    scores[hits] = value
    return scores * _contrast_weight(units, contrast, position, nltk=nltk)


def _compose(units: Tokens, scores: np.ndarray, emphasis: np.ndarray) -> np.ndarray:
    """Sums per comment made into compound, positive, neutral and negative, shape (n_comments, 4)."""
    n, comment = len(units.offsets) - 1, units.comment

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(comment, values, minlength=n)

    valence = total(scores)
    valence = valence + np.sign(valence) * emphasis
    up = total(np.where(scores > 0, scores + 1, 0.0))  # + 1 makes up for neutral words, which count 1 each
    down = total(np.where(scores < 0, 1 - scores, 0.0))
    up, down = up + emphasis * (up > down), down + emphasis * (up < down)
    shares = np.stack([up, total(scores == 0), down], axis=1)
    whole = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, whole, out=np.zeros_like(shares), where=whole > 0)
    compound = valence / np.sqrt(valence**2 + NORMALIZATION_ALPHA)
    return np.column_stack([compound.round(4), shares.round(3)])


def _emphasis(tokens: Tokens) -> np.ndarray:
    """Weight of exclamation and question marks per comment, shape (n_comments,)."""
    n, comment = len(tokens.offsets) - 1, tokens.comment

    def marks(mark: str) -> np.ndarray:
        per_form = np.array([form.count(mark) for form in tokens.vocabulary], dtype=float)
        return np.bincount(comment, per_form[tokens.ids], minlength=n)

    questions = marks("?")
    asked = np.where(questions > 3, 0.96, np.where(questions > 1, questions * 0.18, 0.0))
    return np.minimum(marks("!"), 4) * EXCLAMATION_STEP + asked


def _capitals_differ(units: Tokens, upper: np.ndarray) -> np.ndarray:
    """Whether some, but not all, words of a comment are in capitals, shape (n_comments,)."""
    loud = np.bincount(units.comment, upper, minlength=len(units.offsets) - 1)
    return (loud > 0) & (loud < np.diff(units.offsets))


def _contrast_weight(units: Tokens, contrast: np.ndarray, position: np.ndarray, *, nltk: bool) -> np.ndarray:
    """Half the weight before the first "but" of a comment, one and a half after it, shape (n_units,)."""
    found = np.flatnonzero(contrast & (nltk | (position > 0)))  # Spanish: an opening "pero" contrasts nothing
    turn = np.full(len(units.offsets) - 1, -1)
    turn[units.comment[found[::-1]]] = found[::-1]  # the first one is written last and stays
    turn_of = turn[units.comment]
    side = np.sign(np.arange(len(position)) - turn_of)
    return np.where(turn_of < 0, 1.0, 1.0 + 0.5 * side)


def _merge_expressions(units: Tokens, rules: Rules, of_unit: dict[str, np.ndarray]) -> None:
    """Let each expression found, longest first, count as one word, in place.

    A sentiment expression stands at its first word, so that what precedes it can negate it; a negating,
    boosting or contrasting one at its last word, next to what it acts on.
    """
    plain = replace(units, vocabulary=[fold(form) for form in units.vocabulary])
    everywhere, taken = np.arange(len(units.ids)), np.zeros(len(units.ids), dtype=bool)
    roles = [values for name, values in of_unit.items() if name != "upper"]  # capitals stay as typed
    opens = np.isin(everywhere, units.offsets)
    entries = list(rules.expressions.items())
    for length in sorted({len(words_of) for words_of, _ in entries}, reverse=True):
        table = {words_of: float(n) for n, (words_of, _) in enumerate(entries) if len(words_of) == length}
        found = match_sequence(plain, everywhere, tuple(range(length)), table)
        for start in np.flatnonzero(~np.isnan(found)):
            span = slice(start, start + length)
            if taken[span].any():
                continue
            taken[span] = True
            for values in roles:
                values[span] = 0
            kind, value = entries[int(found[start])][1]
            if kind == "contrast" and opens[start]:
                continue  # it contrasts nothing
            of_unit[kind][start if kind == "valence" else start + length - 1] = value
    of_unit["known"][taken] = of_unit["valence"][taken] != 0


def _settle_double_roles(units: Tokens, of_unit: dict[str, np.ndarray]) -> None:
    """Let words of both kinds ("bien") boost a sentiment word right after, else carry sentiment, in place."""
    double = of_unit["known"] & (of_unit["booster"] != 0)
    feels = np.roll(of_unit["known"] & ~double, -1)
    feels[units.offsets[1:][units.offsets[1:] > 0] - 1] = False  # the last word of a comment
    of_unit["booster"][double & ~feels] = 0
    for name in ("valence", "known"):
        of_unit[name][double & feels] = 0


def _keep(tokens: Tokens, kept: np.ndarray) -> Tokens:
    """Only the tokens marked, with the same vocabulary."""
    before = np.concatenate([[0], np.cumsum(kept)])
    return Tokens(tokens.ids[kept], before[tokens.offsets], tokens.vocabulary)
