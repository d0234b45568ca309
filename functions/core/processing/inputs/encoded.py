"""Strings that come in base64, as TensorFlow Serving has it: {"b64": "<base64>"} in a string's place."""

from binascii import a2b_base64
from typing import Any

from functions.core.errors import InvalidInput, brief


def decoded(value: Any, depth: int, path: str) -> Any:
    """Nested lists with the string itself wherever base64 of it stands; whatever else is in them stays as it is.

    Args:
        depth: how deep the lists are nested; below, nothing is looked at.

    Raises:
        InvalidInput: it is no base64, or of no UTF-8, which the strings of a model are.
    """
    if depth and type(value) is list:
        return [decoded(item, depth - 1, f"{path}[{index}]") for index, item in enumerate(value)]
    if type(value) is dict and value.keys() == {"b64"}:
        return _text(value["b64"], f"{path}.b64")
    return value


def _text(base64: object, path: str) -> str:
    try:
        if type(base64) is str:
            return a2b_base64(base64, strict_mode=True).decode()
    except ValueError:  # of both: a UnicodeDecodeError is one
        pass
    raise InvalidInput(path, "base64 of a string in UTF-8", brief(base64))
