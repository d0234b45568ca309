"""Comma-separated values, as RFC 4180 has them: a header, then a row a line, quotes around what needs them."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece, Refusal, Window
from functions.batch.sources.columns import Layout, layout
from functions.batch.sources.limits import MAX_LINE
from functions.batch.sources.lines import COMMA_SEPARATED, TOO_LONG, Batch, Blocks, batches, numbers, pieces, text_start
from functions.batch.sources.opening import Opening
from functions.batch.sources.tables import Tables
from functions.batch.sources.view import View

if TYPE_CHECKING:
    import pyarrow as pa

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
INTEGER = re.compile(r"\s*[+-]?\d{1,19}\s*", re.ASCII)
WORDS = {"true": True, "false": False}
FAST = frozenset(("number", "integer", "string"))
"""Kinds of cells that Arrow reads as they are read here."""

# A row may be as long as that, and so may its only cell; the module's own limit is an eighth.
csv.field_size_limit(MAX_LINE)


class Header(NamedTuple):
    """The first row."""

    names: list[str]
    end: int
    """Where the rows begin."""
    line: int
    """The line that they begin in."""


class CommaSeparated:
    """Files of a header and rows."""

    def head(self, opening: Opening) -> int:
        """The header, without which no row can be read."""
        return _header(opening).end

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """Pieces in bytes."""
        header = _header(opening)
        return pieces(opening, COMMA_SEPARATED, aim, header.end, header.line)

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """Tensors where all is numbers, else instances."""
        names = _header(opening).names
        found = layout(names, view)
        tables, rows = Tables(found, view), Rows(names, found)
        for batch in batches(opening, COMMA_SEPARATED, piece, view.window):
            table = rows.table(batch)
            if table is None:
                columns, kept, refused = rows.columns(batch)
                lines = [batch.lines[index] for index in kept]
                yield tables.instances(columns, [batch.first + index for index in kept], lines, refused)
            else:
                yield tables.window(table, batch.first, batch.lines)


class Rows:
    """What becomes of the text of rows."""

    def __init__(self, names: Sequence[str], found: Layout) -> None:
        self._names, self._layout = names, found
        self._places = {name: names.index(name) for name in found.used}
        self._is_fast = FAST.issuperset(found.kinds.values())
        self._has_whole = "integer" in found.kinds.values()
        self._options: Any = None

    def table(self, batch: Batch) -> "pa.RecordBatch | None":
        """All rows at once, by Arrow; None where one of them wants a closer look."""
        import pyarrow as pa
        from pyarrow import csv as arrow

        if not self._is_fast or None in batch.texts:
            return None
        text = b"\n".join(cast("Sequence[bytes]", batch.texts))
        # Arrow takes 0x1f for an integer, and a quote within a cell for itself.
        if b'"' in text or (self._has_whole and b"x" in text.lower()):
            return None
        try:
            table = arrow.read_csv(BytesIO(text), *self._arrow_options())
        except (pa.ArrowException, ValueError):
            return None
        if table.num_rows != len(batch.texts):
            return None
        return self._finished(table.combine_chunks())

    def columns(self, batch: Batch) -> tuple[dict[str, list[Any]], list[int], list[Refusal]]:
        """Row by row: columns of values, the indices of the rows that could be read, and the refusals of the others."""
        rows: list[list[str]] = []
        kept: list[int] = []
        refused = []
        for index, (row, line, text) in enumerate(zip(numbers(batch), batch.lines, batch.texts, strict=True)):
            cells = self._cells(text)
            if isinstance(cells, str):
                code = "payload_too_large" if text is None else "invalid_input"
                refused.append(Refusal(row, cells, line, code=code))
            else:
                rows.append(cells)
                kept.append(index)
        columns = {name: [cells[at] for cells in rows] for name, at in self._places.items()}
        for name, kind in self._layout.kinds.items():
            columns[name] = [_value(cell, kind) for cell in columns[name]]
        return columns, kept, refused

    def _cells(self, text: bytes | None) -> list[str] | str:
        """The cells of a row, or why there are none."""
        if text is None:
            return TOO_LONG
        try:
            (cells,) = csv.reader([text.removesuffix(b"\r").decode()], strict=True)
        except UnicodeDecodeError as fault:
            return f"Expected text in UTF-8 - got the byte 0x{text[fault.start]:02x} at column {fault.start + 1}"
        except (csv.Error, ValueError) as fault:
            return f"Expected cells as RFC 4180 has them - got a row that is not quoted so: {fault}"
        if len(cells) != len(self._names):
            return f"Expected {len(self._names)} cells, as the header has - got {len(cells)}"
        return cells

    def _arrow_options(self) -> tuple[Any, Any, Any]:
        if self._options is None:
            from pyarrow import csv as arrow

            kinds = {"number": "float64", "integer": "int64"}
            types = {name: kinds.get(self._layout.kinds.get(name, ""), "string") for name in self._layout.used}
            self._options = (
                arrow.ReadOptions(use_threads=False, column_names=list(self._names), block_size=1 << 26),
                arrow.ParseOptions(quote_char=False),
                arrow.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""]),
            )
        return cast("tuple[Any, Any, Any]", self._options)

    def _finished(self, table: "pa.Table") -> "pa.RecordBatch | None":
        """The only batch; None where a number is none that JSON knows."""
        import pyarrow.compute as pc

        (batch,) = table.to_batches()
        for name, kind in self._layout.kinds.items():
            column = batch.column(name)
            if kind == "number" and pc.all(pc.is_finite(column)).as_py() is False:
                return None
            if kind == "string":
                empty = pc.if_else(pc.equal(column, ""), None, column)
                batch = batch.set_column(batch.schema.get_field_index(name), name, empty)
        return batch


def _value(cell: str, kind: str) -> Any:
    """A cell as the model's feature has it; what does not fit stays text, for the model to refuse."""
    if not cell:
        return None
    if kind == "number" and NUMBER.fullmatch(cell):
        return number if isfinite(number := float(cell)) else cell
    if kind == "integer" and INTEGER.fullmatch(cell):
        return int(cell)
    if kind == "integer":
        return _value(cell, "number")
    return WORDS.get(cell.lower(), cell) if kind == "boolean" else cell


def _header(opening: Opening) -> Header:
    """Read the first row that is not blank.

    Raises:
        FileRefused: there is none, or it is no header.
    """
    start = text_start(opening)
    head = opening.read(start, start + MAX_LINE)
    blocks = Blocks(COMMA_SEPARATED, start, 1)
    ends, is_row, lines = blocks.ends(head)
    begin = 0
    for end, row, line in zip(ends.tolist(), is_row.tolist(), lines.tolist(), strict=True):
        if row:
            return Header(_names(head[begin:end]), start + end + 1, 1 + line)
        begin = end + 1
    if opening.size > start + len(head):
        raise FileRefused(f"Expected a header of at most {MAX_LINE} bytes - got a longer one")
    raise FileRefused("The file has no rows" if blocks.last() else "The file is empty: it has no rows")


def _names(text: bytes) -> list[str]:
    try:
        (names,) = csv.reader([text.removesuffix(b"\r").decode()], strict=True)
    except (csv.Error, ValueError) as fault:
        raise FileRefused(f"The header cannot be read: {fault}") from None
    return names
