"""Apply the codebook: which codes a comment carries, and which of its words say so.

Whoever codes - people, the codebook's patterns, a learned coder, a language model - fills the same `codes`
table, told apart by its column ``coder``.
"""

import re

import numpy as np
import pandas as pd

from .codebook import Codebook, Rule
from .patterns import Patterns
from .tokens import Tokens, Words, words

CODER = "dictionary"
MACHINES = (CODER, "learned", "language_model")
CODED_LANGUAGES = ("es", "en")
TYPES = dict.fromkeys(["comment_id", "coder", "code"], "str") | {"start": "Int64", "end": "Int64"}
TYPES |= {"matched": "str", "pattern": "str", "probability": "float", "given": "bool"}
TYPES |= {"unsure": "bool", "codebook": "str"}
COLUMNS = list(TYPES)
NEGATION_REACH = 3  # words


def code_comments(comments: pd.DataFrame, codebook: Codebook, tokens: Tokens | None = None) -> pd.DataFrame:
    """Code comments by the codebook's patterns.

    `comments` has ``text``, ``language`` and, for patterns that hold in one group alone, ``group``; index
    comment_id. `tokens` are those of the texts, if they are already there. A comment is coded by the patterns
    of its own language, in others than ``es`` and ``en`` not at all. Returns one row per trigger, as
    `codes_by` gives it, coder ``dictionary``; overlapping triggers of one code are reduced to the longest.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> book = load_codebook("data/raw/codebook.yaml")
    >>> texts = ["Llevo dos horas esperando en la línea", "Hola"]
    >>> comments = pd.DataFrame({"text": texts, "language": "es"}, index=["c1", "c2"])
    >>> coded = code_comments(comments, book)
    >>> sorted(set(coded["comment_id"])), "efficiency" in set(coded["code"])
    (['c1', 'c2'], True)
    """
    parts, spoken = [], comments["language"].where(comments["text"].notna())
    for language in CODED_LANGUAGES:
        own = np.flatnonzero(spoken == language)
        part = comments.iloc[own]
        found = words(part["text"], None if tokens is None else tokens.take(own))
        parts.append(_triggers(part, found, codebook, language))
    coded = comments.index[spoken.isin(CODED_LANGUAGES)]
    return codes_by(CODER, pd.concat(parts), coded, codebook)


def codes_by(coder: str, rows: pd.DataFrame, coded: pd.Index, codebook: Codebook) -> pd.DataFrame:
    """Bring what one coder found into the form of the `codes` table.

    `rows` has ``comment_id``, ``code`` and further columns as far as this coder has them; `coded` is every
    comment_id that the coder looked at, in the order wanted.

    Returns
    -------
    pd.DataFrame
        ``comment_id``, ``coder``, ``code`` (missing where the coder looked and no code applies), ``start``
        and ``end`` (characters of the comment; missing if nothing is pointed at), ``matched`` (those
        characters), ``pattern``, ``probability`` (0 to 1, learned coder only), ``unsure`` (True: the coder
        abstains), ``given`` (False where the best guess of an unsure coder is no), ``codebook`` (edition).
        Sorted by comment, codebook order, start.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> rows = pd.DataFrame({"comment_id": ["c1"], "code": ["ease"]})
    >>> table = codes_by("ana", rows, pd.Index(["c2", "c1"]), load_codebook("data/raw/codebook.yaml"))
    >>> table[["comment_id", "coder", "code"]].fillna("none").values.tolist()
    [['c2', 'ana', 'none'], ['c1', 'ana', 'ease']]
    """
    silent = pd.DataFrame({"comment_id": coded[~coded.isin(rows["comment_id"])]})
    table = pd.concat([rows, silent], ignore_index=True).reindex(columns=COLUMNS)
    order = np.lexsort(
        (table["start"].fillna(0).to_numpy(dtype=float), *_places(table, codebook.names, coded)[::-1])
    )
    table = table.iloc[order].astype({"unsure": "boolean", "given": "boolean", "codebook": "str"})
    table = table.fillna({"unsure": False, "given": True, "codebook": codebook.edition})
    return table.assign(coder=coder).astype(TYPES).reset_index(drop=True)


def code_table(
    codes: pd.DataFrame, coder: str, comment_ids: pd.Index, names: list[str], *, guess: bool = False
) -> pd.DataFrame:
    """Turn one coder's codes into one row per comment and one column per code.

    Rows are those of `comment_ids` that this coder coded, in their order; columns follow `names`. Cells are
    bool or, if the coder abstains from some, 1.0, 0.0 and missing there; with `guess` its best guess instead.

    Examples
    --------
    >>> codes = pd.DataFrame({"comment_id": ["c1", "c2"], "code": ["ease", None], "given": True})
    >>> codes = codes.assign(unsure=False, coder="ana")
    >>> code_table(codes, "ana", pd.Index(["c1", "c2", "c3"]), ["ease"]).values.tolist()
    [[True], [False]]
    """
    own, comment_ids = codes[codes["coder"] == coder], comment_ids.astype("str")
    coded = pd.Index(comment_ids[comment_ids.isin(own["comment_id"])], name="comment_id")
    given, unsure = (_flags(own[own[flag]], coded, names) for flag in ("given", "unsure"))
    return given.astype(float).mask(unsure) if unsure.any(axis=None) and not guess else given


def add_families(wide: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Add one column per family: whether the comment carries any of its codes.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> book = load_codebook("data/raw/codebook.yaml")
    >>> wide = pd.DataFrame(False, index=["c1"], columns=book.names).assign(ease=True)
    >>> add_families(wide, book)[["consumer_identity", "emotional_self"]].iloc[0].tolist()
    [True, False]
    """
    families = {f.family: wide[codebook.family_codes(f.family)].any(axis=1) for f in codebook.families}
    return wide.assign(**families)


def contexts(codes: pd.DataFrame, texts: pd.Series, width: int = 45) -> pd.DataFrame:
    """Keywords in context: the words behind each row of `codes`, and up to `width` characters around them.

    Returns ``code``, ``before``, ``matched``, ``after``, indexed by comment_id; rows that point at no words
    are left out.

    Examples
    --------
    >>> ease = pd.DataFrame({"comment_id": ["c1"], "code": "ease", "start": 7, "end": 12, "matched": "fácil"})
    >>> contexts(ease, pd.Series({"c1": "Es muy fácil de usar"}), width=6).values.tolist()
    [['ease', 's muy ', 'fácil', ' de us']]
    """
    shown = codes.dropna(subset=["code", "start"]).set_index("comment_id")
    texts = texts.set_axis(texts.index.astype("str"))
    places = zip(texts[shown.index], shown["start"], shown["end"], strict=True)
    around = [(text[max(0, start - width) : start], text[end : end + width]) for text, start, end in places]
    before, after = zip(*around, strict=True) if around else ((), ())
    return shown.assign(before=before, after=after)[["code", "before", "matched", "after"]]


def outdated(codes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Codes given under another edition of the codebook: how many comments, by ``coder`` and ``codebook``.

    A machine's codes are outdated once anything in the codebook has changed; a person's once the version has,
    its last number (that of the patterns) aside. Codes without a stated edition are not judged.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> book = load_codebook("data/raw/codebook.yaml")
    >>> rows = pd.DataFrame({"comment_id": ["c1"], "coder": "ana", "codebook": "0.0.1"})
    >>> outdated(rows, book).values.tolist()
    [['ana', '0.0.1', 1]]
    """
    stated = codes[codes["codebook"] != ""].groupby(["coder", "codebook"])["comment_id"].nunique()
    table = stated.rename("comments").reset_index()
    version = table["codebook"].str.replace(r" .*", "", regex=True)
    last_number = r"\.[^.]*$"
    same = version.str.replace(last_number, "", regex=True) == re.sub(last_number, "", codebook.version)
    same = same.mask(table["coder"].isin(MACHINES), table["codebook"] == codebook.edition)
    return table[~same].reset_index(drop=True)


def _flags(rows: pd.DataFrame, coded: pd.Index, names: list[str]) -> pd.DataFrame:
    """Which comment has which code, as bool."""
    given = np.zeros((len(coded), len(names)), dtype=bool)
    place, code = _places(rows, names, coded)
    known = (place >= 0) & (code >= 0)
    given[place[known], code[known]] = True
    return pd.DataFrame(given, index=coded, columns=names)


def _places(rows: pd.DataFrame, names: list[str], coded: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Place of each row's comment and of its code, -1 for others."""
    return coded.get_indexer(pd.Index(rows["comment_id"])), pd.Index(names).get_indexer(
        pd.Index(rows["code"])
    )


def _triggers(comments: pd.DataFrame, found: Words, codebook: Codebook, language: str) -> pd.DataFrame:
    """What the rules of one language find in comments of that language."""
    rules = [(n, rule) for n, code in enumerate(codebook.codes) for rule in code.patterns[language]]
    written = [(n, text) for n, (_, rule) in enumerate(rules) for text in rule.patterns]
    cancels = [(n, text) for n, (_, rule) in enumerate(rules) for text in rule.unless]
    negations = [(-1, text) for text in codebook.negations[language]]
    numbers, texts = np.array([*written, *cancels, *negations], dtype=object).reshape(-1, 2).T
    which, first, last = Patterns(texts).find(found)
    hits = pd.DataFrame({"which": which, "first": first, "last": last, "comment": found.comment[first]})
    hits["rule"] = numbers[which].astype(int)
    kind = np.searchsorted(np.cumsum([len(written), len(cancels)]), which, side="right")
    hits, cancel, negation = (hits[kind == number] for number in range(3))
    hits = hits.drop_duplicates(["which", "first"])  # the shortest from each first word
    hits = hits.drop(_cancelled(hits, cancel))
    negated = _negated(hits["first"].to_numpy(), negation["last"].to_numpy(), found)
    hits = hits[_meets([rule for _, rule in rules], hits, negated, comments.get("group"))]
    hits = _longest(hits.assign(code=np.array([code for code, _ in rules], dtype=int)[hits["rule"]]))
    start, end = found.start[hits["first"]], found.end[hits["last"]]
    column = comments["text"].tolist()
    matched = [column[n][a:b] for n, a, b in zip(hits["comment"], start, end, strict=True)]
    code = np.array(codebook.names, dtype=object)[hits["code"]]
    columns = {"code": code, "start": start, "end": end, "matched": matched, "pattern": texts[hits["which"]]}
    return pd.DataFrame({"comment_id": comments.index[hits["comment"]], **columns})


def _cancelled(hits: pd.DataFrame, cancel: pd.DataFrame) -> pd.Index:
    """Hits that a match of one of their rule's `unless` overlaps."""
    pairs = hits.reset_index().merge(cancel, on=["rule", "comment"], suffixes=("", "_other"))
    overlap = (pairs["first_other"] <= pairs["last"]) & (pairs["last_other"] >= pairs["first"])
    return pd.Index(pairs.loc[overlap, "index"].unique())


def _negated(first: np.ndarray, negations: np.ndarray, found: Words) -> np.ndarray:
    """Whether a negation ends at most three words before a hit, in the same comment and clause; bool."""
    negation = np.zeros(len(found.ids), dtype=bool)
    negation[negations] = True
    negated, open_ = np.zeros(len(first), dtype=bool), np.ones(len(first), dtype=bool)
    for step in range(1, NEGATION_REACH + 1):
        before = np.maximum(first - step, 0)
        open_ &= (first >= step) & (found.comment[before] == found.comment[first]) & ~found.stops[before]
        negated |= open_ & negation[before]
    return negated


def _meets(rules: list[Rule], hits: pd.DataFrame, negated: np.ndarray, group: pd.Series | None) -> np.ndarray:
    """Whether hits meet their rules' conditions on negation and group; bool."""
    wanted = np.array([{"skip": 0, "only": 1}.get(rule.negated or "", -1) for rule in rules], dtype=int)
    groups = np.array([rule.group or "" for rule in rules], dtype=object)
    number = hits["rule"].to_numpy()
    fits = (wanted[number] < 0) | (wanted[number] == negated)
    spoken = "" if group is None else group.to_numpy(dtype=object)[hits["comment"]]
    return fits & ((groups[number] == "") | (groups[number] == spoken))


def _longest(hits: pd.DataFrame) -> pd.DataFrame:
    """Of triggers of one code that overlap, keep the longest; of equally long ones the first."""
    if hits.empty:
        return hits
    hits = hits.sort_values(["comment", "code", "first", "last"], ascending=[True, True, True, False])
    comment, code, first, last = hits[["comment", "code", "first", "last"]].to_numpy().T
    new = np.diff(comment, prepend=-1).astype(bool) | np.diff(code, prepend=-1).astype(bool)
    shift = np.cumsum(new) * (last.max() + 1)  # so that the reach of one code ends with it
    reached = np.concatenate([[-1], np.maximum.accumulate(shift + last)[:-1]])
    cluster = np.cumsum(shift + first > reached)  # overlapping ones follow one another
    order = np.lexsort((first - last, cluster))
    return hits.iloc[order[np.diff(cluster[order], prepend=0).astype(bool)]]
