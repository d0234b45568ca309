"""The Open Inference Protocol v2: health, metadata, and inference on tensors as JSON."""

from collections.abc import Mapping
from typing import Any

from functions import VERSION
from functions.core.catalog import Catalog
from functions.core.errors import InvalidInput, brief
from functions.core.manifest import Manifest
from functions.core.tensors import Array, TensorSpec, check_shape, from_json, to_json
from functions.predict.exchange import Request, Response, read_json, write_json

Parameters = Mapping[str, str]
PLATFORM = "onnx_onnxv1"


def describe_server(_catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """Name, version and extensions of the server."""
    return write_json({"name": "ortless", "version": VERSION, "extensions": []})


def live(_catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """The process answers."""
    return write_json({"live": True})


def ready(_catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """The process takes requests: the protocol's text names one member, a client of it reads the other."""
    return write_json({"live": True, "ready": True})


def model_ready(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """Whether a model is loaded; asking loads it."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    return write_json({"name": predictor.manifest.name, "ready": True}, predictor)


def describe_model(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """A model's tensors; -1 in a shape is a dynamic dimension."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    manifest = predictor.manifest
    document = {
        "name": manifest.name,
        "versions": [predictor.version],
        "platform": PLATFORM,
        "inputs": [spec._asdict() for spec in manifest.inputs],
        "outputs": [spec._asdict() for spec in manifest.outputs],
    }
    return write_json(document, predictor)


def infer(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """Output tensors for input tensors."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    document = read_json(request)
    manifest = predictor.manifest
    feeds = _read_inputs(manifest, document.get("inputs"))
    outputs = _read_outputs(manifest, document.get("outputs"))
    values = predictor.infer(feeds, [spec.name for spec in outputs])
    answer: dict[str, Any] = {"model_name": manifest.name, "model_version": predictor.version}
    if "id" in document:
        answer["id"] = document["id"]
    answer["outputs"] = [_write_output(spec, value) for spec, value in zip(outputs, values, strict=True)]
    return write_json(answer, predictor)


def _read_inputs(manifest: Manifest, tensors: object) -> dict[str, Array]:
    if type(tensors) is not list:
        raise InvalidInput("inputs", "a list of tensors", "nothing" if tensors is None else brief(tensors))
    feeds: dict[str, Array] = {}
    for index, tensor in enumerate(tensors):
        path = f"inputs[{index}]"
        spec = _named(tensor, manifest.inputs, path)
        if spec.name in feeds:
            raise InvalidInput(f"{path}.name", "each input once", brief(spec.name))
        if tensor.get("datatype") != spec.datatype:
            raise InvalidInput(f"{path}.datatype", spec.datatype, brief(tensor.get("datatype")))
        shape = check_shape(spec, tensor.get("shape"), f"{path}.shape")
        feeds[spec.name] = from_json(spec, shape, tensor.get("data"), f"{path}.data")
    if len(feeds) != len(manifest.inputs):
        missing = [spec.name for spec in manifest.inputs if spec.name not in feeds]
        raise InvalidInput("inputs", f"the inputs {[spec.name for spec in manifest.inputs]}", f"none named {missing}")
    return feeds


def _read_outputs(manifest: Manifest, tensors: object) -> tuple[TensorSpec, ...]:
    if tensors is None or tensors == []:
        return manifest.outputs
    if type(tensors) is not list:
        raise InvalidInput("outputs", "a list of tensors", brief(tensors))
    specs = tuple(_named(tensor, manifest.outputs, f"outputs[{index}]") for index, tensor in enumerate(tensors))
    if len(set(specs)) != len(specs):
        raise InvalidInput("outputs", "each output once", brief([spec.name for spec in specs]))
    return specs


def _named(tensor: object, specs: tuple[TensorSpec, ...], path: str) -> TensorSpec:
    if type(tensor) is not dict:
        raise InvalidInput(path, "a tensor: an object with a name", brief(tensor))
    name = tensor.get("name")
    for spec in specs:
        if spec.name == name:
            return spec
    raise InvalidInput(f"{path}.name", f"one of {[spec.name for spec in specs]}", brief(name))


def _write_output(spec: TensorSpec, value: Array) -> dict[str, object]:
    return {"name": spec.name, "shape": value.shape, "datatype": spec.datatype, "data": to_json(value)}
