"""Large tensors in JSON: read as small ones are, refused in the same words, and only where they are what they seem."""

from typing import Any

import numpy as np
import orjson
import pytest

from functions.core.errors import InvalidInput, InvalidJson, PayloadTooLarge
from functions.core.tensors import TensorSpec, from_json
from functions.predict.exchange import parse_json
from functions.predict.numerals import SHORT, Numbers, parse

COUNT = 30_000
"""Elements: more than are parsed at a time."""
SHAPES = [(COUNT,), (COUNT // 4, 4), (3, 100, COUNT // 300), (COUNT, 1, 1)]
DATATYPES = ["FP32", "FP64", "FP16", "INT64", "UINT8", "INT4"]


def document(data: Any, option: int = 0) -> bytes:
    return orjson.dumps({"inputs": [{"name": "x", "data": data, "shape": [1]}], "id": "1"}, option=option)


def lifted(content: bytes) -> Numbers:
    found = parse(content)["inputs"][0]["data"]
    assert isinstance(found, Numbers)
    return found


def values(datatype: str) -> Any:
    drawn = np.random.default_rng(1).integers(0, 8, COUNT)
    return drawn + 0.125 if datatype.startswith("FP") else drawn


@pytest.mark.parametrize("indented", [0, orjson.OPT_INDENT_2])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("datatype", DATATYPES)
def test_a_long_list_is_the_array_that_a_short_one_would_be(
    datatype: str, shape: tuple[int, ...], indented: int
) -> None:
    spec = TensorSpec("x", datatype, shape)
    nested = values(datatype).reshape(shape).tolist()
    array = lifted(document(nested, indented)).array(spec, shape, "at")
    expected = from_json(spec, shape, nested, "at")
    assert array.dtype == expected.dtype
    np.testing.assert_array_equal(array, expected)
    flat = lifted(document(values(datatype).tolist(), indented)).array(spec, shape, "at")
    np.testing.assert_array_equal(flat, expected)


@pytest.mark.parametrize("wrong", [None, True, 1e300, -(2**63)])
@pytest.mark.parametrize("index", [1, COUNT // 2, COUNT - 1])
@pytest.mark.parametrize("datatype", ["FP32", "UINT8"])
def test_what_is_wrong_with_an_element_is_said_in_the_same_words(datatype: str, index: int, wrong: object) -> None:
    if datatype == "FP32" and wrong == -(2**63):
        wrong = 1e39
    spec = TensorSpec("x", datatype, (COUNT,))
    data = [1] * COUNT
    data[index] = wrong  # type: ignore[call-overload]
    with pytest.raises(InvalidInput) as expected:
        from_json(spec, (COUNT,), data, "at")
    with pytest.raises(InvalidInput) as got:
        lifted(document(data)).array(spec, (COUNT,), "at")
    assert str(got.value) == str(expected.value)


@pytest.mark.parametrize("datatype", ["BOOL", "BYTES", "BF16"])
def test_numbers_for_a_datatype_that_takes_none_are_refused_in_the_same_words(datatype: str) -> None:
    spec = TensorSpec("x", datatype, (COUNT,))
    with pytest.raises(InvalidInput) as expected:
        from_json(spec, (COUNT,), [1] * COUNT, "at")
    with pytest.raises(InvalidInput) as got:
        lifted(document([1] * COUNT)).array(spec, (COUNT,), "at")
    assert str(got.value).split(" - got")[0] == str(expected.value).split(" - got")[0]


@pytest.mark.parametrize("shape", [(COUNT + 1,), (2**31 - 1, 2**31 - 1), (0,)])
def test_another_number_of_elements_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match=f"got {COUNT} - at `at`"):
        lifted(document([1] * COUNT)).array(TensorSpec("x", "FP32", (-1,)), shape, "at")


@pytest.mark.parametrize("shape", [(COUNT // 3, 3), (COUNT // 4, 2, 2), (COUNT,)])
def test_other_nesting_is_refused(shape: tuple[int, ...]) -> None:
    data = np.ones((COUNT // 4, 4), int).tolist()
    with pytest.raises(InvalidInput, match="lists of other lengths or depth"):
        lifted(document(data)).array(TensorSpec("x", "FP32", (-1,)), shape, "at")


@pytest.mark.parametrize("damage", [(b"[1,", b"[,"), (b",1]", b",]"), (b",1]", b",1 1]"), (b",1]", b",01]")])
def test_a_list_that_is_no_json_is_refused(damage: tuple[bytes, bytes]) -> None:
    content = document([1] * COUNT).replace(*damage)
    with pytest.raises(InvalidJson):
        lifted(content).array(TensorSpec("x", "FP32", (-1,)), (COUNT,), "at")


def test_a_bracket_too_many_is_refused() -> None:
    content = document([1] * COUNT).replace(b",1]", b",1]]")
    with pytest.raises(InvalidInput, match="lists of other lengths or depth"):
        lifted(content).array(TensorSpec("x", "FP32", (-1,)), (COUNT,), "at")


LONG = [1] * SHORT
ODD: dict[str, Any] = {
    "in another member": {"inputs": [], "id": {"data": LONG}},
    "in an element of a sequence": {"inputs": [{"name": "x", "data": [{"shape": [1], "data": LONG}]}]},
    "in no input": {"inputs": {"data": LONG}},
    "beside a backslash": {"inputs": [{"name": 'a "', "data": LONG}]},
    "beside its placeholder": {"inputs": [{"name": "~numbers~0", "data": LONG}]},
    "in a string": {"inputs": [{"name": '"data":' + orjson.dumps(LONG).decode(), "data": [1]}]},
    "of strings": {"inputs": [{"name": "x", "data": ["1"] * SHORT}]},
    "of objects": {"inputs": [{"name": "x", "data": [{"a": 1}] * SHORT}]},
    "of which none is": {"inputs": [{"name": "x", "data": [1]}] * 100},
}


@pytest.mark.parametrize("name", ODD)
def test_a_list_that_is_no_tensors_stays_as_it_is(name: str) -> None:
    content = orjson.dumps(ODD[name])
    assert parse(content) == parse_json(content)


def test_every_tensor_gets_its_own_list() -> None:
    tensors = [{"name": str(index), "data": [index] * SHORT} for index in range(3)]
    found = parse(orjson.dumps({"inputs": tensors}))["inputs"]
    for index, tensor in enumerate(found):
        array = tensor["data"].array(TensorSpec("x", "INT64", (-1,)), (SHORT,), "at")
        np.testing.assert_array_equal(array, np.full(SHORT, index))


def test_a_member_that_comes_twice_counts_once() -> None:
    content = b'{"inputs":[{"data":%b,"data":%b}]}' % (orjson.dumps(LONG), orjson.dumps([2] * SHORT))
    assert parse(content) == {"inputs": [{"data": [2] * SHORT}]}


@pytest.mark.parametrize("content", [b'{"inputs":[{"data":%b}', b'{"inputs":[{"data" %b}]}'])
def test_a_document_that_is_no_json_is_refused_where_it_is_not(content: bytes) -> None:
    whole = content % orjson.dumps(LONG)
    with pytest.raises(InvalidJson) as got:
        parse(whole)
    with pytest.raises(InvalidJson) as expected:
        parse_json(whole)
    assert str(got.value) == str(expected.value)


@pytest.mark.parametrize("unit", [b"[]", b"{}", b"null", b'"ab"', b"0.5"])
def test_values_that_would_take_the_memory_are_refused_before_they_do(unit: bytes) -> None:
    content = b'{"x":[%b]}' % b",".join([unit] * 400_000)
    with pytest.raises(PayloadTooLarge, match=r"Expected JSON of at most 18874368 bytes in memory \(.+\) - got \d+"):
        parse_json(content)


@pytest.mark.parametrize(
    "text", ["x" * 6_000_000, "虹" * 1_000_000, "It was, as so often, [sic] the case: nobody had measured. " * 30_000]
)
def test_a_long_text_is_read(text: str) -> None:
    assert parse_json(orjson.dumps({"text": text})) == {"text": text}
