"""How long a full run takes, and steps 06 and 07 of it, beside papermill on notebooks that only import.

    python benchmarks/report_time.py [repeats]

Both are measured in turn, in the same run; only their ratio means anything on another machine. The peer runs
its notebooks one after the other in one process, each in a kernel of its own, as papermill does by default.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PEER = """
import sys, papermill
for number in range(7):
    executed = f"{sys.argv[1]}.{number}.ipynb"
    papermill.execute_notebook(sys.argv[1], executed, kernel_name="python3", progress_bar=False)
"""


def seconds(command: list[str]) -> float:
    """Wall time of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - start


def duration(step: str) -> float:
    """Seconds that papermill took for a step, as its executed copy says."""
    copy = nbformat.read(ROOT / "reports" / "notebooks" / f"{step}.ipynb", as_version=4)
    return float(copy.metadata.papermill.duration)


def main(repeats: int = 3) -> None:
    """Measure and print."""
    ours = [str(Path(sys.executable).with_name("cxresearch")), "run", "--study", "study.yaml"]
    with tempfile.TemporaryDirectory() as folder:
        imports = Path(folder) / "imports.ipynb"
        cell = nbformat.v4.new_code_cell("import pandas\nimport seaborn")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), imports)
        rows = []
        for _ in range(repeats):
            floor = seconds([sys.executable, "-c", PEER, str(imports)])
            full = seconds([*ours, "--force"])
            idle, told = seconds(ours), sum(map(duration, ("06_draw_charts", "07_write_report")))
            rows.append((floor, full, idle, told))
    print("  papermill floor   full run  ratio   no-op run   floor of 2   06 + 07")
    for floor, full, idle, told in rows:
        figures = f"{floor:>15.1f} s {full:>8.1f} s {full / floor:>6.2f} {idle:>9.2f} s"
        print(f"{figures} {2 / 7 * floor:>10.1f} s {told:>7.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
