"""A coder learned from hand codes: it gives probabilities, abstains where unsure, and states its error.

`ridge` holds the statistics: how codes are learned from words, calibrated, thresholded and bounded.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray

from . import __version__
from .accuracy import parts
from .agreement import flags
from .codebook import Codebook
from .errors import InputError
from .intervals import wilson
from .raw import require_column
from .ridge import Arrays, bound, decide, fit, limits, probabilities, score
from .tables import read_bytes, write_whole
from .templates import render
from .themes import codes_by

FORMAT = 1  # of the file
MIN_COMMENTS, MIN_CASES = 50, 10  # hand-coded comments in all, and with a code: with fewer it is not learned
TABLES = ("errors", "curve", "calibration")


@dataclass(frozen=True)
class LearnedCoder:
    """A coder made by `learn`; its card tells about it in words.

    Attributes
    ----------
    info : dict
        ``codes``, those ``learned``, ``reasons`` why others are not, ``hints``, settings, versions, data.
    arrays : dict of np.ndarray
        Terms, weights, calibration, limits; what was decided on the comments it learned from.
    errors : pd.DataFrame, one row per code (and ``all``), language and group
        Measured out of fold: n, cases and given (comments), precision and recall (with 95 % limits), f1,
        coverage (share decided), wrong (share of what was surely given), missed (share of cases in what was
        surely denied), all 0 to 1; error_bound, miss_bound: 95 % upper bounds of the last two under the
        limits now in use, which are set on all folds together.
    curve : pd.DataFrame
        Per code, the most certain decisions first: coverage, n, error, upper (its 95 % bound).
    calibration : pd.DataFrame
        Per tenth of the probability: n, expected and observed share of the code, low, high (95 %).
    """

    info: dict[str, Any]
    arrays: Arrays
    errors: pd.DataFrame
    curve: pd.DataFrame
    calibration: pd.DataFrame

    def decide(self, comments: pd.DataFrame, hints: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
        """Decide on comments: given (bool, the best guess where unsure), unsure, probability (0 to 1).

        Comments it learned from get the probability by the coder of their fold, which had not seen them. Its
        own would fit them better than new comments, and shares corrected by hand codes would take the machine
        for more accurate than it is (cross-fitting; Zrnic and Candès 2024).
        """
        if list(hints) != self.info["hints"]:
            found = f"The coder learned with the hints {self.info['hints']}, but found {list(hints)}"
            raise InputError(f"{found}. Make them the same way, or learn again.")
        own = probabilities(score(self.arrays, comments, hints), self.arrays)
        seen = pd.Index(self.arrays["keys"]).get_indexer(_keys(comments))
        own[seen >= 0] = self.arrays["out_of_fold"][seen[seen >= 0]]
        tables = *decide(own, self.arrays), own
        wide = [pd.DataFrame(table, comments.index, self.info["learned"]) for table in tables]
        given, unsure, probability = (table.reindex(columns=self.info["codes"]) for table in wide)
        few = list(self.info["reasons"])  # not learned: the best guess is the hint of that name
        given[few], unsure[few] = hints.reindex(comments.index, columns=few).to_numpy() > 0, True
        return given, unsure, probability

    def terms(self, code: str, k: int = 10) -> pd.Series:
        """The k words, parts of words and hints that speak most for a code, with their weights."""
        if code not in self.info["learned"]:
            raise InputError(f"{code!r} was not learned. Learned: {', '.join(self.info['learned'])}.")
        hints = [f"hint: {hint}" for hint in self.info["hints"]]
        named = [*self.arrays["word"], *self.arrays["part"], *hints]
        weights = self.arrays["weights"][: len(named), self.info["learned"].index(code)]
        return pd.Series(weights, named, name="weight").sort_values(ascending=False, kind="stable").head(k)

    def card(self) -> str:
        """Describe the coder in Markdown: data, versions, settings, error per code, language and group."""
        tables = {"errors": self.errors.round(2), "calibration": self.calibration}
        return render("learned_card.md.j2", info=self.info, **tables)

    def save(self, path: str | Path) -> None:
        """Write the coder to a .npz file, without pickle, and its card beside it (.md), each whole.

        The same coder gives the same bytes.
        """
        content = {name: getattr(self, name).to_dict("list") for name in TABLES} | {"info": self.info}
        arrays = self.arrays | {"json": np.frombuffer(json.dumps(content).encode(), dtype=np.uint8)}
        card, data = self.card(), io.BytesIO()
        np.savez_compressed(data, allow_pickle=False, **arrays)
        write_whole(path, lambda file: file.write_bytes(data.getvalue()))
        write_whole(Path(path).with_suffix(".md"), lambda file: file.write_text(card, encoding="utf-8"))


def learn(
    comments: pd.DataFrame,
    truth: pd.DataFrame,
    hints: pd.DataFrame,
    *,
    exclusive: bool = False,
    max_error: float = 0.3,
    max_missed: float = 0.05,
    folds: int = 5,
    seed: int = 0,
    edition: str = "",
) -> LearnedCoder:
    """Learn to code from comments coded by hand, and measure it by nested cross-validation.

    A code is surely given only as far as the 95 % upper bound of the share of wrong ones stays within
    `max_error`, and surely denied as far as that of the share of cases among the denied stays within
    `max_missed`. Bounds hold for comments that are independent of one another and drawn like these, and not
    if the hints were tuned on the same hand codes: then measure on others.

    Parameters
    ----------
    comments : pd.DataFrame, index comment_id
        ``text``, ``language``, ``group``. Of hand-coded comments with the same text the first counts.
    truth : pd.DataFrame of bool, shape (n_hand_coded, n_codes)
        At least 50 of the comments. A code with fewer than 10 cases is not learned: all comments are unsure.
    hints : pd.DataFrame of numbers, index comment_id
        What else is known of every comment: the dictionary's codes, or sentiment scores.
    exclusive : bool
        Each comment has exactly one of the columns, as with sentiment.
    edition : str
        That of the codebook, for the card.

    Examples
    --------
    >>> texts = [f"{'slow queue' if number % 2 else 'kind staff'} {number}" for number in range(80)]
    >>> comments = pd.DataFrame({"text": texts, "language": "en", "group": "consumer"})
    >>> truth = pd.DataFrame({"efficiency": comments["text"].str.contains("slow")})
    >>> coder = learn(comments, truth, truth[[]])
    >>> given, unsure, probability = coder.decide(comments.assign(text="A slow queue again"), truth[[]])
    >>> bool(given.loc[0, "efficiency"]), bool(unsure.loc[0, "efficiency"])
    (True, False)
    """
    truth = _checked(comments, truth, hints, exclusive)
    cases = pd.concat([truth.sum(), (~truth).sum()], axis=1).min(axis=1)
    if not (learned := truth.columns[cases >= MIN_CASES].tolist()):
        raise InputError(f"Every code has fewer than {MIN_CASES} comments with or without it. Code more.")
    if exclusive and len(learned) < truth.shape[1]:
        rare = ", ".join(truth.columns[cases < MIN_CASES])
        raise InputError(f"Each label needs {MIN_CASES} comments with it, but {rare} has fewer. Code more.")
    own, wide, right = comments.loc[truth.index], hints.loc[truth.index], truth[learned].to_numpy()
    most, fold = (max_error, max_missed), _folds(right, folds, seed)
    answers = [np.zeros(right.shape, dtype=kind) for kind in (bool, bool, float)]
    for rest, test in ((fold != number, fold == number) for number in range(folds)):
        trained = fit(own[rest], wide[rest], right[rest], exclusive, most)
        probability = probabilities(score(trained, own[test], wide[test]), trained)
        for table, answer in zip(answers, (*decide(probability, trained), probability), strict=True):
            table[test] = answer
    arrays = fit(own, wide, right, exclusive, most)
    arrays |= limits(answers[2], decide(answers[2], arrays)[0], right, most)
    arrays |= {"keys": _keys(own), "out_of_fold": answers[2]}
    data = hashlib.sha256("".join(arrays["keys"]).encode() + truth.to_numpy().tobytes()).hexdigest()
    few = {code: f"{n} comments, {MIN_CASES} are needed" for code, n in cases.items() if n < MIN_CASES}
    info: dict[str, Any] = {"codes": list(truth), "learned": learned, "reasons": few, "hints": list(hints)}
    info |= {"data": data, "codebook": edition, "cxresearch": __version__, "sklearn": sklearn.__version__}
    settings = {"max_error": max_error, "max_missed": max_missed, "folds": folds, "seed": seed}
    info |= {"format": FORMAT, "settings": {"exclusive": exclusive, **settings}}
    tables = _errors(own, answers, truth[learned], arrays), _curve(right, answers, learned)
    return LearnedCoder(info, arrays, *tables, _calibration(right, answers[2]))


def load_learned(path: str | Path, codes: list[str]) -> LearnedCoder:
    """Read a coder that `LearnedCoder.save` wrote, made for these codes; `InputError` if it is none."""
    data = read_bytes(Path(path))
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        content = json.loads(arrays.pop("json").tobytes())
        info, tables = content["info"], [pd.DataFrame(content[name]) for name in TABLES]
        made, given = info["format"], set(info["codes"])
    except Exception as error:  # numpy, zipfile, zlib and json each have their own
        told = "is no learned coder (.npz, made by cxresearch learn), or is damaged"
        raise InputError(f"{path} {told}. Name another, or learn again.") from error
    if made != FORMAT:
        raise InputError(f"{path} is in the format of cxresearch {info['cxresearch']}. Learn again.")
    if differ := ", ".join(sorted(given ^ {*codes})):
        raise InputError(f"{path} is for other codes than these; the difference: {differ}. Learn again.")
    return LearnedCoder(info, arrays, *tables)


def code_learned(
    coder: LearnedCoder, comments: pd.DataFrame, hints: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Code comments by a learned coder, as `themes.codes_by` gives it: a row per code given or unsure."""
    given, unsure, probability = (table.to_numpy() for table in coder.decide(comments, hints))
    row, code = np.nonzero(given | unsure)
    rows = pd.DataFrame({"comment_id": comments.index[row], "code": np.array(coder.info["codes"])[code]})
    flagged = {"given": given[row, code], "unsure": unsure[row, code]}
    rows = rows.assign(probability=probability[row, code], **flagged)
    return codes_by("learned", rows, comments.index, codebook)


def _checked(
    comments: pd.DataFrame, truth: pd.DataFrame, hints: pd.DataFrame, exclusive: bool
) -> pd.DataFrame:
    """Hand codes as bool; InputError if they, the comments or the hints do not fit together."""
    for column in ("text", "language", "group"):
        require_column(comments, column, "comments", "The learned coder needs it.")
    truth = flags(truth, "truth")
    for name, table in (("comments", comments), ("hints", hints)):
        for strange in truth.index.difference(table.index)[:1]:
            raise InputError(f"{name}: no row for the hand-coded comment {strange!r}. Add it.")
    for row in truth.index[truth.isna().any(axis=1) | (exclusive & (truth.sum(axis=1) != 1))][:1]:
        expected = "one label" if exclusive else "every code judged"
        raise InputError(f"truth, comment {row!r}: expected {expected}. Mend or drop it.")
    if len(truth) < MIN_COMMENTS:
        raise InputError(f"At least {MIN_COMMENTS} hand-coded comments are needed, but found {len(truth)}.")
    return truth[~comments.loc[truth.index, "text"].duplicated()].astype(bool)


def _folds(right: NDArray, folds: int, seed: int) -> NDArray:
    """Fold of each comment, the rarest code of each spread evenly."""
    rarest = np.where(right, right.sum(axis=0), len(right) + 1).min(axis=1)
    fold, chance = np.empty(len(right), dtype=int), np.random.default_rng(seed).random(len(right))
    fold[np.lexsort((chance, rarest))] = np.arange(len(right)) % folds
    return fold


def _errors(own: pd.DataFrame, answers: list[NDArray], truth: pd.DataFrame, arrays: Arrays) -> pd.DataFrame:
    """Error of the decisions out of fold, per code, language and group."""
    right, given, sure = truth.to_numpy(), answers[0], ~answers[1]
    cells = {"n": right | True, "cases": right, "given": given, "both": given & right, "coverage": sure}
    cells |= {"sure": given & sure, "wrong": given & sure & ~right}
    cells |= {"denied": ~given & sure, "missed": ~given & sure & right}
    tables = []
    for (_, values), ids in parts(own).items():
        language, group = (*values, "all", "all")[:2]
        rows = own.index.get_indexer(ids)
        table = pd.DataFrame({name: cell[rows].sum(axis=0) for name, cell in cells.items()}, truth.columns)
        table = pd.concat([table.sum().to_frame("all").T, table]).assign(language=language, group=group)
        for name in ("error_bound", "miss_bound") if language == group == "all" else ():
            table.loc[list(truth), name] = arrays[name]
        tables.append(table.rename_axis("code").reset_index())
    table = pd.concat(tables, ignore_index=True)
    for name, base in (("precision", "given"), ("recall", "cases")):
        table[name] = table["both"] / table[base]
        table[f"{name}_low"], table[f"{name}_high"] = wilson(table[name], table[base])
    table["f1"] = 2 * table.pop("both") / (table["given"] + table["cases"])
    for name, base in (("coverage", "n"), ("wrong", "sure"), ("missed", "denied")):
        table[name] /= table[base]
    return table.drop(columns=["sure", "denied"])


def _curve(right: NDArray, answers: list[NDArray], learned: list[str]) -> pd.DataFrame:
    """Risk by coverage, out of fold: decisions from most to least certain."""
    given, _, probability = answers
    order = np.argsort(-np.where(given, probability, 1 - probability), axis=0, kind="stable")
    wrong = np.cumsum(np.take_along_axis(given != right, order, axis=0), axis=0)
    sizes = np.ceil(np.arange(1, 21) / 20 * len(right)).astype(int)
    curves = []
    for code, own in zip(learned, wrong[sizes - 1].T, strict=True):
        risk = {"coverage": sizes / len(right), "n": sizes, "error": own / sizes, "upper": bound(own, sizes)}
        curves.append(pd.DataFrame({"code": code, **risk}))
    return pd.concat(curves, ignore_index=True)


def _calibration(right: NDArray, probability: NDArray) -> pd.DataFrame:
    """Expected and observed shares, by tenth of the probability, of all codes together."""
    tenth = pd.Series(np.minimum(probability * 10, 9).astype(int).ravel(), name="tenth")
    table = pd.DataFrame({"expected": probability.ravel(), "observed": right.ravel()}).groupby(tenth).mean()
    table.insert(0, "n", tenth.value_counts())
    low, high = wilson(table["observed"], table["n"])
    return table.assign(low=low, high=high).reset_index()


def _keys(comments: pd.DataFrame) -> NDArray:
    """Hash of each comment's text: whatever its comment_id, it is that comment."""
    return np.array([hashlib.sha256(str(text).encode()).hexdigest()[:32] for text in comments["text"]])
