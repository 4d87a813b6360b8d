"""The notebooks as they stand in git: clean, with a form to fill in, and links that lead somewhere."""

import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from rich.console import Console

from conftest import cxresearch, make_project
from cxresearch.display import Display
from cxresearch.pipeline import execute_notebook

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_all_notebooks_are_there():
    numbers = ["00", "01", "02", "03", "04", "05", "06", "07"]
    assert [path.stem.partition("_")[0] for path in NOTEBOOKS] == [*numbers, "code"]


def test_no_outputs_are_committed(notebook):
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_one_parameters_cell_with_help_on_every_line(notebook):
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r"\w+: \w+ = [^#=]+  # .+", line), line


def test_it_opens_with_a_question_and_no_shell_lines(notebook):
    assert notebook.cells[0].cell_type == "markdown"
    assert "?" in notebook.cells[0].source
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not re.search(r"^\s*[!%]", cell.source, flags=re.M)


def test_links_lead_to_notebooks_that_exist(notebook):
    for cell in notebook.cells:
        for target in re.findall(r"\]\(([\w]+\.ipynb)\)", cell.source):
            assert (ROOT / "notebooks" / target).exists(), target


def test_prose_says_where_it_is_true_only_of_the_sample(notebook):
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for sentence in re.split(r"(?<=[.?!])\s", re.sub(r"`[^`]*`|\[.*?\]\(.*?\)|\|.*", " ", prose)):
        if re.search(r"\d+[.,]?\d* ?%", sentence):
            assert re.search(r"sample study|95 %|5 %", sentence), sentence


def test_code_by_hand_left_as_it_is_keeps_nothing(ran, tmp_path):
    before = {path: path.read_bytes() for path in (ran / "data").rglob("*") if path.is_file()}
    source, display = ran / "notebooks" / "code_by_hand.ipynb", Display(Console(quiet=True))
    execute_notebook(source, tmp_path / "done.ipynb", {}, display)
    assert {path: path.read_bytes() for path in (ran / "data").rglob("*") if path.is_file()} == before
    shown = (tmp_path / "done.ipynb").read_text(encoding="utf-8")
    assert "CodingScreen: 1 of 200" in shown and "AdjudicationScreen: 1 of 1" in shown


def test_start_here_runs_from_the_notebooks_folder(tmp_path):
    display = Display(Console(quiet=True))
    execute_notebook(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path / "00.ipynb", {}, display)
    assert (tmp_path / "00.ipynb").exists()


def test_one_group_without_hand_codes_runs_to_the_report_and_says_so(tmp_path):
    """Notebook 05 labels every figure, and tells why what is empty is."""
    folder = make_project(tmp_path)
    shutil.rmtree(folder / "data" / "raw" / "hand_codes")
    raw = folder / "data" / "raw" / "comments_en.csv"
    comments = pd.read_csv(raw, dtype="str")
    comments[comments["group"] == "consumer"].head(60).to_csv(raw, index=False)
    settings = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    settings |= {"inputs": settings["inputs"][1:], "languages": ["en"]}
    (folder / "study.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    result = cxresearch(folder, "run")
    assert result.returncode == 0, result.stderr
    report = (folder / "reports" / "report_en.html").read_text(encoding="utf-8")
    assert "There are no comments from brands, so the two groups cannot be compared." in report
    shown = (folder / "reports" / "notebooks" / "05_compare_groups.ipynb").read_text(encoding="utf-8")
    for said in ("There are no comments of brand", "consumer minus brand: too few to say (no comments)"):
        assert said in shown
    for said in ("uncorrected machine coding", "No words to compare", "No pair is shown", "No other way"):
        assert said in shown
    series = pd.read_parquet(folder / "data" / "processed" / "series.parquet")
    assert set(series.loc[series["group"] == "brand", "note"]) == {"no comments"}
