"""What several test modules share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

from cxresearch.cli import main
from cxresearch.codebook import Codebook
from server_example import one_server, server  # noqa: F401, fixtures

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
    settings = (ROOT / "study.yaml").read_text(encoding="utf-8")
    fewer = settings.replace("draws: 1000 ", "draws: 100 ")  # no test needs a smooth bootstrap
    (folder / "study.yaml").write_text(fewer, encoding="utf-8")
    return folder


def cxresearch(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run the command line in a folder."""
    return subprocess.run([CXRESEARCH, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def run_project(folder: Path) -> Path:
    """A copy of the sample study that has run once."""
    result = cxresearch(make_project(folder), "run")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="session")
def ran(tmp_path_factory) -> Path:
    """A project in which the sample study has run once, undisturbed; leave it as you found it."""
    return run_project(tmp_path_factory.mktemp("undisturbed"))


settings.register_profile("unhurried", deadline=None)  # a busy machine is no bug
settings.load_profile("unhurried")


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line, run in this process: arguments in; exit code, standard output and error out."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cxresearch", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return call


COMMENTS = """\
id,text,group,brand,date,rating,author
1,Great service thanks,consumer,A,2025-01-02,4,ana
2,We are sorry it was slow,brand,A,2025-01-03,,bank
"""


class Project:
    """A project of one file and two comments, to be spoilt."""

    def __init__(self, folder: Path, codebook: dict) -> None:
        self.folder = folder
        (folder / "notebooks").symlink_to(ROOT / "notebooks")
        self.write("codebook.yaml", yaml.safe_dump(codebook, allow_unicode=True))
        self.write("c.csv", COMMENTS)
        self.write_study()

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_study(self, **changes: object) -> Path:
        """Write study.yaml with some settings changed; `entry` stands for the settings of its only input."""
        columns = {"comment_id": "id", "text": "text", "group": "group", "brand": "brand", "date": "date"}
        entry = {"file": "c.csv", "columns": columns | {"rating": "rating", "author": "author"}}
        if "entry" in changes:
            changes["inputs"] = [entry | changes.pop("entry")]
        basis = {"name": both("Tiny"), "inputs": [entry], "codebook": "codebook.yaml", "pseudonym_key": "k"}
        return self.write("study.yaml", yaml.safe_dump(basis | changes, allow_unicode=True))

    def files(self) -> dict[str, bytes]:
        """Every file and its content."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()
        }


@pytest.fixture
def project(tmp_path, tiny_codebook, monkeypatch) -> Project:
    """A small project, and the working directory in it."""
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, tiny_codebook)
