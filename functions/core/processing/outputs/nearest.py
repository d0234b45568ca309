"""A tensor of vectors -> the answer whose known questions are most like each."""

from collections.abc import Mapping, Sequence
from copy import copy
from io import BytesIO
from tokenize import TokenError
from typing import Any

import numpy as np
import orjson

from functions.core.errors import brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.limits import Limits
from functions.core.processing.outputs.matrix import NUMBER, Matrix
from functions.core.processing.outputs.top_k import top_k
from functions.core.processing.outputs.vectors import unit
from functions.core.tensors import Array

SHOWN = ("answer", "score", "questions")
"""Fields of an answer that a candidate has anyway, or need not repeat; of any other it has a copy."""


class Nearest:
    """A prediction is {"answer": ... or None, "score": ..., "candidates": [{"answer": ..., "score": ...}, ...]}.

    A score is a cosine similarity, from -1 to 1; an answer's is that of the best of its questions.
    """

    def __init__(self, declaration: Declaration) -> None:
        entries = _answers(declaration)
        self.targets = tuple(entry["answer"] for entry in entries)
        self._more = [{key: value for key, value in entry.items() if key not in SHOWN} for entry in entries]
        counts = [len(entry["questions"]) for entry in entries]
        vectors = _vectors(declaration, sum(counts))
        self._matrix = Matrix(declaration, "columns", vectors.shape[1], "vectors")
        self.outputs = (self._matrix.name,)
        self._vectors = unit(vectors)
        self._first = np.cumsum([0, *counts[:-1]])
        """Where the questions of each answer begin."""
        names = ("top_k", "threshold")
        self._limits = Limits(names, top_k=min(3, len(counts)), lowest=-1).declared(declaration, len(counts))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From vectors of shape [rows, width]. Raises InvalidPackage where the output has another."""
        rows = self.scores(values)
        order = top_k(rows, self._limits.top_k or len(self.targets))
        best = np.take_along_axis(rows, order, axis=1)
        threshold = -np.inf if self._limits.threshold is None else self._limits.threshold
        known = (best[:, 0] >= threshold).tolist()  # NaN is not
        return [self._prediction(*row) for row in zip(order.tolist(), best, known, strict=True)]

    def scores(self, values: Sequence[Array]) -> Array:
        """The score of each answer, float32 [rows, answers]."""
        queries = unit(self._matrix.rows(values[0]).astype(np.float32))
        with np.errstate(invalid="ignore"):
            similarities = np.clip(queries @ self._vectors.T, -1, 1)  # rounding can lead beyond
            return np.asarray(np.maximum.reduceat(similarities, self._first, axis=1))

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Nearest":
        """The same with a request's `top_k` and `threshold`. Raises InvalidInput."""
        other = copy(self)
        other._limits = self._limits.adjusted(parameters, path)
        return other

    def schema(self) -> dict[str, Any]:
        """The best answer, or null where none is near enough, its score, and the best k as candidates."""
        score = NUMBER | {"minimum": -1, "maximum": 1}
        candidate = {
            "type": "object",
            "required": ["answer", "score"],
            "properties": {"answer": {"type": "string"}, "score": score},
        }
        candidates = {"type": "array", "items": candidate, "minItems": 1, "maxItems": self._limits.top_k}
        properties = {"answer": {"type": ["string", "null"]}, "score": score, "candidates": candidates}
        return {"type": "object", "required": list(properties), "properties": properties}

    def _prediction(self, order: list[int], scores: Array, known: bool) -> dict[str, Any]:
        pairs = zip(order, scores, strict=True)
        candidates = [{"answer": self.targets[index], "score": score, **self._more[index]} for index, score in pairs]
        answer = candidates[0]["answer"] if known else None
        return {"answer": answer, "score": scores[0], "candidates": candidates}


def _answers(declaration: Declaration) -> list[dict[str, Any]]:
    """The answers with their questions, and whatever else the package says of them."""
    try:
        entries = orjson.loads(declaration.file("answers"))
    except orjson.JSONDecodeError as fault:
        declaration.refuse("answers", "a file of JSON", str(fault))
    if type(entries) is not list or not entries or not all(type(entry) is dict for entry in entries):
        declaration.refuse("answers", 'a list of objects {"answer": ..., "questions": [...]}', entries)
    for index, entry in enumerate(entries):
        questions = entry.get("questions")
        if type(entry.get("answer")) is not str:
            declaration.refuse(f"answers[{index}].answer", "a string", entry.get("answer"))
        if type(questions) is not list or not questions or not all(type(text) is str for text in questions):
            declaration.refuse(f"answers[{index}].questions", "a list of at least one string", questions)
    texts = tuple(entry["answer"] for entry in entries)
    if len(set(texts)) != len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        declaration.refuse("answers", "different answers", f"one of them twice: {brief(twice)}")
    return entries


def _vectors(declaration: Declaration, count: int) -> Array:
    """What stands for the questions, float32 [count, width]."""
    content = BytesIO(declaration.file("vectors"))
    try:
        vectors = np.lib.format.read_array(content, allow_pickle=False)
    except (ValueError, SyntaxError, TokenError, MemoryError) as fault:  # a header is parsed as Python
        declaration.refuse("vectors", "a file of NumPy's format .npy, without objects", str(fault))
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != count:
        got = f"{vectors.dtype} of shape {list(vectors.shape)}"
        declaration.refuse("vectors", f"float32 of shape [{count}, width], one row for each question", got)
    if not np.isfinite(vectors).all():
        declaration.refuse("vectors", "finite numbers", "NaN or an infinity")
    return np.asarray(vectors)
