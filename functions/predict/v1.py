"""The lane in the user's terms: instances in, predictions out, as TensorFlow Serving and KServe v1 have it."""

from collections.abc import Mapping
from typing import Any

from functions.core import golden
from functions.core.catalog import Catalog
from functions.core.errors import InvalidInput, brief
from functions.core.predictor import Predictor
from functions.predict.exchange import (
    LIGHT,
    Lane,
    Request,
    Response,
    count_labels,
    note_decoded,
    predictor_of,
    read_json,
    write_json,
)

Parameters = Mapping[str, str]
SIGNATURE = "serving_default"
"""TensorFlow Serving's name of the one signature that a model has here."""
LARGEST = 2**64 - 1
"""Of whole numbers among a request's parameters: what is larger is not read as one."""


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


def list_examples(catalog: Catalog, _request: Request, parameters: Parameters) -> Response:
    """Requests that the model comes with, and what it answers to each."""
    predictor = catalog.model(parameters["name"], parameters.get("version"))
    return write_json({"examples": golden.examples(predictor)}, predictor)


def predict(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """Predictions for instances in the user's terms; or, for all rows at once, output tensors for input tensors."""
    return _answer(predictor_of(catalog, request, parameters, _predict), request, _predict)


def explain(catalog: Catalog, request: Request, parameters: Parameters) -> Response:
    """What in each instance made the model answer as it does."""
    # A shadow is not asked to explain: that is many runs.
    return _answer(predictor_of(catalog, request, parameters, None), request, _explain)


def _answer(predictor: Predictor, request: Request, lane: Lane) -> Response:
    if predictor.manifest.cache:
        from functions.predict import cache  # only a model that asks for it pays for it

        return cache.answer(predictor, request, lane)
    return lane(predictor, request)


def _predict(predictor: Predictor, request: Request) -> Response:
    document = _document(predictor, request)
    note_decoded(request)
    if document.get("signature_name", SIGNATURE) != SIGNATURE:
        raise InvalidInput("signature_name", repr(SIGNATURE), brief(document["signature_name"]))
    if "inputs" in document:
        from functions.predict import columns  # most requests are of instances

        return write_json({"outputs": columns.run(predictor, document)}, predictor)
    if "instances" not in document:
        raise InvalidInput("instances", "a list of at least one instance", "nothing")
    predictions = predictor.predict(document["instances"], parameters=_parameters(document))
    return write_json({"predictions": predictions}, predictor, labels=count_labels(predictions))


def _explain(predictor: Predictor, request: Request) -> Response:
    from functions.core.explaining import explanation  # seldom asked for

    document = _document(predictor, request)
    instances = document.get("instances")
    if type(instances) is not list or not instances:
        raise InvalidInput("instances", "a list of at least one instance", brief(instances))
    chosen = explanation.options(_parameters(document), "parameters")
    return write_json({"explanations": explanation.explain(predictor, instances, chosen, "instances")}, predictor)


def _parameters(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a request wants otherwise; a whole number is one in JSON, too, if it is written as 3.0."""
    given = document.get("parameters")
    if given is None:
        return None
    if type(given) is not dict:
        raise InvalidInput("parameters", "an object", brief(given))
    return {
        name: int(value) if type(value) is float and value.is_integer() and abs(value) <= LARGEST else value
        for name, value in given.items()
    }


def _document(predictor: Predictor, request: Request) -> dict[str, Any]:
    numbers = getattr(predictor.preprocess, "numbers", "")
    if not numbers or len(request.body) <= LIGHT:
        return read_json(request)
    from functions.predict import numerals  # only large pictures of numbers are worth its import

    return numerals.parse(request.body, "instances", numbers)
