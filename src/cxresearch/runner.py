"""Run one notebook with papermill, whole or not at all."""

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from .errors import InputError
from .parameters import code_cells
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

    The copy is `executed`, whole, after a good run. After a failure it is called ``NAME.failed.ipynb``, a
    former good copy stays, and an `InputError` names notebook, cell, error and copy.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    failed, step = executed.with_name(f"{executed.stem}.failed.ipynb"), notebook.stem
    code = [source for source, _ in code_cells(notebook) if source.strip()]
    progress.started(step, len(code) + bool(arguments))  # papermill adds a cell that sets them
    with tempfile.TemporaryDirectory(prefix="cx-") as folder:
        copy = Path(folder) / executed.name
        reason = ""
        try:
            node = papermill.execute_notebook(
                notebook, copy, arguments, kernel_name="python3", kernel_manager_class=_manager_class(folder),
                progress_bar=False, on_cell_executed=lambda **_: progress.cell_done(step),
                autosave_cell_every=0, shutdown_kernel="immediate",
                resources={"metadata": {"path": str(notebook.parent)}},
            )  # fmt: skip
            if node.metadata.papermill.get("exception"):
                reason = "a cell ended the notebook early (sys.exit?); let every cell run to its end"
        except PapermillExecutionError as error:
            name = "" if error.ename == "InputError" else f"{error.ename}: "
            reason = f"cell {error.cell_index + 1}: {name}{error.evalue}"
        except Exception as error:  # kernel death, time-out, no kernel: papermill leaves no mark of these
            reason = f"the kernel failed: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if reason:
            if copy.exists():
                write_whole(failed, lambda path: shutil.copyfile(copy, path))
            where = f" The executed copy is {failed}." if copy.exists() else ""
            raise InputError(f"{notebook.name}, {reason.rstrip('.')}.{where}")
        write_whole(executed, lambda path: shutil.copyfile(copy, path))
    failed.unlink(missing_ok=True)


def _manager_class(folder: str) -> type:
    """A kernel manager that talks over files in `folder`: no ports that two kernels could both take."""
    from jupyter_client.manager import AsyncKernelManager

    class FileKernelManager(AsyncKernelManager):
        """Manager of one kernel."""

        def __init__(self, **options: Any) -> None:
            transport = "ipc" if os.name == "posix" else "tcp"
            super().__init__(transport=transport, connection_file=str(Path(folder) / "k"), **options)

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
            options["env"] = kept | {"PYTHONHASHSEED": "0"}  # and charts show in the executed copy
            await super().start_kernel(**options)

    return FileKernelManager
