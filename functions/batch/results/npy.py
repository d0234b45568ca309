"""Answers as one array: the model's first output; a refused row is a row of NaN, so that rows keep their numbers."""

import io

import numpy as np

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.results.room import Room
from functions.batch.results.writer import compressed
from functions.batch.rows import Answers
from functions.core.predictor import Predictor
from functions.core.tensors import DATATYPES, TENSOR, Array


class Npy:
    """[rows, ...] of a floating-point output."""

    arrays = True

    def __init__(self, options: Options, predictor: Predictor) -> None:
        """Raises: FileRefused: the output has no NaN, or more than numbers is wanted of a row."""
        self._name = predictor.postprocess.outputs[0]
        spec = next(spec for spec in predictor.manifest.outputs if spec.name == self._name)
        datatype = DATATYPES[spec.datatype]
        if spec.kind != TENSOR or datatype.dtype.kind != "f" or datatype.element:
            got = f"{self._name!r} of {spec.datatype}"
            raise FileRefused(f"Expected an output of FP16, FP32 or FP64 for results in npy - got {got}; ask for jsonl")
        if options.carry or options.explain is not None or options.parameters:
            raise FileRefused("Expected no carry, explain or parameters for results in npy, which are one array")
        self._dtype, self._compression = datatype.dtype, options.compression
        # A dimension that only answers know counts as one where a part has none.
        self._shape = tuple(max(1, size) for size in spec.shape[1:])
        self._known = False
        self._parts: list[Array | int] = []
        self._room = Room()

    def add(self, answers: Answers) -> None:
        """These rows and the refused between them."""
        missing = [refusal.row for refusal in answers.refused]
        if not answers.numbers:
            self._parts.append(len(missing))  # rows of a shape that may not be known yet
            return
        values = (answers.tensors or {})[self._name]
        if self._known and values.shape[1:] != self._shape:
            shapes = f"{list(self._shape)} and {list(values.shape[1:])}"
            raise FileRefused(f"Expected rows of one shape for results in npy - got {shapes}; ask for jsonl")
        self._shape, self._known = values.shape[1:], True
        if missing:
            order = np.argsort(np.concatenate([np.asarray(answers.numbers), np.asarray(missing)]), kind="stable")
            values = np.concatenate([values, self._empty(len(missing))])[order]
        self._room.take(values.nbytes)
        self._parts.append(values)

    def finish(self) -> bytes:
        """The array's file, compressed where that is wanted."""
        rows = [self._empty(part) if isinstance(part, int) else part for part in self._parts]
        shape = (sum(map(len, rows)), *self._shape)
        header = io.BytesIO()
        described = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, described)
        # Put together once: an array of them all, and its file, would be copies of what may be large.
        parts = [np.ascontiguousarray(part, self._dtype).data.cast("B") for part in rows if part.size]
        return compressed(b"".join([header.getvalue(), *parts]), self._compression)

    def _empty(self, rows: int) -> Array:
        return np.full((rows, *self._shape), np.nan, self._dtype)
