"""What writes answers: the same bytes for the same answers, each time."""

import gzip
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol, cast

import orjson

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.rows import Answers, Refusal
from functions.core.predictor import Predictor

WRITERS = {
    "jsonl": "jsonl.JsonLines",
    "csv": "csv.Csv",
    "parquet": "parquet.Parquet",
    "npy": "npy.Npy",
}
"""The class that writes each; imported with the first result of it."""
COMPRESSIBLE = ("jsonl", "csv", "npy")
"""Formats that are not compressed inside."""
ENDINGS = {"gzip": ".gz", "zstd": ".zst"}
LEVEL = 6


class Writer(Protocol):
    """A part of the results."""

    arrays: bool
    """Whether it takes output tensors, in place of predictions."""

    def add(self, answers: Answers) -> None:
        """Write a window's answers behind those before."""

    def finish(self) -> bytes:
        """The whole part."""


def result_format(source: str, options: Options) -> str:
    """The format of results of a file of that format."""
    return options.format or (source if source in WRITERS else "jsonl")


def extension(name: str, options: Options) -> str:
    """How a part's key ends, without the leading dot."""
    return name + ENDINGS.get(options.compression or "", "")


def writer(name: str, options: Options, predictor: Predictor) -> Writer:
    """A writer of one part.

    Raises:
        FileRefused: the options or the model's answers do not fit the format.
    """
    if options.compression and name not in COMPRESSIBLE:
        raise FileRefused(f"Expected no compression of {name}, which compresses inside - got {options.compression}")
    module, _, kind = WRITERS[name].partition(".")
    made: Any = getattr(import_module(f"functions.batch.results.{module}"), kind)
    return cast("Writer", made(options, predictor))


def compressed(content: bytes, compression: str | None) -> bytes:
    """The content as the options want it; without a clock in it."""
    if compression == "gzip":
        return gzip.compress(content, LEVEL, mtime=0)
    if compression == "zstd":
        import pyarrow as pa  # most results are not compressed, and Arrow takes long to import

        return cast("bytes", pa.Codec("zstd").compress(content, asbytes=True))
    return content


def refusals(rows: Iterable[Refusal]) -> bytes:
    """JSON Lines of rows that have no answer."""
    return b"".join(
        orjson.dumps(
            {"row": row.row, "line": row.line or None, "id": row.id, "code": row.code, "error": row.reason},
            option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY,
        )
        for row in rows
    )
