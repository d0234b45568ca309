"""The Open Inference Protocol v2 and its extensions: what is asked of the server and of its models."""

from collections.abc import Mapping
from time import perf_counter_ns, time
from typing import Any

from functions import VERSION
from functions.core.catalog import Catalog
from functions.core.errors import OrtlessError
from functions.core.predictor import Predictor
from functions.core.tensors import TensorSpec
from functions.predict import inference
from functions.predict.exchange import Request, Response, note_decoded, predictor_of, write_json

Parameters = Mapping[str, str]
PLATFORM = "onnx_onnxv1"
EXTENSIONS = ["binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics"]


def describe_server(_catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """Name, version and extensions of the server."""
    return write_json({"name": "ortless", "version": VERSION, "extensions": EXTENSIONS})


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
        "inputs": [spec.document() for spec in manifest.inputs + manifest.optional],
        "outputs": [spec.document() for spec in manifest.outputs],
    }
    return write_json(document, predictor)


def infer(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """Output tensors for input tensors, as JSON or as bytes."""
    predictor = predictor_of(catalog, request, parameters, _infer)
    if predictor.manifest.cache:
        from functions.predict import cache  # only a model that asks for it pays for it

        return cache.answer(predictor, request, _infer, predictor.statistics)
    return _infer(predictor, request)


def _infer(predictor: Predictor, request: Request) -> Response:
    statistics = predictor.statistics
    started = perf_counter_ns()
    try:
        asked = inference.read(predictor.manifest, request)
        read = perf_counter_ns()
        note_decoded(request)
        names = [output.spec.name for output in asked.outputs]
        values = predictor.infer(asked.feeds, names)
        ran = perf_counter_ns()
        response = inference.write(predictor, asked, values)
    except OrtlessError:
        statistics.fail.add(perf_counter_ns() - started)
        raise
    written = perf_counter_ns()
    if predictor.watch:
        predictor.watch.note(asked.feeds, names, values)
    statistics.input.add(read - started)
    statistics.infer.add(ran - read)
    statistics.output.add(written - ran)
    statistics.success.add(written - started)
    statistics.rows += next((len(feed) for feed in asked.feeds.values() if getattr(feed, "shape", ())), 1)
    statistics.last_ms = int(time() * 1000)
    return response


def configuration(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """A model's configuration: what its tensors are called, hold and, where they are classes, mean."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    manifest = predictor.manifest
    document = {
        "name": manifest.name,
        "platform": "onnxruntime_onnx",
        "backend": "onnxruntime",
        "max_batch_size": 0,
        "input": [_configured(spec) for spec in manifest.inputs],
        "output": [_configured(spec) for spec in manifest.outputs],
        "labels": {spec.name: labels for spec in manifest.outputs if (labels := manifest.labels(spec.name))},
    }
    if manifest.cache:
        document["response_cache"] = {"enable": True}
    return write_json(document, predictor)


def statistics(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """What ran in this process, per model and version: an environment of a function counts for itself."""
    if "name" in parameters:
        loaded = [catalog.model(parameters["name"], parameters.get("version"))]
    else:
        loaded = catalog.loaded()
    return write_json({"model_stats": [_counted(predictor) for predictor in loaded]})


def index(catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """Every model there is; one that is not loaded yet is loaded by the first request for it."""
    loaded = {predictor.manifest.name: predictor for predictor in reversed(catalog.loaded())}
    rows = []
    for name in catalog.names():
        version = loaded[name].version if name in loaded else ""
        state, reason = ("READY", "") if name in loaded else ("UNAVAILABLE", "loads with its first request")
        rows.append({"name": name, "version": version, "state": state, "reason": reason})
    return write_json(rows)


def load(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """Look now at which version of a model is live, and load it."""
    return write_json({}, catalog.refresh(parameters["name"]))


def unload(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """Let go of a model in this process; the next request for it loads it anew."""
    catalog.forget(parameters["name"])
    return write_json({})


def _configured(spec: TensorSpec) -> dict[str, Any]:
    kind = "STRING" if spec.datatype == "BYTES" else spec.datatype
    return {"name": spec.name, "data_type": f"TYPE_{kind}", "dims": spec.shape}


def _counted(predictor: Predictor) -> dict[str, Any]:
    return {"name": predictor.manifest.name, "version": predictor.version, **predictor.statistics.document()}
