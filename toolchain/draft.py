"""What a graph's tensors say of how to speak to it: a first draft of its processing, for its owner to correct."""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isclose
from typing import Any, NamedTuple

import onnx

from functions.core.tensors import TENSOR, TensorSpec
from functions.packaging import onnx_file
from functions.packaging.graph import Signature

Table = dict[str, Any]

FEATURES = 64
"""Columns up to which a tensor of rows is taken for named features."""
LABELS = 2000
"""Classes up to which labels are drafted."""
SIDE = 224
"""Height and width of a picture for a graph that takes any."""
MODES = {1: "L", 3: "RGB"}
FLOATS = ("FP32", "FP64")
NUMBERS = (*FLOATS, "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64")
PROBABLE = re.compile(r"prob|softmax", re.IGNORECASE)


class Draft(NamedTuple):
    """`[preprocess]` and `[postprocess]` of model.toml; empty where tensor rows are as good as any guess."""

    preprocess: Table
    postprocess: Table

    @property
    def task(self) -> str:
        """What the model is for, as far as its output says."""
        return str(self.postprocess.get("kind", ""))


def preprocess(model: onnx.ModelProto, signature: Signature) -> Table:
    """Named features or a picture, where the only input is of their shape."""
    if len(signature.inputs) != 1 or signature.inputs[0].kind != TENSOR:
        return {}
    spec = signature.inputs[0]
    if spec.datatype in FLOATS and len(spec.shape) == 2 and 1 <= spec.shape[1] <= FEATURES:
        names = _names(model, ("feature_names", "features", "columns"), spec.shape[1])
        features = [{"name": name} for name in names or [f"x{number}" for number in range(1, spec.shape[1] + 1)]]
        return {"kind": "tabular", "tensor": spec.name, "features": features}
    if spec.datatype == "FP32" and len(spec.shape) == 4 and spec.shape[1] in MODES:
        size = [extent if extent > 0 else SIDE for extent in spec.shape[2:]]
        return {"kind": "image", "tensor": spec.name, "size": size, "mode": MODES[spec.shape[1]]}
    return {}


def postprocess(model: onnx.ModelProto, signature: Signature, answers: Mapping[str, Sequence[Any]]) -> Table:
    """Probabilities or numbers, where an output is of their shape.

    Args:
        answers: rows of the outputs, from a run; empty where none succeeded.
    """
    probable = [spec for spec in signature.outputs if _is_probable(model, spec, answers.get(spec.name, ()))]
    others = [spec for spec in signature.outputs if spec not in probable]
    if len(probable) == 1 and all(len(spec.shape) == 1 for spec in others):  # a label may stand beside them
        spec = probable[0]
        count = _width(spec, answers.get(spec.name, ()))
        labels = _names(model, ("class_names", "classes", "labels", "names"), count)
        return {"kind": "classification", "tensor": spec.name, "labels": labels or [str(n) for n in range(count)]}
    spec = signature.outputs[0]
    numbers = spec.datatype in NUMBERS and spec.kind == TENSOR and not spec.optional
    column = len(spec.shape) == 1 or (len(spec.shape) == 2 and _width(spec, answers.get(spec.name, ())) == 1)
    return {"kind": "regression", "tensor": spec.name} if len(signature.outputs) == 1 and numbers and column else {}


def _is_probable(model: onnx.ModelProto, spec: TensorSpec, rows: Sequence[Any]) -> bool:
    if spec.datatype not in FLOATS or spec.optional or len(spec.shape) != 2 or not 2 <= _width(spec, rows) <= LABELS:
        return False
    named = PROBABLE.search(spec.name) is not None or onnx_file.comes_from(model, spec.name, "Softmax")
    return named or (bool(rows) and all(_sums_to_one(row) for row in rows))


def _sums_to_one(row: Sequence[float | None]) -> bool:
    values = [value for value in row if value is not None]
    return len(values) == len(row) and min(values) >= 0 and isclose(sum(values), 1, abs_tol=1e-3)


def _width(spec: TensorSpec, rows: Sequence[Any]) -> int:
    """Columns of an output, which a graph may leave open and a run tells."""
    return spec.shape[1] if spec.shape[1] >= 0 or not rows else len(rows[0])


def _names(model: onnx.ModelProto, keys: Sequence[str], count: int) -> list[str]:
    """Names under one of those keys of the file's metadata: a list or table, as JSON, as Python, or by commas."""
    texts = onnx_file.metadata(model)
    for key in keys:
        value: object = texts.get(key, "")
        for parse in (json.loads, ast.literal_eval):
            with suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                value = parse(texts.get(key, ""))
                break
        if isinstance(value, dict):
            value = list(value.values())
        names = [str(part).strip() for part in (value.split(",") if isinstance(value, str) else _listed(value))]
        if len(names) == len(set(names)) == count and all(names):
            return names
    return []


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []
