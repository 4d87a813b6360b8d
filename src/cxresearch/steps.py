"""The seven steps of a study: what each notebook reads and writes, and what its result depends on."""

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from .errors import InputError, nearest
from .parameters import code_cells
from .study import Study

FIGURES = ("ledger", "sentiment_balance", "code_shares", "interaction_models")


@dataclass(frozen=True)
class Step:
    """A notebook, the tables it reads and writes, and which raw files it opens."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    raw: tuple[str, ...] = ()


_CODED = ("comments", "sentiment", "codes")
_COMPARED = ("estimates", "comparisons", "net_sentiment")
_MEASURED = ("accuracy", "confusion", "thresholds")
_REPORTED = ("ledger", "masked", "agreement", *_MEASURED, *_COMPARED)
_HAND = ("codebook_path", "hand_code_files")
STEPS = (
    Step("01_load_comments", (), ("comments", "dropped", "ledger", "masked"), ("input_files",)),
    Step("02_score_sentiment", ("comments",), ("sentiment", *_MEASURED), ("hand_code_files",)),
    Step("03_code_themes", ("comments",), ("codes",), ("codebook_path",)),
    Step("04_check_coding", ("comments", "codes"), ("agreement",), _HAND),
    Step("05_compare_groups", _CODED, _COMPARED, _HAND),
    Step("06_draw_charts", ("ledger", "estimates", "net_sentiment"), (), ("codebook_path",)),
    Step("07_write_report", _REPORTED, (), ("codebook_path", "figures")),
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


def files_of(study: Study, step: Step) -> list[Path]:
    """Files a step reads: tables of earlier steps, raw files, figures."""
    files = [study.processed_folder / f"{table}.parquet" for table in step.reads]
    for kind in step.raw:
        found = figure_files(study) if kind == "figures" else getattr(study, kind)
        files += found if isinstance(found, list) else [found]
    return files


def outputs_of(study: Study, step: Step) -> list[Path]:
    """Files a step leaves behind, besides its executed notebook."""
    if step.name == "06_draw_charts":
        return figure_files(study)
    if step.name == "07_write_report":
        return [study.reports_folder / f"report_{language}.html" for language in study.languages]
    return [study.processed_folder / f"{table}.parquet" for table in step.writes]


def figure_files(study: Study) -> list[Path]:
    """Every figure of the report, in each of its languages."""
    folder = study.reports_folder / "figures"
    return [folder / f"{name}_{language}.svg" for name in FIGURES for language in study.languages]


def fingerprint(study: Study, step: Step, arguments: dict[str, Any]) -> str:
    """Hash of everything but files that a step's result depends on."""
    passed = {*study.parameters(), "thresholds", "margins"}  # in the arguments, where a step needs them
    settings = {name: value for name, value in study.model_dump().items() if name not in passed}
    code = [source for source, _ in code_cells(notebook_of(study, step))]
    content = [code, arguments, settings, library_hash(), package_versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


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


def notebook_of(study: Study, step: Step) -> Path:
    """File of a step's notebook."""
    return study.notebooks_folder / f"{step.name}.ipynb"
