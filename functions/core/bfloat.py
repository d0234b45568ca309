"""bfloat16, which numpy does not have: tensors of it travel as uint16 of the same bits."""

import ctypes
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
import onnxruntime

from functions.core.tensors import Array

ONNX = "tensor(bfloat16)"
ONNX_TYPE = 16
"""BFLOAT16 in ONNX's TensorProto.DataType."""


def run(
    session: onnxruntime.InferenceSession,
    feeds: Mapping[str, Array],
    bfloats: frozenset[str],
    outputs: Sequence[str],
    options: onnxruntime.RunOptions,
) -> list[Array]:
    """`session.run` for a model that takes or gives bfloat16; `bfloats` names the inputs of that type."""
    values = {name: _value(array, name in bfloats) for name, array in feeds.items()}
    return [_array(value) for value in session.run_with_ort_values(outputs, values, options)]


def _value(array: Array, is_bfloat: bool) -> onnxruntime.OrtValue:
    if is_bfloat:
        return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(np.ascontiguousarray(array), ONNX_TYPE)
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def _array(value: onnxruntime.OrtValue) -> Array:
    if value.data_type() != ONNX:
        return value.numpy()
    shape = tuple(value.shape())
    # ONNX Runtime knows no numpy type for it and hands out the address; the value lives until it is copied.
    content = ctypes.string_at(value.data_ptr(), prod(shape) * 2)
    return np.frombuffer(content, np.uint16).reshape(shape)
