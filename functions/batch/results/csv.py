"""Answers as CSV (RFC 4180), with a header in every part.

Text is written as it came: a cell that begins with =, +, - or @ is data here, and a formula to a spreadsheet.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from functions.batch.options import Options
from functions.batch.results.columns import OPTION, Column, Columns, rows_as_json, texts
from functions.batch.results.lane import Labels
from functions.batch.results.room import Room
from functions.batch.results.writer import compressed
from functions.batch.rows import Answers
from functions.core.predictor import Predictor

WORDS = {True: "true", False: "false"}


class Csv:
    """A record for each answer; an empty cell where there is no value; JSON where a cell is nested."""

    def __init__(self, options: Options, predictor: Predictor) -> None:
        self._columns, self._compression = Columns(predictor, options), options.compression
        self.arrays = self._columns.lane is not None
        self._names: list[str] = []
        self._records: list[str] = []
        self._widths: list[tuple[int, int]] = []
        self._room = Room()

    def add(self, answers: Answers) -> None:
        """A record for each of these."""
        found = self._columns.of(answers)
        self._names += [name for name in found if name not in self._names]
        nothing = Column(None, [None] * len(answers.numbers))
        cells = [_shown(found.get(name, nothing)) for name in self._names]
        records = _Records()
        csv.writer(records).writerows(zip(*cells, strict=True))
        self._room.take(sum(map(len, records)))
        self._records += records
        self._widths.append((len(records), len(self._names)))

    def finish(self) -> bytes:
        """The records, compressed where that is wanted."""
        if not self._names:
            self.add(Answers([]))
        header = io.StringIO(newline="")
        csv.writer(header).writerow(self._names)
        at = 0
        for rows, width in self._widths:
            if width < len(self._names):  # a column came later: ids that the first rows did not have
                more = "," * (len(self._names) - width) + "\r\n"
                self._records[at : at + rows] = [
                    record.removesuffix("\r\n") + more for record in self._records[at : at + rows]
                ]
            at += rows
        return compressed((header.getvalue() + "".join(self._records)).encode(), self._compression)


class _Records(list[str]):
    """What a writer of CSV writes to, a record at once."""

    write = list.append


def _shown(column: Column) -> Sequence[Any]:
    cells, is_nested = column.cells, column.kind is not None and column.kind.depth > 0
    if isinstance(cells, Labels):
        return [cells.names[place] for place in cells.places.tolist()]
    if isinstance(cells, np.ndarray):
        if is_nested:
            return [f"[{text.decode()}]" for text in rows_as_json(cells)]
        found: list[Any] = orjson.loads(orjson.dumps(np.ascontiguousarray(cells), option=OPTION))
        return found
    if is_nested:
        return texts(cells)
    return [WORDS[cell] if type(cell) is bool else cell for cell in cells] if bool in set(map(type, cells)) else cells
