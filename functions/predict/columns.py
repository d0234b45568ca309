"""TensorFlow Serving's columnar form of a prediction: whole tensors in and out, as nested lists by their names.

`{"inputs": {"x": [[1, 2]], "w": 3}}` is answered by `{"outputs": {"y": [[4, 5]], "n": 1}}`. A model's only input may
come without its name, and its only output does. Declared processing takes no part, so any model can be asked so:

- A tensor is nested lists, a scalar a bare value. Behind an empty list the dimensions are the graph's, the open ones 0.
- A string may come as `{"b64": "<base64 of it in UTF-8>"}`.
- A sequence is a list of tensors, a map an object, a sequence of maps a list of objects. Keys that are integers are
  strings. An optional input is left out, an output that is none is null.
- What has no form in JSON (BF16, FP8 and FP4) is left to the binary data of the Open Inference Protocol.
"""

from collections.abc import Mapping
from typing import Any

from functions.core import containers
from functions.core.errors import InvalidInput, brief
from functions.core.manifest import Manifest
from functions.core.predictor import Predictor
from functions.core.processing.inputs.encoded import decoded
from functions.core.tensors import DATATYPES, MAP, SEQUENCE, Array, TensorSpec, fits, from_json

PATH = "inputs"
DIMENSIONS = 32
"""A tensor has at most: as many as every version of numpy allows."""


def run(predictor: Predictor, document: Mapping[str, Any]) -> Any:
    """The outputs for the `inputs` of a request: by name, or the value of the only one; of types that orjson writes.

    Raises:
        InvalidInput: the inputs do not fit the model, or something has no form in JSON.
        ModelFailed, DeadlineExceeded: as `Predictor.infer`.
    """
    if "instances" in document:
        raise InvalidInput(PATH, "either instances or inputs", "both")
    if document.get("parameters"):
        raise InvalidInput("parameters", "none, as inputs and outputs are not processed", brief(document["parameters"]))
    outputs = predictor.manifest.outputs
    for spec in outputs:
        if DATATYPES[spec.datatype].binary_only:
            expected = f"a request to /v2 for binary data, as the output {spec.name!r} has no form in JSON"
            raise InvalidInput(PATH, expected, spec.datatype)
    feeds, names = _feeds(predictor.manifest, document[PATH]), [spec.name for spec in outputs]
    values = predictor.infer(feeds, names)
    if predictor.watch:
        predictor.watch.note(feeds, names, values)
    shown = [_shown(spec, value) for spec, value in zip(outputs, values, strict=True)]
    return shown[0] if len(outputs) == 1 else dict(zip(names, shown, strict=True))


def _feeds(manifest: Manifest, given: object) -> dict[str, Any]:
    only = manifest.inputs or manifest.optional
    if len(only) == 1 and _is_bare(only[0], given):
        return {only[0].name: _value(only[0], given, PATH)}
    needed = [spec.name for spec in manifest.inputs]
    if type(given) is not dict or (missing := [name for name in needed if name not in given]):
        got = brief(given) if type(given) is not dict else f"none named {missing}"
        raise InvalidInput(PATH, f"an object with the inputs {needed}", got)
    specs = {spec.name: spec for spec in manifest.inputs + manifest.optional}
    for name in given:
        if name not in specs:
            raise InvalidInput(PATH, f"only {list(specs)}", brief(name))
    return {name: _value(specs[name], value, f"{PATH}.{name}") for name, value in given.items()}


def _is_bare(spec: TensorSpec, given: object) -> bool:
    """Whether this is the value of the only input, and no object that names it or another."""
    if type(given) is not dict:
        return True
    return spec.name not in given and (spec.kind == MAP or given.keys() == {"b64"})


def _value(spec: TensorSpec, given: object, path: str) -> Any:
    if spec.kind == MAP and not spec.shape:
        return _map(spec, given, path)
    if spec.kind in (MAP, SEQUENCE):
        if type(given) is not list:
            raise InvalidInput(path, "a list of objects" if spec.kind == MAP else "a list of tensors", brief(given))
        if spec.kind == MAP:
            return [_map(spec, item, f"{path}[{index}]") for index, item in enumerate(given)]
        element = TensorSpec(spec.name, spec.datatype, ())
        return [_tensor(element, item, f"{path}[{index}]") for index, item in enumerate(given)]
    return _tensor(spec, given, path)


def _map(spec: TensorSpec, given: object, path: str) -> dict[Any, Any]:
    if type(given) is not dict:
        raise InvalidInput(path, "an object", brief(given))
    return containers.read_map(spec, given, path)


def _tensor(spec: TensorSpec, given: object, path: str) -> Array:
    shape = _shape_of(given, spec)
    if len(shape) > DIMENSIONS or not fits(shape, spec.shape):
        expected = f"{spec.datatype} of shape {list(spec.shape)}" if spec.shape else f"at most {DIMENSIONS} dimensions"
        raise InvalidInput(path, expected, f"shape {list(shape[: DIMENSIONS + 1])}")
    if spec.datatype == "BYTES":
        given = decoded(given, len(shape), path)
    return from_json(spec, shape, given if shape else [given], path)


def _shape_of(given: object, spec: TensorSpec) -> tuple[int, ...]:
    """The shape of nested lists, read along their first elements; `from_json` checks the others."""
    shape: list[int] = []
    while type(given) is list:
        shape.append(len(given))
        given = given[0] if given else None
    if shape and not shape[-1]:
        shape.extend(max(0, extent) for extent in spec.shape[len(shape) :])
    return tuple(shape)


def _shown(spec: TensorSpec, value: Any) -> Any:
    if value is None:
        return None
    if spec.kind == MAP:
        maps = [containers.write_map(spec, item) for item in (value if spec.shape else [value])]
        return maps if spec.shape else maps[0]
    return [_nested(item) for item in value] if spec.kind == SEQUENCE else _nested(value)


def _nested(value: Array) -> Any:
    """The tensor as the encoder of JSON takes it: nested, and with the digits of its datatype."""
    if value.dtype.kind not in "biuf":
        return value.tolist()
    if value.ndim:
        return value if value.flags.c_contiguous else value.copy()
    # Of single numbers the encoder knows numpy's floats, but not all its integers.
    return value[()] if value.dtype.kind == "f" else value.item()
