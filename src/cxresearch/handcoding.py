"""Codes given by people: file them, read them back, check them row by row, put them beside the machine's."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from .codebook import Codebook
from .errors import InputError, nearest
from .raw import require_column
from .sentiment import LABELS
from .study import NOT_CODERS
from .tables import read_table, write_table
from .themes import MACHINES, codes_by

COLUMNS = ("comment_id", "coder", "sentiment", "codes")
FILED = (*COLUMNS, "unsure", "memo", "blind", "done", "codebook")  # in the files that this library writes
_ROUND = re.compile(r"\.\d+$")  # of a later round, at the end of a name
GOLD = "gold"  # the coder of what people agreed on


def check_coder(name: str) -> str:
    """Return a coder's name if it can be one; `InputError` for odd characters, or a name that is taken.

    A person's later round has a number: ``ana``, then ``ana.2``.

    Examples
    --------
    >>> check_coder("ana.2")
    'ana.2'
    """
    name = unicodedata.normalize("NFC", name)
    if not re.fullmatch(r"[^\W_][\w-]*(\.([2-9]|[1-9]\d+))?", name):
        rule = "a name of letters, digits, _ and - without blanks, for a later round with .2, .3 and so on"
        raise InputError(f"coder: expected {rule}, but found '{name}'. Choose another.")
    if name.lower() in (*MACHINES, *NOT_CODERS, GOLD):
        raise InputError(f"coder: '{name}' is the name of something else here. Choose another.")
    return name


def people_and_rounds(coders: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """People among coders, and the pairs of an earlier and a later round of one person.

    Machines and ``gold`` are no people, and nobody is two people for having coded twice.

    Examples
    --------
    >>> people_and_rounds(["ana", "ana.2", "dictionary", "gold", "leo"])
    (['ana', 'leo'], [('ana', 'ana.2')])
    """
    names = sorted(set(coders) - {*MACHINES, GOLD})
    later = [name for name in names if _ROUND.search(name)]
    pairs = [(_ROUND.sub("", name), name) for name in later]
    return [name for name in names if name not in later], [pair for pair in pairs if pair[0] in names]


def add_hand_codes(hand: pd.DataFrame, path: Path, *, replace: bool = False) -> int:
    """Add a coder's new rows (columns `FILED`) to their file, and return how many; what is there stays.

    `InputError`, and nothing written, if the file says something else about one of the comments; with
    `replace` the new rows take the place of the old.
    """
    if not path.exists():
        write_table(hand, path)
        return len(hand)
    filed = read_table(path).fillna("").reindex(columns=list(FILED), fill_value="")
    for row in filed.index[filed["comment_id"].duplicated()][:1]:
        raise InputError(
            f"{path.name}, row {row}: '{filed['comment_id'][row]}' is coded twice. Keep one row."
        )
    old, new = filed.set_index("comment_id"), hand.astype("str").fillna("").set_index("comment_id")
    both = new.index[new.index.isin(old.index)]
    for column in () if replace else ("sentiment", "codes", "unsure", "memo", "done"):
        was, now = (table.loc[both, column].str.split(";").map(frozenset) for table in (old, new))
        for comment_id in both[was != now][:1]:
            found = f"{comment_id}: {column} is '{old.loc[comment_id, column]}' there"
            advice = "To correct the file, replace its rows; else read this as a later round, such as ana.2."
            raise InputError(f"{path.name}, {found}, but '{new.loc[comment_id, column]}' here. {advice}")
    kept = old.drop(index=both) if replace else old
    added = new if replace else new.drop(index=both)
    write_table(pd.concat([kept, added]).reset_index()[list(FILED)], path)
    return len(added)


def load_hand_codes(paths: list[Path], names: list[str] | None = None) -> pd.DataFrame:
    """Read the hand codes of one or more coders.

    Parameters
    ----------
    paths : list of Path
        One file per coder, with the columns ``comment_id``, ``coder``, ``sentiment`` (negative, neutral,
        positive, or empty) and ``codes`` (separated by ``;``, empty for none). Further columns are kept;
        ``codebook``, if there, holds the version coded with. Where there is a column ``done``, comments that
        it does not call done are left out: their coder is still at them.
    names : list of str, optional
        The codes of the codebook, to check against.

    Returns
    -------
    pd.DataFrame
        The files one below the other, ``codes`` as lists; no rows without files. `InputError` for an unknown
        code or sentiment, a missing column, comment_id or coder, or a comment coded twice.
    """
    tables = [_read_coder(path, names) for path in paths]
    hand = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    for _, twice in hand[hand.duplicated(["comment_id", "coder"])].head(1).iterrows():
        found = f"{twice['comment_id']} is coded twice by {twice['coder']}"
        files = ", ".join(path.name for path in paths)
        raise InputError(f"{found} in {files}. Keep one of the rows, and one file per coder.")
    return hand


def reference_coder(coded: pd.DataFrame, comment_ids: pd.Index) -> str:
    """Name of the coder the machine is measured against: ``gold``, else who coded most of these comments.

    `coded` has ``coder`` and ``comment_id``: hand codes as read, or the `codes` table, whose machines do not
    count. Empty without people's codes; an `InputError` if there are some, but none of these comments.

    Examples
    --------
    >>> hand = pd.DataFrame({"coder": ["ana", "zoe"], "comment_id": ["x9", "c1"]})
    >>> reference_coder(hand, pd.Index(["c1", "c2"]))
    'zoe'
    """
    people = coded.loc[~coded["coder"].isin(MACHINES), ["coder", "comment_id"]].drop_duplicates()
    here = people.loc[people["comment_id"].isin(comment_ids), "coder"].value_counts().sort_index()
    if len(people) and here.empty:
        raise InputError(
            f"None of the {len(people)} hand-coded comments is in this study: the first is "
            f"'{people['comment_id'].iloc[0]}', the study's '{comment_ids[0]}'. Check hand_codes and the ids."
        )
    return "gold" if "gold" in here else str(here.idxmax()) if len(here) else ""


def hand_codes(hand: pd.DataFrame, comment_ids: pd.Index, codebook: Codebook) -> pd.DataFrame:
    """Bring all people's codes of these comments into the form of the `codes` table (see `codes_by`).

    Hand codes of other comments (dropped ones, say) are left out. ``codebook`` is the version that the file
    states, or empty.
    """
    stated = hand["codebook"].fillna("").astype("str") if "codebook" in hand else ""
    pairs = hand.assign(codebook=stated, code=hand["codes"])[["comment_id", "coder", "code", "codebook"]]
    pairs = pairs[pairs["comment_id"].isin(comment_ids)].explode("code").drop_duplicates()
    parts = [codes_by("", pairs.iloc[:0], pd.Index([]), codebook)]
    for coder, rows in pairs.groupby("coder"):
        coded = pd.Index(comment_ids[comment_ids.isin(rows["comment_id"])])
        parts.append(codes_by(str(coder), rows, coded, codebook))
    return pd.concat(parts, ignore_index=True)


def hand_sentiment(hand: pd.DataFrame, coder: str, comment_ids: pd.Index) -> pd.Series:
    """Put one coder's sentiment labels beside the comments they belong to, leaving out uncoded ones."""
    own = hand[hand["coder"] == coder].set_index("comment_id")["sentiment"].dropna()
    return own.reindex(comment_ids[comment_ids.isin(own.index)]).rename_axis("comment_id")


def _read_coder(path: Path, names: list[str] | None) -> pd.DataFrame:
    """One coder's file, checked."""
    table = read_table(path)
    for column in COLUMNS:
        require_column(table, column, path.name, f"Hand codes need {', '.join(COLUMNS)}.")
    cells = table["codes"].fillna("").str.split(";")
    table["codes"] = [[code.strip() for code in codes if code.strip()] for codes in cells]
    for column in ("comment_id", "coder"):
        for row in table.index[table[column].isna()][:1]:
            raise InputError(f"{path.name}, row {row}: {column} is empty. Fill it in, or remove the row.")
    if "done" in table:
        table = table[table["done"] == "yes"]
    for row, coder in table["coder"][table["coder"].isin(MACHINES)].head(1).items():
        raise InputError(f"{path.name}, row {row}: the coder '{coder}' has a machine's name. Rename it.")
    known = {"sentiment": list(LABELS)} if names is None else {"codes": names, "sentiment": list(LABELS)}
    for column, allowed in known.items():
        found, what = table[column].explode().dropna(), column.removesuffix("s")
        for row, value in found[~found.isin(allowed)].head(1).items():
            hint = nearest(value, allowed)
            raise InputError(f"{path.name}, row {row}: there is no {what} '{value}'.{hint}")
    return table.reset_index(drop=True)
