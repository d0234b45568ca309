"""NumPy's .npy: an array whose first dimension counts the rows; never objects, never pickle."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from math import prod
from typing import Any, NamedTuple

import numpy as np

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece, Refusal, Window
from functions.batch.sources.limits import WINDOW_BYTES
from functions.batch.sources.opening import Opening
from functions.batch.sources.view import View
from functions.core.errors import InvalidInput
from functions.core.tensors import DATATYPES, Array, TensorSpec

HEADER = 1 << 16
"""Bytes within which a header ends; numpy writes 128."""


class Header(NamedTuple):
    """What an array's file says of it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    """Of the first row."""

    @property
    def row_bytes(self) -> int:
        """Of a row."""
        return self.dtype.itemsize * prod(self.shape[1:])


class NpyArray:
    """Files of one array."""

    def head(self, opening: Opening) -> int:
        """The header, which says how a row is read."""
        return _header(opening).offset

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """Pieces in bytes."""
        header = _header(opening)
        rows = header.shape[0]
        _check_size(header, opening, aim)
        step = max(1, min(aim.piece_rows, -(-aim.piece_bytes // header.row_bytes)))
        for index, row in enumerate(range(0, rows, step)):
            count = min(step, rows - row)
            start = header.offset + header.row_bytes * row
            yield Piece(index, start, start + header.row_bytes * count, row, rows=count)

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """Tensors, of the model's type."""
        header = _header(opening)
        window = max(1, min(view.window, WINDOW_BYTES // header.row_bytes))
        row = piece.row
        for content in _cut(opening.stream(piece.start, piece.end), header.row_bytes * window):
            if len(content) % header.row_bytes:
                raise FileRefused("The file ends within a row")
            rows = np.frombuffer(content, header.dtype).reshape(-1, *header.shape[1:])
            yield _window(rows, row, view)
            row += len(rows)
        if (row - piece.row) * header.row_bytes != piece.end - piece.start:
            raise FileRefused("The file ends before its last row")


def _cut(blocks: Iterable[bytes], size: int) -> Iterator[memoryview]:
    """The same bytes in slices of that size, but for the last; few are copied."""
    held = b""
    for block in blocks:
        content = held + block if held else block
        whole = len(content) - len(content) % size
        for at in range(0, whole, size):
            yield memoryview(content)[at : at + size]
        held = content[whole:]
    if held:
        yield memoryview(held)


def _header(opening: Opening) -> Header:
    """Read the header. Raises FileRefused where it is none, or of an array that cannot be rows."""
    file = BytesIO(opening.read(0, HEADER))
    try:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")  # noqa: TRY301 - its words are those of the others
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except Exception as fault:  # the parser of a foreign format: whatever it says, the file is none of it
        raise FileRefused(f"The file is no array of NumPy: {str(fault).splitlines()[0][:200]}") from None
    if dtype.hasobject or dtype.names or dtype.kind not in "biuf":
        raise FileRefused(f"Expected an array of numbers - got the dtype {dtype}; objects and records are not read")
    if not shape:
        raise FileRefused("Expected an array of rows - got a single number")
    if fortran and len(shape) > 1:
        raise FileRefused("Expected an array in C order - got Fortran order; save np.ascontiguousarray(array)")
    if not prod(shape):
        raise FileRefused(f"The file has no rows: its shape is {list(shape)}")
    return Header(shape, dtype, file.tell())


def _check_size(header: Header, opening: Opening, aim: Aim) -> None:
    rows = header.shape[0]
    if rows > aim.max_rows:
        raise FileRefused(f"Expected at most {aim.max_rows} rows - got {rows}")
    expected = header.offset + rows * header.row_bytes
    if opening.size != expected:
        shape = f"{header.dtype} of shape {list(header.shape)}"
        raise FileRefused(f"Expected {expected} bytes, as the file says that it is {shape} - got {opening.size}")


def _window(rows: Array, first: int, view: View) -> Window:
    numbers = range(first, first + len(rows))
    if view.tabular is not None:
        return _features(rows, numbers, view)
    if len(view.tensors) != 1:
        raise FileRefused("Expected a file of another format, as .npy is for models that take one tensor of numbers")
    tensor, fitting = as_tensor(rows, view.tensors[0])
    if view.instances:
        return Window(numbers, rows.tolist())
    if fitting.all():
        return Window(numbers, tensors={view.tensors[0].name: tensor})
    expected = DATATYPES[view.tensors[0].datatype].expected
    refused = [Refusal(first + int(at), f"Expected {expected} - got another") for at in np.flatnonzero(~fitting)]
    kept = np.flatnonzero(fitting)
    return Window([first + int(at) for at in kept], tensors={view.tensors[0].name: tensor[kept]}, refused=refused)


def _features(rows: Array, numbers: range, view: View) -> Window:
    """A matrix of features in the declared order."""
    columns = view.tabular.columns
    flat = rows.reshape(len(rows), -1)
    if flat.shape[1] != len(columns.names) or rows.ndim > 2:
        names = ", ".join(columns.names[:10]) + (", ..." if len(columns.names) > 10 else "")
        expected = f"{len(columns.names)} columns ({names})"
        raise FileRefused(f"Expected an array of shape [rows, features] with {expected} - got {list(rows.shape[1:])}")
    try:
        if view.instances:
            return Window(numbers, _values(flat))
        checked = columns.matrix(flat.astype(np.float64), lambda index: f"instances[{index}]")
        return Window(numbers, tensors=view.tabular.feeds(checked))
    except InvalidInput:
        # Row by row it is said what is wrong, and with which of them; NaN is nothing, as in a table.
        return Window(numbers, _values(flat))


def _values(rows: Array) -> list[list[Any]]:
    return [[None if value != value else value for value in row] for row in rows.tolist()]


def as_tensor(rows: Array, spec: TensorSpec) -> tuple[Array, Array]:
    """Rows as the model takes them, and which of them it can take.

    Numbers become floats of another size, and integers narrower ones, where the value survives, as JSON's do.

    Raises:
        FileRefused: the shape or the kind of the numbers is another.
    """
    wanted = spec.shape[1:]
    dtype = DATATYPES[spec.datatype].dtype
    if len(rows.shape) - 1 != len(wanted) or any(
        want not in (-1, got) for want, got in zip(wanted, rows.shape[1:], strict=True)
    ):
        raise FileRefused(f"Expected rows of shape {list(wanted)} - got {list(rows.shape[1:])}")
    if rows.dtype == dtype:
        return rows, np.ones(len(rows), bool)
    kinds = {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}[dtype.kind]
    if rows.dtype.kind not in kinds:
        raise FileRefused(f"Expected numbers of the type {dtype} - got {rows.dtype}; save array.astype({str(dtype)!r})")
    with np.errstate(over="ignore", invalid="ignore"):
        tensor = rows.astype(dtype)
    lost = np.isinf(tensor) & ~np.isinf(rows) if dtype.kind == "f" else tensor != rows
    return tensor, ~lost.reshape(len(rows), -1).any(axis=1)
