"""Words that one group says more than another, words that go together, and both in their context."""

from typing import Any

import numpy as np
import pandas as pd

from .errors import InputError
from .patterns import Patterns
from .themes import contexts
from .tokens import words

PRIOR_WORDS = 500  # the prior counts as much as so many words, shared out as all comments use them
# Function words of Spanish and English, that any text needs, whatever it speaks of.
FUNCTION_WORDS = """a al algo aquí así aún aunque bien cada como cómo con cual cuando cuándo de del desde
donde dónde e el él ella ellas ellos en entre era eran eres es esa esas ese eso esos esta está estaba están
estar estas este esto estos estoy fue fueron ha había hace hacer han has hasta hay he hemos hoy la las le les
lo los más me mi mí mis muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otro para
pero por porque puede pueden que qué quien quién se sé sea ser si sí sido siempre sin sobre solo son su sus
también tan tanto te tengo ti tiene tienen todo todos tu tú tus un una unas uno unos usted ustedes va van vez
voy vuestra vuestro y ya yo about after again all also am an and any are as at back be because been before
being but by can could did do does doing don down even ever for from get got had has have having her here him
his how i if in into is it its just me more most my no not now of off on only or other our out over own she
so some still such than that the their them then there these they this those through to too under until up us
very was we were what when where which while who why will with would you your yours"""
FEWEST = 5  # comments with a word, below which nothing is said of it
ENOUGH = 10  # shuffles as extreme, below which their number says too little
CHUNK = 50  # shuffles held in memory at a time


def log_odds(
    texts: pd.Series, groups: pd.Series, first: str, second: str, *, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Words of `first` as against `second`: weighted log-odds with an informative Dirichlet prior.

    After Monroe, Colaresi & Quinn (2008), Political Analysis 16, with all comments as the prior. Words of one
    comment are not independent, so p comes from shuffling whole comments between the groups, where fewer than
    10 of the `draws` shuffles are as extreme from `_tails`. Index: comment_id. One language at a time.

    Returns
    -------
    pd.DataFrame
        One row per word (lower case) in at least five comments: word; n_first, n_second, times said;
        comments_first, comments_second; log_odds, above 0 where `first` says it more; z, log_odds over its
        standard deviation by counts; p, two-sided; q (Benjamini-Hochberg);
        content, False for `FUNCTION_WORDS` and what is not all letters. By z, from `first` to `second`.
        Empty if no word is that frequent; `InputError` if a group has no comment.

    Examples
    --------
    >>> texts = pd.Series(["slow slow app", "thank you all"] * 30)
    >>> table = log_odds(texts, pd.Series(["consumer", "brand"] * 30), "consumer", "brand")
    >>> table["word"].tolist()[0], table["n_first"].tolist()[0], bool(table["q"].max() < 0.01)
    ('slow', 60, True)
    """
    from scipy import sparse, stats

    texts = texts[groups.reindex(texts.index).isin([first, second]) & texts.notna()].sort_index()
    for group in {first: 0, second: 0}.keys() - set(groups[texts.index]):
        raise InputError(f"log_odds: no comment of '{group}', among {sorted(groups.dropna().unique())}.")
    is_first = (groups[texts.index] == first).to_numpy()
    found = words(texts.astype("str").str.lower())
    used, column = np.unique(found.ids, return_inverse=True)
    counts = sparse.csr_array((np.ones(len(column)), (found.comment, column)), (len(texts), len(used)))
    size, common = counts.sum(axis=1), np.flatnonzero((counts > 0).sum(axis=0) >= FEWEST)
    counts = counts[:, common]
    table = pd.DataFrame({"word": np.array(found.vocabulary, dtype=object)[used[common]]})
    for name, mine in (("first", is_first), ("second", ~is_first)):
        table[f"n_{name}"] = counts[mine].sum(axis=0).astype(int)
        table[f"comments_{name}"] = (counts[mine] > 0).sum(axis=0)
    odds, sd = _weighted(is_first[None], counts, size)
    rng, extreme = np.random.default_rng(seed), np.zeros((2, len(common)))
    for start in range(0, draws if len(common) else 0, CHUNK):
        shuffled = rng.permuted(np.tile(is_first, (min(CHUNK, draws - start), 1)), axis=1)
        above = _weighted(shuffled, counts, size)[0] - odds[0]
        extreme += [(above >= -1e-9).sum(axis=0), (above <= 1e-9).sum(axis=0)]
    tail = np.where(extreme >= ENOUGH, (extreme + 1) / (draws + 1), _tails(is_first, counts, size))
    table = table.assign(log_odds=odds[0], z=odds[0] / sd[0], p=np.minimum(2 * tail.min(axis=0), 1))
    table["q"] = stats.false_discovery_control(table["p"]) if len(table) else table["p"]
    plain = table["word"].astype("str").str.split("['’]", regex=True).str[0]
    table["content"] = plain.str.isalpha() & ~plain.isin(FUNCTION_WORDS.split())
    return table.sort_values(["z", "word"], ascending=[False, True], ignore_index=True)


def collocations(texts: pd.Series, n: int = 20) -> pd.DataFrame:
    """Pairs of words that follow each other more often than by chance, and at least five times.

    By log-likelihood ratio (Dunning 1993, Computational Linguistics 19), as NLTK computes it; no pair goes
    from one comment to the next. Returns ``words``, ``n`` (times) and ``ratio``, the strongest first.

    Examples
    --------
    >>> texts = pd.Series(["the call centre is slow", "a call centre again"] * 4)
    >>> collocations(texts, 1).values.tolist()[0][:2]
    ['call centre', 8]
    """
    from nltk.collocations import BigramAssocMeasures, BigramCollocationFinder

    found = words(texts.astype("str").str.lower())
    spoken = np.split(np.array(found.vocabulary, dtype=object)[found.ids], found.offsets[1:-1])
    finder = BigramCollocationFinder.from_documents(map(list, spoken))
    finder.apply_freq_filter(FEWEST)
    said, pairs, total = finder.word_fd, finder.ngram_fd, finder.word_fd.N()
    finder.apply_ngram_filter(lambda one, two: pairs[one, two] * total <= said[one] * said[two])  # too seldom
    scored = finder.score_ngrams(BigramAssocMeasures.likelihood_ratio)[:n]
    rows = [(" ".join(pair), pairs[pair], ratio) for pair, ratio in scored]
    return pd.DataFrame(rows, columns=["words", "n", "ratio"])


def word_contexts(texts: pd.Series, pattern: str, width: int = 45) -> pd.DataFrame:
    """Where a word, or a pattern as in the codebook, is said: before, matched, after, by comment_id.

    Examples
    --------
    >>> word_contexts(pd.Series({"c1": "Nadie contesta, nadie"}), "contest*", width=6).values.tolist()
    [['Nadie ', 'contesta', ', nadi']]
    """
    found = words(texts)
    _, first, last = Patterns([pattern]).find(found)
    at, start, end = found.comment[first], found.start[first], found.end[last]
    matched = [text[a:b] for text, a, b in zip(texts.iloc[at], start, end, strict=True)]
    rows = {"comment_id": texts.index.astype("str")[at], "code": pattern, "start": start, "end": end}
    return contexts(pd.DataFrame(rows | {"matched": matched}), texts, width).drop(columns="code")


def _weighted(members: np.ndarray, counts: Any, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted log-odds of each word (columns) and its standard deviation, per set of members (rows)."""
    said, all_said = members.astype(float) @ counts, counts.sum(axis=0)
    n, n_all = (members @ size)[:, None], size.sum()
    prior = PRIOR_WORDS * all_said / max(n_all, 1)
    one, two = said + prior, all_said - said + prior
    rest = [np.maximum(n + PRIOR_WORDS - one, 1e-9), np.maximum(n_all - n + PRIOR_WORDS - two, 1e-9)]
    return np.log(one / rest[0]) - np.log(two / rest[1]), np.sqrt(1 / one + 1 / two)


def _tails(is_first: np.ndarray, counts: Any, size: np.ndarray) -> np.ndarray:
    """Binomial chance of as large, as small, a part in `is_first`; n: what comments are worth (Kish 1965)."""
    from scipy.special import betainc

    said, total = counts.sum(axis=0), max(size.sum(), 1)
    rate, part = said / total, (is_first @ size) / total
    spread = (counts**2).sum(axis=0) - 2 * rate * (counts.T @ size) + rate**2 * (size**2).sum()
    worth, mine = said**2 / np.maximum(spread, 1e-9 * said**2), (is_first @ counts) / said
    cases, rest = worth * mine, worth * (1 - mine)
    return np.stack([betainc(cases, rest + 1, part), betainc(rest, cases + 1, 1 - part)])
