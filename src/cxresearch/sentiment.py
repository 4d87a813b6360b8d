"""Sentiment per comment, from word lists and a few rules of grammar.

English follows VADER as NLTK computes it, number for number. Spanish follows the same rules with word lists
of our own (`lexicons/`). Scores describe the words of a comment, not what its author felt; irony is missed.

How it works: `cxresearch.tokens` numbers the distinct words, `cxresearch.valence` finds those that carry
sentiment and applies the rules to them; here their sums per comment become scores.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from .errors import InputError
from .language import LANGUAGES, detect_languages
from .lexicons import Rules, emoji_valences, english_rules, spanish_rules
from .tokens import Tokens, chunks, tokenize, without_skipped, word_spans
from .vader import bare
from .valence import Step, word_valences

NORMALIZATION_ALPHA = 15  # Hutto & Gilbert (2014)
EXCLAMATION_STEP = 0.292
NEGATIVE_BELOW, POSITIVE_ABOVE = -0.05, 0.05
NEGATIVE_WEIGHT = 1.5  # Spanish only: Taboada et al. (2011), against the bias of comments towards kind words

SCORED_LANGUAGES = ("es", "en")
LABELS = ("negative", "neutral", "positive")
EXPLAINED = ["word", "rule", "because", "change", "valence"]
SCORES = ["score", "compound", "positive", "neutral", "negative"]


def score_sentiment(
    texts: pd.Series,
    language: pd.Series | str,
    *,
    negative_below: float | pd.Series = NEGATIVE_BELOW,
    positive_above: float | pd.Series = POSITIVE_ABOVE,
    tokens: Tokens | None = None,
) -> pd.DataFrame:
    """Score the sentiment of comments.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
        Missing texts count as empty.
    language : pd.Series of str, same index, or one for all
        ``es`` and ``en`` are scored; comments in other languages get missing scores, never a guess.
    negative_below, positive_above : float, or pd.Series with the same index
        Scores under (over) this are labelled negative (positive), those between neutral.
    tokens : Tokens, optional
        The tokens of the same column, if they are already there.

    Returns
    -------
    pd.DataFrame, same index
        ``score`` (-1 most negative to 1 most positive; what is labelled), ``compound`` (the same without
        emoji in English: VADER's number), ``positive``, ``neutral``, ``negative`` (shares of the words,
        adding to 1) and ``label``. A text with neither words nor emoji has scores 0 and no label.

    Notes
    -----
    Handles, links and masks carry no valence. In Spanish the sum of valences is divided by the number of
    sentiment words before it is brought to -1 to 1, and negative ones weigh 1.5 times: in long reviews
    the sum alone nearly always calls a mixed opinion positive.

    References
    ----------
    Hutto and Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis", ICWSM-14.
    Taboada et al. (2011), "Lexicon-Based Methods for Sentiment Analysis", Computational Linguistics 37(2).

    Examples
    --------
    >>> texts = pd.Series(["Great service, thanks!", "No me gustó nada", "Ótimo atendimento", "Late 😡"])
    >>> scores = score_sentiment(texts, pd.Series(["en", "es", "pt", "en"]))
    >>> scores["label"].tolist(), float(scores["compound"][0])
    (['positive', 'negative', nan, 'negative'], 0.807)
    """
    _check_thresholds(negative_below, positive_above)
    if isinstance(language, str):
        language = pd.Series(language, index=texts.index, dtype="str")
    if not texts.index.equals(language.index) or (tokens and len(tokens.offsets) != len(texts) + 1):
        raise InputError("texts, language and tokens must be of the same comments, in the same order.")
    for strange in language[~language.isin(LANGUAGES) & language.notna()][:1]:
        raise InputError(f"language: expected one of {', '.join(LANGUAGES)}, found {strange!r}.")
    scores = np.full((len(texts), len(SCORES)), np.nan)
    for start, chunk in chunks(texts, tokens):
        spoken = language.iloc[start : start + len(chunk.offsets) - 1]
        for code in SCORED_LANGUAGES:
            rows = np.flatnonzero((spoken == code).to_numpy(dtype=bool, na_value=False))
            if len(rows):
                scores[start + rows] = _score(chunk.take(rows), _rules(code))
    table = pd.DataFrame(scores, index=texts.index, columns=SCORES)
    return table.assign(label=label_scores(table, negative_below, positive_above))


def label_scores(
    scores: pd.DataFrame,
    negative_below: float | pd.Series = NEGATIVE_BELOW,
    positive_above: float | pd.Series = POSITIVE_ABOVE,
) -> pd.Series:
    """Label scores as `score_sentiment` does: ``negative``, ``neutral``, ``positive``, or missing."""
    score = scores["score"]
    label = pd.Series("neutral", index=scores.index, dtype="str")
    label = label.mask(score < negative_below, "negative").mask(score > positive_above, "positive")
    has_words = scores[["positive", "neutral", "negative"]].sum(axis=1) > 0
    return label.where(has_words | (score.notna() & (score != 0)))


def explain(text: str, language: str | None = None) -> pd.DataFrame:
    """Tell word by word what counted in a comment, by which rule and how much.

    Parameters
    ----------
    text : str
    language : str, optional
        ``es`` or ``en``; found by `detect_languages` if left out.

    Returns
    -------
    pd.DataFrame
        One row per word and rule that acted on it, in reading order: ``word``; ``rule``, empty where nothing
        counted; ``because``, the lexicon entry, or the word that made the rule act; ``change`` of the word's
        valence and ``valence`` after it. Then, with an empty word, how the sum becomes the comment's score.

    Examples
    --------
    >>> told = explain("No es muy amable")
    >>> told.loc[told["word"] == "amable", ["rule", "because", "valence"]].round(2).to_numpy().tolist()
    [['lexicon', 'amable', 2.3], ['booster', 'muy', 2.59], ['negation', 'No', -1.92]]
    """
    if pd.api.types.is_list_like(text):
        raise InputError("explain takes one text; score_sentiment takes a column of them.")
    column, steps = pd.Series([text], dtype=object), list[Step]()
    tokens = tokenize(column)
    language = detect_languages(column, tokens)["language"].iloc[0] if language is None else language
    rules = _rules(language)
    units, stops = _units(tokens, rules)
    places, valence = word_valences(units, stops, rules, steps)
    words = [units.vocabulary[number] for number in units.ids]
    said, entry = list(words), [rules.entry(word) for word in words]
    told = []
    for rule, *columns in steps:
        for place, cause, before, after in zip(*(column.tolist() for column in columns), strict=True):
            if rule == "expression":  # from its first word to its last
                whole = " ".join(words[place : cause + 1])
                said[place] = said[cause] = entry[place] = entry[cause] = whole
                told += [(inside, rule, whole, 0.0, 0.0) for inside in range(place, cause + 1)]
            elif before != after:
                because = entry[place] if rule == "lexicon" else said[cause]
                told.append((place, rule, because, after - before, after))
    silent = set(range(len(words))) - {place for place, *_ in told}
    told = sorted([*told, *((place, "", "", 0.0, 0.0) for place in silent)], key=lambda row: row[0])
    rows = [(words[place], *rest) for place, *rest in told]
    return pd.DataFrame(rows + _explain_sum(tokens, units, places, valence, rules), columns=EXPLAINED)


def _explain_sum(
    tokens: Tokens, units: Tokens, places: np.ndarray, valence: np.ndarray, rules: Rules
) -> list[tuple[str, str, str, float, float]]:
    """Rows on how the valences of one comment become its score."""
    (emphasis,), (emoji,) = _marks(tokens, rules)
    score, compound, *_ = _compose(tokens, units, places, valence, rules)[0]
    told = [("sum", float(valence.sum()))]
    if not rules.vader:
        told.append(("negative words weigh more", float(valence @ _weights(valence, rules))))
    told.append(("exclamation and question marks", told[-1][1] + float(np.sign(told[-1][1]) * emphasis)))
    if not rules.vader:
        told.append(("mean of the words", told[-1][1] / max((valence != 0).sum(), 1)))
    changes = [told[0][1], *(after - before for (_, before), (_, after) in pairwise(told))]
    rows = [("", rule, "", change, value) for (rule, value), change in zip(told, changes, strict=True)]
    because = f"emoji {emoji:+.1f}" if emoji else ""
    ends = [("", "compound", "", 0.0, compound), ("", "score", because, score - compound, score)]
    return [row for row in rows if row[3] or row[1] == "sum"] + ends


def _rules(language: str) -> Rules:
    """Word lists of a language."""
    if language not in SCORED_LANGUAGES:
        raise InputError(f"language: expected 'es' or 'en', found {language!r}. Name one of them.")
    return english_rules() if language == "en" else spanish_rules()


def _score(tokens: Tokens, rules: Rules) -> np.ndarray:
    """Score comments in one language, shape (n_comments, 5)."""
    units, stops = _units(tokens, rules)
    return _compose(tokens, units, *word_valences(units, stops, rules), rules)


def _units(tokens: Tokens, rules: Rules) -> tuple[Tokens, np.ndarray]:
    """Words as a language's rules see them, and which of them end a clause (in English, as in NLTK, none)."""
    if rules.vader:
        units = tokens.respell(bare)
        return units, np.zeros(len(units.ids), dtype=bool)
    units, *_, stops = tokens.cut(word_spans)
    return units, stops | np.isin(units.ids, units.vocabulary.number(["y", "e", "Y", "E"]))


def _compose(
    tokens: Tokens, units: Tokens, places: np.ndarray, valence: np.ndarray, rules: Rules
) -> np.ndarray:
    """Sums per comment made into score, compound, positive, neutral and negative, shape (n_comments, 5)."""
    emphasis, emoji = _marks(tokens, rules)
    up, down = valence > 0, valence < 0
    n_up, n_down = units.total(places[up]), units.total(places[down])
    total = units.total(places, valence * _weights(valence, rules))
    divisor = 1 if rules.vader else np.maximum(n_up + n_down, 1)

    def squash(total: np.ndarray) -> np.ndarray:
        mean = (total + np.sign(total) * emphasis) / divisor
        return mean / np.sqrt(mean**2 + NORMALIZATION_ALPHA)

    # + 1 makes up for neutral words, which count 1 each
    positive, negative = (
        units.total(places[up], valence[up] + 1),
        units.total(places[down], 1 - valence[down]),
    )
    stressed = positive + emphasis * (positive > negative), negative + emphasis * (positive < negative)
    shares = np.stack([stressed[0], np.diff(units.offsets) - n_up - n_down, stressed[1]], axis=1)
    whole = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, whole, out=np.zeros_like(shares), where=whole > 0)
    scores = np.column_stack([squash(total + emoji).round(4), squash(total).round(4), shares.round(3)])
    return scores + 0.0  # no minus zero


def _weights(valence: np.ndarray, rules: Rules) -> np.ndarray:
    """Weight of each word in the sum."""
    return np.where((valence < 0) & (not rules.vader), NEGATIVE_WEIGHT, 1.0)


def _marks(tokens: Tokens, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Weight of exclamation and question marks, and of the emoji that no rule sees, per comment."""
    row, counts = tokens.decide(_vader_marks if rules.vader else _spanish_marks)
    places = np.flatnonzero(np.any(counts, axis=0)[row][tokens.ids])
    exclaimed, asked, emoji = (tokens.total(places, count[row[tokens.ids[places]]]) for count in counts)
    asked = np.where(asked > 3, 0.96, np.where(asked > 1, asked * 0.18, 0.0))
    return np.minimum(exclaimed, 4) * EXCLAMATION_STEP + asked, emoji


def _vader_marks(forms: list[str]) -> tuple[np.ndarray, ...]:
    """Exclamation marks, question marks and summed emoji of each form."""
    emoji = emoji_valences()
    plain = [form.isascii() or emoji.keys().isdisjoint(form) for form in forms]
    pairs = zip(plain, map(dict.fromkeys, forms), strict=True)  # repeated in a token, an emoji counts once
    sums = [0.0 if none else sum(emoji.get(c, 0.0) for c in characters) for none, characters in pairs]
    return *(np.array([form.count(mark) for form in forms], dtype=float) for mark in "!?"), np.array(sums)


def _spanish_marks(forms: list[str]) -> tuple[np.ndarray, ...]:
    """The same, without what stands in links; emoji are words there."""
    exclaimed, asked, _ = _vader_marks([f if f.isalnum() else without_skipped(f) for f in forms])
    return exclaimed, asked, np.zeros(len(forms))


def _check_thresholds(negative_below: float | pd.Series, positive_above: float | pd.Series) -> None:
    """Refuse thresholds that cross or leave the scale."""
    low, high = np.atleast_1d(negative_below), np.atleast_1d(positive_above)
    if not ((low >= -1) & (low <= high) & (high <= 1)).all():
        raise ValueError(
            f"negative_below ({negative_below}) must not exceed positive_above ({positive_above}), "
            "both between -1 and 1."
        )
