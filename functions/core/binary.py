"""Tensors as bytes: little-endian, row-major, no padding; the elements of BYTES each behind their length."""

import struct
from math import prod

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.tensors import DATATYPES, Array, TensorSpec

LENGTH = struct.Struct("<I")
"""What stands before each element of a BYTES tensor: its length in bytes."""
STRINGS_MEMORY = 10 * 1024 * 1024
"""Bytes that the elements of a BYTES tensor may take as strings."""
STRING = 88
"""Bytes of a string and its place besides its characters, which are 4 bytes each where one of them is beyond ASCII."""


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
    if count * STRING > STRINGS_MEMORY:
        raise InvalidInput(path, f"at most {STRINGS_MEMORY // STRING} strings", f"{count}")
    values: list[str] = []
    offset, room = 0, STRINGS_MEMORY
    while offset < len(content):
        place = f"{path}[{len(values)}]"
        if len(values) == count:
            raise InvalidInput(path, f"{count} elements", f"{len(content) - offset} bytes more")
        element = _element(content[offset:], place)
        offset += LENGTH.size + len(element)
        values.append(_text(element, place))
        room -= STRING + len(values[-1]) * (1 if values[-1].isascii() else 4)
        if room < 0:
            raise InvalidInput(place, f"strings that take at most {STRINGS_MEMORY} bytes in memory", "more")
    if len(values) != count:
        raise InvalidInput(path, f"{count} elements", f"{len(values)}")
    return np.array(values, dtype=object)


def _element(content: memoryview, path: str) -> memoryview:
    """The bytes of the first element."""
    left = len(content) - LENGTH.size
    if left < 0:
        raise InvalidInput(path, "a length of 4 bytes", f"{len(content)}")
    (length,) = LENGTH.unpack_from(content)
    if length > left:
        raise InvalidInput(path, f"{length} bytes, as its length says", f"{left}")
    element = content[LENGTH.size : LENGTH.size + length]
    if length > STRINGS_MEMORY // 4 and np.frombuffer(element, np.uint8).max() > 127:
        raise InvalidInput(path, f"at most {STRINGS_MEMORY // 4} bytes beyond ASCII", f"{length}")
    return element


def _text(content: memoryview, path: str) -> str:
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(path, "UTF-8", brief(bytes(content[:60]))) from None
