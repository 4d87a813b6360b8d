"""How often a machine's labels are right: accuracy, macro F1 and confusion, with intervals, part by part."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import InputError
from .intervals import wilson


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


def parts(comments: pd.DataFrame) -> dict[tuple[str, str], pd.Index]:
    """Comments of every language and group that a figure is given for, by (language, group).

    ``("all", "all")``, then each language with ``"all"`` its groups, then each language and group.

    Examples
    --------
    >>> comments = pd.DataFrame({"language": ["es", "en"], "group": ["brand", "brand"]})
    >>> list(parts(comments))
    [('all', 'all'), ('en', 'all'), ('es', 'all'), ('en', 'brand'), ('es', 'brand')]
    """
    found = {("all", "all"): comments.index}
    found |= {(str(name), "all"): part.index for name, part in comments.groupby("language")}
    for (language, group), part in comments.groupby(["language", "group"]):
        found[str(language), str(group)] = part.index
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
    for part, ids in parts(comments.loc[known]).items():
        summaries[part] = classification_summary(truth[ids], predicted[ids], labels, **bootstrap)
        counts[part] = confusion(truth[ids], predicted[ids], labels).stack()  # noqa: PD013
    accuracy = pd.DataFrame(summaries).T.astype({"n": int}).rename_axis(part_names).reset_index()
    table = pd.DataFrame({"n": pd.concat(counts, names=part_names)}).reset_index()
    of_truth = table.groupby([*part_names, "truth"])["n"].transform("sum")
    table["share"] = table["n"] / of_truth
    table["low"], table["high"] = wilson(table["share"], of_truth)
    return accuracy, table
