"""A study's settings and standard folders: everything a researcher decides stands in one file, study.yaml."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from .errors import InputError, nearest
from .server import LanguageModel
from .settings import Name, Settings, Text, explain, read_settings
from .tables import read_table, write_table

Compound = Annotated[float, Field(ge=-1, le=1)]
Language = Literal["es", "en"]
COMMENT_COLUMNS = ("comment_id", "text", "group", "language", "brand", "channel", "date", "rating", "author")
NOT_CODERS = ("sample", "adjudication")  # files beside those of the coders
OWN_COLUMNS = (*COMMENT_COLUMNS, "second_language", "file", "row")  # of the table of comments


class Input(Settings):
    """One input file: where it is, what its columns mean, and how it names the groups."""

    file: str
    columns: dict[str, Name] = Field({})  # our name: the file's name
    groups: dict[Name, str] = Field({})
    constants: dict[str, Name] = Field({})  # our name: the value of all comments, as text
    keep: dict[str, Name] = Field({})
    day_first: bool = False
    encoding: str | None = None
    separator: str | None = None
    sheet: str | int = 0

    @model_validator(mode="after")
    def _one_source_each(self) -> Self:
        """Refuse unknown columns, two sources for one of them, and comments without a group."""
        for part, known in (("columns", COMMENT_COLUMNS), ("constants", COMMENT_COLUMNS[2:])):
            for name in sorted(getattr(self, part).keys() - known):
                raise ValueError(f"{part}.{name}: there is no such setting.{nearest(name, known)}")
        self.columns = {"text": "text"} | self.columns
        for name in sorted(self.columns.keys() & self.constants.keys()):
            raise ValueError(f"{name} is named both under columns and under constants; remove one")
        for name in sorted(self.keep.keys() & set(OWN_COLUMNS)):
            raise ValueError(f"'{name}' is a column of ours; keep '{self.keep[name]}' under another name")
        if "group" not in self.columns | self.constants:
            raise ValueError("nothing says to which group; add columns: group: or constants: group:")
        return self


class Thresholds(Settings):
    """Where the lines are drawn."""

    negative_below: Compound = -0.05
    positive_above: Compound = 0.05
    calibrate: bool = False
    near_duplicate: Annotated[float, Field(ge=0.5, le=1)] = 0.95
    minimum_n: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse thresholds that cross."""
        if self.negative_below > self.positive_above:
            found = f"{self.negative_below} and {self.positive_above}"
            raise ValueError(f"negative_below must not exceed positive_above, but found {found}")
        return self


class Margins(Settings):
    """How large a difference may be and still count as none."""

    alignment_margin: Annotated[float, Field(gt=0, le=0.5)] = 0.05


class Study(Settings):
    """All settings of a study; `study.yaml` says what each means. File names start from its folder."""

    name: Text
    languages: list[Language] = Field(["es", "en"], min_length=1)
    inputs: list[Input] = Field(min_length=1)
    groups: list[str] = Field(["consumer", "brand"], min_length=2, max_length=2)
    brand_handles: list[str] = Field([])
    codebook: str = "data/raw/codebook.yaml"
    hand_codes: str | None = None
    quotes: Literal["all", "chosen", "none"] = "all"
    not_quoted: list[Name] = Field([])
    machine_coder: Literal["dictionary", "learned", "language_model"] = "dictionary"
    language_model: LanguageModel | None = None
    processed: str = "data/processed"
    reports: str = "reports"
    seed: int = 2025
    draws: Annotated[int, Field(ge=100)] = 1000
    pseudonym_key: str | None = None
    about: Text | None = None
    thresholds: Thresholds = Thresholds()
    margins: Margins = Margins()
    _path: Path = Path("study.yaml")
    _changed: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _known_groups(self) -> Self:
        """Refuse a group or language named twice, and inputs with groups that the study does not have."""
        if self.machine_coder == "language_model" and not self.language_model:
            raise ValueError("machine_coder is language_model, but that section is missing; add it")
        for setting in ("groups", "languages"):
            if len(set(getattr(self, setting))) < len(getattr(self, setting)):
                raise ValueError(f"{setting} are not all different; remove one")
        for number, entry in enumerate(self.inputs, 1):
            named = {*entry.groups.values(), entry.constants.get("group", self.groups[0])}
            for group in sorted(named.difference(self.groups)):
                hint = f"the study's groups are {' and '.join(self.groups)}.{nearest(group, self.groups)}"
                raise ValueError(f"inputs.{number} ({entry.file}) names the group '{group}', but {hint}")
        return self

    path = property(lambda self: self._path, doc="The settings file.")
    changed = property(lambda self: self._changed, doc="Settings that this run replaced, by name.")
    codebook_path = property(lambda self: self.file(self.codebook))
    answers_path = property(lambda self: self.file(self.processed) / "language_model_answers.jsonl")
    input_files = property(lambda self: [self.file(entry.file) for entry in self.inputs])
    processed_folder = property(lambda self: self.file(self.processed), doc="Where the tables go.")
    reports_folder = property(lambda self: self.file(self.reports), doc="For reports, figures and notebooks.")

    def file(self, name: str) -> Path:
        """Full path of a file or folder of the settings; ``${VARIABLE}`` comes from the environment."""
        full = os.path.expandvars(name)
        if "${" in full:
            why = "names an environment variable that is not set. Set it: export NAME=/path/to/folder"
            raise InputError(f"{self._path.name}: {full} {why}")
        return (self._path.parent / Path(full).expanduser()).resolve()

    def coding_file(self, name: str) -> Path:
        """A file in the folder of people's codes; `InputError` if the study names none.

        The folder holds ``<coder>.csv`` for each coder, ``gold.csv``, ``sample.csv`` (the comments drawn) and
        ``adjudication.csv`` (how differences were decided).
        """
        if not self.hand_codes:
            advice = "Add a line such as hand_codes: data/raw/my_hand_codes"
            raise InputError(f"{self.path.name} names no folder for people's codes. {advice}")
        return self.file(self.hand_codes) / name

    @property
    def hand_code_files(self) -> list[Path]:
        """One file of hand codes per coder, sorted by name; empty while there are none."""
        folder = self.file(self.hand_codes or "")
        if not self.hand_codes or not folder.is_dir():  # made when a sample is drawn
            return []
        tables = (".csv", ".tsv", ".jsonl", ".xlsx", ".ods", ".parquet")
        found = (path for path in folder.iterdir() if path.suffix in tables and path.name[0] not in ".~")
        return sorted(path for path in found if path.stem not in NOT_CODERS)

    @property
    def sample_files(self) -> list[Path]:
        """The sample drawn for people to code, if there is one."""
        path = self.coding_file("sample.csv") if self.hand_codes else None
        return [path] if path and path.exists() else []

    @property
    def notebooks_folder(self) -> Path:
        """The nearest folder ``notebooks`` at or above the settings file."""
        for folder in self._path.resolve().parents:
            if (folder / "notebooks" / "01_load_comments.ipynb").exists():
                return folder / "notebooks"
        where = f"at or above {self.path.parent}. Keep the study file inside the project"
        raise InputError(f"No folder 'notebooks' with 01_load_comments.ipynb {where}.")

    def parameters(self) -> dict[str, Any]:
        """Settings that notebooks take as parameters, by name."""
        own = {"languages": list(self.languages), "seed": self.seed, "draws": self.draws}
        return own | self.thresholds.model_dump() | self.margins.model_dump()

    def with_settings(self, **values: Any) -> "Study":
        """Return the study with some settings replaced, checked by the same rules as the file.

        Settings go by their own names, those under thresholds and margins included; others are left out.

        Examples
        --------
        >>> find_study().with_settings(alignment_margin=0.03).changed
        {'alignment_margin': 0.03}
        """
        content = self.model_dump()
        for part in (content, content["thresholds"], content["margins"]):
            part.update({name: value for name, value in values.items() if name in part})
        try:
            study = Study.model_validate(content)
        except ValidationError as error:
            raise InputError(f"{self._path.name} as changed, {explain(error, Study, content)}") from None
        study._path, former = self._path, self.parameters()
        study._changed = self._changed | {n: v for n, v in study.parameters().items() if v != former[n]}
        return study

    def load(self, table: str) -> pd.DataFrame:
        """Read a table that an earlier step wrote, such as ``"comments"``."""
        path = self.processed_folder / f"{table}.parquet"
        if not path.exists():
            raise InputError(f"{path} is not there yet. Run the earlier notebooks first, or: cxresearch run")
        return read_table(path).reset_index(drop=True)

    def save(self, table: pd.DataFrame, name: str) -> Path:
        """Write a step's table whole, or not at all, and return its path."""
        path = self.processed_folder / f"{name}.parquet"
        write_table(table, path)
        return path


def find_study(name: str = "study.yaml") -> Study:
    """Load a study file: a path, or a name looked for here and in every folder above.

    Raises `InputError` if there is no such file, or a setting is unknown or of the wrong type.

    Examples
    --------
    >>> find_study().groups
    ['consumer', 'brand']
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (found := folder / name).is_file():  # a full path stays as it is
            study = read_settings(found, Study)
            study._path = found.resolve()
            return study
    raise InputError(
        f"{name}: there is no such file in {here} or above it. Go to the project's folder, or name the file "
        "(in a notebook: study_file; cxresearch run, check: --study; cxresearch code: --codebook)."
    )
