"""A setting: its default, and what its value in cdk.json must be."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Any

MODEL = r"[a-z0-9]+(-[a-z0-9]+)*"
"""The form of a model's name."""


class InvalidStage(ValueError):
    """A stage or a setting in cdk.json cannot be used; the message names the place, what is allowed and what stands."""

    def __init__(self, path: str, expected: str, got: object) -> None:
        super().__init__(f"Expected {expected} - got {json.dumps(got)} - at `{path}` in cdk.json")


def read_settings(kind: type, values: object, path: str) -> dict[str, Any]:
    """The checked values of the settings of a dataclass.

    Raises:
        InvalidStage: a key is no setting, or its value is not what the setting allows.
    """
    if not isinstance(values, Mapping):
        raise InvalidStage(path, "an object of settings", values)
    readers = {setting.name: setting.metadata["read"] for setting in fields(kind) if "read" in setting.metadata}
    for key in values:
        if key not in readers:
            raise InvalidStage(path, f"only the settings {', '.join(readers)}", key)
    return {key: readers[key](value, f"{path}.{key}") for key, value in values.items()}


def flag(default: bool | None) -> Any:
    """A setting that is true or false; null is allowed where it is the default."""
    nothing = ", or null" if default is None else ""
    return _setting(
        default,
        f"true or false{nothing}",
        lambda value: isinstance(value, bool) or (value is None and default is None),
    )


def choice(default: object, *allowed: object) -> Any:
    """A setting with a fixed set of values."""
    return _setting(default, f"one of {', '.join(map(json.dumps, allowed))}", lambda value: value in allowed)


def whole(default: int | None, low: int, high: int) -> Any:
    """A setting that is a whole number within bounds; null is allowed where it is the default."""
    nothing = " or null" if default is None else ""
    return _setting(
        default,
        f"a whole number from {low} to {high}{nothing}",
        lambda value: (value is None and default is None) or (type(value) is int and low <= value <= high),
    )


def number(default: float, low: float, high: float) -> Any:
    """A setting that is a number within bounds."""
    return _setting(
        default,
        f"a number from {low} to {high}",
        lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high,
    )


def texts(expected: str, pattern: str) -> Any:
    """A setting that is a list of texts of one form; empty by default."""
    form = re.compile(pattern)
    return _setting(
        (),
        f"a list of {expected}",
        lambda value: isinstance(value, list) and all(isinstance(text, str) and form.fullmatch(text) for text in value),
        tuple,
    )


def text(expected: str, pattern: str) -> Any:
    """A setting that is a text of one form, or null; null by default."""
    form = re.compile(pattern)
    return _setting(
        None,
        f"{expected}, or null",
        lambda value: value is None or (isinstance(value, str) and form.fullmatch(value) is not None),
    )


def group(kind: type) -> dict[str, Any]:
    """The metadata of a setting that is an object of settings."""
    return {"read": lambda value, path: kind(**read_settings(kind, value, path))}


def groups(kind: type, name: str) -> dict[str, Any]:
    """The metadata of a setting that is an object of such objects under names of one's own, one of which must be.

    Args:
        kind: the dataclass of each.
        name: the one that there always is.
    """
    expected = f"an object with {json.dumps(name)}, under names of lower-case letters, digits and hyphens"
    return _groups(kind, r"[a-z][a-z0-9-]{0,30}", expected, {name})


def groups_of_models(kind: type) -> dict[str, Any]:
    """The metadata of a setting that is an object of such objects under names of models; there may be none.

    Args:
        kind: the dataclass of each.
    """
    return _groups(kind, MODEL, "an object under names of models: lower-case letters, digits, hyphens", set())


def _groups(kind: type, pattern: str, expected: str, needed: set[str]) -> dict[str, Any]:
    form = re.compile(pattern)

    def read(value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not needed <= value.keys() or not all(map(form.fullmatch, value)):
            raise InvalidStage(path, expected, list(value) if isinstance(value, Mapping) else value)
        return {each: kind(**read_settings(kind, value[each], f"{path}.{each}")) for each in value}

    return {"read": read}


def _setting(
    default: object, expected: str, valid: Callable[[Any], bool], convert: Callable[[Any], object] = lambda value: value
) -> Any:
    def read(value: object, path: str) -> object:
        if not valid(value):
            raise InvalidStage(path, expected, value)
        return convert(value)

    return field(default=default, metadata={"read": read})
