"""What is wanted of a job's results, from the options of a command line; the API checks what only it can know."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from toolchain.jobs.errors import UnusableFile


def wishes(given: str, flags: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the API takes them: those of the JSON, and over them those that have a flag.

    Args:
        given: a JSON object, or @ and the path of a file of one; nothing is none.
        flags: None where a flag is not given.

    Raises:
        UnusableFile: it is no JSON object.
    """
    found = _read(given) if given else {}
    chosen = {name: value for name, value in flags.items() if value is not None}
    top_k = chosen.pop("top_k", None)
    if top_k is not None:
        parameters = found.get("parameters") or {}
        chosen["parameters"] = {**parameters, "top_k": top_k} if isinstance(parameters, dict) else {"top_k": top_k}
    return found | chosen


def columns(text: str | None) -> list[str] | None:
    """Columns from a,b; None where none are given."""
    return None if text is None else [name for name in (each.strip() for each in text.split(",")) if name]


def _read(given: str) -> dict[str, Any]:
    text: str | bytes = given
    if given.startswith("@"):
        try:
            text = Path(given[1:]).read_bytes()
        except OSError as fault:
            raise UnusableFile("a file of JSON in --options", f"{given[1:]!r}: {fault.strerror or fault}") from None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        hint = 'as in --options \'{"carry": ["customer"]}\' or --options @wishes.json'
        raise UnusableFile("JSON in --options", str(error), hint) from None
    if not isinstance(found, dict):
        raise UnusableFile("a JSON object in --options", type(found).__name__)
    return found
