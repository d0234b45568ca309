"""Named features, to one matrix or to an input of the graph each."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import MODELS, build
from tests.conftest import ROOT
from tests.core import graphs

ROW = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
PASSENGERS = """
[preprocess]
kind = "tabular"
features = [
    { name = "age", range = [0, 120], missing = nan },
    { name = "fare", range = [0, 1000] },
    { name = "sex", type = "category", categories = ["female", "male"] },
    { name = "port", type = "category", categories = ["C", "Q", "S", "elsewhere"], other = "elsewhere", missing = "S" },
]

[postprocess]
kind = "regression"
tensor = "variable"
"""
WEIGHTS = [0.5, -0.25, 1.0, -1.0, 0.125, 0.25, 0.375]
"""Of age, fare, female, male, C, Q, S."""


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder = ROOT / MODELS / "iris-svm"
    return Predictor(build(folder, tmp_path_factory.mktemp("iris")), Settings())


def load(tmp_path: Path, graph: onnx.ModelProto, toml: str) -> Predictor:
    return Predictor(build(graphs.source(tmp_path, "table", graph, toml), tmp_path / "out"), Settings())


def pipeline(*, flat: bool = False) -> onnx.ModelProto:
    """What skl2onnx makes of a ColumnTransformer (impute and scale numbers, one-hot words) and a linear model."""
    shape = ["n"] if flat else ["n", 1]
    inputs = dict.fromkeys(("age", "fare"), (TensorProto.FLOAT, shape))
    inputs |= dict.fromkeys(("sex", "port"), (TensorProto.STRING, shape))
    column = helper.make_tensor("column", TensorProto.INT64, [2], [-1, 1])
    nodes = [helper.make_node("Reshape", [name, "column"], [f"{name}_column"]) for name in inputs]
    nodes += [
        helper.make_node("Concat", ["age_column", "fare_column"], ["numbers"], axis=1),
        helper.make_node(
            "Imputer", ["numbers"], ["imputed"], domain="ai.onnx.ml",
            imputed_value_floats=[28.0, 14.0], replaced_value_float=float("nan"),
        ),
        helper.make_node(
            "Scaler", ["imputed"], ["scaled"], domain="ai.onnx.ml", offset=[28.0, 30.0], scale=[1 / 14, 1 / 50]
        ),
    ]  # fmt: skip
    for name, words in (("sex", ["female", "male"]), ("port", ["C", "Q", "S"])):
        width = helper.make_tensor(f"{name}_width", TensorProto.INT64, [2], [-1, len(words)])
        nodes += [
            helper.make_node(
                "OneHotEncoder", [f"{name}_column"], [f"{name}_hot"], domain="ai.onnx.ml", cats_strings=words, zeros=1
            ),
            helper.make_node("Constant", [], [f"{name}_width"], value=width),
            helper.make_node("Reshape", [f"{name}_hot", f"{name}_width"], [f"{name}_words"]),
        ]
    nodes += [
        helper.make_node("Concat", ["scaled", "sex_words", "port_words"], ["columns"], axis=1),
        helper.make_node("LinearRegressor", ["columns"], ["variable"], domain="ai.onnx.ml", coefficients=WEIGHTS),
    ]
    nodes.insert(0, helper.make_node("Constant", [], ["column"], value=column))
    model = graphs.model(nodes, inputs, {"variable": (TensorProto.FLOAT, ["n", 1])})
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return model


def test_an_object_of_features_and_a_list_in_their_order_are_the_same(iris: Predictor) -> None:
    named, listed = iris.predict([dict(reversed(ROW.items())), list(ROW.values())])
    assert named == listed
    assert named["label"] == "setosa"


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        ({**ROW, "petal_width": "0.2"}, "Expected a number - got '0.2' - at `instances[1].petal_width`"),
        ({**ROW, "petal_width": None}, "Expected a number - got nothing - at `instances[1].petal_width`"),
        ({**ROW, "petal_width": True}, "Expected a number - got True - at `instances[1].petal_width`"),
        ({**ROW, "petal_width": -1}, "Expected a number from 0 to 30 - got -1 - at `instances[1].petal_width`"),
        ({**ROW, "sepal_width": 1e308}, "Expected a number from 0 to 30 - got 1e+308 - at `instances[1].sepal_width`"),
        (
            {**ROW, "colour": 1},
            "Expected only the features sepal_length, sepal_width, petal_length, petal_width"
            " - got a feature 'colour' - at `instances[1]`",
        ),
        ({"sepal_length": 1}, "Expected a number - got nothing - at `instances[1].sepal_width`"),
        (
            [1, 2, 3],
            "Expected an object or a list of sepal_length, sepal_width, petal_length, petal_width"
            " - got [1, 2, 3] - at `instances[1]`",
        ),
    ],
)
def test_an_instance_that_does_not_fit_is_named(iris: Predictor, instance: object, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        iris.predict([ROW, instance])
    assert str(refused.value) == message


@pytest.mark.parametrize("instances", [None, [], {}, "x", 1])
def test_instances_are_a_list_of_at_least_one(iris: Predictor, instances: object) -> None:
    with pytest.raises(InvalidInput, match="a list of at least one instance"):
        iris.predict(instances)


@pytest.mark.parametrize("flat", [False, True])
def test_a_pipeline_of_scikit_learn_gets_an_input_for_each_feature(tmp_path: Path, flat: bool) -> None:
    predictor = load(tmp_path, pipeline(flat=flat), PASSENGERS)
    found = predictor.predict(
        [
            {"age": 42, "fare": 80, "sex": "male", "port": "Q"},
            {"age": None, "fare": 30, "sex": "female"},
            {"fare": 30, "sex": "female", "port": "Lisbon"},
        ]
    )
    assert found == pytest.approx([0.5 - 0.25 - 1.0 + 0.25, 1.0 + 0.375, 1.0])
    with pytest.raises(InvalidInput) as refused:
        predictor.predict([{"fare": 30, "sex": "unknown"}])
    assert str(refused.value) == "Expected one of ['female', 'male'] - got 'unknown' - at `instances[0].sex`"


def test_inputs_get_the_features_that_name_them(tmp_path: Path) -> None:
    inputs = {"numbers": (TensorProto.DOUBLE, ["n", 2]), "codes": (TensorProto.INT64, ["n", 3])}
    outputs = {"same": inputs["numbers"], "codes_too": inputs["codes"]}
    nodes = [
        helper.make_node("Identity", ["numbers"], ["same"]),
        helper.make_node("Identity", ["codes"], ["codes_too"]),
    ]
    toml = """
    [preprocess]
    kind = "tabular"
    tensor = "numbers"
    features = [
        { name = "size", tensor = "codes", type = "category", categories = ["S", "M", "L"] },
        { name = "weight", unit = "kg", std = 10 },
        { name = "colour", tensor = "codes", type = "category", categories = ["red", "blue"], encoding = "one-hot" },
        { name = "price" },
    ]
    """
    predictor = load(tmp_path, graphs.model(nodes, inputs, outputs), toml)
    (found,) = predictor.predict([{"size": "L", "weight": 5, "colour": "blue", "price": 3}])
    assert {name: row.tolist() for name, row in found.items()} == {"same": [0.5, 3.0], "codes_too": [2, 0, 1]}


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ('{ name = "age" }', "expected features for the input tensors fare, sex, port too - got ['age']"),
        ('{ name = "sex" }', "expected a tensor of numbers - got 'BYTES' - at `preprocess.features[0].tensor`"),
        ('{ name = "rage" }', "expected one of ['age', 'fare', 'sex', 'port'] - got 'rage'"),
        (
            '{ name = "sex", type = "category", categories = ["male"], encoding = "one-hot" }',
            "expected none for a tensor of strings - got 'one-hot'",
        ),
        (
            '{ name = "age", type = "category", categories = ["old", "young"], encoding = "one-hot" },'
            '{ name = "fare" }, { name = "sex", type = "category", categories = ["female", "male"] },'
            '{ name = "port", type = "category", categories = ["C", "Q", "S"] }',
            "expected 1 columns - got 2 - at `preprocess.features`",
        ),
    ],
)
def test_features_that_do_not_fit_the_inputs_are_refused(tmp_path: Path, features: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        load(tmp_path, pipeline(), f'[preprocess]\nkind = "tabular"\nfeatures = [{features}]\n')
    assert message in str(refused.value)


@pytest.mark.parametrize("shape", [[], ["n"], ["n", 1, 2]])
def test_two_features_do_not_fit_a_tensor_of_another_shape(tmp_path: Path, shape: list[object]) -> None:
    tensor = (TensorProto.FLOAT, shape)
    graph = graphs.model([helper.make_node("Identity", ["x"], ["y"])], {"x": tensor}, {"y": tensor})
    toml = '[preprocess]\nkind = "tabular"\ntensor = "x"\nfeatures = [{ name = "a" }, { name = "b" }]\n'
    with pytest.raises(InvalidPackage, match=r"a tensor of shape \[rows, features\]"):
        load(tmp_path, graph, toml)


def test_rows_that_become_more_than_their_request_are_bounded(tmp_path: Path) -> None:
    words = [f"word {number}" for number in range(100_000)]
    toml = (
        '[preprocess]\nkind = "tabular"\ntensor = "x"\n'
        'features = [{ name = "word", type = "category", encoding = "one-hot", missing = "word 1", '
        f"categories = {words} }}]\n"
    )
    predictor = load(tmp_path, graphs.identity(TensorProto.FLOAT), toml)
    assert predictor.predict([{}])[0].argmax() == 1
    with pytest.raises(InvalidInput, match="at most 83 instances, as each becomes 800000 bytes - got 100"):
        predictor.predict([{}] * 100)


def test_the_parts_of_an_instance_are_its_features(iris: Predictor) -> None:
    parts = iris.preprocess.parts(ROW, "instances[0]", 64)  # type: ignore[attr-defined]
    assert (parts.count, parts.method) == (4, "shapley")
    kept = np.array([[True] * 4, [False] * 4, [True, False, False, True]])
    (feed,) = parts.feeds(kept).values()
    rows = [[5.1, 3.5, 1.4, 0.2], [5.8, 3, 4.35, 1.3], [5.1, 3, 4.35, 0.2]]
    np.testing.assert_array_equal(feed, np.array(rows, np.float32))
    assert parts.document(np.arange(4.0)) == dict(zip(ROW, range(4), strict=True))
    with pytest.raises(InvalidInput, match=r"at `instances\[3\].petal_width`"):
        iris.preprocess.parts({**ROW, "petal_width": -1}, "instances[3]", 64)  # type: ignore[attr-defined]


def test_an_absent_category_counts_as_the_typical_one(tmp_path: Path) -> None:
    predictor = load(tmp_path, pipeline(), PASSENGERS)
    parts = predictor.preprocess.parts([30, 8, "male", "Q"], "", 64)  # type: ignore[attr-defined]
    feeds = parts.feeds(np.array([[False] * 4, [True] * 4]))
    assert {name: feed.ravel().tolist() for name, feed in feeds.items()} == {
        "age": [60.0, 30.0],
        "fare": [500.0, 8.0],
        "sex": ["female", "male"],
        "port": ["S", "Q"],
    }
