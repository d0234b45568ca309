"""Probabilities in every form that models give them, and the label that is the answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper

from functions.core.errors import InvalidInput, InvalidPackage
from tests.core import graphs
from tests.core.processing.outputs import answers, loaded, passing

THREE = 'kind = "classification"\nlabels = ["a", "b", "c"]\n'
TWO = 'kind = "classification"\nlabels = ["repaid", "defaulted"]\n'
NAN = float("nan")


def zip_map(rows: int | str = "n", **labels: Any) -> ModelProto:
    """What scikit-learn's converter ends a classifier with."""
    node = helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", **labels)
    model = graphs.model([node], {"x": (TensorProto.FLOAT, [rows, 2])}, {"y": (TensorProto.FLOAT, [])})
    keys = TensorProto.INT64 if "classlabels_int64s" in labels else TensorProto.STRING
    value = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(keys, value))
    model.graph.output[0].CopyFrom(helper.make_value_info("y", maps))
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return model


def test_all_labels_come_in_their_order_with_the_likeliest(tmp_path: Path) -> None:
    assert answers(loaded(tmp_path, passing("n", 3), THREE), [[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]) == [
        {"label": "b", "probabilities": {"a": 0.2, "b": 0.7, "c": 0.1}},
        {"label": "a", "probabilities": {"a": 0.5, "b": 0.25, "c": 0.25}},
    ]


def test_the_likeliest_come_alone_and_first(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), THREE + "top_k = 2\n")
    (answer,) = answers(predictor, [[0.2, 0.1, 0.7]])
    assert list(answer["probabilities"].items()) == [("c", 0.7), ("a", 0.2)]
    assert answer["label"] == "c"
    assert answers(predictor, [[0.2, 0.1, 0.7]], {"top_k": 1}) == [{"label": "c", "probabilities": {"c": 0.7}}]
    assert len(answers(predictor, [[0.2, 0.1, 0.7]], {"top_k": 100})[0]["probabilities"]) == 3


def test_scores_become_probabilities(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), THREE + 'activation = "softmax"\n')
    first, second = answers(predictor, [[1000, 1000, -1000], [0, np.log(2), 0]])
    assert first == {"label": "a", "probabilities": {"a": 0.5, "b": 0.5, "c": 0.0}}
    assert second["label"] == "b"
    assert list(second["probabilities"].values()) == pytest.approx([0.25, 0.5, 0.25])
    scores = predictor.postprocess.scores([np.zeros((1, 3), np.float32)])  # type: ignore[attr-defined]
    np.testing.assert_allclose(scores, [[1 / 3] * 3])


@pytest.mark.parametrize("shape", [("n",), ("n", 1)])
def test_one_column_is_the_probability_of_the_second_of_two_labels(tmp_path: Path, shape: tuple[int | str]) -> None:
    rows = np.array([0.25, 0.75], np.float32).reshape(2, *shape[1:])
    assert answers(loaded(tmp_path, passing(*shape), TWO), rows) == [
        {"label": "repaid", "probabilities": {"repaid": 0.75, "defaulted": 0.25}},
        {"label": "defaulted", "probabilities": {"repaid": 0.25, "defaulted": 0.75}},
    ]


def test_one_score_becomes_the_probability_of_the_second_of_two_labels(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 1), TWO + 'activation = "sigmoid"\n')
    assert answers(predictor, [[0], [-1000], [1000]]) == [
        {"label": "repaid", "probabilities": {"repaid": 0.5, "defaulted": 0.5}},
        {"label": "repaid", "probabilities": {"repaid": 1.0, "defaulted": 0.0}},
        {"label": "defaulted", "probabilities": {"repaid": 0.0, "defaulted": 1.0}},
    ]


def test_the_positive_label_is_the_answer_from_its_threshold_on(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 2), TWO + 'threshold = 0.35\npositive = "defaulted"\n')
    rows = [[0.65, 0.35], [0.66, 0.34], [NAN, NAN]]
    assert [answer["label"] for answer in answers(predictor, rows)] == ["defaulted", "repaid", None]
    assert [answer["label"] for answer in answers(predictor, rows, {"threshold": 0.1})] == ["defaulted"] * 2 + [None]
    first = loaded(tmp_path / "first", passing("n", 2), TWO + 'positive = "repaid"\n')
    assert [answer["label"] for answer in answers(first, [[0.5, 0.5], [0.4, 0.6]])] == ["repaid", "defaulted"]


def test_below_the_threshold_there_is_no_label(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), THREE + "threshold = 0.6\n")
    assert answers(predictor, [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]) == [
        {"label": None, "probabilities": {"a": 0.5, "b": 0.3, "c": 0.2}},
        {"label": "b", "probabilities": {"a": 0.1, "b": 0.6, "c": 0.3}},
    ]
    assert answers(predictor, [[0.5, 0.3, 0.2]], {"threshold": 0, "top_k": 1}) == [
        {"label": "a", "probabilities": {"a": 0.5}}
    ]


def test_a_request_sets_what_the_package_does_not(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), THREE)
    predictions = predictor.predict([[0.5, 0.25, 0.25]], parameters={"threshold": 0.75, "top_k": 1})
    assert predictions == [{"label": None, "probabilities": {"a": 0.5}}]
    assert predictor.predict([[0.5, 0.25, 0.25]])[0]["label"] == "a"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"k": 1}, "Expected only the parameters top_k, threshold - got 'k' - at `parameters.k`"),
        ({"top_k": 0}, "Expected an integer of at least 1 - got 0 - at `parameters.top_k`"),
        ({"top_k": True}, "Expected an integer of at least 1 - got True - at `parameters.top_k`"),
        ({"top_k": None}, "Expected an integer of at least 1 - got None - at `parameters.top_k`"),
        ({"threshold": 1.5}, "Expected a number from 0 to 1 - got 1.5 - at `parameters.threshold`"),
        ({"threshold": "0.5"}, "Expected a number from 0 to 1 - got '0.5' - at `parameters.threshold`"),
        ({"threshold": NAN}, "Expected a number from 0 to 1 - got nan - at `parameters.threshold`"),
    ],
)
def test_a_wrong_parameter_is_refused(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        loaded(tmp_path, passing("n", 3), THREE).predict([[0, 0, 1]], parameters=parameters)
    assert str(refused.value) == message


def test_what_is_not_a_number_comes_last_and_is_null(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), THREE + "top_k = 2\n")
    assert answers(predictor, [[NAN, 0.2, 0.4], [NAN, NAN, NAN]]) == [
        {"label": "c", "probabilities": {"c": 0.4, "b": 0.2}},
        {"label": None, "probabilities": {"a": None, "b": None}},
    ]
    softmax = loaded(tmp_path / "softmax", passing("n", 3), THREE + 'activation = "softmax"\n')
    nulls = {"label": None, "probabilities": {"a": None, "b": None, "c": None}}
    assert answers(softmax, [[NAN, 1, 2], [-np.inf] * 3, [np.inf, np.inf, 0]]) == [nulls] * 3


@pytest.mark.parametrize(
    ("labels", "names"), [({"classlabels_int64s": [3, -5]}, ["3", "-5"]), ({"classlabels_strings": ["x", "y"]}, "xy")]
)
def test_maps_of_scikit_learn_are_probabilities(tmp_path: Path, labels: Any, names: Any) -> None:
    # In another order than the graph's: it is the keys that count.
    toml = f'kind = "classification"\nlabels = ["{names[1]}", "{names[0]}"]\n'
    predictor = loaded(tmp_path, zip_map(**labels), toml)
    assert answers(predictor, [[0.3, 0.7], [0.9, 0.1]]) == [
        {"label": names[1], "probabilities": {names[1]: 0.7, names[0]: 0.3}},
        {"label": names[0], "probabilities": {names[1]: 0.1, names[0]: 0.9}},
    ]


@pytest.mark.parametrize("labels", ['["x", "z"]', '["x"]', '["x", "y", "z"]'])
def test_maps_of_other_labels_are_the_packages_fault(tmp_path: Path, labels: str) -> None:
    predictor = loaded(tmp_path, zip_map(classlabels_strings=["x", "y"]), f'kind = "classification"\nlabels = {labels}')
    with pytest.raises(
        InvalidPackage, match=r"expected maps of the labels \['x'.*\] in its output 'y' - got \['x', 'y'"
    ):
        predictor.predict([[0.3, 0.7]])


@pytest.mark.parametrize("toml", [THREE, THREE + "top_k = 2\n"])
def test_a_number_of_columns_that_only_a_run_tells_must_be_that_of_the_labels(tmp_path: Path, toml: str) -> None:
    predictor = loaded(tmp_path, passing("n", "m"), toml)
    assert predictor.predict([[0.1, 0.2, 0.7]])[0]["label"] == "c"
    for row in ([0.1, 0.9], [0.1, 0.2, 0.3, 0.4]):
        with pytest.raises(InvalidPackage, match=r"expected its output 'y' of shape \[rows, 3\] - got \[1, \d\]"):
            predictor.predict([row])


def test_labels_of_a_file_are_those_of_every_lane(tmp_path: Path) -> None:
    toml = 'kind = "classification"\nlabels = "labels.txt"\n'
    predictor = loaded(tmp_path, passing("n", 2), toml, {"labels.txt": "für\nwider\n".encode()})
    assert answers(predictor, [[0.25, 0.75]]) == [{"label": "wider", "probabilities": {"für": 0.25, "wider": 0.75}}]
    assert predictor.manifest.labels("y") == ("für", "wider")


@pytest.mark.parametrize(
    ("graph", "toml", "message"),
    [
        (passing("n", 2), THREE, "expected labels for a tensor of shape [-1, 2] - got 3 - at `postprocess.labels`"),
        (passing("n", 2, 2), THREE, "expected a tensor of shape [rows, labels] - got [-1, 2, 2]"),
        (passing("n"), THREE, "expected a tensor of shape [rows, labels] - got [-1]"),
        (passing("n", 1), TWO + 'activation = "softmax"\n', "got 'softmax' - at `postprocess.activation`"),
        (passing("n", 3), THREE + 'activation = "relu"\n', "expected one of none, softmax, sigmoid - got 'relu'"),
        (passing("n", 3), THREE + 'positive = "a"\n', "got '3 labels' - at `postprocess.positive`"),
        (passing("n", 2), TWO + 'positive = "no"\n', "expected one of repaid, defaulted - got 'no'"),
        (passing("n", 3), THREE + "top_k = 4\n", "expected an integer from 1 to 3 - got 4 - at `postprocess.top_k`"),
        (passing("n", 3), THREE + "threshold = 2\n", "expected a number from 0 to 1 - got 2.0"),
        (passing("n", 3, element=TensorProto.STRING), THREE, "expected a tensor of numbers - got 'a tensor of BYTES'"),
        (zip_map(classlabels_int64s=[0, 1]), TWO, "expected integers as strings, as the keys of the maps are"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(tmp_path: Path, graph: ModelProto, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, graph, toml)
    assert message in str(refused.value)
