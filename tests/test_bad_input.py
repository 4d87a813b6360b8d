"""Bad input, through the command line: one readable paragraph, exit code 2, nothing lost or half written."""

import errno
import os
import subprocess

import pytest
import yaml

from conftest import COMMENTS, CXRESEARCH
from cxresearch import tables

LONG = b'text,x\n"' + b"a " * 1_000_000 + b'",c\n'  # 2 MB in a cell
RUSSIAN_DOLL = "[" * 5000


def assert_refused(told, *parts):
    """One paragraph on standard error that holds these parts, exit code 2, no traceback."""
    code, out, err = told
    assert code == 2
    assert out == ""
    assert err.startswith("Error: ") and err.count("\n") == 1
    assert "Traceback" not in err
    for part in parts:
        assert part in err


TABLES = {
    "empty file": ("in.csv", b"", ["in.csv is empty"]),
    "header only": ("in.csv", b"text,x\n", ["only a header"]),
    "text column missing": (
        "in.csv",
        b"txt,x\na,b\n",
        ["no column 'text'", "Did you mean 'txt'?", "--text-column"],
    ),
    "hundreds of columns": (
        "in.csv",
        (",".join(f"c{n}" for n in range(500)) + "\n1\n").encode(),
        ["c19, ..."],
    ),
    "bytes of no encoding": (
        "in.csv",
        b"text,x\na,b\n\xe9\x81,c\n",
        ["line 3", "Save the file again as UTF-8"],
    ),
    "a cell of 2 MB": ("in.csv", LONG, ["row 2, column text", "200,000 characters", "quote"]),
    "a NUL byte": ("in.csv", b"text,x\na\0,b\n", ["line 2", "NUL byte"]),
    "a quote left open": ("in.csv", b'text,x\n"a,b\nc,d\n', ["row 2", "never closed"]),
    "fields without header": ("in.csv", b"text,x\na,b,c\n", ["more than the header's"]),
    "no spreadsheet": ("in.xlsx", b"text,x\na,b\n", ["not a spreadsheet"]),
    "no Parquet": ("in.parquet", b"text,x\na,b\n", ["not a Parquet file"]),
    "no JSON": ("in.jsonl", b'{"text": "a"}\n{"text"\n', ["line 2 is no JSON object"]),
    "unknown ending": ("in.docx", b"x", ['ends in ".docx"', ".csv"]),
    "column label taken": ("in.csv", b"text,label\na,b\n", ["already has a column 'label'", "Rename it"]),
    "column language taken": ("in.csv", b"text,language\na,b\n", ["already has a column 'language'"]),
    "only empty texts": ("in.csv", b"text,x\n ,b\n,c\n", ["all 2 rows are empty"]),
    "column named in colour": ("in.csv", b"\x1b[31mred,x\na,b\n", ["no column 'text'"]),
}


@pytest.mark.parametrize("name, content, parts", TABLES.values(), ids=TABLES)
def test_a_table_that_cannot_be_scored(name, content, parts, project, command):
    project.write(name, content)
    project.write("out.csv", "former")
    before = project.files()
    assert_refused(command("score", name, "out.csv"), *parts)
    assert project.files() == before


ARGUMENTS = {
    "IN is OUT": (["score", "c.csv", "./c.csv"], ["named twice"]),
    "OUT is no table": (["score", "c.csv", "out.txtx"], ['ends in ".txtx"', ".parquet"]),
    "OUT has no ending": (["score", "c.csv", "out"], ['ends in ""']),
    "OUT cannot be written as .ods": (["score", "c.csv", "out.ods"], ['ends in ".ods"', ".xlsx"]),
    "OUT is a folder": (["score", "c.csv", "folder.csv"], ["Is a directory", "choose another name"]),
    "OUT below a file": (
        ["score", "c.csv", "c.csv/out.csv"],
        ["could not be written", "choose another name"],
    ),
    "no such IN": (["score", "d.csv", "out.csv"], ["No such file", "Did you mean 'c.csv'?"]),
    "IN is a folder": (["score", ".", "out.csv"], ["is a folder"]),
    "no such text column": (["score", "c.csv", "out.csv", "--text-column", "txt"], ["Did you mean 'text'?"]),
    "evidence over IN": (["code", "c.csv", "out.csv", "--evidence", "c.csv"], ["c.csv is named twice"]),
    "evidence over OUT": (["code", "c.csv", "out.csv", "--evidence", "out.csv"], ["out.csv is named twice"]),
    "evidence is no table": (["code", "c.csv", "out.csv", "--evidence", "out.doc"], ['ends in ".doc"']),
    "OUT is no table, evidence is": (
        ["code", "c.csv", "out.doc", "--evidence", "words.csv"],
        ['ends in ".doc"'],
    ),
    "no such codebook": (
        ["code", "c.csv", "out.csv", "--codebook", "d.yaml"],
        ["d.yaml cannot be read: No such file"],
    ),
    "codebook is a table": (["code", "c.csv", "out.csv", "--codebook", "c.csv"], ["c.csv is"]),
    "codebook is a folder": (["code", "c.csv", "out.csv", "--codebook", "notebooks"], ["is a folder"]),
    "no such study": (["check", "--study", "other.yaml"], ["other.yaml: there is no such file", "--study"]),
    "study is a table": (["check", "--study", "c.csv"], ["not a list of settings such as 'name: value'"]),
    "study is a folder": (["check", "--study", "notebooks"], ["there is no such file"]),
}


@pytest.mark.parametrize("arguments, parts", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_that_cannot_be_meant(arguments, parts, project, command):
    (project.folder / "folder.csv").mkdir()
    before = project.files()
    assert_refused(command(*arguments), *parts)
    assert project.files() == before


@pytest.mark.parametrize(
    "arguments, part",
    [
        (["score", "c.csv", "out.csv", "--language", "fr"], "'fr' is not one of"),
        (["score", "c.csv"], "Missing argument"),
        (["scor", "c.csv", "out.csv"], "Did you mean"),
        (["score", "c.csv", "out.csv", "--txt-column", "a"], "No such option"),
    ],
)
def test_a_command_line_that_is_none(arguments, part, project, command):
    code, _, err = command(*arguments)
    assert code == 2
    assert part in err and "--help" in err and "Traceback" not in err
    assert "out.csv" not in project.files()


def one_input(**entry):
    return {"inputs": [entry]}


SETTINGS = {
    "typo": ({"thresolds": {}}, ["thresolds: there is no such setting", "Did you mean 'thresholds'?"]),
    "typo inside": (
        {"thresholds": {"negative_bellow": 0.1}},
        ["thresholds.negative_bellow", "'negative_below'?"],
    ),
    "typo in an input": (one_input(fil="c.csv"), ["inputs.1.fil", "Did you mean 'file'?"]),
    "typo in the columns": (
        one_input(file="c.csv", columns={"txt": "a", "group": "g"}),
        ["inputs.1 (c.csv): columns.txt", "Did you mean 'text'?"],
    ),
    "nothing near": ({"zzz": 1}, ["zzz: there is no such setting", "Known here: about"]),
    "text for a number": ({"seed": "abc"}, ["seed", "integer", "'abc'"]),
    "text for a share": ({"thresholds": {"negative_below": "low"}}, ["thresholds.negative_below", "'low'"]),
    "out of range": ({"thresholds": {"near_duplicate": 95}}, ["near_duplicate", "less than or equal to 1"]),
    "crossed thresholds": ({"thresholds": {"negative_below": 0.5}}, ["must not exceed", "0.5 and 0.05"]),
    "not a mapping": ({"thresholds": [1]}, ["thresholds", "[1]"]),
    "inputs not a list": ({"inputs": {"file": "c.csv"}}, ["inputs", "list"]),
    "no inputs": ({"inputs": []}, ["inputs", "at least 1"]),
    "unknown report language": ({"languages": ["fr"]}, ["languages.1", "'es' or 'en'"]),
    "a language twice": ({"languages": ["es", "es"]}, ["languages", "not all different"]),
    "one group twice": ({"groups": ["a", "a"]}, ["groups", "not all different"]),
    "three groups": ({"groups": ["a", "b", "c"]}, ["groups", "at most 2"]),
    "a group unknown to the study": (
        {"entry": {"groups": {"cliente": "costumer"}}},
        ["inputs.1 (c.csv)", "'costumer'", "Did you mean 'consumer'?"],
    ),
    "a constant group unknown to the study": (
        one_input(file="c.csv", constants={"group": "brnad"}),
        ["'brnad'", "Did you mean 'brand'?"],
    ),
    "a group that YAML takes for false": ({"entry": {"groups": {False: "brand"}}}, ["unquoted", "in quotes"]),
    "no group at all": (one_input(file="c.csv"), ["to which group", "columns: group:"]),
    "a constant and a column": (
        one_input(file="c.csv", columns={"group": "group"}, constants={"group": "brand"}),
        ["group", "remove one"],
    ),
    "a constant for nothing": (
        {"entry": {"constants": {"chanel": "x"}}},
        ["constants.chanel", "Did you mean 'channel'?"],
    ),
    "keeping over the text": ({"entry": {"keep": {"text": "brand"}}}, ["'text' is a column of ours"]),
    "variable not set": (
        {"entry": {"file": "${CX_NOWHERE}/c.csv"}},
        ["${CX_NOWHERE}", "variable that is not set", "export NAME="],
    ),
    "variable of an output not set": ({"reports": "${CX_NOWHERE}/r"}, ["${CX_NOWHERE}", "not set"]),
    "no such input": ({"entry": {"file": "d.csv"}}, ["No such file", "Did you mean 'c.csv'?"]),
    "no such codebook": ({"codebook": "codbook.yaml"}, ["No such file", "Did you mean 'codebook.yaml'?"]),
    "a stated encoding that is none": ({"entry": {"encoding": "utf-9"}}, ["utf-9"]),
    "a stated separator that is not there": (
        {"entry": {"separator": ";"}},
        ["c.csv has no column 'text'", "Mend 'columns' of this input in study.yaml"],
    ),
    "a column that is not there": (
        one_input(file="c.csv", columns={"text": "texto", "group": "group"}),
        ["no column 'texto'", "Did you mean 'text'?"],
    ),
    "a kept column that is not there": (
        {"entry": {"keep": {"sector": "brnd"}}},
        ["'brnd'", "Did you mean 'brand'?"],
    ),
}


@pytest.mark.parametrize("changes, parts", SETTINGS.values(), ids=SETTINGS)
def test_a_study_that_cannot_be_meant(changes, parts, project, command, monkeypatch):
    monkeypatch.delenv("CX_NOWHERE", raising=False)
    project.write_study(**changes)
    before = project.files()
    assert_refused(command("check"), *parts)
    assert project.files() == before


STUDY_FILES = {
    "empty": ("", ["study.yaml is empty"]),
    "a list": ("- a\n", ["not a list of settings such as 'name: value'"]),
    "a bracket left open": ("name: [\n", ["not readable YAML"]),
    "a tab": ("name:\n\tes: a\n", ["not readable YAML", "line 2"]),
    "Windows-1252": (
        "name:\n  es: qué\n".encode("cp1252"),
        ["not readable YAML", "position 14", "save it as UTF-8"],
    ),
    "bytes": (bytes(range(256)), ["not readable YAML"]),
    "a setting twice": ("seed: 1\nname: x\nseed: 2\n", ["'seed' is there twice, again in line 3"]),
    "a program": ('!!python/object/apply:os.system ["touch hacked"]\n', ["not readable YAML"]),
    "a bottomless list": (RUSSIAN_DOLL, ["not readable YAML"]),
    "no name": ("inputs: [{file: c.csv, constants: {group: brand}}]\n", ["name is missing"]),
}


@pytest.mark.parametrize("content, parts", STUDY_FILES.values(), ids=STUDY_FILES)
def test_a_study_file_that_is_none(content, parts, project, command):
    project.write("study.yaml", content)
    assert_refused(command("check"), *parts)
    assert "hacked" not in project.files()


def test_a_study_outside_the_project(project, command):
    (project.folder / "notebooks").unlink()
    assert_refused(command("check"), "No folder 'notebooks'", "Keep the study file inside the project")


HEAD = COMMENTS.splitlines()[0] + "\n"
COMMENT_FILES = {
    "ratings in words": (
        "1,Fine,consumer,A,2025-01-01,four,ana\n",
        {},
        ["row 2, column 'rating'", "'four'", "a number"],
    ),
    "endless rating": ("1,Fine,consumer,A,2025-01-01,inf,ana\n", {}, ["column 'rating'", "'inf'"]),
    "a phone number for a rating": (
        "1,Fine,consumer,A,,55 1234 5678,a\n2,Fine,brand,A,,+34 612 345 678,a\n",
        {},
        ["'[phone]' (2 such rows)"],
    ),
    "unknown languages": (
        "1,Fine,consumer,A,2025-01-01,4,klingon\n",
        {"columns": {"language": "author", "group": "group"}},
        ["row 2, column 'author'", "es, en, pt, other", "'klingon'", "leave 'language' out"],
    ),
    "the day first": (
        "1,Fine,consumer,A,31/12/2025,4,a\n2,Slow,brand,A,01/02/2025,4,b\n",
        {},
        ["row 2, column 'date'", "as month/day/year, but found '31/12/2025'", "Set day_first: true"],
    ),
    "the month first": ("1,Fine,consumer,A,12/31/2025,4,a\n", {"day_first": True}, ["Set day_first: false"]),
    "no row can be used": (
        "1,Fine,client,A,2025-01-01,4,a\n2,Slow,client,A,2025-01-01,4,b\n",
        {},
        ["None of the 2 rows can be used", "'unknown group'", "row 2 ('client')", "Check the columns"],
    ),
    "a group misspelt in the mapping": (
        "1,Fine,Huésped,A,2025-01-01,4,a\n2,Slow,Hotel,A,2025-01-01,4,b\n",
        {"groups": {"Huesped": "consumer", "Hotel": "brand"}},
        ["row 2, column 'group'", "no row has 'Huesped'", "found 'Huésped' (1 such rows)", "Mend 'groups'"],
    ),
    "all texts empty": ("1,,brand,A,2025-01-01,4,a\n", {}, ["None of the 1 rows", "'empty text'"]),
    "an encoding that is wrong": (
        "1,Qué mal,consumer,A,,,a\n",
        {"encoding": "ascii"},
        ["ascii", 'fit encoding "utf-8"'],
    ),
}


@pytest.mark.parametrize("rows, entry, parts", COMMENT_FILES.values(), ids=COMMENT_FILES)
def test_comments_that_cannot_be_used(rows, entry, parts, project, command):
    project.write("c.csv", HEAD + rows)
    project.write_study(entry=entry)
    assert_refused(command("check"), *parts)
    assert ".cxresearch_key" not in project.files()


def spoilt(codebook, how):
    codes = codebook["codes"]
    if how == "twice":
        codes.append(codes[0])
    elif how == "typo":
        codes[0]["familly"] = "x"
    elif how == "family":
        codes[0]["family"] = "consumer_identty"
    elif how == "pattern":
        codes[0]["patterns"]["es"] = ["* nada"]
    return yaml.safe_dump(codebook)


@pytest.mark.parametrize(
    "how, parts",
    [
        ("twice", ["code 3 (efficiency)", "code 1 has the same name", "Rename or remove"]),
        ("typo", ["codes.1.familly (efficiency)", "Did you mean 'family'?"]),
        ("family", ["consumer_identty", "Did you mean 'consumer_identity'?"]),
        ("pattern", ["codes.1.patterns.es.1", 'pattern "* nada"', "begins and ends with a word"]),
    ],
)
@pytest.mark.parametrize("arguments", [["check"], ["code", "c.csv", "out.csv"]], ids=["check", "code"])
def test_a_codebook_that_cannot_be_used(arguments, how, parts, project, command, tiny_codebook):
    project.write("codebook.yaml", spoilt(tiny_codebook, how))
    assert_refused(command(*arguments), "codebook.yaml", *parts)
    assert "out.csv" not in project.files()


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".jsonl"])
@pytest.mark.parametrize("code, advice", [(errno.ENOSPC, "disk is full"), (errno.EROFS, "disk is read-only")])
def test_a_disk_that_refuses(ending, code, advice, project, command, monkeypatch):
    def half_written(table, temporary):
        temporary.write_bytes(b"half")
        raise OSError(code, os.strerror(code))

    monkeypatch.setitem(tables._WRITERS, ending, half_written)
    project.write(f"out{ending}", "former")
    before = project.files()
    assert_refused(command("score", "c.csv", f"out{ending}"), advice, "The former file is untouched")
    assert project.files() == before


def test_an_error_nobody_foresaw_is_told_in_one_paragraph_too(project, command, monkeypatch):
    def stumble(*_):
        raise KeyError("line one\nline two")

    monkeypatch.setattr("cxresearch.tables.read_table", stumble)
    assert_refused(command("score", "c.csv", "out.csv"), "KeyError", "--debug")


def test_debug_shows_where_an_error_comes_from(project):
    arguments = [CXRESEARCH, "score", "none.csv", "out.csv"]
    plain = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert_refused((plain.returncode, plain.stdout, plain.stderr), "none.csv cannot be read")
    debug = subprocess.run([*arguments, "--debug"], capture_output=True, text=True, check=False)
    assert debug.returncode != 0
    assert "Traceback" in debug.stderr and "in read_table" in debug.stderr
