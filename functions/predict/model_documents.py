"""What the API's document says of each model: its own path, with the schema of its instances and real examples."""

from collections.abc import Iterator
from typing import Any

import orjson

from functions.core import golden
from functions.core.catalog import Catalog
from functions.core.errors import OrtlessError
from functions.core.predictor import Predictor
from functions.predict.documentation import ERROR, REFUSALS
from functions.predict.exchange import JSON

EXAMPLE_LIMIT = 4096
"""Bytes of a golden request that is shown as an example at most."""


def paths(catalog: Catalog) -> dict[str, Any]:
    """OpenAPI path items of the models that load; one that does not is left to the general paths."""
    found = {}
    for name in catalog.names():
        try:
            found[f"/v1/models/{name}:predict"] = {"post": _predict(catalog.model(name))}
        except OrtlessError:
            continue
    return found


def _predict(predictor: Predictor) -> dict[str, Any]:
    manifest = predictor.manifest
    instance, prediction = predictor.schemas()
    request: dict[str, Any] = {"schema": _list_of("instances", instance)}
    response: dict[str, Any] = {"schema": _list_of("predictions", prediction)}
    cases = list(_examples(predictor))
    if cases:
        request["examples"] = {case["name"]: {"value": case["request"]} for case in cases}
        response["examples"] = {case["name"]: {"value": case["response"]} for case in cases}
    refusals = {
        str(status): {"description": text, "content": {JSON: {"schema": ERROR}}} for status, text in REFUSALS.items()
    }
    return {
        "summary": manifest.title,
        "description": manifest.description,
        "operationId": f"predict_{manifest.name.replace('-', '_')}",
        "tags": ["Models"],
        "requestBody": {"required": True, "content": {JSON: request}},
        "responses": {"200": {"description": "A prediction for each instance", "content": {JSON: response}}} | refusals,
    }


def _list_of(name: str, items: dict[str, Any]) -> dict[str, Any]:
    listed = {"type": "array", "minItems": 1, "items": items}
    return {"type": "object", "required": [name], "properties": {name: listed}}


def _examples(predictor: Predictor) -> Iterator[dict[str, Any]]:
    if golden.FILE not in predictor.manifest.files:
        return
    for case in orjson.loads(predictor.package.read(golden.FILE))["cases"]:
        if len(orjson.dumps(case["request"])) <= EXAMPLE_LIMIT:
            yield case
