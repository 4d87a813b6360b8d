"""processes: work side by side is the work in turn, a fault is seen, and typst's threads do no harm."""

import subprocess
import sys

import pytest

from cxresearch.processes import side_by_side


def test_all_is_done_each_once(tmp_path):
    side_by_side(lambda name: (tmp_path / name).touch(exist_ok=False), [("a",), ("b",), ("c",)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_fault_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: 1 / number, [(1,), (0,)])


TWICE = """
from pathlib import Path
from cxresearch.processes import side_by_side
from cxresearch.report.blocks import Paragraph, Report
from cxresearch.report.pdf import write_pdf

def work(name):
    write_pdf(Report("t", "s", "en", {"contents": "c"}, (Paragraph("b"),)), Path(), Path(name))

for _ in range(2):
    side_by_side(work, [("a.pdf",), ("b.pdf",)])
"""


def test_a_report_can_be_written_twice_in_one_process(tmp_path):
    """As in a notebook, whose cell is run again."""
    subprocess.run([sys.executable, "-c", TWICE], cwd=tmp_path, timeout=60, check=True)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
