"""What the terminal shows: lines, and bars while the notebooks run."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

OUT = Console()


def say(line: str) -> None:
    """Print a line as it is."""
    OUT.print(line, soft_wrap=True, highlight=False, markup=False)


class Display:
    """One line per notebook: a bar that moves with its cells, or plain lines where there is no terminal."""

    def __init__(self, console: Console = OUT) -> None:
        self.bars = Progress(
            TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._rows: dict[str, TaskID] = {}

    def started(self, step: str, cells: int) -> None:
        """Show a bar for this notebook of so many cells."""
        self._rows[step] = self.bars.add_task(step, total=cells)

    def cell_done(self, step: str) -> None:
        """Move its bar on."""
        self.bars.advance(self._rows[step])

    def finished(self, step: str, state: str) -> None:
        """Say how it ended (done, unchanged or failed), and after how long."""
        took = f", {self.bars.tasks[self._rows[step]].elapsed:.1f} s" if step in self._rows else ""
        if state != "done" or not self.bars.console.is_terminal:
            self.bars.console.print(f"{step:<20} {state}{took}", highlight=False)
