"""What the document says of each model is true: its examples are answered, and so is whatever fits its schema."""

from math import prod
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from functions.core.golden import difference
from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import SAMPLES
from tests.predict.calls import call


@pytest.fixture(scope="module")
def served(packages: Any) -> Entry:
    return Entry(Settings(packages=str(packages)))


@pytest.fixture(scope="module")
def document(served: Entry) -> Any:
    return call(served, "GET", "/openapi.json").body


def content_of(document: Any, model: str) -> tuple[Any, Any]:
    operation = document["paths"][f"/v1/models/{model}:predict"]["post"]
    request = operation["requestBody"]["content"]["application/json"]
    return request, operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("model", SAMPLES)
def test_examples_fit_their_schemas_and_are_answered(served: Entry, document: Any, model: str) -> None:
    request, response = content_of(document, model)
    assert request["examples"]
    for name, example in request["examples"].items():
        answered = call(served, "POST", f"/v1/models/{model}:predict", example["value"])
        assert answered.status == 200
        assert difference(response["examples"][name]["value"], answered.body, response["x-tolerance"], "body") is None
        Draft202012Validator(response["schema"]).validate(answered.body)
        Draft202012Validator(response["schema"]).validate(response["examples"][name]["value"])


def fixed_shape(schema: Any) -> list[int]:
    """The shape of nested lists that are of one size only; empty for others."""
    if schema.get("type") != "array":
        return []
    if "minItems" not in schema or schema["minItems"] != schema.get("maxItems"):
        return []
    return [schema["minItems"], *fixed_shape(schema["items"])]


def strategy(schema: Any) -> st.SearchStrategy[Any]:
    """Values that fit a schema of the kinds that the document uses."""
    if "anyOf" in schema:
        return st.one_of([strategy(option) for option in schema["anyOf"] if "b64" not in option.get("properties", ())])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        drawn = {name: strategy(inner) for name, inner in schema["properties"].items()}
        optional = {name: drawn.pop(name) for name in schema["properties"] if name not in schema.get("required", ())}
        return st.fixed_dictionaries(drawn, optional=optional)
    if kind == "array" and (shape := fixed_shape(schema)) and prod(shape) > 1000:
        # Too large to be drawn element by element: all of it from one seed.
        return st.integers(0, 9).map(lambda seed: np.random.default_rng(seed).integers(0, 256, shape).tolist())
    if kind == "array":
        bounds = {"min_size": schema.get("minItems", 0), "max_size": schema.get("maxItems", 4)}
        return st.lists(strategy(schema["items"]), **bounds)
    if kind == "number":
        return st.floats(schema["minimum"], schema["maximum"])
    return {
        "integer": st.integers(schema.get("minimum", -5), schema.get("maximum", 5)),
        "string": st.text(min_size=schema.get("minLength", 0)),
        "boolean": st.booleans(),
    }[kind]


@pytest.mark.parametrize("model", SAMPLES)
def test_whatever_fits_the_schema_is_answered(served: Entry, document: Any, model: str) -> None:
    request, response = content_of(document, model)
    answers = Draft202012Validator(response["schema"])

    examples = 5 if model == "flower-photo" else 40  # pictures in JSON take half a second each

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(strategy(request["schema"]))
    def check(body: Any) -> None:
        if len(orjson.dumps(body)) > Settings().max_body_bytes:
            return
        answered = call(served, "POST", f"/v1/models/{model}:predict", body)
        assert answered.status == 200, answered.body
        answers.validate(answered.body)

    check()


PARAMETERS: dict[str, dict[str, Any]] = {
    "next-books": {"top_k": {"minimum": 1, "default": 10}},
    "support-answers": {
        "top_k": {"minimum": 1, "default": 3},
        "threshold": {"minimum": -1, "maximum": 1, "default": 0.882},
    },
    "credit-risk": {"top_k": {"minimum": 1}, "threshold": {"minimum": 0, "maximum": 1, "default": 0.1}},
    "iris-svm": {"top_k": {"minimum": 1}, "threshold": {"minimum": 0, "maximum": 1}},
}


@pytest.mark.parametrize("model", PARAMETERS)
def test_the_parameters_of_a_model_are_those_that_it_takes(document: Any, model: str) -> None:
    parameters = content_of(document, model)[0]["schema"]["properties"]["parameters"]
    assert parameters["additionalProperties"] is False
    shown = {
        name: {key: schema[key] for key in ("minimum", "maximum", "default") if key in schema}
        for name, schema in parameters["properties"].items()
    }
    for schema in shown.values():
        if schema.get("maximum") == 2**64 - 1:
            del schema["maximum"]
    assert shown == PARAMETERS[model]


@pytest.mark.parametrize("model", ["linear-regression", "steering-control"])
def test_a_model_that_takes_no_parameters_has_none_in_its_document(document: Any, model: str) -> None:
    assert "parameters" not in content_of(document, model)[0]["schema"]["properties"]


@pytest.mark.parametrize("model", PARAMETERS)
def test_an_answer_fits_its_schema_whatever_its_parameters(served: Entry, document: Any, model: str) -> None:
    request, response = content_of(document, model)
    instances = next(iter(request["examples"].values()))["value"]["instances"]
    answers = Draft202012Validator(response["schema"])
    taken = PARAMETERS[model]
    for top_k in (1, 2, 5, 2**64 - 1):
        for threshold in [-1.0, 0.0, 0.5, 1.0] if "threshold" in taken else [None]:
            if threshold is not None and threshold < taken["threshold"]["minimum"]:
                continue
            parameters = {"top_k": top_k} | ({} if threshold is None else {"threshold": threshold})
            body = {"instances": instances, "parameters": parameters}
            answered = call(served, "POST", f"/v1/models/{model}:predict", body)
            assert answered.status == 200, answered.body
            answers.validate(answered.body)


def limits(schema: Any) -> list[tuple[str, int, int]]:
    """Values of each whole number that a schema has: the least, and the most."""
    numbers = schema["properties"].items()
    return [(name, of["minimum"], of["maximum"]) for name, of in numbers if of["type"] == "integer"]


def test_the_parameters_of_an_explanation_have_the_limits_that_the_document_says(served: Entry, document: Any) -> None:
    operation = document["paths"]["/v1/models/{name}:explain"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["parameters"]
    assert limits(schema) == [("budget", 8, 4096), ("seed", 0, 2**32 - 1)]
    instances = content_of(document, "iris-svm")[0]["examples"]
    instance = next(iter(instances.values()))["value"]["instances"][0]
    for name, low, high in limits(schema):
        for value, status in ((low - 1, 400), (low, 200), (high, 200), (high + 1, 400)):
            body = {"instances": [instance], "parameters": {name: value}}
            assert call(served, "POST", "/v1/models/iris-svm:explain", body).status == status, (name, value)
    unknown = {"instances": [instance], "parameters": {"steps": 1}}
    assert call(served, "POST", "/v1/models/iris-svm:explain", unknown).status == 400


COMPUTED = ("infer", ":predict", ":explain")


def test_every_path_that_computes_documents_who_answers_and_how_a_caller_stays_with_it(document: Any) -> None:
    paths = [path for path in document["paths"] if path.endswith(COMPUTED)]
    assert len(paths) == 6 + len(SAMPLES)
    for path in paths:
        operation = document["paths"][path]["post"]
        headers = operation["responses"]["200"]["headers"]
        assert {name for name, header in headers.items() if header.get("required")} == {
            "x-ortless-model", "x-ortless-digest", "server-timing",
        }  # fmt: skip
        assert headers["x-ortless-variant"]["schema"]["enum"] == ["canary"]
        sent = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert sent == (set() if "{version}" in path else {"x-ortless-session"})


def test_a_model_that_does_not_load_leaves_the_document_whole(packages: Any, tmp_path: Any) -> None:
    broken = tmp_path / "packages"
    broken.mkdir()
    for folder in packages.iterdir():
        (broken / folder.name).symlink_to(folder)
    (broken / "broken").mkdir()
    (broken / "broken" / "manifest.json").write_text("{}")
    document = call(Entry(Settings(packages=str(broken))), "GET", "/openapi.json").body
    assert "/v1/models/iris-svm:predict" in document["paths"]
    assert "/v1/models/broken:predict" not in document["paths"]
