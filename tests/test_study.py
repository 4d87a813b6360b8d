"""study: the settings file is found, read strictly, and gives paths and notebook parameters."""

import os
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pydantic import BaseModel

from cxresearch.errors import InputError
from cxresearch.settings import read_settings
from cxresearch.study import Input, Study, find_study


def test_the_sample_study(root):
    study = find_study(str(root / "study.yaml"))
    assert study.path == root / "study.yaml"
    assert study.codebook_path == root / "data" / "raw" / "codebook.yaml"
    assert study.input_files == [root / "data" / "raw" / f"comments_{lang}.csv" for lang in ("es", "en")]
    assert study.processed_folder == root / "data" / "processed"
    assert study.reports_folder == root / "reports"
    assert study.notebooks_folder == root / "notebooks"
    assert study.hand_code_files and all(path.suffix == ".csv" for path in study.hand_code_files)


def test_real_study_is_valid(root, monkeypatch):
    monkeypatch.setenv("CXRESEARCH_REAL_DATA", "/somewhere")
    study = find_study(str(root / "benchmarks" / "real_study.yaml"))
    assert all(path.parent == Path("/somewhere") for path in study.input_files)
    assert study.notebooks_folder == root / "notebooks"


def test_a_study_is_found_from_any_folder_below_it(project, monkeypatch):
    (project.folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(project.folder / "a" / "b")
    assert find_study().path == (project.folder / "study.yaml").resolve()
    project.write("a/study.yaml", project.write_study(seed=7).read_bytes())
    assert find_study().path == (project.folder / "a" / "study.yaml").resolve()  # the nearest


def test_defaults(project):
    study = find_study()
    assert study.groups == ["consumer", "brand"] and study.languages == ["es", "en"]
    assert study.hand_code_files == []
    assert study.parameters() == {
        "languages": ["es", "en"],
        "seed": 2025,
        "draws": 1000,
        "negative_below": -0.05,
        "positive_above": 0.05,
        "calibrate": False,
        "near_duplicate": 0.95,
        "minimum_n": 20,
        "alignment_margin": 0.05,
    }


def test_names_start_from_the_study_file_and_variables_are_filled_in(project, monkeypatch):
    monkeypatch.setenv("CX_ONE", "one")
    monkeypatch.setenv("CX_TWO", str(project.folder / "two"))
    study = find_study()
    folder = project.folder.resolve()
    assert study.file("x/../c.csv") == folder / "c.csv"
    assert study.file("${CX_ONE}/${CX_ONE}.csv") == folder / "one" / "one.csv"
    assert study.file("${CX_TWO}/c.csv") == folder / "two" / "c.csv"
    assert study.file("~/c.csv") == Path(os.path.expanduser("~/c.csv")).resolve()


@pytest.mark.parametrize(
    "given, read",
    [
        ({1: "consumer", 2: "brand"}, {"1": "consumer", "2": "brand"}),  # numbers need no quotes
        ({"cliente": "consumer"}, {"cliente": "consumer"}),
        ({}, {}),
    ],
)
def test_names_of_groups_may_be_numbers(given, read):
    assert Input.model_validate({"file": "c.csv", "columns": {"group": "g"}, "groups": given}).groups == read


@pytest.mark.parametrize(
    "entry",
    [
        {"columns": {"group": "g"}},
        {"constants": {"group": "brand"}},
        {"columns": {"group": "g"}, "constants": {"brand": "A", "channel": "x", "language": "es"}},
        {"columns": {"group": "g", "date": "when"}, "keep": {"sector": "s", "city": "s"}},
        {"columns": {"group": "g", "text": "t"}, "keep": {"original": "t"}},  # kept a second time: allowed
        {"columns": {"group": "g"}, "sheet": "Hoja 1", "encoding": "cp1252", "separator": ";"},
    ],
)
def test_inputs_as_people_write_them(entry):
    assert Input.model_validate({"file": "c.csv", **entry}).file == "c.csv"


@pytest.mark.parametrize(
    "changes", [{"seed": "7"}, {"seed": 7.0}, {"seed": True}, {"name": "x"}, {"codebook": 3}, {"draws": 99}]
)
def test_types_are_strict(changes, project):
    project.write_study(**changes)
    with pytest.raises(InputError, match=rf"study\.yaml, {next(iter(changes))}: "):
        find_study()


def test_whole_numbers_are_numbers_too(project):
    project.write_study(thresholds={"negative_below": 0, "positive_above": 0})
    assert find_study().thresholds.negative_below == 0


def test_changed_settings_follow_the_same_rules(project):
    study = find_study()
    assert study.with_settings(seed=7).parameters()["seed"] == 7
    assert study.with_settings(seed=7).path == study.path
    with pytest.raises(InputError, match=r"study\.yaml as changed.* must not exceed"):
        study.with_settings(negative_below=0.9)


def test_tables_are_saved_whole_and_loaded_back(project):
    study = find_study()
    table = pd.DataFrame({"comment_id": ["a"], "compound": [0.5]})
    path = study.save(table, "sentiment")
    assert path == project.folder.resolve() / "data" / "processed" / "sentiment.parquet"
    pd.testing.assert_frame_equal(study.load("sentiment").reset_index(drop=True), table)
    with pytest.raises(InputError, match=r"codes\.parquet is not there yet.*cxresearch run"):
        study.load("codes")


class Example(BaseModel):
    """A model to read settings into."""

    a: int = 0
    b: dict[str, int] = {}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a: 1\n", {"a": 1, "b": {}}),
        ("\ufeffa: 1\r\n", {"a": 1, "b": {}}),  # as Windows saves it
        ("x: &x {y: 1, z: 2}\nb: {<<: *x, z: 3}\n", {"a": 0, "b": {"y": 1, "z": 3}}),  # merged, not repeated
    ],
)
def test_read_settings(text, expected, tmp_path):
    (tmp_path / "s.yaml").write_bytes(text.encode())
    assert read_settings(tmp_path / "s.yaml", Example).model_dump() == expected


def test_the_dump_of_a_study_is_a_study(root):
    study = find_study(str(root / "study.yaml"))
    assert (
        Study.model_validate(yaml.safe_load(yaml.safe_dump(study.model_dump()))).model_dump()
        == study.model_dump()
    )
