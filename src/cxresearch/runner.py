"""Run one notebook with papermill, whole or not at all."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from .errors import InputError
from .tables import write_whole


class Progress:
    """What a display may want to know while the notebooks run; this one shows nothing."""

    def started(self, step: str, cells: int) -> None:
        """Say that a step's notebook has started."""

    def cell_done(self, step: str) -> None:
        """Say that one more cell of a step has run."""

    def finished(self, step: str, state: str) -> None:
        """Say that a step ended: ``done``, ``unchanged`` or ``failed``."""


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
                progress_bar=False, autosave_cell_every=0,
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
            client = PapermillNotebookClient(
                nb_man, kernel_name=kernel_name, timeout=None, shutdown_kernel="immediate",
                kernel_manager_class=_manager_class(folder),
                resources={"metadata": {"path": str(Path(options["input_path"]).parent)}},
            )  # fmt: skip
            kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
            client.execute(env={**kept, "PYTHONHASHSEED": "0"})  # charts show in the executed copy

    papermill_engines.register("cxresearch", Engine)


def _manager_class(folder: str) -> type:
    """A kernel manager that talks over files in `folder`: no ports that two kernels could both take."""
    from jupyter_client.manager import AsyncKernelManager

    class FileKernelManager(AsyncKernelManager):
        """Manager of one kernel."""

        def __init__(self, **options: Any) -> None:
            transport = "ipc" if os.name == "posix" else "tcp"
            super().__init__(transport=transport, connection_file=str(Path(folder) / "k"), **options)

    return FileKernelManager
