"""Draw the comments that people code: at random, by strata, with the chance of every comment written down."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import InputError
from .intervals import stratified
from .raw import require_column
from .tables import read_table

COLUMNS = ("comment_id", "stratum", "probability", "draw", "place")
RARE_SHARE = 1 / 3  # of the sample, for comments with a rare code
FEWEST = 2  # comments of each stratum, so that its spread can be estimated


def draw_sample(
    comments: pd.DataFrame, size: int, *, rare: pd.Series | None = None,
    earlier: pd.DataFrame | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Draw a sample to code, or extend an earlier one: stratified by group and language, equal by group.

    Each stratum is a simple random sample: its comments get a random number that depends on seed and
    comment_id alone, and the smallest come first (Ohlsson 1995, "Coordination of samples using permanent
    random numbers"). So a second draw keeps the first, and comments that came in later are strata of their
    own. A stratum gives two comments at least, or all it has.

    Parameters
    ----------
    comments : pd.DataFrame, index comment_id
        All comments that may be drawn, with ``group`` and ``language``.
    size : int
        How many to draw, on top of the earlier ones.
    rare : pd.Series of bool, index comment_id, optional
        Comments to draw more often (a third of the sample), such as those to which a machine gives a rare
        code. They become strata of their own, so that weights undo the preference.
    earlier : pd.DataFrame, optional
        What a former call returned. Comments no longer there leave the frame.

    Returns
    -------
    pd.DataFrame
        One row per comment that could be drawn: comment_id; stratum; probability of having been drawn by now
        (0 to 1); draw, 1 for the first, missing if not drawn; place in the order of coding, from 1.
        `InputError` if fewer than `size` comments are left.

    Examples
    --------
    >>> comments = pd.DataFrame({"group": ["brand"] * 8 + ["consumer"] * 80, "language": "es"})
    >>> sample = draw_sample(comments, 12)
    >>> sample.groupby("stratum")[["draw", "probability"]].agg({"draw": "count", "probability": "first"})
                  draw  probability
    stratum
    brand, es        6        0.750
    consumer, es     6        0.075
    """
    number = 1 if earlier is None or earlier.empty else int(earlier["draw"].max()) + 1
    sample = _strata(comments, rare, earlier, number)
    left = int(sample["draw"].isna().sum())
    if not 0 < size <= left:
        raise InputError(f"a sample of {size}: expected 1 to {left}, the comments not drawn yet.")
    cells = sample.groupby("stratum")
    counts = cells["weight"].agg(["size", "sum"]).assign(drawn=cells["draw"].count())
    counts["target"] = _allocate(counts["sum"], counts["size"], counts["drawn"], size)
    waiting = sample[sample["draw"].isna()].iloc[_chance(sample.index[sample["draw"].isna()], seed)]
    turn = waiting.groupby("stratum").cumcount()
    wanted = (counts["target"] - counts["drawn"])[waiting["stratum"]].to_numpy()
    new = waiting.index[turn < wanted]
    new = new[_chance(new, seed + 1)]
    sample.loc[new, "draw"] = number
    taken = sample["place"].max() if number > 1 else 0
    sample.loc[new, "place"] = taken + np.arange(1, len(new) + 1)
    sample["probability"] = sample["stratum"].map(counts["target"] / counts["size"])
    whole = {"draw": "Int64", "place": "Int64", "stratum": "str"}
    return sample.rename_axis("comment_id").reset_index()[list(COLUMNS)].astype(whole)


def sample_size(
    width: float, share: float = 0.5, *, n: int, sensitivity: float = 0.0, false_positive_rate: float = 0.0
) -> int:
    """How many of n comments to code for a 95 % interval of a share to be at most so wide, from end to end.

    With the machine coder's `sensitivity` and `false_positive_rate` (0 to 1), the interval is that of the
    corrected share (`estimates.shares`), which needs fewer; without, of the hand codes alone. Of a simple
    random sample of one group; the interval of a difference of two such groups is some 1.4 times as wide.
    `InputError` if coding them all would not do.

    Examples
    --------
    >>> sample_size(0.1, n=5000), sample_size(0.1, n=5000, sensitivity=0.9, false_positive_rate=0.1)
    (381, 166)
    """
    if not (0 < width < 1 and 0 <= share <= 1 and n > 0):
        raise InputError(f"expected a width and a share in 0 to 1 and n over 0, found {width}, {share}, {n}.")
    given = np.array(
        [share * sensitivity, (1 - share) * false_positive_rate]
    )  # by the machine, right or wrong
    part, cases = given.sum() + np.array([0, 1 - 2 * given.sum()]), np.array([given[0], share - given[0]])
    n_hand = np.arange(1, n + 1)[:, None]
    low, high, _ = stratified(cases / np.where(part > 0, part, 1), n_hand * part, n * part)
    enough = np.flatnonzero(high - low <= width)
    if not len(enough):
        raise InputError(
            f"coding all {n} comments gives an interval {(high - low)[-1]:.2f} wide, not {width}."
        )
    return int(enough[0]) + 1


def load_sample(path: Path) -> pd.DataFrame:
    """Read a sample as `draw_sample` returned it; `InputError` names what is missing or misspelt."""
    table = read_table(path)
    for column in COLUMNS:
        require_column(table, column, path.name, "Draw it again with: cxresearch sample draw.")
    for column in COLUMNS[2:]:
        numbers = pd.to_numeric(table[column], errors="coerce")
        for row in table.index[numbers.isna() & table[column].notna()][:1]:
            raise InputError(f"{path.name}, row {row}: {column} is {table[column][row]!r}, not a number.")
        table[column] = numbers if column == "probability" else numbers.astype("Int64")
    for row in table.index[table["comment_id"].duplicated()][:1]:
        raise InputError(f"{path.name}, row {row}: '{table['comment_id'][row]}' stands there twice.")
    return table[list(COLUMNS)].reset_index(drop=True)


def coded_strata(sample: pd.DataFrame, coded: pd.Index, comments: pd.Index) -> pd.DataFrame:
    """Stratum of every comment, and which of the hand-coded ones count as a random sample of theirs.

    Drawn ones count, others only if all of their stratum are coded. A drawn one that is not coded is taken
    to be missing by chance, as when people stop on their way through `place`. For `estimates.shares`: strata
    is the column stratum, and hand codes are those of comments that count.

    Parameters
    ----------
    sample : pd.DataFrame
        As `draw_sample` returned it. `InputError` if a drawn comment has no stratum.
    coded, comments : pd.Index of comment_id
        Comments that people coded; all comments of the study.

    Returns
    -------
    pd.DataFrame, index comment_id
        One row per comment of the study: stratum, "not in the sample" if it came in after the draw; counts.

    Examples
    --------
    >>> sample = draw_sample(pd.DataFrame({"group": ["brand"] * 3, "language": "es"}), 2)
    >>> coded_strata(sample, pd.Index([0, 1, 2]), pd.RangeIndex(4))["counts"].tolist()
    [True, True, True, False]
    """
    for row in sample.index[sample["stratum"].isna() & sample["draw"].notna()][:1]:
        which = f"sample: {sample['comment_id'][row]!r} was drawn, but from no stratum"
        raise InputError(f"{which}. Draw it again with: cxresearch sample draw.")
    table = sample.set_index("comment_id")[["stratum", "draw"]].reindex(comments)
    stratum = table["stratum"].fillna("not in the sample")
    by_hand = pd.Series(comments.isin(coded), index=comments)
    whole = by_hand.groupby(stratum).transform("all")
    return pd.DataFrame({"stratum": stratum, "counts": by_hand & (table["draw"].notna() | whole)})


def drawn(sample: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """The drawn comments, in the order in which people code them; those not in the study are left out."""
    order = sample.dropna(subset="place").sort_values("place")["comment_id"]
    return comments.loc[order[order.isin(comments.index)]]


def _strata(
    comments: pd.DataFrame, rare: pd.Series | None, earlier: pd.DataFrame | None, number: int
) -> pd.DataFrame:
    """Stratum, draw and place so far, and the share of the sample that each comment stands for."""
    table = pd.DataFrame({"stratum": comments["group"] + ", " + comments["language"]})
    cell = table["stratum"]  # group and language
    of_group = comments.groupby("group")["language"].transform("size")
    table["weight"] = 1 / (of_group * comments["group"].nunique())
    before = pd.DataFrame(columns=list(COLUMNS)) if earlier is None else earlier
    before = before.set_index("comment_id").reindex(comments.index)
    if number > 1:
        table["stratum"] = before["stratum"].fillna(table["stratum"] + f", new in draw {number}")
    if rare is not None and (rare := rare.reindex(comments.index, fill_value=False).astype(bool)).any():
        mixed = rare.groupby(cell).transform("any") & ~rare.groupby(cell).transform("all")
        part = table["weight"].groupby([cell, rare]).transform("sum")
        whole = table["weight"].groupby(cell).transform("sum")
        wanted = np.where(rare, RARE_SHARE, 1 - RARE_SHARE)
        table["weight"] *= np.where(mixed, wanted * whole / part, 1)
        table["stratum"] += np.where(rare, f", rare code in draw {number}", "")
    return table.assign(draw=before["draw"], place=before["place"])


def _allocate(weights: pd.Series, sizes: pd.Series, drawn: pd.Series, size: int) -> NDArray:
    """How many of each stratum in all: one after the other to the one furthest behind (Sainte-Lague)."""
    weight, most, counts = weights.to_numpy(), sizes.to_numpy(), drawn.to_numpy(dtype=int).copy()
    for _ in range(size):
        behind = np.where(counts < np.minimum(FEWEST, most), np.inf, weight / (counts + 0.5))
        counts[np.argmax(np.where(counts < most, behind, -1))] += 1
    return counts


def _chance(ids: pd.Index, seed: int) -> NDArray:
    """A random order that depends on seed and comment_ids alone, whatever other comments there are."""
    key = f"{seed % 10**16:016d}"
    return np.lexsort((ids, pd.util.hash_array(ids.astype("str").to_numpy(dtype=object), hash_key=key)))
