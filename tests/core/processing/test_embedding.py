"""Vectors as lists of numbers."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from functions.core.errors import InvalidPackage
from tests.core.processing.outputs import answers, loaded, passing

UNIT = 'kind = "embedding"\n'
RAW = UNIT + "normalize = false\n"
NAN = float("nan")


def test_a_vector_has_the_length_one_and_a_zero_vector_stays(tmp_path: Path) -> None:
    predictor = loaded(tmp_path, passing("n", 2), UNIT)
    assert answers(predictor, [[3, 4], [0, -2], [0, 0], [1e30, 0]]) == [[0.6, 0.8], [0, -1], [0, 0], [1, 0]]
    items = {"type": ["number", "null"]}
    assert predictor.postprocess.schema() == {"type": "array", "items": items, "minItems": 2, "maxItems": 2}


def test_a_vector_can_be_left_as_it_is(tmp_path: Path) -> None:
    assert answers(loaded(tmp_path, passing("n", "m"), RAW), [[3, 0.1]]) == [[3, 0.1]]


@pytest.mark.parametrize(
    ("element", "dtype"),
    [(TensorProto.FLOAT16, np.float16), (TensorProto.DOUBLE, np.float64), (TensorProto.INT8, np.int8)],
)
def test_vectors_of_other_numbers_have_the_length_one_too(tmp_path: Path, element: int, dtype: type) -> None:
    predictor = loaded(tmp_path, passing("n", 4, element=element), UNIT)
    (answer,) = answers(predictor, np.full((1, 4), 100, dtype))
    assert answer == [0.5, 0.5, 0.5, 0.5]


def test_what_is_not_a_number_is_null(tmp_path: Path) -> None:
    assert answers(loaded(tmp_path, passing("n", 2), UNIT), [[NAN, 1], [3, 4]]) == [[None, None], [0.6, 0.8]]


@pytest.mark.parametrize(
    ("shape", "toml", "message"),
    [
        (("n", 5, 2), UNIT, "expected a tensor of shape [rows, width] - got [-1, 5, 2] - at `postprocess.tensor`"),
        (("n", 2), UNIT + 'normalize = "l2"\n', "expected true or false - got 'l2' - at `postprocess.normalize`"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(
    tmp_path: Path, shape: tuple[int | str, ...], toml: str, message: str
) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, passing(*shape), toml)
    assert message in str(refused.value)
