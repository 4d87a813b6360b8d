"""The one exception that is meant for the person at the keyboard, and the words it is made of."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable

from pydantic import BaseModel, ValidationError


class InputError(ValueError):
    """Something in the user's files, settings or folders that they can mend.

    The message says what was expected, what was found, where, and what to do next. The command line
    prints it as one paragraph and ends with exit code 2; in a notebook it is an ordinary exception.

    Examples
    --------
    >>> raise InputError("comments.csv has no column 'text'. Name it under inputs: columns:")
    Traceback (most recent call last):
    cxresearch.errors.InputError: comments.csv has no column 'text'. Name it under inputs: columns:
    """


def nearest(word: str, choices: Iterable[str]) -> str:
    """Hint at the valid name nearest to a wrong one.

    Returns
    -------
    str
        ``" Did you mean 'margin'?"``, or all choices when none is near; an empty string without choices.

    Examples
    --------
    >>> nearest("margn", ["margin", "seed"])
    " Did you mean 'margin'?"
    """
    known = sorted(choices)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{close[0]}'?"
    return f" Known here: {', '.join(known)}." if known else ""


def explain(error: ValidationError, model: type[BaseModel], content: dict[str, typing.Any]) -> str:
    """Say in one sentence which setting pydantic refused, why, and what would be valid.

    Parameters
    ----------
    error : ValidationError
        The complaint told is the first of an unknown (maybe misspelt) setting, else the first of all.
    model : type of BaseModel
        The model that was to be filled.
    content : dict
        What it was to be filled with.
    """
    complaints = error.errors()
    first = next((c for c in complaints if c["type"] == "extra_forbidden"), complaints[0])
    path = first["loc"]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in path) + _label(
        path, content
    )
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such setting.{nearest(str(path[-1]), _fields(model, path[:-1]))}"
    if first["type"] == "missing":
        return f"{where} is missing. Add it."
    reason = first["msg"].removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    if not path:  # settings that contradict each other
        return reason + ("" if reason.endswith(("?", ".")) else ".")
    if first["type"] == "value_error":  # says itself what was found
        return f"{where}: {reason}" + ("" if reason.endswith(("?", ".")) else ".")
    return f"{where}: {reason}, but found {str(first['input'])[:60]!r}."


def _label(path: tuple[int | str, ...], content: typing.Any) -> str:
    """Name of the list item a path leads through, such as `` (loyalty)``."""
    for part in path[:2]:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return ""
    name = content.get("code") or content.get("file") if isinstance(content, dict) else None
    return f" ({name})" if name else ""


def _fields(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Names of the settings at one place of a model."""
    for part in path:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = [annotation, *typing.get_args(annotation)]
            model = next(a for a in inner if isinstance(a, type) and issubclass(a, BaseModel))
    return list(model.model_fields)
