"""Tensors as bytes: little-endian, row-major, no padding; the elements of BYTES each behind their length."""

import struct
from math import prod

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.tensors import DATATYPES, Array, TensorSpec

LENGTH = struct.Struct("<I")
"""What stands before each element of a BYTES tensor: its length in bytes."""


def from_bytes(spec: TensorSpec, shape: tuple[int, ...], content: memoryview, path: str) -> Array:
    """The tensor of that shape which the bytes are.

    Raises:
        InvalidInput: they are too few or too many, or an element of BYTES is no UTF-8, which ONNX strings are.
    """
    if spec.datatype == "BYTES":
        return _strings(content, prod(shape), path).reshape(shape)
    dtype = DATATYPES[spec.datatype].dtype
    size = prod(shape) * dtype.itemsize
    if len(content) != size:
        raise InvalidInput(path, f"{size} bytes of {spec.datatype} for the shape {list(shape)}", f"{len(content)}")
    values: Array
    if spec.datatype == "BOOL":
        values = np.frombuffer(content, np.uint8) != 0
        return values.reshape(shape)
    # Where the JSON before them ends at an odd place, the native code underneath gets a copy that is aligned.
    values = np.require(np.frombuffer(content, dtype.newbyteorder("<")), requirements="A")
    return values.reshape(shape)


def from_raw(spec: TensorSpec, content: memoryview, path: str) -> Array:
    """The tensor whose data is all there is: its one dynamic dimension follows from the number of bytes.

    A tensor of strings is one string, without its length before it.

    Raises:
        InvalidInput: more than one dimension is dynamic, or the bytes do not fill the others.
    """
    if spec.shape.count(-1) > 1:
        raise InvalidInput(path, f"JSON that states the shape, of which {list(spec.shape)} is known", "raw data")
    static = prod(extent for extent in spec.shape if extent != -1)
    if spec.datatype == "BYTES":
        shape = tuple(1 if extent == -1 else extent for extent in spec.shape)
        if static != 1:
            raise InvalidInput(path, f"JSON for {static} strings", "raw data, which is one")
        return np.array([_text(content, path)], dtype=object).reshape(shape)
    row = max(1, static * DATATYPES[spec.datatype].dtype.itemsize)
    shape = tuple(len(content) // row if extent == -1 else extent for extent in spec.shape)
    return from_bytes(spec, shape, content, path)


def to_bytes(value: Array) -> bytes:
    """The bytes of a tensor."""
    if value.dtype != object:
        return np.ascontiguousarray(value, value.dtype.newbyteorder("<")).tobytes()
    elements = [item if isinstance(item, bytes) else str(item).encode() for item in value.reshape(-1)]
    return b"".join(part for element in elements for part in (LENGTH.pack(len(element)), element))


def _strings(content: memoryview, count: int, path: str) -> Array:
    values: list[str] = []
    offset = 0
    while offset < len(content):
        place = f"{path}[{len(values)}]"
        if len(content) - offset < LENGTH.size:
            raise InvalidInput(place, "a length of 4 bytes", f"{len(content) - offset}")
        (length,) = LENGTH.unpack_from(content, offset)
        offset += LENGTH.size
        if length > len(content) - offset:
            raise InvalidInput(place, f"{length} bytes, as its length says", f"{len(content) - offset}")
        values.append(_text(content[offset : offset + length], place))
        offset += length
    if len(values) != count:
        raise InvalidInput(path, f"{count} elements", f"{len(values)}")
    return np.array(values, dtype=object)


def _text(content: memoryview, path: str) -> str:
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(path, "UTF-8", brief(bytes(content[:60]))) from None
