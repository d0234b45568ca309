"""The Open Inference Protocol, as JSON."""

from typing import Any

import pytest

from functions import VERSION
from functions.predict.entry import Entry
from functions.predict.v2 import EXTENSIONS
from tests.predict.calls import call

TENSOR = {"name": "features", "shape": [2, 3], "datatype": "FP32", "data": [[1, 2, 3], [0, 0, 0]]}
INFER = "/v2/models/linear-regression/infer"


def infer(entry: Entry, **changes: Any) -> Any:
    return call(entry, "POST", INFER, {"inputs": [{**TENSOR, **changes}]})


def test_the_server_says_what_it_is(entry: Entry) -> None:
    assert call(entry, "GET", "/v2").body == {"name": "ortless", "version": VERSION, "extensions": EXTENSIONS}
    assert call(entry, "GET", "/v2/").body["name"] == "ortless"


def test_health_is_what_both_kinds_of_client_read(entry: Entry) -> None:
    assert call(entry, "GET", "/v2/health/live").body == {"live": True}
    assert call(entry, "GET", "/v2/health/ready").body == {"live": True, "ready": True}


def test_a_model_says_its_tensors(entry: Entry) -> None:
    expected = {
        "name": "iris-svm",
        "versions": ["0"],
        "platform": "onnx_onnxv1",
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, 4]}],
        "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 3]}],
    }
    assert call(entry, "GET", "/v2/models/iris-svm").body == expected
    assert call(entry, "GET", "/v2/models/iris-svm/versions/0").body == expected
    assert call(entry, "GET", "/v2/models/iris-svm/ready").body == {"name": "iris-svm", "ready": True}


def test_tensors_in_tensors_out(entry: Entry) -> None:
    answered = infer(entry)
    outputs = answered.body.pop("outputs")
    assert answered.body == {"model_name": "linear-regression", "model_version": "0"}
    assert answered.headers["x-ortless-model"] == "linear-regression@0"
    assert outputs[0].pop("data") == pytest.approx([1.8, 0.1], abs=1e-6)
    assert outputs == [{"name": "y", "shape": [2, 1], "datatype": "FP32"}]


def test_an_id_is_echoed_and_unknown_members_are_ignored(entry: Entry) -> None:
    body = {"id": "42", "inputs": [TENSOR], "parameters": {"a": True}, "outputs": [{"name": "y"}], "extra": 1}
    assert call(entry, "POST", INFER, body).body["id"] == "42"


def test_flat_data_and_a_version_in_the_path(entry: Entry) -> None:
    body = {"inputs": [{**TENSOR, "data": [1, 2, 3, 0, 0, 0]}]}
    path = "/v2/models/linear-regression/versions/0/infer"
    assert call(entry, "POST", path, body).body == infer(entry).body


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "x"}, "Expected one of ['features'] - got 'x' - at `inputs[0].name`"),
        ({"name": None}, "Expected one of ['features'] - got None - at `inputs[0].name`"),
        ({"datatype": "FP64"}, "Expected FP32 - got 'FP64' - at `inputs[0].datatype`"),
        ({"shape": [2, 4]}, "Expected FP32 of shape [-1, 3] - got [2, 4] - at `inputs[0].shape`"),
        ({"shape": [6]}, "Expected FP32 of shape [-1, 3] - got [6] - at `inputs[0].shape`"),
        ({"shape": [-2, 3]}, "Expected a size from 0 to 2^31 - 1 - got -2 - at `inputs[0].shape[0]`"),
        (
            {"shape": [2**63, 3]},
            "Expected a size from 0 to 2^31 - 1 - got 9223372036854775808 - at `inputs[0].shape[0]`",
        ),
        ({"shape": [3, 3]}, "Expected lists nested to the shape [3, 3] - got lists of other lengths or depth"),
        ({"data": [1, 2, 3]}, "Expected 6 values for the shape [2, 3] - got 3 - at `inputs[0].data`"),
        ({"data": [[1, 2, 3], [0, 0]]}, "Expected lists nested to the shape [2, 3]"),
        ({"data": [[1, 2, 3], [0, 0, "0"]]}, "Expected a number within +-3.4e38 - got '0' - at `inputs[0].data[5]`"),
        ({"data": [[1, 2, 3], [0, 0, True]]}, "Expected a number within +-3.4e38 - got True - at `inputs[0].data[5]`"),
        ({"data": [[1, 2, 3], [0, 0, 1e300]]}, "got 1e+300 - at `inputs[0].data[5]`"),
        ({"data": None}, "Expected a list of FP32 values - got None - at `inputs[0].data`"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused_in_words(entry: Entry, changes: dict[str, Any], message: str) -> None:
    answered = infer(entry, **changes)
    assert answered.status == 400
    assert answered.body["code"] == "invalid_input"
    assert message in answered.body["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Expected a list of tensors - got nothing - at `inputs`"),
        ({"inputs": {}}, "Expected a list of tensors - got {} - at `inputs`"),
        ({"inputs": []}, "Expected the inputs ['features'] - got none named ['features'] - at `inputs`"),
        ({"inputs": [1]}, "Expected a tensor: an object with a name - got 1 - at `inputs[0]`"),
        ({"inputs": [TENSOR, TENSOR]}, "Expected each input once - got 'features' - at `inputs[1].name`"),
        ({"inputs": [TENSOR], "outputs": "y"}, "Expected a list of tensors - got 'y' - at `outputs`"),
        ({"inputs": [TENSOR], "outputs": [{"name": "z"}]}, "Expected one of ['y'] - got 'z' - at `outputs[0].name`"),
        ({"inputs": [TENSOR], "outputs": [{"name": "y"}] * 2}, "Expected each output once"),
        ([], "Expected a JSON object - got [] - at `$`"),
    ],
)
def test_a_request_that_is_not_one_is_refused_in_words(entry: Entry, body: object, message: str) -> None:
    answered = call(entry, "POST", INFER, body)
    assert answered.status == 400
    assert message in answered.body["error"]
