"""What is wanted of a job's results: the JSON beside a dropped file, in its metadata, or of the jobs API."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson

from functions.batch.errors import FileRefused
from functions.core.errors import brief

FORMATS = ("jsonl", "csv", "parquet", "npy")
COMPRESSIONS = ("gzip", "zstd")
RESERVED = ("row", "prediction", "explanation")
"""Columns of the results that no carried column may take."""


class Options(NamedTuple):
    """Each may be left out."""

    format: str | None = None
    """Of the results; None: the input's, and jsonl for pictures."""
    carry: tuple[str, ...] = ()
    """Columns that go along to the results."""
    ignore: tuple[str, ...] | Literal["*"] = ()
    """Columns that are left unread; "*": all that the model does not know."""
    id: str | None = None
    """The column of the rows' own ids; None: `id`, where there is one."""
    parameters: Mapping[str, Any] = {}
    """As a request's, top_k or threshold; the model checks them."""
    explain: Mapping[str, Any] | None = None
    """Explain each row, with these parameters of an explanation; None: do not."""
    version: str | None = None
    """Of the model; None: the one that the key names, else the live one."""
    compression: str | None = None
    """Of the results, gzip or zstd; None: none."""

    @classmethod
    def read(cls, document: bytes, place: str) -> "Options":
        """From JSON.

        Raises:
            FileRefused: it is no JSON object, or a field is unknown or wrong; the message says which, and the place.
        """
        try:
            found = orjson.loads(document)
        except orjson.JSONDecodeError as error:
            raise FileRefused(f"Expected a JSON object - got {error} - in {place}") from error
        if type(found) is not dict:
            raise _refusal("a JSON object", found, place)
        for name in found:
            if name not in cls._fields:
                raise _refusal(f"only the options {', '.join(cls._fields)}", name, place)
        read = cls(**{name: _checked(name, value, place) for name, value in found.items()})
        if read.format == "parquet" and read.compression:
            raise _refusal("no compression of parquet, which compresses inside", read.compression, place)
        return read

    def render(self) -> dict[str, Any]:
        """The JSON document that `read` takes, without what is as it is anyway."""
        differing = {name: value for name, value in self._asdict().items() if value != self._field_defaults[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in differing.items()}


def _checked(name: str, value: Any, place: str) -> Any:
    at = f"{name} of {place}"
    if name in ("carry", "ignore"):
        return value if name == "ignore" and value == "*" else _names(name, value, at)
    if name == "parameters":
        return value if type(value) is dict else _refuse("an object", value, at)
    if value is None:
        return None
    if name == "explain":
        return value if type(value) is dict else _refuse("an object or null", value, at)
    known = {"format": FORMATS, "compression": COMPRESSIONS}.get(name)
    if known is not None:
        return value if value in known else _refuse(f"one of {', '.join(known)}", value, at)
    return value if type(value) is str and value else _refuse("text", value, at)


def _names(name: str, value: Any, at: str) -> tuple[str, ...]:
    if type(value) is not list or not all(type(column) is str and column for column in value):
        _refuse('a list of columns, or "*"' if name == "ignore" else "a list of columns", value, at)
    if len(set(value)) != len(value):
        _refuse("each column once", value, at)
    taken = [column for column in value if column in RESERVED] if name == "carry" else []
    if taken:
        _refuse(f"other columns than {', '.join(RESERVED)}, which results have of their own", taken, at)
    return tuple(value)


def _refuse(expected: str, got: object, at: str) -> Any:
    raise _refusal(expected, got, at)


def _refusal(expected: str, got: object, at: str) -> FileRefused:
    return FileRefused(f"Expected {expected} - got {brief(got)} - in {at}")
