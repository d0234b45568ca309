"""One number per row, or several by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto

from functions.core.errors import InvalidInput, InvalidPackage
from tests.core.processing.outputs import answers, loaded, passing

NUMBER = 'kind = "regression"\n'
CLIPPED = NUMBER + "range = [0, 0.1]\n"
BOX = NUMBER + 'values = [{ name = "width", unit = "m", range = [0.0, inf] }, { name = "angle" }]\n'
NAN = float("nan")


@pytest.mark.parametrize("shape", [("n",), ("n", 1), ("n", "m")])
def test_a_number_is_answered_as_it_is(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    predictor = loaded(tmp_path, passing(*shape), NUMBER + 'unit = "m"\n')
    rows = np.array([0.1, -2], np.float32).reshape(2, *[1] * (len(shape) - 1))
    assert answers(predictor, rows) == [0.1, -2.0]
    assert predictor.postprocess.schema() == {"type": "number", "description": "m"}


def test_a_number_outside_its_range_is_clipped(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 1), CLIPPED)
    assert answers(predictor, [[-1], [0.05], [7], [np.inf], [NAN]]) == [0.0, 0.05, 0.1, 0.1, None]
    schema = {"type": ["number", "null"], "description": "", "minimum": 0.0, "maximum": 0.1}
    assert predictor.postprocess.schema() == schema


def test_integers_are_clipped_to_a_range_that_need_not_be_whole(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", element=TensorProto.INT64), NUMBER + "range = [-0.5, 2.5]\n")
    assert answers(predictor, np.array([-3, 1, 9])) == [-0.5, 1.0, 2.5]


def test_values_go_by_their_names_each_in_its_range(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 2), BOX)
    assert answers(predictor, [[1.5, -3], [-1, NAN]]) == [{"width": 1.5, "angle": -3.0}, {"width": 0.0, "angle": None}]
    width = {"type": ["number", "null"], "description": "m", "minimum": 0.0}
    angle = {"type": ["number", "null"], "description": ""}
    properties = {"width": width, "angle": angle}
    assert predictor.postprocess.schema() == {
        "type": "object", "required": ["width", "angle"], "properties": properties
    }  # fmt: skip


@pytest.mark.parametrize(
    ("toml", "targets", "scores"),
    [(NUMBER, ("",), [[-3]]), (CLIPPED, ("",), [[0]]), (BOX, ("width", "angle"), [[0, 2]])],
)
def test_what_is_answered_can_be_explained(tmp_path: Path, toml: str, targets: Any, scores: Any) -> None:
    postprocess: Any = loaded(tmp_path, passing("n", len(targets)), toml).postprocess
    assert postprocess.targets == targets
    np.testing.assert_array_equal(postprocess.scores([np.array([[-3.0, 2.0][: len(targets)]], np.float32)]), scores)


def test_a_request_has_nothing_to_set(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at `parameters`"):
        loaded(tmp_path, passing("n", 1), NUMBER).predict([[1]], parameters={"top_k": 1})


def test_another_number_of_values_is_the_packages_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidPackage, match=r"expected its output 'y' of shape \[rows, 2\] - got \[1, 3\]"):
        loaded(tmp_path, passing("n", "m"), BOX).predict([[1, 2, 3]])


@pytest.mark.parametrize(
    ("graph", "toml", "message"),
    [
        (passing("n", 2), NUMBER, "expected a tensor of shape [rows] or [rows, 1] - got [-1, 2]"),
        (passing("n", 2), CLIPPED, "expected a tensor of shape [rows] or [rows, 1] - got [-1, 2]"),
        (passing("n", 3), BOX, "expected values for a tensor of shape [-1, 3] - got 2 - at `postprocess.values`"),
        (passing("n", element=TensorProto.BOOL), NUMBER, "expected a tensor of numbers - got 'a tensor of BOOL'"),
        (passing("n", 1), NUMBER + "range = [1]\n", "expected [lowest, highest] - got [1] - at `postprocess.range`"),
        (passing("n", 1), NUMBER + "range = [2, 1]\n", "expected [lowest, highest] - got [2, 1]"),
        (passing("n", 1), NUMBER + "values = []\n", "expected a list of values, each with a name - got []"),
        (passing("n", 1), NUMBER + "values = [{}]\n", "expected a name - got None - at `postprocess.values[0].name`"),
        (passing("n", 2), BOX.replace("angle", "width"), "expected values of different names"),
        (passing("n", 2), BOX.replace("[0.0, inf]", '"x"'), "got 'x' - at `postprocess.values[0].range`"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(tmp_path: Path, graph: ModelProto, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, graph, toml)
    assert message in str(refused.value)
