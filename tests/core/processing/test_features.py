"""Columns of declared features: what is read, what is filled in, and what is refused in words."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.features import Columns
from functions.core.tensors import DATATYPES
from functions.packaging.build import build
from tests.core import graphs

AGE = '{ name = "age", unit = "years", description = "of the passenger", range = [0, 120], missing = 31.5 }'
FARE = '{ name = "fare", range = [0, 1000], mean = 30, std = 20, typical = 14 }'
PORT = '{ name = "port", type = "category", categories = ["C", "Q", "S"], missing = "S", other = "C" }'
CLASS = '{ name = "class", type = "category", categories = ["first", "second"], encoding = "one-hot" }'


def columns(tmp_path: Path, *features: str, element: int = TensorProto.FLOAT) -> Columns:
    toml = f'[preprocess]\ntensor = "x"\nfeatures = [{", ".join(features)}]\n'
    package = build(graphs.source(tmp_path, "columns", graphs.identity(element), toml), tmp_path / "out")
    return Columns(Declaration(package, "preprocess"))


@pytest.fixture(scope="module")
def passengers(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    return columns(tmp_path_factory.mktemp("passengers"), AGE, FARE, PORT, CLASS)


def place(index: int) -> str:
    return f"rows[{index}]"


def refusal(found: Columns, *rows: object) -> str:
    with pytest.raises(InvalidInput) as refused:
        found.rows(rows, place)
    return str(refused.value)


def test_numbers_are_scaled_and_categories_take_their_columns(passengers: Columns) -> None:
    rows = [{"age": 40, "fare": 70, "port": "Q", "class": "second"}, [1, 10, "S", "first"]]
    values = passengers.rows(rows, place)
    np.testing.assert_array_equal(values, [[40, 70, 1, 1], [1, 10, 2, 0]])
    np.testing.assert_array_equal(passengers.encode(values), [[40, 2, 1, 0, 1], [1, -1, 2, 1, 0]])
    assert (passengers.names, passengers.width) == (["age", "fare", "port", "class"], 5)
    assert passengers.spans == [slice(0, 1), slice(1, 2), slice(2, 3), slice(3, 5)]


def test_null_and_nothing_are_missing_and_filled_in(passengers: Columns) -> None:
    rows = [{"fare": 30, "class": "first"}, {"age": None, "port": None, "fare": 30, "class": "first"}]
    np.testing.assert_array_equal(passengers.rows(rows, place), [[31.5, 30, 2, 0]] * 2)
    np.testing.assert_array_equal(passengers.rows([[None, 30, None, "first"]], place), [[31.5, 30, 2, 0]])


def test_what_stands_for_a_missing_value_may_be_out_of_range(tmp_path: Path) -> None:
    found = columns(tmp_path, '{ name = "age", range = [0, 120], missing = -1 }')
    np.testing.assert_array_equal(found.rows([{}, {"age": 0}], place), [[-1], [0]])
    assert refusal(found, {"age": -1}) == "Expected a number from 0 to 120 - got -1 - at `rows[0].age`"


@pytest.mark.parametrize("missing", ["nan", '"nan"'])
def test_a_missing_value_can_be_nan_for_a_model_that_knows_it(tmp_path: Path, missing: str) -> None:
    found = columns(tmp_path, f'{{ name = "a", missing = {missing}, mean = 1, std = 2, range = [0, 9] }}')
    values = found.rows([{}, {"a": None}, {"a": 3}], place)
    np.testing.assert_array_equal(values, [[np.nan], [np.nan], [3]])
    np.testing.assert_array_equal(found.encode(values), [[np.nan], [np.nan], [1]])
    assert found.typical.tolist() == [4.5]


def test_an_unknown_category_counts_as_the_declared_other(passengers: Columns) -> None:
    assert passengers.rows([[1, 2, "Z", "first"]], place)[0, 2] == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1, None, "C", "first"], "Expected a number - got nothing - at `rows[1].fare`"),
        ([1, "2", "C", "first"], "Expected a number - got '2' - at `rows[1].fare`"),
        ([True, 2, "C", "first"], "Expected a number - got True - at `rows[1].age`"),
        ([1, 2000, "C", "first"], "Expected a number from 0 to 1000 - got 2000 - at `rows[1].fare`"),
        ([1, 2, 3, "first"], "Expected one of ['C', 'Q', 'S'] - got 3 - at `rows[1].port`"),
        ([1, 2, ["C"], "first"], "Expected one of ['C', 'Q', 'S'] - got ['C'] - at `rows[1].port`"),
        ([1, 2, "C", "third"], "Expected one of ['first', 'second'] - got 'third' - at `rows[1].class`"),
        ([1, 2, "C", None], "Expected one of ['first', 'second'] - got nothing - at `rows[1].class`"),
        ([1, 2, "C"], "Expected an object or a list of age, fare, port, class - got [1, 2, 'C'] - at `rows[1]`"),
        ("C", "Expected an object or a list of age, fare, port, class - got 'C' - at `rows[1]`"),
        (
            {"fare": 2, "class": "first", "agee": 30, "port": "C"},  # as many names as there are features
            "Expected only the features age, fare, port, class - got a feature 'agee' - at `rows[1]`",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_named(passengers: Columns, row: object, message: str) -> None:
    assert refusal(passengers, [1, 2, "C", "first"], row) == message


def test_one_feature_alone_needs_no_name(tmp_path: Path) -> None:
    found = columns(tmp_path, '{ name = "a", missing = 7 }')
    np.testing.assert_array_equal(
        found.rows([1, [2], {"a": 3}, None, [None], {}], place), [[1], [2], [3], [7], [7], [7]]
    )
    assert refusal(found, "x") == "Expected a number - got 'x' - at `rows[0].a`"


def test_integers_are_whole(tmp_path: Path) -> None:
    found = columns(tmp_path, '{ name = "a" }', '{ name = "b", missing = 0 }', element=TensorProto.INT64)
    np.testing.assert_array_equal(found.rows([[1, None], [2.0, 3]], place), [[1, 0], [2, 3]])
    assert refusal(found, [1, 2], [1, 2.5]) == "Expected an integer - got 2.5 - at `rows[1].b`"
    assert "from -9.22337e+18 to 9.22337e+18 - got 9.22337e+18" in refusal(found, [2**63, 0])
    assert found.rows([[2**63 - 1025, 0]], place).astype(np.int64)[0, 0] > 0


def test_the_middle_of_a_range_of_integers_is_an_integer(tmp_path: Path) -> None:
    assert columns(tmp_path, '{ name = "a", range = [0, 9] }', element=TensorProto.INT64).typical.tolist() == [4]


@pytest.mark.parametrize(("element", "limit"), [(TensorProto.FLOAT16, 65504), (TensorProto.FLOAT, 3.4e38)])
def test_a_number_that_the_tensor_cannot_hold_is_refused_after_its_scale(
    tmp_path: Path, element: int, limit: float
) -> None:
    found = columns(tmp_path, '{ name = "a", std = 2 }', '{ name = "b" }', element=element)
    dtype = DATATYPES[found.features[0].spec.datatype].dtype
    assert np.isfinite(found.encode(found.rows([[limit * 2, limit]], place)).astype(dtype)).all()
    assert refusal(found, [0, limit * 1.01]).endswith("at `rows[0].b`")
    assert refusal(found, [limit * 2.01, 0]).endswith("at `rows[0].a`")


def test_typical_values_are_declared_or_what_stands_for_missing_or_the_middle(passengers: Columns) -> None:
    assert passengers.typical.tolist() == [31.5, 14, 2, 0]


def test_the_schema_says_what_may_be_missing_and_which_categories_there_are(passengers: Columns) -> None:
    assert passengers.schema() == {
        "type": "object",
        "required": ["fare", "class"],
        "properties": {
            "age": {
                "type": ["number", "null"], "minimum": 0, "maximum": 120, "description": "of the passenger (years)",
            },
            "fare": {"type": "number", "minimum": 0, "maximum": 1000, "description": ""},
            "port": {"type": ["string", "null"], "examples": ["C", "Q", "S"], "description": ""},
            "class": {"enum": ["first", "second"], "description": ""},
        },
        "additionalProperties": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ("3", "expected a name - got 3 - at `preprocess.features[0].name`"),
        ("{ unit = 'm' }", "expected a name - got None - at `preprocess.features[0].name`"),
        ("{ name = 'a', type = 'text' }", "expected number or category - got 'text'"),
        (
            "{ name = 'a', mising = 1 }",
            "expected one of name, type, tensor, description, unit, range, typical, missing",
        ),
        ("{ name = 'a', tensor = 'z' }", "expected one of ['x'] - got 'z' - at `preprocess.features[0].tensor`"),
        ("{ name = 'a', missing = 'none' }", "expected nan, or a number that the tensor holds - got 'none'"),
        ("{ name = 'a', missing = true }", "expected nan, or a number that the tensor holds - got True"),
        ("{ name = 'a', missing = 1e39 }", "expected nan, or a number that the tensor holds - got 1e+39"),
        ("{ name = 'a', std = 0 }", "expected a number above 0 - got 0 - at `preprocess.features[0].std`"),
        ("{ name = 'a', mean = '0' }", "expected a number - got '0' - at `preprocess.features[0].mean`"),
        ("{ name = 'a', range = [0, nan] }", "expected [lowest, highest] - got [0, None]"),
        ("{ name = 'a', range = [1, 0] }", "expected a number from 1 to 0 - got 0.5"),
        ("{ name = 'a', range = [0, 1], typical = 2 }", "expected a number from 0 to 1 - got 2"),
        ("{ name = 'a', type = 'category' }", "expected a list of strings - got None"),
        ("{ name = 'a', type = 'category', categories = ['b', 1] }", "expected a list of strings - got ['b', 1]"),
        ("{ name = 'a', type = 'category', categories = ['b', 'b'] }", "expected different strings - got ['b', 'b']"),
        ("{ name = 'a', type = 'category', categories = ['b'], other = 'c' }", "expected one of the categories"),
        ("{ name = 'a', type = 'category', categories = ['b'], missing = nan }", "expected one of the categories"),
        ("{ name = 'a', type = 'category', categories = ['b'], encoding = 'hot' }", "expected index or one-hot"),
        ("{ name = 'a', type = 'category', categories = ['b'], range = [0, 1] }", "expected one of name, type, tensor"),
    ],
)
def test_a_feature_declared_wrongly_is_refused(tmp_path: Path, feature: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        columns(tmp_path, feature)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ("{ name = 'a', std = 2 }", "expected none for a tensor of integers - got 2"),
        ("{ name = 'a', missing = nan }", "expected an integer, as the tensor holds no nan"),
        ("{ name = 'a', missing = 0.5 }", "expected nan, or a number that the tensor holds - got 0.5"),
        ("{ name = 'a', missing = 300 }", "expected nan, or a number that the tensor holds - got 300"),
        (
            f"{{ name = 'a', type = 'category', categories = {[str(number) for number in range(129)]} }}",
            "expected at most 128 for the tensor - got 129",
        ),
    ],
)
def test_a_tensor_of_small_integers_takes_no_more_than_it_holds(tmp_path: Path, feature: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        columns(tmp_path, feature, element=TensorProto.INT8)
    assert message in str(refused.value)


@pytest.mark.parametrize("element", [TensorProto.BFLOAT16, TensorProto.BOOL])
@pytest.mark.parametrize("kind", ["", ', type = "category", categories = ["b"]'])
def test_a_tensor_of_other_elements_than_numbers_takes_no_features(tmp_path: Path, element: int, kind: str) -> None:
    with pytest.raises(InvalidPackage, match="expected a tensor of numbers"):
        columns(tmp_path, f'{{ name = "a"{kind} }}', element=element)


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3), st.lists(st.none())
)


@given(
    st.lists(st.one_of(cells, st.lists(cells, min_size=4, max_size=4), st.dictionaries(st.text(), cells)), max_size=3)
)
def test_whatever_comes_is_read_or_refused_in_words(passengers: Columns, rows: list[object]) -> None:
    with suppress(InvalidInput):
        values = passengers.rows(rows, place)
        assert values.shape == (len(rows), 4)
        assert np.isfinite(passengers.encode(values)).all()
