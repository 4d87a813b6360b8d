"""The seven steps of a study: what each notebook reads, writes and takes, and what its result depends on."""

import ast
import builtins
import hashlib
import json
import math
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from .charts import CHARTS
from .errors import InputError, nearest
from .findings import READ, TOLD
from .study import Study
from .tables import file_hash

FORMS = ("html", "pdf", "docx")  # of the report


@dataclass(frozen=True)
class Step:
    """A notebook, and the `files` it reads and writes, by kind: tables, figures, settings that name files."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


_COMPARED = ("estimates", "comparisons", "net_sentiment", "sensitivity")
_EXPLORED = ("breakdown", "profiles", "words", "associations", "series", "priorities")
_MEASURED = ("accuracy", "confusion", "thresholds")
_HAND = ("codebook_path", "hand_code_files")
STEPS = (
    Step("01_load_comments", ("input_files",), ("comments", "dropped", "ledger", "masked")),
    Step("02_score_sentiment", ("comments", "hand_code_files"), ("sentiment", *_MEASURED)),
    Step("03_code_themes", ("comments", *_HAND), ("codes",)),
    Step("04_check_coding", ("comments", "codes", *_HAND), ("agreement", "error_differences")),
    Step(
        "05_compare_groups",
        ("comments", "sentiment", "codes", *_HAND, "sample_files"),
        (*_COMPARED, *_EXPLORED),
    ),
    Step("06_draw_charts", (*TOLD, *READ, *_HAND), ("figures", "quotes", "quote_bank")),
    Step(
        "07_write_report",
        (*TOLD, *READ, *_HAND, "input_files", "sample_files", "figures", "quotes", "quote_bank"),
        ("reports", "tables"),
    ),
)


def find_step(name: str) -> Step:
    """Find a step by its number or name.

    Examples
    --------
    >>> find_step("5").name, find_step("compare_groups").name
    ('05_compare_groups', '05_compare_groups')
    """
    for step in STEPS:
        if name in (step.name, step.name[3:], step.name[:2], step.name[1]):
            return step
    raise InputError(f"There is no step '{name}'.{nearest(name, [s.name for s in STEPS])}")


def files(study: Study, kinds: Iterable[str]) -> list[Path]:
    """Files of these kinds: figures and reports in each language, what a setting names, or else a table."""
    found, reports = list[Path](), study.reports_folder
    for kind in kinds:
        if kind == "figures":
            drawn = [f"{name}_{lang}" for name in CHARTS for lang in study.languages]
            found += [reports / kind / f"{name}.{form}" for name in drawn for form in ("svg", "png")]
            found += [reports / kind / f"{name}.csv" for name in CHARTS]
        elif kind == "reports":
            found += [reports / f"report_{lang}.{form}" for lang in study.languages for form in FORMS]
        elif kind == "tables":  # those that the report tells of, for people who keep the reports alone
            found += [reports / kind / f"{name}.csv" for name in TOLD]
        elif kind.endswith(("_path", "_files")):
            named = getattr(study, kind)
            found += named if isinstance(named, list) else [named]
        else:
            found.append(study.processed_folder / f"{kind}.parquet")
    return found


def parameter_types(notebook: Path) -> dict[str, str]:
    """Types that the parameters cell of a notebook states, by name, in its order; empty without the cell."""
    source = next((text for text, tags in code_cells(notebook) if "parameters" in tags), "")
    stated = [node for node in ast.parse(source).body if isinstance(node, ast.AnnAssign)]
    return {ast.unparse(node.target): ast.unparse(node.annotation) for node in stated}


def with_overrides(study: Study, overrides: dict[str, str], notebooks: Iterable[Path]) -> Study:
    """Replace settings by ``--set`` values, checked by the same rules as study.yaml."""
    known = {name: kind for path in notebooks for name, kind in parameter_types(path).items()}
    known.pop("study_file", None)  # that is --study
    values = {}
    for name, text in overrides.items():
        if name not in known:
            raise InputError(f"--set {name}={text}: no notebook has such a parameter.{nearest(name, known)}")
        values[name] = _typed(name, known[name], text)
    return study.with_settings(**values) if values else study


def arguments_for(study: Study, notebook: Path, overrides: dict[str, str]) -> dict[str, Any]:
    """Values handed to a notebook, by parameter name: the study's settings, then the overrides."""
    study_file = Path(os.path.relpath(study.path, notebook.parent)).as_posix()  # the same on every machine
    settings = study.parameters() | {"study_file": study_file}
    known = parameter_types(notebook)
    own = {name: _typed(name, known[name], text) for name, text in overrides.items() if name in known}
    return {name: settings[name] for name in known if name in settings} | own


def code_cells(notebook: Path) -> list[tuple[str, list[str]]]:
    """Source and tags of a notebook's code cells."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{notebook} is missing or not a notebook. Restore it from the project.") from None
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in code]


_AS_IT_IS = {"int": "a whole number", "float": "a number", "str": "text"}  # types in words, by how text is
_AS_YAML = {"bool": "true or false", "list": "a list such as [es, en]"}  # turned into them


def _typed(name: str, stated: str, text: str) -> Any:
    """Turn ``--set`` text into the type a notebook states."""
    kind, expected = getattr(builtins, stated), (_AS_IT_IS | _AS_YAML)[stated]
    try:
        value = yaml.safe_load(text) if stated in _AS_YAML else kind(text)
    except (ValueError, yaml.YAMLError):
        value = None
    if not isinstance(value, kind) or (isinstance(value, float) and not math.isfinite(value)):
        hint = " Write it with a point, as in 0.03." if kind is float and "," in text else ""
        raise InputError(f"--set {name}={text}: {name} must be {expected}.{hint}")
    return value


def fingerprint(study: Study, notebook: Path, arguments: dict[str, Any]) -> str:
    """Hash of everything but files that a step's result depends on."""
    passed = {*study.parameters(), "thresholds", "margins"}  # in the arguments, where a step needs them
    if notebook.stem[:2] not in ("06", "07"):
        passed |= {"quotes", "not_quoted"}
    settings = {name: value for name, value in study.model_dump().items() if name not in passed}
    content = [code_hash(notebook), arguments, settings, library_hash(), package_versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def provenance(study: Study) -> dict[str, dict[str, str] | str]:
    """Hashes of all that people put in, versions of the packages, hash of this library."""
    raw = {entry.file: file_hash(path) for entry, path in zip(study.inputs, study.input_files, strict=True)}
    others = [study.codebook_path, *study.hand_code_files, *study.sample_files]
    inputs = raw | {path.name: file_hash(path) for path in others if path.exists()}
    return {"inputs": inputs, "packages": package_versions(), "library": library_hash()}


def code_hash(notebook: Path) -> str:
    """Hash of a notebook's code; its prose and outputs do not count."""
    return hashlib.sha256(json.dumps(code_cells(notebook)).encode()).hexdigest()


@lru_cache(maxsize=1)
def library_hash() -> str:
    """Hash of this library's files, word lists, phrases and template included."""
    digest, root = hashlib.sha256(), Path(__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages this library requires."""
    from packaging.requirements import Requirement

    required = [Requirement(line) for line in metadata.requires("cxresearch") or []]
    names = sorted(r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""}))
    return {"python": sys.version.split()[0]} | {name: metadata.version(name) for name in names}
