"""Sentiment per comment, from word lists and a few rules of grammar.

English follows VADER as NLTK computes it, number for number. Spanish follows the same rules with word lists
of our own (`lexicons/`). Scores describe the words of a comment, not what its author felt; irony is missed.
`cxresearch.tokens` numbers the distinct words, `cxresearch.valence` finds those that carry sentiment and
applies the rules to them; here their sums per comment become scores.
"""

import numpy as np
import pandas as pd

from .errors import InputError
from .language import LANGUAGES, detect_languages
from .lexicons import Rules, english_rules, spanish_rules
from .tokens import Tokens, chunks, tokenize
from .valence import Step, word_valences

NORMALIZATION_ALPHA = 15  # Hutto & Gilbert (2014)
EXCLAMATION_STEP = 0.292
NEGATIVE_BELOW, POSITIVE_ABOVE = -0.05, 0.05
NEGATIVE_WEIGHT = 1.5  # Spanish only: Taboada et al. (2011), against the bias of comments towards kind words

RULES = {"es": spanish_rules, "en": english_rules}
SCORED_LANGUAGES = tuple(RULES)
LABELS = ("negative", "neutral", "positive")
SCORES = ["score", "compound", "positive", "neutral", "negative"]
Threshold = float | pd.Series


def score_sentiment(
    texts: pd.Series,
    language: pd.Series | str,
    *,
    negative_below: Threshold = NEGATIVE_BELOW,
    positive_above: Threshold = POSITIVE_ABOVE,
    tokens: Tokens | None = None,
) -> pd.DataFrame:
    """Score the sentiment of comments.

    Handles, links and masks carry no valence. In Spanish the sum of valences is divided by the number of
    sentiment words before it is brought to -1 to 1, and negative ones weigh 1.5 times: in long reviews
    the sum alone nearly always calls a mixed opinion positive. After Hutto and Gilbert (2014), ICWSM-14, and
    Taboada et al. (2011), "Lexicon-Based Methods for Sentiment Analysis", Computational Linguistics 37(2).

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
        Missing texts count as empty; their `tokens` may be given, if they are already there.
    language : pd.Series of str, same index, or one for all
        ``es`` and ``en`` are scored; comments in other languages get missing scores, never a guess.
    negative_below, positive_above : float, or pd.Series with the same index
        Scores under (over) this are labelled negative (positive), those between neutral.

    Returns
    -------
    pd.DataFrame, same index
        ``score`` (-1 most negative to 1 most positive; what is labelled), ``compound`` (the same without
        emoji in English: VADER's number), ``positive``, ``neutral``, ``negative`` (shares of the words,
        adding to 1) and ``label``. A text with neither words nor emoji has scores 0 and no label.

    Examples
    --------
    >>> texts = pd.Series(["Great service, thanks!", "No me gustó nada", "Ótimo atendimento", "Late 😡"])
    >>> scores = score_sentiment(texts, pd.Series(["en", "es", "pt", "en"]))
    >>> scores["label"].tolist(), float(scores["compound"][0])
    (['positive', 'negative', nan, 'negative'], 0.807)
    """
    low, high = np.atleast_1d(negative_below), np.atleast_1d(positive_above)
    if not ((low >= -1) & (low <= high) & (high <= 1)).all():
        found = f"negative_below ({negative_below}) must not exceed positive_above ({positive_above})"
        raise ValueError(f"{found}, both between -1 and 1.")
    if isinstance(language, str):
        language = pd.Series(language, index=texts.index, dtype="str")
    if not texts.index.equals(language.index) or (tokens and len(tokens.offsets) != len(texts) + 1):
        raise InputError("texts, language and tokens must be of the same comments, in the same order.")
    for strange in language[~language.isin(LANGUAGES) & language.notna()][:1]:
        raise InputError(f"language: expected one of {', '.join(LANGUAGES)}, found {strange!r}.")
    scores = np.full((len(texts), len(SCORES)), np.nan)
    for start, chunk in chunks(texts, tokens):
        spoken = language.iloc[start : start + len(chunk.offsets) - 1]
        for code, rules in RULES.items():
            rows = np.flatnonzero((spoken == code).to_numpy(dtype=bool, na_value=False))
            if len(rows):
                own = chunk.take(rows)
                scores[start + rows], _ = _compose(own, rules(), *word_valences(own, rules()))
    table = pd.DataFrame(scores, index=texts.index, columns=SCORES)
    return table.assign(label=label_scores(table, negative_below, positive_above))


def label_scores(
    scores: pd.DataFrame,
    negative_below: Threshold = NEGATIVE_BELOW,
    positive_above: Threshold = POSITIVE_ABOVE,
) -> pd.Series:
    """Label scores as `score_sentiment` does: ``negative``, ``neutral``, ``positive``, or missing."""
    score = scores["score"].rename(None)
    label = label_places(score, negative_below, positive_above).map(dict(enumerate(LABELS))).astype("str")
    has_words = scores[["positive", "neutral", "negative"]].sum(axis=1) > 0
    return label.where(has_words | (score.notna() & (score != 0)))


def label_places(score: pd.Series, negative_below: Threshold, positive_above: Threshold) -> pd.Series:
    """Place in `LABELS` of each score's label; on a threshold it is neutral."""
    return 1 - (score < negative_below) + (score > positive_above)


def explain(text: str, language: str | None = None) -> pd.DataFrame:
    """Tell word by word what counted in a comment, by which rule and how much.

    `language` is ``es`` or ``en``, found by `detect_languages` if left out. One row per word and rule that
    acted on it, in reading order: ``word``; ``rule``, empty where nothing counted; ``because``, the lexicon
    entry, or the word that made the rule act; ``change`` of the word's valence and ``valence`` after it.
    Then, with an empty word, how the sum becomes the comment's score.

    Examples
    --------
    >>> told = explain("No es muy amable")
    >>> told.loc[told["word"] == "amable", ["rule", "because", "valence"]].round(2).to_numpy().tolist()
    [['lexicon', 'amable', 2.3], ['booster', 'muy', 2.59], ['negation', 'No', -1.92]]
    """
    if pd.api.types.is_list_like(text):
        raise InputError("explain takes one text; score_sentiment takes a column of them.")
    column, steps, whole = pd.Series([text], dtype=object), list[Step](), dict[int, str]()
    tokens = tokenize(column)
    language = detect_languages(column, tokens)["language"].iloc[0] if language is None else language
    if language not in RULES:
        raise InputError(f"language: expected 'es' or 'en', found {language!r}. Name one of them.")
    rules = RULES[language]()
    units, places, valence = word_valences(tokens, rules, steps.append)
    words = [units.vocabulary[number] for number in units.ids]
    told: list[list[tuple[str, str, float, float]]] = [[] for _ in words]
    for rule, *columns in steps:
        for place, cause, before, after in zip(*(column.tolist() for column in columns), strict=True):
            if rule == "expression":  # from its first word to its last; at one of them it stands
                whole[place] = whole[cause] = " ".join(words[place : cause + 1])
                for own in told[place : cause + 1]:
                    own.append((rule, whole[place], 0.0, 0.0))
            elif before != after:
                word = rules.entry(words[place]) if rule == "lexicon" else words[cause]
                told[place].append((rule, whole.get(cause, word), after - before, after))
    nothing = [("", "", 0.0, 0.0)]
    rows = [(word, *row) for word, own in zip(words, told, strict=True) for row in own or nothing]
    ((score, compound, *_),), sums = _compose(tokens, rules, units, places, valence)
    last = 0.0
    for rule, (after,) in sums.items():
        if rule == "sum" or after != last:
            rows.append(("", rule, "", after - last, after))
        last = after
    _, (emoji,) = _marks(tokens, rules)
    rows.append(("", "compound", "", 0.0, compound))
    rows.append(("", "score", f"emoji {emoji:+.1f}" if emoji else "", score - compound, score))
    return pd.DataFrame(rows, columns=["word", "rule", "because", "change", "valence"])


def _compose(
    tokens: Tokens, rules: Rules, units: Tokens, places: np.ndarray, valence: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Make the valences of each comment into `SCORES`, shape (n_comments, 5); and the sums on the way."""
    emphasis, emoji = _marks(tokens, rules)
    up, down = valence > 0, valence < 0
    n_felt = units.total(places[up | down])
    weights = np.where(down & (not rules.vader), NEGATIVE_WEIGHT, 1.0)
    weighed = units.total(places, valence * weights)
    both = np.stack([weighed + emoji, weighed])  # for score and compound
    stressed = both + np.sign(both) * emphasis
    mean = stressed / (1 if rules.vader else np.maximum(n_felt, 1))
    score, compound = mean / np.sqrt(mean**2 + NORMALIZATION_ALPHA)

    positive = units.total(places[up], valence[up] + 1)  # + 1 makes up for neutral words, which count 1 each
    negative = units.total(places[down], 1 - valence[down])
    lead = positive - negative
    positive, negative = positive + emphasis * (lead > 0), negative + emphasis * (lead < 0)
    shares = np.stack([positive, np.diff(units.offsets) - n_felt, negative])
    shares /= np.maximum(shares.sum(axis=0), 1)  # the sum is 0 only where there is no word
    scores = np.column_stack([score.round(4), compound.round(4), *shares.round(3)]) + 0.0  # no minus zero
    sums = {"sum": units.total(places, valence), "negative words weigh more": weighed}
    return scores, sums | {"exclamation and question marks": stressed[1], "mean of the words": mean[1]}


def _marks(tokens: Tokens, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Weight of exclamation and question marks, and of the emoji that no rule sees, per comment."""
    row, counts = tokens.decide(rules.count_marks)
    places = np.flatnonzero(np.any(counts, axis=0)[row][tokens.ids])
    exclaimed, asked, emoji = (tokens.total(places, count[row[tokens.ids[places]]]) for count in counts)
    asked = np.where(asked > 3, 0.96, np.where(asked > 1, asked * 0.18, 0.0))
    return np.minimum(exclaimed, 4) * EXCLAMATION_STEP + asked, emoji
