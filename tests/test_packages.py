"""Every model in model_artifacts: manifest, graph, digests and golden answers agree."""

from pathlib import Path

import onnx
import pytest

from functions.core import golden
from functions.core.package import digest_of, open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.source import find
from tests.conftest import ROOT

FOLDERS = find(ROOT / "model_artifacts")


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


def test_the_package_answers_its_golden_requests(folder: Path, packages: Path) -> None:
    package = open_package(str(packages / folder.name), 0)
    assert golden.FILE in package.manifest.files
    assert golden.fault(Predictor(package, Settings())) is None


def test_the_manifest_is_of_the_graph_and_of_the_files(folder: Path, packages: Path) -> None:
    package = open_package(str(packages / folder.name), 0)
    graph = onnx.load(folder / "model.onnx").graph
    assert [spec.name for spec in package.manifest.inputs] == [node.name for node in graph.input]
    assert [spec.name for spec in package.manifest.outputs] == [node.name for node in graph.output]
    for name, record in package.manifest.files.items():
        assert digest_of(package.path(name)) == record


def test_the_graph_carries_its_weights_and_passes_the_checker(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    assert all(not tensor.external_data for tensor in model.graph.initializer)


def test_it_says_where_it_comes_from(folder: Path) -> None:
    for name in ("CARD.md", "train.py", "rows.py", "golden.json"):
        assert (folder / name).stat().st_size > 500
    toml = (folder / "model.toml").read_text()
    for field in ("title", "description", "licence", "provenance"):
        assert f"{field} = " in toml
