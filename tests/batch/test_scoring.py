"""Windows become answers: in order, and a bad row costs no other row its answer."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.rows import Refusal, Window
from functions.batch.scoring import Scorer, lengths
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import MODELS, build
from tests.conftest import ROOT
from tests.core import graphs


@pytest.fixture
def plus(tmp_path: Path) -> Predictor:
    return Predictor(build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages"), Settings())


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder = tmp_path_factory.mktemp("same")
    source = graphs.source(folder, "same", graphs.identity(TensorProto.FLOAT))
    return Predictor(build(source, folder / "packages"), Settings())


def _sample(packages: Path, name: str) -> tuple[Predictor, list[Any]]:
    predictor = Predictor(open_package(str(packages / name), 0), Settings())
    cases = orjson.loads(predictor.package.read("golden.json"))["cases"]
    return predictor, [instance for case in cases for instance in case["request"]["instances"]]


def test_rows_are_answered_in_order_in_batches_of_any_size(plus: Predictor) -> None:
    window = Window(range(7), [[at, at] for at in range(7)], carried={"id": list("abcdefg")})
    for rows_at_once in (1, 2, 3, 7, 100):
        answers = Scorer(plus, Options(), rows_at_once).answer(window)
        assert [row.tolist() for row in answers.predictions] == [[at + 1, at + 1] for at in range(7)]
        assert list(answers.numbers) == list(range(7))
        assert answers.carried == {"id": list("abcdefg")}
        assert answers.refused == []


def test_bad_rows_are_refused_with_their_place_in_the_row_and_the_others_answered(plus: Predictor) -> None:
    unread = Refusal(5, "no JSON", 6)
    window = Window([2, 3, 4], [[1, 2], [1, "x"], [3, 4]], carried={"id": [7, 8, 9]}, refused=[unread], lines=[3, 4, 5])
    answers = Scorer(plus, Options(), 8).answer(window)
    assert [row.tolist() for row in answers.predictions] == [[2, 3], [4, 5]]
    assert list(answers.numbers) == [2, 4]
    assert answers.carried == {"id": [7, 9]}
    (bad, other) = answers.refused
    assert (bad.row, bad.line, bad.id, bad.code) == (3, 4, 8, "invalid_input")
    assert bad.reason == "Expected a number within +-3.4e38 - got 'x' - at `row[1]`"
    assert other == unread


def test_tensors_are_answered_as_arrays_or_as_predictions(plus: Predictor) -> None:
    window = Window(range(5), tensors={"x": np.arange(10, dtype=np.float32).reshape(5, 2)})
    arrays = Scorer(plus, Options(), 2, arrays=True).answer(window)
    assert arrays.tensors is not None
    assert arrays.tensors["y"].tolist() == (np.arange(10).reshape(5, 2) + 1).tolist()
    decoded = Scorer(plus, Options(), 2).answer(window)
    assert [row.tolist() for row in decoded.predictions] == arrays.tensors["y"].tolist()


@pytest.mark.parametrize("name", ["breast-cancer", "support-answers", "trip-mode", "next-books"])
def test_samples_answer_as_in_real_time(packages: Path, name: str) -> None:
    predictor, instances = _sample(packages, name)
    answers = Scorer(predictor, Options(), 1).answer(Window(range(len(instances)), instances))
    expected = [prediction for instance in instances for prediction in predictor.predict([instance])]
    option = orjson.OPT_SERIALIZE_NUMPY
    assert orjson.dumps(answers.predictions, option=option) == orjson.dumps(expected, option=option)


def test_explanations_stand_beside_each_answer(packages: Path) -> None:
    predictor, instances = _sample(packages, "breast-cancer")
    answers = Scorer(predictor, Options(explain={"budget": 64}), 8).answer(Window([0, 1], [instances[0], {}]))
    assert [explanation["method"] for explanation in answers.explanations] == ["shapley"]
    assert [refusal.row for refusal in answers.refused] == [1]


def test_parameters_that_a_model_lacks_refuse_the_job(plus: Predictor) -> None:
    with pytest.raises(FileRefused, match="takes none"):
        Scorer(plus, Options(parameters={"top_k": 1}), 1)
    with pytest.raises(FileRefused, match=r"explain\.budget"):
        Scorer(plus, Options(explain={"budget": 1}), 1)


def _picking(folder: Path) -> Predictor:
    """y = [10, 20, 30][x] for each x of a row: a run with any other x fails as a whole."""
    values = helper.make_tensor("values", TensorProto.FLOAT, [3], [10.0, 20.0, 30.0])
    nodes = [
        helper.make_node("Constant", [], ["values"], value=values),
        helper.make_node("Gather", ["values", "x"], ["y"]),
    ]
    graph = graphs.model(nodes, {"x": (TensorProto.INT64, ["n", 1])}, {"y": (TensorProto.FLOAT, ["n", 1])})
    return Predictor(build(graphs.source(folder, "picking", graph), folder / "packages"), Settings())


def _stuck(folder: Path) -> Predictor:
    """y = x, but a run with a positive x never ends."""
    numbers = (TensorProto.FLOAT, ["n"])
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Identity", ["value"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", *numbers),
        ],
        [
            helper.make_tensor_value_info("still_going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", *numbers),
        ],
    )
    nodes = [
        helper.make_node("Constant", [], ["trips"], value=helper.make_tensor("trips", TensorProto.INT64, [], [2**62])),
        helper.make_node("Constant", [], ["zero"], value=helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])),
        helper.make_node("ReduceMax", ["x"], ["highest"], keepdims=0),
        helper.make_node("Greater", ["highest", "zero"], ["start"]),
        helper.make_node("Loop", ["trips", "start", "x"], ["y"], body=body),
    ]
    graph = graphs.model(nodes, {"x": numbers}, {"y": numbers})
    package = build(graphs.source(folder, "stuck", graph), folder / "packages")
    return Predictor(package, Settings(deadline_seconds=0.1))


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("as_tensors", [False, True])
def test_a_row_that_the_model_fails_on_is_found_and_no_other_suffers(
    tmp_path: Path, arrays: bool, as_tensors: bool
) -> None:
    rows = [[0], [2], [7], [1], [0], [-9], [2], [1], [1]]
    carried = {"id": list("abcdefghi")}
    window = Window(range(10, 19), rows, carried=carried, lines=range(1, 10))
    if as_tensors:
        window = window._replace(instances=(), tensors={"x": np.array(rows)})
    answers = Scorer(_picking(tmp_path), Options(), 8, arrays=arrays).answer(window)
    found = answers.tensors["y"] if answers.tensors else answers.predictions
    assert [row.tolist() for row in found] == [[10], [30], [20], [10], [30], [20], [20]]
    assert list(answers.numbers) == [10, 11, 13, 14, 16, 17, 18]
    assert answers.carried == {"id": list("abdeghi")}
    assert [(bad.row, bad.line, bad.id, bad.code) for bad in answers.refused] == [
        (12, 3, "c", "model_failed"),
        (15, 6, "f", "model_failed"),
    ]
    assert all("out of data bounds" in bad.reason for bad in answers.refused)


def test_a_row_that_takes_too_long_is_found_too(tmp_path: Path) -> None:
    answers = Scorer(_stuck(tmp_path), Options(), 8).answer(Window(range(4), [0, -1, 1, -2]))
    assert answers.predictions == [0, -1, -2]
    (late,) = answers.refused
    assert (late.row, late.code) == (2, "deadline_exceeded")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=12), size=st.integers(1, 5)
)
def test_rows_of_any_lengths_keep_their_order(same: Predictor, rows: list[list[int]], size: int) -> None:
    answers = Scorer(same, Options(), size).answer(Window(range(len(rows)), rows))
    assert [row.tolist() for row in answers.predictions] == rows
    assert answers.refused == []


def test_texts_sorted_by_length_are_answered_as_each_alone(packages: Path, tmp_path: Path) -> None:
    # The graph before its compression: in 8 bits the scales are those of all texts that are computed together.
    source = tmp_path / "chinese-classics"
    shutil.copytree(ROOT / MODELS / source.name, source, ignore=shutil.ignore_patterns("compressed.*", "report.*"))
    predictor = Predictor(build(source, tmp_path / "packages"), Settings())
    _, instances = _sample(packages, "chinese-classics")
    mixed = [{"text": text} if at % 2 else text for at, text in enumerate(instances) if isinstance(text, str)]
    answers = Scorer(predictor, Options(), 4).answer(Window(range(len(mixed)), mixed))
    alone = [prediction for instance in mixed for prediction in predictor.predict([instance])]
    assert [answer["label"] for answer in answers.predictions] == [answer["label"] for answer in alone]
    for answer, other in zip(answers.predictions, alone, strict=True):
        assert answer["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)


def test_only_texts_and_lists_have_lengths_objects_those_of_all_their_texts(packages: Path) -> None:
    text, _ = _sample(packages, "support-answers")
    table, _ = _sample(packages, "breast-cancer")
    assert lengths(text, ["abc", {"text": "ab", "pair": "cdef"}, "a"]) == [3, 6, 1]
    assert lengths(text, ["ab", "cd"]) is None
    assert lengths(text, []) is None
    assert lengths(table, [{"a": "xy"}, {"a": "x"}]) is None
    assert lengths(table, [[1], [1, 2]]) == [1, 2]
