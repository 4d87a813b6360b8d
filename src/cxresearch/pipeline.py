"""Run a study: skip what is unchanged, refuse unknown parameters, never leave half a file.

doit decides what has to run and in which order; each notebook runs in a kernel of its own, two at a time. A
step is up to date when its code cells, parameters, settings, input files, the library, its word lists, the
package versions and its own output files are what they were when it last ended well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doit.action import BaseAction
from doit.api import run_tasks
from doit.cmd_base import TaskLoader2
from doit.dependency import JsonDB
from doit.exceptions import TaskFailed
from doit.reporter import ZeroReporter
from doit.task import Task

from .errors import InputError
from .parameters import arguments_for, with_overrides
from .runner import Progress, execute_notebook
from .steps import (
    STEPS,
    Step,
    files_of,
    find_step,
    fingerprint,
    library_hash,
    notebook_of,
    outputs_of,
    package_versions,
)
from .study import Study
from .tables import file_hash, write_whole


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
    given, notebooks = overrides or {}, {step.name: notebook_of(study, step) for step in STEPS}
    study = with_overrides(study, given, notebooks.values())
    parameters = {name: arguments_for(study, path, given) for name, path in notebooks.items()}
    steps = [find_step(only)] if only else list(STEPS)
    for path in files_of(study, steps[0]) if only else []:
        if not path.exists():
            raise InputError(f"{path} is not there, and step {only} needs it. Run without --only first.")
    with one_run_at_a_time(study):
        _run_steps(study, steps, parameters, force=force, progress=progress or Progress())
        manifest = study.reports_folder / "manifest.json"
        content = json.dumps(describe_run(study, parameters), indent=2, ensure_ascii=False, sort_keys=True)
        write_whole(manifest, lambda path: path.write_text(content + "\n", encoding="utf-8"))
    return manifest


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
    for folder in folders:  # better refused now than after minutes
        write_whole(folder / ".writable", lambda path: path.touch())
        (folder / ".writable").unlink()
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


class StateFile(JsonDB):
    """doit's record of finished steps, replaced whole after each step; a damaged one counts as empty."""

    current: StateFile

    def __init__(self, name: str, codec: Any, *, module_name: str | None = None) -> None:
        super().__init__(name, codec, module_name=module_name)
        StateFile.current = self

    def _load(self) -> dict[str, Any]:
        try:
            return json.loads(Path(self.name).read_text(encoding="utf-8"))
        except ValueError:
            return {}

    def dump(self) -> None:
        """Write the record."""
        content = json.dumps(self._db, sort_keys=True)
        write_whole(self.name, lambda path: path.write_text(content, encoding="utf-8"))


def _run_steps(
    study: Study, steps: list[Step], arguments: dict[str, dict[str, Any]], *, force: bool, progress: Progress
) -> None:
    """Run what is not up to date, two notebooks at a time; raise the first failure."""
    failures: list[str] = []

    class Reporter(ZeroReporter):
        """Tells the display what doit decides."""

        def add_success(self, task: Task) -> None:
            StateFile.current.dump()  # now, so that a killed run keeps its finished steps
            progress.finished(task.name, "done")

        def skip_uptodate(self, task: Task) -> None:
            progress.finished(task.name, "unchanged")

        def add_failure(self, task: Task, fail: Any) -> None:
            failures.append(fail.message.strip())
            progress.finished(task.name, "failed")

    class Loader(TaskLoader2):
        """Hands doit one task per step."""

        def setup(self, opt_values: Any) -> None:
            """Nothing to set up."""

        def load_doit_config(self) -> dict[str, Any]:
            """Settings of this run."""
            return {
                "dep_file": str(study.processed_folder / ".state.json"),
                "backend": "state_file",
                "num_process": 2,
                "par_type": "thread",
                "reporter": Reporter,
                "always": force,
            }

        def load_tasks(self, cmd: Any, pos_args: Any) -> list[Task]:
            """One task per step."""
            return [_task(study, step, arguments[step.name], progress) for step in steps]

    run_tasks(
        Loader(),
        {step.name: {} for step in steps},
        extra_config={"BACKEND": {"state_file": f"{__name__}:StateFile"}},
    )
    if failures:
        former = (
            " The reports there are from an earlier run."
            if list(study.reports_folder.glob("report_*"))
            else ""
        )
        raise InputError(failures[0] + former)


def _task(study: Study, step: Step, arguments: dict[str, Any], progress: Progress) -> Task:
    """One step as doit sees it."""
    executed = study.reports_folder / "notebooks" / f"{step.name}.ipynb"
    outputs = outputs_of(study, step)
    identity = fingerprint(study, step, arguments)

    def unchanged(task: Task, values: dict[str, Any]) -> bool:
        task.value_savers.append(lambda: {"fingerprint": identity, "outputs": _hashes(outputs)})
        return values.get("fingerprint") == identity and values.get("outputs") == _hashes(outputs)

    return Task(
        step.name,
        [NotebookAction(notebook_of(study, step), executed, arguments, progress)],
        file_dep=[str(path) for path in files_of(study, step)],
        targets=[str(path) for path in outputs],
        uptodate=[unchanged],
    )


def _hashes(paths: list[Path]) -> dict[str, str]:
    """Hash of each file, empty where there is none."""
    return {path.name: file_hash(path) if path.exists() else "" for path in paths}


class NotebookAction(BaseAction):
    """Run one notebook; unlike doit's own actions it leaves sys.stdout alone, which threads share."""

    def __init__(self, notebook: Path, executed: Path, arguments: dict[str, Any], progress: Progress) -> None:
        self.work = (notebook, executed, arguments, progress)
        self.out = self.err = self.result = None
        self.values: dict[str, Any] = {}

    def execute(self, out: Any = None, err: Any = None) -> TaskFailed | None:
        """Run it; the failure is told when the other notebooks under way have ended."""
        try:
            execute_notebook(*self.work)
        except InputError as error:
            return TaskFailed(str(error))
        return None
