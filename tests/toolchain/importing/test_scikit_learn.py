"""Pipelines and estimators of scikit-learn, fitted, pickled and imported in an environment that has it."""

import json
import math
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.toolchain.importing import environment
from toolchain import checkup

PASSENGERS = {"samples": "passengers.csv", "labels": ["survived"], "trusted": True}
WANTED: dict[str, dict[str, Any]] = {
    "filled": {"source": "filled.joblib", **PASSENGERS},
    "gaps": {"source": "gaps.joblib", **PASSENGERS},
    "strict": {"source": "strict.joblib", **PASSENGERS},
    "boosted": {"source": "boosted.pkl", **PASSENGERS},
    "made-up": {"source": "filled.joblib", "trusted": True},
    "trees": {"source": "trees.pkl", "samples": "gaps.npy", "trusted": True},
    "linear": {"source": "linear.pkl", "samples": "target.csv", "labels": ["t"], "trusted": True},
    "linear-double": {"source": "linear.pkl", "trusted": True, "double": True},
    "two": {"source": "two.pkl", "samples": "numbers.csv", "labels": ["t", "u"], "trusted": True},
    "forest": {"source": "forest.pkl", "trusted": True},
    "forest-gaps": {"source": "forest.pkl", "samples": "gaps.npy", "trusted": True},
    "svm": {"source": "svm.pkl", "samples": "matrix.npy", "trusted": True},
    "calibrated": {"source": "calibrated.pkl", "samples": "matrix.npy", "trusted": True},
    "numbered": {"source": "numbered.pkl", "samples": "matrix.npy", "trusted": True, "classes": ["low", "high"]},
    "many": {"source": "many.pkl", "samples": "matrix.npy", "trusted": True},
    "clusters": {"source": "clusters.pkl", "samples": "matrix.npy", "trusted": True, "tolerance": 1e-3},
    "outliers": {"source": "outliers.pkl", "samples": "matrix.npy", "trusted": True},
    "scaler": {"source": "scaler.pkl", "samples": "matrix.npy", "trusted": True},
    "untrusted": {"source": "filled.joblib", "samples": "passengers.csv"},
    "own": {"source": "own.pkl", "trusted": True},
    "unfitted": {"source": "unfitted.pkl", "trusted": True},
    "table": {"source": "table.pkl", "trusted": True},
    "odd": {"source": "filled.joblib", "samples": "odd.csv", "labels": ["survived"], "trusted": True},
    "no-label": {"source": "linear.pkl", "samples": "numbers.csv", "trusted": True},
    "no-column": {"source": "filled.joblib", "samples": "numbers.csv", "trusted": True},
    "wide": {"source": "linear.pkl", "samples": "passengers.csv", "trusted": True},
    "misread": {"source": "misread.pkl", "samples": "matrix.npy", "trusted": True},
    "exact": {"source": "calibrated.pkl", "samples": "matrix.npy", "trusted": True, "tolerance": 0},
    "three": {"source": "numbered.pkl", "trusted": True, "classes": ["a", "b", "c"]},
}


class Desk(NamedTuple):
    """What was imported, and where."""

    folder: Path
    outcomes: dict[str, Any]

    def toml(self, name: str) -> dict[str, Any]:
        """The drafted declaration of a model."""
        return tomllib.loads((self.folder / "models" / name / "model.toml").read_text())

    def rows(self, name: str, file: str) -> list[dict[str, Any]]:
        """Rows of evaluation.jsonl or calibration.jsonl."""
        return [json.loads(line) for line in (self.folder / "models" / name / file).read_text().splitlines()]


@pytest.fixture(scope="module")
def desk(tables_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("scikit-learn")
    environment.run(tables_python, "scikit_learn_models.py", folder)
    return Desk(folder, environment.imported(tables_python, folder, WANTED))


@pytest.mark.parametrize(
    ("name", "output", "agreement"),
    [
        ("filled", "probabilities", 1.0),
        ("gaps", "probabilities", 1.0),
        ("strict", "probabilities", 1.0),
        ("boosted", "probabilities", 1.0),
        ("made-up", "probabilities", 1.0),
        ("trees", "probabilities", 1.0),
        ("linear", "variable", None),
        ("two", "variable", None),
        ("forest", "variable", None),
        ("calibrated", "probabilities", 1.0),
        ("svm", "label", 1.0),
        ("many", "label", 1.0),
        ("clusters", "label", 1.0),
        ("outliers", "label", 1.0),
        ("scaler", "variable", None),
    ],
)
def test_an_import_answers_as_the_original(desk: Desk, name: str, output: str, agreement: float | None) -> None:
    compared = desk.outcomes[name]["compared"][output]
    assert compared["relative"] <= (1e-3 if name == "clusters" else 1e-4)
    assert (compared["agreement"], compared["beyond"]) == (agreement, 0)


def test_every_import_builds_and_can_be_checked(desk: Desk) -> None:
    made = [name for name, outcome in desk.outcomes.items() if "files" in outcome]
    assert len(made) == 17
    for name in made:
        found = checkup.check(desk.folder / "models" / name)
        assert [finding for finding in found if finding.status == "fail"] == [], name


def test_a_column_transformer_becomes_named_features(desk: Desk) -> None:
    toml = desk.toml("filled")
    age, fare, port, sex, deck = toml["preprocess"]["features"]
    assert "tensor" not in toml["preprocess"]
    assert age == {"name": "age", "range": age["range"], "typical": age["typical"], "missing": age["missing"]}
    assert age["range"][0] == 0.0
    assert 30 < age["typical"] < 50
    assert 38 < age["missing"] < 42
    assert fare["range"][0] == 0.0
    assert port == {
        "name": "port", "type": "category", "categories": ["C", "Q", "S", "(other)"], "other": "(other)",
        "typical": port["typical"], "missing": port["missing"],
    }  # fmt: skip
    assert {port["typical"], port["missing"]} <= {"C", "Q", "S"}
    assert sex["categories"] == ["female", "male", "(other)"]
    assert deck == {"name": "deck", "range": [0, 7], "typical": deck["typical"]}
    assert all(type(bound) is int for bound in deck["range"])
    assert toml["postprocess"] == {"kind": "classification", "tensor": "probabilities", "labels": ["no", "yes"]}
    assert toml["provenance"].startswith("Imported from filled.joblib: scikit-learn 1.9.1, Pipeline (ColumnTransformer")


def test_a_column_that_the_model_does_not_use_is_no_feature_and_is_named(desk: Desk) -> None:
    assert "The model does not use the columns ticket: they are no features." in desk.outcomes["filled"]["notes"]


def test_an_encoder_that_refuses_unknown_words_gives_a_feature_that_does(desk: Desk) -> None:
    features = {feature["name"]: feature for feature in desk.toml("strict")["preprocess"]["features"]}
    assert features["port"]["categories"] == ["C", "Q", "S", "none"]
    assert features["port"]["missing"] == "none"
    assert "other" not in features["port"]


def test_an_encoder_that_knows_gaps_gives_a_word_for_them(desk: Desk) -> None:
    features = {feature["name"]: feature for feature in desk.toml("gaps")["preprocess"]["features"]}
    assert (features["port"]["categories"], features["port"]["missing"]) == (["C", "Q", "S", "(none)"], "(none)")
    assert "missing" not in features["sex"]


def test_requests_with_gaps_and_unknown_words_are_answered(desk: Desk, tmp_path: Path) -> None:
    predictor = Predictor(build(desk.folder / "models" / "filled", tmp_path), Settings())
    told, silent = predictor.predict(
        [{"age": 30, "fare": 80.0, "port": "elsewhere", "sex": "female", "deck": 2}, {"fare": 2.0, "deck": 1}]
    )
    assert (told["label"], silent["label"]) == ("yes", "no")


def test_samples_become_calibration_and_evaluation_without_a_row_in_both(desk: Desk) -> None:
    evaluation, calibration = desk.rows("filled", "evaluation.jsonl"), desk.rows("filled", "calibration.jsonl")
    assert len(evaluation) == 80
    assert 2 <= len(calibration) <= 20
    assert {json.dumps(row) for row in evaluation}.isdisjoint(json.dumps(row) for row in calibration)
    assert {row["label"] for row in evaluation} == {"yes", "no"}
    assert any(row["instance"]["age"] is None for row in evaluation)
    assert all(None not in row["instance"].values() for row in calibration)


def test_golden_requests_have_the_originals_answers_also_to_a_gap(desk: Desk) -> None:
    golden = json.loads((desk.folder / "models" / "filled" / "golden.json").read_text())
    assert [case["name"] for case in golden["cases"]] == ["one", "batch", "gap"]
    (gap,) = golden["cases"][2]["request"]["instances"]
    assert None in gap.values()


def test_without_samples_rows_are_made_up_and_no_data_is_written(desk: Desk) -> None:
    outcome = desk.outcomes["made-up"]
    assert outcome["compared"]["probabilities"]["rows"] == 256
    assert outcome["files"] == ["CARD.md", "golden.json", "model.onnx", "model.toml"]
    assert any("There are no --samples" in note for note in outcome["notes"])


def test_a_model_that_knows_gaps_in_numbers_declares_so(desk: Desk) -> None:
    first, second = desk.toml("trees")["preprocess"]["features"]
    assert math.isnan(first["missing"])
    assert "missing" not in second


def test_names_of_columns_come_from_the_samples_where_the_model_has_none(desk: Desk) -> None:
    toml = desk.toml("linear")
    assert [feature["name"] for feature in toml["preprocess"]["features"]] == ["a", "b"]
    assert toml["postprocess"] == {"kind": "regression", "tensor": "variable"}
    assert all(isinstance(row["label"], float) for row in desk.rows("linear", "evaluation.jsonl"))


def test_several_numbers_are_named_after_the_columns_of_labels(desk: Desk) -> None:
    assert desk.toml("two")["postprocess"]["values"] == [{"name": "t"}, {"name": "u"}]
    assert desk.rows("two", "evaluation.jsonl")[0]["label"].keys() == {"t", "u"}


def test_numbers_can_stay_64_bits_wide(desk: Desk) -> None:
    assert desk.outcomes["linear-double"]["compared"]["variable"]["relative"] < 1e-12


def test_where_gaps_are_answered_otherwise_numbers_are_required(desk: Desk) -> None:
    assert (
        "Without a value the original and the graph answer differently: each number is required."
        in (desk.outcomes["forest"]["notes"])
    )
    assert all("missing" not in feature for feature in desk.toml("forest")["preprocess"]["features"])
    refused = desk.outcomes["forest-gaps"]
    assert refused["code"] == "disagreement"
    assert "rows by up to" in refused["error"]
    assert "of gaps.npy, `variable`:" in refused["error"]


def test_a_classifier_without_probabilities_answers_labels_and_says_so(desk: Desk) -> None:
    assert desk.toml("svm").get("postprocess") is None
    assert desk.outcomes["svm"]["notes"] == [
        "It answers labels alone: CalibratedClassifierCV around it would add probabilities."
    ]


def test_classes_get_the_names_that_are_given(desk: Desk) -> None:
    assert desk.toml("numbered")["postprocess"]["labels"] == ["low", "high"]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("untrusted", "untrusted", "filled.joblib is a pickle, which runs any code that is in it"),
        ("own", "not_convertible", "Pipeline > Unknown cannot be converted: sklearn-onnx has no converter for it"),
        ("unfitted", "not_opened", "This LogisticRegression instance is not fitted yet"),
        ("table", "not_opened", "it holds a builtins.dict, no estimator"),
        ("odd", "invalid_samples", "Expected a finite number - got 'cheap' - at `fare` of odd.csv:5"),
        ("no-label", "invalid_samples", "Expected 2 columns; --label names those that are none of the model's - got 4"),
        ("no-column", "invalid_samples", "Expected the column 'age', as the model has it - got a, b, t, u"),
        ("wide", "invalid_samples", "got 7: age, fare, port, sex, deck, ticket, survived - at passengers.csv:1"),
        ("exact", "disagreement", "rows by up to"),
        ("misread", "disagreement", "`probabilities` differs in 300 of 300 rows by up to 0.9"),
        ("three", "invalid_samples", "Expected 2 names - got 3 - at --classes"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_leaves_nothing(desk: Desk, name: str, code: str, said: str) -> None:
    assert desk.outcomes[name]["code"] == code
    assert said in desk.outcomes[name]["error"]
    assert not (desk.folder / "models" / name).exists()
