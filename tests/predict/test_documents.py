"""What the document says of each model is true: its examples are answered, and so is whatever fits its schema."""

from math import prod
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

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
    kind = schema["type"]
    if kind == "object":
        return st.fixed_dictionaries({name: strategy(inner) for name, inner in schema["properties"].items()})
    if kind == "array" and (shape := fixed_shape(schema)) and prod(shape) > 1000:
        # Too large to be drawn element by element: all of it from one seed.
        return st.integers(0, 9).map(lambda seed: np.random.default_rng(seed).integers(0, 256, shape).tolist())
    if kind == "array":
        bounds = {"min_size": schema.get("minItems", 0), "max_size": schema.get("maxItems", 4)}
        return st.lists(strategy(schema["items"]), **bounds)
    if kind == "number":
        return st.floats(schema["minimum"], schema["maximum"])
    return {
        "integer": st.integers(-5, 5),
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
