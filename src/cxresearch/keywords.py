"""Words that one group says more than another, words that go together, and both in their context."""

from typing import Any

import numpy as np
import pandas as pd

from .errors import InputError
from .patterns import Patterns
from .themes import contexts
from .tokens import words

PRIOR_WORDS = 500  # the prior counts as much as so many words, shared out as all comments use them
FEWEST = 5  # comments with a word, below which nothing is said of it


def log_odds(
    texts: pd.Series, groups: pd.Series, first: str, second: str, *, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Words of `first` as against `second`: weighted log-odds with an informative Dirichlet prior.

    After Monroe, Colaresi & Quinn (2008), Political Analysis 16, with all comments as the prior. Words of one
    comment are not independent, so significance comes from shuffling whole comments between the groups.
    `texts` and `groups` are indexed by comment_id; compare one language at a time.

    Returns
    -------
    pd.DataFrame
        One row per word (lower case) in at least five comments: word; n_first, n_second, times said;
        comments_first, comments_second; log_odds, above 0 where `first` says it more; z, log_odds over its
        standard deviation by counts; p, two-sided, by its standard deviation over `draws` shuffles; q
        (Benjamini-Hochberg). By z, from `first` to `second`. Empty if no word is that frequent; `InputError`
        if a group has no comment.

    Examples
    --------
    >>> texts = pd.Series(["slow slow app", "thank you all"] * 30)
    >>> table = log_odds(texts, pd.Series(["consumer", "brand"] * 30), "consumer", "brand")
    >>> table["word"].tolist()[0], table["n_first"].tolist()[0], bool(table["q"].max() < 0.01)
    ('slow', 60, True)
    """
    from scipy import sparse, stats

    texts = texts[groups.reindex(texts.index).isin([first, second]) & texts.notna()]
    is_first = (groups[texts.index] == first).to_numpy()
    for group, n in ((first, is_first.sum()), (second, (~is_first).sum())):
        if not n:
            raise InputError(f"log_odds: no comment of the group '{group}', among {sorted(groups.unique())}.")
    found = words(texts.str.lower())
    used, column = np.unique(found.ids, return_inverse=True)
    shape = (len(texts), len(used))
    counts = sparse.csr_array((np.ones(len(column)), (found.comment, column)), shape=shape)
    common = np.flatnonzero((counts > 0).sum(axis=0) >= FEWEST)
    names = np.array(found.vocabulary, dtype=object)[used[common]]
    table = pd.DataFrame({"word": names})
    for name, mine in (("first", is_first), ("second", ~is_first)):
        table[f"n_{name}"] = counts[mine][:, common].sum(axis=0).astype(int)
        table[f"comments_{name}"] = (counts[mine][:, common] > 0).sum(axis=0)
    members = np.random.default_rng(seed).permuted(np.tile(is_first, (draws, 1)), axis=1)
    odds, sd = _weighted(np.vstack([is_first, members]), counts[:, common], counts.sum(axis=1))
    table = table.assign(log_odds=odds[0], z=odds[0] / sd[0])
    table["p"] = 2 * stats.norm.sf(np.abs(odds[0] - odds[1:].mean(axis=0)) / odds[1:].std(axis=0))
    table["q"] = stats.false_discovery_control(table["p"]) if len(table) else table["p"]
    order = np.lexsort((table["word"], -table["z"]))
    return table.iloc[order].reset_index(drop=True)


def collocations(texts: pd.Series, n: int = 20) -> pd.DataFrame:
    """Pairs of words that follow each other more often than by chance, at least five times.

    By log-likelihood ratio (Dunning 1993, Computational Linguistics 19), as NLTK computes it; no pair goes
    from one comment to the next. Returns ``words``, ``n`` (times) and ``ratio``, the strongest first.

    Examples
    --------
    >>> texts = pd.Series(["the call centre is slow", "a call centre again"] * 4)
    >>> collocations(texts, 1).values.tolist()[0][:2]
    ['call centre', 8]
    """
    from nltk.collocations import BigramAssocMeasures, BigramCollocationFinder

    found = words(texts.str.lower())
    spoken = [found.vocabulary[i] for i in found.ids]
    documents = [spoken[a:b] for a, b in zip(found.offsets[:-1], found.offsets[1:], strict=True)]
    finder = BigramCollocationFinder.from_documents(documents)
    finder.apply_freq_filter(FEWEST)
    scored = finder.score_ngrams(BigramAssocMeasures.likelihood_ratio)[:n]
    rows = [(" ".join(pair), finder.ngram_fd[pair], ratio) for pair, ratio in scored]
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
    rows = pd.DataFrame({"comment_id": texts.index[found.comment[first]], "code": pattern})
    rows = rows.assign(start=found.start[first], end=found.end[last])
    full = texts.loc[rows["comment_id"]]
    spans = zip(full, rows["start"], rows["end"], strict=True)
    rows["matched"] = [text[start:end] for text, start, end in spans]
    return contexts(rows, texts, width).drop(columns="code")


def _weighted(members: np.ndarray, counts: Any, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted log-odds of each word (columns) and its standard deviation, per set of members (rows)."""
    said, all_said = members.astype(float) @ counts, counts.sum(axis=0)
    n, n_all = (members @ size)[:, None], size.sum()
    prior = PRIOR_WORDS * all_said / n_all
    one, two = said + prior, all_said - said + prior
    odds = np.log(one / (n + PRIOR_WORDS - one)) - np.log(two / (n_all - n + PRIOR_WORDS - two))
    return odds, np.sqrt(1 / one + 1 / two)
