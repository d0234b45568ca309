"""Networks of PyTorch and Keras, imported in an environment that has them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.toolchain.importing import environment

pytestmark = pytest.mark.slow  # PyTorch takes half a minute to install, and seconds to load

WANTED: dict[str, dict[str, Any]] = {
    "classifier": {"source": "classifier.pt2", "samples": "rows.csv", "labels": ["kind"], "classes": ["a", "b", "c"]},
    "pictures": {"source": "pictures.pt2"},
    "pixels": {"source": "pictures.pt2", "samples": "pictures.npy"},
    "pair": {"source": "pair.pt2"},
    "fixed": {"source": "fixed.pt2"},
    "attended": {"source": "attended.pt2", "samples": "tokens.npz"},
    "made-up": {"source": "attended.pt2"},
    "module": {"source": "module.pt", "trusted": True, "shape": [4]},
    "script": {"source": "script.pt", "trusted": True, "shape": [4]},
    "dense": {"source": "dense.keras"},
    "keras-pictures": {"source": "pictures.keras"},
    "several": {"source": "several.keras"},
    "lambda-trusted": {"source": "lambda.keras", "trusted": True},
    "eigen": {"source": "eigen.pt2"},
    "tampered": {"source": "tampered.pt2"},
    "unshaped": {"source": "module.pt", "trusted": True},
    "misshaped": {"source": "module.pt", "trusted": True, "shape": [5]},
    "untrusted": {"source": "module.pt"},
    "script-untrusted": {"source": "script.pt"},
    "weights": {"source": "weights.pt", "trusted": True},
    "lambda": {"source": "lambda.keras"},
    "damaged": {"source": "damaged.keras"},
    "saved": {"source": "saved"},
    "gaps": {"source": "classifier.pt2", "samples": "gaps.npy"},
    "wrong": {"source": "attended.pt2", "samples": "pictures.npy"},
    "table": {"source": "pictures.pt2", "samples": "rows.csv"},
}
MADE = 13


@pytest.fixture(scope="module")
def folder(networks_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("networks")
    environment.run(networks_python, "network_models.py", made, KERAS_BACKEND="torch")
    (made / "saved").mkdir()
    (made / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    return made


@pytest.fixture(scope="module")
def outcomes(networks_python: Path, folder: Path) -> dict[str, Any]:
    return environment.imported(networks_python, folder, WANTED)


def toml(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / "models" / name / "model.toml").read_text())


@pytest.mark.parametrize("name", list(WANTED)[:MADE])
def test_an_import_answers_as_the_original(outcomes: dict[str, Any], name: str) -> None:
    assert "compared" in outcomes[name], outcomes[name]
    for output, compared in outcomes[name]["compared"].items():
        assert (output, compared["beyond"]) == (output, 0)
        assert compared["relative"] <= 1e-4


def test_a_program_of_rows_takes_named_features(outcomes: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    assert outcomes["classifier"]["compared"]["output"]["agreement"] == 1.0
    declared = toml(folder, "classifier")
    assert [feature["name"] for feature in declared["preprocess"]["features"]] == ["width", "height", "depth", "weight"]
    assert declared["postprocess"]["labels"] == ["a", "b", "c"]
    predictor = Predictor(build(folder / "models" / "classifier", tmp_path), Settings())
    (answer,) = predictor.predict([{"width": 0.1, "height": 0.2, "depth": 0.3, "weight": 0.4}])
    assert set(answer["probabilities"]) == {"a", "b", "c"}


def test_a_program_of_pictures_takes_pictures_or_where_samples_are_tensors_these(
    outcomes: dict[str, Any], folder: Path
) -> None:
    assert toml(folder, "pictures")["preprocess"]["kind"] == "image"
    assert "sample.png" in outcomes["pictures"]["files"]
    assert "preprocess" not in toml(folder, "pixels")
    assert outcomes["pixels"]["notes"] == [
        "Its samples are tensors, so it takes tensors; for pictures see docs/guides/processing.md."
    ]
    rows = (folder / "models" / "pixels" / "evaluation.jsonl").read_text().splitlines()
    assert len(rows) == 32
    assert len(json.loads(rows[0])["instance"][0]) == 8


def test_outputs_have_the_names_of_the_dictionary(outcomes: dict[str, Any]) -> None:
    assert list(outcomes["pair"]["compared"]) == ["kind", "price"]
    assert sorted(outcomes["several"]["compared"]) == ["kind", "price"]


def test_a_program_of_a_fixed_number_of_rows_is_imported_and_says_so(outcomes: dict[str, Any]) -> None:
    assert outcomes["fixed"]["notes"][0].startswith("It takes exactly 1 rows at a time, as it was exported so")


def test_nothing_of_this_machine_is_in_a_graph(outcomes: dict[str, Any], folder: Path) -> None:
    assert "files" in outcomes["pictures"]
    content = (folder / "models" / "pictures" / "model.onnx").read_bytes()
    assert b"site-packages" not in content
    assert str(folder).encode() not in content


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("eigen", "not_convertible", "No ONNX function found for <OpOverload(op='aten.linalg_eig'"),
        ("tampered", "untrusted", "has an expression in a shape that none needs (exec)"),
        ("unshaped", "not_convertible", "Sequential cannot be converted: it does not say what a row is like"),
        ("misshaped", "not_convertible", "Sequential cannot be converted"),
        ("untrusted", "untrusted", "module.pt is a pickled module, which runs any code that is in it"),
        ("script-untrusted", "untrusted", "script.pt is TorchScript, which runs any code that is in it"),
        ("weights", "unknown_format", "it holds weights without a network (a state_dict)"),
        ("lambda", "untrusted", "lambda.keras has a Lambda layer, which runs any code that is in it"),
        ("damaged", "unknown_format", "the archive is damaged"),
        ("saved", "missing_package", 'hint: pip install "ortless[tensorflow]"'),
        ("gaps", "invalid_samples", "Expected a number"),
        ("wrong", "invalid_samples", "Expected an array for each input, in an .npz: ids, mask - got ids"),
        ("table", "invalid_samples", "Expected tensors of FP32 of shape [rows, 1, 8, 8]: .npy, .npz or .jsonl"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    outcomes: dict[str, Any], folder: Path, name: str, code: str, said: str
) -> None:
    assert outcomes[name]["code"] == code, outcomes[name]
    assert said in outcomes[name]["error"]
    assert not (folder / "models" / name).exists()
