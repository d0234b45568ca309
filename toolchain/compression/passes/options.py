"""Options of passes: a frozen dataclass each, filled from a recipe's text."""

import dataclasses
import math
import typing
from collections.abc import Mapping
from typing import Any

from toolchain.compression.errors import InvalidRecipe

Value = bool | int | float | str | tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class NoOptions:
    """A pass that has none."""


def configured(kind: type[Any], given: Mapping[str, Value], name: str) -> Any:
    """An instance of a pass's dataclass of options.

    Args:
        kind: its fields are of the types bool, int, float, str, Literal or tuple[str, ...].
        given: values by field; fields that are missing keep their defaults.
        name: the pass's, for messages.

    Raises:
        InvalidRecipe: a field is not known, or a value is not of its type or, says the dataclass, out of range.
    """
    fields = typing.get_type_hints(kind)
    for key, value in given.items():
        if key not in fields:
            known = ", ".join(fields) or "none"
            raise InvalidRecipe(f"{name} has no option {key!r}; it has {known}")
        if (expected := _refusal(fields[key], value)) is not None:
            raise InvalidRecipe(f"{name}'s {key} expected {expected}, got {value!r}")
    try:
        return kind(**given)
    except ValueError as fault:
        raise InvalidRecipe(f"{name}: {fault}") from None


def _refusal(kind: Any, value: Any) -> str | None:
    if typing.get_origin(kind) is typing.Literal:
        choices = typing.get_args(kind)
        right = any(type(value) is type(choice) and value == choice for choice in choices)
        return None if right else f"one of {', '.join(map(str, choices))}"
    if typing.get_origin(kind) is tuple:
        right = isinstance(value, (tuple, list)) and all(isinstance(item, str) for item in value)
        return None if right else "a list of texts"
    if kind is float:
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return None if right else "a number"
    return None if type(value) is kind else {bool: "true or false", int: "a whole number", str: "a text"}[kind]
