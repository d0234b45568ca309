"""JSON to arrays and back."""

import numpy as np
import orjson
import pytest

from functions.core.errors import InvalidInput
from functions.core.tensors import DATATYPES, TensorSpec, check_shape, from_json, to_json

EXTREMES: dict[str, list[object]] = {
    "BOOL": [True, False],
    "UINT8": [0, 255],
    "UINT16": [0, 65535],
    "UINT32": [0, 2**32 - 1],
    "UINT64": [0, 2**64 - 1],
    "INT8": [-128, 127],
    "INT16": [-(2**15), 2**15 - 1],
    "INT32": [-(2**31), 2**31 - 1],
    "INT64": [-(2**63), 2**63 - 1],
    "FP16": [-65504.0, 6.104e-05],
    "FP32": [-3.4028234663852886e38, 1e-45],
    "FP64": [-1.7976931348623157e308, 5e-324],
    "BYTES": ["", "灯"],
    "UINT4": [0, 15],
    "INT4": [-8, 7],
    "UINT2": [0, 3],
    "INT2": [-2, 1],
}
BEYOND: dict[str, object] = {
    "BOOL": 1,
    "UINT8": 256,
    "UINT16": -1,
    "UINT32": 2**32,
    "UINT64": -1,
    "INT8": -129,
    "INT16": 2**15,
    "INT32": 2**31,
    "INT64": 2**63,
    "FP16": 70000,
    "FP32": 1e39,
    "FP64": "1",
    "BYTES": 1,
    "UINT4": 16,
    "INT4": -9,
    "UINT2": -1,
    "INT2": 2,
}


def read(datatype: str, shape: list[int], data: object) -> np.ndarray:
    spec = TensorSpec("x", datatype, (-1,) * len(shape))
    return from_json(spec, tuple(shape), data, "inputs[0].data")


JSON_DATATYPES = [name for name, datatype in DATATYPES.items() if not datatype.binary_only]


@pytest.mark.parametrize("datatype", sorted(DATATYPES.keys() - set(JSON_DATATYPES)))
def test_floats_that_numpy_lacks_have_no_form_in_json(datatype: str) -> None:
    with pytest.raises(InvalidInput, match=f"Expected binary data, as {datatype} has no form in JSON"):
        read(datatype, [1], [1.0])


def test_an_input_of_no_declared_dimension_takes_any_shape() -> None:
    assert check_shape(TensorSpec("x", "FP32", ()), [2, 3], "s") == (2, 3)
    assert check_shape(TensorSpec("x", "FP32", ()), [], "s") == ()


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
def test_extremes_of_a_datatype_survive_the_way_to_an_array_and_back(datatype: str) -> None:
    values = read(datatype, [2], EXTREMES[datatype])
    assert values.dtype == DATATYPES[datatype].dtype
    written = orjson.dumps(to_json(values), option=orjson.OPT_SERIALIZE_NUMPY)
    again = read(datatype, [2], orjson.loads(written))
    np.testing.assert_array_equal(values, again)


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
def test_a_value_beyond_the_datatype_is_named(datatype: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(datatype, [3], [*EXTREMES[datatype], BEYOND[datatype]])
    assert str(refused.value) == (
        f"Expected {DATATYPES[datatype].expected} - got {BEYOND[datatype]!r} - at `inputs[0].data[2]`"
    )


@pytest.mark.parametrize("value", [True, "1", None, [1], {"a": 1}])
@pytest.mark.parametrize("datatype", ["FP32", "INT64", "UINT8"])
def test_what_is_no_number_is_refused(datatype: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=r"at `inputs\[0\]\.data\[1\]`"):
        read(datatype, [2], [1, value])


def test_a_fraction_is_no_integer() -> None:
    with pytest.raises(InvalidInput, match=r"an integer from -128 to 127 - got 1\.5"):
        read("INT8", [1], [1.5])


def test_nested_and_flat_data_are_the_same_tensor() -> None:
    nested = read("FP32", [2, 1, 2], [[[1, 2]], [[3, 4]]])
    np.testing.assert_array_equal(nested, read("FP32", [2, 1, 2], [1, 2, 3, 4]))


@pytest.mark.parametrize("data", [[[1, 2], [3]], [[1, 2]], [[[1], [2]], [[3], [4]]], [[1, 2], 3], [1, [2], 3, 4]])
def test_data_that_is_ragged_or_of_another_shape_is_refused(data: object) -> None:
    with pytest.raises(InvalidInput, match=r"inputs\[0\]\.data"):
        read("FP32", [2, 2], data)


def test_a_wrong_count_says_how_many_were_expected() -> None:
    with pytest.raises(InvalidInput, match=r"Expected 6 values for the shape \[2, 3\] - got 5"):
        read("FP32", [2, 3], [1, 2, 3, 4, 5])


@pytest.mark.parametrize("shape", [[0], [0, 3], [3, 0, 2]])
def test_an_empty_tensor_keeps_its_shape(shape: list[int]) -> None:
    assert read("FP32", shape, []).shape == tuple(shape)


def test_nan_and_infinities_are_written_as_null() -> None:
    values = np.array([np.nan, np.inf, 0.1], np.float32)
    assert orjson.dumps(to_json(values), option=orjson.OPT_SERIALIZE_NUMPY) == b"[null,null,0.1]"


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        ("3", "s"),
        (None, "s"),
        ([1.0, 2], "s"),
        ([True, 2], "s"),
        ([2], "s"),
        ([2, 3], "s"),
        ([-1, 2], r"s\[0\]"),
        ([2**31, 2], r"s\[0\]"),
        ([2**63, 2], r"s\[0\]"),
        ([10**30, 2], r"s\[0\]"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused_where_it_is_wrong(shape: object, path: str) -> None:
    with pytest.raises(InvalidInput, match=f"at `{path}`"):
        check_shape(TensorSpec("x", "FP32", (-1, 2)), shape, "s")
