"""What the terminal shows: lines, and bars while the notebooks run."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

OUT = Console()


def say(line: str) -> None:
    """Print a line as it is."""
    OUT.print(line, soft_wrap=True, highlight=False, markup=False)


class Display(Progress):
    """One line per notebook: a bar that moves with its cells, or plain lines where there is no terminal."""

    def __init__(self, console: Console = OUT) -> None:
        super().__init__(
            TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip

    def ended(self, step: str, state: str) -> None:
        """Say how a notebook ended (done, unchanged or failed), and after how long."""
        took = "".join(f", {task.elapsed:.1f} s" for task in self.tasks if task.description == step)
        if state != "done" or not self.console.is_terminal:
            self.console.print(f"{step:<20} {state}{took}", highlight=False)
