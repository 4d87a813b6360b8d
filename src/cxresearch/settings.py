"""Read a YAML file into a pydantic model, refusing what is unknown, ill-typed or written twice."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .errors import InputError, nearest

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Settings in which an unknown name is an error, and 7 is no text."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _as_text(value: Any) -> Any:
    """A whole number as text; what YAML took for true or false is refused."""
    if isinstance(value, bool):
        raise ValueError(f"unquoted yes, no, on, off, true, false mean {value} in YAML; put it in quotes")
    return str(value) if isinstance(value, int) else value


Name = Annotated[str, BeforeValidator(_as_text)]  # a group called 1 is as good as "1"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a setting written twice is an error, where YAML would drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse repeated names, then do as always."""
        seen: list[Any] = []
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise yaml.YAMLError(f"'{key.value}' is there twice, again in line {line}; remove one")
            seen.append(key.value)
        return super().construct_mapping(node, deep)


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a pydantic model.

    Raises `InputError`, which names the file, the setting, what was found and the nearest valid setting.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file. Check the name in the study's settings.")
    try:
        content = yaml.load(path.read_bytes(), _Loader)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Name a YAML file.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise InputError(f"{path.name} is not readable YAML: {why}. Mend it, and save it as UTF-8.") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name} is empty or not a list of settings such as 'name: value'.")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path.name}, {explain(error, model, content)}") from None


def explain(error: ValidationError, model: type[BaseModel], content: dict[str, Any]) -> str:
    """Say in one sentence which setting of `model` pydantic refused in `content`, and what would be valid.

    Told is the first unknown (maybe misspelt) setting, else the first complaint.
    """
    complaints = error.errors()
    first = next((c for c in complaints if c["type"] == "extra_forbidden"), complaints[0])
    path, kind = first["loc"], first["type"]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    item = content[str(path[0])][path[1]] if len(path) > 1 and isinstance(path[1], int) else None
    if isinstance(item, dict):  # inputs.1 (c.csv)
        where += "".join(f" ({item[name]})" for name in ("code", "file") if name in item)
    if kind == "extra_forbidden":
        return f"{where}: there is no such setting.{nearest(str(path[-1]), _fields(model, path[:-1]))}"
    if kind == "missing":
        return f"{where} is missing. Add it."
    reason = first["msg"].removeprefix("Value error, ")
    told = f"{where}: {reason[:1].lower()}{reason[1:]}".removeprefix(": ")
    if kind != "value_error":  # our own rules say themselves what was found
        told += f", but found {str(first['input'])[:60]!r}"
    return told if told.endswith(("?", ".")) else told + "."


def _fields(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Names of the settings at one place of a model."""
    for part in path:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = [annotation, *typing.get_args(annotation)]
            model = next(a for a in inner if isinstance(a, type) and issubclass(a, BaseModel))
    return list(model.model_fields)
