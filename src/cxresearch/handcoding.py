"""Codes given by people: read them back, check them row by row, and put them beside the comments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from .errors import InputError, nearest
from .sentiment import LABELS
from .tables import read_table
from .themes import code_table

COLUMNS = ("comment_id", "coder", "sentiment", "codes")


def load_hand_codes(paths: list[Path], names: list[str]) -> pd.DataFrame:
    """Read the hand codes of one or more coders.

    Parameters
    ----------
    paths : list of Path
        One file per coder, with the columns ``comment_id``, ``coder``, ``sentiment`` (negative, neutral,
        positive, or empty) and ``codes`` (separated by ``;``, empty for none). Further columns are kept.
    names : list of str
        The codes of the codebook.

    Returns
    -------
    pd.DataFrame
        The files one below the other, ``codes`` as lists. Empty when there are no files.

    Raises
    ------
    InputError
        Names file, row and what was found for an unknown code or sentiment, a comment coded twice by one
        coder, an empty comment_id or coder, or a missing column.
    """
    tables = [_read_coder(path, names) for path in paths]
    hand = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    twice = hand[hand.duplicated(["comment_id", "coder"])]
    if len(twice):
        raise InputError(
            f"{twice['comment_id'].iloc[0]} is coded by {twice['coder'].iloc[0]} in more than one of "
            f"{', '.join(path.name for path in paths)}. Keep one file per coder."
        )
    return hand


def reference_coder(hand: pd.DataFrame) -> str:
    """Name of the coder whose codes the machine is measured against: ``gold`` if there, else the first.

    Examples
    --------
    >>> reference_coder(pd.DataFrame({"coder": ["author", "gold"]}))
    'gold'
    """
    coders = hand["coder"].unique().tolist()
    return "gold" if "gold" in coders else coders[0]


def hand_code_table(hand: pd.DataFrame, coder: str, comment_ids: pd.Index, names: list[str]) -> pd.DataFrame:
    """Put one coder's codes into one row per comment and one true/false column per code.

    Parameters
    ----------
    hand : pd.DataFrame
        As `load_hand_codes` returns it.
    coder : str
    comment_ids : pd.Index
        Comments of the study; hand codes of others (dropped ones, say) are left out.
    names : list of str

    Returns
    -------
    pd.DataFrame of bool, shape (n_coded, n_codes), indexed by comment_id
        Only comments this coder has coded, in the order of `comment_ids`.
    """
    own = hand[hand["coder"] == coder]
    coded = pd.Index(comment_ids[comment_ids.isin(own["comment_id"])], name="comment_id")
    pairs = own[["comment_id", "codes"]].explode("codes").rename(columns={"codes": "code"}).dropna()
    return code_table(pairs, coded, names)


def hand_sentiment(hand: pd.DataFrame, coder: str, comment_ids: pd.Index) -> pd.Series:
    """Put one coder's sentiment labels beside the comments they belong to, leaving out uncoded ones."""
    own = hand[hand["coder"] == coder].set_index("comment_id")["sentiment"].dropna()
    return own.reindex(comment_ids[comment_ids.isin(own.index)]).rename_axis("comment_id")


def _read_coder(path: Path, names: list[str]) -> pd.DataFrame:
    """One coder's file, checked."""
    table = read_table(path)
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise InputError(f"{path.name} has no column '{missing[0]}'; hand codes need {', '.join(COLUMNS)}.")
    for column in ("comment_id", "coder"):
        for row in table.index[table[column].isna()][:1]:
            raise InputError(f"{path.name}, row {row}: {column} is empty. Fill it in, or remove the row.")
    cells = table["codes"].fillna("").str.split(";")
    table["codes"] = [[code.strip() for code in codes if code.strip()] for codes in cells]
    named = table["codes"].explode().dropna()
    for row, code in named[~named.isin(names)].head(1).items():
        raise InputError(f"{path.name}, row {row}: there is no code '{code}'.{nearest(code, names)}")
    labels = table["sentiment"].dropna()
    for row, label in labels[~labels.isin(LABELS)].head(1).items():
        raise InputError(f"{path.name}, row {row}: sentiment '{label}' is not one of {', '.join(LABELS)}.")
    twice = table[table.duplicated(["comment_id", "coder"])]
    for row, comment in twice["comment_id"].head(1).items():
        raise InputError(
            f"{path.name}, row {row}: {comment} is coded twice by one coder. Keep one of the rows."
        )
    return table.reset_index(drop=True)
