"""The runner: what is skipped, what runs again, what a killed or failed run leaves behind."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from conftest import CXRESEARCH, cxresearch, make_project, run_project
from cxresearch.errors import InputError
from cxresearch.findings import TOLD
from cxresearch.steps import STEPS, files, find_step
from cxresearch.study import find_study

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """The same project, run once in another folder."""
    return run_project(tmp_path_factory.mktemp("elsewhere"))


def outputs(folder: Path) -> dict[str, str]:
    """Hash of every output, as the manifest records it."""
    return json.loads((folder / "reports" / "manifest.json").read_text(encoding="utf-8"))["outputs"]


def states(result: subprocess.CompletedProcess) -> dict[str, str]:
    """What each step came to, from the progress lines."""
    lines = [line.replace(",", " ").split() for line in result.stdout.splitlines()]
    return {parts[0]: parts[1] for parts in lines if len(parts) > 1 and parts[0][:2].isdigit()}


def test_every_step_leaves_its_outputs_and_an_executed_copy(ran):
    for step in STEPS:
        copy = nbformat.read(ran / "reports" / "notebooks" / f"{step.name}.ipynb", as_version=4)
        errors = [o for c in copy.cells for o in c.get("outputs", []) if o.output_type == "error"]
        assert not errors
        for output in files(find_study(str(ran / "study.yaml")), step.writes):
            assert output.stat().st_size, output
    names = {path.name for path in (ran / "reports").glob("report_*")}
    assert names == {f"report_{lang}.{form}" for lang in ("es", "en") for form in ("html", "pdf", "docx")}
    for form in ("es.svg", "en.svg", "es.png", "en.png"):
        assert (ran / "reports" / "figures" / f"code_shares_{form}").exists()
    tables = {path.stem for path in (ran / "reports" / "tables").iterdir()}
    assert tables == {*TOLD}  # and none that holds a comment


@pytest.mark.parametrize("step, pictures", [("02_score_sentiment", 1), ("06_draw_charts", 6)])
def test_executed_copies_show_their_charts(ran, step, pictures):
    copy = nbformat.read(ran / "reports" / "notebooks" / f"{step}.ipynb", as_version=4)
    shown = [o for cell in copy.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(shown) == pictures


def test_nothing_unfinished_stays(ran):
    assert not list(ran.rglob(".unfinished-*"))
    assert not list(ran.rglob("*.failed.ipynb"))


def test_a_second_run_does_nothing_and_changes_nothing(ran):
    before = (ran / "reports" / "manifest.json").read_bytes()
    result = cxresearch(ran, "run")
    assert states(result) == {step.name: "unchanged" for step in STEPS}
    assert (ran / "reports" / "manifest.json").read_bytes() == before


def test_the_same_inputs_give_the_same_bytes_in_another_folder(ran, elsewhere):
    assert outputs(elsewhere) == outputs(ran)


def test_the_manifest_holds_no_time_machine_or_key(ran):
    text = (ran / "reports" / "manifest.json").read_text(encoding="utf-8")
    assert os.uname().nodename not in text
    assert str(ran) not in text
    assert yaml.safe_load((ROOT / "study.yaml").read_text())["pseudonym_key"] not in text
    assert str(time.localtime().tm_year) + "-" not in text.replace("2025-", "")


def test_only_what_depends_on_a_change_runs_again(ran, elsewhere):
    result = cxresearch(elsewhere, "run", "--set", "examples=3")
    again = {s.name for s in STEPS[1:5]}  # their tables come out the same: nothing after them runs
    assert states(result) == {s.name: "done" if s.name in again else "unchanged" for s in STEPS}
    assert outputs(elsewhere) == outputs(ran)
    mixed = cxresearch(elsewhere, "run", "--only", "06")  # on tables that --set examples=3 made
    assert mixed.returncode == 2 and "last ran with other settings, files or code" in mixed.stderr


def test_a_table_changed_by_hand_is_made_again(ran):
    table = ran / "data" / "processed" / "sentiment.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:-100])
    result = cxresearch(ran, "run")
    assert states(result)["02_score_sentiment"] == "done"
    assert table.read_bytes() == whole


def test_only_one_step(ran, tmp_path):
    assert set(states(cxresearch(ran, "run", "--only", "compare_groups", "--force"))) == {"05_compare_groups"}
    fresh = make_project(tmp_path / "fresh")
    result = cxresearch(fresh, "run", "--only", "05")
    assert result.returncode == 2
    assert "Run without --only first" in result.stderr


@pytest.mark.parametrize(
    "given, told",
    [
        ("sede=7", "Did you mean 'seed'?"),
        ("study_file=x.yaml", "no notebook has such a parameter"),
        ("seed=many", "seed must be a whole number"),
        ("seed=1.5", "seed must be a whole number"),
        ("negative_below=-2", "negative_below"),
        ("negative_below=0.5", "must not exceed positive_above"),
        ("seed", "expected NAME=VALUE"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(ran, given, told):
    before = outputs(ran)
    result = cxresearch(ran, "run", "--set", given)
    assert result.returncode == 2
    assert told in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert outputs(ran) == before


def _append_cell(folder: Path, step: str, code: str) -> None:
    """Give a notebook one more cell."""
    path = folder / "notebooks" / f"{step}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(code, id="last"))
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    "code, told",
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(0)", "ended the notebook early"),
        ("import os; os._exit(1)", "the kernel failed"),
        ("from cxresearch.errors import InputError; raise InputError('no such column')", "no such column"),
    ],
)
def test_a_failing_notebook_is_named_and_the_former_report_stays(ran, tmp_path, code, told):
    folder = shutil.copytree(ran, tmp_path / "failing")
    report = (folder / "reports" / "report_es.html").read_bytes()
    _append_cell(folder, "03_code_themes", code)
    result = cxresearch(folder, "run")
    message = " ".join(result.stderr.split())
    assert result.returncode == 2
    assert "03_code_themes.ipynb" in message
    assert told in message
    assert "Traceback" not in message
    failed = folder / "reports" / "notebooks" / "03_code_themes.failed.ipynb"
    assert str(failed) in message and failed.exists()
    assert (folder / "reports" / "report_es.html").read_bytes() == report
    assert (folder / "reports" / "notebooks" / "03_code_themes.ipynb").exists()


@pytest.mark.parametrize(
    "moment",
    [
        "data/processed/.lock",
        "data/processed/comments.parquet",
        "data/processed/codes.parquet",
        "reports/figures",
    ],
)
def test_after_kill_9_the_next_run_gives_the_same_bytes(ran, tmp_path, moment):
    folder = make_project(tmp_path / "killed")
    process = subprocess.Popen([CXRESEARCH, "run"], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while not (folder / moment).exists():
            assert process.poll() is None, "the run ended before the moment to kill it"
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    result = cxresearch(folder, "run")
    assert result.returncode == 0, result.stderr
    assert outputs(folder) == outputs(ran)
    assert not list(folder.rglob(".unfinished-*"))


def test_a_damaged_record_of_finished_steps_only_costs_time(ran):
    for record in (ran / "data" / "processed").glob(".state-*.json"):
        record.write_text('{"01_load', encoding="utf-8")
    before = outputs(ran)
    result = cxresearch(ran, "run")
    assert set(states(result).values()) == {"done"}
    assert outputs(ran) == before


def test_two_runs_at_once_are_refused(ran):
    process = subprocess.Popen([CXRESEARCH, "run", "--force"], cwd=ran, stdout=subprocess.PIPE, text=True)
    copy = ran / "reports" / "notebooks" / "01_load_comments.ipynb"
    since = copy.stat().st_mtime_ns
    while copy.stat().st_mtime_ns == since and process.poll() is None:
        time.sleep(0.01)
    second = cxresearch(ran, "run")
    process.communicate()
    assert second.returncode == 2
    assert "Another run is using" in second.stderr


def test_a_run_whose_output_nobody_reads_ends(ran):
    process = subprocess.Popen([CXRESEARCH, "run"], cwd=ran, stdout=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(timeout=120) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few hundred kilobytes, where the machine lets us make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("making a small disk needs the right to mount, which this machine does not give")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_and_leaves_nothing_half(small_disk, tmp_path):
    folder = make_project(tmp_path / "project")
    study = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(
        study.replace("reports: reports", f"reports: {small_disk}"), encoding="utf-8"
    )
    result = cxresearch(folder, "run")
    assert result.returncode == 2
    assert "the disk is full" in result.stderr
    assert not list(small_disk.rglob(".unfinished-*"))


def test_a_read_only_reports_folder_is_told_at_once(small_disk, tmp_path):
    folder = make_project(tmp_path / "project")
    (small_disk / "report_es.html").write_text("the previous report", encoding="utf-8")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    study = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(
        study.replace("reports: reports", f"reports: {small_disk}"), encoding="utf-8"
    )
    result = cxresearch(folder, "run")
    assert result.returncode == 2
    assert "read-only" in result.stderr
    assert "Traceback" not in result.stderr
    assert not states(result)  # before any notebook ran
    assert (small_disk / "report_es.html").read_text(encoding="utf-8") == "the previous report"


def test_a_file_where_the_reports_folder_should_be_is_told(tmp_path):
    folder = make_project(tmp_path / "project")
    (folder / "reports").write_text("in the way", encoding="utf-8")
    result = cxresearch(folder, "run")
    assert result.returncode == 2
    assert "could not be written" in result.stderr


def test_find_step():
    assert find_step("06").name == "06_draw_charts"
    with pytest.raises(InputError, match=r"There is no step 'compare_group'. Did you mean"):
        find_step("compare_group")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_steps_read_only_what_earlier_steps_write(step):
    earlier = {kind for other in STEPS if other.name < step.name for kind in other.writes}
    assert set(step.reads) <= earlier | {"input_files", "codebook_path", "hand_code_files", "sample_files"}


@pytest.mark.parametrize("coded", [{"cliente": 25, "marca": 8}, {}], ids=["too few of one group", "nobody"])
def test_studies_with_few_or_no_hand_codes_reach_the_report(tmp_path, coded):
    folder = make_project(tmp_path / "project")
    path = folder / "data" / "raw" / "hand_codes" / "author.csv"
    comments = pd.read_csv(folder / "data" / "raw" / "comments_es.csv", sep=";", encoding="utf-8-sig")
    chosen = [i for group, n in coded.items() for i in comments[comments["quién"] == group]["id"].head(n)]
    codes = pd.read_csv(path)
    codes = codes[codes["comment_id"].isin(chosen)]
    codes.to_csv(path, index=False) if coded else path.unlink()
    for name in ("reader.csv", "sample.csv"):
        path.with_name(name).unlink()
    result = cxresearch(folder, "run")
    assert result.returncode == 0, result.stderr
    page = (folder / "reports" / "report_en.html").read_text(encoding="utf-8")
    assert ("There are too few comments to say." if coded else "Uncorrected figures") in page


def test_the_template_for_a_study_of_ones_own_is_valid():
    study = find_study(str(ROOT / "study_template.yaml"))
    sample = find_study(str(ROOT / "study.yaml"))
    assert study.pseudonym_key is None
    assert study.parameters() == sample.parameters()
    assert study.processed_folder != sample.processed_folder
