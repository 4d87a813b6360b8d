"""How long a full run takes, beside what papermill alone needs for seven notebooks that only import.

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
            rows.append((floor, full, seconds(ours)))
    print(f"{'papermill floor':>16} {'full run':>9} {'ratio':>6} {'no-op run':>10}")
    for floor, full, idle in rows:
        print(f"{floor:>14.1f} s {full:>7.1f} s {full / floor:>6.2f} {idle:>8.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
