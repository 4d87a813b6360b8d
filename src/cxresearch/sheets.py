"""Coding without JupyterLab: hand comments out as a workbook, for Label Studio or doccano; read them back.

Nothing that a machine said of a comment is handed out: people code blind.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd

from . import sheet_files
from .codebook import Codebook
from .errors import InputError, nearest
from .handcoding import FILED
from .phrases import LANGUAGES, load_phrases
from .sentiment import LABELS
from .sheet_files import Coded, word
from .tables import NOT_XML, as_text, check_ending

ATTRIBUTES = {
    "group": "groups",
    "language": "languages",
    "brand": "",
    "channel": "",
    "date": "",
    "rating": "",
}
_ANSWERS = ["sentiment", "codes", "unsure", "memo"]
_ADVICE = {
    "not handed out": "Mend its id, or remove the row.",
    "several annotators": "One file per coder: give each a project of their own, or delete all others.",
    "comment twice": "Keep one of them.",
    "changed text": "Restore the text. Were the rows mixed up?",
    "several sentiments": "Keep one of them.",
    "not finished": "Give its sentiment too.",
    "missing": "Restore it. Label Studio leaves out tasks without annotation: code it, export again.",
    "not coded yet": "Nothing to mend: code them, and read the file again.",
}


def write_sheet(comments: pd.DataFrame, codebook: Codebook, path: str | Path, language: str) -> None:
    """Hand out comments to be coded, in the coders' language ("es" or "en").

    By the ending of `path`: ``.xlsx``, a workbook with drop-downs; ``.json``, tasks for Label Studio, with
    their labelling configuration beside them (``.label_config.xml``); ``.jsonl``, documents for a doccano
    project of text classification, with its labels (``.labels.json``). `comments` has index comment_id and
    ``text``, in the order of coding; of its other columns only `ATTRIBUTES` are shown. `InputError` if there
    are no comments, the ending is another, or Excel cannot hold a text.

    Examples
    --------
    >>> from cxresearch.codebook import load_codebook
    >>> from cxresearch.tables import read_table
    >>> book, path = load_codebook("data/raw/codebook.yaml"), getfixture("tmp_path") / "ana.xlsx"
    >>> write_sheet(pd.DataFrame({"text": ["Nadie contesta"]}, index=["c1"]), book, path, "es")
    >>> read_table(path).iloc[0, :2].to_dict()
    {'id': 'c1', 'comentario': 'Nadie contesta'}
    """
    writers = {".xlsx": sheet_files.write_workbook, ".json": sheet_files.write_label_studio}
    writers[".jsonl"] = sheet_files.write_doccano
    writer, phrases = writers[check_ending(path, writers)], load_phrases(language)
    if comments.empty:
        raise InputError(f"There are no comments to code, so {path} was not written. Draw a sample first.")
    shown = [name for name in ATTRIBUTES if name in comments and comments[name].notna().any()]
    table = comments[[*shown, "text"]].astype(object).map(as_text, na_action="ignore").fillna("")
    for name in shown:
        if ATTRIBUTES[name]:
            table[name] = [phrases.name(ATTRIBUTES[name], value) for value in table[name]]
    table.insert(0, "comment_id", comments.index.astype("str"))
    table = table.map(lambda cell: NOT_XML.sub("\ufffd", cell))
    writer(table, codebook, _labels(codebook, language), Path(path), phrases)


def read_sheet(
    path: str | Path, comments: pd.DataFrame, codebook: Codebook, coder: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read back what one coder made of `comments`, the table that `write_sheet` handed out.

    `path` is a workbook (or what a spreadsheet program made of it: .ods, .csv, ...), Label Studio's export as
    JSON or JSON-MIN, or doccano's as JSONL. Codes go by id or by their name in either language, several in a
    cell apart by ``;``, sentiments likewise; capitals, accents and outer blanks do not count.

    Returns
    -------
    hand : pd.DataFrame
        One row per coded comment, in the order of `comments`, as a coder's file has it: ``comment_id``,
        ``coder``, ``sentiment``, ``codes`` (joined by ``;``), ``unsure``, ``memo``, ``blind``, ``done``,
        ``codebook`` (version). All text, empty for none.
    problems : pd.DataFrame
        ``row`` (of the sheet; Label Studio's task; doccano's line), ``comment_id``, ``problem``, ``found``,
        ``advice``. Comments named here are not in `hand`. Those not coded yet are no problem: one last row,
        "not coded yet", without a comment_id, counts them.

    `InputError` if the file cannot be read or is none of these.
    """
    path = Path(path)
    readers = {".json": sheet_files.read_label_studio, ".jsonl": sheet_files.read_doccano}
    read = readers.get(path.suffix.lower(), sheet_files.read_workbook)
    rows = pd.DataFrame(read(path), columns=list(Coded._fields), dtype=object)
    texts = comments["text"].set_axis(comments.index.astype("str")).fillna("").map(_plain)
    handed_out = {_plain(comment_id): comment_id for comment_id in texts.index}
    codes, sentiments = _code_words(codebook), _sentiment_words()
    rows["known"] = [handed_out.get(_plain(comment_id), "") for comment_id in rows["comment_id"]]
    rows["codes"] = [_names(cells, codes) for cells in rows["codes"]]
    rows["filled"] = rows[_ANSWERS].map(bool).any(axis=1)
    rows = rows[rows["filled"] | (rows["comment_id"] != "") | (rows["text"] != "")]
    problems = pd.concat(
        [
            _about_comments(rows, texts),
            _unknown(rows, "codes", codes),
            _unknown(rows, "sentiment", sentiments),
            _about_sentiment(rows[rows["filled"]]),
        ]
    ).sort_index(kind="stable")
    missing = pd.DataFrame({"row": "", "comment_id": texts.index[~texts.index.isin(rows["known"])]})
    good = rows[(rows["known"] != "") & ~rows["known"].isin(problems["comment_id"])]
    left = pd.DataFrame({"row": [""], "comment_id": ""})[: int((~good["filled"]).sum())]
    found = f"{(~good['filled']).sum()} of {len(texts)}"
    problems = pd.concat([problems, _tell(missing, "missing"), _tell(left, "not coded yet", found)])
    hand = _hand_codes(good[good["filled"]], codes, sentiments, codebook).assign(coder=coder)
    order = texts.index[texts.index.isin(hand.index)]
    return hand.loc[order].reset_index()[list(FILED)], problems.reset_index(drop=True)


def _hand_codes(
    rows: pd.DataFrame, codes: dict[str, str], sentiments: dict[str, str], codebook: Codebook
) -> pd.DataFrame:
    """Flawless rows as a coder's file has them, by comment; codes in the codebook's order."""
    given = [{codes[word(name)] for name in names} for names in rows["codes"]]
    columns = {
        "sentiment": ["".join(sentiments[word(name)] for name in names or []) for names in rows["sentiment"]],
        "codes": [";".join(code for code in codebook.names if code in own) for own in given],
        "unsure": ["" if word(mark) in ("", "no", "false", "0") else "yes" for mark in rows["unsure"]],
        "memo": rows["memo"].tolist(),
    }
    table = pd.DataFrame(columns, index=pd.Index(rows["known"], name="comment_id"), dtype="str")
    return table.assign(blind="yes", done="yes", codebook=codebook.version)


def _about_comments(rows: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    """Rows of comments not handed out, of one comment twice, or with another text."""
    own, stranger = rows[rows["known"] != ""], rows[rows["known"] == ""].drop(columns="known")
    same = own.groupby("known")
    again, people = own["known"].duplicated(), same["by"].transform("nunique") > 1
    who = same["by"].transform(lambda names: " and ".join(dict.fromkeys(names)))
    changed = own[own["text"].map(_plain) != own["known"].map(texts)]
    return pd.concat(
        [
            _tell(stranger, "not handed out", stranger["text"].str[:60]),
            _tell(own[again & people], "several annotators", who),
            _tell(own[again & ~people], "comment twice", "also in row " + same["row"].transform("first")),
            _tell(changed, "changed text", changed["text"].str[:60]),
        ]
    )


def _about_sentiment(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in which something is filled in, but not one sentiment, where the file asks for it."""
    moods, codes = rows["sentiment"].dropna(), rows["codes"].str.join("; ")
    without, several = rows.loc[moods.index[moods.str.len() == 0]], rows.loc[moods.index[moods.str.len() > 1]]
    return pd.concat(
        [_tell(without, "not finished", codes), _tell(several, "several sentiments", moods.str.join("; "))]
    )


def _unknown(rows: pd.DataFrame, column: str, known: dict[str, str]) -> pd.DataFrame:
    """Names of no code, or no sentiment, each with the nearest that there is."""
    each = rows.explode(column).dropna(subset=column)
    each = each[~each[column].map(word).isin(list(known))]
    advice = [f"Choose one of the list.{nearest(word(name), known, listed=False)}" for name in each[column]]
    return _tell(each, f"unknown {column.removesuffix('s')}", each[column].tolist(), advice)


def _tell(rows: pd.DataFrame, problem: str, found: Any = "", advice: Any = None) -> pd.DataFrame:
    """Rows of the table of problems."""
    found = found.loc[rows.index] if isinstance(found, pd.Series) else found
    told = rows.assign(problem=problem, found=found, advice=_ADVICE[problem] if advice is None else advice)
    told["comment_id"] = told.get("known", told["comment_id"])
    return told[["row", "comment_id", "problem", "found", "advice"]].astype("str")


def _plain(text: str) -> str:
    """A text without what writing, or another program, may change: characters, line ends, blanks."""
    text = unicodedata.normalize("NFC", NOT_XML.sub("\ufffd", as_text(text) or ""))
    return re.sub(r"^[\s']+|\s+$", "", re.sub(r"\r\n?", "\n", text))


def _names(cells: list[str], known: dict[str, str]) -> list[str]:
    """The names in some cells: a cell that is none itself holds several, apart by ``;``."""
    parts = (part for cell in cells for part in ([cell] if word(cell) in known else cell.split(";")))
    return [part.strip() for part in parts if part.strip()]


def _code_words(codebook: Codebook) -> dict[str, str]:
    """Codes by the words they go by: their id, or a name in either language that no other code has."""
    pairs = [(code.name[language], code.code) for code in codebook.codes for language in LANGUAGES]
    pairs += [(f"{name} ({code})", code) for name, code in pairs]
    named = pd.DataFrame([(word(name), code) for name, code in pairs], columns=["name", "code"])
    alone = named.drop_duplicates().drop_duplicates("name", keep=False)
    return dict(zip(alone["name"], alone["code"], strict=True)) | {code: code for code in codebook.names}


def _labels(codebook: Codebook, language: str) -> dict[str, str]:
    """What each code is called where coders choose it: by its name, and its id if that alone is not clear."""
    known = _code_words(codebook)
    names = {code.code: " ".join(code.name[language].split()) for code in codebook.codes}
    return {c: name if known.get(word(name)) == c else f"{name} ({c})" for c, name in names.items()}


def _sentiment_words() -> dict[str, str]:
    """Sentiments by what they are called in either language."""
    words = [load_phrases(language).texts["names"]["labels"] for language in LANGUAGES]
    return {word(spelt[label]): label for label in LABELS for spelt in words} | {s: s for s in LABELS}
