"""Ragged lists become one padded tensor, and padding never counts as a step."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.explaining.explanation import Options, explain
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

READINGS = """[preprocess]
kind = "sequence"
tensor = "steps"
mask = "mask"
lengths = "lengths"
features = [{ name = "speed", range = [0, 50], typical = 2 }, { name = "turn", missing = 0, std = 10 }]
"""
HISTORY = """[preprocess]
kind = "sequence"
tensor = "steps"
field = "history"
vocabulary = "items.txt"
max_length = 4
truncation = "start"
"""
NUMBER = '[postprocess]\nkind = "regression"\ntensor = "y"\n'


def total(element: int, shape: list[Any], masked: bool) -> Any:
    """y [rows, 1] = the sum of the steps' numbers; of masked ones, of those where the mask is 1."""
    axes = list(range(1, len(shape)))
    nodes = [
        helper.make_node(
            "Constant", [], ["axes"], value=helper.make_tensor("axes", TensorProto.INT64, [len(axes)], axes)
        ),
        helper.make_node("Constant", [], ["row"], value=helper.make_tensor("row", TensorProto.INT64, [2], [-1, 1])),
        helper.make_node("Constant", [], ["two"], value=helper.make_tensor("two", TensorProto.INT64, [1], [2])),
        helper.make_node("Cast", ["steps"], ["numbers"], to=TensorProto.FLOAT),
    ]
    if masked:
        nodes += [
            helper.make_node("Cast", ["mask"], ["ones"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["ones", "two"], ["wide"]),
            helper.make_node("Mul", ["numbers", "wide"], ["counted"]),
        ]
    nodes += [
        helper.make_node("ReduceSum", ["counted" if masked else "numbers", "axes"], ["sum"], keepdims=0),
        helper.make_node("Reshape", ["sum", "row"], ["y"]),
    ]
    inputs = {"steps": (element, shape)}
    if masked:
        inputs |= {"mask": (TensorProto.BOOL, shape[:2]), "lengths": (TensorProto.INT32, shape[:1])}
    return graphs.model(nodes, inputs, {"y": (TensorProto.FLOAT, ["rows", 1])})


def readings(folder: Path, more: str = "") -> Predictor:
    graph = total(TensorProto.FLOAT, ["rows", "steps", 2], masked=True)
    source = graphs.source(folder, "readings", graph, READINGS + more + NUMBER)
    return Predictor(build(source, folder / "packages"), Settings())


def history(folder: Path, more: str = "") -> Predictor:
    graph = total(TensorProto.INT64, ["rows", "steps"], masked=False)
    source = graphs.source(folder, "history", graph, HISTORY + more + NUMBER)
    (source / "items.txt").write_text("tea\nmilk\n春茶\n", encoding="utf-8")
    return Predictor(build(source, folder / "packages"), Settings())


def test_readings_are_padded_with_a_mask_and_lengths(tmp_path: Path) -> None:
    instances = [[{"speed": 1, "turn": 20}], {"sequence": [[2, 30], {"speed": 3}]}]
    feeds = readings(tmp_path).preprocess.encode(instances, "instances")
    assert feeds["steps"].tolist() == [[[1, 2], [0, 0]], [[2, 3], [3, 0]]]
    assert feeds["mask"].tolist() == [[True, False], [True, True]]
    assert feeds["lengths"].tolist() == [1, 2]
    assert [value.dtype for value in feeds.values()] == [np.float32, np.bool_, np.int32]


def test_padding_on_the_left_to_the_full_length(tmp_path: Path) -> None:
    more = 'side = "left"\npadding = "max_length"\nmax_length = 3\npad = -1.0\n'
    feeds = readings(tmp_path, more).preprocess.encode([[[1, 10]], [[1, 10], [2, 20]]], "instances")
    assert feeds["steps"].tolist() == [[[-1, -1], [-1, -1], [1, 1]], [[-1, -1], [1, 1], [2, 2]]]
    assert feeds["mask"].tolist() == [[False, False, True], [False, True, True]]


def test_tokens_become_indices_and_the_most_recent_are_kept(tmp_path: Path) -> None:
    feeds = history(tmp_path).preprocess.encode([["tea"], ["tea", "tea", "milk", "春茶", "milk"]], "instances")
    assert feeds["steps"].tolist() == [[1, 0, 0, 0], [1, 2, 3, 2]]
    assert feeds["steps"].dtype == np.int64


def test_the_index_of_the_first_entry_can_be_chosen(tmp_path: Path) -> None:
    predictor = history(tmp_path, "first = 10\n")
    assert predictor.preprocess.encode([["tea", "春茶"]], "i")["steps"].tolist() == [[10, 12]]


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ([[]], "Expected a list of at least one step - got [] - at `instances[0]`"),
        ([[[1, 1]], {"sequence": 5}], "Expected a list of at least one step - got 5 - at `instances[1].sequence`"),
        ([{"steps": []}], "Expected an object of sequence - got ['steps'] - at `instances[0]`"),
        ([[[1, 1]], [[1, 1], [99, 1]]], "Expected a number from 0 to 50 - got 99 - at `instances[1][1].speed`"),
        ([[[1, 1], {"turn": 1}]], "Expected a number - got nothing - at `instances[0][1].speed`"),
        ([[[1, 1]], {"sequence": [[1, 1], [1]]}], "at `instances[1].sequence[1]`"),
        ([[[1, 1]] * 1025], "Expected at most 1024 steps - got 1025 - at `instances[0]`"),
    ],
)
def test_bad_steps_are_named_by_their_place(tmp_path: Path, instances: list[Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        readings(tmp_path).predict(instances)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ([["tea"], ["tea", "coffee"]], "one of the 3 entries of the vocabulary - got 'coffee' - at `instances[1][1]`"),
        ([{"history": [1]}], "one of the 3 entries of the vocabulary - got 1 - at `instances[0].history[0]`"),
        ([["tea"] * 6 + ["no"]], "one of the 3 entries of the vocabulary - got 'no' - at `instances[0][6]`"),
    ],
)
def test_an_unknown_token_is_named_by_its_place(tmp_path: Path, instances: list[Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        history(tmp_path).predict(instances)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('side = "middle"\n', "expected one of right, left - got 'middle' - at `preprocess.side`"),
        ("max_length = 0\n", "an integer from 1 to 100000 - got 0 - at `preprocess.max_length`"),
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        readings(tmp_path, more)
    assert message in str(refused.value)


def test_a_mask_and_features_that_do_not_fit_the_graph_are_refused(tmp_path: Path) -> None:
    graph = total(TensorProto.FLOAT, ["rows", "steps", 2], masked=True)
    wrong = {
        READINGS.replace('mask = "mask"', 'mask = "lengths"'): "a tensor of numbers with 2 dimensions",
        READINGS.replace('"speed"', '"speed", std = 2 }, { name = "more"'): "expected 2 columns - got 3",
    }
    for number, (toml, message) in enumerate(wrong.items()):
        source = graphs.source(tmp_path / str(number), "readings", graph, toml + NUMBER)
        with pytest.raises(InvalidPackage) as refused:
            Predictor(build(source, tmp_path / "packages"), Settings())
        assert message in str(refused.value)


def test_a_reading_is_weighed_against_an_everyday_one(tmp_path: Path) -> None:
    (found,) = explain(readings(tmp_path), [[[2, 0], [12, 0], [5, 10]]], Options(), "instances")
    assert (found["method"], found["score"], found["baseline"]) == ("occlusion", 20.0, 6.0)
    values = [entry["value"] for entry in found["attributions"]]
    assert values == [0.0, 10.0, 4.0]
    assert found["attributions"][1] == {"start": 1, "end": 2, "value": 10.0}


def test_a_token_is_weighed_by_leaving_it_out_and_counted_from_where_the_history_starts(tmp_path: Path) -> None:
    (found,) = explain(history(tmp_path), [["tea", "milk", "milk", "春茶", "tea"]], Options(), "instances")
    assert found["attributions"] == [
        {"start": 1, "end": 2, "value": 2.0},
        {"start": 2, "end": 3, "value": 2.0},
        {"start": 3, "end": 4, "value": 3.0},
        {"start": 4, "end": 5, "value": 1.0},
    ]


@given(sequences=st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=9), min_size=1, max_size=6))
def test_what_comes_out_masked_is_what_went_in(sequences: list[list[int]], shared: Predictor) -> None:
    feeds = shared.preprocess.encode([[[speed, 0] for speed in steps] for steps in sequences], "instances")
    for row, mask, steps in zip(feeds["steps"], feeds["mask"], sequences, strict=True):
        assert row[mask][:, 0].tolist() == steps
        assert not row[~mask].any()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return readings(tmp_path_factory.mktemp("shared"))
