"""The lists of dependencies agree: pyproject.toml is the only one edited by hand."""

import runpy
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_environment_yml_is_made_from_pyproject():
    environment = runpy.run_path(str(ROOT / "tools" / "environment.py"))["environment"]
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment()


def test_the_lock_pins_every_dependency_with_hashes_and_no_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    for line in wanted:
        name = line.split(">=")[0].split("[")[0].lower().replace("_", "-")
        assert f"\n{name}==" in f"\n{lock}", name
    assert "://" not in lock
    assert "--hash=sha256:" in lock


@pytest.mark.parametrize("heavy", ["matplotlib", "sklearn", "seaborn", "papermill", "pandas"])
def test_importing_the_package_stays_light(heavy):
    import subprocess

    code = f"import cxresearch, sys; sys.exit('{heavy}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
