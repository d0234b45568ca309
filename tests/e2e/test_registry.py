"""A new version without a redeploy, and the registry out of reach."""

import json
import time
from pathlib import Path

from benchmarks.lambda_runtime import cold_start
from functions.core.store import ObjectStore
from functions.packaging.build import build
from tests.conftest import load_event
from tests.core import graphs
from tests.e2e.conftest import Api, release

NAME = "plus"


def eventually(api: Api, version: str) -> object:
    """What the model answers once that version serves; functions look at the alias every second here."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answered = api.predict(NAME, [0, 0])
        if answered.headers.get("x-ortless-model") == f"{NAME}@{version}":
            return answered.json()["predictions"]
        assert answered.status_code in (200, 404), answered.text
        time.sleep(0.2)
    raise AssertionError(f"version {version} never served: {answered.text}")


def test_a_new_version_changes_the_answers_without_a_redeploy(api: Api, registry: ObjectStore, tmp_path: Path) -> None:
    for version, amount in ((1, 10), (2, 20)):
        source = graphs.source(tmp_path / str(amount), NAME, graphs.plus(amount))
        package = build(source, tmp_path / str(amount) / "packages")
        assert release(package, registry) == version
        assert eventually(api, str(version)) == [[amount, amount]]
    assert NAME in api.call("GET", "/v1/models").json()["models"]


def test_an_earlier_version_answers_where_a_call_names_it(api: Api) -> None:
    answered = api.call("POST", f"/v1/models/{NAME}/versions/1:predict", json={"instances": [[0, 0]]})
    assert answered.json()["predictions"] == [[10, 10]]


def test_with_the_registry_out_of_reach_a_fresh_function_answers_from_what_ships_with_it(packages: Path) -> None:
    environment = {
        "ORTLESS_PACKAGES": str(packages),
        "ORTLESS_MODEL_BUCKET": "models",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    start = cold_start("functions.predict.handler.handler", load_event("rest_predict_iris"), environment)
    assert json.loads(start.answer["body"])["predictions"][0]["label"] == "setosa"
    assert start.answer["headers"]["x-ortless-model"] == "iris-svm@0"
