"""ONNX Runtime alone, with its defaults: what it runs is what there is to serve."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from tests.onnx_models.cases import Case

OWN = {
    helper.tensor_dtype_to_np_dtype(element): element
    for element in range(16, 27)
    if element in onnx.TensorProto.DataType.values()
}
"""Types that are not numpy's: ONNX's numbers of them by what the onnx package takes them for."""


def answers(case: Case) -> list[list[Any]]:
    """The outputs for each of the case's inputs; raises what ONNX Runtime raises."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(case.model, options, providers=["CPUExecutionProvider"])
    return [_run(session, takes) for takes, _ in case.data]


def _run(session: Any, takes: Sequence[Any]) -> list[Any]:
    names = [node.name for node in session.get_inputs()]
    names += [node.name for node in session.get_overridable_initializers()]
    feeds = {name: value for name, value in zip(names, takes, strict=False) if value is not None}
    own = {name: _wrap(value) for name, value in feeds.items() if isinstance(value, np.ndarray) and value.dtype in OWN}
    if not any(_element(node.type) in OWN.values() for node in session.get_outputs()):
        return list(session.run(None, feeds | own))
    wrapped = {name: own.get(name) or onnxruntime.OrtValue.ortvalue_from_numpy(feed) for name, feed in feeds.items()}
    return [_unwrap(value) for value in session.run_with_ort_values(None, wrapped)]


def _element(name: str) -> int:
    inner = name.removeprefix("tensor(").removesuffix(")").upper()
    return int(dict(onnx.TensorProto.DataType.items()).get(inner, 0))


def _wrap(array: Any) -> Any:
    content = numpy_helper.from_array(array).raw_data
    value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(array.shape, OWN[array.dtype])
    if content:
        ctypes.memmove(value.data_ptr(), content, len(content))
    return value


def _unwrap(value: Any) -> Any:
    if value.element_type() not in OWN.values():
        return value.numpy()
    size = value.tensor_size_in_bytes()
    content = ctypes.string_at(value.data_ptr(), size) if size else b""
    tensor = onnx.TensorProto(data_type=value.element_type(), dims=value.shape(), raw_data=content)
    return numpy_helper.to_array(tensor)
