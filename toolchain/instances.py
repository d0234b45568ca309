"""What a person gives on the command line - JSON, a file of it, a picture - as the body of a request."""

import base64
import sys
from pathlib import Path
from typing import Any

import orjson

from functions.core.errors import OrtlessError, brief

PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
"""How PNG, JPEG and WebP files begin."""


class UnusableInput(OrtlessError):
    """What should be sent is neither JSON nor a picture, or is not there."""

    code = "unusable_input"

    def __init__(self, expected: str, got: str, hint: str) -> None:
        super().__init__(f"Expected {expected} - got {got}\nhint: {hint}")


def from_argument(text: str) -> dict[str, Any]:
    """The body for one instance: JSON, or the path of a picture or of a file of JSON.

    Raises:
        UnusableInput: it is none of them.
    """
    try:
        return {"instances": [orjson.loads(text)]}
    except orjson.JSONDecodeError:
        path = Path(text)
    if not _is_file(path):
        hint = "quote JSON for the shell: '[1, 2, 3]' or '{\"x1\": 1}'"
        raise UnusableInput("JSON, or the path of a picture or of a JSON file", brief(text), hint)
    content = path.read_bytes()
    if content.startswith(PICTURES):
        return {"instances": [{"image": {"b64": base64.b64encode(content).decode()}}]}
    return _body(content, str(path))


def from_list(text: str) -> dict[str, Any]:
    """The body for a list of instances in JSON. Raises UnusableInput where it is none."""
    return _body(text.encode(), "--instances")


def from_file(path: Path) -> dict[str, Any]:
    """The body in a file of JSON; `-` is standard input. Raises UnusableInput where it cannot be read."""
    if str(path) == "-":
        return _body(sys.stdin.buffer.read(), "standard input")
    if not _is_file(path):
        raise UnusableInput("a file of JSON", brief(str(path)), "give a path, or - for standard input")
    return _body(path.read_bytes(), str(path))


def _body(content: bytes, place: str) -> dict[str, Any]:
    hint = 'it is [<instance>, ...] or {"instances": [<instance>, ...]}'
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise UnusableInput(f"JSON in {place}", f"something else ({fault})", hint) from None
    if isinstance(value, dict) and "instances" in value:
        return value
    if isinstance(value, list):
        return {"instances": value}
    raise UnusableInput(f"a list of instances in {place}", brief(value), hint)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a path, or with a character that none has
        return False
