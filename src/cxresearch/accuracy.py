"""How often a machine's labels are right: accuracy, macro F1 and confusion, with intervals, part by part."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .agreement import common_codes, flags
from .errors import InputError
from .intervals import newcombe, wilson
from .raw import require_column

FEWEST = 5  # comments by which an error may be judged
ERRORS = ["by", "within", "code", "error", "first", "second", "n_first", "n_second", "error_first"]
ERRORS += ["error_second", "difference", "low", "high", "p", "q", "different", "reason"]
LANGUAGE_GROUP = ("language", ("language", "group"))


def confusion(truth: pd.Series, predicted: pd.Series, labels: list[str]) -> pd.DataFrame:
    """Count comments by true label (rows) and predicted label (columns), both in the order of `labels`.

    Series are indexed by comment_id; comments missing in either are left out. InputError for other labels.

    Examples
    --------
    >>> confusion(pd.Series(["pos", "neg"]), pd.Series(["pos", "pos"]), ["neg", "pos"]).values.tolist()
    [[0, 1], [0, 1]]
    """
    pairs = pd.concat({"truth": truth, "predicted": predicted}, axis=1, join="inner").dropna()
    for row, column in np.argwhere(~pairs.isin(labels).to_numpy())[:1]:
        found = f"{pairs.columns[column]} {pairs.iloc[row, column]!r} for comment {pairs.index[row]!r}"
        raise InputError(f"expected a label among {labels}, found {found}.")
    counts = pd.crosstab(pairs["truth"], pairs["predicted"])
    return counts.reindex(index=labels, columns=labels, fill_value=0)


@np.errstate(invalid="ignore")
def accuracy_f1(tables: NDArray) -> NDArray:
    """Accuracy and macro F1 (over the labels that occur) of confusion tables (..., k, k): (..., 2)."""
    right = np.diagonal(tables, axis1=-2, axis2=-1)
    either = tables.sum(axis=-1) + tables.sum(axis=-2)
    f1 = (2 * right / np.maximum(either, 1)).sum(axis=-1) / (either > 0).sum(axis=-1)
    return np.stack([right.sum(axis=-1) / tables.sum(axis=(-2, -1)), f1], axis=-1)


def classification_summary(
    truth: pd.Series, predicted: pd.Series, labels: list[str], *, draws: int = 1000, seed: int = 0
) -> pd.Series:
    """Accuracy and macro F1 of predicted labels, with 95 % percentile bootstrap intervals over comments.

    Gives n, accuracy, accuracy_low, accuracy_high, macro_f1 (mean over the labels that occur), macro_f1_low,
    macro_f1_high; 0 to 1, higher is better. NaN without comments; limits NaN if all or none are right.

    Examples
    --------
    >>> truth, predicted = pd.Series(["pos", "neg", "neg", "pos"]), pd.Series(["pos", "neg", "pos", "pos"])
    >>> classification_summary(truth, predicted, ["neg", "pos"]).round(3)[["accuracy", "macro_f1"]].tolist()
    [0.75, 0.733]
    """
    counts = confusion(truth, predicted, labels).to_numpy()
    n, scores, limits = counts.sum(), accuracy_f1(counts), np.full((2, 2), np.nan)
    if 0 < scores[0] < 1:
        drawn = np.random.default_rng(seed).multinomial(n, counts.ravel() / n, size=draws)
        limits = np.percentile(accuracy_f1(drawn.reshape(draws, *counts.shape)), [2.5, 97.5], axis=0)
    names = [score + end for score in ("accuracy", "macro_f1") for end in ("", "_low", "_high")]
    return pd.Series([n, *np.vstack([scores, limits]).T.ravel()], index=["n", *names], dtype=float)


def parts(
    comments: pd.DataFrame, cuts: Iterable[str | tuple[str, ...]] = LANGUAGE_GROUP
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], pd.Index]:
    """Comments of every part that a figure is given for, by (columns it is cut by, its values in them).

    First ``((), ())``, all comments; then, for each of the `cuts` (a column or several at once), the parts in
    order of their values. Comments without a value are in none. `InputError` for an unknown column.

    Examples
    --------
    >>> comments = pd.DataFrame({"language": ["es", "en"], "group": ["brand", "brand"]})
    >>> list(parts(comments, ["group", ("language", "group")]))[:3]
    [((), ()), (('group',), ('brand',)), (('language', 'group'), ('en', 'brand'))]
    """
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], pd.Index] = {((), ()): comments.index}
    for cut in cuts:
        columns = [cut] if isinstance(cut, str) else list(cut)
        for column in columns:
            require_column(comments, column, "comments", "Cut by one of these.")
        for values, part in comments.groupby(columns):
            found[tuple(columns), tuple(map(str, values))] = part.index
    return found


def accuracy_table(
    truth: pd.Series, predicted: pd.Series, comments: pd.DataFrame, labels: list[str], **bootstrap: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accuracy and confusion of predicted labels, for each of the `parts` of the comments with true ones.

    `comments` holds ``language`` and ``group`` of every comment, index comment_id. The first table has one
    row per part: language, group, and what `classification_summary` gives. The second has one row per part
    and pair of labels: language, group, truth, predicted, n (comments), share (of those with that true
    label, 0 to 1), low and high (95 %, Wilson); NaN where no comment has that label.

    Examples
    --------
    >>> truth, predicted = pd.Series(["pos", "neg", "neg"]), pd.Series(["pos", "pos", "neg"])
    >>> comments = pd.DataFrame({"language": "es", "group": ["brand", "brand", "consumer"]})
    >>> accuracy, confused = accuracy_table(truth, predicted, comments, ["neg", "pos"], draws=100)
    >>> accuracy["n"].tolist(), confused[["truth", "predicted", "n", "share"]].values.tolist()[1]
    ([3, 3, 2, 1], ['neg', 'pos', 1, 0.5])
    """
    known = truth.dropna().index.intersection(predicted.dropna().index).intersection(comments.index)
    summaries, counts, part_names = {}, {}, ["language", "group"]
    for (_, values), ids in parts(comments.loc[known]).items():
        part = (*values, "all", "all")[:2]  # cut by nothing, by language, by language and group
        summaries[part] = classification_summary(truth[ids], predicted[ids], labels, **bootstrap)
        counts[part] = confusion(truth[ids], predicted[ids], labels).stack()  # noqa: PD013
    accuracy = pd.DataFrame(summaries).T.astype({"n": int}).rename_axis(part_names).reset_index()
    table = pd.DataFrame({"n": pd.concat(counts, names=part_names)}).reset_index()
    of_truth = table.groupby([*part_names, "truth"])["n"].transform("sum")
    table["share"] = table["n"] / of_truth
    table["low"], table["high"] = wilson(table["share"], of_truth)
    return accuracy, table


def _error_counts(truth: pd.DataFrame, machine: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """Comments to judge by, n, and wrong ones, per language and group (rows; "all" too), code and error."""
    codes = common_codes({"truth": truth, "machine": machine})
    hand, coded = flags(truth[codes], "truth").astype(float), flags(machine[codes], "machine").astype(float)
    ids = hand.index.intersection(coded.index).intersection(comments.index)
    hand, coded, where = hand.loc[ids], coded.loc[ids], comments.loc[ids, ["language", "group"]].astype("str")
    cells = {}
    for error, value in (("missed", 1), ("false", 0)):
        cells[error, "n"] = (hand == value) & coded.notna()
        cells[error, "wrong"] = cells[error, "n"] & (coded != value)
    wide = pd.concat(cells, axis=1, names=["error", None, "code"])
    places = [where.assign(**{name: "all" for name in names}) for names in (["language"], ["group"], [])]
    counts = [wide.groupby([place["language"], place["group"]]).sum() for place in places]
    return pd.concat(counts).stack(["error", "code"]).reset_index()  # noqa: PD013


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    """Both errors, their difference with its interval, and p of Fisher's exact test."""
    from scipy import stats

    limits = []
    for one in ("first", "second"):
        table[f"error_{one}"] = table[f"wrong_{one}"] / table[f"n_{one}"]
        limits.append(wilson(table[f"error_{one}"], table[f"n_{one}"]))
    table["difference"] = table["error_first"] - table["error_second"]
    table["low"], table["high"] = newcombe(table["error_first"], limits[0], table["error_second"], limits[1])
    wrong = table[["wrong_first", "wrong_second"]].to_numpy()
    cells = np.stack([wrong, table[["n_first", "n_second"]].to_numpy() - wrong], axis=1)
    return table.assign(p=np.array([stats.fisher_exact(own).pvalue for own in cells], dtype=float))


def _adjusted(p: pd.Series) -> pd.Series:
    """Benjamini-Hochberg's q of the p-values that there are."""
    from scipy import stats

    known = p.dropna()
    return pd.Series(stats.false_discovery_control(known), known.index).reindex(p.index)


def error_differences(
    truth: pd.DataFrame, machine: pd.DataFrame, comments: pd.DataFrame, *, fdr: float = 0.05
) -> pd.DataFrame:
    """Does a machine err more in one group, or in one language, than in another? Largest findings first.

    `truth` and `machine` are wide code tables (or labels such as positive, negative: one column each);
    `comments` holds ``language`` and ``group``, index comment_id. One row per pair of groups (`by` "group",
    `within` all languages or one) or of languages (within all groups or one), code and `error`: "missed", of
    the comments that carry the code by hand, or "false", given to those that do not. first, second (the two
    compared); n_first, n_second (comments to judge by), error_first, error_second (0 to 1), difference (first
    minus second) with low and high (95 %, Newcombe), p (Fisher's exact), q (Benjamini-Hochberg over the rows
    of the same by, within and error), different (q < `fdr`); reason: why these are missing, or "".

    Examples
    --------
    >>> truth = pd.DataFrame({"ease": [True] * 40})
    >>> comments = pd.DataFrame({"language": "es", "group": ["brand"] * 20 + ["consumer"] * 20})
    >>> table = error_differences(truth, pd.DataFrame({"ease": truth.index < 30}), comments)
    >>> table[["by", "within", "error", "error_first", "error_second", "different"]].values.tolist()[0]
    ['group', 'all', 'missed', 0.0, 0.5, True]
    """
    counts, pairs = _error_counts(truth, machine, comments), []
    for by, other in (("group", "language"), ("language", "group")):
        own = counts[counts[by] != "all"].rename(columns={other: "within"}).assign(by=by)
        both = own.merge(own, on=["by", "within", "code", "error"], suffixes=("_first", "_second"))
        both = both.rename(columns={f"{by}_first": "first", f"{by}_second": "second"})
        pairs.append(both[both["first"] < both["second"]])
    table = _compared(pd.concat(pairs, ignore_index=True))
    few = table[["n_first", "n_second"]].min(axis=1) < FEWEST
    table.loc[few, ["difference", "low", "high", "p"]] = np.nan
    table["q"] = table.groupby(["by", "within", "error"])["p"].transform(_adjusted)
    reason = np.where(few, f"fewer than {FEWEST} comments to judge by", "")
    table = table.assign(different=table["q"] < fdr, reason=reason)
    table = table.sort_values(["different", "difference"], key=abs, ascending=False, kind="stable")
    return table[ERRORS].reset_index(drop=True)
