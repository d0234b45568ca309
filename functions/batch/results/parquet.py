"""Answers as Parquet: the columns of the CSV, with types; lists of numbers are lists; compressed inside."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from functions.batch.options import Options
from functions.batch.results.columns import OPTION, Columns, Kind
from functions.batch.results.lane import Labels, is_narrow
from functions.batch.results.room import Room
from functions.batch.rows import Answers
from functions.core.predictor import Predictor
from functions.core.tensors import Array

TYPES = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "unsigned": pa.uint64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
}
FEW = ("boolean", "string")
"""Columns of these often say the same: they are written by a dictionary. Of numbers, hardly two are equal."""


class Parquet:
    """A row for each answer; numbers have 32 bits where predictions are those of the model's outputs as they are."""

    def __init__(self, options: Options, predictor: Predictor) -> None:
        self._columns = Columns(predictor, options)
        self.arrays = self._columns.lane is not None
        self._types = TYPES | ({"number": pa.float32()} if is_narrow(predictor) else {})
        self._rows = 0
        self._kinds: dict[str, Kind | None] = {}
        self._chunks: dict[str, list[Any]] = {}
        self._room = Room()

    def add(self, answers: Answers) -> None:
        """A row for each of these."""
        found = self._columns.of(answers)
        rows = len(answers.numbers)
        for name, column in found.items():
            if name not in self._kinds:
                self._kinds[name], self._chunks[name] = column.kind, [pa.nulls(self._rows)] if self._rows else []
            chunk = _carried(column.cells) if column.kind is None else self._typed(column.kind, column.cells)
            self._room.take(chunk.nbytes)
            self._chunks[name].append(chunk)
        for name in self._kinds.keys() - found.keys():
            self._chunks[name].append(pa.nulls(rows))
        self._rows += rows

    def finish(self) -> bytes:
        """The file."""
        if not self._kinds:
            self.add(Answers([]))
        columns = {name: _joined(chunks) for name, chunks in self._chunks.items()}
        kinds = self._kinds.items()
        few = [name for name, kind in kinds if kind is None or (kind.element in FEW and not kind.depth)]
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, compression="zstd", use_dictionary=few)
        return bytes(sink.getvalue().to_pybytes())

    def _typed(self, kind: Kind, cells: Sequence[Any] | Array | Labels) -> Any:
        """A column of the schema's type, so that it is the same in every part."""
        element = self._types[kind.element]
        if isinstance(cells, Labels):
            return pa.array(cells.names, element).take(pa.array(cells.places))
        if isinstance(cells, np.ndarray):
            return _listed(cells, element)
        if kind.depth:
            cells = orjson.loads(orjson.dumps(list(cells), option=OPTION))
        for _ in range(kind.depth):
            element = pa.list_(element)
        return pa.array(cells, element)


def _listed(values: Array, element: Any) -> Any:
    """An array [rows, ...] of numbers as a column of numbers, or of lists of them; null where one is not finite."""
    flat = np.ascontiguousarray(values).reshape(-1)
    lost = ~np.isfinite(flat)
    column = pa.array(flat, element, mask=lost if lost.any() else None)
    for axis in range(values.ndim - 1, 0, -1):
        size = values.shape[axis]
        lists = int(np.prod(values.shape[:axis]))
        column = pa.ListArray.from_arrays(pa.array(np.arange(lists + 1, dtype=np.int32) * size), column)
    return column


def _carried(cells: Any) -> Any:
    """A column as its values are; as text where they are of many types, as those of JSON may be."""
    found = {type(cell) for cell in cells if cell is not None}
    try:
        if len(found) <= 1:
            return pa.array(cells)
        if found == {int, float}:
            return pa.array(cells, pa.float64())
    except (pa.ArrowInvalid, OverflowError):
        pass  # integers that Arrow has no column for
    texts = [cell if cell is None or type(cell) is str else orjson.dumps(cell).decode() for cell in cells]
    return pa.array(texts, pa.string())


def _joined(chunks: Sequence[Any]) -> Any:
    """One column of the chunks of one, whose types may differ where it is carried."""
    known = {chunk.type for chunk in chunks if not pa.types.is_null(chunk.type)}
    if len(known) <= 1:
        kind = known.pop() if known else pa.null()
        return pa.concat_arrays([chunk if chunk.type == kind else pa.nulls(len(chunk), kind) for chunk in chunks])
    return _carried([cell for chunk in chunks for cell in chunk.to_pylist()])
