"""Apache Parquet: row groups that Arrow reads batch by batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece, Window
from functions.batch.sources.columns import layout
from functions.batch.sources.limits import BLOCK, MAX_FOOTER, RATIO, RATIO_FROM, WINDOW_BYTES
from functions.batch.sources.opening import Opening
from functions.batch.sources.tables import Tables
from functions.batch.sources.view import View

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MAGIC = b"PAR1"
LEAST_BATCH = 8192
"""Rows that are decoded at once where they are small: a batch costs some microseconds for each column."""


class Parquet:
    """Files of columns."""

    def head(self, opening: Opening) -> int:  # noqa: ARG002 - other formats look at it
        """None: what a piece needs is at the file's end."""
        return 0

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """Pieces in rows: whole row groups where they are small enough, else slices of one."""
        with _opened(opening) as file:
            metadata = file.metadata
            _check(metadata, aim)
            groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
            sizes = [(group.num_rows, max(1, group.total_byte_size)) for group in groups if group.num_rows]
        index = start = row = taken = 0
        for rows, size in sizes:
            step = max(1, min(aim.piece_rows, aim.piece_bytes * rows // size))
            if row > start and (row - start + rows > aim.piece_rows or taken + size > aim.piece_bytes):
                yield Piece(index, start, row, start, rows=row - start)
                index, start, taken = index + 1, row, 0
            taken += size
            row += rows
            while row - start > step and rows > step:
                yield Piece(index, start, start + step, start, rows=step)
                index, start, taken = index + 1, start + step, 0
        if row > start:
            yield Piece(index, start, row, start, rows=row - start)

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """Tensors where all is numbers, else instances."""
        with _opened(opening) as file:
            found = layout(file.schema_arrow.names, view)
            texts = _texts(file.schema_arrow, found.used)
        with _opened(opening, texts) as file:
            tables = Tables(found, view)
            row = piece.row
            for batch in _batches(file, piece, found.used, view.window):
                yield from tables.windows(batch, row, view.window)
                row += batch.num_rows
            if row - piece.row != piece.end - piece.start:
                raise FileRefused(f"Expected {piece.end - piece.start} rows, as the file says - got {row - piece.row}")


def _batches(file: "pq.ParquetFile", piece: Piece, names: tuple[str, ...], window: int) -> Iterator[Any]:
    """The record batches of a piece."""
    groups, skipped, at, size = [], 0, 0, 0
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        if at + group.num_rows <= piece.start:
            skipped = at + group.num_rows
        elif at < piece.end:
            groups.append(index)
            size = max(size, group.total_byte_size // max(1, group.num_rows))
        at += group.num_rows
    skip, left = piece.start - skipped, piece.end - piece.start
    most = max(1, WINDOW_BYTES // max(1, size))
    rows = min(most, max(LEAST_BATCH // window, 1) * window)
    for batch in file.iter_batches(batch_size=rows, row_groups=groups, columns=list(names), use_threads=False):
        if skip >= batch.num_rows:
            skip -= batch.num_rows
            continue
        taken = batch.slice(skip, left)
        skip, left = 0, left - taken.num_rows
        yield taken
        if not left:
            return


@contextmanager
def _opened(opening: Opening, texts: Sequence[str] = ()) -> Iterator["pq.ParquetFile"]:
    """The file in Arrow's hands. Raises FileRefused where Arrow cannot read it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    head, tail = opening.read(0, 4), opening.read(max(0, opening.size - 8), opening.size)
    if head != MAGIC or tail[4:] != MAGIC or opening.size < 12:
        raise FileRefused("The file is no Parquet, or not all of it" if opening.size else "The file is empty")
    footer = int.from_bytes(tail[:4], "little")
    most = min(MAX_FOOTER, opening.size - 12)
    if footer > most:
        raise FileRefused(f"Expected a Parquet footer of at most {most} bytes - got {footer}")
    try:
        with pq.ParquetFile(opening.file(), read_dictionary=list(texts), buffer_size=BLOCK, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise FileRefused(f"The file cannot be read as Parquet: {str(fault).splitlines()[0][:200]}") from None


def _texts(schema: "pa.Schema", names: Sequence[str]) -> list[str]:
    """Columns of texts: they stay in dictionaries, as a long text that is meant a million times is a bomb otherwise."""
    import pyarrow as pa

    kinds = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
    return [name for name in names if schema.field(name).type in kinds]


def _check(metadata: "pq.FileMetaData", aim: Aim) -> None:
    """Refuse what the footer gives away: too many rows, none, or columns that grow beyond reason."""
    if not metadata.num_rows:
        raise FileRefused("The file has no rows")
    if metadata.num_rows > aim.max_rows:
        raise FileRefused(f"Expected at most {aim.max_rows} rows - got {metadata.num_rows}")
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    if sum(group.num_rows for group in groups) != metadata.num_rows:
        raise FileRefused("The Parquet footer contradicts itself: its row groups have other rows than the file")
    for group in groups:
        for index in range(group.num_columns):
            column = group.column(index)
            whole, packed = column.total_uncompressed_size, max(1, column.total_compressed_size)
            if whole > RATIO_FROM and whole > RATIO * packed:
                raise FileRefused(f"The column {column.path_in_schema!r} would grow {whole // packed} times when read")
