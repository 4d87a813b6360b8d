"""tables: round trips of any text, and every refusal with what it tells the researcher."""

import errno
import json
import os
import re
import zipfile
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch import tables
from cxresearch.errors import InputError
from cxresearch.tables import file_hash, read_table, write_table, write_whole

ENDINGS = [".csv", ".tsv", ".jsonl", ".xlsx", ".parquet"]
DEFUSED = [".csv", ".tsv", ".xlsx"]
ROUND = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    ['"', '""', ",", ";", "\t", "|", "\n", "\r", "\r\n", "a\r\nb", '"a","b;c"', "=1+1", "@ana", "-1", "'",
     "007", "1,5", " a ", "ñ😀", "\u2028", "\ufeff", "\x1f", "\\", "null", "NA", "nan",
     "1.0", "\ufffe", "\x01\x0b\x1b", "\x7f\x85"]
)  # fmt: skip
NAME = TEXT.filter(str.strip)


def excel_text(cell):
    """What .xlsx keeps of a text: no control characters."""
    if not isinstance(cell, str):
        return cell
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", cell)


def is_risky(text):
    number = re.fullmatch("[+-]?[0-9]+([.,][0-9]+)*", text)
    return text.startswith(("=", "+", "-", "@", "\t", "\r")) and not number


@st.composite
def text_tables(draw):
    names = draw(st.lists(NAME, min_size=1, max_size=3, unique_by=lambda name: excel_text(name.lstrip("'"))))
    rows = draw(st.lists(st.tuples(*[TEXT | st.none()] * len(names)), min_size=1, max_size=6))
    table = pd.DataFrame(dict(zip(names, zip(*rows, strict=True), strict=True)), dtype="str")
    table["id"] = [f"{n:03}" for n in range(len(rows))]  # so that no row is blank
    return table[["id", *[name for name in names if name != "id"]]]


@pytest.mark.parametrize("ending", ENDINGS)
@ROUND
@given(table=text_tables())
def test_any_text_round_trips(ending, table, tmp_path):
    write_table(table, tmp_path / f"t{ending}")
    read = read_table(tmp_path / f"t{ending}")
    start = {".jsonl": 1, ".parquet": 1}.get(ending, 2)
    expected = table.set_axis(pd.RangeIndex(start, start + len(table)), axis=0)
    if ending != ".parquet":  # only Parquet tells an empty text from a missing one
        expected = expected.mask(expected == "")
    if ending in DEFUSED:
        expected = expected.map(lambda text: "'" + text if is_risky(str(text)) else text).astype("str")
        expected.columns = ["'" + name if is_risky(name) else name for name in expected]
    if ending == ".xlsx":  # which also drops a cell of nothing but white space
        expected = expected.rename(columns=excel_text).map(excel_text).astype("str")
        read, expected = (
            table.mask(table.apply(lambda cells: cells.str.strip()) == "") for table in (read, expected)
        )
    assert read.index.name == "row"
    pd.testing.assert_frame_equal(read, expected, check_names=False, check_index_type=False)


@ROUND
@given(rows=st.lists(TEXT.filter(bool), min_size=1), name=NAME)
def test_a_single_column_is_not_split(rows, name, tmp_path):
    write_table(pd.DataFrame({name: rows}, dtype="str"), tmp_path / "t.csv")
    read = read_table(tmp_path / "t.csv")
    assert read.shape == (len(rows), 1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@ROUND
@given(table=text_tables())
def test_the_separator_is_found(separator, table, tmp_path):
    table.to_csv(tmp_path / "t.csv", sep=separator, index=False, quoting=1, lineterminator="\n")
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "t.csv").reset_index(drop=True), table.mask(table == ""), check_names=False
    )


@pytest.mark.parametrize(
    "content, expected",
    [
        ("id;texto\n1;a, b, c\n2;d, e\n", ["a, b, c", "d, e"]),  # commas inside, semicolons between
        ("id,texto\n1,a;b\n2,c;d\n", ["a;b", "c;d"]),
        ("id\ttexto\n1\ta, b; c\n", ["a, b; c"]),
        ("id|texto\n1|a,b\n", ["a,b"]),
        ('id,texto\n1,"a\nb, c"\n2,"d ""e"""\n', ["a\nb, c", 'd "e"']),
        ("texto\na, b\nc; d\n", ["a, b", "c; d"]),  # a single column of unquoted prose
        ("id,texto\r\n1,a\r\n", ["a"]),
        ("id,texto\r1,a\r", ["a"]),
        ("id,texto\n1,a", ["a"]),
        ("id,texto\n007\n", [None]),  # a short row is filled
    ],
)
def test_csv_as_people_write_it(content, expected, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    texts = read_table(path)["texto"]
    assert texts.astype(object).where(texts.notna(), None).tolist() == expected


def test_cells_stay_text(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("id,n,empty\n007,1.50,\n1e5,NA,null\n")
    table = read_table(path)
    assert (table.dtypes == "str").all()
    assert table["id"].tolist() == ["007", "1e5"] and table["n"].tolist() == ["1.50", "NA"]
    assert table["empty"].isna().tolist() == [True, False]


def test_rows_count_as_in_a_spreadsheet(tmp_path):
    (tmp_path / "t.csv").write_text(
        'a,b\n1,"x\ny"\n\n2,z\n'
    )  # a cell of two lines is one row, a blank row counts
    assert read_table(tmp_path / "t.csv").index.tolist() == [2, 4]
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n\n{"b": 2}\n')
    table = read_table(tmp_path / "t.jsonl")
    assert table.index.tolist() == [1, 3] and list(table) == ["a", "b"] and table.isna().to_numpy().sum() == 2


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_is_found(codec, tmp_path):
    for ending, content in [(".csv", "id,texto\n1,¿Qué? – añó\n"), (".jsonl", '{"texto": "¿Qué? – añó"}\n')]:
        path = tmp_path / f"t{ending}"
        path.write_bytes(content.encode(codec))
        assert read_table(path)["texto"].tolist() == ["¿Qué? – añó"]
        assert read_table(path, encoding=codec)["texto"].tolist() == ["¿Qué? – añó"]


def test_encoding_can_be_stated(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,texto\n1,ñandú\n".encode("mac_roman"))
    assert read_table(path, encoding="mac_roman")["texto"].tolist() == ["ñandú"]


def test_separator_can_be_stated(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id:texto\n1:a,b\n")
    assert read_table(path, separator=":")["texto"].tolist() == ["a,b"]


def test_json_values_become_text(tmp_path):
    path = tmp_path / "t.ndjson"
    path.write_text(
        json.dumps({"n": 7.0, "i": 2**60, "b": True, "o": {"a": ["ñ", 1]}, "z": None})
        + '\n{"n": "\\ud83d!"}\n'
    )
    table = read_table(path)
    assert table.iloc[0].tolist()[:4] == ["7", str(2**60), "true", '{"a": ["ñ", 1]}']
    assert pd.isna(table.iloc[0, 4])
    assert table["n"].iloc[1] == "?!"  # half an emoji


def workbook(path, *rows, sheet="Hoja"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.create_sheet("Otra").append(["x"])
    book.save(path)


def test_excel_as_people_write_it(tmp_path):
    path = tmp_path / "t.xlsx"
    cells = ["007", 7.0, 1.5, True, date(2021, 12, 21), datetime(2021, 12, 21, 5, 6, 7), None]
    workbook(path, [*"abcdefg", None], cells, [None] * 7, ["x"])
    table = read_table(path, sheet="Hoja")
    assert table.iloc[0].tolist()[:6] == ["007", "7", "1.5", "true", "2021-12-21", "2021-12-21T05:06:07"]
    assert table.index.tolist() == [2, 4] and list(table) == [*"abcdefg"]
    assert (table.dtypes == "str").all() and table["g"].isna().all()


def test_parquet_keeps_types_and_a_saved_index(tmp_path):
    table = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="comment_id"))
    table.to_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert read.to_dict("list") == {"comment_id": ["a", "b"], "n": [1, 2]} and read.index.tolist() == [1, 2]


def broken_zip(path):
    workbook(path, ["a"], ["b"])
    path.write_bytes(path.read_bytes()[:-200])


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("t.csv", b"", "t.csv is empty"),
        ("t.csv", b"\xef\xbb\xbf", "No columns"),
        ("t.csv", b" \n1\n", "each column needs its own name"),
        ("t.csv", b"\n\n", "that its first line names the columns"),
        ("t.jsonl", b"\n\n", "is empty"),
        ("t.xlsx", b"", "is empty"),
        ("t.parquet", b"", "is empty"),
        ("t.csv", b"id,text\n", "only a header"),
        ("t.xlsx", lambda path: workbook(path, ["id", "text"]), "only a header"),
        ("t.csv", b"id,id,text\n1,2,3\n", r"its own name in row 1, but found \['id', 'id'\]"),
        ("t.csv", b"id,,text\n1,2,3\n", r"but found \[''\]"),
        ("t.xlsx", lambda path: workbook(path, ["id", None], [1, 2]), r"but found \[''\]"),
        ("t.csv", b'id,text\n1,"a\n"\n\n2,a,b\n3,a\n', "row 4: 3 fields, more than the header's 2.*quotes"),
        ("t.csv", b"id,text\n1,a\n2,\0\n", "t.csv, line 3 .*a NUL byte.*UTF-8"),
        ("t.csv", "id,text\n1,a\n".encode("utf-16-le"), "line 1 .*a NUL byte.*UTF-8"),
        ("t.jsonl", b'{"a": "\0"}\n', "line 1 .*a NUL"),
        ("t.csv", b"id,text\n1,a\n2,\xe9\x81\n", "line 3 is not cp1252: .*0x81 .*Save the file"),
        ("t.csv", "id,text\n1,áéíóú\n".encode() + b"2,\xff\n", "line 3 is not utf-8: .*0xff in position 23"),
        ("t.csv", b'id,text\n1,a\n2,"b\n3,c\n', 'row 3: a quote .* never closed'),
        ("t.csv", b'id,text\n1,a\n2,"' + b"x\n" * 100_001 + b'"\n', "row 3, column text: a cell of over 200"),
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is no JSON object"),
        ("t.jsonl", b'[{"a": 1}]\n', r"line 1 is no JSON object, {\"column\": value, ...}: 'list' object"),
        ("t.jsonl", b"[" * 100_000, "line 1 is no JSON object"),
        ("t.jsonl", b'{"": 1, "a": 2}\n', "its own name"),
        ("t.xlsx", b"id,text\n1,a\n", "damaged, .*not a spreadsheet"),
        ("t.xlsx", other_zip, "damaged, .*not a spreadsheet"),
        ("t.xlsx", broken_zip, "damaged, .*not a spreadsheet"),
        ("t.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "locked by a password"),
        ("t.ods", b"nonsense", "damaged, .*not a spreadsheet"),
        ("t.parquet", b"id,text\n1,a\n", "not a Parquet file"),
        ("t.parquet", b"PAR1" + bytes(40) + b"PAR1", "not a Parquet file"),
        ("t.docx", b"x", r'ends in ".docx", which is not one of .csv, .tsv.*.parquet'),
        ("t", b"x", 'ends in "", which is not one of .csv'),
    ],
)  # fmt: skip
def test_refusals(name, content, message, tmp_path):
    path = tmp_path / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=f"(?s){message}"):
        read_table(path)


def test_refusals_of_paths_and_options(tmp_path):
    (tmp_path / "comments.csv").write_bytes("id,texto\n1,ñ\n".encode())
    workbook(tmp_path / "t.xlsx", ["a"], ["b"])
    cases = [
        ("coments.csv", {}, "No such file.*Did you mean 'comments.csv'"),
        ("nowhere/comments.csv", {}, "No such file"),
        (".", {}, "is a folder"),
        ("comments.csv", {"encoding": "ascii"}, 'line 2 is not ascii.*Its bytes fit encoding "utf-8"'),
        ("comments.csv", {"encoding": "utf9"}, 'unknown encoding: utf9. Its bytes fit encoding "utf-8"'),
        ("comments.csv", {"separator": "\\t"}, "separators > 1 char.*Check its separator"),
        ("t.xlsx", {"sheet": "hoja"}, "Worksheet named 'hoja' not found.*no such sheet"),
        ("t.xlsx", {"sheet": 2}, "index 2 is invalid, 2 worksheets found"),
    ]
    for name, options, message in cases:
        with pytest.raises(InputError, match=message):
            read_table(tmp_path / name, **options)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("ending", ENDINGS)
def test_damage_is_refused_or_read_never_a_crash(ending, data, tmp_path):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame({"id": ["1", "2"], "text": ["hola", "ñ"]}), path)
    content, places = bytearray(path.read_bytes()), st.integers(0, 99_999)  # Excel's files vary in length
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(places) % len(content)] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(places) % (len(content) + 1)])
    try:
        assert read_table(path).index.name == "row"
    except InputError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_same_table_same_bytes(ending, tmp_path, monkeypatch):
    table = pd.DataFrame({"id": ["007"], "n": [1.5], "d": pd.to_datetime(["2021-12-21"])})
    write_table(table, tmp_path / f"a{ending}")
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *seconds: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    write_table(table, tmp_path / f"b{ending}")
    assert file_hash(tmp_path / f"a{ending}") == file_hash(tmp_path / f"b{ending}")


def test_numbers_stay_numbers(tmp_path):
    table = pd.DataFrame(
        {"n": [-1, 2], "f": [-0.1, np.inf], "big": [2**60, -(2**60)], "b": [True, False], "mixed": [-5, "=x"]}
    )
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1:] == [
        "-1,-0.1,1152921504606846976,True,-5", '2,inf,-1152921504606846976,False,"\'=x"'
    ]  # fmt: skip
    write_table(table, tmp_path / "t.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [cell.value for cell in cells[2]] == [-1, -0.1, "1152921504606846976", True, -5]
    assert [cell.value for cell in cells[3]] == [2, "inf", "-1152921504606846976", False, "'=x"]


@pytest.mark.parametrize(
    "series, expected",
    [
        (["=1", "+a", "-1+2", "@a", "\ta", "\ra", "a=", "", " =", "'=1", "-1", "+2,5", "-1.000,5"],
         ["'=1", "'+a", "'-1+2", "'@a", "'\ta", "'\ra", "a=", "", " =", "'=1", "-1", "+2,5", "-1.000,5"]),
        (pd.Series(["=a", None], dtype="str"), ["'=a", None]),
        (pd.Series(["=a", None], dtype="string"), ["'=a", None]),
        (pd.Series(["=a", -1, None, 2.5], dtype=object), ["'=a", -1, None, 2.5]),
        (pd.Series(["=a", "b", "=a"], dtype="category"), ["'=a", "b", "'=a"]),
        (pd.Series([-1, 2]), [-1, 2]),
        (pd.Series([], dtype="str"), []),
    ],
)  # fmt: skip
def test_defuse(series, expected):
    result = tables.defuse(pd.Series(series))
    assert result.astype(object).where(result.notna(), None).tolist() == expected
    assert tables.defuse(result).equals(result)


FAILURES = [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "denied"),
            (errno.ENAMETOOLONG, "choose another name")]  # fmt: skip


@pytest.mark.parametrize("code, advice", FAILURES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_failed_writes_leave_the_former_file(ending, code, advice, tmp_path, monkeypatch):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame({"a": ["former"]}), path)
    before = path.read_bytes()

    def half_written(table, temporary):
        temporary.write_bytes(b"half")
        raise OSError(code, os.strerror(code))

    monkeypatch.setitem(tables._WRITERS, ending, half_written)
    with pytest.raises(InputError, match=f"{advice}.* former file is untouched"):
        write_table(pd.DataFrame({"a": ["new"]}), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def refuse(code):
    def act(*arguments, **options):
        raise OSError(code, os.strerror(code))

    return act


@pytest.mark.parametrize("name", ["os.replace", "pathlib.Path.mkdir"])
def test_a_folder_that_refuses(name, tmp_path, monkeypatch):
    monkeypatch.setattr(name, refuse(errno.EROFS))
    with pytest.raises(InputError, match="read-only; choose another folder"):
        write_table(pd.DataFrame({"a": ["b"]}), tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_writers_own_error_passes_through_and_cleans_up(tmp_path):
    def writer(temporary):
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "t.html", writer)
    assert list(tmp_path.iterdir()) == []


def test_write_whole_makes_folders_and_keeps_the_ending(tmp_path):
    seen = []
    write_whole(tmp_path / "a" / "b" / "figure.svg", lambda new: (seen.append(new), new.write_text("x")))
    assert (tmp_path / "a" / "b" / "figure.svg").read_text() == "x"
    assert seen[0].suffix == ".svg" and seen[0].parent == tmp_path / "a" / "b"
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="could not be written"):
        write_whole(tmp_path / "file" / "figure.svg", lambda new: new.write_text("x"))
    with pytest.raises(InputError, match="could not be written"):
        write_whole(tmp_path / "a", lambda new: new.write_text("x"))


@pytest.mark.parametrize(
    "table, name, error",
    [
        (pd.DataFrame({"a": ["x" * 32_768]}), "t.xlsx", "longer than 32,767 characters"),
        (pd.DataFrame({"a": np.zeros(1_048_576)}), "t.xlsx", "Row numbers must be between 1 and 1048576"),
        (pd.DataFrame({"a": ["b"]}), "t.ods", 'ends in ".ods", which is not one of .csv'),
    ],
)
def test_what_cannot_be_written(table, name, error, tmp_path):
    with pytest.raises(InputError, match=error):
        write_table(table, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_file_hash(tmp_path):
    (tmp_path / "t").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert file_hash(tmp_path / "t") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(InputError, match="No such file"):
        file_hash(tmp_path / "none")
