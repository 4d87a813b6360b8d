"""Which language a comment is written in: Spanish, English, Portuguese or another.

The statistical model of the py3langid package (naive Bayes over byte sequences) is asked once per distinct
token; a comment's evidence is the sum over its tokens. A detector that knows only Spanish and English calls
nearly all Portuguese Spanish, so further languages stand as candidates.
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
    """Find the language of each comment, and whether it holds a second one.

    Parameters
    ----------
    texts : pd.Series of str, shape (n_comments,)
    tokens : Tokens, optional
        Those of the same column, if they are already there.

    Returns
    -------
    pd.DataFrame of str, same index
        ``language``: ``es``, ``en``, ``pt`` or ``other`` (the last two only if they lead clearly); of a
        comment in two languages the one that prevails. A comment without words (only emoji, handles, links)
        gets the language most frequent in the column, ``es`` if there is none. ``second_language``: ``en``
        in a Spanish comment of which a clear part is English, ``es`` in the contrary case, else missing.

    References
    ----------
    Lui and Baldwin (2012), "langid.py: An Off-the-shelf Language Identification Tool", ACL demo session.

    Examples
    --------
    >>> texts = ["Nadie contesta el teléfono y llevo dos horas. The worst company ever", "Lovely"]
    >>> detect_languages(pd.Series([*texts, "Não consigo acessar a minha conta"])).values.tolist()
    [['es', 'en'], ['en', nan], ['pt', nan]]
    """
    sums = np.concatenate([_sum_evidence(chunk) for _, chunk in chunks(texts, tokens)])
    evidence, clear = sums[:, :-2], sums[:, -2:]
    home, foreign = evidence[:, :2].argmax(axis=1), evidence[:, 2:].argmax(axis=1) + 2
    lead = np.take_along_axis(evidence, np.stack([foreign, home], axis=1), axis=1)
    chosen = np.where(lead[:, 0] - lead[:, 1] > _FOREIGN_LEAD, np.minimum(foreign, 3), home)
    speaks = evidence.any(axis=1)
    chosen[~speaks] = np.bincount(chosen[speaks], minlength=4).argmax()
    second = clear.min(axis=1)
    mixed = (chosen < 2) & (second > _MIXED_EVIDENCE) & (second > _MIXED_SHARE * clear.sum(axis=1))
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
    plain = pa.array(["" if form.isdecimal() else form for form in forms], pa.string())
    plain = pc.utf8_lower(pc.utf8_normalize(plain, "NFC"))  # é as one letter
    plain = pc.utf8_trim(pc.replace_substring_regex(plain, _NO_WORD, " "), " ")
    _, offsets, data = plain.buffers()
    starts = np.frombuffer(offsets, dtype=np.int32)[: len(forms) + 1]
    letters = np.frombuffer(data or b"", dtype=np.uint8)
    lengths = np.minimum(np.diff(starts), _LONGEST)
    order = np.argsort(-lengths, kind="stable")  # the longest first: who goes on stands in front
    starts, longer = starts[order], np.cumsum(np.bincount(lengths, minlength=1)[::-1])[::-1]
    sums = np.zeros((len(forms), len(_LATIN)), dtype=np.float32)
    state = np.zeros(len(forms), dtype=np.int64)

    def walk(letter: np.ndarray | int, n: int) -> None:
        state[:n] = following[row_of_state[state[:n]], letter]
        seen = feature[state[:n]]
        at = np.flatnonzero(seen >= 0)
        sums[at] += likelihood[seen[at]]

    spoken = int((lengths > 0).sum())
    walk(ord(" "), spoken)
    for place, n in enumerate(longer[1:].tolist()):
        walk(letters[starts[:n] + place], n)
    walk(ord(" "), spoken)
    total = np.empty_like(sums)
    total[order] = sums
    lead = total[:, :1] - total[:, 1:2]
    clear = np.maximum(np.concatenate([lead, -lead], axis=1) - _CLEAR, 0)
    foreign = pc.count_substring_regex(plain, r"[^\p{Latin}\p{M} '’]").to_numpy()
    for column, own in enumerate(own_words()):
        total[:, column] += _LEXICON_LEAD * pc.is_in(plain, pa.array(own)).to_numpy(zero_copy_only=False)
    script = np.where(foreign > 0, total.max(axis=1) + _SCRIPT_LEAD * foreign, total.min(axis=1))
    return (np.column_stack([total, script.astype(np.float32), clear]),)


@lru_cache(maxsize=1)
def _model() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Automaton of py3langid's model: row of each state, next state by row and byte, feature, likelihood."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    following = np.frombuffer(model.tk_nextmove, dtype=model.tk_nextmove.typecode).reshape(-1, 256)
    columns = [model.nb_classes.index(language) for language in _LATIN]
    likelihood = model.nb_ptc[:, columns].astype(np.float32)
    return np.array(model.tk_row), following, np.array(model.tk_output, dtype=np.int32), likelihood
