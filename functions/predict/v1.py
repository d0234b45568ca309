"""The lane in the user's terms: instances in, predictions out, as TensorFlow Serving and KServe v1 have it."""

from collections.abc import Mapping

from functions.core.catalog import Catalog
from functions.core.errors import InvalidInput, brief
from functions.predict.exchange import Request, Response, read_json, write_json

Parameters = Mapping[str, str]


def list_models(catalog: Catalog, _request: Request, _parameters: Parameters) -> Response:
    """Names of the models there are."""
    return write_json({"models": catalog.names()})


def describe_model(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """What a model is, what it takes and gives in the user's terms, and whether it is ready."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    manifest = predictor.manifest
    status = {"version": predictor.version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    document = {
        "name": manifest.name,
        "ready": True,
        "version": predictor.version,
        "digest": manifest.digest,
        "model_version_status": [status],
        **{field: getattr(manifest, field) for field in ("task", "title", "description", "licence", "provenance")},
        "preprocess": manifest.preprocess,
        "postprocess": manifest.postprocess,
    }
    return write_json(document, predictor)


def predict(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """Predictions for instances in the user's terms."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    document = read_json(request)
    if "instances" not in document:
        raise InvalidInput("instances", "a list of at least one instance", "nothing")
    return write_json({"predictions": predictor.predict(document["instances"])}, predictor)


def explain(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """What in each instance made the model answer as it does."""
    from functions.core.explaining import explanation  # seldom asked for

    predictor = catalog.model(parameters["name"], parameters.get("version"))
    document = read_json(request)
    instances = document.get("instances")
    if type(instances) is not list or not instances:
        raise InvalidInput("instances", "a list of at least one instance", brief(instances))
    chosen = explanation.options(document.get("parameters"), "parameters")
    return write_json({"explanations": explanation.explain(predictor, instances, chosen, "instances")}, predictor)
