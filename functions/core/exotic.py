"""Types that numpy lacks (bfloat16, float8, integers of 4 and 2 bits): to ONNX Runtime and back by their bits."""

import ctypes
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import onnxruntime

from functions.core.tensors import BY_ONNX, Array, Datatype


def run(
    session: onnxruntime.InferenceSession,
    datatypes: Mapping[str, Datatype],
    feeds: Mapping[str, Any],
    outputs: Sequence[str],
    options: onnxruntime.RunOptions,
) -> list[Any]:
    """`session.run` for a model that takes or gives such tensors; `datatypes` are theirs by name."""
    values = {name: _value(feed, datatypes[name]) if name in datatypes else feed for name, feed in feeds.items()}
    if datatypes.keys().isdisjoint(outputs):
        return session.run(outputs, values, options)
    # Only this way out takes such outputs, and it wants all inputs in its own wrapping.
    wrapped = {name: _wrapped(value) for name, value in values.items()}
    return [_array(value) for value in session.run_with_ort_values(outputs, wrapped, options)]


def pack(values: Array, datatype: Datatype) -> bytes:
    """The bytes as ONNX lays them out: elements of fewer than 8 bits share one, the first in its lowest bits.

    Raises:
        ValueError: an element has more bits than the datatype.
    """
    if datatype.bits == 8:
        return values.tobytes()
    flat = values.reshape(-1).view(np.uint8)
    if not np.array_equal(_extend(flat & _mask(datatype), datatype), flat.view(datatype.dtype)):
        raise ValueError(f"expected elements of {datatype.name} within {datatype.bits} bits")
    width = 8 // datatype.bits
    rows = np.zeros((-(-len(flat) // width), width), np.uint8)
    rows.reshape(-1)[: len(flat)] = flat & _mask(datatype)
    packed: bytes = np.bitwise_or.reduce(rows << _shifts(datatype), axis=1, dtype=np.uint8).tobytes()
    return packed


def unpack(content: bytes, datatype: Datatype, shape: tuple[int, ...]) -> Array:
    """The tensor that `pack` made the bytes of."""
    if datatype.bits == 8:
        return np.frombuffer(content, datatype.dtype).reshape(shape)
    rows = np.frombuffer(content, np.uint8)[:, np.newaxis] >> _shifts(datatype)
    return _extend(rows.reshape(-1)[: prod(shape)] & _mask(datatype), datatype).reshape(shape)


def _mask(datatype: Datatype) -> np.uint8:
    return np.uint8((1 << datatype.bits) - 1)


def _shifts(datatype: Datatype) -> Array:
    return np.arange(0, 8, datatype.bits, dtype=np.uint8)


def _extend(values: Array, datatype: Datatype) -> Array:
    """Carry the sign of a signed element into the bits above it."""
    if datatype.dtype.kind == "u":
        return values
    spare = 8 - datatype.bits
    return (values << np.uint8(spare)).view(np.int8) >> np.int8(spare)


def _value(array: Array, datatype: Datatype) -> onnxruntime.OrtValue:
    value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(array.shape, datatype.element)
    if content := pack(array, datatype):
        ctypes.memmove(value.data_ptr(), content, len(content))
    return value


def _wrapped(value: Array | onnxruntime.OrtValue) -> onnxruntime.OrtValue:
    if isinstance(value, onnxruntime.OrtValue):
        return value
    return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value))


def _array(value: onnxruntime.OrtValue) -> Array:
    datatype = BY_ONNX[value.data_type()]
    if not datatype.element:
        return value.numpy()
    # ONNX Runtime hands out the address; the value lives until it is copied.
    size = value.tensor_size_in_bytes()
    content = ctypes.string_at(value.data_ptr(), size) if size else b""
    return unpack(content, datatype, tuple(value.shape()))
