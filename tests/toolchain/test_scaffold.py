"""A folder drafted from nothing but an ONNX file."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import MODELS, build
from tests.conftest import ROOT
from tests.core import graphs
from tests.toolchain.test_cli import ortless
from toolchain.scaffold import Scaffold, scaffold

FLOAT = TensorProto.FLOAT


def drafted(tmp_path: Path, model: onnx.ModelProto, name: str = "drafted") -> Scaffold:
    """A scaffold of that graph, which builds."""
    onnx.save(model, tmp_path / "any name.onnx")
    made = scaffold(name, tmp_path / "any name.onnx", tmp_path / "models")
    build(made.folder, tmp_path / "packages")
    return made


def reshaping(shape: list[int], output: list[Any], name: str = "y", *operators: str) -> onnx.ModelProto:
    """x of [rows, 3] through some operators, and reshaped."""
    names = ["x", *(f"v{index}" for index in range(len(operators)))]
    nodes = [helper.make_node(kind, [names[i]], [names[i + 1]]) for i, kind in enumerate(operators)]
    to = helper.make_tensor("to", TensorProto.INT64, [len(shape)], shape)
    nodes += [
        helper.make_node("Constant", [], ["to"], value=to),
        helper.make_node("Reshape", [names[-1], "to"], ["z"]),
        helper.make_node("Identity", ["z"], [name]),
    ]
    return graphs.model(nodes, {"x": (FLOAT, ["n", 3])}, {name: (FLOAT, output)})


def made_cases(made: Scaffold) -> list[dict[str, Any]]:
    """The golden cases of a scaffold."""
    cases: list[dict[str, Any]] = json.loads((made.folder / "golden.json").read_text())["cases"]
    return cases


@pytest.mark.parametrize(
    ("sample", "kinds"),
    [
        ("linear-regression", ("tabular", "regression")),
        ("iris-svm", ("tabular", "classification")),
        ("digits-cnn", ("image", "classification")),
    ],
)
def test_the_samples_are_understood_from_their_graphs_alone(
    tmp_path: Path, sample: str, kinds: tuple[str, str]
) -> None:
    models = str(tmp_path / "models")
    done = ortless("new", "mine", "--from", str(MODELS / sample / "model.onnx"), "--models", models)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"ortless build --models {models}" in done.stderr
    toml = tomllib.loads((tmp_path / "models" / "mine" / "model.toml").read_text())
    own = tomllib.loads((ROOT / MODELS / sample / "model.toml").read_text())
    assert (toml["preprocess"]["kind"], toml["postprocess"]["kind"]) == kinds
    assert toml["preprocess"].get("size") == own["preprocess"].get("size")
    assert len(toml["postprocess"].get("labels", ())) == len(own["postprocess"].get("labels", ()))
    built = ortless("build", "--models", models, "--packages", str(tmp_path / "out"), "--json")
    assert [row["model"] for row in json.loads(built.stdout)] == ["mine"]


def test_golden_requests_are_what_the_package_answers_and_the_same_each_time(tmp_path: Path) -> None:
    graph = ROOT / MODELS / "iris-svm" / "model.onnx"
    first, second = (scaffold("mine", graph, tmp_path / folder) for folder in "ab")
    golden = json.loads((first.folder / "golden.json").read_text())
    assert (first.folder / "golden.json").read_bytes() == (second.folder / "golden.json").read_bytes()
    assert [len(case["request"]["instances"]) for case in golden["cases"]] == [1, 3]
    predictor = Predictor(build(first.folder, tmp_path / "out"), Settings())
    (answer,) = predictor.predict(golden["cases"][0]["request"]["instances"])
    assert answer["label"] == golden["cases"][0]["response"]["predictions"][0]["label"]


def test_renaming_the_features_leaves_the_golden_requests_as_they_are(tmp_path: Path) -> None:
    made = scaffold("mine", ROOT / MODELS / "linear-regression" / "model.onnx", tmp_path)
    toml = made.folder / "model.toml"
    toml.write_text(toml.read_text().replace('"x1"', '"height"'))
    predictor = Predictor(build(made.folder, tmp_path / "out"), Settings())
    assert predictor.predict([{"height": 1, "x2": 2, "x3": 3}]) == pytest.approx([1.8])


def test_a_picture_to_try_comes_with_a_model_of_pictures(tmp_path: Path) -> None:
    made = scaffold("mine", ROOT / MODELS / "digits-cnn" / "model.onnx", tmp_path)
    assert (made.folder / "sample.png").read_bytes().startswith(b"\x89PNG")


def test_names_come_from_the_files_metadata(tmp_path: Path) -> None:
    model = graphs.plus(1)
    helper.set_model_props(model, {"feature_names": '["größe", "say \\"x\\""]', "license": "MIT"})
    made = drafted(tmp_path, model)
    toml = tomllib.loads((made.folder / "model.toml").read_text())
    assert toml["preprocess"]["features"] == [{"name": "größe"}, {"name": 'say "x"'}]
    assert toml["licence"] == "MIT"


@pytest.mark.parametrize("labels", ["a, b, c", '["a", "b", "c"]', "{0: 'a', 1: 'b', 2: 'c'}"])
def test_labels_come_from_the_files_metadata_however_they_are_written(tmp_path: Path, labels: str) -> None:
    model = reshaping([-1, 3], ["n", 3], "y", "Softmax")
    helper.set_model_props(model, {"names": labels})
    assert drafted(tmp_path, model).draft.postprocess["labels"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (reshaping([-1, 3], ["n", 3], "probabilities"), "classification"),
        (reshaping([-1, 3], ["n", "m"], "y", "Softmax"), "classification"),
        (reshaping([-1, 3], ["n", 3], "logits"), ""),
        (reshaping([-1, 3, 1], ["n", 3, 1], "probabilities"), ""),
    ],
)
def test_probabilities_are_known_by_their_name_or_because_they_sum_to_one(
    tmp_path: Path, model: onnx.ModelProto, kind: str
) -> None:
    assert drafted(tmp_path, model).draft.task == kind


def test_a_label_may_stand_beside_the_probabilities(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Softmax", ["x"], ["p"]),
        helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0),
    ]
    outputs = {"label": (TensorProto.INT64, ["n"]), "p": (FLOAT, ["n", 4])}
    made = drafted(tmp_path, graphs.model(nodes, {"x": (FLOAT, ["n", 4])}, outputs))
    assert (made.draft.postprocess["kind"], made.draft.postprocess["tensor"]) == ("classification", "p")


@pytest.mark.parametrize("element", [TensorProto.INT64, TensorProto.STRING, TensorProto.BOOL, TensorProto.FLOAT16])
def test_what_is_no_table_of_features_is_served_as_rows(tmp_path: Path, element: int) -> None:
    made = drafted(tmp_path, graphs.identity(element))
    assert (made.draft.preprocess, made.draft.postprocess, made.unanswered) == ({}, {}, "")
    assert (made.folder / "golden.json").exists()


def test_several_inputs_and_outputs_are_named(tmp_path: Path) -> None:
    rows = (FLOAT, ["n", "m"])
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])]
    made = drafted(tmp_path, graphs.model(nodes, {"a": rows, "b": rows}, {"sum": rows, "difference": rows}))
    case = json.loads((made.folder / "golden.json").read_text())["cases"][0]
    assert case["request"]["instances"][0].keys() == {"a", "b"}
    assert case["response"]["predictions"][0].keys() == {"sum", "difference"}


def test_a_colour_picture_of_any_size_gets_a_usual_one(tmp_path: Path) -> None:
    axes = numpy_helper.from_array(np.array([1, 2, 3]), "axes")
    node = helper.make_node("ReduceMean", ["x", "axes"], ["y"], keepdims=0)
    model = graphs.model([node], {"x": (FLOAT, ["n", 3, "h", "w"])}, {"y": (FLOAT, ["n"])})
    model.graph.initializer.append(axes)
    made = drafted(tmp_path, model)
    assert (made.draft.preprocess["size"], made.draft.preprocess["mode"]) == ([224, 224], "RGB")
    assert made.draft.task == "regression"


def test_a_graph_of_fixed_rows_is_asked_for_as_many(tmp_path: Path) -> None:
    rows = (FLOAT, [2, 3])
    made = drafted(tmp_path, graphs.model([helper.make_node("Neg", ["x"], ["y"])], {"x": rows}, {"y": rows}))
    golden = json.loads((made.folder / "golden.json").read_text())
    assert [len(case["request"]["instances"]) for case in golden["cases"]] == [2]


def test_a_model_that_declines_what_is_made_up_gets_no_golden_requests_and_builds(tmp_path: Path) -> None:
    made = drafted(tmp_path, graphs.endless())
    assert "did not answer within" in made.unanswered
    assert not (made.folder / "golden.json").exists()


def test_only_requests_that_get_an_answer_become_golden(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", ["x"], ["rows"]), helper.make_node("ReduceSum", ["x"], ["sum"])]
    outputs = {"rows": (FLOAT, ["n", 3]), "sum": (FLOAT, [1, 1])}
    made = drafted(tmp_path, graphs.model(nodes, {"x": (FLOAT, ["n", 3])}, outputs))
    assert [case["name"] for case in made_cases(made)] == ["one"]


def test_large_numbers_get_a_wider_tolerance(tmp_path: Path) -> None:
    made = drafted(tmp_path, graphs.plus(1e6))
    assert json.loads((made.folder / "golden.json").read_text())["tolerance"] == pytest.approx(100, rel=1e-3)


@pytest.mark.parametrize("keepdims", [0, 1])
def test_a_label_alone_is_a_number(tmp_path: Path, keepdims: int) -> None:
    node = helper.make_node("ArgMax", ["x"], ["y"], axis=1, keepdims=keepdims)
    labels = (TensorProto.INT64, ["n", 1][: 1 + keepdims])
    assert drafted(tmp_path, graphs.model([node], {"x": (FLOAT, ["n", 3])}, {"y": labels})).draft.task == "regression"
