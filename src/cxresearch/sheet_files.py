"""The files of `sheets`: a workbook, Label Studio's tasks and doccano's documents, each written and read.

All that is written is text: the comments' columns as `sheets` prepares them, and `labels`, what each code is
called where it is chosen. All that is read becomes `Coded`, unchecked.
"""

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from .codebook import Codebook
from .errors import InputError
from .phrases import LANGUAGES, Phrases, load_phrases
from .sentiment import LABELS
from .tables import defuse, read_bytes, read_table, write_whole
from .tokens import fold

CODE_CELLS = 8
Labels = dict[str, str]  # by code


class Coded(NamedTuple):
    """One comment as one person coded it; `sentiment` is None where the file does not ask for it."""

    row: str
    comment_id: str
    text: str
    sentiment: list[str] | None = []  # noqa: RUF012, never changed
    codes: list[str] = []  # noqa: RUF012
    unsure: str = ""
    memo: str = ""
    by: str = ""


def word(name: str) -> str:
    """A name as it is compared: without capitals, accents, apostrophes and further blanks.

    Examples
    --------
    >>> word(" Ser  EMOCIÓNAL")
    'ser emocional'
    """
    return " ".join(fold(name).split())


def _columns() -> dict[str, str]:
    """Our columns by what they are called in either language."""
    words = [load_phrases(language).texts["sheet"]["columns"] for language in LANGUAGES]
    pairs = [pair for spelt in words for pair in [*spelt.items(), *zip(spelt, spelt, strict=True)]]
    return {word(name): key for key, name in pairs}


# --- workbook ----------------------------------------------------------------------------------------------


def write_workbook(
    table: pd.DataFrame, codebook: Codebook, labels: Labels, path: Path, phrases: Phrases
) -> None:
    """Three sheets: the comments with drop-downs, the codebook that these refer to, and how it is done."""
    from openpyxl import Workbook
    from openpyxl.utils import quote_sheetname

    words, language = phrases.texts["sheet"], phrases.language
    families = {family.family: family.name[language] for family in codebook.families}
    entries = [
        [families[c.family], labels[c.code], c.code]
        + [text[language] for text in (c.definition, c.include, c.exclude)]
        + ["\n".join(c.examples.typical[language])]
        for c in codebook.codes
    ]
    columns = words["columns"]
    codes = [f"{columns['code']} {n}" for n in range(1, CODE_CELLS + 1)]
    header = [*map(columns.get, table), columns["sentiment"], *codes, columns["unsure"], columns["memo"]]
    book = Workbook()
    page, listed, guide = book.active, *(book.create_sheet(words["titles"][n]) for n in ("codebook", "guide"))
    page.title = words["titles"]["comments"]
    widths = [*[14] * (table.shape[1] - 1), 70, 13, *[24] * CODE_CELLS, 9, 40]
    blank = [""] * (CODE_CELLS + 3)
    _fill(page, [header, *(cells + blank for cells in table.to_numpy().tolist())], widths, path)
    _fill(listed, [list(words["codebook"].values()), *entries], [24, 24, 22, 50, 50, 50, 60], path)
    _fill(guide, [[line] for line in words["guide"].splitlines()], [100], path)
    sentiments = ",".join(phrases.name("labels", label) for label in LABELS)
    source = f"{quote_sheetname(listed.title)}!$B$2:$B${len(entries) + 1}"
    choices = [f'"{sentiments}"', *[source] * CODE_CELLS, f'"{words["ticked"]}"', ""]
    for column, formula in enumerate(choices, start=table.shape[1] + 1):
        _open_column(page, column, formula, words["not_listed"])
    page.protection.sheet, page.protection.formatColumns, page.protection.formatRows = True, False, False
    write_whole(path, lambda temporary: _save(book, temporary))


def _fill(page: Any, rows: Sequence[Sequence[str]], widths: list[int], path: Path) -> None:
    """Write rows of text under a header that stays in sight; none of it can run as a formula."""
    from openpyxl.styles import Alignment, Font

    wrapped, bold, plain = Alignment(wrap_text=True, vertical="top"), Font(bold=True), Font()
    for number, cells in enumerate(rows, start=1):
        for column, text in enumerate(defuse(pd.Series(cells, dtype=object)), start=1):
            text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)  # else Excel takes it for a character
            if len(text.encode("utf-16-le")) // 2 > 32_767:
                found = f"the text of {cells[0]} has over 32,767 characters, more than Excel holds"
                raise InputError(f"{path}: {found}. Leave it out, or write .json or .jsonl.")
            cell = page.cell(number, column, text or None)
            cell.data_type, cell.alignment = "s" if text else "n", wrapped
            cell.font = bold if number == 1 else plain
    for column, width in enumerate(widths, start=1):
        page.column_dimensions[page.cell(1, column).column_letter].width = width
    page.freeze_panes = "B2"


def _open_column(page: Any, column: int, formula: str, not_listed: str) -> None:
    """Let coders write into a column and, if there is a list for it, choose from that alone."""
    from openpyxl.styles import Protection
    from openpyxl.worksheet.datavalidation import DataValidation

    cells = [page.cell(row, column) for row in range(2, page.max_row + 1)]
    for cell in cells:
        cell.protection = Protection(locked=False)
    if formula:
        rule = DataValidation("list", formula, allow_blank=True, showErrorMessage=True, error=not_listed)
        rule.add(f"{cells[0].coordinate}:{cells[-1].coordinate}")
        page.add_data_validation(rule)


def _save(book: Any, path: Path) -> None:
    """Save a workbook without the time of day, so that the same comments give the same bytes."""
    book.save(raw := io.BytesIO())
    with ZipFile(raw) as timed, ZipFile(path, "w") as timeless:
        for name in timed.namelist():
            data = timed.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb">[\d-]+T[\d:]+Z<", b">2000-01-01T00:00:00Z<", data)
            timeless.writestr(ZipInfo(name), data, ZIP_DEFLATED)


def read_workbook(path: Path) -> list[Coded]:
    """What a coder filled in, row by row; the columns may stand in any order, among others."""
    table, ours = read_table(path), _columns() | {"codes": "code", "codigos": "code"}
    columns: dict[str | None, list[str]] = {}
    for name in table.columns:
        columns.setdefault(ours.get(re.sub(r" ?\d+$", "", word(name))), []).append(name)
    if lacking := [name for name in ("comment_id", "text", "code") if name not in columns]:
        found = f"no column for {', '.join(lacking)}; its columns are {', '.join(table.columns)[:300]}"
        raise InputError(f"{path.name} is not a coding sheet: {found}. Restore the header row.")
    cells = {key: table[names].fillna("").to_numpy().tolist() for key, names in columns.items()}
    blank = [[""]] * len(table)
    once = ("comment_id", "text", "unsure", "memo")
    comment_ids, texts, unsure, memos = ([own[0].strip() for own in cells.get(key, blank)] for key in once)
    moods = [own[:1] if own[0].strip() else [] for own in cells.get("sentiment", blank)]
    asked = moods if "sentiment" in cells else [None] * len(table)
    rows = zip(map(str, table.index), comment_ids, texts, asked, cells["code"], unsure, memos, strict=True)
    return [Coded(*row) for row in rows]


# --- Label Studio (its guide: task format, export, tags) -------------------------------------------------


def write_label_studio(
    table: pd.DataFrame, codebook: Codebook, labels: Labels, path: Path, phrases: Phrases
) -> None:
    """Tasks, and beside them the labelling configuration: sentiment, the codes by family, doubt, memo."""
    words, language = phrases.texts["sheet"], phrases.language
    tasks = []
    for row in table.to_dict("records"):
        about = [f"{words['columns'][name]}: {row[name]}" for name in table.columns[1:-1] if row[name]]
        kept = {"comment_id": row["comment_id"], "text": row["text"], "about": " · ".join(about)}
        tasks.append({"data": kept})
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Style").text = ".htx-text { white-space: pre-wrap; }"
    ElementTree.SubElement(view, "Header", value="$about", size="5")
    shown = {"name": "text", "value": "$text", "valueType": "text", "selectionEnabled": "false"}
    ElementTree.SubElement(view, "Text", shown)
    moods = [(phrases.name("labels", label), label, "") for label in LABELS]
    _choices(view, "sentiment", words["columns"]["sentiment"], moods, choice="single", required="true")
    for number, family in enumerate(codebook.families, start=1):
        own = [code for code in codebook.codes if code.family == family.family]
        listed = [(labels[c.code], c.code, c.definition[language]) for c in own]
        _choices(view, f"codes_{number}", family.name[language], listed, choice="multiple")
    _choices(view, "unsure", "", [(words["columns"]["unsure"], "yes", "")], choice="multiple")
    memo = {"placeholder": words["columns"]["memo"], "rows": "2", "maxSubmissions": "1", "editable": "true"}
    ElementTree.SubElement(view, "TextArea", memo, name="memo", toName="text")
    ElementTree.indent(view)
    _write_text(ElementTree.tostring(view, encoding="unicode"), path.with_suffix(".label_config.xml"))
    _write_text(json.dumps(tasks, indent=1), path)


def _choices(view: Any, name: str, title: str, listed: list[tuple[str, str, str]], **settings: str) -> None:
    """A list of choices: what is shown, what is exported in its place, and a hint."""
    if title:
        ElementTree.SubElement(view, "Header", value=title, size="4")
    group = ElementTree.SubElement(view, "Choices", settings, name=name, toName="text", showInline="true")
    for shown, alias, hint in listed:
        ElementTree.SubElement(group, "Choice", {"hint": hint} if hint else {}, value=shown, alias=alias)


def read_label_studio(path: Path) -> list[Coded]:
    """Each annotation that was not skipped, and each task without one; exported as JSON or JSON-MIN."""
    data = read_bytes(path)
    try:
        text = json.dumps(json.loads(data), ensure_ascii=False)
        tasks = json.loads(text.encode(errors="replace"))  # half an emoji becomes a question mark
        rows = [row for number, task in enumerate(tasks, start=1) for row in _annotations(task, number)]
        problem = "" if any(row.comment_id for row in rows) else "no task has a comment_id"
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
        problem = f"{type(error).__name__}, {error}"
    if problem:
        found = f"is not what Label Studio exports of our tasks: {problem}"
        raise InputError(f"{path.name} {found}. Export it again, as JSON or JSON-MIN.")
    return rows


def _annotations(task: dict[str, Any], number: int) -> list[Coded]:
    """One task's annotations; in JSON-MIN the task is one itself, its answers beside its data."""
    data, coded = task, [(task.get("annotator", ""), list(task.items()))]
    if "data" in task:
        kept = [own for own in task.get("annotations") or [] if not own.get("was_cancelled")]
        results = [[(part.get("from_name", ""), part.get("value")) for part in own["result"]] for own in kept]
        people = [own.get("completed_by", "") for own in kept]
        data, coded = task["data"], list(zip(people, results, strict=True)) or [("", [])]
    comment = (str(task.get("id", number)), str(data.get("comment_id") or ""), str(data.get("text") or ""))
    rows = []
    for person, answers in coded:
        given: dict[str, list[str]] = {"sentiment": [], "codes": [], "unsure": [], "memo": []}
        for name, value in answers:
            given.setdefault(re.sub(r"codes_\d+$", "codes", name), []).extend(_listed(value))
        by = str(person.get("email") or person.get("id")) if isinstance(person, dict) else str(person)
        unsure, memo = "".join(given["unsure"]), "\n".join(given["memo"])
        rows.append(Coded(*comment, given["sentiment"], given["codes"], unsure, memo, by))
    return rows


def _listed(value: Any) -> list[str]:
    """Choices or texts, however deep the export wraps them."""
    if isinstance(value, dict):
        value = value.get("choices", value.get("text"))
    if isinstance(value, list):
        return [text for part in value for text in _listed(part)]
    return [] if value is None else [str(value)]


# --- doccano (its backend: data_import, data_export, label_types) ----------------------------------------


def write_doccano(
    table: pd.DataFrame, codebook: Codebook, labels: Labels, path: Path, phrases: Phrases
) -> None:
    """Documents, in ASCII since doccano guesses encodings, and beside them all labels, doubt included."""
    columns = phrases.texts["sheet"]["columns"]
    moods = [f"{columns['sentiment']}: {phrases.name('labels', label)}" for label in LABELS]
    names = [*moods, *labels.values(), columns["unsure"]]
    keys = ["1", "2", "3", *[None] * len(labels), "0"]
    colors = ["#b2182b", "#666666", "#2166ac", *(code.color for code in codebook.codes), "#000000"]
    same = {"prefix_key": None, "text_color": "#ffffff"}
    listed = [
        {"text": name, "suffix_key": key, "background_color": color, **same}
        for name, key, color in zip(names, keys, colors, strict=True)
    ]
    documents = table.rename(columns={name: columns[name] for name in table.columns[1:-1]}).to_dict("records")
    _write_text(json.dumps(listed, indent=1), path.with_suffix(".labels.json"))
    _write_text("\n".join(json.dumps({**document, "label": []}) for document in documents), path)


def read_doccano(path: Path) -> list[Coded]:
    """Each document; labels that are no codes are told by their words."""
    table, ours = read_table(path).rename(columns={"labels": "label"}), _columns()
    if lacking := [name for name in ("comment_id", "text", "label") if name not in table]:
        found = f"no {', '.join(lacking)}, but {', '.join(table.columns)[:300]}. Export as JSONL"
        raise InputError(f"{path.name} is not what doccano exports of our documents: {found}.")
    rows = []
    for line, cells in zip(table.index, table.fillna("").to_dict("records"), strict=True):
        given: dict[str, list[str]] = {"sentiment": [], "unsure": [], "code": []}
        for label in _texts(cells["label"]):
            head, _, rest = label.partition(":")
            kind = "sentiment" if rest else "unsure"
            given[kind if ours.get(word(head)) == kind else "code"].append(rest or label)
        memo = "\n".join(_texts(cells.get("Comments", "")))
        comment = (str(line), cells["comment_id"], cells["text"])
        rows.append(Coded(*comment, given["sentiment"], given["code"], "".join(given["unsure"]), memo))
    return rows


def _texts(cell: str) -> list[str]:
    """The texts of a JSON list; a text that is none stands for itself."""
    try:
        return [str(text) for text in json.loads(cell)] if cell[:1] == "[" else [cell] * bool(cell)
    except ValueError:
        return [cell]


def _write_text(text: str, path: Path) -> None:
    write_whole(path, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8", newline="\n"))
