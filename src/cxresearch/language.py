"""Which language a comment is written in: Spanish, English, Portuguese or another.

The statistical model of the py3langid package (naive Bayes over byte sequences; Lui and Baldwin 2012,
"langid.py: An Off-the-shelf Language Identification Tool", ACL demo session) is asked once per distinct
token; a comment's evidence is the sum over its tokens. With Spanish and English alone nearly all Portuguese
would be called Spanish, so further languages stand as candidates.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .lexicons import own_words
from .tokens import Tokens, chunks

LANGUAGES = ("es", "en", "pt", "other")
_LATIN = ("es", "en", "pt", "fr", "it", "de", "nl", "ca")  # all after pt, and other scripts, are "other"
_SCRIPT_LEAD = 8.0  # log-likelihood by which a letter of another script speaks against all of these
_FOREIGN_LEAD = 12.0  # log-likelihood by which a language other than es and en must lead to be believed
_LEXICON_LEAD = 8.0  # log-likelihood by which a sentiment word of one of the two speaks for its language
_CLEAR = 3.0  # log-likelihood by which a token is clearly Spanish or English
# What the clear tokens of a second language must weigh: at least, and as a share of all clear ones.
_MIXED_EVIDENCE, _MIXED_SHARE = 25.0, 0.25
_LONGEST = 40  # bytes of a token that are looked at
# What gives no evidence: handles, links, masks, digits, marks and emoji.
_NO_WORD = r"(?i:https?://|www\.)\S+|@[\p{L}\p{N}_.]+|\[(?:email|phone|card|iban|id|link)\]|[^\p{L}\p{M}'’]+"


def detect_languages(texts: pd.Series, tokens: Tokens | None = None) -> pd.DataFrame:
    """Find the language of each comment, and whether it holds a second one; the index stays.

    ``language`` is ``es``, ``en``, ``pt`` or ``other`` (the last two only if they lead clearly): in a comment
    of two languages the one that prevails, in one without words (only emoji, handles, links) or without text
    the most frequent of the column, ``es`` if there is none. ``second_language`` is ``en`` in a Spanish
    comment of which a clear part is English, ``es`` in the contrary case, else missing.

    Examples
    --------
    >>> texts = ["Nadie contesta el teléfono y llevo dos horas. The worst company ever", "Lovely"]
    >>> detect_languages(pd.Series([*texts, "Não consigo acessar a minha conta"])).values.tolist()
    [['es', 'en'], ['en', nan], ['pt', nan]]
    """
    sums = np.concatenate([_sum_evidence(chunk) for _, chunk in chunks(texts, tokens)])
    evidence, (clear_es, clear_en) = sums[:, :-2], sums[:, -2:].T
    home, foreign = evidence[:, :2].argmax(axis=1), evidence[:, 2:].argmax(axis=1) + 2
    lead = np.take_along_axis(evidence, np.stack([foreign, home], axis=1), axis=1)
    chosen = np.where(lead[:, 0] - lead[:, 1] > _FOREIGN_LEAD, np.minimum(foreign, 3), home)
    speaks = evidence.any(axis=1)
    chosen[~speaks] = np.bincount(chosen[speaks], minlength=4).argmax()
    second, share = np.minimum(clear_es, clear_en), _MIXED_SHARE * (clear_es + clear_en)
    mixed = (chosen < 2) & (second > _MIXED_EVIDENCE) & (second > share)
    names = pa.array([*LANGUAGES, None])
    found = {"language": chosen, "second_language": np.where(mixed, 1 - chosen, 4)}
    columns = {name: pd.array(names.take(pa.array(which)), dtype="str") for name, which in found.items()}
    return pd.DataFrame(columns, index=texts.index)


def _sum_evidence(tokens: Tokens) -> np.ndarray:
    """Evidence of each comment, shape (n_comments, n_candidates + 2)."""
    from scipy.sparse import csr_array

    row, (evidence,) = tokens.decide(_evidence)
    shape = (len(tokens.offsets) - 1, len(evidence))
    ones = np.ones(len(tokens.ids), dtype=np.float32)
    return csr_array((ones, row[tokens.ids], tokens.offsets), shape=shape) @ evidence


def _evidence(forms: list[str]) -> tuple[np.ndarray]:
    """Log-likelihood of each form in every candidate, then how clearly it is Spanish, and English.

    All forms walk the model's automaton at once, byte by byte; letters of other scripts speak for themselves.
    """
    row_of_state, following, feature, likelihood = _model()
    plain = pc.utf8_lower(pc.utf8_normalize(pa.array(forms, pa.string()), "NFC"))  # é as one letter
    plain = pc.utf8_trim(pc.replace_substring_regex(plain, _NO_WORD, " "), " ").dictionary_encode()
    number, plain = plain.indices.to_numpy(), plain.dictionary
    spoken = [form and b" %b " % form[:_LONGEST] for form in plain.cast(pa.binary()).to_pylist()]
    letters = np.array(spoken, dtype=f"S{_LONGEST + 2}").view(np.uint8).reshape(-1, _LONGEST + 2)
    total = np.zeros((len(plain), len(_LATIN)), dtype=np.float32)
    walking, state = np.arange(len(plain)), np.zeros(len(plain), dtype=np.int64)
    for letter in letters.T:
        further = np.flatnonzero(letter[walking])
        walking = walking[further]
        state = following[row_of_state[state[further]], letter[walking]]
        seen = feature[state]
        at = np.flatnonzero(seen >= 0)
        total[walking[at]] += likelihood[seen[at]]
    lead = total[:, :1] - total[:, 1:2]
    clear = np.maximum(np.concatenate([lead, -lead], axis=1) - _CLEAR, 0)
    foreign = pc.count_substring_regex(plain, r"[^\p{Latin}\p{M} '’]").to_numpy()
    for column, own in enumerate(own_words()):
        total[:, column] += _LEXICON_LEAD * pc.is_in(plain, pa.array(own)).to_numpy(zero_copy_only=False)
    script, strange = total.min(axis=1), np.flatnonzero(foreign)
    script[strange] = total[strange].max(axis=1) + _SCRIPT_LEAD * foreign[strange]
    return (np.column_stack([total, script, clear])[number],)


@lru_cache(maxsize=1)
def _model() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Automaton of py3langid's model: row of each state, next state by row and byte, feature, likelihood."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    following = np.frombuffer(model.tk_nextmove, dtype=model.tk_nextmove.typecode).reshape(-1, 256)
    columns = [model.nb_classes.index(language) for language in _LATIN]
    likelihood = model.nb_ptc[:, columns].astype(np.float32)
    return np.array(model.tk_row), following, np.array(model.tk_output, dtype=np.int32), likelihood
