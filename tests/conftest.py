"""What several test modules share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from cxresearch.codebook import Codebook

ROOT = Path(__file__).parents[1]
CXRESEARCH = Path(sys.executable).with_name("cxresearch")


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture
def real_data() -> Path:
    """Folder with the real comments, which are not ours to pass on; named by CXRESEARCH_REAL_DATA."""
    folder = os.environ.get("CXRESEARCH_REAL_DATA")
    if not folder:
        pytest.skip("CXRESEARCH_REAL_DATA is not set: the folder with the real comments")
    path = Path(folder)
    if not list(path.glob("*.csv")):
        pytest.fail(f"CXRESEARCH_REAL_DATA={folder} has no .csv files")
    return path


def both(text: str) -> dict[str, str]:
    """The same text in both languages."""
    return {"es": text, "en": text}


@pytest.fixture
def tiny_codebook() -> dict:
    """Content of the smallest valid codebook: two families with one code each."""
    code = {
        "name": both("Name"),
        "definition": both("Definition."),
        "include": both("This."),
        "exclude": both("That."),
        "examples": {"typical": {"es": ["Una."], "en": ["One."]}, "near_miss": both("Not this.")},
        "source": "invented",
        "color": "#123456",
    }
    content = {
        "version": "1",
        "title": both("Tiny"),
        "families": [
            {"family": family, "name": both(family), "definition": both("Of that kind.")}
            for family in ("consumer_identity", "emotional_self")
        ],
        "codes": [
            code
            | {
                "code": "efficiency",
                "family": "consumer_identity",
                "patterns": {"es": ["lent*", "(hora|horas) * espera*"], "en": ["slow", "wait*"]},
            },
            code
            | {"code": "empathy", "family": "emotional_self", "patterns": {"es": ["lo sentimos"], "en": []}},
        ],
    }
    return Codebook.model_validate(content).model_dump(exclude_none=True, exclude={"content_hash"})


def make_project(folder: Path) -> Path:
    """A copy of the sample study in which nothing has run yet."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_*"))
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    shutil.copy(ROOT / "study.yaml", folder)
    return folder


def cxresearch(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run the command line in a folder."""
    return subprocess.run([CXRESEARCH, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """A project in which the sample study has run once, undisturbed; leave it as you found it."""
    folder = make_project(tmp_path_factory.mktemp("undisturbed"))
    result = cxresearch(folder, "run")
    assert result.returncode == 0, result.stderr
    return folder


settings.register_profile("unhurried", deadline=None)  # a busy machine is no bug
settings.load_profile("unhurried")
