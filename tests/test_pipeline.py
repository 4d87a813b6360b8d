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

from conftest import CXRESEARCH, cxresearch, make_project
from cxresearch.errors import InputError
from cxresearch.steps import STEPS, find_step
from cxresearch.study import find_study

ROOT = Path(__file__).parents[1]


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
        for table in set(step.writes) - {"figures", "reports"}:
            assert (ran / "data" / "processed" / f"{table}.parquet").stat().st_size
    for language in ("es", "en"):
        assert (ran / "reports" / f"report_{language}.html").stat().st_size
        assert (ran / "reports" / "figures" / f"code_shares_{language}.svg").stat().st_size


@pytest.mark.parametrize("step, pictures", [("02_score_sentiment", 1), ("06_draw_charts", 5)])
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


def test_the_same_inputs_give_the_same_bytes_in_another_folder(ran, tmp_path):
    assert cxresearch(make_project(tmp_path / "elsewhere"), "run").returncode == 0
    assert outputs(tmp_path / "elsewhere") == outputs(ran)


def test_the_manifest_holds_no_time_machine_or_key(ran):
    text = (ran / "reports" / "manifest.json").read_text(encoding="utf-8")
    assert os.uname().nodename not in text
    assert str(ran) not in text
    assert yaml.safe_load((ROOT / "study.yaml").read_text())["pseudonym_key"] not in text
    assert str(time.localtime().tm_year) + "-" not in text.replace("2025-", "")


def test_only_what_depends_on_a_change_runs_again(ran, tmp_path):
    folder = shutil.copytree(ran, tmp_path / "changed")
    result = cxresearch(folder, "run")  # other paths: everything is new once
    assert result.returncode == 0
    result = cxresearch(folder, "run", "--set", "examples=3")
    again = {s.name for s in STEPS[1:5]}  # their tables come out the same: nothing after them runs
