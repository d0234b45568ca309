"""The one table of tensor datatypes, and the way from JSON to an array and back."""

import struct
from collections.abc import Callable, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from functions.core.errors import InvalidInput, brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    Array = np.ndarray


class Datatype(NamedTuple):
    """A tensor datatype of the Open Inference Protocol v2."""

    name: str
    onnx: str
    """ONNX Runtime's name of a tensor of it."""
    dtype: np.dtype[Any]
    carrier: str
    """Code of the C type that carries JSON values into it; empty for BOOL, BYTES and what has no form in JSON."""
    expected: str
    """What an error message asks for."""
    element: int = 0
    """ONNX's number of a type that numpy lacks; its elements travel in `dtype`, one each."""
    bits: int = 8
    """Of an element, where they are fewer than a byte's."""

    @property
    def binary_only(self) -> bool:
        """Whether it has no form in JSON."""
        return self.element != 0 and not self.carrier


def _datatype(name: str, onnx: str, dtype: str, carrier: str, expected: str) -> Datatype:
    return Datatype(name, f"tensor({onnx})", np.dtype(dtype), carrier, expected)


def _opaque(name: str, onnx: str, dtype: str, element: int, bits: int = 8) -> Datatype:
    expected = f"binary data, as {name} has no form in JSON"
    return Datatype(name, f"tensor({onnx})", np.dtype(dtype), "", expected, element, bits)


def _packed(onnx: str, dtype: str, element: int, bits: int, expected: str) -> Datatype:
    carrier = "q" if dtype == "int8" else "Q"
    return Datatype(onnx.upper(), f"tensor({onnx})", np.dtype(dtype), carrier, expected, element, bits)


DATATYPES = {
    row.name: row
    for row in (
        _datatype("BOOL", "bool", "bool", "", "true or false"),
        _datatype("UINT8", "uint8", "uint8", "Q", "an integer from 0 to 255"),
        _datatype("UINT16", "uint16", "uint16", "Q", "an integer from 0 to 65535"),
        _datatype("UINT32", "uint32", "uint32", "Q", "an integer from 0 to 2^32 - 1"),
        _datatype("UINT64", "uint64", "uint64", "Q", "an integer from 0 to 2^64 - 1"),
        _datatype("INT8", "int8", "int8", "q", "an integer from -128 to 127"),
        _datatype("INT16", "int16", "int16", "q", "an integer from -32768 to 32767"),
        _datatype("INT32", "int32", "int32", "q", "an integer from -2^31 to 2^31 - 1"),
        _datatype("INT64", "int64", "int64", "q", "an integer from -2^63 to 2^63 - 1"),
        _datatype("FP16", "float16", "float16", "d", "a number within +-65504"),
        _datatype("FP32", "float", "float32", "d", "a number within +-3.4e38"),
        _datatype("FP64", "double", "float64", "d", "a number"),
        _datatype("BYTES", "string", "object", "", "a string"),
        _opaque("BF16", "bfloat16", "uint16", 16),
        # From here on ONNX's own: the protocol has no names for them.
        _opaque("FP8E4M3FN", "float8e4m3fn", "uint8", 17),
        _opaque("FP8E4M3FNUZ", "float8e4m3fnuz", "uint8", 18),
        _opaque("FP8E5M2", "float8e5m2", "uint8", 19),
        _opaque("FP8E5M2FNUZ", "float8e5m2fnuz", "uint8", 20),
        _opaque("FP8E8M0", "float8e8m0", "uint8", 24),
        _opaque("FP4E2M1", "float4e2m1", "uint8", 23, bits=4),
        _packed("uint4", "uint8", 21, 4, "an integer from 0 to 15"),
        _packed("int4", "int8", 22, 4, "an integer from -8 to 7"),
        _packed("uint2", "uint8", 25, 2, "an integer from 0 to 3"),
        _packed("int2", "int8", 26, 2, "an integer from -2 to 1"),
    )
}
BY_ONNX = {row.onnx: row for row in DATATYPES.values()}

TENSOR, SEQUENCE, MAP = "tensor", "sequence", "map"
"""What an input or output can be; a sequence is one of tensors, and maps stand alone or in a sequence."""

MAP_KEYS = ("INT64", "BYTES")
"""Datatypes that a map's keys can be of."""

DIMENSION_LIMIT = 2**31
"""No dimension may reach it: beyond, sizes overflow in the native code underneath."""
RANK_LIMIT = 64
"""Dimensions that an array of numpy can have."""


class TensorSpec(NamedTuple):
    """A tensor of a model's signature, or what ONNX makes of tensors; -1 in the shape is a dynamic dimension.

    A shape of no dimensions is a scalar or, where the graph states none, anything: ONNX Runtime does not tell.
    """

    name: str
    datatype: str
    """Of the elements, or of a map's values."""
    shape: tuple[int, ...]
    """For a sequence and for maps: how many; a map alone has no dimension."""
    kind: str = TENSOR
    key: str = ""
    """Datatype of a map's keys."""
    optional: bool = False
    """An input that may be left out, an output that may be none."""

    def document(self) -> dict[str, Any]:
        """How the protocol's metadata shows it; what is not a plain tensor says so in its parameters."""
        shown: dict[str, Any] = {"name": self.name, "datatype": self.datatype, "shape": self.shape}
        parameters: dict[str, Any] = {} if self.kind == TENSOR else {"content_type": self.kind}
        if self.key:
            parameters["key_datatype"] = self.key
        if self.optional:
            parameters["optional"] = True
        return shown | {"parameters": parameters} if parameters else shown


def check_shape(spec: TensorSpec, shape: object, path: str) -> tuple[int, ...]:
    """Return the shape that a request states, checked against the model's.

    Raises:
        InvalidInput: it is no list of sizes, or does not fit `spec.shape`.
    """
    if type(shape) is not list or not all(type(extent) is int for extent in shape):
        raise InvalidInput(path, f"a list of {len(spec.shape)} integers", brief(shape))
    if len(shape) > RANK_LIMIT:
        raise InvalidInput(path, f"at most {RANK_LIMIT} dimensions", f"{len(shape)}")
    for axis, extent in enumerate(shape):
        if not 0 <= extent < DIMENSION_LIMIT:
            raise InvalidInput(f"{path}[{axis}]", "a size from 0 to 2^31 - 1", brief(extent))
    if not fits(tuple(shape), spec.shape):
        raise InvalidInput(path, f"{spec.datatype} of shape {list(spec.shape)}", brief(shape))
    return tuple(shape)


def fits(shape: tuple[int, ...], declared: tuple[int, ...]) -> bool:
    """Whether a shape is one that a model with this declared shape (-1 = any, no dimension at all = any) takes."""
    if not declared:
        return True
    if len(shape) != len(declared):
        return False
    return all(want in (-1, extent) for extent, want in zip(shape, declared, strict=True))


def from_json(spec: TensorSpec, shape: tuple[int, ...], data: object, path: str, first: int = 0) -> Array:
    """Turn JSON data, nested or flat in row-major order, into an array of `spec.datatype` and `shape`.

    Args:
        first: which element of `path` the first one is, for messages.

    Raises:
        InvalidInput: count, nesting, type or range of an element is wrong; the message names the first one.
    """
    datatype = DATATYPES[spec.datatype]
    if datatype.binary_only:
        raise InvalidInput(path, datatype.expected, brief(data))
    if type(data) is not list:
        raise InvalidInput(path, f"a list of {spec.datatype} values", brief(data))
    flat = _flatten(data, shape, path)
    if len(flat) != prod(shape):
        raise InvalidInput(path, f"{prod(shape)} values for the shape {list(shape)}", f"{len(flat)}")
    if not datatype.carrier:
        return _from_objects(datatype, flat, path, first).reshape(shape)
    values = _from_numbers(datatype, flat, path, first)
    # Python takes True for 1 and False for 0: only where such values came is each element worth a look.
    if bool(((values == 0) | (values == 1)).any()) and bool in map(type, flat):
        raise _offence(datatype, flat, path, first)
    return values.reshape(shape)


def blank(datatype: str, count: int) -> Array:
    """An array of so many elements that are still to be set."""
    return np.empty(count, DATATYPES[datatype].dtype)


def to_json(value: Array) -> object:
    """What a JSON encoder that knows numpy writes as the tensor's flat data; NaN and infinities become null."""
    if value.dtype == object or value.dtype.kind in "US":
        return [item.decode() if isinstance(item, bytes) else str(item) for item in value.ravel()]
    return np.ascontiguousarray(value).reshape(-1)


def _flatten(data: list[Any], shape: tuple[int, ...], path: str) -> list[Any]:
    if len(shape) < 2 or not data or type(data[0]) is not list:
        return data
    level: list[Any] = [data]
    for extent in shape[:-1]:
        level = list(chain.from_iterable(level)) if _all_lists(level, extent) else _ragged(path, shape)
    return list(chain.from_iterable(level)) if _all_lists(level, shape[-1]) else _ragged(path, shape)


def _all_lists(level: Sequence[Any], extent: int) -> bool:
    return all(type(item) is list and len(item) == extent for item in level)


def _ragged(path: str, shape: tuple[int, ...]) -> list[Any]:
    raise InvalidInput(path, f"lists nested to the shape {list(shape)}", "lists of other lengths or depth")


def _from_numbers(datatype: Datatype, flat: list[Any], path: str, first: int) -> Array:
    try:
        # Three times as fast as numpy's own way, and it takes neither strings nor, for an integer, fractions.
        wide = np.frombuffer(struct.pack(f"{len(flat)}{datatype.carrier}", *flat), dtype=datatype.carrier)
    except (struct.error, OverflowError):
        raise _offence(datatype, flat, path, first) from None
    if datatype.carrier == "d":
        with np.errstate(over="ignore"):
            values = wide.astype(datatype.dtype)
        # JSON knows no infinity, so one that appears here is a value outside the datatype's range.
        if not np.isfinite(values).all():
            raise _offence(datatype, flat, path, first)
        return values
    values = wide.astype(datatype.dtype)
    if datatype.dtype.itemsize < 8 and not np.array_equal(values, wide):
        raise _offence(datatype, flat, path, first)
    if datatype.bits < 8 and not all(map(_acceptance(datatype), flat)):
        raise _offence(datatype, flat, path, first)
    return values


def _from_objects(datatype: Datatype, flat: list[Any], path: str, first: int) -> Array:
    kind = bool if datatype.name == "BOOL" else str
    if not all(type(item) is kind for item in flat):
        raise _offence(datatype, flat, path, first)
    return np.array(flat, dtype=datatype.dtype)


def _offence(datatype: Datatype, flat: list[Any], path: str, first: int) -> InvalidInput:
    """Name the first element that the datatype does not take."""
    takes = _acceptance(datatype)
    index = next(index for index, item in enumerate(flat) if not takes(item))
    return InvalidInput(f"{path}[{first + index}]", datatype.expected, brief(flat[index]))


def _acceptance(datatype: Datatype) -> Callable[[Any], bool]:
    if datatype.name in ("BOOL", "BYTES"):
        kind = bool if datatype.name == "BOOL" else str
        return lambda item: type(item) is kind
    if datatype.carrier == "d":
        limit = float(np.finfo(datatype.dtype).max)
        return lambda item: type(item) in (int, float) and abs(item) <= limit
    bounds = np.iinfo(datatype.dtype)
    # Bits that an element does not have halve its range, on both sides of zero.
    spare = 8 - datatype.bits
    low, high = int(bounds.min) >> spare, int(bounds.max) >> spare
    return lambda item: type(item) is int and low <= item <= high
