"""Named features."""

from pathlib import Path

import pytest

from functions.core.errors import InvalidInput
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings


@pytest.fixture(scope="module")
def iris(packages: Path) -> Predictor:
    return Predictor(open_package(str(packages / "iris-svm"), 0), Settings())


ROW = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


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
