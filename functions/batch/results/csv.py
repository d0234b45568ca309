"""Answers as CSV (RFC 4180), with a header in every part.

Text is written as it came: a cell that begins with =, +, - or @ is data here, and a formula to a spreadsheet.
"""

import csv
import io

from functions.batch.options import Options
from functions.batch.results.columns import Columns, Table
from functions.batch.results.writer import compressed
from functions.batch.rows import Answers
from functions.core.predictor import Predictor


class Csv:
    """A record for each answer; an empty cell where there is no value."""

    arrays = False

    def __init__(self, options: Options, predictor: Predictor) -> None:
        self._table, self._compression = Table(Columns(predictor.postprocess.schema())), options.compression

    def add(self, answers: Answers) -> None:
        """A record for each of these."""
        self._table.add(answers)

    def finish(self) -> bytes:
        """The records, compressed where that is wanted."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self._table.cells)
        for cells in zip(*self._table.cells.values(), strict=True):
            writer.writerow([_shown(cell) for cell in cells])
        return compressed(text.getvalue().encode(), self._compression)


def _shown(cell: object) -> object:
    return {True: "true", False: "false"}[cell] if isinstance(cell, bool) else cell
