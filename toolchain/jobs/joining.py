"""Parts of results, which are files of their own, as the one file that they are parts of.

Lines follow one another, compressed or not: members of gzip and frames of zstd do, too. A table's header stands once.
Arrays of the same rows become one. What cannot be joined without a library that reads it stays in parts.
"""

import ast
import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

BLOCK = 1 << 20
LONGEST_HEADER = 16 << 20
LINES = ("jsonl", "jsonl.gz", "jsonl.zst")
TABLES = ("csv", "csv.gz")
MAGIC = b"\x93NUMPY"
ALIGNED = 64
"""Bytes that the header of an array is a multiple of."""


def join(ending: str, parts: Sequence[Path], to: Path) -> bool:
    """Join parts in their order, if that can be done; then they are gone, as the disk need not hold both.

    Args:
        ending: of the parts' names, as csv.gz.
        to: on the same disk.
    """
    skipped = _skipped(ending, parts)
    if skipped is None:
        return False
    first, *others = parts
    if ending == "npy":
        _write_array(parts, skipped, to)
        return True
    first.replace(to)
    with to.open("ab") as joined:
        for part, skip in zip(others, skipped[1:], strict=True):
            _append(ending, part, skip, joined)
            part.unlink()
    return True


def _skipped(ending: str, parts: Sequence[Path]) -> list[int] | None:
    """Bytes at the beginning of each part that the whole does not have; None where parts cannot be joined."""
    if ending in LINES:
        return [0] * len(parts)
    if ending in TABLES:
        headers = [_header(ending, part) for part in parts]
        return [len(header) for header in headers] if len(set(headers)) == 1 and headers[0] else None
    if ending == "npy":
        arrays = [_array(part) for part in parts]
        alike = {(array.descr, array.row) for array in arrays if array}
        return [array.offset for array in arrays if array] if len(alike) == 1 and None not in arrays else None
    return None


def _opened(ending: str, part: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(part)) if ending.endswith(".gz") else part.open("rb")


def _append(ending: str, part: Path, skip: int, joined: IO[bytes]) -> None:
    if skip and ending.endswith(".gz"):
        with gzip.open(part) as source, gzip.GzipFile("", "wb", fileobj=joined, mtime=0) as member:
            source.seek(skip)
            shutil.copyfileobj(source, member, BLOCK)
        return
    with part.open("rb") as source:
        source.seek(skip)
        shutil.copyfileobj(source, joined, BLOCK)


def _header(ending: str, part: Path) -> bytes:
    """The first record of a table, its line end included; a name in it may have line ends of its own."""
    header = b""
    with _opened(ending, part) as source:
        while line := source.readline(LONGEST_HEADER):
            header += line
            if header.count(b'"') % 2 == 0 or len(header) > LONGEST_HEADER:
                break
    return header


class _Array(NamedTuple):
    descr: str
    rows: int
    row: tuple[int, ...]
    """Shape of one."""
    offset: int


def _array(part: Path) -> _Array | None:
    """What an array's file says of it; None where that is not what results are."""
    with part.open("rb") as source:
        if source.read(6) != MAGIC:
            return None
        width = 2 if source.read(2)[0] == 1 else 4
        size = int.from_bytes(source.read(width), "little")
        known: dict[str, Any] = ast.literal_eval(source.read(size).decode("latin-1"))
    rows, *row = known["shape"]
    return None if known["fortran_order"] and row else _Array(known["descr"], rows, tuple(row), 8 + width + size)


def _write_array(parts: Sequence[Path], skipped: Sequence[int], to: Path) -> None:
    arrays = [cast("_Array", _array(part)) for part in parts]
    shape = (sum(array.rows for array in arrays), *arrays[0].row)
    text = repr({"descr": arrays[0].descr, "fortran_order": False, "shape": shape})
    size = -(-(len(MAGIC) + 4 + len(text) + 1) // ALIGNED) * ALIGNED - len(MAGIC) - 4
    with to.open("wb") as joined:
        joined.write(MAGIC + b"\x01\x00" + size.to_bytes(2, "little") + text.ljust(size - 1).encode() + b"\n")
        for part, skip in zip(parts, skipped, strict=True):
            _append("npy", part, skip, joined)
            part.unlink()
