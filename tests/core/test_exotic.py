"""Types that numpy lacks."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from functions.core.errors import ModelFailed
from functions.core.exotic import pack, unpack
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import DATATYPES
from functions.packaging.build import build
from tests.core import graphs

SMALL = {"INT4": ml_dtypes.int4, "UINT4": ml_dtypes.uint4, "INT2": ml_dtypes.int2, "UINT2": ml_dtypes.uint2}

RANGES = {"INT4": (-8, 8), "UINT4": (0, 16), "INT2": (-2, 2), "UINT2": (0, 4)}


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8])
@pytest.mark.parametrize("name", SMALL)
def test_small_integers_are_packed_as_onnx_packs_them(name: str, count: int) -> None:
    datatype = DATATYPES[name]
    values = np.resize(np.arange(*RANGES[name]), count).astype(datatype.dtype)
    content = pack(values, datatype)
    assert content == numpy_helper.from_array(values.astype(SMALL[name])).raw_data
    np.testing.assert_array_equal(unpack(content, datatype, (count,)), values)


@pytest.mark.parametrize(("name", "value"), [("INT4", 8), ("INT4", -9), ("UINT4", 16), ("INT2", 2), ("UINT2", 4)])
def test_an_integer_that_the_bits_cannot_hold_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"expected elements of {name} within . bits"):
        pack(np.array([0, value], DATATYPES[name].dtype), DATATYPES[name])


def test_strings_and_numbers_leave_beside_an_output_that_numpy_lacks(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["half"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["x"], ["text"], to=TensorProto.STRING),
        helper.make_node("Identity", ["x"], ["same"]),
    ]
    row = ["n"]
    gives = {"half": TensorProto.BFLOAT16, "text": TensorProto.STRING, "same": TensorProto.FLOAT}
    graph = graphs.model(nodes, {"x": (TensorProto.FLOAT, row)}, {name: (of, row) for name, of in gives.items()})
    predictor = Predictor(build(graphs.source(tmp_path, "cast", graph), tmp_path / "packages"), Settings())
    half, text, same = predictor.infer({"x": np.array([1, -2.5], np.float32)}, list(gives))
    np.testing.assert_array_equal(half.view(ml_dtypes.bfloat16).astype(np.float32), [1, -2.5])
    assert text.tolist() == ["1", "-2.5"]
    assert same.tolist() == [1, -2.5]


def test_a_small_integer_out_of_range_in_bytes_is_the_callers_fault(tmp_path: Path) -> None:
    node = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)
    graph = graphs.model([node], {"x": (TensorProto.INT4, ["n"])}, {"y": (TensorProto.FLOAT, ["n"])})
    graph.opset_import[0].version = 21
    predictor = Predictor(build(graphs.source(tmp_path, "cast", graph), tmp_path / "packages"), Settings())
    assert predictor.infer({"x": np.array([-8, 7, 1], np.int8)}, ["y"])[0].tolist() == [-8, 7, 1]
    with pytest.raises(ModelFailed, match="expected elements of INT4 within 4 bits"):
        predictor.infer({"x": np.array([-9], np.int8)}, ["y"])
