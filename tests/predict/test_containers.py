"""Sequences, maps, optional inputs and scalars over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import orjson
import pytest
from onnx import TensorProto, helper, numpy_helper

from functions.core.settings import Settings
from functions.packaging.build import build
from functions.predict.entry import Entry
from tests.core import graphs
from tests.predict.calls import Answer, call, event
from tests.predict.test_binary import LENGTH, split

FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
ML = helper.make_opsetid("ai.onnx.ml", 3)


def tensor_type(element: int) -> onnx.TypeProto:
    return helper.make_tensor_type_proto(element, None)


def with_types(
    nodes: list[onnx.NodeProto], inputs: dict[str, onnx.TypeProto], outputs: dict[str, onnx.TypeProto]
) -> onnx.ModelProto:
    takes, gives = ([helper.make_value_info(name, kind) for name, kind in side.items()] for side in (inputs, outputs))
    graph = helper.make_graph(nodes, "g", takes, gives)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), ML], ir_version=10)


def zipmap() -> onnx.ModelProto:
    """What scikit-learn's converter ends a classifier with."""
    node = helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[3, 5])
    label = helper.make_map_type_proto(INT64, tensor_type(FLOAT))
    rows = helper.make_tensor_type_proto(FLOAT, ["n", 2])
    return with_types([node], {"x": rows}, {"y": helper.make_sequence_type_proto(label)})


def vectorizer() -> onnx.ModelProto:
    node = helper.make_node("DictVectorizer", ["x"], ["y"], domain="ai.onnx.ml", int64_vocabulary=[-1, 2])
    words = helper.make_map_type_proto(INT64, tensor_type(FLOAT))
    return with_types([node], {"x": words}, {"y": tensor_type(FLOAT)})


def sequence() -> onnx.ModelProto:
    several = helper.make_sequence_type_proto(tensor_type(FLOAT))
    nodes = [helper.make_node("Identity", ["x"], ["y"]), helper.make_node("SequenceLength", ["x"], ["n"])]
    return with_types(nodes, {"x": several}, {"y": several, "n": tensor_type(INT64)})


def optional() -> onnx.ModelProto:
    maybe = helper.make_optional_type_proto(tensor_type(FLOAT))
    nodes = [helper.make_node("OptionalHasElement", ["x"], ["has"]), helper.make_node("Identity", ["x"], ["y"])]
    return with_types(nodes, {"x": maybe}, {"has": tensor_type(TensorProto.BOOL), "y": maybe})


def default() -> onnx.ModelProto:
    """An input w that has a value in the graph."""
    scalar: tuple[int, list[int]] = (FLOAT, [])
    model = graphs.model([helper.make_node("Add", ["x", "w"], ["y"])], {"x": scalar, "w": scalar}, {"y": scalar})
    model.graph.initializer.append(numpy_helper.from_array(np.array(3, np.float32), "w"))
    return model


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "zipmap": zipmap, "vectorizer": vectorizer, "sequence": sequence, "optional": optional, "default": default,
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    folder: Path = tmp_path_factory.mktemp("containers")
    for name, model in MODELS.items():
        build(graphs.source(folder, name, model()), folder / "packages")
    return Entry(Settings(packages=str(folder / "packages")))


def infer(entry: Entry, name: str, *inputs: dict[str, Any], **more: Any) -> Answer:
    return call(entry, "POST", f"/v2/models/{name}/infer", {"inputs": list(inputs), **more})


def floats(data: Any, shape: list[int], **more: Any) -> dict[str, Any]:
    return {"name": "x", "datatype": "FP32", "shape": shape, "data": data, **more}


def test_maps_are_objects_with_the_digits_of_their_datatype(served: Entry) -> None:
    outputs = infer(served, "zipmap", floats([0.1, 0.9, 1, 0], [2, 2])).body["outputs"]
    data = [{"3": 0.1, "5": 0.9}, {"3": 1.0, "5": 0.0}]
    assert outputs == [
        {"name": "y", "datatype": "FP32", "shape": [2], "parameters": {"content_type": "map"}, "data": data}
    ]
    asked = [{"name": "y", "parameters": {"binary_data": True}}]
    assert infer(served, "zipmap", floats([0.1, 0.9, 1, 0], [2, 2]), outputs=asked).body["outputs"] == outputs


def test_metadata_says_what_is_no_plain_tensor(served: Entry) -> None:
    described = call(served, "GET", "/v2/models/zipmap").body
    assert described["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}]
    parameters = {"content_type": "map", "key_datatype": "INT64"}
    assert described["outputs"] == [{"name": "y", "datatype": "FP32", "shape": [-1], "parameters": parameters}]
    takes = call(served, "GET", "/v2/models/default").body["inputs"]
    assert takes[1] == {"name": "w", "datatype": "FP32", "shape": [], "parameters": {"optional": True}}


def test_a_map_in_has_integers_as_strings_for_keys(served: Entry) -> None:
    answered = infer(served, "vectorizer", floats([{"2": 7, "-1": 0.5}], []))
    assert answered.body["outputs"][0]["data"] == [0.5, 7]


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        ("vectorizer", floats([{"a": 7}], []), "keys that are each an integer from -2^63 to 2^63 - 1 as a string"),
        ("vectorizer", floats([{"9223372036854775808": 7}], []), "at `inputs[0].data[0]`"),
        ("vectorizer", floats([{"2": "7"}], []), "got '7' - at `inputs[0].data[0][0]`"),
        ("vectorizer", floats([{"2": 7}], [1]), "Expected [], as it is one map - got [1] - at `inputs[0].shape`"),
        ("sequence", floats([], []), "Expected FP32 of shape [-1] - got [] - at `inputs[0].shape`"),
        ("sequence", floats([], [1]), "a list of 1 objects - got [] - at `inputs[0].data`"),
        ("sequence", floats([3], [1]), "a list of 1 objects - got [3]"),
        ("sequence", floats([{"data": [1]}], [1]), "at `inputs[0].data[0].shape`"),
        ("sequence", floats([{"shape": [2], "data": [1]}], [1]), "2 values for the shape [2] - got 1"),
    ],
)
def test_what_is_no_sequence_or_map_is_refused(served: Entry, name: str, tensor: Any, message: str) -> None:
    answered = infer(served, name, tensor)
    assert (answered.status, message in answered.body["error"]) == (400, True), answered.body


def test_a_sequence_goes_there_and_back_in_json(served: Entry) -> None:
    elements = [{"shape": [2], "data": [1.5, 2.0]}, {"shape": [0, 3], "data": []}, {"shape": [], "data": [3.0]}]
    outputs = infer(served, "sequence", floats(elements, [3])).body["outputs"]
    assert outputs[0] == {
        "name": "y", "datatype": "FP32", "shape": [3], "parameters": {"content_type": "sequence"}, "data": elements,
    }  # fmt: skip
    assert outputs[1]["data"] == [3]
    assert infer(served, "sequence", floats([], [0])).body["outputs"][0]["data"] == []


def test_a_sequence_goes_there_and_back_in_bytes(served: Entry) -> None:
    content = np.array([1, np.nan, 3], "<f4").tobytes()
    elements = [
        {"shape": [1, 2], "parameters": {"binary_data_size": 8}},
        {"shape": [1], "parameters": {"binary_data_size": 4}},
    ]
    document = orjson.dumps({"inputs": [floats(elements, [2])], "parameters": {"binary_data_output": True}})
    sent = event("POST", "/v2/models/sequence/infer", document + content, {LENGTH: str(len(document))})
    answered, tail = split(served(sent, None))
    first, second = answered.body["outputs"]
    assert first["parameters"] == {"content_type": "sequence", "binary_data_size": 12}
    assert first["data"] == elements
    assert tail == content + np.array([2], "<i8").tobytes()
    assert second["parameters"] == {"binary_data_size": 8}


def test_an_optional_input_may_be_left_out(served: Entry) -> None:
    none = infer(served, "optional").body["outputs"]
    assert none[0]["data"] == [False]
    assert none[1] == {
        "name": "y", "datatype": "FP32", "shape": [0], "parameters": {"content_type": "none"}, "data": [],
    }  # fmt: skip
    some = infer(served, "optional", floats([1, 2], [2])).body["outputs"]
    assert (some[0]["data"], some[1]["data"], some[1]["shape"]) == ([True], [1, 2], [2])


def test_an_input_with_a_value_in_the_graph_may_be_left_out(served: Entry) -> None:
    assert infer(served, "default", floats([1], [])).body["outputs"][0] == {
        "name": "y", "datatype": "FP32", "shape": [], "data": [4],
    }  # fmt: skip
    other = floats([10], []) | {"name": "w"}
    assert infer(served, "default", other, floats([1], [])).body["outputs"][0]["data"] == [11]
    missing = infer(served, "default", other)
    assert "Expected the inputs ['x'] - got none named ['x']" in missing.body["error"]


def test_maps_of_a_row_each_are_predictions(served: Entry) -> None:
    answered = call(served, "POST", "/v1/models/zipmap:predict", {"instances": [[0.1, 0.9], [1, 0]]})
    assert answered.body == {"predictions": [{"3": 0.1, "5": 0.9}, {"3": 1.0, "5": 0.0}]}
    document = call(served, "GET", "/openapi.json").body["paths"]["/v1/models/zipmap:predict"]["post"]
    schema = document["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["predictions"]
    assert (schema["items"]["type"], schema["items"]["additionalProperties"]["type"]) == ("object", "number")


@pytest.mark.parametrize("name", ["vectorizer", "sequence", "optional", "default"])
def test_a_model_without_rows_names_the_way_to_ask_it(served: Entry, name: str) -> None:
    answered = call(served, "POST", f"/v1/models/{name}:predict", {"instances": [[1, 2]]})
    assert answered.status == 400
    assert answered.body["error"] == (
        "Expected tensors: this model has no row for each instance, `:predict` takes them whole as `inputs`"
        " - got [[1, 2]] - at `instances`"
    )
