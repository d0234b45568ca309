"""Answers as Parquet: the columns of the CSV, with types; compressed inside."""

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from functions.batch.options import Options
from functions.batch.results.columns import Columns, Table
from functions.batch.rows import Answers
from functions.core.predictor import Predictor

TYPES = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "string": pa.string()}


class Parquet:
    """A row for each answer."""

    arrays = False

    def __init__(self, _options: Options, predictor: Predictor) -> None:
        self._table = Table(Columns(predictor.postprocess.schema()))

    def add(self, answers: Answers) -> None:
        """A row for each of these."""
        self._table.add(answers)

    def finish(self) -> bytes:
        """The file."""
        kinds = {"row": "integer"} | self._table.kinds
        columns = {name: _array(cells, kinds.get(name)) for name, cells in self._table.cells.items()}
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, compression="zstd")
        return bytes(sink.getvalue().to_pybytes())


def _array(cells: list[Any], kind: str | None) -> Any:
    """A column of the schema's type, so that it is the same in every part; a carried one as its values are."""
    found = {type(cell) for cell in cells if cell is not None}
    if kind is None and len(found) <= 1:
        return pa.array(cells)
    if kind is None and found == {int, float}:
        kind = "number"
    if kind in (None, "string"):
        # A carried column of JSON may mix types, a prediction may be nested: text holds them all.
        return pa.array([cell if cell is None or type(cell) is str else _text(cell) for cell in cells], pa.string())
    return pa.array(cells, TYPES[kind])


def _text(cell: object) -> str:
    return orjson.dumps(cell).decode()
