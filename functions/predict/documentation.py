"""What the API's document says of each route."""

from collections.abc import Sequence
from typing import Any

from functions.core import golden
from functions.core.residents import CANARY
from functions.predict import cache, v1, v2
from functions.predict.exchange import CACHE, DIGEST, JSON, MODEL, SESSION, TIMING, VARIANT
from functions.predict.routes import ROUTES, Lane, Route

TITLE = "ortless"

ERROR = {
    "type": "object",
    "required": ["error", "code"],
    "properties": {
        "error": {"type": "string", "description": "What was expected, what came, and where."},
        "code": {"type": "string", "description": "Stable: safe to match on."},
    },
}
TENSOR = {
    "type": "object",
    "required": ["name", "shape", "datatype", "data"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "datatype": {"type": "string", "examples": ["FP32"]},
        "data": {"type": "array", "items": {}, "description": "Nested or flat, row-major."},
    },
}
INFER = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string"},
        "inputs": {"type": "array", "items": TENSOR},
        "outputs": {"type": "array", "items": {"type": "object", "required": ["name"]}},
    },
}
SIGNATURE_NAME = {"type": "string", "enum": [v1.SIGNATURE]}
PREDICT = {
    "type": "object",
    "properties": {
        "instances": {"type": "array", "minItems": 1, "items": {}},
        "inputs": {
            "description": "Instead of instances: whole tensors, nested lists by name; alone if there is only one."
        },
        "signature_name": SIGNATURE_NAME,
        "parameters": {
            "type": ["object", "null"],
            "description": "With instances: how much of an answer is given, in place of what the package says, as "
            "top_k and threshold. The model's own path says which of them it takes.",
        },
    },
    "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
}
PREDICTIONS = {
    "type": "object",
    "properties": {
        "predictions": {"type": "array", "items": {}, "description": "One for each instance."},
        "outputs": {"description": "For inputs: whole tensors, nested lists by name; alone if there is only one."},
    },
    "oneOf": [{"required": ["predictions"]}, {"required": ["outputs"]}],
}
EXPLAIN = {
    "type": "object",
    "required": ["instances"],
    "properties": {
        "instances": {"type": "array", "minItems": 1, "items": {}},
        "parameters": {
            "type": ["object", "null"],
            "properties": {
                "budget": {
                    "type": "integer",
                    "minimum": 8,
                    "maximum": 4096,
                    "default": 512,
                    "description": "Times that the model is asked for each instance, at most.",
                },
                "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0},
                "target": {"type": ["string", "null"], "description": "A label; the likeliest when none is given."},
            },
            "additionalProperties": False,
        },
    },
}
EXPLANATIONS = {
    "type": "object",
    "required": ["explanations"],
    "properties": {"explanations": {"type": "array", "items": {"type": "object"}}},
}
EXAMPLES = {
    "type": "object",
    "required": ["examples"],
    "properties": {
        "examples": {
            "type": "array",
            "description": "Golden requests of the package, in its order, those of at most 64 KiB.",
            "items": {
                "type": "object",
                "required": list(golden.SHOWN),
                "properties": {
                    "name": {"type": "string"},
                    "request": {"type": "object", "description": "A body of the model's :predict."},
                    "response": {"type": "object", "description": "What that is answered by."},
                },
            },
        }
    },
}
INFERENCE = {
    "type": "object",
    "required": ["model_name", "model_version", "outputs"],
    "properties": {
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "id": {"description": "The request's, where it has one."},
        "outputs": {"type": "array", "items": TENSOR},
    },
}
INDEX = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "version", "state", "reason"],
        "properties": {
            "name": {"type": "string"},
            "version": {"type": "string", "description": "Empty until the model is loaded."},
            "state": {"enum": ["READY", "UNAVAILABLE"]},
            "reason": {"type": "string"},
        },
    },
}
TIMINGS = {
    "description": "Milliseconds in the function, as browsers read it: total, and of an environment's first answer "
    "cold, what that waited for imports and loading.",
    "required": True,
    "schema": {"type": "string", "pattern": r"^total;dur=[0-9.]+(, cold;dur=[0-9.]+)?$"},
}
HEADERS = {
    MODEL: {
        "description": "The model and the version that answered.",
        "required": True,
        "schema": {"type": "string", "pattern": "^.+@[0-9]+$"},
    },
    DIGEST: {
        "description": "SHA-256 of that version's manifest, which names every file of it by its own.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    VARIANT: {
        "description": "Only of answers of a version on trial that this request was drawn for.",
        "schema": {"type": "string", "enum": [CANARY]},
    },
    CACHE: {
        "description": "Only of models that keep answers: whether this one was kept from the same request before.",
        "schema": {"type": "string", "enum": [cache.HIT, cache.MISS]},
    },
    TIMING: TIMINGS,
}
"""Headers of what a model answers."""
CALLER = {
    "name": SESSION,
    "in": "header",
    "description": "Any text that stays the same for one caller: while a new version of a model is on trial, all "
    "requests with it are answered by the same version. Without it, each request is drawn for itself.",
    "schema": {"type": "string"},
}
"""Header by which a caller stays with one version."""
BODIES: dict[Lane, Any] = {v1.predict: PREDICT, v1.explain: EXPLAIN, v2.infer: INFER}
ANSWERS: dict[Lane, Any] = {
    v1.predict: PREDICTIONS,
    v1.explain: EXPLANATIONS,
    v1.list_examples: EXAMPLES,
    v2.infer: INFERENCE,
    v2.index: INDEX,
}
TAGS = {v1.__name__: "In the user's terms (v1)", v2.__name__: "Open Inference Protocol (v2)"}
REFUSALS = {400: "The input does not fit", 404: "Unknown model or version", 413: "The body is too large"}


def description(models: Sequence[str]) -> str:
    """The head of the document: which models there are."""
    return f"Machine-learning models on ONNX Runtime. The models here: {', '.join(models) or 'none'}."


def document(route: Route) -> dict[str, Any]:
    """The arguments of FastAPI's `add_api_route` that document a route."""
    summary = (route.lane.__doc__ or "").splitlines()[0]
    name = f"{route.lane.__module__.rsplit('.', 1)[-1]}_{route.lane.__name__}"
    extra: dict[str, Any] = {"parameters": _parameters(route)}
    if route.lane in BODIES:
        extra["requestBody"] = {"required": True, "content": {JSON: {"schema": BODIES[route.lane]}}}
    responses: dict[int | str, Any] = {
        200: {"description": "The answer", "content": {JSON: {"schema": ANSWERS.get(route.lane, {"type": "object"})}}}
    }
    if route.lane in BODIES:
        responses[200]["headers"] = HEADERS
    for status, text in REFUSALS.items():
        responses[status] = {"description": text, "content": {JSON: {"schema": ERROR}}}
    return {
        "summary": summary,
        "operation_id": name + _scope(route),
        "tags": [TAGS[route.lane.__module__]],
        "openapi_extra": extra,
        "responses": responses,
    }


def _scope(route: Route) -> str:
    """What tells apart the routes of one lane: of all models, of a model, of a version of it."""
    if "{version}" in route.template:
        return "_version"
    others = [other.template for other in ROUTES if other.lane is route.lane and "{name}" in other.template]
    return "_all" if others and "{name}" not in route.template else ""


def _parameters(route: Route) -> list[dict[str, Any]]:
    named = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("name", "version")
        if f"{{{name}}}" in route.template
    ]
    # A request that names a version takes no part in a trial.
    return [*named, CALLER] if route.lane in BODIES and "{version}" not in route.template else named
