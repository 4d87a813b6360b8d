"""errors: what was expected, what was found, where, and the nearest valid name."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cxresearch.errors import InputError, nearest
from cxresearch.settings import explain


class Part(BaseModel):
    """A nested setting."""

    model_config = ConfigDict(extra="forbid")
    code: str
    share: float = Field(default=0.5, ge=0, le=1)


class Whole(BaseModel):
    """A model of the kinds of settings the project has."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    kind: Literal["small", "large"] = "small"
    part: Part | None = None
    parts: list[Part] = []

    @model_validator(mode="after")
    def _no_small_parts(self):
        if self.kind == "small" and self.parts:
            raise ValueError("A small one has no parts")
        return self


@pytest.mark.parametrize(
    "content, told",
    [
        ({"nam": "x"}, "nam: there is no such setting. Did you mean 'name'?"),  # not: name is missing
        ({}, "name is missing. Add it."),
        ({"name": 3}, "name: input should be a valid string, but found '3'."),
        ({"name": "x", "kind": "big"}, "kind: input should be 'small' or 'large', but found 'big'."),
        ({"name": "x", "part": {}}, "part.code is missing. Add it."),
        (
            {"name": "x", "part": {"code": "a", "shar": 1}},
            "part.shar: there is no such setting. Did you mean 'share'?",
        ),
        (
            {"name": "x", "parts": [{"code": "a"}, {"code": "b", "zzzzzz": 1}]},
            "parts.2.zzzzzz (b): there is no such setting. Known here: code, share.",
        ),
        (
            {"name": "x", "parts": [{"code": "a", "share": 2.0}]},
            "parts.1.share (a): input should be less than or equal to 1, but found '2.0'.",
        ),
        ({"name": "x", "parts": [{"file": "f.csv"}]}, "parts.1.file (f.csv): there is no such setting."),
        ({"name": "x", "parts": ["a"]}, "parts.1: input should be a valid dictionary or instance of Part"),
        ({"name": "x", "parts": [{"code": "a"}]}, "a small one has no parts."),
        (
            {"name": "x", "kind": "y" * 99},
            f"kind: input should be 'small' or 'large', but found {'y' * 60!r}.",
        ),
    ],
)
def test_explain(content, told):
    with pytest.raises(ValidationError) as refused:
        Whole.model_validate(content)
    assert explain(refused.value, Whole, content).startswith(told)


@pytest.mark.parametrize(
    "word, choices, hint",
    [
        ("margn", ["seed", "margin"], " Did you mean 'margin'?"),
        ("zzz", ["seed", "margin"], " Known here: margin, seed."),
        ("seed", {"seed": 1}, " Did you mean 'seed'?"),
        ("zzz", [], ""),
        ("", ["seed"], " Known here: seed."),
    ],
)
def test_nearest(word, choices, hint):
    assert nearest(word, choices) == hint


def test_input_errors_are_value_errors():
    with pytest.raises(ValueError, match="row 3"):
        raise InputError("comments.csv, row 3: no text")
