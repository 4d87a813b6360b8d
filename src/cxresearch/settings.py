"""Read a YAML file into a pydantic model, refusing what is unknown, ill-typed or written twice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .errors import InputError, explain

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Settings in which an unknown name is an error, and 7 is no text."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _as_text(value: Any) -> Any:
    """Whole numbers as text, in lists and mappings too; what YAML took for true or false is refused."""
    if isinstance(value, bool):
        raise ValueError(
            f"an unquoted yes, no, on, off, true or false means {value} in YAML; put it in quotes"
        )
    if isinstance(value, dict):
        return {_as_text(name): _as_text(inner) for name, inner in value.items()}
    return str(value) if isinstance(value, int) else value


Names = Annotated[dict[str, str], BeforeValidator(_as_text)]  # {1: consumer} is as good as {"1": consumer}


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a setting written twice is an error, where YAML would drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse repeated names, then do as always."""
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.value in seen and key.value != "<<":
                raise yaml.YAMLError(
                    f"'{key.value}' is there twice, in lines {seen[key.value]} and {line}; remove one of them"
                )
            seen[key.value if isinstance(key, yaml.ScalarNode) else str(line)] = line
        return super().construct_mapping(node, deep)


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
        content = yaml.load(path.read_bytes().decode("utf-8-sig"), _Loader)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file. Check the name in the study's settings.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Name a YAML file.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path.name} is not readable YAML: line {line} is not UTF-8. Save it as UTF-8."
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{path.name} is not readable YAML: {' '.join(str(error).split())[:300]}.") from None
    if not isinstance(content, dict):
        raise InputError(
            f"{path.name} is empty or not a list of settings; expected lines such as 'name: value'."
        )
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path.name}, {explain(error, model, content)}") from None
