"""An inference request of the Open Inference Protocol, read; and its answer, written. JSON, binary, or both.

The protocol knows tensors only. What else ONNX has is an extension of it:

- A sequence of tensors has `parameters.content_type` "sequence", its own length as `shape`, the elements' `datatype`,
  and as `data` a list of `{"shape": ..., "data": ...}`, or of `{"shape": ..., "parameters": {"binary_data_size": n}}`
  whose bytes stand behind the JSON as those of any tensor.
- Maps have the `content_type` "map", the `datatype` of their values, and as `data` a list of JSON objects: one for a
  map alone, whose `shape` is [], and n of them for a sequence of n, whose `shape` is [n]. Keys that are integers are
  written as strings. They are always JSON.
- An optional input is left out of the request. An output that is none has the `content_type` "none" and no data.
- BF16, FP8 (FP8E4M3FN, FP8E4M3FNUZ, FP8E5M2, FP8E5M2FNUZ, FP8E8M0) and FP4E2M1 are binary only: their bits. INT4,
  UINT4, INT2 and UINT2 are integers in JSON. In binary data each element of fewer than 8 bits takes one byte.

A model's metadata states `content_type` as well, and `optional: true` where it is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from functions.core.binary import from_bytes, from_raw, to_bytes
from functions.core.errors import InvalidInput, brief
from functions.core.manifest import Manifest
from functions.core.predictor import Predictor
from functions.core.tensors import DATATYPES, TENSOR, Array, TensorSpec, check_shape, from_json, to_json
from functions.predict.exchange import BINARY, HEADER_LENGTH, LIGHT, Request, Response, parse_json, write_json

ReadNumbers = Callable[[TensorSpec, tuple[int, ...], str], Array]


class Asked(NamedTuple):
    """An output that is asked for: as bytes or in JSON, whole or as its `classes` likeliest labels (0: whole)."""

    spec: TensorSpec
    binary: bool
    classes: int


class Inference(NamedTuple):
    """A request that fits the model."""

    id: object
    feeds: dict[str, Any]
    outputs: tuple[Asked, ...]


def read(manifest: Manifest, request: Request) -> Inference:
    """Read a request.

    Raises:
        InvalidJson, InvalidInput: it is none, or does not fit the model's signature.
    """
    length = _header_length(request)
    if length == 0:
        return Inference(None, _raw(manifest, memoryview(request.body)), _all(manifest, binary=True))
    document = _parsed(request.body if length is None else request.body[:length])
    tail = Tail(memoryview(b"" if length is None else request.body)[length or 0 :])
    feeds = _read_inputs(manifest, document.get("inputs"), tail)
    tail.check_empty()
    binary = _parameters(document, "$").get("binary_data_output") is True
    return Inference(document.get("id"), feeds, _read_outputs(manifest, document.get("outputs"), binary))


def write(predictor: Predictor, inference: Inference, values: Sequence[Any]) -> Response:
    """The answer: the outputs that were asked for, in that order."""
    manifest = predictor.manifest
    document: dict[str, Any] = {"model_name": manifest.name, "model_version": predictor.version}
    if inference.id is not None:
        document["id"] = inference.id
    tails: list[bytes] = []
    document["outputs"] = [
        _write_output(manifest, asked, value, tails) for asked, value in zip(inference.outputs, values, strict=True)
    ]
    response = write_json(document, predictor)
    if not tails:
        return response
    response.headers["content-type"] = BINARY
    response.headers[HEADER_LENGTH] = str(len(response.body))
    return response._replace(body=b"".join((response.body, *tails)))


class Tail:
    """The bytes behind the JSON: each binary tensor's, in the order in which the JSON names them."""

    def __init__(self, content: memoryview) -> None:
        self._content = content

    def take(self, size: object, path: str) -> memoryview:
        """The next `size` bytes."""
        if type(size) is not int or not 0 <= size <= len(self._content):
            raise InvalidInput(path, f"a size of at most the {len(self._content)} bytes that are left", brief(size))
        taken, self._content = self._content[:size], self._content[size:]
        return taken

    def check_empty(self) -> None:
        """Every byte belongs to a tensor."""
        if self._content:
            raise InvalidInput("body", "binary data for every byte behind the JSON", f"{len(self._content)} bytes more")


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) <= LIGHT:
        return parse_json(content)
    from functions.predict import numerals  # only large tensors are worth its import

    return numerals.parse(content)


def _header_length(request: Request) -> int | None:
    given = request.headers.get(HEADER_LENGTH)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) <= len(request.body)):
        expected = f"the JSON's length, at most the body's {len(request.body)} bytes"
        raise InvalidInput(f"header {HEADER_LENGTH}", expected, brief(given))
    return int(given)


def _raw(manifest: Manifest, content: memoryview) -> dict[str, Array]:
    """The whole body is the data of the only input."""
    if len(manifest.inputs) != 1 or manifest.inputs[0].kind != TENSOR:
        what = "inputs" if len(manifest.inputs) != 1 else f"input, a {manifest.inputs[0].kind}"
        raise InvalidInput(f"header {HEADER_LENGTH}", f"JSON for a model of {len(manifest.inputs)} {what}", "raw data")
    return {manifest.inputs[0].name: from_raw(manifest.inputs[0], content, "body")}


def _read_inputs(manifest: Manifest, tensors: object, tail: Tail) -> dict[str, Array]:
    if type(tensors) is not list:
        raise InvalidInput("inputs", "a list of tensors", "nothing" if tensors is None else brief(tensors))
    specs = manifest.inputs + manifest.optional
    feeds: dict[str, Any] = {}
    for index, tensor in enumerate(tensors):
        path = f"inputs[{index}]"
        spec = _named(tensor, specs, path)
        if spec.name in feeds:
            raise InvalidInput(f"{path}.name", "each input once", brief(spec.name))
        feeds[spec.name] = _read_input(spec, tensor, path, tail)
    if len(feeds) != len(specs) and (missing := [spec.name for spec in manifest.inputs if spec.name not in feeds]):
        raise InvalidInput("inputs", f"the inputs {[spec.name for spec in manifest.inputs]}", f"none named {missing}")
    return feeds


def _read_input(spec: TensorSpec, tensor: Mapping[str, Any], path: str, tail: Tail) -> Any:
    if tensor.get("datatype") != spec.datatype:
        raise InvalidInput(f"{path}.datatype", spec.datatype, brief(tensor.get("datatype")))
    if spec.kind != TENSOR:
        from functions.core import containers  # hardly a model has any

        return containers.read(spec, tensor, path, lambda element, at: _read_tensor(_element(spec), element, at, tail))
    return _read_tensor(spec, tensor, path, tail)


def _element(spec: TensorSpec) -> TensorSpec:
    return TensorSpec(spec.name, spec.datatype, ())


def _read_tensor(spec: TensorSpec, tensor: Mapping[str, Any], path: str, tail: Tail) -> Array:
    shape = check_shape(spec, tensor.get("shape"), f"{path}.shape")
    parameters = tensor.get("parameters")
    if parameters is None or "binary_data_size" not in _parameters(tensor, path):
        data = tensor.get("data")
        read: ReadNumbers | None = getattr(data, "array", None)
        if read:  # a long list of numbers, which is not parsed yet
            return read(spec, shape, f"{path}.data")
        return from_json(spec, shape, data, f"{path}.data")
    if "data" in tensor:
        raise InvalidInput(f"{path}.data", "either data or binary_data_size", "both")
    place = f"{path}.parameters.binary_data_size"
    return from_bytes(spec, shape, tail.take(parameters["binary_data_size"], place), path)


def _read_outputs(manifest: Manifest, tensors: object, binary: bool) -> tuple[Asked, ...]:
    if tensors is None or tensors == []:
        return _all(manifest, binary=binary)
    if type(tensors) is not list:
        raise InvalidInput("outputs", "a list of tensors", brief(tensors))
    asked = tuple(_asked(manifest, tensor, f"outputs[{index}]", binary) for index, tensor in enumerate(tensors))
    if len({one.spec.name for one in asked}) != len(asked):
        raise InvalidInput("outputs", "each output once", brief([one.spec.name for one in asked]))
    return asked


def _all(manifest: Manifest, *, binary: bool) -> tuple[Asked, ...]:
    for index, spec in enumerate(manifest.outputs):
        _check_form(spec, binary, f"outputs[{index}]")
    return tuple(Asked(spec, binary, 0) for spec in manifest.outputs)


def _asked(manifest: Manifest, tensor: object, path: str, binary: bool) -> Asked:
    spec = _named(tensor, manifest.outputs, path)
    parameters = _parameters(tensor, path)
    own = parameters.get("binary_data", binary)
    if type(own) is not bool:
        raise InvalidInput(f"{path}.parameters.binary_data", "true or false", brief(own))
    classes = parameters.get("classification", 0)
    if type(classes) is not int or classes < 0:
        raise InvalidInput(f"{path}.parameters.classification", "a number of classes", brief(classes))
    datatype = DATATYPES[spec.datatype]
    plain = spec.kind == TENSOR and bool(spec.shape) and datatype.dtype.kind in "fiu" and not datatype.binary_only
    if classes and not plain:
        raise InvalidInput(f"{path}.parameters.classification", "an output of numbers", spec.datatype)
    if not classes:
        _check_form(spec, own, path)
    return Asked(spec, own, classes)


def _check_form(spec: TensorSpec, binary: bool, path: str) -> None:
    if not binary and DATATYPES[spec.datatype].binary_only:
        raise InvalidInput(path, f"binary_data for {spec.name!r}, as {spec.datatype} has no form in JSON", "none")


def _parameters(holder: object, path: str) -> Mapping[str, Any]:
    parameters = holder.get("parameters") if isinstance(holder, dict) else None
    if parameters is None:
        return {}
    if type(parameters) is not dict:
        raise InvalidInput(f"{path}.parameters", "an object", brief(parameters))
    return parameters


def _named(tensor: object, specs: tuple[TensorSpec, ...], path: str) -> TensorSpec:
    if type(tensor) is not dict:
        raise InvalidInput(path, "a tensor: an object with a name", brief(tensor))
    name = tensor.get("name")
    for spec in specs:
        if spec.name == name:
            return spec
    raise InvalidInput(f"{path}.name", f"one of {[spec.name for spec in specs]}", brief(name))


def _write_output(manifest: Manifest, asked: Asked, value: Any, tails: list[bytes]) -> dict[str, object]:
    datatype = asked.spec.datatype
    if asked.spec.kind != TENSOR or value is None:
        from functions.core import containers  # hardly a model has any

        return containers.write(asked.spec, value, asked.binary, tails)
    if asked.classes:
        from functions.core.classification import classify  # seldom asked for

        value, datatype = classify(value, asked.classes, manifest.labels(asked.spec.name)), "BYTES"
    output: dict[str, object] = {"name": asked.spec.name, "shape": value.shape, "datatype": datatype}
    if asked.binary:
        tails.append(to_bytes(value))
        output["parameters"] = {"binary_data_size": len(tails[-1])}
    else:
        output["data"] = to_json(value)
    return output
