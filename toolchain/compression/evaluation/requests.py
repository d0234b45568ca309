"""Rows as the tensors that a model takes: encoded once, by the preprocessing that ships."""

from typing import Any, NamedTuple

import numpy as np
import orjson

from functions.core.errors import InvalidInput, OrtlessError
from functions.core.predictor import Predictor
from toolchain.compression.calibration import Calibration
from toolchain.compression.evaluation.datasets import Rows
from toolchain.compression.evaluation.errors import InvalidData

Feeds = dict[str, Any]
BATCHES = (1, 32)
HELD = 256 * 2**20
"""Bytes of encoded requests that are held; more are encoded anew for each model."""


class Requests(NamedTuple):
    """One request for each row, as they mostly come; where they are too large to be held, encoded when asked for."""

    predictor: Predictor
    rows: Rows
    held: tuple[Feeds, ...]

    def feeds(self, index: int) -> Feeds:
        """The tensors of a row. Raises InvalidData where it does not fit the model."""
        return self.held[index] if index < len(self.held) else encode(self.predictor, self.rows, index)

    def batches(self) -> list[Feeds | None]:
        """The tensors of one request of 1 row and of 32; None where the model takes no so many."""
        return [self._batch(count) for count in BATCHES]

    def _batch(self, count: int) -> Feeds | None:
        """So many rows of middling length, which is what time hangs on; some of them again where there are too few."""
        rows = sorted(self.rows.instances, key=lambda instance: len(orjson.dumps(instance)))
        start = max(0, (len(rows) - count) // 2)
        instances = [rows[(start + index) % len(rows)] for index in range(count)]
        try:
            feeds = self.predictor.preprocess.encode(instances, "instances")
            self.predictor.infer(feeds, self.predictor.postprocess.outputs)
        except (OrtlessError, ValueError):
            return None
        return {name: np.asarray(value) for name, value in feeds.items()}


def requests(predictor: Predictor, rows: Rows) -> Requests:
    """Encode every row. Raises InvalidData where one does not fit the model."""
    held: list[Feeds] = []
    size = 0
    for index in range(len(rows)):
        feeds = encode(predictor, rows, index)
        size += sum(getattr(value, "nbytes", 0) for value in feeds.values())
        if size <= HELD and len(held) == index:
            held.append(feeds)
    return Requests(predictor, rows, tuple(held))


def encode(predictor: Predictor, rows: Rows, index: int) -> Feeds:
    """The tensors of a row. Raises InvalidData where it does not fit the model."""
    try:
        return predictor.preprocess.encode([rows.instances[index]], "instance")
    except InvalidInput as fault:
        words, _, place = str(fault).removeprefix("Expected ").rpartition(" - at ")
        expected, _, got = words.partition(" - got ")
        inside = place.strip("`").replace("instance[0]", "instance", 1)
        raise InvalidData(f"`{inside}` of {rows.place(index)}", expected, got) from None


def calibration(predictor: Predictor, rows: Rows) -> Calibration:
    """The rows as sample requests for passes. Raises InvalidData where one does not fit or is not finite."""
    try:
        return Calibration([encode(predictor, rows, index) for index in range(len(rows))])
    except ValueError as fault:
        raise InvalidData(rows.file, "finite numbers", str(fault)) from None
