"""What the API's document says of each model: its own path, with the schema of its instances and real examples."""

from typing import Any

import orjson

from functions.core import golden
from functions.core.catalog import Catalog
from functions.core.errors import OrtlessError
from functions.core.predictor import Predictor
from functions.core.rowless import Rowless
from functions.predict import column_documents, parameter_documents
from functions.predict.documentation import CALLER, ERROR, HEADERS, REFUSALS, SIGNATURE_NAME
from functions.predict.exchange import CACHE, JSON

EXAMPLE_LIMIT = 4096
"""Bytes of a golden request that is shown as an example at most."""


def paths(catalog: Catalog) -> dict[str, Any]:
    """OpenAPI path items of the models that load; one that does not, or may not fit, is left to the general paths."""
    found = {}
    for name in catalog.at_home():
        try:
            found[f"/v1/models/{name}:predict"] = {"post": _predict(catalog.model(name))}
        except OrtlessError:
            continue
    return found


def _predict(predictor: Predictor) -> dict[str, Any]:
    manifest = predictor.manifest
    given, answered = _schemas(predictor)
    request: dict[str, Any] = {"schema": given}
    response: dict[str, Any] = {"schema": answered}
    tolerance = golden.tolerance(predictor)
    cases = [case for case in golden.cases(predictor) if len(orjson.dumps(case["request"])) <= EXAMPLE_LIMIT]
    if cases:
        request["examples"] = {case["name"]: {"value": case["request"]} for case in cases}
        response["examples"] = {case["name"]: {"value": case["response"]} for case in cases}
        response["x-tolerance"] = tolerance
    refusals = {
        str(status): {"description": text, "content": {JSON: {"schema": ERROR}}} for status, text in REFUSALS.items()
    }
    headers = {name: header for name, header in HEADERS.items() if name != CACHE or manifest.cache}
    success = {"description": "A prediction for each instance", "headers": headers, "content": {JSON: response}}
    return {
        "summary": manifest.title,
        "description": f"{manifest.description}\n\n{column_documents.description(manifest)}".strip(),
        "operationId": f"predict_{manifest.name.replace('-', '_')}",
        "tags": ["Models"],
        "parameters": [CALLER],
        "requestBody": {"required": True, "content": {JSON: request}},
        "responses": {"200": success} | refusals,
    }


def _schemas(predictor: Predictor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of a request and of its answer: instances, or tensors where the model has none."""
    if isinstance(predictor.preprocess, Rowless):
        return column_documents.request(predictor.manifest), column_documents.response(predictor.manifest)
    instance, prediction = predictor.schemas()
    request, parameters = _list_of("instances", instance), parameter_documents.request(predictor)
    request["properties"]["signature_name"] = SIGNATURE_NAME
    request["not"] = {"required": ["inputs"]}
    if parameters:
        request["properties"]["parameters"] = parameters
        prediction = parameter_documents.prediction(predictor, prediction)
    return request, _list_of("predictions", prediction)


def _list_of(name: str, items: dict[str, Any]) -> dict[str, Any]:
    listed = {"type": "array", "minItems": 1, "items": items}
    return {"type": "object", "required": [name], "properties": {name: listed}}
