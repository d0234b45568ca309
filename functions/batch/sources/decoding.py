"""Compressed files as the ones that they were: gzip and zstd, without what only wants to fill a disk."""

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from functions.batch.errors import FileRefused
from functions.batch.sources.limits import BLOCK, MAX_DECODED, RATIO, RATIO_FROM
from functions.batch.sources.opening import Opening, RangeReader, even

GZIP = 31
"""What zlib calls a window of 32 KiB within gzip's frame."""
HEAD = 2 * BLOCK
"""Decoded bytes of the beginning that are kept, as a header is asked for with every piece."""


def opened(opening: Opening, compression: str | None) -> Opening:
    """The file as its rows stand in it."""
    return Decoded(opening, compression) if compression else opening


class Decoded:
    """The decoded content of a compressed file; what is asked for in order is decoded once."""

    def __init__(self, opening: Opening, compression: str) -> None:
        """Args: compression: gzip or zstd."""
        self._opening, self._compression = opening, compression
        self._size: int | None = None
        self._head = b""
        self._chunks: Iterator[bytes] = iter(())
        self._chunk, self._at = b"", 0
        self._reader: object = None

    @property
    def size(self) -> int:
        """Decoded bytes in all; the first time it takes a pass over the file. Raises FileRefused as `stream` does."""
        if self._size is None:
            self._size = sum(map(len, self._decoded()))
        return self._size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`. Raises FileRefused as `stream` does."""
        if not self._head:
            self._head = b"".join(self._slices(0, HEAD))
        if end <= len(self._head) or len(self._head) < HEAD:
            return self._head[start:end]
        return b"".join(self._slices(start, end))

    def stream(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end` in blocks.

        Raises:
            FileRefused: it is damaged, not compressed that way, or grows more than honest files do.
        """
        return even(self._slices(start, end))

    def file(self) -> BinaryIO:
        """The content as a file; seeking back decodes anew."""
        return cast("BinaryIO", io.BufferedReader(RangeReader(self), BLOCK))

    def _slices(self, start: int, end: int | None) -> Iterator[bytes]:
        """From where decoding stands if that is not too far, else from the beginning; several readers may alternate."""
        reader = object()
        while end is None or start < end:
            if self._reader is not reader:
                self._reader = reader
                if self._at > start or not self._chunk:
                    self._chunks, self._chunk, self._at = self._decoded(), b"", 0
            if self._at + len(self._chunk) <= start:
                self._at += len(self._chunk)
                self._chunk = next(self._chunks, b"")
                if not self._chunk:
                    return
                continue
            found = self._chunk[start - self._at : None if end is None else end - self._at]
            start += len(found)
            yield found

    def _decoded(self) -> Iterator[bytes]:
        """All of it, in chunks of at most BLOCK, watched."""
        total, taken = 0, Counted(self._opening)
        decode = _gzip if self._compression == "gzip" else _zstd
        for chunk in decode(taken):
            total += len(chunk)
            if total > MAX_DECODED:
                raise FileRefused(f"Expected at most {MAX_DECODED} decoded bytes - got more")
            if total > RATIO_FROM and total > RATIO * taken.bytes:
                raise FileRefused(f"The file grows more than {RATIO} times when decoded, as no file of rows does")
            if chunk:
                yield chunk
        self._size = total


class Counted:
    """The compressed bytes, and how many of them have been taken."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.bytes = 0

    def blocks(self) -> Iterator[bytes]:
        """The file in blocks."""
        for block in self.opening.stream(0):
            self.bytes += len(block)
            yield block


def _gzip(taken: Counted) -> Iterator[bytes]:
    """Members one after the other; zeros may pad the last one."""
    member, is_begun, is_first = zlib.decompressobj(GZIP), False, True
    for block in taken.blocks():
        data = block
        while data := data if is_begun or is_first else data.lstrip(b"\0"):
            is_begun, is_first = True, False
            yield _inflated(member, data)
            data = member.unconsumed_tail
            if member.eof:
                data, member, is_begun = member.unused_data, zlib.decompressobj(GZIP), False
    while is_begun and not member.eof:
        if not (chunk := _inflated(member, b"")):
            raise FileRefused("The file cannot be decoded as gzip: it ends too early")
        yield chunk


def _inflated(member: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return member.decompress(data, BLOCK)
    except zlib.error as fault:
        raise FileRefused(f"The file cannot be decoded as gzip: {fault}") from None


def _zstd(taken: Counted) -> Iterator[bytes]:
    import pyarrow as pa  # only this compression needs it

    try:
        with pa.CompressedInputStream(pa.PythonFile(Feed(taken), "r"), "zstd") as stream:
            while chunk := stream.read(BLOCK):
                yield chunk
    except (pa.ArrowException, OSError) as fault:
        raise FileRefused(f"The file cannot be decoded as zstd: {str(fault).splitlines()[0][:200]}") from None


class Feed(io.RawIOBase):
    """Blocks as a file that is read once through."""

    def __init__(self, taken: Counted) -> None:
        self._blocks, self._rest = taken.blocks(), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes."""
        if not self._rest:
            self._rest = next(self._blocks, b"")
        stop = len(self._rest) if size < 0 else size
        found, self._rest = self._rest[:stop], self._rest[stop:]
        return found
