"""A file wherever it lies: its bytes by range, as a stream, or as a file object."""

import io
import os
from collections.abc import Iterator
from errno import EINVAL
from time import sleep
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from functions.batch.sources.limits import ATTEMPTS, BLOCK, PART, PAUSE
from functions.core.errors import StoreUnavailable
from functions.core.store import ObjectStore

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Opening(Protocol):
    """A file to read from. Every method raises StoreUnavailable or ObjectMissing where the file is not to be had."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, or to the file's own end."""

    def stream(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """The same in blocks of BLOCK bytes, but for the last one, so that windows never depend on a network."""

    def file(self) -> BinaryIO:
        """The same as a file that can be sought in."""


class LocalFile:
    """A file on this machine."""

    def __init__(self, path: str) -> None:
        """Look it up. Raises OSError where there is none."""
        self._path = path
        self.size = os.stat(path).st_size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`."""
        with open(self._path, "rb", buffering=0) as file:  # opened each time, there is nothing to be closed at the end
            file.seek(start)
            return file.read(max(0, min(end, self.size) - start))

    def stream(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end` in blocks."""
        stop = self.size if end is None else min(end, self.size)
        for at in range(start, stop, BLOCK):
            yield self.read(at, min(at + BLOCK, stop))

    def file(self) -> BinaryIO:
        """The file, at its beginning."""
        return cast("BinaryIO", io.BufferedReader(RangeReader(self), BLOCK))


class StoredFile:
    """An object of the store, at one version."""

    def __init__(self, store: ObjectStore, key: str, version_id: str | None = None) -> None:
        """Look it up.

        Raises:
            ObjectMissing: it is gone.
            StoreUnavailable: the store did not answer.
        """
        self._store, self._key, self._version = store, key, version_id
        self.size, self.etag, self.modified = store.head(key, version_id)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`."""
        return b"".join(self._received(start, min(end, self.size)))

    def stream(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end` in blocks."""
        return even(self._received(start, self.size if end is None else min(end, self.size)))

    def file(self) -> BinaryIO:
        """The object as a file that is read range by range."""
        return cast("BinaryIO", io.BufferedReader(RangeReader(self), BLOCK))

    def _received(self, start: int, end: int) -> Iterator[bytes]:
        """What comes, in chunks of any size."""
        for at in range(start, end, PART):
            # A part is taken in whole before its rows are answered: a request that waits for that would time out.
            yield from self._part(at, min(at + PART, end))

    def _part(self, start: int, end: int) -> list[bytes]:
        """The bytes of a part; after a fault it goes on at the byte that was reached."""
        chunks: list[bytes] = []
        failures = 0
        while start < end:
            try:
                for chunk in self._store.stream(self._key, start, end, self._version):
                    start += len(chunk)
                    chunks.append(chunk)
                    failures = 0
            except StoreUnavailable:
                failures += 1
                if failures == ATTEMPTS:
                    raise
                sleep(PAUSE * 2**failures)
        return chunks


class RangeReader(io.RawIOBase):
    """A raw file over the ranges of an opening."""

    def __init__(self, opening: Opening) -> None:
        self._opening, self._at = opening, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere. Raises OSError before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._opening.size}[whence]
        if base + offset < 0:
            raise OSError(EINVAL, f"There is nothing {-base - offset} bytes before the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        chunk = self._opening.read(self._at, self._at + len(view))
        view[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def even(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of BLOCK."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= BLOCK:
            yield bytes(held[:BLOCK])
            del held[:BLOCK]
    if held:
        yield bytes(held)
