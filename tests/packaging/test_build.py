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
from functions.packaging.build import build, build_all
from tests.conftest import ROOT
from tests.core import graphs


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


def test_a_package_that_would_be_the_same_is_left_as_it_is_for_who_reads_it(tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "models", "plus", graphs.plus(1))
    before = (Path(build(source, tmp_path / "out").directory)).stat().st_ino
    assert Path(build(source, tmp_path / "out").directory).stat().st_ino == before
    (tmp_path / "out" / "plus" / "model.onnx").write_bytes(b"damaged")
    assert Path(build(source, tmp_path / "out").directory).stat().st_ino != before


def test_builds_into_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        graphs.source(tmp_path / "models", name, graphs.plus(1))
    command = [sys.executable, "-m", "functions.packaging.build", str(tmp_path / "models"), str(tmp_path / "out")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one", "three", "two"]


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
    matrix = (TensorProto.FLOAT, [2, 2])
    node = helper.make_node("SparseToDenseMatMul", ["sparse", "x"], ["y"], domain="com.microsoft")
    graph = graphs.model([node], {"x": matrix}, {"y": matrix})
    graph.graph.input.append(helper.make_sparse_tensor_value_info("sparse", *matrix))
    graph.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    with pytest.raises(InvalidPackage, match=r"its tensor 'sparse' is a sparse_tensor\(float\); what can be served"):
        build(graphs.source(tmp_path, "sparse", graph), tmp_path / "out")


def test_a_map_that_cannot_be_fed_is_named(tmp_path: Path) -> None:
    words = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.STRING, None))
    node = helper.make_node("CastMap", ["x"], ["y"], domain="ai.onnx.ml")
    graph = graphs.model([node], {}, {"y": (TensorProto.FLOAT, [1, 1])})
    graph.graph.input.append(helper.make_value_info("x", words))
    graph.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    with pytest.raises(InvalidPackage, match=r"its input 'x' is a map of BYTES values; .* only single maps of FP32"):
        build(graphs.source(tmp_path, "words", graph), tmp_path / "out")


def test_an_output_that_numpy_lacks_beside_what_cannot_be_with_it_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", ["x"], ["y"]), helper.make_node("Identity", ["text"], ["copy"])]
    half, text = (TensorProto.BFLOAT16, [1]), (TensorProto.STRING, [1])
    graph = graphs.model(nodes, {"x": half, "text": text}, {"y": half, "copy": text})
    with pytest.raises(InvalidPackage, match="its input 'text' cannot stand beside the output 'y' of BF16"):
        build(graphs.source(tmp_path, "beside", graph), tmp_path / "out")


def test_a_graph_that_optimising_would_give_other_inputs_ships_as_it_is(tmp_path: Path) -> None:
    row = (TensorProto.FLOAT, ["n", 2])
    weights = {name: (TensorProto.FLOAT, [2]) for name in ("first", "second")}
    nodes = [helper.make_node("Add", ["x", "first"], ["z"]), helper.make_node("Mul", ["z", "second"], ["y"])]
    graph = graphs.model(nodes, {"x": row, **weights}, {"y": row})
    graph.graph.initializer.extend(numpy_helper.from_array(np.array([2, 2], np.float32), name) for name in weights)
    graph.ir_version = 3
    del graph.opset_import[:]
    graph.opset_import.append(helper.make_opsetid("", 9))
    package = build(graphs.source(tmp_path, "old", graph), tmp_path / "out")
    assert not package.manifest.graph.optimized
    assert Predictor(package, Settings()).predict([[1, 2], [3, 4]])[1].tolist() == [10, 12]


def test_the_image_builds_packages_without_the_command_lines_libraries(tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "models", "plus", graphs.plus(1))
    code = (
        "import sys; from functions.packaging.build import main; status = main(sys.argv[1:]);"
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
