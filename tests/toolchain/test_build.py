"""Compiling a folder into a package."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from functions.core.errors import InvalidPackage
from functions.core.package import digest_of, open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from tests.conftest import ROOT
from tests.core import graphs
from toolchain.build import build, build_all


def test_the_same_folder_compiles_to_the_same_digest(tmp_path: Path) -> None:
    source = graphs.source(tmp_path, "plus", graphs.plus(1))
    first, second = build(source, tmp_path / "a"), build(source, tmp_path / "b")
    assert first.manifest.digest == second.manifest.digest


def test_the_manifest_holds_the_digest_of_every_file(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "out")
    names = {path.name for path in Path(package.directory).iterdir()}
    assert names == {*package.manifest.files, "manifest.json", "manifest.sha256"}
    for name, record in package.manifest.files.items():
        assert digest_of(package.path(name)) == record


def test_a_package_that_does_not_answer_its_golden_requests_is_not_made(tmp_path: Path) -> None:
    source = graphs.source(tmp_path, "plus", graphs.plus(1))
    case = '{"name": "c", "request": {"instances": [[1, 1]]}, "response": {"predictions": [[2, 3]]}}'
    (source / "golden.json").write_text(f'{{"tolerance": 1e-6, "cases": [{case}]}}')
    with pytest.raises(InvalidPackage, match=r"golden case 'c': expected 3 - got 2\.0 - at `predictions\[0\]\[1\]`"):
        build(source, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_failed_build_leaves_the_package_that_was_there(tmp_path: Path) -> None:
    source = graphs.source(tmp_path, "plus", graphs.plus(1))
    good = build(source, tmp_path / "out")
    (source / "model.onnx").write_bytes(b"damaged")
    with pytest.raises(InvalidPackage, match="ONNX Runtime refuses it"):
        build(source, tmp_path / "out")
    assert open_package(str(tmp_path / "out" / "plus"), 0).manifest == good.manifest


def test_packages_of_models_that_are_gone_go_too(tmp_path: Path) -> None:
    graphs.source(tmp_path / "models", "plus", graphs.plus(1))
    gone = graphs.source(tmp_path / "models", "gone", graphs.plus(1))
    build_all(tmp_path / "models", tmp_path / "out")
    (gone / "model.toml").unlink()
    build_all(tmp_path / "models", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["plus"]


def test_large_weights_get_a_file_of_their_own(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).standard_normal((1600, 1600)).astype(np.float32)
    rows = (TensorProto.FLOAT, ["n", 1600])
    graph = graphs.model([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": rows}, {"y": rows})
    graph.graph.initializer.append(numpy_helper.from_array(weights, "w"))
    package = build(graphs.source(tmp_path, "large", graph), tmp_path / "out")
    assert package.manifest.files["model.onnx"].size < 10_000
    assert package.manifest.files["weights.bin"].size >= weights.nbytes
    row = np.ones((1, 1600), np.float32)
    (answer,) = Predictor(package, Settings()).infer({"x": row}, ["y"])
    np.testing.assert_allclose(answer, row @ weights, rtol=1e-3, atol=1e-3)


def test_a_tensor_of_a_type_that_cannot_be_served_is_named(tmp_path: Path) -> None:
    number = (TensorProto.FLOAT, [1])
    graph = graphs.model([helper.make_node("SequenceConstruct", ["x"], ["s"])], {"x": number}, {})
    graph.graph.output.append(helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, [1]))
    with pytest.raises(InvalidPackage, match=r"its tensor 's' is a seq\(tensor\(float\)\)"):
        build(graphs.source(tmp_path, "sequence", graph), tmp_path / "out")


def test_the_image_builds_packages_without_the_command_lines_libraries(tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "models", "plus", graphs.plus(1))
    code = (
        "import sys; from toolchain.build import main; status = main(sys.argv[1:]);"
        "heavy = {'onnx', 'typer', 'rich', 'boto3', 'fastapi'} & set(sys.modules);"
        "sys.exit(status or str(heavy or '') or 0)"
    )
    arguments = [str(source.parent), str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("plus ")


def test_a_graph_that_onnx_calls_valid_is_what_ships(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "out")
    onnx.checker.check_model(onnx.load(package.path("model.onnx")))
