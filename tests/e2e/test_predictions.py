"""Real input through the gateway: an iris row, a digit, 1/2/3; and what is wrong with other input."""

import base64
import json

import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import Api
from tests.predict.test_bad_input import BODIES

SAMPLE = ROOT / "model_artifacts" / "digits-cnn" / "sample.png"
INFER = "/v2/models/linear-regression/infer"


def test_one_two_three_is_one_point_eight(api: Api) -> None:
    answered = api.predict("linear-regression", {"x1": 1, "x2": 2, "x3": 3})
    assert answered.status_code == 200
    assert answered.json()["predictions"] == pytest.approx([1.8], abs=1e-6)
    assert answered.headers["x-ortless-model"] == "linear-regression@1"


def test_an_iris_is_named(api: Api) -> None:
    row = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    assert api.predict("iris-svm", row).json()["predictions"][0]["label"] == "setosa"


def test_a_digit_is_read_from_a_picture(api: Api) -> None:
    picture = {"image": {"b64": base64.b64encode(SAMPLE.read_bytes()).decode()}}
    assert api.predict("digits-cnn", picture).json()["predictions"][0]["label"] == "5"


@pytest.mark.parametrize("model", ["linear-regression", "iris-svm", "digits-cnn"])
def test_golden_requests_are_answered_through_the_gateway(api: Api, model: str) -> None:
    golden = json.loads((ROOT / "model_artifacts" / model / "golden.json").read_text())
    for case in golden["cases"]:
        answered = api.call("POST", f"/v1/models/{model}:predict", json=case["request"])
        assert answered.status_code == 200
        assert len(answered.json()["predictions"]) == len(case["response"]["predictions"])


def test_tensors_go_in_and_come_out(api: Api) -> None:
    tensor = {"name": "features", "shape": [1, 3], "datatype": "FP32", "data": [[1, 2, 3]]}
    answered = api.call("POST", INFER, json={"id": "a", "inputs": [tensor]}).json()
    assert (answered["model_name"], answered["id"]) == ("linear-regression", "a")
    assert answered["outputs"][0]["data"] == pytest.approx([1.8], abs=1e-6)


def test_documents_and_health_are_open_and_know_nothing_of_the_stage(api: Api) -> None:
    files = ("/docs/docs.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js")
    for path in ("/v2/health/live", "/v2/health/ready", "/docs", *files, "/openapi.json"):
        assert api.call("GET", path, {"x-api-key": ""}).status_code == 200
    assert api.call("GET", "/openapi.json").json()["servers"] == [{"url": "."}]


@pytest.mark.parametrize("what", BODIES)
def test_a_bad_body_gets_a_400_in_the_shape_of_every_error(api: Api, what: str) -> None:
    body, code = BODIES[what]
    answered = api.call("POST", "/v1/models/iris-svm:predict", {"content-type": "application/json"}, content=body)
    assert (answered.status_code, answered.json()["code"]) == (400, code)
    assert answered.json().keys() == {"error", "code"}


def test_a_wrong_name_gets_a_404_with_the_models_there_are(api: Api) -> None:
    answered = api.predict("nope", [1])
    assert answered.status_code == 404
    assert answered.json()["code"] == "unknown_model"
    error = answered.json()["error"]
    assert error.startswith("There is no model 'nope' - the models are: ")
    assert {"digits-cnn", "iris-svm", "linear-regression"} <= set(error.partition("are: ")[2].split(", "))


def test_a_body_over_the_limit_gets_a_413(api: Api) -> None:
    answered = api.call("POST", "/v1/models/iris-svm:predict", content=b" " * (6 * 1024 * 1024 + 1))
    assert answered.status_code == 413
    assert answered.json()["code"] == "payload_too_large"


def test_a_path_that_is_none_gets_the_shape_of_every_error(api: Api) -> None:
    answered = api.call("GET", "/v1/nope")
    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")
