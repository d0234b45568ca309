"""Answers as JSON Lines: {"row", the id and carried columns, "prediction", "explanation"}."""

from collections.abc import Sequence
from typing import Any

import orjson

from functions.batch.options import Options
from functions.batch.results.columns import rows_as_json
from functions.batch.results.lane import lane
from functions.batch.results.room import Room
from functions.batch.results.writer import compressed
from functions.batch.rows import Answers
from functions.core.predictor import Predictor

OPTION = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
"""As real time: NaN and infinities are null."""


class JsonLines:
    """A line for each answer."""

    def __init__(self, options: Options, predictor: Predictor) -> None:
        found = lane(predictor, options)
        self._lane = found if found is not None and found.is_text_of_arrays and options.explain is None else None
        self.arrays = self._lane is not None
        self._compression = options.compression
        self._parts: list[bytes] = []
        self._room = Room()

    def add(self, answers: Answers) -> None:
        """A line for each of these. Raises InvalidPackage as decoding does."""
        predictions = answers.predictions
        if self._lane is not None and answers.tensors:
            columns = self._lane.columns(answers.tensors)
            if columns is not None and not answers.carried:
                self._hold(_lines_of_arrays(answers.numbers, columns[0]))
                return
            predictions = self._lane.predictions(answers.tensors)
        self._hold(b"".join(_lines(answers, predictions)))

    def finish(self) -> bytes:
        """The lines, compressed where that is wanted."""
        return compressed(b"".join(self._parts), self._compression)

    def _hold(self, part: bytes) -> None:
        self._room.take(len(part))
        self._parts.append(part)


def _lines_of_arrays(numbers: Sequence[int], rows: Any) -> bytes:
    line = b'{"row":%d,"prediction":[%b]}\n' if rows.ndim > 1 else b'{"row":%d,"prediction":%b}\n'
    return b"".join(map(line.__mod__, zip(numbers, rows_as_json(rows), strict=True)))


def _lines(answers: Answers, predictions: Sequence[Any]) -> list[bytes]:
    dumps = orjson.dumps
    pairs = zip(answers.numbers, predictions, strict=True)
    if not answers.carried and not answers.explanations:
        return [dumps({"row": number, "prediction": prediction}, option=OPTION) for number, prediction in pairs]
    lines = []
    for index, (number, prediction) in enumerate(pairs):
        line = {"row": number}
        line |= {name: values[index] for name, values in answers.carried.items()}
        line["prediction"] = prediction
        if answers.explanations:
            line["explanation"] = answers.explanations[index]
        lines.append(dumps(line, option=OPTION))
    return lines
