"""The explain lane: which features, which regions, and how sure that is."""

import base64
from typing import Any

import numpy as np
import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import ROOT
from tests.predict.calls import Answer, call

IRIS = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
SAMPLE = ROOT / "model_artifacts" / "digits-cnn" / "sample.png"


def explain(entry: Entry, model: str, *instances: object, **parameters: Any) -> Answer:
    body = {"instances": list(instances)} | ({"parameters": parameters} if parameters else {})
    return call(entry, "POST", f"/v1/models/{model}:explain", body)


def test_features_are_named_and_add_up(entry: Entry) -> None:
    (found,) = explain(entry, "iris-svm", IRIS).body["explanations"]
    assert (found["target"], found["method"], found["error"]) == ("setosa", "shapley", 0.0)
    assert found["attributions"].keys() == IRIS.keys()
    assert sum(found["attributions"].values()) == pytest.approx(found["score"] - found["baseline"], abs=1e-6)
    assert max(found["attributions"], key=found["attributions"].get) in ("petal_length", "petal_width")


def test_another_label_can_be_explained(entry: Entry) -> None:
    (found,) = explain(entry, "iris-svm", IRIS, target="virginica").body["explanations"]
    assert found["target"] == "virginica"
    assert found["score"] < 0.1


def test_a_number_is_explained_by_its_terms(entry: Entry) -> None:
    (found,) = explain(entry, "linear-regression", [1, 2, 3]).body["explanations"]
    assert "target" not in found
    assert found["attributions"] == pytest.approx({"x1": 0.5, "x2": 0.6, "x3": 0.6}, abs=1e-5)


def test_regions_of_a_picture_are_where_the_ink_is(entry: Entry) -> None:
    picture = {"image": {"b64": base64.b64encode(SAMPLE.read_bytes()).decode()}}
    (found,) = explain(entry, "digits-cnn", picture, budget=66).body["explanations"]
    assert (found["target"], found["method"], found["runs"]) == ("5", "occlusion", 66)
    grid = np.array(found["attributions"])
    assert grid.shape == (8, 8)
    assert np.abs(grid[:, 2:6]).sum() > np.abs(grid[:, [0, 1, 6, 7]]).sum()


def test_the_same_seed_gives_the_same_answer(entry: Entry) -> None:
    answers = [explain(entry, "iris-svm", IRIS, budget=12, seed=seed).body for seed in (1, 1, 2)]
    assert answers[0] == answers[1]
    assert answers[0]["explanations"][0]["error"] > 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"budget": 0}, "Expected an integer from 8 to 4096 - got 0 - at `parameters.budget`"),
        ({"budget": 10**9}, "Expected an integer from 8 to 4096"),
        ({"seed": -1}, "at `parameters.seed`"),
        ({"target": "rose"}, "Expected one of ['setosa', 'versicolor', 'virginica'] - got 'rose'"),
        ({"bugdet": 8}, "Expected only budget, seed, target - got 'bugdet' - at `parameters`"),
    ],
)
def test_parameters_that_are_none_are_refused(entry: Entry, parameters: dict[str, Any], message: str) -> None:
    refused = explain(entry, "iris-svm", IRIS, **parameters)
    assert refused.status == 400
    assert message in refused.body["error"]


def test_too_much_work_is_refused(entry: Entry) -> None:
    refused = explain(entry, "iris-svm", *[IRIS] * 17, budget=4096)
    assert refused.status == 400
    assert "at most 16 instances at this budget - got 17" in refused.body["error"]


def test_an_explanation_has_no_more_time_than_a_run(settings: Settings) -> None:
    entry = Entry(settings._replace(deadline_seconds=0.05))
    picture = {"image": {"b64": base64.b64encode(SAMPLE.read_bytes()).decode()}}
    refused = explain(entry, "flower-photo", picture, budget=4096)
    assert (refused.status, refused.body["code"]) == (504, "deadline_exceeded")


def test_a_bad_instance_is_refused_as_for_a_prediction(entry: Entry) -> None:
    assert explain(entry, "iris-svm", {**IRIS, "petal_width": -1}).status == 400
    assert explain(entry, "iris-svm").status == 400
