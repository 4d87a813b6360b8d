"""Quotes for the report: for each finding a typical, a strong and a contrary comment, chosen by a fixed rule.

People's codes come before the machine's, and where people disagree about a comment it is not quoted for what
they disagree about. **Names of people are not masked**: read every quote before you publish, and name under
`not_quoted` in study.yaml those that must not appear.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .codebook import Codebook
from .errors import InputError, nearest
from .handcoding import GOLD, hand_sentiment, people_and_rounds, reference_coder
from .privacy import MASKS
from .sentiment import LABELS
from .study import Study
from .themes import MACHINES, add_families, code_table
from .tokens import fold, words

ROLES = ("typical", "strongest", "contrary")
SHORTEST, LONGEST = 6, 60  # words of a comment that is quoted
FEWEST = 3  # comments, to have a centre
MOST = 5_000  # comments in the report's bank
KEPT_EACH = 25  # of them for each code and sentiment in each group, if there are so many
MACHINE = "machine"  # who labels sentiment where no person did
_QUOTED = ["comment_id", "text", "brand", "channel", "month", "sentiment", "sentiment_coder"]
_FOUND = ["finding", "group", "language", "role", *_QUOTED, "coder", "why", "place", "of"]
_CONTACT = "|".join(rf"\[{kind}\]" for kind in MASKS if kind != "handle")


def quote_bank(
    comments: pd.DataFrame, codes: pd.DataFrame, sentiment: pd.DataFrame, hand: pd.DataFrame,
    codebook: Codebook, study: Study,
) -> pd.DataFrame:  # fmt: skip
    """All that may be quoted: one row per comment, with what people, or else the machine, say of it.

    Parameters
    ----------
    comments, sentiment : pd.DataFrame, index comment_id
        As steps 01 and 02 wrote them; comments named in `not_quoted` of the study are left out.
    codes, hand : pd.DataFrame
        The codes of all coders (step 03), and the hand codes as read, for people's sentiment labels.

    Returns
    -------
    pd.DataFrame
        comment_id, group, language, brand, channel, month ("2025-01", or ""); sentiment and codes (separated
        by ";"): those of gold, else of the reference coder, else of another person, else of the machine;
        sentiment_coder, coder: who gave just these; coders: all people who coded the comment, or the machine;
        agreed: codes, families and sentiment that all of those give; score, by word lists; text; sorted.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.study import find_study
    >>> study = find_study()
    >>> book = load_codebook(study.codebook_path)
    >>> comments = pd.DataFrame({"text": ["Two hours on hold"], "group": "consumer"}, index=["c1"])
    >>> codes = pd.DataFrame({"comment_id": ["c1"], "coder": "dictionary", "code": "efficiency"})
    >>> codes = codes.assign(given=True, unsure=False)
    >>> feeling = pd.DataFrame({"label": ["neutral"], "score": 0.0}, index=["c1"])
    >>> hand = pd.DataFrame({"comment_id": ["c1"], "coder": "ana", "sentiment": "negative"})
    >>> bank = quote_bank(comments, codes, feeling, hand, book, study)
    >>> bank[["codes", "coder", "sentiment", "sentiment_coder", "agreed"]].values.tolist()
    [['efficiency', 'dictionary', 'negative', 'ana', 'efficiency;consumer_identity;negative']]
    """
    comments = comments.set_axis(comments.index.astype("str").rename("comment_id")).sort_index()
    for unknown in sorted({*study.not_quoted} - {*comments.index})[:1]:
        found = f"not_quoted names {unknown!r}, which is no comment that is studied."
        found += nearest(unknown, comments.index)
        raise InputError(f"{found} A slip would publish what should not be.")
    comments = comments[~comments.index.isin(study.not_quoted)]
    ids, names = comments.index, codebook.names
    given = {coder: code_table(codes, coder, ids, names) for coder in _people(codes, ids)}
    machine = code_table(codes, study.machine_coder, ids, names, guess=True)
    basis, agreed, coders, coder = _settled(given, machine.reindex(ids), study.machine_coder)
    feeling = sentiment.set_axis(sentiment.index.astype("str"))[["label", "score"]].reindex(ids)
    felt = {who: _one_hot(hand_sentiment(hand, who, ids)) for who in _people(hand, ids)}
    mood, moods, _, mood_coder = _settled(felt, _one_hot(feeling["label"]).reindex(ids), MACHINE)
    bank = comments.reindex(columns=["group", "language", "brand", "channel"]).astype("str").fillna("")
    if "date" in comments:
        bank["month"] = comments["date"].dt.strftime("%Y-%m").fillna("").astype("str")
    bank = bank.assign(sentiment=_joined(mood), sentiment_coder=mood_coder, codes=_joined(basis), coder=coder)
    bank["coders"] = coders
    bank["agreed"] = _joined(add_families(agreed, codebook).join(moods))
    return bank.assign(score=feeling["score"], text=comments["text"].astype("str")).reset_index()


def choose_quotes(bank: pd.DataFrame, codebook: Codebook, study: Study) -> pd.DataFrame:
    """Choose quotes for each code, family and sentiment, group and language; the rule has no other input.

    A comment can be quoted for a finding if all people who coded it say so, or if nobody coded it and the
    machine does; hand-coded ones come first. It has 6 to 60 words and holds no mask of contact data and no
    handle but @user and the brands'.

    - typical: nearest to the mean of all comments with the finding (cosine of TF-IDF), of three or more.
    - strongest: farthest from 0 in score, on the side of its sentiment.
    - contrary, of a code or family: of the comments with the rarer of positive and negative, the nearest to
      that mean. Of a sentiment: its word score lies farthest on the other side, though people say otherwise.

    A comment quoted before yields to the next best, if there is one; of equals a hash of seed and comment_id
    decides, so that a new comment changes nothing among the others but by what it is.

    Parameters
    ----------
    bank : pd.DataFrame
        As `quote_bank` makes it; the order of its rows is of no account.

    Returns
    -------
    pd.DataFrame
        finding, group, language, role, comment_id, text, brand, channel, month, sentiment, sentiment_coder;
        coder, who stands behind the finding; why, the cosine or score by which it was chosen; place among
        the `of` comments that could play the role (1: the first). No row where no comment qualifies, and none
        at all if the study says ``quotes: none``.
    """
    families = [family.family for family in codebook.families]
    findings = [*families, "negative", "positive", *codebook.names]
    if bank.empty or study.quotes == "none":
        return pd.DataFrame(columns=_FOUND)
    bank = bank.sort_values("comment_id", ignore_index=True)
    bank = bank.assign(order=_hashed(bank["comment_id"], study.seed), fits=_quotable(bank["text"], study))
    cells = bank.groupby(["group", "language"])
    table = pd.concat([_choose(cell.reset_index(drop=True), findings) for _, cell in cells])
    orders = {"role": list(ROLES), "group": study.groups, "finding": findings}
    places = {name: pd.Index(order).get_indexer(pd.Index(table[name])) for name, order in orders.items()}
    language = table["language"].to_numpy(dtype="U")
    table = table.iloc[np.lexsort((places["role"], language, places["group"], places["finding"]))]
    return table[_FOUND].reset_index(drop=True)


def limit_bank(bank: pd.DataFrame, quotes: pd.DataFrame, study: Study, most: int = MOST) -> pd.DataFrame:
    """The comments of the bank that a report shows, in random order; none unless the study quotes ``all``.

    Of more than `most` comments it keeps the chosen quotes, then up to 25 of each code and sentiment in each
    group, then others, all at random by a hash of seed and comment_id.

    Examples
    --------
    >>> from cxresearch.study import find_study
    >>> bank = pd.DataFrame({"comment_id": list("abcd"), "group": "brand", "sentiment": "neutral"})
    >>> bank["codes"] = ["ease;service", "ease", "ease", "loyalty"]
    >>> shown = limit_bank(bank, bank.iloc[:1], find_study(), 3)
    >>> sorted(shown["comment_id"])[:1], len(shown), "d" in set(shown["comment_id"])
    (['a'], 3, True)
    """
    if bank.empty or study.quotes != "all":
        return bank.iloc[:0]
    order = _hashed(bank["comment_id"], study.seed)
    bank = bank.iloc[np.lexsort((bank["comment_id"].to_numpy(dtype="U"), order))].reset_index(drop=True)
    told = (bank["codes"] + ";" + bank["sentiment"]).str.split(";").explode()
    rank = told.groupby([bank["group"].reindex(told.index), told]).cumcount()
    rank = rank.groupby(level=0).min().clip(upper=KEPT_EACH)
    rank = rank.mask(bank["comment_id"].isin(quotes["comment_id"]), -1)
    return bank.loc[rank.sort_values(kind="stable").index[:most].sort_values()].reset_index(drop=True)


def _people(coded: pd.DataFrame, ids: pd.Index) -> list[str]:
    """Gold, the reference coder, and the other people, who coded most first."""
    own = coded.loc[coded["comment_id"].isin(ids), ["coder", "comment_id"]].drop_duplicates()
    if own.empty:
        return []
    people, first = people_and_rounds(own["coder"])[0], reference_coder(own, ids)
    count = own["coder"].value_counts()
    gold = [GOLD] if GOLD in count else []
    return gold + sorted(people, key=lambda name: (name != first, -count[name], name))


def _settled(
    people: dict[str, pd.DataFrame], machine: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, pd.DataFrame, NDArray[np.object_], NDArray[np.object_]]:
    """What the first person (or the machine) gave, what all who coded gave, they, and who gave the first."""
    basis = machine.fillna(False).to_numpy(dtype=bool, copy=True)
    agreed, who, same = basis.copy(), np.full(len(basis), "", dtype=object), np.full(len(basis), True)
    for coder, table in people.items():
        place = machine.index.get_indexer(table.index)
        place, given = place[place >= 0], table.to_numpy(dtype=bool)[place >= 0]
        open_ = ~pd.Series(who[place]).str.startswith(GOLD).to_numpy(dtype=bool)  # gold has the last word
        place, given = place[open_], given[open_]
        new = who[place] == ""
        basis[place[new]] = agreed[place[new]] = given[new]
        agreed[place[~new]] &= given[~new]
        same[place[~new]] &= (basis[place[~new]] == given[~new]).all(axis=1)
        who[place] = who[place] + np.where(new, coder, f";{coder}").astype(object)
    who[(who == "") & machine.notna().any(axis=1).to_numpy()] = name
    settled, shared = (pd.DataFrame(part, machine.index, machine.columns) for part in (basis, agreed))
    first = np.array([names.partition(";")[0] for names in who], dtype=object)
    return settled, shared, who, np.where(same, who, first)


def _one_hot(labels: pd.Series) -> pd.DataFrame:
    """Labels as one column each, those missing left out."""
    labels = labels[labels.isin(LABELS)]
    return pd.DataFrame({label: labels == label for label in LABELS})


def _joined(wide: pd.DataFrame) -> NDArray[np.object_]:
    """Names of the columns that hold, separated by ";"."""
    names = np.array([f"{name};" for name in wide.columns], dtype=object)
    told = wide.to_numpy(dtype=bool).astype(object) @ names if len(wide) else []
    return pd.Series(told, dtype="str").str.rstrip(";").to_numpy(dtype=object)


def _hashed(ids: pd.Series, seed: int) -> NDArray[np.uint64]:
    """A number for each comment_id that depends on it and the seed alone."""
    return pd.util.hash_array(ids.to_numpy(dtype=object), hash_key=f"{seed:016d}"[-16:], categorize=False)


def _quotable(texts: pd.Series, study: Study) -> pd.Series:
    """Whether a text has a length to be quoted, and no contact data, masked or not."""
    known = "|".join(["user", *(handle.lstrip("@") for handle in study.brand_handles)])
    private = rf"{_CONTACT}|[@＠](?!(?i:{known})\b)\w"
    return texts.str.count(r"\S+").between(SHORTEST, LONGEST) & ~texts.str.contains(private)


def _choose(cell: pd.DataFrame, findings: list[str]) -> pd.DataFrame:
    """Quotes of one group and language: all typical ones first, so that they have the first choice."""
    has = cell["agreed"].str.get_dummies(";").reindex(columns=findings, fill_value=0).astype(bool)
    mood = (has["positive"].astype(int) - has["negative"]).to_numpy()
    vectors = _weighed(cell["text"])
    score, order = cell["score"].fillna(0).to_numpy(), cell["order"].to_numpy()
    fits, used = cell["fits"].to_numpy(), np.zeros(len(cell), dtype=bool)
    who = {True: "sentiment_coder", False: "coder"}
    machine = {kind: cell[column].isin([*MACHINES, MACHINE]).to_numpy() for kind, column in who.items()}
    taken, rows = {finding: [-1] for finding in findings}, []
    for role, finding in ((role, finding) for role in ROLES for finding in findings):
        own, by_machine = has[finding].to_numpy(), machine[finding in LABELS]
        if role == "contrary" and finding in LABELS:
            own = own & ~by_machine  # the machine goes by the words
        for pool in (np.flatnonzero(own & ~by_machine), np.flatnonzero(own & by_machine)):
            found, value = _candidates(role, finding, pool, mood, score, vectors)
            free = fits[found] & ~np.isin(found, taken[finding])
            found, value = found[free], np.abs(value[free]).round(6)
            if len(found):
                best = np.lexsort((order[found], -value, used[found]))[0]
                used[found[best]] = True
                taken[finding].append(found[best])
                place = 1 + (value > value[best]).sum()
                rows.append((found[best], finding, role, value[best], place, len(found)))
                break
    table = pd.DataFrame(rows, columns=["row", "finding", "role", "why", "place", "of"])
    table = table.join(cell.drop(columns="order"), on="row")
    felt, by_score = table["finding"].isin(LABELS), table["role"] == "strongest"
    by_score |= felt & (table["role"] == "contrary")
    table["coder"] = table["coders"].mask(felt, table["sentiment_coder"])
    return table.assign(why=table["why"].mask(by_score, table["score"]))


def _weighed(texts: pd.Series) -> Any:
    """Words of each comment weighed by TF-IDF, sublinear and smoothed, in rows of length 1."""
    from scipy import sparse

    said = words(texts).respell(fold)
    shape = (len(texts), len(said.vocabulary))
    counts = sparse.csr_array((np.ones(len(said.ids)), (said.comment, said.ids)), shape=shape)
    counts.sum_duplicates()
    rarity = 1 + np.log((1 + len(texts)) / (1 + np.bincount(counts.indices, minlength=shape[1])))
    counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
    length = np.sqrt(np.asarray((counts * counts).sum(axis=1)))
    counts.data /= np.repeat(length, np.diff(counts.indptr))
    return counts


def _candidates(
    role: str, finding: str, pool: NDArray[np.int64], mood: NDArray[np.int64], score: NDArray[np.float64],
    vectors: Any,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:  # fmt: skip
    """Comments of a pool that can play a role, and what they need most of, but for its sign."""
    if role == "strongest" or (role == "contrary" and finding in LABELS):
        pool = pool[score[pool] * mood[pool] * (1 if role == "strongest" else -1) > 0]
        return pool, score[pool]
    if len(pool) < FEWEST:
        return pool[:0], score[:0]
    centre = np.asarray(vectors[pool].mean(axis=0)).ravel()
    near = vectors[pool] @ centre / np.linalg.norm(centre)
    rarer = mood[pool] * np.sign(mood[pool].sum()) < 0
    return (pool, near) if role == "typical" else (pool[rarer], near[rarer])
