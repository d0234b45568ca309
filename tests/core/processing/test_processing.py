"""Declarations of processing: what fits a graph, and what is refused in words."""

from pathlib import Path

import orjson
import pytest
from onnx import TensorProto, helper

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

TABULAR = '[preprocess]\nkind = "tabular"\ntensor = "x"\nfeatures = [{ name = "a" }, { name = "b" }]\n'
CLASSES = '[postprocess]\nkind = "classification"\ntensor = "y"\nlabels = ["no", "yes"]\n'


def load(tmp_path: Path, toml: str) -> Predictor:
    return Predictor(build(graphs.source(tmp_path, "plus", graphs.plus(1), toml), tmp_path / "out"), Settings())


def test_a_package_without_processing_takes_and_gives_rows(tmp_path: Path) -> None:
    predictions = load(tmp_path, "").predict([[1, 2], {"x": [3, 4]}])
    assert [row.tolist() for row in predictions] == [[2, 3], [4, 5]]


def test_several_inputs_and_outputs_go_by_their_names(tmp_path: Path) -> None:
    rows = (TensorProto.FLOAT, ["n", 1])
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])]
    graph = graphs.model(nodes, {"a": rows, "b": rows}, {"sum": rows, "difference": rows})
    predictor = Predictor(build(graphs.source(tmp_path, "two", graph), tmp_path / "out"), Settings())
    assert predictor.predict([{"a": [5], "b": [3]}]) == [{"sum": [8.0], "difference": [2.0]}]
    for bad in ([5, 3], {"a": [5]}, {"a": [5], "b": [3], "c": [1]}):
        with pytest.raises(InvalidInput, match="inputs a, b"):
            predictor.predict([bad])


@pytest.mark.parametrize("row", [[1], [1, 2, 3], 1, [[1, 2]], [1, "a"], [1, None], [1, [2]]])
def test_a_row_of_another_shape_or_type_is_refused(tmp_path: Path, row: object) -> None:
    with pytest.raises(InvalidInput, match=r"at `instances\[1\]"):
        load(tmp_path, "").predict([[1, 2], row])


def test_integers_without_a_row_of_their_own_are_answered(tmp_path: Path) -> None:
    rows, best = (TensorProto.FLOAT, ["n", 3]), (TensorProto.INT64, ["n"])
    graph = graphs.model([helper.make_node("ArgMax", ["x"], ["y"], axis=1, keepdims=0)], {"x": rows}, {"y": best})
    for name, toml in (("best", ""), ("number", '[postprocess]\nkind = "regression"\ntensor = "y"\n')):
        source = graphs.source(tmp_path, name, graph, toml)
        predictions = Predictor(build(source, tmp_path / "out"), Settings()).predict([[1, 9, 2], [5, 0, 0]])
        assert orjson.dumps(predictions, option=orjson.OPT_SERIALIZE_NUMPY) == b"[1,0]"


def test_outputs_that_disagree_on_the_number_of_rows_are_the_packages_fault(tmp_path: Path) -> None:
    rows, one = (TensorProto.FLOAT, ["n", 1]), (TensorProto.FLOAT, [1, 1])
    nodes = [helper.make_node("Neg", ["x"], ["y"]), helper.make_node("ReduceSum", ["x"], ["z"], keepdims=1)]
    graph = graphs.model(nodes, {"x": rows}, {"y": rows, "z": one})
    predictor = Predictor(build(graphs.source(tmp_path, "uneven", graph), tmp_path / "out"), Settings())
    with pytest.raises(InvalidPackage, match="its outputs have different numbers of rows: y 2, z 1"):
        predictor.predict([[1], [2]])


def test_rows_of_different_shapes_do_not_make_a_tensor(tmp_path: Path) -> None:
    rows = (TensorProto.FLOAT, ["n", "m"])
    graph = graphs.model([helper.make_node("Neg", ["x"], ["y"])], {"x": rows}, {"y": rows})
    predictor = Predictor(build(graphs.source(tmp_path, "ragged", graph), tmp_path / "out"), Settings())
    with pytest.raises(InvalidInput, match=r"the first row's shape \[2\] - got \[3\] - at `instances\[1\]`"):
        predictor.predict([[1, 2], [1, 2, 3]])


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            '[preprocess]\nkind = "tabulr"\n',
            "expected one of rows, tabular, image, text, sequence - got 'tabulr' - at `preprocess.kind`",
        ),
        (TABULAR.replace('"x"', '"z"'), "expected one of ['x'] - got 'z' - at `preprocess.tensor`"),
        (TABULAR.replace(', { name = "b" }', ""), "expected 2 features - got 1 - at `preprocess.features`"),
        (TABULAR.replace('"b"', '"a"'), "expected features of different names - got ['a', 'a']"),
        (TABULAR.replace('"b" }', '"b", range = [1] }'), "expected [lowest, highest] - got [1]"),
        (CLASSES.replace(', "yes"', ""), "got 1 - at `postprocess.labels`"),
        (CLASSES.replace('"yes"', '"no"'), "expected a list of different strings"),
        (CLASSES.replace("classification", "regression"), "expected a tensor of shape [rows] or [rows, 1]"),
        ('[preprocess]\nkind = "image"\ntensor = "x"\nsize = [8, 8]\n', "`preprocess.tensor`"),
        ('[preprocess]\nkind = "image"\ntensor = "x"\nsize = "8x8"\n', "expected a list of 2 numbers - got '8x8'"),
    ],
)
def test_a_declaration_that_does_not_fit_the_graph_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        load(tmp_path, toml)
    assert message in str(refused.value)


def test_probabilities_come_with_the_likeliest_label(tmp_path: Path) -> None:
    prediction = load(tmp_path, TABULAR + CLASSES).predict([{"a": 1, "b": 2}])
    assert prediction == [{"label": "yes", "probabilities": {"no": 2.0, "yes": 3.0}}]
