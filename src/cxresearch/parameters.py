"""The parameters cells of the notebooks: read them, check values for them, fill them from the study."""

from __future__ import annotations

import ast
import json
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
    """Read the parameters cell of a notebook.

    Parameters
    ----------
    notebook : Path

    Returns
    -------
    dict of str to Parameter
        In the order of the cell; the comment at the end of a line is the help text.
    """
    source = next(text for text, tags in code_cells(notebook) if "parameters" in tags)
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            line = source.splitlines()[node.lineno - 1]
            name, kind = node.target.id, ast.unparse(node.annotation)
            note = line.rpartition("#")[2].strip()
            found[name] = Parameter(name, kind, ast.literal_eval(node.value), note)
    return found


def with_overrides(study: Study, overrides: dict[str, str], notebooks: Iterable[Path]) -> Study:
    """Replace settings by ``--set`` values, checked by the same rules as study.yaml."""
    known = {p.name: p for path in notebooks for p in notebook_parameters(path).values()}
    content = study.model_dump()
    for name, text in overrides.items():
        if name not in known or name == "study_file":
            raise InputError(
                f"--set {name}={text}: no notebook has such a parameter."
                f"{nearest(name, [k for k in known if k != 'study_file'])}"
            )
        value = _typed(known[name], text)
        for part in (content, content["thresholds"], content["margins"]):
            if name in part:
                part[name] = value
    return study.revised(content) if overrides else study


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
    except (OSError, ValueError, KeyError):
        raise InputError(f"{notebook} is missing or not a notebook. Restore it from the project.") from None
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in code]


_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "int": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "float": ("a number", lambda v: isinstance(v, int | float) and not isinstance(v, bool)),
    "bool": ("true or false", lambda v: isinstance(v, bool)),
    "str": ("text", lambda v: isinstance(v, str)),
    "list": ("a list such as [es, en]", lambda v: isinstance(v, list)),
}


def _typed(parameter: Parameter, text: str) -> Any:
    """Turn ``--set`` text into the type a notebook states."""
    try:
        value = text if parameter.type == "str" else yaml.safe_load(text)
    except yaml.YAMLError:
        value = None
    expected, fits = _TYPES[parameter.type]
    if value is None or not fits(value):
        raise InputError(
            f"--set {parameter.name}={text}: {parameter.name} must be {expected}. {parameter.help}."
        )
    return float(value) if parameter.type == "float" else value
