"""Text in lines: where they end, which are rows, and pieces of whole ones."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece
from functions.batch.sources.limits import MAX_LINE, WINDOW_BYTES
from functions.batch.sources.opening import Opening
from functions.core.tensors import Array

NEWLINE, QUOTE = 10, 34
BOM = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""What UTF-16, and UTF-32 of the first, begins with."""
TOO_LONG = f"Expected a row of at most {MAX_LINE} bytes - got a longer one"


class Dialect(NamedTuple):
    """How text falls into rows."""

    blanks: bytes
    """Of what a line consists that is no row."""
    quotes: bool
    """Whether a line end between double quotes belongs to the row."""


JSON_LINES = Dialect(b" \t\r", quotes=False)
COMMA_SEPARATED = Dialect(b"\r", quotes=True)


class Batch(NamedTuple):
    """Some rows as they stand in the file, without their line ends; those too long to be held are None."""

    texts: Sequence[bytes | None]
    first: int
    """Number of the first one in the file."""
    lines: Sequence[int]
    """The line that each begins in."""


def text_start(opening: Opening) -> int:
    """Where the text begins, behind a byte order mark.

    Raises:
        FileRefused: it is empty, or UTF-16.
    """
    head = opening.read(0, 4096)
    if not head:
        raise FileRefused("The file is empty: it has no rows")
    if head.startswith(WIDE_MARKS) or (head.count(0) * 4 >= len(head) and head.count(0)):
        raise FileRefused("Expected text in UTF-8 - got UTF-16 or binary data; save the file as UTF-8")
    return len(BOM) if head.startswith(BOM) else 0


class Blocks:
    """The line ends of a stream, block by block."""

    def __init__(self, dialect: Dialect, position: int, line: int) -> None:
        """Begin at a position that a row begins at, in the given line."""
        self._quotes = dialect.quotes
        self._blank = np.ones(256, bool)
        self._blank[[byte for byte in range(256) if byte not in dialect.blanks]] = False
        self._inside = False
        self._is_blank = True
        self.position = position
        """Of the next block's first byte."""
        self.row_start = position
        """Of the row that is not yet complete."""
        self.line = line
        """That it begins in."""
        self._seen_lines = 0

    def ends(self, block: bytes) -> tuple[Array, Array, Array]:
        """Look at the next block.

        Returns:
            For each line or row that ends in it: the index of its line end in the block, whether it is a row and not
            blank, and the number of lines up to and with its end, counted from the incomplete row's first.

        Raises:
            FileRefused: a quoted cell goes on for more than a row may be long.
        """
        data = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(data == NEWLINE)
        lines = np.arange(self._seen_lines + 1, self._seen_lines + len(ends) + 1)
        total = self._seen_lines + len(ends)
        if self._quotes and (self._inside or QUOTE in block):
            quotes = np.flatnonzero(data == QUOTE)
            inside = (np.searchsorted(quotes, ends) + self._inside) % 2 == 1
            self._inside = bool((len(quotes) + self._inside) % 2)
            ends, lines = ends[~inside], lines[~inside]
        rows = self._rows(data, ends)
        if len(ends):
            self.row_start, self.line = self.position + int(ends[-1]) + 1, self.line + int(lines[-1])
            total -= int(lines[-1])
        self._seen_lines = total
        self.position += len(block)
        if self._inside and total and self.position - self.row_start > MAX_LINE:
            reason = f"the row that begins in line {self.line} has a quote that does not end within {MAX_LINE} bytes"
            raise FileRefused(f"The file cannot be cut into rows: {reason}")
        return ends, rows, lines

    def last(self) -> bool:
        """Whether what stands behind the last line end is a row."""
        return self.row_start < self.position and not self._is_blank

    def _rows(self, data: Array, ends: Array) -> Array:
        """Whether what ends at each end is a row; remembers what the incomplete one is."""
        starts = np.concatenate(([0], ends + 1))
        stops = np.append(ends, len(data))
        # A line that begins with anything else is none of the blank ones; hardly a file has any.
        first = data[np.minimum(starts, len(data) - 1)]
        doubtful = self._blank[first] | (starts == stops)
        blank = np.zeros(len(starts), bool)
        if doubtful.any():
            solid = np.concatenate(([0], np.cumsum(~self._blank[data])))
            blank = solid[starts] == solid[stops]
        blank[0] &= self._is_blank
        self._is_blank = bool(blank[-1])
        return ~blank[:-1]


def pieces(opening: Opening, dialect: Dialect, aim: Aim, start: int, line: int) -> Iterator[Piece]:
    """Cut text into pieces of whole rows.

    Args:
        start: where the first row begins, in the given line.

    Raises:
        FileRefused: there are no rows, or too many.
    """
    blocks, piece, row, index = Blocks(dialect, start, line), Piece(0, start, start, 0, line), 0, 0
    for block in opening.stream(start):
        position, first_line = blocks.position, blocks.line
        ends, is_row, lines = blocks.ends(block)
        counts = row + np.cumsum(is_row)
        at = 0
        while (cut := _cut(ends[at:] + position + 1, counts[at:], piece, aim)) is not None:
            at += cut
            end, count = position + int(ends[at]) + 1, int(counts[at])
            yield piece._replace(end=end, rows=count - piece.row)
            index += 1
            piece = Piece(index, end, end, count, first_line + int(lines[at]))
            at += 1
        row = int(counts[-1]) if len(counts) else row
        _check_rows(row, aim)
    row += blocks.last()
    _check_rows(row, aim)
    if not row:
        raise FileRefused("The file has no rows")
    if row > piece.row:
        yield piece._replace(end=blocks.position, rows=row - piece.row)


def batches(opening: Opening, dialect: Dialect, piece: Piece, window: int) -> Iterator[Batch]:
    """The rows of a piece, at most `window` at once and bounded in bytes; always the same."""
    blocks, row = Blocks(dialect, piece.start, piece.line), piece.row
    texts: list[bytes | None] = []
    lines: list[int] = []
    held, size = Remains(), 0
    for block in opening.stream(piece.start, piece.end):
        first_line = blocks.line
        ends, is_row, counted = blocks.ends(block)
        found = held.rows(block, ends)
        begins = [first_line, *(first_line + counted[:-1]).tolist()] if len(ends) else []
        if not is_row.all():
            found = [text for text, kept in zip(found, is_row, strict=True) if kept]
            begins = [begin for begin, kept in zip(begins, is_row, strict=True) if kept]
        texts += found
        lines += begins
        size += len(block)
        least = 1 if size >= WINDOW_BYTES else window
        at = 0
        while len(texts) - at >= least:
            yield Batch(texts[at : at + window], row, lines[at : at + window])
            row += len(texts[at : at + window])
            at += window
        if at:
            del texts[:at], lines[:at]
            size = len(block)
    if blocks.last():
        texts.append(held.text())
        lines.append(blocks.line)
    for at in range(0, len(texts), window):
        yield Batch(texts[at : at + window], row + at, lines[at : at + window])


class Remains:
    """What a block left of a row that goes on in the next."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def rows(self, block: bytes, ends: Array) -> list[bytes | None]:
        """What ends in the block; keeps the rest."""
        found: list[bytes | None] = []
        at = 0
        for end in ends.tolist():
            found.append(block[at:end])
            at = end + 1
        if found:
            self._keep(found[0] or b"")
            found[0] = self.text()
        self._keep(block[at:])
        return found

    def text(self) -> bytes | None:
        """The row, and forget it; None where it is longer than a row may be."""
        text = b"".join(self._parts) if self._size <= MAX_LINE else None
        self._parts, self._size = [], 0
        return text

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= MAX_LINE:
            self._parts.append(part)
        else:
            self._parts = []


def numbers(batch: Batch) -> range:
    """Of its rows in the file."""
    return range(batch.first, batch.first + len(batch.texts))


def _cut(ends: Array, counts: Array, piece: Piece, aim: Aim) -> int | None:
    """The first of the row ends at which the piece is long enough and has a row."""
    if not len(ends):
        return None
    by_bytes = int(np.searchsorted(ends, piece.start + aim.piece_bytes))
    by_rows = int(np.searchsorted(counts, piece.row + aim.piece_rows))
    cut = max(min(by_bytes, by_rows), int(np.searchsorted(counts, piece.row + 1)))
    return cut if cut < len(ends) else None


def _check_rows(rows: int, aim: Aim) -> None:
    if rows > aim.max_rows:
        raise FileRefused(f"Expected at most {aim.max_rows} rows - got more")
