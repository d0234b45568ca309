"""The model that is learnt from, asked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from functions.core.session import FAULTS
from toolchain.compression.calibration import Calibration, load
from toolchain.compression.distillation.signature import Signature
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph

AT_ONCE, NUMBERS = 256, 2**20
"""Rows of a run, and the numbers in them, where the graph takes any number."""


def questions(signature: Signature, calibration: Calibration) -> NDArray[np.float32]:
    """The rows of the sample requests, (rows, values) or pictures (rows, height, width, channels).

    Raises:
        NotApplicable: a request lacks an input.
    """
    try:
        return np.concatenate([signature.join(dict(feed)) for feed in calibration.feeds])
    except KeyError as fault:
        raise NotApplicable(f"a sample request has no {fault.args[0]}") from None


def ask(graph: Graph, signature: Signature, x: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """What a teacher answers, by output, (rows, ...).

    Raises:
        NotApplicable: it does not run, or gives not one answer for each row.
    """
    session = load(graph.model)
    size = signature.batch or max(1, min(AT_ONCE, NUMBERS // x[0].size))
    parts = []
    for start in range(0, len(x), size):
        rows = x[start : start + size]
        missing = signature.batch - len(rows) if signature.batch else 0
        padded = np.concatenate([rows, np.repeat(rows[:1], missing, axis=0)]) if missing else rows
        feed = _feed(signature, padded)
        try:
            given = session.run(graph.outputs, feed)
        except FAULTS as fault:
            raise NotApplicable(f"the teacher does not run: {fault}") from None
        for name, value in zip(graph.outputs, given, strict=True):
            if np.ndim(value) == 0 or len(value) != len(padded):
                raise NotApplicable(f"{name} has not one answer for each row")
        parts.append([value[: len(rows)] for value in given])
    return {name: np.concatenate(values) for name, values in zip(graph.outputs, zip(*parts, strict=True), strict=True)}


def _feed(signature: Signature, x: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    elements = {entry.name: helper.tensor_dtype_to_np_dtype(entry.element) for entry in signature.takes}
    return {
        name: np.ascontiguousarray(value.astype(elements[name], copy=False))
        for name, value in signature.split(x).items()
    }
