"""Running a graph."""

from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from onnx import TensorProto, helper

from functions.core.errors import DeadlineExceeded, InvalidPackage, ModelFailed
from functions.core.package import Package
from functions.core.session import Session
from functions.core.tensors import Array
from functions.packaging.build import build
from tests.core import graphs


def session(package: Package, deadline: float = 20.0) -> Session:
    return Session(package, threads=1, deadline=deadline)


def test_a_run_past_its_deadline_is_terminated_and_the_session_goes_on(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, "endless", graphs.endless()), tmp_path / "packages")
    endless = session(package, deadline=0.3)
    started = monotonic()
    with pytest.raises(DeadlineExceeded, match=r"did not answer within 0\.3 s"):
        endless.run({"x": np.array([1], np.float32)}, ["y"])
    assert monotonic() - started < 5
    np.testing.assert_array_equal(endless.run({"x": np.array([-1], np.float32)}, ["y"]), [[-1]])


def test_values_that_the_model_cannot_compute_with_are_the_callers_fault(tmp_path: Path) -> None:
    nodes = [helper.make_node("Gather", ["table", "index"], ["y"])]
    graph = graphs.model(
        nodes,
        {"table": (TensorProto.FLOAT, [3]), "index": (TensorProto.INT64, [1])},
        {"y": (TensorProto.FLOAT, [1])},
    )
    package = build(graphs.source(tmp_path, "gather", graph), tmp_path / "packages")
    feeds: dict[str, Array] = {"table": np.zeros(3, np.float32), "index": np.array([7], np.int64)}
    with pytest.raises(ModelFailed, match="The model 'gather' could not run on this input"):
        session(package).run(feeds, ["y"])


def test_a_graph_that_is_damaged_makes_the_package_invalid(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages")
    Path(package.path("model.onnx")).write_bytes(b"\x00" * 100)
    with pytest.raises(InvalidPackage, match="ONNX Runtime refuses its graph"):
        session(package)


def test_a_manifest_of_another_graph_makes_the_package_invalid(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages")
    renamed = package.manifest._replace(inputs=(package.manifest.inputs[0]._replace(name="z"),))
    with pytest.raises(InvalidPackage, match=r"declares the inputs \['z'\], its graph has \['x'\]"):
        session(package._replace(manifest=renamed))
