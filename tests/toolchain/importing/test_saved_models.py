"""SavedModels of TensorFlow, and Keras on it, imported in an environment that has them."""

from pathlib import Path
from typing import Any

import pytest

from tests.toolchain.importing import environment

pytestmark = pytest.mark.slow  # TensorFlow takes a quarter of a minute to install, and seconds to load

WANTED: dict[str, dict[str, Any]] = {
    name: {"source": name}
    for name in ("dense", "several", "doubled", "dense.keras", "kept", "saved", "silent", "damaged")
}
WANTED = {name.replace(".", "-"): wanted for name, wanted in WANTED.items()}


@pytest.fixture(scope="module")
def folder(tensorflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tensorflow")
    environment.run(tensorflow_python, "saved_models.py", made)
    return made


@pytest.fixture(scope="module")
def outcomes(tensorflow_python: Path, folder: Path) -> dict[str, Any]:
    return environment.imported(tensorflow_python, folder, WANTED)


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("dense", ["output_0"]),
        ("several", ["kind", "price"]),
        ("doubled", ["doubled", "sum"]),
        ("dense-keras", ["output"]),
    ],
)
def test_an_import_answers_as_the_original(outcomes: dict[str, Any], name: str, outputs: list[str]) -> None:
    compared = outcomes[name]["compared"]
    assert sorted(compared) == outputs
    assert all(one["relative"] < 1e-5 and not one["beyond"] for one in compared.values())


def test_keras_says_on_what_it_computes(outcomes: dict[str, Any]) -> None:
    assert "on tensorflow, Sequential" in outcomes["dense-keras"]["origin"]


@pytest.mark.parametrize(("name", "operation"), [("kept", "WriteFile"), ("saved", "SaveV2")])
def test_a_function_that_reaches_files_is_refused_before_it_is_opened(
    outcomes: dict[str, Any], folder: Path, name: str, operation: str
) -> None:
    assert outcomes[name]["code"] == "untrusted"
    said = f"FOLDER/{name} has the operation {operation}, which does more than compute"
    assert said in outcomes[name]["error"]
    assert not list(folder.glob("written*"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("silent", "it has no function serving_default; those that it has: none"),
        ("damaged", "TensorFlow cannot open FOLDER/damaged"),
    ],
)
def test_a_folder_that_cannot_be_asked_is_refused(outcomes: dict[str, Any], name: str, said: str) -> None:
    assert outcomes[name]["code"] == "not_opened"
    assert said in outcomes[name]["error"]
