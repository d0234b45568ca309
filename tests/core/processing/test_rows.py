"""Rows of tensors are read many at once, and refused as if each had been read alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from functions.core.errors import InvalidInput
from functions.core.predictor import Predictor
from functions.core.processing.inputs.rows import TOGETHER, RowInput
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

CELLS = st.one_of(
    st.integers(-3, 3),
    st.floats(-4, 4, width=16),
    st.sampled_from([True, False, None, "x", 1e39, -1e300, 2**31, 2**63, -(2**63) - 1, 2**64, 255, 256, 0.5, 70_000.0]),
)
ROWS = st.one_of(
    st.lists(st.integers(0, 2), min_size=2, max_size=2),
    st.lists(CELLS, max_size=3),
    st.lists(st.lists(CELLS, max_size=2), max_size=2),
    CELLS,
)
INSTANCES = st.lists(st.one_of(ROWS, st.fixed_dictionaries({"x": ROWS}, optional={"z": ROWS})), min_size=1, max_size=5)
UNIFORM = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=2, max_size=6)
)
SHAPES: dict[str, tuple[int, list[Any]]] = {
    "FP32 [n, 2]": (TensorProto.FLOAT, ["n", 2]),
    "FP32 [n, m]": (TensorProto.FLOAT, ["n", "m"]),
    "FP32 [n]": (TensorProto.FLOAT, ["n"]),
    "FP32 [n, m, 2]": (TensorProto.FLOAT, ["n", "m", 2]),
    "FP16 [n, 2]": (TensorProto.FLOAT16, ["n", 2]),
    "INT32 [n, 2]": (TensorProto.INT32, ["n", 2]),
    "UINT8 [n, m]": (TensorProto.UINT8, ["n", "m"]),
    "UINT64 [n, m]": (TensorProto.UINT64, ["n", "m"]),
    "BOOL [n, 2]": (TensorProto.BOOL, ["n", 2]),
    "BYTES [n, 2]": (TensorProto.STRING, ["n", 2]),
}


def _input(folder: Path, tensors: dict[str, tuple[int, list[Any]]]) -> RowInput:
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in tensors]
    model = graphs.model(nodes, tensors, {f"{name}_out": of for name, of in tensors.items()})
    preprocess = Predictor(build(graphs.source(folder, "rows", model), folder / "packages"), Settings()).preprocess
    assert isinstance(preprocess, RowInput)
    return preprocess


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RowInput]:
    """An input of each shape, by its name."""
    folder = tmp_path_factory.mktemp("rows")
    return {name: _input(folder / str(index), {"x": of}) for index, (name, of) in enumerate(SHAPES.items())}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> RowInput:
    """Two inputs, of rows and of numbers."""
    tensors: dict[str, tuple[int, list[Any]]] = {"a": (TensorProto.FLOAT, ["n", 2]), "b": (TensorProto.INT64, ["n"])}
    return _input(tmp_path_factory.mktemp("both"), tensors)


def _outcome(read: Any, instances: list[Any]) -> Any:
    """What came of it, so that it can be compared: types, shapes and values, or the refusal's words."""
    try:
        feeds = read(instances, "instances")
    except InvalidInput as error:
        return error.path, str(error)
    return {name: (tensor.dtype, tensor.shape, tensor.tolist()) for name, tensor in feeds.items()}


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=150, deadline=None)
@given(instances=st.one_of(UNIFORM, INSTANCES))
@example(instances=[[1], 2])
@example(instances=[[True, 1], [1, 1]])
@example(instances=[[1, 2], [1, 2, 3]])
@example(instances=[{"x": [1, 2]}, {"x": [3, 4]}])
def test_rows_together_are_the_rows_each_alone_words_of_refusals_included(
    inputs: dict[str, RowInput], name: str, instances: list[Any]
) -> None:
    together = _outcome(inputs[name].encode, instances)
    assert together == _outcome(inputs[name]._each, instances)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({"a": ROWS}, optional={"b": ROWS}), min_size=2, max_size=4))
@example(rows=[{"a": [1, 2], "b": 3}, {"b": 4, "a": [5, 6]}])
@example(rows=[{"a": [1, 2], "b": 3}, {"b": "x", "a": [5, "y"]}])
def test_rows_of_several_inputs_too(both: RowInput, rows: list[Any]) -> None:
    assert _outcome(both.encode, rows) == _outcome(both._each, rows)


def test_more_rows_than_are_read_at_once_are_one_tensor(inputs: dict[str, RowInput]) -> None:
    rows = np.random.default_rng(0).random((TOGETHER + 3, 1)).tolist()
    tensor = inputs["FP32 [n, m]"].encode(rows, "instances")["x"]
    assert tensor.shape == (TOGETHER + 3, 1)
    assert tensor.tolist() == np.array(rows, np.float32).tolist()


@pytest.mark.parametrize("odd", [1.0, [[1.0]]])
def test_what_is_no_row_is_refused_where_reading_begins_anew(inputs: dict[str, RowInput], odd: Any) -> None:
    rows: list[Any] = [[1.0]] * TOGETHER + [odd, odd]
    with pytest.raises(InvalidInput, match=rf"Expected FP32 of shape \[-1\] .* at `instances\[{TOGETHER}\]`"):
        inputs["FP32 [n, m]"].encode(rows, "instances")
