"""The lane in the user's terms."""

import base64
from pathlib import Path

import pytest

from functions.predict.entry import Entry
from tests.conftest import SAMPLES
from tests.predict.calls import call

SAMPLE = Path(__file__).resolve().parents[2] / "model_artifacts" / "digits-cnn" / "sample.png"


def test_the_models_there_are(entry: Entry) -> None:
    assert call(entry, "GET", "/v1/models").body == {"models": SAMPLES}


def test_a_model_says_what_it_takes_and_gives(entry: Entry) -> None:
    described = call(entry, "GET", "/v1/models/iris-svm").body
    assert described["ready"] is True
    assert described["model_version_status"][0]["state"] == "AVAILABLE"
    assert [feature["name"] for feature in described["preprocess"]["features"]] == [
        "sepal_length",
        "sepal_width",
        "petal_length",
        "petal_width",
    ]
    assert described["postprocess"]["labels"] == ["setosa", "versicolor", "virginica"]


def test_a_regression_answers_numbers(entry: Entry) -> None:
    body = {"instances": [{"x1": 1, "x2": 2, "x3": 3}, [0, 0, 0]]}
    answered = call(entry, "POST", "/v1/models/linear-regression:predict", body)
    assert answered.body["predictions"] == pytest.approx([1.8, 0.1], abs=1e-6)


def test_a_colon_that_a_client_encodes_is_the_same_path(entry: Entry) -> None:
    body = {"instances": [[0, 0, 0]]}
    assert call(entry, "POST", "/v1/models/linear-regression%3Apredict", body).status == 200


def test_a_picture_is_read(entry: Entry) -> None:
    picture = {"image": {"b64": base64.b64encode(SAMPLE.read_bytes()).decode()}}
    answered = call(entry, "POST", "/v1/models/digits-cnn:predict", {"instances": [picture]})
    assert answered.body["predictions"][0]["label"] == "5"


def test_a_version_in_the_path(entry: Entry) -> None:
    path = "/v1/models/linear-regression/versions/0:predict"
    assert call(entry, "POST", path, {"instances": [[0, 0, 0]]}).status == 200
    missing = call(entry, "POST", path.replace("0:", "7:"), {"instances": [[0, 0, 0]]})
    assert missing.status == 404
    assert missing.body == {
        "error": "The model 'linear-regression' has no version '7' - version 0 is live",
        "code": "unknown_version",
    }


def test_a_request_without_instances_says_so(entry: Entry) -> None:
    answered = call(entry, "POST", "/v1/models/iris-svm:predict", {"instance": []})
    assert answered.body == {
        "error": "Expected a list of at least one instance - got nothing - at `instances`",
        "code": "invalid_input",
    }
