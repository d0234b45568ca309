"""What no folder is drafted from, and that nothing is left of the attempt."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from functions.core.errors import InvalidPackage
from functions.packaging.onnx_file import BrokenGraph, ExternalData
from tests.core import graphs
from tests.toolchain.test_cli import ortless
from tests.toolchain.test_scaffold import FLOAT, drafted
from toolchain.scaffold import FolderTaken, InvalidName, scaffold


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    made = drafted(tmp_path, graphs.plus(1))
    before = {path: path.read_bytes() for path in made.folder.iterdir()}
    with pytest.raises(FolderTaken, match="exists already"):
        drafted(tmp_path, graphs.plus(2))
    assert {path: path.read_bytes() for path in made.folder.iterdir()} == before


@pytest.mark.parametrize("name", ["My-Model", "a_b", "../up", "", "a" * 64])
def test_a_name_that_no_address_should_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidName, match="lower-case letters"):
        scaffold(name, tmp_path / "x.onnx", tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("content", [None, b"", b"damaged", b"\x08\x0a"])
def test_a_file_that_is_no_graph_is_refused_and_nothing_is_left(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(BrokenGraph, match="is no ONNX file that can be used"):
        scaffold("mine", tmp_path / "x.onnx", tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_graph_that_the_runtime_refuses_is_named_as_it_was_given(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(InvalidPackage, match=r"any name\.onnx cannot be used: ONNX Runtime refuses it"):
        drafted(tmp_path, model)
    assert not (tmp_path / "models").exists()


def elsewhere(name: str) -> TensorProto:
    """A tensor whose values are in another file."""
    tensor = helper.make_tensor(name, FLOAT, [1], [1.0])
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def outside(place: str) -> onnx.ModelProto:
    """A graph that keeps a tensor in another file: in an initializer, an attribute, a subgraph or a function."""
    model = graphs.plus(1)
    if place == "initializer":
        model.graph.initializer.append(elsewhere("w"))
    constant = helper.make_node("Constant", [], ["w"], value=elsewhere("w"))
    if place == "attribute":
        model.graph.node.append(constant)
    if place == "subgraph":
        branch = helper.make_graph([constant], "b", [], [helper.make_tensor_value_info("w", FLOAT, [1])])
        model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=branch, else_branch=branch))
    if place == "function":
        opsets = [helper.make_opsetid("", 20)]
        model.functions.append(helper.make_function("own", "F", [], ["w"], [constant], opsets))
    return model


@pytest.mark.parametrize("place", ["initializer", "attribute", "subgraph", "function"])
def test_tensors_in_other_files_are_refused_wherever_they_hide(tmp_path: Path, place: str) -> None:
    with pytest.raises(ExternalData, match=r"keeps tensors in other files: .* in 'weights.bin'"):
        drafted(tmp_path, outside(place))
    assert not (tmp_path / "models").exists()


def test_an_error_comes_with_a_hint(tmp_path: Path) -> None:
    onnx.save(outside("attribute"), tmp_path / "x.onnx")
    done = ortless("new", "mine", "--from", str(tmp_path / "x.onnx"), "--models", str(tmp_path / "models"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error (external_data): ")
    assert "hint: write one file of it:" in done.stderr
