"""Run the notebooks of a study: skip what is unchanged, refuse unknown parameters, never leave half a file.

doit decides what has to run and in which order; papermill runs each notebook in a kernel of its own, two at
a time. A step is up to date when its code cells, parameters, settings, input files, the library, its word
lists, the package versions and its own output files are what they were when it last ended well.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from .errors import InputError, nearest
from .parameters import arguments_for, code_cells, with_overrides
from .study import Study
from .tables import file_hash, write_whole

FIGURES = ("ledger", "sentiment_balance", "code_shares", "interaction_models")


@dataclass(frozen=True)
class Step:
    """A notebook, the tables it reads and writes, and which raw files it opens."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    raw: tuple[str, ...] = ()


STEPS = (
    Step("01_load_comments", (), ("comments", "dropped", "ledger", "masked"), ("input_files",)),
    Step("02_score_sentiment", ("comments",), ("sentiment",), ("hand_code_files",)),
    Step("03_code_themes", ("comments",), ("codes",), ("codebook_path",)),
    Step(
        "04_check_coding",
        ("comments", "sentiment", "codes"),
        ("agreement", "accuracy"),
        ("codebook_path", "hand_code_files"),
    ),
    Step(
        "05_compare_groups",
        ("comments", "sentiment", "codes"),
        ("estimates", "comparisons", "net_sentiment"),
        ("codebook_path", "hand_code_files"),
    ),
    Step("06_draw_charts", ("ledger", "estimates", "comparisons", "net_sentiment"), (), ("codebook_path",)),
    Step(
        "07_write_report",
        ("ledger", "masked", "agreement", "accuracy", "estimates", "comparisons", "net_sentiment"),
        (),
        ("codebook_path", "figures"),
    ),
)


class Progress:
    """What a display may want to know while the notebooks run; this one shows nothing."""

    def started(self, step: str, cells: int) -> None:
        """Say that a step's notebook has started."""

    def cell_done(self, step: str) -> None:
        """Say that one more cell of a step has run."""

    def finished(self, step: str, state: str) -> None:
        """Say that a step ended: ``done``, ``unchanged`` or ``failed``."""


def run(
    study: Study,
    *,
    overrides: dict[str, str] | None = None,
    force: bool = False,
    only: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Run a study's notebooks and write its manifest.

    Parameters
    ----------
    study : Study
    overrides : dict, optional
        Notebook parameters that replace the study's, as text: ``{"seed": "7"}``.
    force : bool
        Run steps that are unchanged as well.
    only : str, optional
        Run this step alone (``"05"``, ``"compare_groups"``), on the tables that are there.
    progress : Progress, optional
        Is told what happens.

    Returns
    -------
    Path
        The manifest, ``reports/manifest.json``.

    Raises
    ------
    InputError
        For an unknown parameter or step, a missing input, or a notebook that failed: says which notebook,
        which cell, the error, and where the executed copy is.
    """
    from . import runner

    given, notebooks = overrides or {}, {step.name: notebook_of(study, step) for step in STEPS}
    study = with_overrides(study, given, notebooks.values())
    parameters = {name: arguments_for(study, path, given) for name, path in notebooks.items()}
    steps = [find_step(only)] if only else list(STEPS)
    for path in files_of(study, steps[0]) if only else []:
        if not path.exists():
            raise InputError(f"{path} is not there, and step {only} needs it. Run without --only first.")
    with one_run_at_a_time(study):
        runner.run_steps(study, steps, parameters, force=force, progress=progress or Progress())
        manifest = study.reports_folder / "manifest.json"
        content = json.dumps(describe_run(study, parameters), indent=2, ensure_ascii=False, sort_keys=True)
        write_whole(manifest, lambda path: path.write_text(content + "\n", encoding="utf-8"))
    return manifest


def find_step(name: str) -> Step:
    """Find a step by its number or name.

    Examples
    --------
    >>> find_step("5").name, find_step("compare_groups").name
    ('05_compare_groups', '05_compare_groups')
    """
    for step in STEPS:
        if name in (step.name, step.name[3:], step.name[:2], step.name[1]):
            return step
    raise InputError(f"There is no step '{name}'.{nearest(name, [s.name for s in STEPS])}")


def files_of(study: Study, step: Step) -> list[Path]:
    """Files a step reads: tables of earlier steps, raw files, figures."""
    files = [study.processed_folder / f"{table}.parquet" for table in step.reads]
    for kind in step.raw:
        found = figure_files(study) if kind == "figures" else getattr(study, kind)
        files += found if isinstance(found, list) else [found]
    return files


def outputs_of(study: Study, step: Step) -> list[Path]:
    """Files a step leaves behind, besides its executed notebook."""
    if step.name == "06_draw_charts":
        return figure_files(study)
    if step.name == "07_write_report":
        return [study.reports_folder / f"report_{language}.html" for language in study.languages]
    return [study.processed_folder / f"{table}.parquet" for table in step.writes]


def figure_files(study: Study) -> list[Path]:
    """Every figure of the report, in each of its languages."""
    folder = study.reports_folder / "figures"
    return [folder / f"{name}_{language}.svg" for name in FIGURES for language in study.languages]


def fingerprint(study: Study, step: Step, arguments: dict[str, Any]) -> str:
    """Hash of everything but files that a step's result depends on."""
    passed = set(study.parameters())
    settings = {name: value for name, value in study.model_dump().items() if name not in passed}
    settings.pop("thresholds"), settings.pop("margins")  # handed over as parameters
    code = [source for source, _ in code_cells(notebook_of(study, step))]
    content = [code, arguments, settings, library_hash(), package_versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@lru_cache(maxsize=1)
def library_hash() -> str:
    """Hash of this library's files, word lists and templates included."""
    digest, root = hashlib.sha256(), Path(__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages this library requires."""
    from packaging.requirements import Requirement

    required = [Requirement(line) for line in metadata.requires("cxresearch") or []]
    names = sorted(r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""}))
    return {"python": sys.version.split()[0]} | {name: metadata.version(name) for name in names}


def describe_run(study: Study, arguments: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Everything needed to run a study again and to see whether it came out the same."""
    settings = study.model_dump()
    settings["pseudonym_key"] = "named in the study file" if study.pseudonym_key else "private"
    shown = {s: {n: v for n, v in a.items() if n != "study_file"} for s, a in arguments.items()}
    made = [path for step in STEPS for path in outputs_of(study, step) if path.exists()]
    raw = {entry.file: file_hash(path) for entry, path in zip(study.inputs, study.input_files, strict=True)}
    return {
        "study": settings,
        "seed": study.seed,
        "parameters": shown,
        "inputs": raw | {p.name: file_hash(p) for p in [study.codebook_path, *study.hand_code_files]},
        "packages": package_versions(),
        "library": library_hash(),
        "outputs": {path.name: file_hash(path) for path in made},
    }


@contextmanager
def one_run_at_a_time(study: Study) -> Iterator[None]:
    """Refuse a second run on the same folders, and clear what a killed run left unfinished."""
    folders = (study.processed_folder, study.reports_folder)
    lock_path = study.processed_folder / ".lock"
    write_whole(study.reports_folder / ".writable", lambda path: path.touch())  # fails now, not after minutes
    write_whole(lock_path.with_name(".writable"), lambda path: path.touch())
    with lock_path.open("w") as lock:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # no such locks on Windows
        except OSError:
            raise InputError(
                f"Another run is using {study.processed_folder}. Wait until it has ended."
            ) from None
        for path in (p for folder in folders for p in folder.rglob(".unfinished-*")):
            path.unlink(missing_ok=True)
        yield


def notebook_of(study: Study, step: Step) -> Path:
    """File of a step's notebook."""
    return study.notebooks_folder / f"{step.name}.ipynb"
