"""A study's settings and standard folders: everything a researcher decides stands in one file, study.yaml."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from .errors import InputError, explain
from .tables import read_table, write_table

COMMENT_COLUMNS = ("comment_id", "text", "group", "language", "brand", "channel", "date", "rating", "author")
Share = Annotated[float, Field(ge=0, le=1)]
Compound = Annotated[float, Field(ge=-1, le=1)]
Language = Literal["es", "en"]
Model = TypeVar("Model", bound=BaseModel)


class _Settings(BaseModel):
    """Settings in which an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Columns(_Settings):
    """What each of our columns is called in an input file; leave out what a file does not have."""

    comment_id: str | None = None
    text: str = "text"
    group: str | None = None
    language: str | None = None
    brand: str | None = None
    channel: str | None = None
    date: str | None = None
    rating: str | None = None
    author: str | None = None


class Input(_Settings):
    """One input file: where it is, what its columns mean, and how it names the groups."""

    file: str
    columns: Columns = Columns()
    groups: dict[str, str] = {}
    constants: dict[str, str] = {}
    keep: dict[str, str] = {}
    day_first: bool = False
    encoding: str | None = None
    separator: str | None = None
    sheet: str | int = 0

    @model_validator(mode="after")
    def _known_constants(self) -> Input:
        """Refuse constants for columns that do not exist."""
        unknown = set(self.constants) - set(COMMENT_COLUMNS)
        if unknown:
            raise ValueError(
                f"constants may set {', '.join(COMMENT_COLUMNS)}; not {', '.join(sorted(unknown))}"
            )
        return self


class Title(_Settings):
    """The study's name in the languages of the report."""

    es: str
    en: str


class Thresholds(_Settings):
    """Where the lines are drawn."""

    negative_below: Compound = -0.05
    positive_above: Compound = 0.05
    near_duplicate: Annotated[float, Field(ge=0.5, le=1)] = 0.95
    minimum_n: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        """Refuse thresholds that cross."""
        if self.negative_below > self.positive_above:
            raise ValueError("negative_below must not exceed positive_above")
        return self


class Margins(_Settings):
    """How large a difference may be and still count as none."""

    alignment_margin: Annotated[float, Field(gt=0, le=0.5)] = 0.05


class Study(_Settings):
    """All settings of a study; see `study.yaml` for the meaning of each.

    Attributes
    ----------
    path : Path
        The settings file. Relative file names in it start from its folder.
    """

    name: Title
    languages: Annotated[list[Language], Field(min_length=1)] = ["es", "en"]
    inputs: Annotated[list[Input], Field(min_length=1)]
    groups: Annotated[list[str], Field(min_length=2, max_length=2)] = ["consumer", "brand"]
    brand_handles: list[str] = []
    codebook: str = "data/raw/codebook.yaml"
    hand_codes: str | None = None
    processed: str = "data/processed"
    reports: str = "reports"
    seed: int = 2025
    draws: Annotated[int, Field(ge=100)] = 1000
    pseudonym_key: str | None = None
    about: Title | None = None
    thresholds: Thresholds = Thresholds()
    margins: Margins = Margins()
    _path: Path = PrivateAttr(default=Path("study.yaml"))

    @property
    def path(self) -> Path:
        """The settings file."""
        return self._path

    def file(self, name: str) -> Path:
        """Full path of a file or folder of the settings; ``${VARIABLE}`` comes from the environment."""
        for variable in re.findall(r"\$\{(\w+)\}", name):
            if variable not in os.environ:
                raise InputError(
                    f"{self._path.name} names {name}, but the environment variable {variable} is not set. "
                    f"Set it to the folder with the files, for example: export {variable}=/path/to/folder"
                )
            name = name.replace(f"${{{variable}}}", os.environ[variable])
        return (self._path.parent / Path(name).expanduser()).resolve()

    @property
    def codebook_path(self) -> Path:
        """Where the codebook is."""
        return self.file(self.codebook)

    @property
    def hand_code_files(self) -> list[Path]:
        """One file of hand codes per coder, sorted by name; empty without hand codes."""
        return sorted(self.file(self.hand_codes).glob("*.csv")) if self.hand_codes else []

    @property
    def input_files(self) -> list[Path]:
        """The files of raw comments."""
        return [self.file(entry.file) for entry in self.inputs]

    @property
    def processed_folder(self) -> Path:
        """Where each step's table goes."""
        return self.file(self.processed)

    @property
    def reports_folder(self) -> Path:
        """Where reports, figures and executed notebooks go."""
        return self.file(self.reports)

    @property
    def notebooks_folder(self) -> Path:
        """The nearest folder ``notebooks`` at or above the settings file."""
        for folder in self._path.resolve().parents:
            if (folder / "notebooks" / "01_load_comments.ipynb").exists():
                return folder / "notebooks"
        raise InputError(
            f"No folder 'notebooks' with 01_load_comments.ipynb at or above {self._path.parent}. "
            "Keep the study file inside the project."
        )

    def parameters(self) -> dict[str, Any]:
        """Settings that notebooks take as parameters, by name."""
        own = {"languages": list(self.languages), "seed": self.seed, "draws": self.draws}
        return own | self.thresholds.model_dump() | self.margins.model_dump()

    def revised(self, content: dict[str, Any]) -> Study:
        """Check changed settings by the same rules and return them as a study in the same place."""
        try:
            study = Study.model_validate(content)
        except ValidationError as error:
            raise InputError(f"{self._path.name} as changed, {explain(error, Study, content)}") from None
        study._path = self._path
        return study

    def load(self, table: str) -> pd.DataFrame:
        """Read a table that an earlier step wrote, such as ``"comments"``."""
        path = self.processed_folder / f"{table}.parquet"
        if not path.exists():
            raise InputError(f"{path} is not there yet. Run the earlier notebooks first, or: cxresearch run")
        return read_table(path)

    def save(self, table: pd.DataFrame, name: str) -> Path:
        """Write a step's table whole, or not at all, and return its path."""
        path = self.processed_folder / f"{name}.parquet"
        write_table(table, path)
        return path


def find_study(name: str = "study.yaml") -> Study:
    """Load the study file of the project that holds the working directory.

    Parameters
    ----------
    name : str
        A path, or a name looked for here and in every folder above.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        If there is no such file, or a setting is unknown or of the wrong type.

    Examples
    --------
    >>> find_study().groups
    ['consumer', 'brand']
    """
    wanted = Path(name)
    here = Path.cwd()
    places = [wanted] if wanted.is_absolute() else [folder / wanted for folder in (here, *here.parents)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise InputError(
            f"{name}: there is no such file in {here} or above it. Go to the project's folder, or name the "
            "file with --study (in a notebook: study_file)."
        )
    study = read_settings(found, Study)
    study._path = found.resolve()
    return study


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a pydantic model, refusing unknown or ill-typed settings by name.

    Parameters
    ----------
    path : Path
    model : type of BaseModel

    Returns
    -------
    BaseModel
        An instance of `model`.

    Raises
    ------
    InputError
        Names the file, the setting, what was found and the nearest valid setting.
    """
    try:
        content = yaml.safe_load(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        raise InputError(f"{path}: there is no such file. Check the name in the study's settings.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not readable YAML: {' '.join(str(error).split())[:300]}.") from None
    if not isinstance(content, dict):
        raise InputError(
            f"{path.name} is empty or not a list of settings; expected lines such as 'name: value'."
        )
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path.name}, {explain(error, model, content)}") from None
