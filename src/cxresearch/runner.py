"""What `cxresearch.pipeline` hands over: doit as the scheduler, papermill as the one that runs a notebook."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
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
from .pipeline import Progress, Step, files_of, fingerprint, notebook_of, outputs_of
from .study import Study
from .tables import file_hash, write_whole


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


def run_steps(
    study: Study, steps: list[Step], arguments: dict[str, dict[str, Any]], *, force: bool, progress: Progress
) -> None:
    """Run what is not up to date, two notebooks at a time; raise the first failure."""
    failures: list[InputError] = []

    class Reporter(ZeroReporter):
        """Tells the display what doit decides."""

        def add_success(self, task: Task) -> None:
            StateFile.current.dump()  # now, so that a killed run keeps its finished steps
            progress.finished(task.name, "done")

        def skip_uptodate(self, task: Task) -> None:
            progress.finished(task.name, "unchanged")

        def add_failure(self, task: Task, fail: Any) -> None:
            if task.name not in [getattr(f, "step", None) for f in failures] and not failures:
                failures.append(InputError(f"{task.name}: {fail.get_msg().strip()}"))
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
            return [_task(study, step, arguments[step.name], progress, failures) for step in steps]

    run_tasks(
        Loader(),
        {step.name: {} for step in steps},
        extra_config={"BACKEND": {"state_file": f"{__name__}:StateFile"}},
    )
    if failures:
        raise failures[0]


def _task(
    study: Study, step: Step, arguments: dict[str, Any], progress: Progress, failures: list[InputError]
) -> Task:
    """One step as doit sees it."""
    outputs = outputs_of(study, step)
    identity = fingerprint(study, step, arguments)

    def unchanged(task: Task, values: dict[str, Any]) -> bool:
        task.value_savers.append(lambda: {"fingerprint": identity, "outputs": _hashes(outputs)})
        return values.get("fingerprint") == identity and values.get("outputs") == _hashes(outputs)

    return Task(
        step.name,
        [RunNotebook(study, step, arguments, progress, failures)],
        file_dep=[str(path) for path in files_of(study, step)],
        targets=[str(path) for path in outputs],
        uptodate=[unchanged],
    )


def _hashes(paths: list[Path]) -> dict[str, str]:
    """Hash of each file, empty where there is none."""
    return {path.name: file_hash(path) if path.exists() else "" for path in paths}


class RunNotebook(BaseAction):
    """Run one notebook; unlike doit's own actions it leaves sys.stdout alone, which threads share."""

    def __init__(
        self,
        study: Study,
        step: Step,
        arguments: dict[str, Any],
        progress: Progress,
        failures: list[InputError],
    ) -> None:
        self.study, self.step, self.arguments = study, step, arguments
        self.progress, self.failures = progress, failures
        self.out = self.err = self.result = None
        self.values: dict[str, Any] = {}

    def execute(self, out: Any = None, err: Any = None) -> TaskFailed | None:
        """Run it; a failure is kept for the end of the run."""
        try:
            execute_notebook(
                notebook_of(self.study, self.step),
                self.study.reports_folder / "notebooks" / f"{self.step.name}.ipynb",
                self.arguments,
                self.progress,
            )
        except InputError as error:
            self.failures.append(error)
            return TaskFailed(str(error))
        return None


def execute_notebook(notebook: Path, executed: Path, arguments: dict[str, Any], progress: Progress) -> None:
    """Run a notebook with papermill in a kernel of its own, and keep the executed copy.

    Parameters
    ----------
    notebook, executed : Path
        The notebook, and where its executed copy goes: whole after a good run. After a failure the copy is
        called ``NAME.failed.ipynb`` and a former good copy stays.
    arguments : dict
        Values for the parameters cell.
    progress : Progress

    Raises
    ------
    InputError
        Names notebook, cell, error and executed copy.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    _register_engine()
    failed = executed.with_name(f"{executed.stem}.failed.ipynb")
    with tempfile.TemporaryDirectory(prefix="cx-") as folder:
        copy = Path(folder) / executed.name
        reason = ""
        try:
            node = papermill.execute_notebook(
                str(notebook), str(copy), arguments, engine_name="cxresearch", kernel_name="python3",
                progress_bar=False, request_save_on_cell_execute=False, autosave_cell_every=0,
                folder=folder, progress=progress,
            )  # fmt: skip
            if node.metadata.papermill.get("exception"):
                reason = "a cell ended the notebook early (sys.exit?); let every cell run to its end"
        except PapermillExecutionError as error:
            reason = f"cell {error.cell_index + 1}: {error.ename}: {error.evalue}"
            if error.ename == "InputError":
                reason = f"cell {error.cell_index + 1}: {error.evalue}"
        except Exception as error:  # kernel death, time-out, no kernel: papermill leaves no mark of these
            reason = f"the kernel failed: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if reason:
            if copy.exists():
                write_whole(failed, lambda path: shutil.copyfile(copy, path))
            where = f" The executed copy is {failed}." if copy.exists() else ""
            raise InputError(f"{notebook.name}, {reason.rstrip('.')}.{where}")
        nbformat.validate(node)
        write_whole(executed, lambda path: shutil.copyfile(copy, path))
    failed.unlink(missing_ok=True)


def _register_engine() -> None:
    """Teach papermill to run kernels over files instead of network ports, and to report each cell."""
    from jupyter_client.manager import AsyncKernelManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    logging.getLogger("papermill").setLevel(logging.ERROR)

    class Engine(NBClientEngine):
        """A kernel per notebook, in the notebook's folder."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            folder, progress = options["folder"], options["progress"]
            step = Path(options["input_path"]).stem
            progress.started(step, len(nb_man.nb.cells))
            complete = nb_man.cell_complete

            def cell_complete(cell: Any, **position: Any) -> None:
                complete(cell, **position)
                progress.cell_done(step)

            nb_man.cell_complete = cell_complete
            manager = AsyncKernelManager(
                kernel_name=kernel_name,
                transport="ipc" if os.name == "posix" else "tcp",
                connection_file=str(Path(folder) / "k"),
            )
            client = PapermillNotebookClient(
                nb_man, km=manager, kernel_name=kernel_name, timeout=None,
                resources={"metadata": {"path": str(Path(options["input_path"]).parent)}},
            )  # fmt: skip
            client.execute(env={**os.environ, "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"})

    papermill_engines.register("cxresearch", Engine)
