"""The parameters cells of the notebooks: read them, check values for them, fill them from the study."""

import ast
import json
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import InputError, nearest
from .study import Study


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell."""

    name: str
    type: str
    default: Any
    help: str


def notebook_parameters(notebook: Path) -> dict[str, Parameter]:
    """Read the parameters cell of a notebook: by name, in the order of the cell; empty without the cell.

    The comment at the end of a line is the help text.
    """
    source = next((text for text, tags in code_cells(notebook) if "parameters" in tags), "")
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            name, kind = node.target.id, ast.unparse(node.annotation)
            line, code = source.splitlines()[node.lineno - 1], ast.get_source_segment(source, node)
            note = line.removeprefix(code or "").partition("#")[2].strip()
            found[name] = Parameter(name, kind, ast.literal_eval(node.value), note)
    return found


def with_overrides(study: Study, overrides: dict[str, str], notebooks: Iterable[Path]) -> Study:
    """Replace settings by ``--set`` values, checked by the same rules as study.yaml."""
    known = {name: p for path in notebooks for name, p in notebook_parameters(path).items()}
    known.pop("study_file", None)  # that is --study
    values = {}
    for name, text in overrides.items():
        if name not in known:
            hint = nearest(name, known)
            raise InputError(f"--set {name}={text}: no notebook has such a parameter.{hint}")
        values[name] = _typed(known[name], text)
    return study.with_settings(**values) if values else study


def arguments_for(study: Study, notebook: Path, overrides: dict[str, str]) -> dict[str, Any]:
    """Values handed to a notebook, by parameter name: the study's settings, then the overrides."""
    study_file = Path(os.path.relpath(study.path, notebook.parent)).as_posix()  # the same on every machine
    settings = study.parameters() | {"study_file": study_file}
    known = notebook_parameters(notebook)
    own = {name: _typed(known[name], text) for name, text in overrides.items() if name in known}
    return {name: settings[name] for name in known if name in settings} | own


def code_cells(notebook: Path) -> list[tuple[str, list[str]]]:
    """Source and tags of a notebook's code cells."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{notebook} is missing or not a notebook. Restore it from the project.") from None
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in code]


_TYPES: dict[str, tuple[str, Callable[[str], Any], type]] = {
    "int": ("a whole number", int, int),
    "float": ("a number", float, float),
    "bool": ("true or false", yaml.safe_load, bool),
    "str": ("text", str, str),
    "list": ("a list such as [es, en]", yaml.safe_load, list),
}


def _typed(parameter: Parameter, text: str) -> Any:
    """Turn ``--set`` text into the type a notebook states."""
    expected, read, kind = _TYPES[parameter.type]
    try:
        value = read(text)
    except (ValueError, yaml.YAMLError):
        value = None
    if not isinstance(value, kind) or (isinstance(value, float) and not math.isfinite(value)):
        hint = " Write it with a point, as in 0.03." if parameter.type == "float" and "," in text else ""
        raise InputError(f"--set {parameter.name}={text}: {parameter.name} must be {expected}.{hint}")
    return value
