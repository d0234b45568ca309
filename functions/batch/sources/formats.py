"""Formats by the ending of a key."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from functions.batch.errors import FileRefused

if TYPE_CHECKING:
    from functions.batch.sources.view import Source

FORMATS = {
    "jsonl": "jsonl.JsonLines",
    "csv": "csv.CommaSeparated",
    "parquet": "parquet.Parquet",
    "npy": "npy.NpyArray",
    "zip": "images.Images",
}
"""The class that reads each; imported with the first file of it, as Arrow is not needed for all."""
COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}
COMPRESSIBLE = ("jsonl", "csv", "npy")
"""Formats that are not compressed inside."""


def format_of(key: str) -> tuple[str, str | None]:
    """Format and compression (gzip, zstd or None) of a key.

    Raises:
        FileRefused: its ending is none that is read.
    """
    name = key.rsplit("/", 1)[-1].lower()
    stem, _, ending = name.rpartition(".")
    compression = COMPRESSIONS.get(ending)
    if compression:
        ending = stem.rpartition(".")[2] if "." in stem else ""
    if ending not in FORMATS or (compression and ending not in COMPRESSIBLE):
        endings = ", ".join(f".{known}" for known in FORMATS)
        also = ", ".join(f".{known}" for known in COMPRESSIBLE)
        raise FileRefused(f"Expected a name that ends in {endings}, or {also} with .gz or .zst - got {name[-60:]!r}")
    return ending, compression


def source(name: str) -> "Source":
    """What reads a format of FORMATS."""
    module, _, kind = FORMATS[name].partition(".")
    reader: Any = getattr(import_module(f"functions.batch.sources.{module}"), kind)
    return cast("Source", reader())
