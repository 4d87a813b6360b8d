"""parameters: the notebooks' forms as papermill reads them, and values checked before anything runs."""

import ast
import json
from pathlib import Path

import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.errors import InputError
from cxresearch.steps import arguments_for, code_cells, parameter_types, with_overrides
from cxresearch.study import Study, find_study

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("**/*.ipynb"))
FORMS = [path for path in NOTEBOOKS if ".ipynb_checkpoints" not in path.parts]
STEPS = sorted((ROOT / "notebooks").glob("0*.ipynb"))


@pytest.fixture
def study() -> Study:
    return find_study(str(ROOT / "study.yaml"))


@pytest.fixture
def write(tmp_path):
    """A notebook with this parameters cell."""

    def _write(source, tags=("parameters",)):
        cells = [
            {"cell_type": "markdown", "metadata": {"tags": ["parameters"]}, "source": "x: int = 9"},
            {"cell_type": "code", "metadata": {}, "source": "import pandas as pd\ny: int = 9"},
            {
                "cell_type": "code",
                "metadata": {"tags": list(tags)},
                "source": source.splitlines(keepends=True),
            },
        ]
        path = tmp_path / "01_form.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return path

    return _write


def cell_lines(notebook):
    """Lines of the parameters cell that hold code."""
    source = next(text for text, tags in code_cells(notebook) if "parameters" in tags)
    return [line for line in source.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("notebook", FORMS, ids=lambda path: path.stem)
def test_papermill_reads_the_same_form(notebook):
    theirs = papermill.inspect_notebook(notebook)
    assert list(parameter_types(notebook).items()) == [
        (n, p["inferred_type_name"]) for n, p in theirs.items()
    ]


@pytest.mark.parametrize("notebook", FORMS, ids=lambda path: path.stem)
def test_every_line_of_the_form_is_a_parameter(notebook):
    form = papermill.inspect_notebook(notebook)
    lines = cell_lines(notebook)
    assert [line.partition(":")[0] for line in lines] == list(parameter_types(notebook))
    for line, (name, kind) in zip(lines, parameter_types(notebook).items(), strict=True):
        assert form[name]["help"]
        assert line.endswith(f"  # {form[name]['help']}")
        assert type(ast.literal_eval(form[name]["default"])).__name__ == kind
        assert kind in ("int", "float", "bool", "str", "list")


def test_steps_agree_with_the_study_and_with_each_other(study):
    known: dict[str, str] = {}
    settings = study.parameters()
    for notebook in STEPS:
        form = papermill.inspect_notebook(notebook)
        for name, kind in parameter_types(notebook).items():
            assert known.setdefault(name, kind) == kind, f"{notebook.stem}: {name}"
            if name in settings:
                assert ast.literal_eval(form[name]["default"]) == settings[name], f"{notebook.stem}: {name}"
    assert "study_file" in known


def test_parameter_types(write):
    source = (
        "# set these\n"
        'name: str = "a"  # what it is called\n'
        "share: float = -0.5  # under this: too few (see no. 3)\n"
        "\n"
        "languages: list = ['es', 'en']  # of the report\n"
        "silent: bool = True\n"
        'color: str = "ñ"  # such as "#123456"\n'
        "untyped = 3  # not part of the form\n"
    )
    assert list(parameter_types(write(source)).items()) == [
        ("name", "str"),
        ("share", "float"),
        ("languages", "list"),
        ("silent", "bool"),
        ("color", "str"),
    ]


def test_a_notebook_without_a_form_has_no_parameters(write):
    assert parameter_types(write("x: int = 1", tags=())) == {}


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"cells": '])
def test_what_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "01_form.ipynb"
    path.write_text(text)
    with pytest.raises(InputError, match=r"01_form\.ipynb is missing or not a notebook. Restore it"):
        parameter_types(path)
    with pytest.raises(InputError, match="is missing or not a notebook"):
        code_cells(tmp_path / "02_none.ipynb")


def test_with_overrides(study):
    changed = with_overrides(study, {"draws": "200", "near_duplicate": "1", "alignment_margin": "0.1"}, STEPS)
    assert (changed.draws, changed.thresholds.near_duplicate) == (200, 1.0)
    assert changed.margins.alignment_margin == 0.1
    assert changed.path == study.path
    assert study.draws == find_study(str(study.path)).draws  # the study given stays as it was
    assert changed.thresholds.minimum_n == study.thresholds.minimum_n


def test_without_overrides_nothing_changes(study):
    assert with_overrides(study, {}, STEPS) == study


@pytest.mark.parametrize(
    "name, text, told",
    [
        ("drawz", "200", r"--set drawz=200: no notebook has such a parameter\. Did you mean 'draws'\?"),
        ("Seed", "1", r"--set Seed=1: .* Did you mean 'seed'\?"),
        ("zzz", "1", r"--set zzz=1: .* Known here: alignment_margin, "),
        ("study_file", "b.yaml", r"--set study_file=b\.yaml: no notebook has such a parameter"),
        ("thresholds", "1", r"--set thresholds=1: no notebook has such a parameter"),
        ("draws", "many", r"--set draws=many: draws must be a whole number\."),
        ("draws", "2.5", "draws must be a whole number"),
        ("draws", "true", "draws must be a whole number"),
        ("draws", "", "draws must be a whole number"),
        ("draws", "null", "draws must be a whole number"),
        ("draws", "[200]", "draws must be a whole number"),
        ("draws", "[200", "draws must be a whole number"),
        ("draws", "10:30", "draws must be a whole number"),
        ("draws", "2025-13-45", "draws must be a whole number"),
        ("near_duplicate", "high", "near_duplicate must be a number"),
        ("near_duplicate", "yes", "near_duplicate must be a number"),
        # well typed, but refused by the study's own rules
        ("draws", "5", r"study\.yaml as changed, draws: .*greater than or equal to 100, but found '5'"),
        ("near_duplicate", "0.2", r"thresholds\.near_duplicate: .*0\.5"),
        ("alignment_margin", "nan", "alignment_margin must be a number"),
        ("alignment_margin", "-inf", "alignment_margin must be a number"),
        ("alignment_margin", "0", r"margins\.alignment_margin: .*greater than 0"),
        ("negative_below", "0.9", "negative_below must not exceed positive_above"),
    ],
)
def test_unknown_names_and_ill_typed_values_are_refused(study, name, text, told):
    with pytest.raises(InputError, match=told):
        with_overrides(study, {name: text}, STEPS)


def test_known_here_leaves_out_what_cannot_be_set(study):
    with pytest.raises(InputError) as refused:
        with_overrides(study, {"zzz": "1"}, STEPS)
    assert "study_file" not in str(refused.value)


@pytest.mark.parametrize(
    "form, text, value",
    [
        ("n: int = 1", "-3", -3),
        ("n: float = 1.0", "2", 2.0),
        ("n: float = 1.0", "1e-3", 0.001),
        ("n: float = 1.0", "-2.5E2", -250.0),
        ("n: bool = True", "false", False),
        ("n: bool = True", "no", False),
        ('n: str = "a"', "12", "12"),
        ('n: str = "a"', "", ""),
        ('n: str = "a"', "null", "null"),
        ('n: str = "a"', "[es, en]", "[es, en]"),
        ("n: list = []", "[es, en]", ["es", "en"]),
        ("n: list = []", "[]", []),
    ],
)
def test_typed_arguments(study, write, form, text, value):
    found = arguments_for(study, write(form + "  # help"), {"n": text})["n"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "form, text, expected",
    [
        ("n: bool = True", "1", "true or false"),
        ("n: bool = True", "maybe", "true or false"),
        ("n: list = []", "2025-13-45", r"a list such as \[es, en\]"),
        ("n: list = []", "es", r"a list such as \[es, en\]"),
        ("n: list = []", "es, en", r"a list such as \[es, en\]"),
        ("n: int = 1", "1e3", "a whole number"),
    ],
)
def test_ill_typed_arguments(study, write, form, text, expected):
    with pytest.raises(InputError, match=f"n must be {expected}."):
        arguments_for(study, write(form + "  # Help to fill it in"), {"n": text})


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_values_survive_as_typed_on_the_command_line(tmp_path_factory, whole, number, text):
    source = "w: int = 1\nn: float = 1.0\nt: str = ''"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": [source]}
    path = tmp_path_factory.getbasetemp() / "typed.ipynb"
    path.write_text(json.dumps({"cells": [cell]}))
    study = find_study(str(ROOT / "study.yaml"))
    given_ = {"w": str(whole), "n": repr(number), "t": text}
    assert arguments_for(study, path, given_) == {"w": whole, "n": number, "t": text}


@pytest.mark.parametrize("notebook", STEPS, ids=lambda path: path.stem)
def test_arguments_for(study, notebook):
    form, settings = parameter_types(notebook), study.parameters()
    found = arguments_for(study, notebook, {})
    assert set(found) == {name for name in form if name in settings or name == "study_file"}
    for name, value in found.items():
        if name != "study_file":
            assert value == settings[name]
    assert (notebook.parent / found["study_file"]).resolve() == study.path


def test_overrides_reach_only_the_notebooks_that_have_them(study, write):
    path = write("examples: int = 5  # comments shown")
    assert arguments_for(study, path, {"examples": "3", "draws": "200"}) == {"examples": 3}
    assert arguments_for(study, path, {"draws": "200"}) == {}
