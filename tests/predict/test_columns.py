"""TensorFlow Serving's columnar form: whole tensors as nested lists, for any model."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from onnx import ModelProto, TensorProto, helper

from functions.core.settings import Settings
from functions.core.tensors import DATATYPES
from functions.packaging.build import build
from functions.predict.entry import Entry
from tests.core import graphs
from tests.predict.calls import Answer, call
from tests.predict.test_binary import ELEMENTS
from tests.predict.test_containers import MODELS
from tests.predict.test_documents import strategy

TABULAR = """
[preprocess]
kind = "tabular"
tensor = "x"
features = [{name = "a", range = [0, 1]}, {name = "b"}]
"""
NUMBERS = [name for name in ELEMENTS if DATATYPES[name].carrier]


def scalars() -> ModelProto:
    """y = x + w, z = x > w: of scalars, which are no rows."""
    number: tuple[int, list[int]] = (TensorProto.FLOAT, [])
    nodes = [helper.make_node("Add", ["x", "w"], ["y"]), helper.make_node("Greater", ["x", "w"], ["z"])]
    return graphs.model(nodes, {"x": number, "w": number}, {"y": number, "z": (TensorProto.BOOL, [])})


def uneven() -> ModelProto:
    """Two outputs of different first dimensions: y = x, n = the shape of x."""
    nodes = [helper.make_node("Identity", ["x"], ["y"]), helper.make_node("Shape", ["x"], ["n"])]
    rows = (TensorProto.FLOAT, ["n", 1])
    return graphs.model(nodes, {"x": rows}, {"y": rows, "n": (TensorProto.INT64, [2])})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    folder: Path = tmp_path_factory.mktemp("columns")
    models = {name: make() for name, make in MODELS.items()} | {"scalars": scalars(), "uneven": uneven()}
    models |= {f"echo-{name.lower()}": graphs.identity(element) for name, element in ELEMENTS.items()}
    for name, model in models.items():
        build(graphs.source(folder, name, model), folder / "packages")
    build(graphs.source(folder, "tabular", graphs.plus(1), TABULAR), folder / "packages")
    return Entry(Settings(packages=str(folder / "packages")))


def ask(entry: Entry, name: str, inputs: Any, **more: Any) -> Answer:
    return call(entry, "POST", f"/v1/models/{name}:predict", {"inputs": inputs, **more})


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("scalars", {"x": 1.5, "w": 2}, {"y": 3.5, "z": False}),
        ("uneven", {"x": [[1], [2], [3]]}, {"y": [[1.0], [2.0], [3.0]], "n": [3, 1]}),
        ("uneven", [[1]], {"y": [[1.0]], "n": [1, 1]}),
        ("uneven", [], {"y": [], "n": [0, 1]}),
        ("tabular", [[5, 6]], [[6.0, 7.0]]),
        ("tabular", {"x": [[5, 6]]}, [[6.0, 7.0]]),
        ("zipmap", [[0.1, 0.2]], [{"3": 0.1, "5": 0.2}]),
        ("vectorizer", {"2": 7}, [[0.0, 7.0]]),
        ("vectorizer", {"x": {"2": 7, "-1": 0.5}}, [[0.5, 7.0]]),
        ("sequence", [[1, 2], [[3]], 4, []], {"y": [[1.0, 2.0], [[3.0]], 4.0, []], "n": 4}),
        ("sequence", {"x": []}, {"y": [], "n": 0}),
        ("optional", {}, {"has": False, "y": None}),
        ("optional", [1], {"has": True, "y": [1.0]}),
        ("default", 3, 6.0),
        ("default", {"x": 3, "w": [10, 20]}, [13.0, 23.0]),
        ("echo-bytes", [["a", {"b64": "6Jm5"}], ["", {"b64": ""}]], [["a", "虹"], ["", ""]]),
        ("echo-bool", [[True, False]], [[True, False]]),
        ("echo-fp32", [[0.1]], [[0.1]]),
        ("echo-fp16", [[0.5]], [[0.5]]),
    ],
)
def test_any_model_is_asked_for_whole_tensors(served: Entry, name: str, inputs: Any, outputs: Any) -> None:
    answered = ask(served, name, inputs, signature_name="serving_default")
    assert (answered.status, answered.body) == (200, {"outputs": outputs})
    assert answered.headers["x-ortless-model"] == f"{name}@0"


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("scalars", 1, "Expected an object with the inputs ['x', 'w'] - got 1 - at `inputs`"),
        ("scalars", {"x": 1}, "Expected an object with the inputs ['x', 'w'] - got none named ['w'] - at `inputs`"),
        ("scalars", {"x": 1, "w": 1, "v": 1}, "Expected only ['x', 'w'] - got 'v' - at `inputs`"),
        ("scalars", {"x": 1, "w": "1"}, "Expected a number within +-3.4e38 - got '1' - at `inputs.w"),
        ("uneven", {"y": [[1]]}, "Expected an object with the inputs ['x'] - got none named ['x'] - at `inputs`"),
        ("uneven", None, "Expected FP32 of shape [-1, 1] - got shape [] - at `inputs`"),
        ("uneven", [[1, 2]], "Expected FP32 of shape [-1, 1] - got shape [1, 2] - at `inputs`"),
        ("uneven", [[1], [2, 3]], "Expected lists nested to the shape [2, 1] - got lists of other lengths or depth"),
        ("uneven", {"x": [[1e300]]}, "got 1e+300 - at `inputs.x[0]`"),
        ("vectorizer", [7], "Expected an object - got [7] - at `inputs`"),
        ("vectorizer", {"a": 7}, "Expected keys that are each an integer from -2^63 to 2^63 - 1 as a string - got 'a'"),
        ("sequence", 7, "Expected a list of tensors - got 7 - at `inputs`"),
        ("sequence", [1, ["a"]], "Expected a number within +-3.4e38 - got 'a' - at `inputs[1][0]`"),
        ("echo-bytes", [[{"b64": "_"}]], "Expected base64 of a string in UTF-8 - got '_' - at `inputs[0][0].b64`"),
        ("echo-bytes", [[{"b64": "/w=="}]], "Expected base64 of a string in UTF-8 - got '/w==' - at"),
        ("echo-bytes", [[{"b64": 1}]], "Expected base64 of a string in UTF-8 - got 1 - at"),
        ("echo-bytes", {"b64": "YQ=="}, "Expected BYTES of shape [-1, -1] - got shape [] - at `inputs`"),
        ("echo-bf16", [[1]], "a request to /v2 for binary data, as the output 'y' has no form in JSON - got BF16"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(served: Entry, name: str, inputs: Any, message: str) -> None:
    refused = ask(served, name, inputs)
    assert (refused.status, refused.body["code"]) == (400, "invalid_input")
    assert message in refused.body["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"inputs": 3, "instances": [3]}, "Expected either instances or inputs - got both - at `inputs`"),
        ({"signature_name": "serving_default"}, "Expected a list of at least one instance - got nothing"),
        ({"inputs": 3, "signature_name": "other"}, "Expected 'serving_default' - got 'other' - at `signature_name`"),
        ({"instances": [3], "signature_name": None}, "Expected 'serving_default' - got None - at `signature_name`"),
        ({"inputs": 3, "parameters": {"top_k": 1}}, "Expected none, as inputs and outputs are not processed"),
        ({"instances": [3], "parameters": [1]}, "Expected an object - got [1] - at `parameters`"),
    ],
)
def test_a_request_is_of_one_form(served: Entry, body: dict[str, Any], message: str) -> None:
    refused = call(served, "POST", "/v1/models/default:predict", body)
    assert (refused.status, message in refused.body["error"]) == (400, True), refused.body


def test_lists_deeper_than_any_tensor_are_refused(served: Entry) -> None:
    for name in ("default", "echo-bytes", "sequence"):
        for depth in (34, 900):
            nested = b'{"inputs": ' + b"[" * depth + b"1" + b"]" * depth + b"}"
            assert call(served, "POST", f"/v1/models/{name}:predict", nested).status == 400
    assert ask(served, "default", orjson.loads("[" * 32 + "1" + "]" * 32)).status == 200
    assert sys.getrecursionlimit() == 1000


def test_an_instance_may_hold_a_string_in_base64(served: Entry) -> None:
    body = {"instances": [["a", {"b64": "6Jm5"}]]}
    assert call(served, "POST", "/v1/models/echo-bytes:predict", body).body == {"predictions": [["a", "虹"]]}
    body = {"instances": [["a", {"b64": "6Jm"}]]}
    refused = call(served, "POST", "/v1/models/echo-bytes:predict", body)
    assert refused.body["error"] == "Expected base64 of a string in UTF-8 - got '6Jm' - at `instances[0][1].b64`"


def test_outputs_without_a_common_row_name_the_way_to_ask_for_them(served: Entry) -> None:
    answered = call(served, "POST", "/v1/models/uneven:predict", {"instances": [[1]]})
    assert (answered.status, answered.body["error"].partition(": ")[2]) == (
        503, "its outputs have different numbers of rows: y 1, n 2; ask for whole tensors with `inputs`",
    )  # fmt: skip


@pytest.mark.parametrize("datatype", NUMBERS)
def test_a_tensor_comes_back_as_it_went(served: Entry, datatype: str) -> None:
    dtype = DATATYPES[datatype].dtype
    bounds = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        count = data.draw(st.integers(0, 3))
        value = (
            st.floats(float(bounds.min), float(bounds.max), width=dtype.itemsize * 8)  # type: ignore[arg-type]
            if dtype.kind == "f"
            else st.integers(int(bounds.min), int(bounds.max))
        )
        sent = data.draw(st.lists(st.lists(value, min_size=count, max_size=count), max_size=4))
        answered = ask(served, f"echo-{datatype.lower()}", {"x": sent})
        assert answered.status == 200, answered.body
        assert np.array_equal(np.array(answered.body["outputs"], dtype), np.array(sent, dtype))

    check()


@pytest.mark.parametrize("model", ["scalars", "sequence", "default"])
def test_the_document_of_a_model_without_rows_is_of_its_tensors(served: Entry, model: str) -> None:
    document = call(served, "GET", "/openapi.json").body["paths"][f"/v1/models/{model}:predict"]["post"]
    request = document["requestBody"]["content"]["application/json"]["schema"]
    response = Draft202012Validator(document["responses"]["200"]["content"]["application/json"]["schema"])

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(strategy(request))
    def check(body: Any) -> None:
        answered = call(served, "POST", f"/v1/models/{model}:predict", body)
        assert answered.status == 200, answered.body
        response.validate(answered.body)

    check()


@pytest.mark.parametrize(
    ("model", "inputs"), [("vectorizer", {"2": 7}), ("optional", {}), ("optional", 1), ("scalars", {"x": 1, "w": 2})]
)
def test_what_is_answered_fits_the_document(served: Entry, model: str, inputs: Any) -> None:
    document = call(served, "GET", "/openapi.json").body["paths"][f"/v1/models/{model}:predict"]["post"]
    schema = document["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate({"inputs": inputs})
    response = document["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(response).validate(ask(served, model, inputs).body)


def test_the_document_of_a_model_of_rows_tells_of_its_tensors(served: Entry) -> None:
    paths = call(served, "GET", "/openapi.json").body["paths"]
    told = paths["/v1/models/tabular:predict"]["post"]["description"]
    assert "of `x` (FP32 [-1, 2]). `outputs` answers them with `y` (FP32 [-1, 2])." in told
    assert "inputs" not in paths["/v1/models/echo-bf16:predict"]["post"]["description"]
    form = paths["/v1/models/{name}:predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert form["oneOf"] == [{"required": ["instances"]}, {"required": ["inputs"]}]
