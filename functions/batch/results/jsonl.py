"""Answers as JSON Lines: {"row", the id and carried columns, "prediction", "explanation"}."""

import orjson

from functions.batch.options import Options
from functions.batch.results.writer import compressed
from functions.batch.rows import Answers
from functions.core.predictor import Predictor

OPTION = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
"""As real time: NaN and infinities are null."""


class JsonLines:
    """A line for each answer."""

    arrays = False

    def __init__(self, options: Options, _predictor: Predictor) -> None:
        self._compression = options.compression
        self._lines: list[bytes] = []

    def add(self, answers: Answers) -> None:
        """A line for each of these."""
        dumps, write = orjson.dumps, self._lines.append
        if not answers.carried and not answers.explanations:
            for number, prediction in zip(answers.numbers, answers.predictions, strict=True):
                write(dumps({"row": number, "prediction": prediction}, option=OPTION))
            return
        for index, (number, prediction) in enumerate(zip(answers.numbers, answers.predictions, strict=True)):
            line = {"row": number}
            line |= {name: values[index] for name, values in answers.carried.items()}
            line["prediction"] = prediction
            if answers.explanations:
                line["explanation"] = answers.explanations[index]
            write(dumps(line, option=OPTION))

    def finish(self) -> bytes:
        """The lines, compressed where that is wanted."""
        return compressed(b"".join(self._lines), self._compression)
