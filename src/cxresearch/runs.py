"""Two runs of a study side by side: which inputs, settings, versions and numbers changed.

A run is what `cxresearch run` left among the reports: ``manifest.json``, and ``tables`` beside it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, PrivateAttr, ValidationError

from .errors import InputError
from .study import find_study
from .tables import file_hash, read_bytes, read_table
from .templates import render

AGAIN = "Run that study again: cxresearch run"
TOLERANCE = 1e-9  # processors differ in the last digits; no share differs by so little
LONGEST = 60  # characters of a setting that are shown
_VALUES = ["value", "low", "high"]
_COLUMNS = {  # what the tables call whom a figure is of, the figure, and what it rests on or shows
    "estimates": {"group": "what", "share": "value", "basis": "words"},
    "net_sentiment": {"group": "what", "net": "value", "basis": "words"},
    "comparisons": {"gap": "value", "verdict": "words"},
}


class Run(BaseModel):
    """A finished run: its manifest, as `pipeline.describe_run` wrote it, and its figures.

    `figures` has a row per ``code`` (or family, sentiment, ``net``) and ``what`` (a group, or ``gap``).
    """

    study: dict[str, Any]
    parameters: dict[str, dict[str, Any]]
    inputs: dict[str, str]
    packages: dict[str, str]
    library: str
    notebooks: dict[str, str]
    outputs: dict[str, str]
    _path: Path = PrivateAttr()
    _figures: pd.DataFrame = PrivateAttr()
    figures = property(lambda self: self._figures)


def load_run(place: str | Path) -> Run:
    """Load a run by its study's folder or settings file, its folder of reports, or its manifest.

    `InputError` if no run ended there, or a table is not the one that the manifest lists.
    """
    path = Path(place)
    settings = path / "study.yaml" if path.is_dir() else path
    if settings.suffix == ".yaml" and settings.is_file():
        path = find_study(str(settings)).reports_folder
    path = path if path.suffix == ".json" else path / "manifest.json"
    if not path.is_file():
        expected = "the folder of a study or of its reports, a study file, or a manifest.json"
        raise InputError(f"{path} is not there. Expected {expected}. If it never ran: cxresearch run")
    try:
        run = Run.model_validate_json(read_bytes(path))
    except ValidationError as error:
        first = error.errors()[0]
        told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
        raise InputError(f"{path} is damaged or of another edition of cxresearch: {told}. {AGAIN}") from None
    tables = {name: _table(path, run, name) for name in _COLUMNS}
    tables["net_sentiment"] = tables["net_sentiment"].assign(code="net", kind="net")
    tables["comparisons"]["what"] = "gap"
    run._path, run._figures = path.resolve(), pd.concat(tables.values()).set_index(["code", "what"])
    return run


def _table(manifest: Path, run: Run, name: str) -> pd.DataFrame:
    """A table of results beside the manifest, its columns called as those of the other tables."""
    path = manifest.parent / "tables" / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"{path} is not there. Keep the folder tables beside the manifest. {AGAIN}")
    if run.outputs.get(f"{path.parent.name}/{path.name}") != file_hash(path):
        raise InputError(f"{path} is not the one that {manifest} lists: edited, or of another run. {AGAIN}")
    table = read_table(path).rename(columns=_COLUMNS[name]).astype(dict.fromkeys(_VALUES, float))
    return table.assign(words=table["note"].fillna(table["words"]) if "note" in table else table["words"])


def compare_runs(old: Run, new: Run) -> dict[str, Any]:
    """Find what changed from one run to another.

    Returns
    -------
    dict
        ``inputs``, ``settings``, ``versions``, ``numbers``: a line for each change, numbers whose verdict
        changed first, then the largest change; ``same`` of ``total`` numbers that both have; ``verdicts``
        that changed. `InputError` if the runs are one, or have no number that can be compared.
    """
    _check_alike(old, new)
    sides: dict[str, Any] = {"left_index": True, "right_index": True, "suffixes": ("_old", "_new")}
    joined = old.figures.merge(new.figures, **sides)
    x, y = (joined[[f"{name}_{side}" for name in _VALUES]].to_numpy() for side in ("old", "new"))
    same = np.isclose(x, y, rtol=0, atol=TOLERANCE, equal_nan=True).all(axis=1)
    same &= (joined["words_old"] == joined["words_new"]).to_numpy()
    changed = sorted(_measures(joined[~same]))
    counts, settings, versions, codes = map(_lines, _facts(old), _facts(new))
    files = [
        f"{name}: {'added' if x is None else 'removed' if y is None else 'content changed'}"
        for name, x, y in _changes(old.inputs, new.inputs)
    ]
    handed: dict[str, list[str]] = {line: [] for line in settings}  # to these steps
    for step in dict.fromkeys([*old.parameters, *new.parameters]):
        for line in _lines(old.parameters.get(step, {}), new.parameters.get(step, {})):
            handed.setdefault(line, []).append(step[:2])
    return {
        "inputs": files + counts,
        "settings": [f"{s} (steps {', '.join(to)})" if to else s for s, to in handed.items()],
        "versions": versions,
        "numbers": [line for _, _, line in changed] + codes,
        "same": int(same.sum()),
        "total": len(joined),
        "verdicts": sum(not unchanged for unchanged, _, _ in changed),
    }


def runs_page(old: str | Path, new: str | Path) -> str:
    """Tell what changed from one run to another, in Markdown that reads as plain text."""
    runs = load_run(old), load_run(new)
    known = {"old": old, "new": new, "groups": runs[1].study["groups"]}
    return render("runs.md.j2", **compare_runs(*runs), **known).strip() + "\n"


def _check_alike(old: Run, new: Run) -> None:
    """Refuse one run named twice, and two whose numbers do not measure the same."""
    a, b, why = old.study, new.study, ""
    files = [{entry["file"] for entry in study["inputs"]} for study in (a, b)]
    codes = [run.figures.index[run.figures["kind"] == "code"] for run in (old, new)]
    if old._path == new._path:
        why = "one run. Copy the folder of reports before you run a study again, and compare the copy"
    elif a["groups"] != b["groups"]:
        why = f"of groups {a['groups']} and {b['groups']}. Compare runs with the same groups"
    elif a["name"] != b["name"] and not files[0] & files[1]:
        why = f"of two studies, {a['name']['en']!r} and {b['name']['en']!r}. Compare runs of one"
    elif not codes[0].isin(codes[1]).any():
        why = "of two codebooks without a common code. Compare runs that share codes"
    if why:
        raise InputError(f"{old._path} and {new._path} are {why}.")


def _facts(run: Run) -> list[dict[str, Any]]:
    """What a run rests on, by name: comments of each group, settings, versions; and what it measures."""
    net = run.figures[run.figures["kind"] == "net"].dropna(subset="n").reset_index()
    counts = net["n"] + " comments, " + net["n_hand"] + " coded by hand"
    own = {f"notebook {name}": known[:8] for name, known in run.notebooks.items()}
    return [
        dict(zip(net["what"], counts, strict=True)),
        dict(_flat(run.study)),
        {"cxresearch": run.library[:8]} | own | run.packages,
        dict.fromkeys(run.figures.index.get_level_values("code"), "measured"),
    ]


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting under its full name; inputs go by their files, thresholds and margins as parameters."""
    if place == "inputs":
        value = {entry["file"]: entry for entry in value}
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, name if place in ("thresholds", "margins", "") else f"{place}.{name}")
    else:
        yield place, value


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Name, old and new value of what is not the same in both; None is what is not there."""
    both = ((name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]))
    return [change for change in both if change[1] != change[2]]


def _lines(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """One line per change, of long values the part where they begin to differ."""
    lines = []
    for name, *values in _changes(old, new):
        x, y = (v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values)
        alike = next((i for i, (a, b) in enumerate(zip(x, y, strict=False)) if a != b), 0)
        start = max(0, alike - LONGEST // 3) if max(len(x), len(y)) > LONGEST else 0
        x, y = ("none" if t == "null" else "..." * (start > 0) + t[start:][:LONGEST] for t in (x, y))
        lines.append(f"{name}: {x} -> {y}")
    return lines


def _measures(changed: pd.DataFrame) -> Iterator[tuple[bool, float, str]]:
    """Of each measure that changed: does its verdict stay, the size of the change (negative), in words."""
    size = (changed["value_new"] - changed["value_old"]).abs().fillna(1)  # in one run only: first
    for code, rows in changed.assign(size=size).groupby(level="code", sort=False):
        told = []
        for row in rows.reset_index().to_dict("records"):
            before, after = (_figure(row, side) for side in ("old", "new"))
            same = f"{before}, the same to one decimal"
            told.append(f"{row['what']} {f'{before} -> {after}' if before != after else same}")
            if verdict := row["what"] == "gap" and row["words_old"] != row["words_new"]:
                told.insert(0, f"verdict {row['words_old']} -> {row['words_new']}")
        kind = rows["kind_new"].iloc[0].replace("net", "sentiment")
        yield not verdict, -rows["size"].max(), f"{kind} {code}: {'; '.join(told)}"


def _figure(row: dict[Any, Any], side: str) -> str:
    """A figure in words: value and interval, in percent or, gaps and balances, in points; or why none."""
    words, points = row[f"words_{side}"], row["what"] == "gap" or row["code"] == "net"
    value, low, high = (f"{100 * row[f'{name}_{side}']:{'+' * points}z.1f}" for name in _VALUES)
    interval = f" ({low} to {high})" if "nan" not in low else ""
    machine = ", uncorrected" if words == "machine" else ""
    return words if "nan" in value else f"{value}{' points' if points else '%'}{interval}{machine}"
