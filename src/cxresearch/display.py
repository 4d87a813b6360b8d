"""What the terminal shows while the notebooks run."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from .runner import Progress


class Display(Progress):
    """One line per notebook: a bar that moves with its cells, or plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._console, self._rows, self._since = console, dict[str, TaskID](), dict[str, float]()

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def started(self, step: str, cells: int) -> None:
        """Show a bar for this notebook."""
        self._rows[step], self._since[step] = self._bars.add_task(step, total=cells), time.monotonic()

    def cell_done(self, step: str) -> None:
        """Move its bar on."""
        self._bars.advance(self._rows[step])

    def finished(self, step: str, state: str) -> None:
        """Say how it ended, and after how long."""
        took = f", {time.monotonic() - self._since[step]:.1f} s" if step in self._since else ""
        if state != "done" or not self._console.is_terminal:
            self._console.print(f"{step:<20} {state}{took}", highlight=False)
