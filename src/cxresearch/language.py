"""Which language a comment is written in: Spanish, English, Portuguese or another.

The statistical model of the py3langid package (naive Bayes over byte sequences) is asked once per distinct
word; a comment's evidence is the sum over its words. A detector that knows only Spanish and English calls
nearly all Portuguese Spanish, so further languages stand as candidates.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import pandas as pd

from .tokens import Words, words

LANGUAGES = ("es", "en", "pt", "other")
# All after pt are reported as "other".
_LATIN = ("es", "en", "pt", "fr", "it", "de", "nl", "ca")
_CANDIDATES = (*_LATIN, "ru", "el", "ar", "he", "hi", "zh", "ja", "ko")
_FOREIGN_LEAD = 12.0  # log-likelihood by which a language other than es and en must lead to be believed


def detect_language(texts: pd.Series, found: Words | None = None) -> pd.Series:
    """Find the language of each comment.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
    found : Words, optional
        The words of the same column, if they are already there.

    Returns
    -------
    pd.Series of str, same index, named ``language``
        ``es``, ``en``, ``pt`` or ``other``. A comment in two languages gets the one that prevails. One
        without words (only emoji, handles, links) gets the language most frequent in the column, ``es``
        if there is none.

    Notes
    -----
    Portuguese and the other languages must lead clearly, because short Spanish comments resemble them.

    References
    ----------
    Lui and Baldwin (2012), "langid.py: An Off-the-shelf Language Identification Tool", ACL demo session.

    Examples
    --------
    >>> detect_language(pd.Series(["Nadie me contesta el teléfono", "Lovely staff, will come back",
    ...                            "Não consigo acessar a minha conta desde ontem"])).tolist()
    ['es', 'en', 'pt']
    """
    found = words(texts) if found is None else found
    evidence = _evidence(tuple(found.vocabulary))
    sums = np.stack(
        [np.bincount(found.comment, column[found.ids], minlength=len(texts)) for column in evidence.T], axis=1
    )
    home = sums[:, :2].argmax(axis=1)
    foreign = sums[:, 2:].argmax(axis=1) + 2
    every = np.arange(len(texts))
    believed = sums[every, foreign] - sums[every, home] > _FOREIGN_LEAD
    chosen = np.where(believed, np.minimum(foreign, 3), home)
    speaks = sums.any(axis=1)
    prevailing = np.bincount(chosen[speaks], minlength=4).argmax() if speaks.any() else 0
    chosen[~speaks] = prevailing
    return pd.Series(np.array(LANGUAGES)[chosen], index=texts.index, name="language", dtype="str")


@lru_cache(maxsize=2)
def _evidence(vocabulary: tuple[str, ...]) -> np.ndarray:
    """Log-likelihood of each distinct word in each candidate language, shape (n_distinct, n_candidates)."""
    from py3langid.langid import visit_counts

    model = _model()
    columns = [model.nb_classes.index(language) for language in _CANDIDATES]
    likelihood = np.asarray(model.nb_ptc[:, columns], dtype=np.float64)
    table = np.zeros((len(vocabulary), len(_CANDIDATES)))
    for row, word in enumerate(vocabulary):
        if word[0].isalpha():  # emoji, emoticons and numbers belong to no language
            plain = unicodedata.normalize("NFC", word.lower())  # the model knows é as one letter
            seen = visit_counts(model.tk_nextmove, model._rowbase, model.tk_output, f" {plain} ".encode())
            for feature, times in (seen or {}).items():
                table[row] += times * likelihood[feature]
    return table


@lru_cache(maxsize=1)
def _model():  # type: ignore[no-untyped-def]  # py3langid has no type hints
    """Return the model shipped in py3langid."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
