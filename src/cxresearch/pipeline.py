"""Run a study: skip what is unchanged, refuse unknown parameters, never leave half a file.

Each notebook runs in a kernel of its own after the steps whose tables it reads, two at a time. A step is up
to date when its code cells, parameters, settings, input files, the library, its word lists, the package
versions and its own output files are what they were when it last ended well.
"""

import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from graphlib import TopologicalSorter
from multiprocessing.pool import ThreadPool
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from . import steps
from .display import Display
from .errors import InputError
from .steps import STEPS, Step
from .study import Study
from .tables import file_hash, write_whole


def run(study: Study, *, overrides: dict[str, str], force: bool, only: str | None, progress: Display) -> Path:
    """Run a study's notebooks, and write and return its manifest, ``reports/manifest.json``.

    `overrides` are notebook parameters in place of the study's, as text (``{"seed": "7"}``); `force` runs
    unchanged steps as well; `only` runs one step, such as ``"05"``, on the tables that are there.

    `InputError` for an unknown parameter or step, a missing input, or a notebook that failed: says which
    notebook, which cell, the error, and where the executed copy is.
    """
    notebooks = {step.name: study.notebooks_folder / f"{step.name}.ipynb" for step in STEPS}
    study = steps.with_overrides(study, overrides, notebooks.values())
    parameters = {s: steps.arguments_for(study, path, overrides) for s, path in notebooks.items()}
    chosen = [steps.find_step(only)] if only else list(STEPS)
    for path in steps.files(study, chosen[0].reads) if only else []:
        if not path.exists():
            raise InputError(f"{path} is not there, and step {only} needs it. Run without --only first.")
    if only:
        _check_current(study, chosen[0], parameters)
    with one_run_at_a_time(study):
        _run_steps(study, chosen, parameters, force=force, progress=progress)
        manifest = study.reports_folder / "manifest.json"
        content = json.dumps(describe_run(study, parameters), indent=2, ensure_ascii=False, sort_keys=True)
        write_whole(manifest, lambda path: path.write_text(content + "\n", encoding="utf-8"))
    return manifest


def describe_run(study: Study, arguments: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Everything needed to run a study again and to see whether it came out the same."""
    key = "named in the study file" if study.pseudonym_key else "private"
    return {
        "study": study.model_dump() | {"pseudonym_key": key},
        "seed": study.seed,
        "parameters": {s: {n: v for n, v in a.items() if n != "study_file"} for s, a in arguments.items()},
        "notebooks": {s: steps.code_hash(study.notebooks_folder / f"{s}.ipynb") for s in arguments},
        "outputs": _hashes(path for step in STEPS for path in steps.files(study, step.writes)),
    } | steps.provenance(study)


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


class Kernel(AsyncKernelManager):
    """A kernel that shows charts in the executed copy, and orders sets alike in every run."""

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start it in this process's environment, but for the drawing backend and the seed of hashes."""
        kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        await super().start_kernel(**options, env=kept | {"PYTHONHASHSEED": "0"})


def execute_notebook(notebook: Path, executed: Path, arguments: dict[str, Any], display: Display) -> None:
    """Run a notebook with papermill in a kernel of its own, and keep the executed copy.

    The copy is `executed`, whole, after a good run. After a failure it is called ``NAME.failed.ipynb``, a
    former good copy stays, and an `InputError` names notebook, cell, error and copy.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    failed = executed.with_name(f"{executed.stem}.failed.ipynb")
    cells = [source for source, _ in steps.code_cells(notebook) if source.strip()]
    bar = display.add_task(notebook.stem, total=len(cells) + bool(arguments))  # one more cell sets them
    with tempfile.TemporaryDirectory(prefix="cx-") as folder:
        copy, reason = Path(folder) / executed.name, ""
        files = {"transport": "ipc", "connection_file": str(Path(folder) / "k")}  # no ports to compete for
        try:
            node = papermill.execute_notebook(
                notebook, copy, arguments, kernel_name="python3", kernel_manager_class=Kernel,
                config=Config(Kernel=files), resources={"metadata": {"path": str(notebook.parent)}},
                progress_bar=False, on_cell_executed=lambda **_: display.advance(bar),
                autosave_cell_every=0, shutdown_kernel="immediate",
            )  # fmt: skip
            if node.metadata.papermill.get("exception"):
                reason = "a cell ended the notebook early (sys.exit?); let every cell run to its end"
        except PapermillExecutionError as error:
            name = "" if error.ename == "InputError" else f"{error.ename}: "
            reason = f"cell {error.cell_index + 1}: {name}{error.evalue}"
        except Exception as error:  # kernel death, time-out, no kernel: papermill leaves no mark of these
            reason = f"the kernel failed: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if copy.exists():
            write_whole(failed if reason else executed, partial(shutil.copyfile, copy))
        if reason:
            where = f" The executed copy is {failed}." if copy.exists() else ""
            raise InputError(f"{notebook.name}, {reason.rstrip('.')}.{where}")
    failed.unlink(missing_ok=True)


def _run_steps(
    study: Study, chosen: list[Step], parameters: dict[str, dict[str, Any]], *, force: bool, progress: Display
) -> None:
    """Run what is not up to date, two notebooks at a time; raise the first failure."""
    order = TopologicalSorter({s: [e for e in chosen if {*e.writes} & {*s.reads}] for s in chosen})
    order.prepare()
    ended = SimpleQueue[tuple[Step, BaseException | None]]()

    def work(step: Step) -> None:
        try:
            _run_step(study, step, parameters[step.name], force, progress)
            ended.put((step, None))
        except BaseException as error:  # SystemExit too: rich raises it when nobody reads the output
            ended.put((step, error))

    with ThreadPool(2) as pool:
        while order.is_active():
            for step in order.get_ready():
                pool.apply_async(work, [step])
            step, failure = ended.get()
            if failure:
                pool.close()
                pool.join()  # the other notebook may end
                raise failure
            order.done(step)


def _check_current(study: Study, step: Step, parameters: dict[str, dict[str, Any]]) -> None:
    """Refuse to run one step on tables that other settings, files or code have made: they would not fit."""
    for earlier in STEPS[: STEPS.index(step)]:
        record = study.processed_folder / f".state-{earlier.name}.json"
        if not record.exists() or record.read_bytes() != _state(study, earlier, parameters[earlier.name]):
            found = f"Step {earlier.name} last ran with other settings, files or code"
            raise InputError(f"{found}, and {step.name} would mix both. Run without --only.")


def _state(study: Study, step: Step, arguments: dict[str, Any]) -> bytes:
    """All that a step depends on and all that it wrote, as hashes."""
    known = {str(path): file_hash(path) for path in steps.files(study, step.reads)}
    known["fingerprint"] = steps.fingerprint(study, study.notebooks_folder / f"{step.name}.ipynb", arguments)
    return json.dumps(known | _hashes(steps.files(study, step.writes))).encode()


def _run_step(study: Study, step: Step, arguments: dict[str, Any], force: bool, progress: Display) -> None:
    """Run one step, unless its record says that it ended well with the files and settings of now."""
    notebook = study.notebooks_folder / f"{step.name}.ipynb"
    record = study.processed_folder / f".state-{step.name}.json"
    if not force and record.exists() and record.read_bytes() == _state(study, step, arguments):
        progress.ended(step.name, "unchanged")
        return
    try:
        execute_notebook(notebook, study.reports_folder / "notebooks" / notebook.name, arguments, progress)
    except InputError as error:
        progress.ended(step.name, "failed")
        old = any(study.reports_folder.glob("report_*"))
        raise InputError(f"{error}{' The reports there are from an earlier run.' if old else ''}") from None
    write_whole(record, lambda path: path.write_bytes(_state(study, step, arguments)))
    progress.ended(step.name, "done")


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Hash of each file that is there, by its folder and name."""
    return {f"{path.parent.name}/{path.name}": file_hash(path) for path in paths if path.exists()}
