"""sheets, sheet_files: what is handed out comes back as it was coded, and every slip is told by its row."""

import json
import re
import shutil
import subprocess
import unicodedata
from datetime import datetime, timezone
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch.codebook import Codebook, load_codebook
from cxresearch.errors import InputError
from cxresearch.handcoding import load_hand_codes
from cxresearch.sheets import ATTRIBUTES, read_sheet, write_sheet
from cxresearch.tables import write_table

BOOK = load_codebook("data/raw/codebook.yaml")
COLUMNS = ["comment_id", "coder", "sentiment", "codes", "unsure", "memo", "blind", "done", "codebook"]
HEADER = {"es": ["id", "comentario", "sentimiento"], "en": ["id", "comment", "sentiment"]}
ENDINGS = [".xlsx", ".json", ".min.json", ".jsonl"]
NASTY = [
    "=HYPERLINK(\"http://x\")", "+1+1", "-lo peor", "@ana", "\t=1+1", "'=1", "<script>alert('x')</script>",
    "#N/A", "\x00\x0b\x1f\ufffe", "uno\r\ndos\rtres\n", "👩‍👩‍👧‍👦 ñandú 🇲🇽", "a" * 32_766, "_x0041_ _x000D_",
    "e\u0301l", " \u00a0outer ", "7.0", "TRUE", "a;b|c", '{"text": "[1]"}', "$text & <b>", "\u2028line",
]  # fmt: skip


def frame(*texts, **columns):
    ids = pd.Index([f"c{n}" for n in range(1, len(texts) + 1)], name="comment_id")
    return pd.DataFrame({"text": texts, **columns}, index=ids)


THREE = frame(
    "Muy lento", "Todo bien", "Hola", group=["consumer", "brand", "consumer"], rating=[1.0, None, 4.5]
)


def labels(language, book=BOOK):
    return {code.code: code.name[language] for code in book.codes}


# --- what the tools make of the files ---------------------------------------------------------------------


def fill_workbook(path, coded, language):
    """Fill in by comment_id: sentiment, codes, unsure, memo, as they are written."""
    workbook = openpyxl.load_workbook(path)
    page = workbook.worksheets[0]
    header = [cell.value for cell in page[1]]
    first = header.index(HEADER[language][2]) + 1
    for row in page.iter_rows(min_row=2):
        if answers := coded.get(row[0].value):
            mood, codes, unsure, memo = answers
            for column, value in enumerate(
                [mood, *codes, *[None] * (8 - len(codes)), unsure, memo], start=first
            ):
                page.cell(row[0].row, column).value = value or None
                page.cell(row[0].row, column).data_type = "s"
    workbook.save(path)


def annotation(configuration, answers, person=1, **more):
    """One annotation as Label Studio exports it; answers go by alias, each control its own result."""
    mood, codes, unsure, memo = answers
    results = [("sentiment", "choices", [mood])] if mood else []
    for group in configuration.iter("Choices"):
        own = [choice.get("alias") for choice in group if choice.get("alias") in codes]
        if group.get("name").startswith("codes_") and own:
            results.append((group.get("name"), "choices", own))
    results += [("unsure", "choices", ["yes"])] * bool(unsure) + [("memo", "text", [memo])] * bool(memo)
    listed = [
        {"id": "Xz1", "from_name": name, "to_name": "text", "origin": "manual", "value": {kind: value}}
        | {"type": "textarea" if kind == "text" else "choices"}
        for name, kind, value in results
    ]
    return {"id": 71, "completed_by": person, "result": listed, "was_cancelled": False, **more}


def export_label_studio(path, coded):
    configuration = ElementTree.parse(path.with_suffix(".label_config.xml")).getroot()
    tasks = [
        {"id": n, **task, "predictions": []} for n, task in enumerate(json.loads(path.read_text()), start=101)
    ]
    for task in tasks:
        answers = coded.get(task["data"]["comment_id"])
        task["annotations"] = [annotation(configuration, answers)] if answers else []
    path.write_text(json.dumps(tasks, ensure_ascii=True), encoding="utf-8")
    return tasks


def minimal(tasks):
    """JSON-MIN of full tasks: one choice or text stands alone, several stay wrapped."""
    rows = []
    for task in tasks:
        for one in task["annotations"]:
            row = dict(task["data"], id=task["id"], annotator=one["completed_by"], annotation_id=one["id"])
            for result in one["result"]:
                (values,) = result["value"].values()
                row[result["from_name"]] = values[0] if len(values) == 1 else result["value"]
            rows.append(row)
    return rows


def export_doccano(path, coded, language):
    """doccano adds its own id, keeps the metadata and sorts the labels by name."""
    named = [label["text"] for label in json.loads(path.with_suffix(".labels.json").read_text())]
    moods, unsure = dict(zip(["negative", "neutral", "positive"], named, strict=False)), named[-1]
    lines = []
    for number, line in enumerate(path.read_text().splitlines(), start=900):
        document = json.loads(line)
        mood, codes, doubt, memo = coded.get(document["comment_id"], ("", [], "", ""))
        given = [moods.get(mood)] * bool(mood) + [labels(language)[c] for c in codes] + [unsure] * bool(doubt)
        memos = [memo] if memo else []
        kept = {key: value for key, value in document.items() if key != "label"}
        lines.append(json.dumps({"id": number, **kept, "label": sorted(given), "Comments": memos}) + "\n")
    path.write_text("".join(lines))


def coded_file(folder, ending, comments, coded, language="es"):
    """Write, code as the tool does, and return the file to be read."""
    path = folder / f"ana.2{ending.removeprefix('.min')}"
    write_sheet(comments, BOOK, path, language)
    if ending == ".xlsx":
        words = (
            {"negative": "negativo", "neutral": "neutro", "positive": "positivo"} if language == "es" else {}
        )
        shown = {
            id_: (words.get(m, m), [labels(language)[c] for c in codes], unsure and "sí", memo)
            for id_, (m, codes, unsure, memo) in coded.items()
        }
        fill_workbook(path, shown, language)
    elif ending == ".jsonl":
        export_doccano(path, coded, language)
    else:
        tasks = export_label_studio(path, coded)
        if ending == ".min.json":
            path.write_text(json.dumps(minimal(tasks)))
    return path


def told(problems):
    return problems[["comment_id", "problem"]].values.tolist()


# --- round trips ------------------------------------------------------------------------------------------

ANSWERS = st.tuples(
    st.sampled_from(["negative", "neutral", "positive"]),
    st.lists(st.sampled_from(BOOK.names), unique=True, max_size=8),
    st.sampled_from(["", "yes"]),
    st.sampled_from(["", "una nota", "¿=1?", "[sic]"]),
)
TEXTS = st.lists(st.one_of(st.text(min_size=1, max_size=60), st.sampled_from(NASTY)), min_size=1, max_size=6)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, data=st.data())
def test_what_was_coded_comes_back(tmp_path, ending, language, texts, data):
    comments = frame(*texts)
    coded = {id_: data.draw(ANSWERS) for id_ in comments.index if data.draw(st.booleans()) or id_ == "c1"}
    path = coded_file(tmp_path, ending, comments, coded, language)
    hand, problems = read_sheet(path, comments, BOOK, "ana.2")
    expected = [
        [
            id_,
            "ana.2",
            mood,
            ";".join(c for c in BOOK.names if c in codes),
            unsure,
            memo,
            "yes",
            "yes",
            BOOK.version,
        ]
        for id_, (mood, codes, unsure, memo) in coded.items()
    ]
    assert hand.columns.tolist() == COLUMNS
    assert hand.values.tolist() == expected
    left = len(comments) - len(coded)
    if ending == ".min.json":  # has no row for a task without annotation
        assert told(problems) == [[id_, "missing"] for id_ in comments.index if id_ not in coded]
    else:
        assert problems[["problem", "found"]].values.tolist() == [
            ["not coded yet", f"{left} of {len(comments)}"]
        ] * bool(left)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_nasty_text_comes_back(tmp_path, ending):
    comments = frame(*NASTY, brand=NASTY, channel=["\x00=1"] * len(NASTY))
    comments.loc["c12", "brand"] = ""
    coded = dict.fromkeys(comments.index, ("neutral", [], "", ""))
    hand, problems = read_sheet(coded_file(tmp_path, ending, comments, coded), comments, BOOK, "ana")
    assert problems.empty
    assert hand["comment_id"].tolist() == comments.index.tolist()


def test_the_table_is_a_coders_file(tmp_path):
    """The table saved as CSV is read by handcoding as it is."""
    path = coded_file(tmp_path, ".xlsx", THREE, {"c2": ("positive", ["ease", "loyalty"], "yes", "=nota")})
    hand, _ = read_sheet(path, THREE, BOOK, "ana")
    write_table(hand, tmp_path / "ana.csv")
    (row,) = load_hand_codes([tmp_path / "ana.csv"], BOOK.names).to_dict("records")
    assert row["codes"] == ["ease", "loyalty"]
    assert (row["sentiment"], row["done"], row["blind"], row["coder"]) == ("positive", "yes", "yes", "ana")


def test_order_and_ids_are_those_of_the_comments(tmp_path):
    comments = frame("uno", "dos", "tres").set_axis(["007", "=9", "7"]).iloc[::-1]
    coded = dict.fromkeys(["007", "'=9", "=9", "7"], ("neutral", [], "", ""))
    for ending in (".xlsx", ".json", ".jsonl"):
        hand, problems = read_sheet(coded_file(tmp_path, ending, comments, coded), comments, BOOK, "ana")
        assert hand["comment_id"].tolist() == ["7", "=9", "007"]
        assert problems.empty


# --- the workbook -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
def test_drop_downs_hold_the_codebook(tmp_path, language):
    write_sheet(THREE, BOOK, tmp_path / "ana.xlsx", language)
    workbook = openpyxl.load_workbook(tmp_path / "ana.xlsx")
    page = workbook.worksheets[0]
    header = [cell.value for cell in page[1]]
    lists = {
        header[page[str(rule.sqref).split(":")[0]].column - 1]: rule
        for rule in page.data_validations.dataValidation
    }
    code = "código" if language == "es" else "code"
    assert [name for name in lists if name.startswith(code)] == [f"{code} {n}" for n in range(1, 9)]
    assert len(lists) == 10
    for name, rule in lists.items():
        assert re.fullmatch(r"([A-Z]+)2:(?:\1)4", str(rule.sqref))
        assert rule.type == "list" and rule.showErrorMessage and not rule.showDropDown
        if name.startswith(code):
            title, first, last = re.fullmatch(r"'?([^'!]+)'?!\$B\$(\d+):\$B\$(\d+)", rule.formula1).groups()
            column = [row[0].value for row in workbook[title][f"B{first}:B{last}"]]
            assert column == list(labels(language).values())
    moods = "negativo,neutro,positivo" if language == "es" else "negative,neutral,positive"
    assert lists[HEADER[language][2]].formula1 == f'"{moods}"'


def test_only_the_coders_cells_are_open(tmp_path):
    write_sheet(THREE, BOOK, tmp_path / "ana.xlsx", "es")
    page = openpyxl.load_workbook(tmp_path / "ana.xlsx").worksheets[0]
    header = [cell.value for cell in page[1]]
    assert page.protection.sheet and not page.protection.password
    assert page.freeze_panes == "B2"
    unlocked = [name for name, cell in zip(header, page[3], strict=True) if not cell.protection.locked]
    assert unlocked == ["sentimiento", *(f"código {n}" for n in range(1, 9)), "con dudas", "notas"]
    assert all(cell.protection.locked for cell in page[1])


def test_what_is_shown_of_a_comment_is_blind_and_in_the_coders_language(tmp_path):
    more = {
        "date": pd.to_datetime(["2025-01-02", None, "2025-01-04"]),
        "channel": None,
        "language": ["es", "en", "other"],
    }
    machine = {"score": 0.5, "machine": "efficiency", "author": "abc", "second_language": "en"}
    comments = THREE.assign(**more, **machine)
    write_sheet(comments, BOOK, tmp_path / "ana.xlsx", "es")
    page = openpyxl.load_workbook(tmp_path / "ana.xlsx").worksheets[0]
    rows = [[cell.value for cell in row[:6]] for row in page.iter_rows()]
    assert rows[0] == ["id", "grupo", "idioma", "fecha", "calificación", "comentario"]
    assert rows[1] == ["c1", "consumidores", "español", "2025-01-02", "1", "Muy lento"]
    assert rows[3] == ["c3", "consumidores", "other", "2025-01-04", "4.5", "Hola"]
    for ending in (".json", ".jsonl"):
        write_sheet(comments, BOOK, tmp_path / f"ana{ending}", "es")
        text = (tmp_path / f"ana{ending}").read_text()
        assert "efficiency" not in text and "0.5" not in text and "abc" not in text
        assert "calificaci" in text
    assert set(ATTRIBUTES).isdisjoint(machine)


def test_no_cell_is_a_formula_or_an_error(tmp_path):
    comments = frame(*NASTY, brand=NASTY).drop(index="c12").set_axis([f"={n}" for n in range(len(NASTY) - 1)])
    write_sheet(comments, BOOK, tmp_path / "ana.xlsx", "en")
    for page in openpyxl.load_workbook(tmp_path / "ana.xlsx"):
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n") and (cell.data_type == "s") == (cell.value is not None)
                assert not re.match(r"[=@\t]", cell.value or "")


def test_same_comments_same_bytes(tmp_path, monkeypatch):
    comments = frame("2020-01-01T00:00:00Z")
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for ending in (".xlsx", ".json", ".jsonl"):
            write_sheet(comments, BOOK, tmp_path / name / f"ana{ending}", "es")
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
        monkeypatch.setattr("openpyxl.writer.excel.datetime", FixedClock)
    assert files[0] == files[1]
    assert len(files[0]) == 5
    assert read_sheet(tmp_path / "one" / "ana.xlsx", comments, BOOK, "ana")[1]["found"].tolist() == ["1 of 1"]


class FixedClock:
    """Another time of day than the first workbook's."""

    class datetime:
        @staticmethod
        def now(tz=None):
            return datetime(2031, 5, 5, 5, 5, 5, tzinfo=tz)

    timezone = timezone


def test_too_long_for_excel(tmp_path):
    for text in ("a" * 32_768, "😀" * 16_384):  # Excel counts UTF-16 units
        with pytest.raises(InputError, match=r"c2 has over 32,767 characters.*\.json"):
            write_sheet(frame("corto", text), BOOK, tmp_path / "ana.xlsx", "es")
    assert not list(tmp_path.iterdir())
    comments = frame("a" * 100_000)
    path = coded_file(tmp_path, ".json", comments, {"c1": ("neutral", [], "", "")})
    assert len(read_sheet(path, comments, BOOK, "ana")[0]) == 1


def test_nothing_to_write(tmp_path):
    with pytest.raises(InputError, match="no comments to code"):
        write_sheet(THREE.iloc[:0], BOOK, tmp_path / "ana.xlsx", "es")
    with pytest.raises(InputError, match=r"\.xlsx, \.json, \.jsonl"):
        write_sheet(THREE, BOOK, tmp_path / "ana.docx", "es")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_saves_it_again(tmp_path):
    comments = frame(*NASTY)
    path = coded_file(
        tmp_path, ".xlsx", comments, dict.fromkeys(comments.index, ("positive", ["ease"], "yes", "n"))
    )
    command = ["soffice", "--headless", "--convert-to", "ods", "--outdir", tmp_path, path]
    subprocess.run(command, check=True, capture_output=True)
    hand, problems = read_sheet(path.with_suffix(".ods"), comments, BOOK, "ana")
    assert problems.empty and len(hand) == len(comments)


# --- what other programs and hasty hands make of a sheet --------------------------------------------------

SHEET = {"id": ["c1", "c2", "c3"], "comentario": ["Muy lento", "Todo bien", "Hola"]}
SHEET |= {"sentimiento": ["negativo", "positivo", ""], "código 1": ["Eficiencia", "", ""]}


def sheet(folder, name="ana.xlsx", **changes):
    """A coder's sheet, two comments coded, with some columns changed; None takes one away."""
    columns = {name: cells for name, cells in {**SHEET, **changes}.items() if cells is not None}
    pd.DataFrame(columns).to_excel(folder / name, index=False)
    return folder / name


def test_saved_by_another_program(tmp_path):
    texts = [" Muy lento\n", "Todo bien", "Hola"]
    pd.DataFrame(
        {
            "Mi columna": [1, 2, 3, None, None], "CODIGO 9": ["EFICIENCIA ; trust me", "", "", None, None],
            "NOTAS": ["", 7, "", None, None], "Sentimiento": ["NEGATIVO ", "Neutral", "", None, None],
            "Comentario": [*texts, None, None], "código 2": [" empathy", "empatía;Ease", "", None, None],
            " ID": [1, 2, 3, None, None], "Con Dudas": ["No", "x", "", None, "total"],
        }
    ).drop(index=3).to_excel(tmp_path / "ana.xlsx", index=False)  # fmt: skip
    comments = frame(*[text.strip() for text in texts]).set_axis(["1", "2", "3"])
    hand, problems = read_sheet(tmp_path / "ana.xlsx", comments, BOOK, "ana")
    assert hand.iloc[0][["comment_id", "sentiment", "codes", "unsure", "memo"]].tolist() == [
        "2", "neutral", "ease;empathy", "yes", "7",
    ]  # fmt: skip
    assert ["1", "unknown code"] in told(problems)


def test_csv_and_missing_columns_that_nobody_needs(tmp_path):
    path = tmp_path / "ana.csv"
    path.write_text(
        "comment_id;text;codes\nc1;Muy lento;efficiency;\nc2;Todo bien;;\nc3;Hola;;\n".replace(";\n", "\n")
    )
    hand, problems = read_sheet(path, THREE, BOOK, "ana")
    assert hand[["comment_id", "sentiment", "codes"]].values.tolist() == [["c1", "", "efficiency"]]
    assert problems["found"].tolist() == ["2 of 3"]  # without a column for it, sentiment is not asked


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"código 1": ["Eficienzia", "", ""]}, ("2", "c1", "unknown code", "Eficienzia", "'eficiencia'")),
        ({"sentimiento": ["negatibo", "positivo", ""]},
         ("2", "c1", "unknown sentiment", "negatibo", "mean 'negativo'?")),
        ({"id": ["c1", "c2", "c9"]}, ("4", "c9", "not handed out", "Hola", "remove the row")),
        ({"id": ["c1", "c2", "c9"]}, ("", "c3", "missing", "", "Restore")),
        ({"id": ["c1", "c1", "c3"], "comentario": ["Muy lento", "Muy lento", "Hola"]},
         ("3", "c1", "comment twice", "also in row 2", "Keep one")),
        ({"comentario": ["Muy lenta", "Todo bien", "Hola"]},
         ("2", "c1", "changed text", "Muy lenta", "Restore")),
        ({"comentario": ["Todo bien", "Muy lento", "Hola"]},
         ("3", "c2", "changed text", "Muy lento", "mixed up")),
        ({"sentimiento": ["", "positivo", ""]}, ("2", "c1", "not finished", "Eficiencia", "sentiment")),
        ({"notas": ["", "", "¿?"]}, ("4", "c3", "not finished", "", "sentiment")),
    ],
)  # fmt: skip
def test_each_slip_is_told_by_its_row(tmp_path, changes, expected):
    hand, problems = read_sheet(sheet(tmp_path, **changes), THREE, BOOK, "ana")
    found = {tuple(row[:4]): row[4] for row in problems.values.tolist()}
    assert expected[4] in found[expected[:4]]
    assert set(hand["comment_id"]) == {"c1", "c2"} - set(problems["comment_id"])


def test_all_slips_at_once(tmp_path):
    path = sheet(tmp_path, **{"código 1": ["nada; tampoco", "nunca", ""], "sentimiento": ["mal", "bien", ""]})
    hand, problems = read_sheet(path, THREE, BOOK, "ana")
    assert hand.empty and hand.columns.tolist() == COLUMNS
    assert problems["found"].tolist() == ["nada", "tampoco", "mal", "nunca", "bien", "1 of 3"]
    assert problems["row"].tolist() == ["2", "2", "2", "3", "3", ""]


def test_a_sheet_of_other_comments(tmp_path):
    hand, problems = read_sheet(sheet(tmp_path), frame("a", "b").set_axis(["x1", "x2"]), BOOK, "ana")
    assert hand.empty
    assert told(problems) == [[f"c{n}", "not handed out"] for n in (1, 2, 3)] + [
        ["x1", "missing"],
        ["x2", "missing"],
    ]


def test_nobody_coded_yet(tmp_path):
    for ending in (".xlsx", ".json", ".jsonl"):
        write_sheet(THREE, BOOK, tmp_path / f"ana{ending}", "en")
        hand, problems = read_sheet(tmp_path / f"ana{ending}", THREE, BOOK, "ana")
        assert hand.empty and problems["found"].tolist() == ["3 of 3"]


@pytest.mark.parametrize("ending", [".xlsx", ".jsonl"])
def test_codes_of_one_name_are_told_apart(tmp_path, tiny_codebook, ending):
    """In this codebook both codes are called Name; a name that is two codes' is nobody's."""
    book = Codebook.model_validate(tiny_codebook)
    path = tmp_path / f"ana{ending}"
    write_sheet(THREE, book, path, "en")
    if ending == ".xlsx":
        fill_workbook(
            path, {"c1": ("negative", ["Name (empathy)"], "", ""), "c2": ("neutral", ["Name"], "", "")}, "en"
        )
    else:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        lines[0]["label"], lines[1]["label"] = (
            ["sentiment: negative", "Name (empathy)"],
            ["sentiment: neutral", "Name"],
        )
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    hand, problems = read_sheet(path, THREE, book, "ana")
    assert hand[["comment_id", "codes"]].values.tolist() == [["c1", "empathy"]]
    assert told(problems)[0] == ["c2", "unknown code"]


def test_sorted_sheet_and_a_name_with_a_semicolon(tmp_path, tiny_codebook):
    tiny_codebook["codes"][1]["name"] = {"es": "Tacto; empatía", "en": "Tact; empathy"}
    book = Codebook.model_validate(tiny_codebook)
    path = tmp_path / "ana.csv"
    path.write_text(
        "id,text,code,sentiment\nc3,Hola,tact; empathy,neutral\nc1,Muy lento,efficiency,NEGATIVO\n"
    )
    hand, problems = read_sheet(path, THREE, book, "ana")
    assert hand[["comment_id", "codes"]].values.tolist() == [["c1", "efficiency"], ["c3", "empathy"]]
    assert told(problems) == [["c2", "missing"]]


# --- Label Studio and doccano -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
def test_configuration_shows_names_and_exports_codes(tmp_path, language):
    write_sheet(frame("<b>$x</b>"), BOOK, tmp_path / "ana.2.json", language)
    view = ElementTree.parse(tmp_path / "ana.2.label_config.xml").getroot()
    groups = {group.get("name"): group for group in view.iter("Choices")}
    assert {group.get("toName") for group in groups.values()} == {view.find("Text").get("name")} == {"text"}
    assert [groups[name].get("choice") for name in ("sentiment", "codes_1", "unsure")] == [
        "single",
        "multiple",
        "multiple",
    ]
    shown = {
        c.get("alias"): c.get("value") for name, g in groups.items() if name.startswith("codes_") for c in g
    }
    assert shown == labels(language)
    families = [[c.get("alias") for c in groups[f"codes_{n}"]] for n in range(1, len(BOOK.families) + 1)]
    assert families == [BOOK.family_codes(family.family) for family in BOOK.families]
    (task,) = json.loads((tmp_path / "ana.2.json").read_text())
    used = {tag.get("value")[1:] for tag in view if (tag.get("value") or "").startswith("$")}
    assert used | {"comment_id"} == set(task["data"]) and task["data"]["text"] == "<b>$x</b>"


def test_several_annotators(tmp_path):
    path = coded_file(tmp_path, ".json", THREE, {})
    view = ElementTree.parse(path.with_suffix(".label_config.xml")).getroot()
    tasks = json.loads(path.read_text())
    mine, other = ("negative", ["ease"], "", ""), ("positive", [], "", "")
    tasks[0]["annotations"] = [annotation(view, mine, 1), annotation(view, other, 2)]
    tasks[1]["annotations"] = [annotation(view, mine, 1), annotation(view, other, 2, was_cancelled=True)]
    tasks[2]["annotations"] = [annotation(view, mine, {"id": 1, "email": "a@x.org"})] * 2
    path.write_text(json.dumps(tasks))
    hand, problems = read_sheet(path, THREE, BOOK, "ana")
    assert hand[["comment_id", "codes"]].values.tolist() == [["c2", "ease"]]
    assert told(problems) == [["c1", "several annotators"], ["c3", "comment twice"]]
    assert problems["found"][0] == "1 and 2" and "project of their own" in problems["advice"][0]
    path.write_text(json.dumps(minimal(tasks[:1])))
    assert ["c1", "several annotators"] in told(read_sheet(path, THREE, BOOK, "ana")[1])


def test_half_an_emoji_in_a_memo(tmp_path):
    path = coded_file(tmp_path, ".json", THREE, {"c1": ("neutral", [], "", "una nota")})
    path.write_text(path.read_text().replace("una nota", "\\ud83d nota"))
    hand, _ = read_sheet(path, THREE, BOOK, "ana")
    assert hand["memo"].tolist() == ["? nota"]


def test_two_sentiments_in_doccano(tmp_path):
    path = coded_file(tmp_path, ".jsonl", THREE, {})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["label"] = ["sentiment: positive", "sentimiento:negativo", "ease"]
    lines[1]["label"] = ["sentiment:positive", "CON DUDAS", "Facilidad"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    hand, problems = read_sheet(path, THREE, BOOK, "ana")
    assert hand[["comment_id", "sentiment", "codes", "unsure"]].values.tolist() == [
        ["c2", "positive", "ease", "yes"]
    ]
    assert problems.iloc[0][["comment_id", "problem"]].tolist() == ["c1", "several sentiments"]


@pytest.mark.parametrize("language", ["es", "en"])
def test_doccano_takes_the_labels(tmp_path, language):
    """Its label types: unique text of at most 100 characters, one key of 0-9 or a-z each, a color."""
    write_sheet(THREE, BOOK, tmp_path / "ana.jsonl", language)
    listed = json.loads((tmp_path / "ana.labels.json").read_text())
    texts, keys = [label["text"] for label in listed], [k for label in listed if (k := label["suffix_key"])]
    assert len(set(texts)) == len(texts) == len(BOOK.names) + 4 and max(map(len, texts)) <= 100
    assert len(set(keys)) == len(keys) and all(re.fullmatch("[0-9a-z]", key) for key in keys)
    assert all(re.fullmatch("#[0-9a-fA-F]{6}", label["background_color"]) for label in listed)
    assert (tmp_path / "ana.jsonl").read_bytes().isascii()  # doccano guesses encodings


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("a.json", "", "not what Label Studio exports"),
        ("a.json", "{nope", "not what Label Studio exports"),
        ("a.json", "[" * 100_000, "not what Label Studio exports"),
        ("a.json", "\xff\xfe\xfa", "not what Label Studio exports"),
        ("a.json", "7", "not what Label Studio exports"),
        ("a.json", "[]", "no task has a comment_id"),
        ("a.json", '{"data": {}}', "JSON or JSON-MIN"),
        ("a.json", '[{"data": 3}]', "JSON or JSON-MIN"),
        ("a.json", '[{"data": {"comment_id": "c1"}, "annotations": [{"result": 5}]}]', "JSON or JSON-MIN"),
        ("a.json", '[{"data": {"comment_id": "c1"}, "annotations": [{"result": [7]}]}]', "JSON or JSON-MIN"),
        ("a.json", '[{"data": {"comment_id": "c1"}, "annotations": ["x"]}]', "JSON or JSON-MIN"),
        ("a.json", '[{"text": "x", "label": []}]', "no task has a comment_id"),
        ("a.jsonl", "", "is empty"),
        ("a.jsonl", "[1]\n", "line 1 is no"),
        ("a.jsonl", '{"text": "x", "label": []}\n', "no comment_id"),
        ("a.jsonl", '{"text": "x", "comment_id": "c1"}\n', "no label"),
        ("a.xlsx", "no workbook", "damaged"),
        ("a.csv", "x,y\n1,2\n", "no column for comment_id, text, code; its columns are x, y"),
        ("a.pdf", "%PDF", r"\.pdf"),
    ],
)  # fmt: skip
def test_no_such_file(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match=message):
        read_sheet(tmp_path / name, THREE, BOOK, "ana")


@pytest.mark.parametrize("ending", [".xlsx", ".json", ".jsonl"])
def test_file_not_there(tmp_path, ending):
    with pytest.raises(InputError, match="cannot be read"):
        read_sheet(tmp_path / f"ana{ending}", THREE, BOOK, "ana")


@pytest.mark.parametrize("ending", [".json", ".jsonl"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_told_not_crashed_on(tmp_path, ending, data):
    """Whatever stands in a field of an export, it is read, told as a problem, or refused as no such file."""
    path = coded_file(tmp_path, ending, THREE, {"c1": ("negative", ["ease"], "yes", "x")})
    leaf = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=3
    )
    field = data.draw(
        st.sampled_from(["label", "Comments", "text", "comment_id", "data", "annotations", "result", "id"])
    )
    text = json.dumps(data.draw(leaf))
    path.write_text(
        re.sub(rf'"{field}": (\[[^\]]*\]|"[^"]*"|\d+)', lambda _: f'"{field}": {text}', path.read_text())
    )
    try:
        hand, _ = read_sheet(path, THREE, BOOK, "ana")
    except InputError:
        return
    assert set(hand["comment_id"]) <= set(THREE.index)


def test_texts_are_compared_as_people_read_them(tmp_path):
    comments = frame("él\r\ndijo: 'no'", "'uno'")
    changed = [unicodedata.normalize("NFD", "él\ndijo: 'no' "), "uno'"]
    path = sheet(
        tmp_path, id=["c1", "c2"], comentario=changed, sentimiento=["neutro"] * 2, **{"código 1": ["", ""]}
    )
    assert read_sheet(path, comments, BOOK, "ana")[1].empty
