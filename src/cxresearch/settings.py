"""Read a YAML file into a pydantic model, refusing what is unknown, ill-typed or written twice."""

from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from .errors import InputError, nearest
from .tables import read_bytes

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel, extra="forbid", strict=True):
    """Settings in which an unknown name is an error, and 7 is no text."""


class Text(Settings):
    """The same text in both languages of the study."""

    es: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, language: str) -> str:
        return self.es if language == "es" else self.en


def _as_text(value: Any) -> Any:
    """A whole number as text; what YAML took for true or false is refused."""
    if isinstance(value, bool):
        raise ValueError(f"unquoted yes, no, on, off, true, false mean {value} in YAML; put it in quotes")
    return str(value) if isinstance(value, int) else value


Name = Annotated[str, BeforeValidator(_as_text)]  # a group called 1 is as good as "1"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a setting written twice is an error, where YAML would drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if key.value in names[:number]:
                raise yaml.YAMLError(f"'{key.value}' is there twice, again in line {key.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read a YAML file; `InputError` names it, the setting, what was found and the nearest valid setting."""
    data = read_bytes(path)
    try:
        content = yaml.load(data, _Loader)
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
    """Say which setting of `model` pydantic refused in `content`, and why: unknown ones (misspelt?) first."""
    first = min(error.errors(), key=lambda complaint: complaint["type"] != "extra_forbidden")
    path, kind = first["loc"], first["type"]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    item = content[str(path[0])][path[1]] if len(path) > 1 and isinstance(path[1], int) else None
    if isinstance(item, dict):  # inputs.1 (c.csv)
        where += "".join(f" ({item[name]})" for name in ("code", "file") if name in item)
    if kind == "extra_forbidden":
        for name in (part for part in path[:-1] if isinstance(part, str)):  # down to the model it stands in
            annotation = model.model_fields[name].annotation
            inner = [annotation, *get_args(annotation)]
            model = next(a for a in inner if isinstance(a, type) and issubclass(a, BaseModel))
        return f"{where}: there is no such setting.{nearest(str(path[-1]), model.model_fields)}"
    if kind == "missing":
        return f"{where} is missing. Add it."
    found = f", but found {str(first['input'])[:60]!r}"
    reason = first["msg"].removeprefix("Value error, ") + (found if kind != "value_error" else "")
    told = f"{where}: {reason[:1].lower()}{reason[1:]}".removeprefix(": ")
    return told if told.endswith(("?", ".")) else told + "."
