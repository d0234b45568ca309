"""Every label that is likely enough."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto

from functions.core.errors import InvalidInput, InvalidPackage
from tests.core.processing.outputs import answers, loaded, passing

SCORES = 'kind = "multilabel"\nlabels = ["a", "b", "c"]\n'
PROBABILITIES = SCORES + 'activation = "none"\n'
NAN = float("nan")


def test_labels_at_or_above_the_threshold_come_likeliest_first(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), PROBABILITIES)
    assert answers(predictor, [[0.5, 0.25, 0.75], [0.25, 0.25, 0.25]]) == [
        {"labels": ["c", "a"], "probabilities": {"a": 0.5, "b": 0.25, "c": 0.75}},
        {"labels": [], "probabilities": {"a": 0.25, "b": 0.25, "c": 0.25}},
    ]
    assert predictor.predict([[0.5, 0.25, 0.75]], parameters={"threshold": 0.7})[0]["labels"] == ["c"]
    declared = loaded(tmp_path / "declared", passing("n", 3), PROBABILITIES + "threshold = 0.25\n")
    assert answers(declared, [[0.5, 0.25, 0.75]])[0]["labels"] == ["c", "a", "b"]


def test_scores_become_probabilities_each_by_itself(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), SCORES)
    assert answers(predictor, [[0, -1000, 1000]]) == [
        {"labels": ["c", "a"], "probabilities": {"a": 0.5, "b": 0.0, "c": 1.0}}
    ]
    postprocess: Any = predictor.postprocess
    assert postprocess.targets == ("a", "b", "c")
    np.testing.assert_array_equal(postprocess.scores([np.zeros((1, 3), np.float32)]), [[0.5, 0.5, 0.5]])


def test_scores_of_half_precision_do_not_overflow(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3, element=TensorProto.FLOAT16), SCORES)
    (answer,) = answers(predictor, np.array([[-12, 0, 12]], np.float16))
    assert list(answer["probabilities"].values()) == pytest.approx([6.144e-6, 0.5, 1 - 6.144e-6], rel=1e-3)


def test_what_is_not_a_number_is_no_label(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 3), SCORES)
    assert answers(predictor, [[NAN, 0, NAN]]) == [{"labels": ["b"], "probabilities": {"a": None, "b": 0.5, "c": None}}]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"top_k": 1}, "Expected only the parameters threshold - got 'top_k' - at `parameters.top_k`"),
        ({"threshold": -1}, "Expected a number from 0 to 1 - got -1 - at `parameters.threshold`"),
    ],
)
def test_a_wrong_parameter_is_refused(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        loaded(tmp_path, passing("n", 3), SCORES).predict([[0, 0, 1]], parameters=parameters)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("graph", "toml", "message"),
    [
        (passing("n"), SCORES, "expected a tensor of shape [rows, labels] - got [-1]"),
        (passing("n", 2), SCORES, "expected labels for a tensor of shape [-1, 2] - got 3 - at `postprocess.labels`"),
        (passing("n", 3), SCORES + "threshold = 50\n", "expected a number from 0 to 1 - got 50.0"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(tmp_path: Path, graph: ModelProto, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, graph, toml)
    assert message in str(refused.value)
