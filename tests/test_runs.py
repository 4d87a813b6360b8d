"""runs: what changed from one run to another, in words, in order; runs that cannot be compared."""

import copy
import json
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import both
from cxresearch.errors import InputError
from cxresearch.runs import compare_runs, load_run, runs_page
from cxresearch.steps import code_hash
from cxresearch.tables import file_hash, write_table

ESTIMATES = ("kind", "code", "group", "share", "low", "high", "basis", "note")
COMPARISONS = ("kind", "code", "gap", "low", "high", "verdict")
NET = ("group", "n", "n_hand", "net", "low", "high", "basis", "note")
MANIFEST = {
    "study": {
        "name": both("Banks"),
        "groups": ["consumer", "brand"],
        "inputs": [{"file": "c.csv", "columns": {"text": "text"}, "sheet": 0, "encoding": None}],
        "brand_handles": [f"Bank{number}" for number in range(20)],
        "margins": {"alignment_margin": 0.05},
        "seed": 2025,
    },
    "parameters": {"04_check_coding": {"seed": 2025}, "05_compare_groups": {"alignment_margin": 0.05}},
    "inputs": {"c.csv": "aa", "ana.csv": "bb"},
    "packages": {"pandas": "3.1.1"},
    "library": "0123456789",
    "notebooks": {"05_compare_groups": "fedcba9876"},
}
TABLES = {
    "estimates": [
        ("code", "ease", "consumer", 0.3, 0.2, 0.4, "corrected", ""),
        ("code", "ease", "brand", 0.1, 0.05, 0.2, "corrected", ""),
        ("code", "tact", "consumer", 0.2, 0.1, 0.3, "corrected", ""),
        ("code", "tact", "brand", 0.2, 0.1, 0.3, "corrected", ""),
    ],
    "comparisons": [
        ("code", "ease", 0.2, 0.1, 0.3, "different"),
        ("code", "tact", 0.0, -0.04, 0.04, "aligned"),
        ("net", "net", -0.5, -0.6, -0.4, "different"),
    ],
    "net_sentiment": [
        ("consumer", 60, 20, -0.2, -0.3, -0.1, "corrected", ""),
        ("brand", 50, 20, 0.3, 0.2, 0.4, "corrected", ""),
    ],
}
COLUMNS = {"estimates": ESTIMATES, "comparisons": COMPARISONS, "net_sentiment": NET}


class Content:
    """What a run holds, to be changed before it is written."""

    def __init__(self) -> None:
        self.manifest = copy.deepcopy(MANIFEST)
        self.tables = {name: pd.DataFrame(rows, columns=COLUMNS[name]) for name, rows in TABLES.items()}

    def write(self, folder: Path) -> Path:
        """Write the folder of reports."""
        hashes = {}
        for name, table in self.tables.items():
            write_table(table, folder / "tables" / f"{name}.csv")
            hashes[f"tables/{name}.csv"] = file_hash(folder / "tables" / f"{name}.csv")
        text = json.dumps({"outputs": hashes} | self.manifest)
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        return folder


@pytest.fixture
def compared(tmp_path):
    """What changes when a change is made to a run's content."""

    def call(change):
        content = Content()
        old = content.write(tmp_path / "old")
        change(content)
        return compare_runs(load_run(old), load_run(content.write(tmp_path / "new")))

    return call


def put(table, row, **values):
    """A change of some cells in a row of a table."""

    def change(content):
        for name, value in values.items():
            content.tables[table].loc[row, name] = value

    return change


def settle(*path, to):
    """A change of one entry of the manifest, or its removal."""

    def change(content):
        *parts, name = path
        place = content.manifest
        for part in parts:
            place = place[part]
        if to is None:
            del place[name]
        else:
            place[name] = to

    return change


def rename(content, **codes):
    """Give codes other names, in all tables."""
    for name, table in content.tables.items():
        content.tables[name] = table.replace(codes)


@pytest.mark.parametrize(
    "section, change, line",
    [
        ("inputs", settle("inputs", "c.csv", to="cc"), "c.csv: content changed"),
        ("inputs", settle("inputs", "eva.csv", to="cc"), "eva.csv: added"),
        ("inputs", settle("inputs", "ana.csv", to=None), "ana.csv: removed"),
        (
            "inputs",
            put("net_sentiment", 1, n=55),
            "brand: 50 comments, 20 coded by hand -> 55 comments, 20 coded by hand",
        ),
        ("settings", settle("study", "seed", to=7), "seed: 2025 -> 7"),
        ("settings", settle("parameters", "04_check_coding", "seed", to=7), "seed: 2025 -> 7 (steps 04)"),
        (
            "settings",
            settle("parameters", "05_compare_groups", "examples", to=3),
            "examples: none -> 3 (steps 05)",
        ),
        ("settings", settle("study", "name", "es", to="Bancos"), "name.es: Banks -> Bancos"),
        ("settings", settle("study", "inputs", 0, "sheet", to="Hoja"), "inputs.c.csv.sheet: 0 -> Hoja"),
        ("versions", settle("packages", "pandas", to="3.2"), "pandas: 3.1.1 -> 3.2"),
        ("versions", settle("library", to="9999999999"), "cxresearch: 01234567 -> 99999999"),
        (
            "versions",
            settle("notebooks", "05_compare_groups", to="00"),
            "notebook 05_compare_groups: fedcba98 -> 00",
        ),
        (
            "numbers",
            put("estimates", 0, share=0.35, high=0.45),
            "code ease: consumer 30.0% (20.0 to 40.0) -> 35.0% (20.0 to 45.0)",
        ),
        (
            "numbers",
            put("estimates", 0, share=0.30001),
            "code ease: consumer 30.0% (20.0 to 40.0), the same to one decimal",
        ),
        (
            "numbers",
            put("estimates", 0, low=None, high=None, basis="machine"),
            "code ease: consumer 30.0% (20.0 to 40.0) -> 30.0%, uncorrected",
        ),
        (
            "numbers",
            put("net_sentiment", 0, net=0.1, high=0.3),
            "sentiment net: consumer -20.0 points (-30.0 to -10.0) -> +10.0 points (-30.0 to +30.0)",
        ),
        (
            "numbers",
            put("comparisons", 1, verdict="not shown"),
            "code tact: verdict aligned -> not shown; "
            "gap +0.0 points (-4.0 to +4.0), the same to one decimal",
        ),
        (
            "numbers",
            put("comparisons", 1, gap=None, low=None, high=None, verdict="too few to say"),
            "code tact: verdict aligned -> too few to say; gap +0.0 points (-4.0 to +4.0) -> too few to say",
        ),
        (
            "numbers",
            lambda content: rename(content, tact="care"),
            "care: none -> measured",
        ),
    ],
)
def test_every_change_is_told(compared, section, change, line):
    found = compared(change)
    assert line in found[section]
    others = {"inputs", "settings", "versions", "numbers"} - {section}
    assert not any(found[other] for other in others)


def test_a_setting_is_told_once_with_the_steps_it_was_handed_to(compared):
    def change(content):
        content.manifest["study"]["margins"]["alignment_margin"] = 0.08
        content.manifest["parameters"]["05_compare_groups"]["alignment_margin"] = 0.08

    assert compared(change)["settings"] == ["alignment_margin: 0.05 -> 0.08 (steps 05)"]


def test_of_a_long_setting_the_place_is_shown_where_it_differs(compared):
    (line,) = compared(settle("study", "brand_handles", 15, to="Other"))["settings"]
    assert '"Bank15"' in line and '"Other"' in line and len(line) < 180


def test_verdicts_come_first_then_the_largest_change(compared):
    def change(content):
        put("comparisons", 1, verdict="not shown")(content)
        put("estimates", 0, share=0.9)(content)
        put("net_sentiment", 1, net=0.4)(content)

    found = compared(change)
    assert [line.split(":")[0] for line in found["numbers"]] == ["code tact", "code ease", "sentiment net"]
    assert (found["same"], found["total"], found["verdicts"]) == (6, 9, 1)


numbers = st.lists(st.floats(0, 1), min_size=7, max_size=7)


@settings(max_examples=25)
@given(numbers, numbers)
def test_any_numbers_are_counted_and_ordered(tmp_path_factory, first, second):
    folders, runs = tmp_path_factory.mktemp("runs"), []
    for name, values in (("a", first), ("b", second)):
        content = Content()
        content.tables["estimates"]["share"] = values[:4]
        content.tables["comparisons"]["gap"] = values[4:]
        runs.append(load_run(content.write(folders / name)))
    found, back = compare_runs(*runs), compare_runs(*runs[::-1])
    differences = [abs(x - y) for x, y in zip(first, second, strict=True)]
    assert found["same"] == 9 - sum(difference > 1e-9 for difference in differences)
    names, reverse = ([line.split(":")[0] for line in one["numbers"]] for one in (found, back))
    assert sorted(names) == sorted(reverse)
    size = {
        "code ease": max(differences[0], differences[1], differences[4]),
        "code tact": max(differences[2], differences[3], differences[5]),
        "sentiment net": differences[6],
    }
    told = [size[name] for name in names]
    assert told == sorted(told, reverse=True)


def test_nothing_changed_is_one_line(tmp_path):
    old, new = Content().write(tmp_path / "old"), Content().write(tmp_path / "new")
    told = "inputs, settings, versions and all 9 numbers are the same."
    assert runs_page(old, new) == f"Nothing changed from {old} to {new}: {told}\n"


def test_the_page_says_what_is_the_same_and_what_nothing_explains(tmp_path):
    content = Content()
    old = content.write(tmp_path / "old")
    put("estimates", 0, share=0.35)(content)
    page = runs_page(old, content.write(tmp_path / "new"))
    assert page.count("\nThe same.\n") == 3
    assert "\n8 of 9 numbers are the same; no verdicts changed.\n" in page
    assert "Nothing recorded explains the change" in page
    settle("library", to="9999999999")(content)
    assert "Nothing recorded" not in runs_page(old, content.write(tmp_path / "newer"))


def test_a_run_goes_by_study_settings_reports_or_manifest(project, tmp_path):
    settings = project.write_study(reports="out/may")
    folder = Content().write(tmp_path / "out" / "may")
    runs = [load_run(place) for place in (tmp_path, settings, folder, folder / "manifest.json")]
    assert {run._path for run in runs} == {folder / "manifest.json"}


@pytest.mark.parametrize(
    "change, told",
    [
        (settle("study", "groups", to=["brand", "consumer"]), "Compare runs with the same groups"),
        (
            settle("study", to={"name": both("Hotels"), "groups": ["consumer", "brand"], "inputs": []}),
            "of two studies, 'Banks' and 'Hotels'",
        ),
        (
            lambda content: rename(content, ease="x", tact="y"),
            "two codebooks without a common code",
        ),
        (settle("study", to=None), r"manifest.json is damaged .*: study: Field required"),
        (settle("inputs", to=3), r"inputs: Input should be"),
        (settle("outputs", to={}), r"estimates.csv is not the one that .*manifest.json lists"),
    ],
)
def test_runs_that_cannot_be_compared(compared, change, told):
    with pytest.raises(InputError, match=told):
        compared(change)


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda run: (run / "manifest.json").write_text("{"), "damaged or of another edition.*Invalid JSON"),
        (lambda run: (run / "manifest.json").write_bytes(b"\xff"), "damaged or of another edition"),
        (lambda run: (run / "manifest.json").unlink(), "manifest.json is not there. Expected the folder"),
        (lambda run: (run / "tables" / "comparisons.csv").unlink(), "Keep the folder tables beside"),
        (lambda run: (run / "tables" / "comparisons.csv").write_text("a"), "edited, or of another run"),
        (lambda run: shutil.rmtree(run), "is not there. Expected the folder"),
    ],
)
def test_a_damaged_run_is_refused(tmp_path, spoil, told):
    spoil(run := Content().write(tmp_path / "run"))
    with pytest.raises(InputError, match=told):
        load_run(run)


def test_the_command_prints_saves_and_refuses(tmp_path, command):
    content = Content()
    old = content.write(tmp_path / "old")
    put("comparisons", 0, verdict="not shown")(content)
    new, saved = content.write(tmp_path / "new"), tmp_path / "changes.md"
    code, out, _ = command("compare", old, new, "--save", saved)
    assert code == 0
    assert saved.read_text(encoding="utf-8") == out
    assert out.startswith(f"# What changed from {old} to {new}\n\n## Inputs\n\nThe same.\n")
    code, out, told = command("compare", old, old / "manifest.json")
    assert (code, out) == (2, "")
    assert "Copy the folder of reports before you run a study again" in told


def test_a_finished_study_is_compared_by_its_reports_alone(ran, tmp_path):
    kept = shutil.copytree(ran / "reports", tmp_path / "kept")
    assert "all 123 numbers are the same" in runs_page(kept, ran)
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    assert "sample.csv" in manifest["inputs"]  # step 05 reads it: who was drawn changes the shares
    assert set(manifest["notebooks"]) == set(manifest["parameters"])


def test_a_notebooks_prose_and_outputs_do_not_count(root, tmp_path):
    path = root / "notebooks" / "06_draw_charts.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells[0].source += "More prose."
    nbformat.write(book, tmp_path / "prose.ipynb")
    assert code_hash(tmp_path / "prose.ipynb") == code_hash(path)
    book.cells[-2 if book.cells[-1].cell_type == "markdown" else -1].source += "\n1"
    nbformat.write(book, tmp_path / "code.ipynb")
    assert code_hash(tmp_path / "code.ipynb") != code_hash(path)
