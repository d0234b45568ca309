"""Fetching what was uploaded: each file is what was declared, and none is larger than it may be."""

from collections.abc import Mapping
from pathlib import Path

from functions.admin.errors import Refused
from functions.admin.limits import MIB, Limits
from functions.admin.uploads import Upload
from functions.core.errors import ObjectMissing, brief
from functions.core.manifest import FileRecord
from functions.core.store import ObjectStore

DIGESTS, SIZES = "digests", "sizes"
LARGEST: Mapping[str, int] = {
    "model.toml": MIB,
    "golden.json": 16 * MIB,
    "CARD.md": MIB,
    "report.json": 16 * MIB,
    "reference.json": MIB,
}
"""Bytes of the files that are read as text; any other may be as large as the graph."""


def fetch(upload: Upload, folder: Path, store: ObjectStore) -> str:
    """Download the files of an upload into a folder; returns a remark.

    Raises:
        Refused: a file was not uploaded, or is not the one that was declared.
        StoreUnavailable: the registry did not answer.
    """
    for name, record in upload.files.items():
        if Path(name).name != name or name in (".", ".."):
            raise Refused(DIGESTS, f"no file can be called {brief(name)}")
        try:
            found = FileRecord(*store.download(upload.key(f"files/{name}"), str(folder / name), record.size))
        except ObjectMissing:
            raise Refused(DIGESTS, f"{name} was not uploaded") from None
        if found != record:
            raise Refused(DIGESTS, f"{name} is not what was declared: {_difference(record, found)}")
    return f"{len(upload.files)} files"


def check_sizes(upload: Upload, limits: Limits) -> str:
    """Look at the sizes of the files, which are those that were declared; returns a remark.

    Raises:
        Refused: one is empty, or larger than it may be.
    """
    for name, record in upload.files.items():
        largest = LARGEST.get(name, limits.graph_bytes)
        if not 1 <= record.size <= largest:
            raise Refused(SIZES, f"expected {name} to have 1 to {largest} bytes - got {record.size}")
    return f"{sum(record.size for record in upload.files.values())} bytes"


def _difference(expected: FileRecord, got: FileRecord) -> str:
    if got.size != expected.size:
        return f"expected {expected.size} bytes - got {'more' if got.size > expected.size else got.size}"
    return f"expected SHA-256 {expected.sha256} - got {got.sha256}"
