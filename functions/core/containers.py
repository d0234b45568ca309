"""What ONNX makes of tensors, in a request and an answer: sequences of tensors, maps, and an output that is none."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from functions.core.binary import to_bytes
from functions.core.errors import InvalidInput, brief
from functions.core.tensors import DATATYPES, MAP, SEQUENCE, Array, TensorSpec, check_shape, from_json, to_json

INTEGER_KEY = "an integer from -2^63 to 2^63 - 1 as a string"
ReadElement = Callable[[Mapping[str, Any], str], Array]


def read(spec: TensorSpec, tensor: Mapping[str, Any], path: str, read_element: ReadElement) -> Any:
    """A sequence or maps out of a request; the value of an input as ONNX Runtime takes it.

    Raises:
        InvalidInput: count, type or range of something in it is wrong.
    """
    shape = check_shape(spec, tensor.get("shape"), f"{path}.shape")
    if len(shape) != len(spec.shape):
        raise InvalidInput(f"{path}.shape", "[], as it is one map", brief(list(shape)))
    data, place = tensor.get("data"), f"{path}.data"
    count = shape[0] if spec.shape else 1
    if type(data) is not list or len(data) != count or not all(type(item) is dict for item in data):
        raise InvalidInput(place, f"a list of {count} objects", brief(data))
    if spec.kind == SEQUENCE:
        return [read_element(item, f"{place}[{index}]") for index, item in enumerate(data)]
    maps = [read_map(spec, item, f"{place}[{index}]") for index, item in enumerate(data)]
    return maps if spec.shape else maps[0]


def write(spec: TensorSpec, value: Any, binary: bool, tails: list[bytes]) -> dict[str, object]:
    """A sequence, maps or none as an output; bytes of a sequence's elements go to the end of `tails`."""
    output: dict[str, object] = {"name": spec.name, "datatype": spec.datatype}
    if value is None:
        return output | {"shape": [0], "parameters": {"content_type": "none"}, "data": []}
    if spec.kind == MAP:
        maps = value if spec.shape else [value]
        shape = [len(value)] if spec.shape else []
        data = [write_map(spec, item) for item in maps]
        return output | {"shape": shape, "parameters": {"content_type": MAP}, "data": data}
    first = len(tails)
    elements = [_write_element(item, binary, tails) for item in value]
    parameters: dict[str, object] = {"content_type": SEQUENCE}
    if binary:
        # Readers that know tensors only find the next one's bytes by it.
        parameters["binary_data_size"] = sum(map(len, tails[first:]))
    return output | {"shape": [len(value)], "parameters": parameters, "data": elements}


def read_map(spec: TensorSpec, item: dict[str, Any], path: str) -> dict[Any, Any]:
    """A map out of JSON, its keys of the datatype that the model has. Raises InvalidInput."""
    values = from_json(TensorSpec(spec.name, spec.datatype, (-1,)), (len(item),), list(item.values()), path)
    return dict(zip((_key(spec, key, path) for key in item), values.tolist(), strict=True))


def _key(spec: TensorSpec, key: str, path: str) -> object:
    if spec.key == "BYTES":
        return key
    if not (key.isascii() and key.removeprefix("-").isdigit() and len(key) <= 20 and -(2**63) <= int(key) < 2**63):
        raise InvalidInput(path, f"keys that are each {INTEGER_KEY}", brief(key))
    return int(key)


def write_map(spec: TensorSpec, item: Mapping[Any, Any]) -> dict[str, Any]:
    """A map as JSON takes it."""
    # As an array of its datatype a float32 is written with its own digits, not with those of a float64.
    values = np.array(list(item.values()), DATATYPES[spec.datatype].dtype)
    return dict(zip(map(str, item), values, strict=True))


def _write_element(value: Array, binary: bool, tails: list[bytes]) -> dict[str, object]:
    if not binary:
        return {"shape": value.shape, "data": to_json(value)}
    tails.append(to_bytes(value))
    return {"shape": value.shape, "parameters": {"binary_data_size": len(tails[-1])}}
