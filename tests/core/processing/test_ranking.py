"""The best items of many."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import ModelProto

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.processing.outputs.top_k import LARGE, top_k
from functions.core.tensors import Array
from tests.core.processing.outputs import answers, loaded, passing

FOUR = 'kind = "ranking"\nitems = ["a", "b", "c", "d"]\n'
NAN = float("nan")


def test_items_come_best_first(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 4), FOUR + "top_k = 2\n")
    assert answers(predictor, [[0.1, 3, -1, 0.5], [1, 1, 1, 1]]) == [
        {"items": [{"item": "b", "score": 3.0}, {"item": "d", "score": 0.5}]},
        {"items": [{"item": "a", "score": 1.0}, {"item": "b", "score": 1.0}]},
    ]
    assert predictor.predict([[0.1, 3, -1, 0.5]], parameters={"top_k": 1}) == [{"items": [{"item": "b", "score": 3.0}]}]
    assert len(answers(predictor, [[1, 2, 3, 4]], {"top_k": 9})[0]["items"]) == 4


def test_items_that_the_graph_excludes_never_appear(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 4), FOUR)
    assert answers(predictor, [[-np.inf, 1, -np.inf, 2], [-np.inf] * 4]) == [
        {"items": [{"item": "d", "score": 2.0}, {"item": "b", "score": 1.0}]},
        {"items": []},
    ]


def test_what_is_not_a_number_comes_last_and_is_null(tmp_path: Path) -> None:
    (answer,) = answers(loaded(tmp_path, passing("n", 4), FOUR), [[NAN, 1, -5, -np.inf]])
    assert [(found["item"], found["score"]) for found in answer["items"]] == [("b", 1.0), ("c", -5.0), ("a", None)]


def test_items_can_be_the_lines_of_a_file(tmp_path: Path) -> None:
    lines = "".join(f"item {index}\n" for index in range(2 * LARGE)).encode()
    toml = 'kind = "ranking"\nitems = "items.txt"\ntop_k = 3\n'
    predictor = loaded(tmp_path, passing("n", 2 * LARGE), toml, {"items.txt": lines})
    scores = np.zeros((1, 2 * LARGE), np.float32)
    scores[0, [700, 30]] = [5, 4]
    names = [found["item"] for found in answers(predictor, scores)[0]["items"]]
    assert names == ["item 700", "item 30", "item 0"]


def test_every_items_score_can_be_explained(tmp_path: Path) -> None:
    postprocess: Any = loaded(tmp_path, passing("n", 4), FOUR).postprocess
    assert postprocess.targets == ("a", "b", "c", "d")
    np.testing.assert_array_equal(postprocess.scores([np.array([[1, 2, 3, 4]])]), [[1, 2, 3, 4]])


@settings(deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 3), st.just(LARGE)), elements=st.integers(-9, 9), fill=st.just(0)),
    st.integers(1, LARGE),
    st.sets(st.integers(0, LARGE - 1)),
    st.sampled_from([np.nan, np.inf, -np.inf]),
)
def test_a_selection_finds_what_a_sort_does(scores: Array, count: int, odd: set[int], value: float) -> None:
    scores[0, list(odd)] = value
    found = top_k(scores, count)
    small = [top_k(row[None, : LARGE - 1], count)[0] for row in scores]
    for row, indices in zip(scores, found.tolist(), strict=True):
        ranks = sorted(range(LARGE), key=lambda index: (np.isnan(row[index]), -np.nan_to_num(row[index]), index))
        assert indices == ranks[:count]
    for row, indices in zip(scores[:, :-1], small, strict=True):
        ranks = sorted(range(LARGE - 1), key=lambda index: (np.isnan(row[index]), -np.nan_to_num(row[index]), index))
        assert indices.tolist() == ranks[:count]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": 1}, "Expected only the parameters top_k - got 'threshold' - at `parameters.threshold`"),
        ({"top_k": 1.5}, "Expected an integer of at least 1 - got 1.5 - at `parameters.top_k`"),
    ],
)
def test_a_wrong_parameter_is_refused(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        loaded(tmp_path, passing("n", 4), FOUR).predict([[0, 0, 1, 0]], parameters=parameters)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("graph", "toml", "message"),
    [
        (passing("n", 3), FOUR, "expected items for a tensor of shape [-1, 3] - got 4 - at `postprocess.items`"),
        (passing("n", 4), FOUR + "top_k = 5\n", "expected an integer from 1 to 4 - got 5 - at `postprocess.top_k`"),
        (passing("n", 4), 'kind = "ranking"\n', "expected a list of different strings - got None"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(tmp_path: Path, graph: ModelProto, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, graph, toml)
    assert message in str(refused.value)
