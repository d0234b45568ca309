"""Boosters of XGBoost and LightGBM, imported in an environment that has them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.toolchain.importing import environment

LOANS = {"samples": "loans.csv", "labels": ["late"]}
WANTED: dict[str, dict[str, Any]] = {
    "binary": {"source": "binary.ubj", **LOANS, "classes": ["on time", "late"]},
    "several": {"source": "several.json"},
    "amount": {"source": "amount.ubj", "samples": "loans.csv"},
    "counts": {"source": "counts.ubj"},
    "stopped": {"source": "stopped.ubj", **LOANS},
    "late": {"source": "late.txt", **LOANS},
    "bands": {"source": "bands.txt"},
    "value": {"source": "value.txt", "samples": "loans.csv"},
    "scaled": {"source": "scaled.joblib", **LOANS, "trusted": True, "double": True},
    "dart": {"source": "dart.ubj"},
    "words": {"source": "words.ubj"},
    "damaged": {"source": "damaged.ubj"},
}


@pytest.fixture(scope="module")
def folder(tables_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("boosting")
    environment.run(tables_python, "boosted_models.py", made)
    return made


@pytest.fixture(scope="module")
def outcomes(tables_python: Path, folder: Path) -> dict[str, Any]:
    return environment.imported(tables_python, folder, WANTED)


def toml(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / "models" / name / "model.toml").read_text())


@pytest.mark.parametrize("name", ["binary", "several", "stopped", "late", "bands", "scaled"])
def test_a_classifier_answers_as_the_original_gaps_included(outcomes: dict[str, Any], name: str) -> None:
    compared = outcomes[name]["compared"]["probabilities"]
    assert compared["relative"] < 1e-5
    assert (compared["agreement"], compared["beyond"]) == (1.0, 0)


@pytest.mark.parametrize("name", ["amount", "counts", "value"])
def test_a_regression_answers_as_the_original_gaps_included(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name]["compared"]["variable"]["relative"] < 1e-5


def test_features_are_named_as_in_training_and_may_be_missing(outcomes: dict[str, Any], folder: Path) -> None:
    assert "files" in outcomes["binary"]
    declared = toml(folder, "binary")
    amount, age = declared["preprocess"]["features"]
    assert (amount["name"], age["name"], "missing" in amount, "missing" in age) == ("amount", "age", False, True)
    assert declared["postprocess"]["labels"] == ["on time", "late"]
    assert '"label":"late"' in (folder / "models" / "binary" / "evaluation.jsonl").read_text()


def test_categories_of_pandas_are_words(outcomes: dict[str, Any], folder: Path) -> None:
    assert "files" in outcomes["late"]
    port = toml(folder, "late")["preprocess"]["features"][2]
    assert (port["type"], port["categories"]) == ("category", ["C", "Q", "S"])


def test_an_early_stop_is_honoured(outcomes: dict[str, Any]) -> None:
    rounds = int(outcomes["stopped"]["origin"].split(" rounds")[0].split()[-1])
    assert rounds < 60


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("dart", "not_convertible", "XGBoost's booster cannot be converted: it is a dart"),
        ("words", "not_convertible", "it has splits by category"),
        ("damaged", "not_opened", "XGBoost cannot open FOLDER/damaged.ubj"),
    ],
)
def test_what_has_no_onnx_is_refused(outcomes: dict[str, Any], name: str, code: str, said: str) -> None:
    assert outcomes[name]["code"] == code
    assert said in outcomes[name]["error"]
