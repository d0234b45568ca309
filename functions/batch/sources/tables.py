"""Windows of columns that Arrow holds: as one matrix where every feature is a number, else as instances."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from functions.batch.rows import Refusal, Window
from functions.batch.sources.columns import ARRAY, SINGLE, Layout
from functions.batch.sources.npy import as_tensor
from functions.batch.sources.view import View
from functions.core.errors import InvalidInput
from functions.core.tensors import Array

if TYPE_CHECKING:
    import pyarrow as pa

NESTED = "json"


class Tables:
    """Record batches of one layout, as windows."""

    def __init__(self, layout: Layout, view: View) -> None:
        self._layout, self._view = layout, view

    def windows(self, batch: "pa.RecordBatch", first: int, most: int) -> Iterator[Window]:
        """The windows of a record batch, at most that many rows each; numbers are read all at once, and then cut."""
        tensors = None if self._view.instances else self._tensors(batch)
        for at in range(0, batch.num_rows, most):
            part, row = batch.slice(at, most), first + at
            if tensors is None:
                yield self.window(part, row)
                continue
            cut = {name: tensor[at : at + most] for name, tensor in tensors.items()}
            yield Window(range(row, row + part.num_rows), tensors=cut, carried=self._carried(part))

    def window(self, batch: "pa.RecordBatch", first: int, lines: Sequence[int] = ()) -> Window:
        """The window of a record batch whose first row has that number."""
        numbers = range(first, first + batch.num_rows)
        tensors = None if self._view.instances else self._tensors(batch)
        if tensors is not None:
            return Window(numbers, tensors=tensors, carried=self._carried(batch), lines=lines)
        columns = {name: _values(batch.column(name)) for name in self._layout.used}
        return self.instances(columns, numbers, lines, [])

    def instances(
        self, columns: dict[str, list[Any]], numbers: Sequence[int], lines: Sequence[int], refused: list[Refusal]
    ) -> Window:
        """The window of columns of Python values."""
        carried = self._layout.carried({name: _plain(column) for name, column in columns.items()})
        read = {name: self._cells(name, columns[name]) for name in self._layout.features}
        return Window(numbers, self._layout.instances(read), carried=carried, refused=refused, lines=lines)

    def _carried(self, batch: "pa.RecordBatch") -> dict[str, Sequence[Any]]:
        """What goes along, ids included."""
        beside = [*self._layout.carry, *([self._layout.id] if self._layout.id else [])]
        return self._layout.carried({name: _plain(_values(batch.column(name))) for name in beside})

    def _cells(self, name: str, column: list[Any]) -> list[Any]:
        """Cells as the instance has them: NaN is nothing, and nested ones may be JSON text."""
        if self._layout.kinds[name] == NESTED:
            return [_parsed(cell) for cell in column]
        return [None if cell != cell else cell for cell in column] if float in set(map(type, column)) else column

    def _tensors(self, batch: "pa.RecordBatch") -> dict[str, Array] | None:
        """Feeds without a look at each value; None where there has to be one."""
        layout, view = self._layout, self._view
        if view.tabular is not None:
            names = view.tabular.columns.names
            values = _matrix(batch, names, np.float64)
            if values is None:
                return None
            try:
                return dict(view.tabular.feeds(view.tabular.columns.matrix(values, str)))
            except InvalidInput:
                return None  # row by row it is said what is wrong, and with which of them
        if len(view.tensors) != 1 or layout.kind not in (ARRAY, SINGLE):
            return None
        spec = view.tensors[0]
        rows = _lists(batch.column(layout.features[0])) if layout.kind == SINGLE else None
        if rows is None and layout.kind == ARRAY and len(spec.shape) == 2:
            rows = _matrix(batch, layout.features, None)
        if rows is None or rows.shape[1:] != spec.shape[1:] or rows.dtype.kind == "b" or np.isnan(rows).any():
            return None
        if rows.dtype.kind == "f" and spec.datatype[:2] != "FP":
            return None
        tensor, fitting = as_tensor(rows, spec)
        return {spec.name: tensor} if fitting.all() else None


def _values(column: "pa.Array") -> list[Any]:
    """Python values; equal ones of a dictionary are one object, however often they are meant."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    found, places = np.unique(column.indices.fill_null(-1).to_numpy(zero_copy_only=False), return_inverse=True)
    values = column.dictionary.take(pa.array(found[found >= 0])).to_pylist()
    if len(values) < len(found):
        values.insert(0, None)
    return [values[place] for place in places.tolist()]


def _matrix(batch: "pa.RecordBatch", names: Sequence[str], dtype: Any) -> Array | None:
    """Columns of numbers side by side, NaN where there is none; None where a column is of something else."""
    columns = []
    present = set(batch.schema.names)
    for name in names:
        column = _numbers(batch.column(name)) if name in present else np.full(batch.num_rows, np.nan)
        if column is None:
            return None
        columns.append(column)
    matrix = np.empty((batch.num_rows, len(columns)), dtype or np.result_type(*columns))
    for at, column in enumerate(columns):
        matrix[:, at] = column
    return matrix


def _numbers(column: "pa.Array") -> Array | None:
    dtype = _dtype(column.type)
    if dtype is None:
        return None
    return np.asarray(column.to_numpy(zero_copy_only=column.null_count == 0))  # nulls make it floats with NaN


def _lists(column: "pa.Array") -> Array | None:
    """A column of lists of equally many numbers as a matrix; None where it is none."""
    import pyarrow.types as types

    if types.is_fixed_size_list(column.type):
        width = column.type.list_size
    elif types.is_list(column.type) or types.is_large_list(column.type):
        lengths = np.diff(column.offsets.to_numpy())
        width = int(lengths[0]) if len(lengths) and (lengths == lengths[0]).all() else 0
    else:
        return None
    values = column.flatten()
    if not width or column.null_count or values.null_count or len(values) != width * len(column):
        return None
    flat = _numbers(values)
    return None if flat is None else flat.reshape(len(column), width)


def _dtype(kind: Any) -> Any:
    """NumPy's type of a column of numbers, None of any other."""
    import pyarrow.types as types

    return kind.to_pandas_dtype() if types.is_integer(kind) or types.is_floating(kind) else None


def _parsed(cell: Any) -> Any:
    """A nested cell: JSON text, or what the file itself has nested; what is neither is left for the model to refuse."""
    if isinstance(cell, str):
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell


def _plain(column: list[Any]) -> list[Any]:
    """Values that can be written anywhere: what JSON has no form of becomes text."""
    plain: Callable[[Any], bool] = lambda cell: cell is None or type(cell) in (str, int, float, bool, list, dict)  # noqa: E731
    return column if all(map(plain, column)) else [cell if plain(cell) else str(cell) for cell in column]
