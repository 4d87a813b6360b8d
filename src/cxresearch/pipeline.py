"""Run a study: skip what is unchanged, refuse unknown parameters, never leave half a file.

doit decides what has to run and in which order; each notebook runs in a kernel of its own, two at a time. A
step is up to date when its code cells, parameters, settings, input files, the library, its word lists, the
package versions and its own output files are what they were when it last ended well.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from doit.control import TaskControl
from doit.dependency import DatabaseException, Dependency, JsonDB
from doit.exceptions import TaskFailed
from doit.reporter import ZeroReporter
from doit.runner import MThreadRunner
from doit.task import Stream, Task

from . import steps
from .errors import InputError
from .parameters import arguments_for, with_overrides
from .runner import Progress, execute_notebook
from .steps import STEPS, Step
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
    """Run a study's notebooks, and write and return its manifest, ``reports/manifest.json``.

    `overrides` are notebook parameters in place of the study's, as text (``{"seed": "7"}``); `force` runs
    unchanged steps as well; `only` runs one step, such as ``"05"``, on the tables that are there.

    `InputError` for an unknown parameter or step, a missing input, or a notebook that failed: says which
    notebook, which cell, the error, and where the executed copy is.
    """
    given, notebooks = overrides or {}, {step.name: steps.notebook_of(study, step) for step in STEPS}
    study = with_overrides(study, given, notebooks.values())
    parameters = {name: arguments_for(study, path, given) for name, path in notebooks.items()}
    chosen = [steps.find_step(only)] if only else list(STEPS)
    for path in steps.files_of(study, chosen[0]) if only else []:
        if not path.exists():
            raise InputError(f"{path} is not there, and step {only} needs it. Run without --only first.")
    with one_run_at_a_time(study):
        _run_steps(study, chosen, parameters, force=force, progress=progress or Progress())
        manifest = study.reports_folder / "manifest.json"
        content = json.dumps(describe_run(study, parameters), indent=2, ensure_ascii=False, sort_keys=True)
        write_whole(manifest, lambda path: path.write_text(content + "\n", encoding="utf-8"))
    return manifest


def describe_run(study: Study, arguments: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Everything needed to run a study again and to see whether it came out the same."""
    key = "named in the study file" if study.pseudonym_key else "private"
    raw = {entry.file: file_hash(path) for entry, path in zip(study.inputs, study.input_files, strict=True)}
    return {
        "study": study.model_dump() | {"pseudonym_key": key},
        "seed": study.seed,
        "parameters": {s: {n: v for n, v in a.items() if n != "study_file"} for s, a in arguments.items()},
        "inputs": raw | _hashes([study.codebook_path, *study.hand_code_files]),
        "packages": steps.package_versions(),
        "library": steps.library_hash(),
        "outputs": _hashes(path for step in STEPS for path in steps.outputs_of(study, step)),
    }


@contextmanager
def one_run_at_a_time(study: Study) -> Iterator[None]:
    """Refuse a second run on the same folders, and clear what a killed run left unfinished."""
    folders = (study.processed_folder, study.reports_folder)
    for folder in folders:  # better refused now than after minutes
        write_whole(folder / ".writable", lambda path: path.touch())
        (folder / ".writable").unlink()
    with (study.processed_folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"Another run is using {study.processed_folder}. Wait until it ends.") from None
        for path in (p for folder in folders for p in folder.rglob(".unfinished-*")):
            path.unlink(missing_ok=True)
        yield


class StateFile(JsonDB):
    """doit's record of finished steps, replaced whole after each step; a damaged one counts as empty."""

    def _load(self) -> dict[str, Any]:
        with suppress(DatabaseException):
            return super()._load()
        return {}

    def dump(self) -> None:
        """Write the record."""
        write_whole(self.name, lambda path: path.write_text(json.dumps(self._db), encoding="utf-8"))


def _run_steps(
    study: Study, chosen: list[Step], arguments: dict[str, dict[str, Any]], *, force: bool, progress: Progress
) -> None:
    """Run what is not up to date, two notebooks at a time; raise the first failure."""
    state = Dependency(StateFile, str(study.processed_folder / ".state.json"))
    failures: list[str] = []

    class Reporter(ZeroReporter):
        """Tells the display what doit decides."""

        def add_success(self, task: Task) -> None:
            state.backend.dump()  # now, so that a killed run keeps its finished steps
            progress.finished(task.name, "done")

        def skip_uptodate(self, task: Task) -> None:
            progress.finished(task.name, "unchanged")

        def add_failure(self, task: Task, fail: Any) -> None:
            told = (fail.traceback or [fail.message])[-1]  # of what nobody foresaw, the last line
            failures.append(told.strip().removesuffix("."))
            progress.finished(task.name, "failed")

    tasks = TaskControl([_task(study, step, arguments[step.name], progress) for step in chosen])
    tasks.process(None)  # all of them
    options = {"always_execute": force, "num_process": 2, "stream": Stream(0)}
    MThreadRunner(state, Reporter(None, {}), **options).run_all(tasks.task_dispatcher())
    if failures:
        if any(study.reports_folder.glob("report_*")):
            failures[0] += ". The reports there are from an earlier run"
        raise InputError(f"{failures[0]}.")


def _task(study: Study, step: Step, arguments: dict[str, Any], progress: Progress) -> Task:
    """One step as doit sees it."""
    executed = study.reports_folder / "notebooks" / f"{step.name}.ipynb"
    outputs, identity = steps.outputs_of(study, step), steps.fingerprint(study, step, arguments)

    def execute() -> TaskFailed | None:
        try:
            execute_notebook(steps.notebook_of(study, step), executed, arguments, progress)
        except InputError as error:  # told when the other notebooks under way have ended
            return TaskFailed(str(error))
        return None

    def state() -> dict[str, str]:
        return {"fingerprint": identity} | _hashes(outputs)

    def unchanged(task: Task, values: dict[str, str]) -> bool:
        task.value_savers.append(state)
        return values == state()

    return Task(
        step.name,
        [execute],
        file_dep=steps.files_of(study, step),
        targets=outputs,
        uptodate=[unchanged],
        io={"capture": False},  # threads share sys.stdout
    )


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Hash of each file that is there."""
    return {path.name: file_hash(path) for path in paths if path.exists()}
