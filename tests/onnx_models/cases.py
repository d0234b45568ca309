"""The cases of the onnx package: a model each, and for given inputs the outputs that it must answer."""

import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test import runner as backend
from onnx.backend.test.loader import DATA_DIR

DataSet = tuple[list[Any], list[Any]]
FOLDERS = ("simple", "pytorch-converted", "pytorch-operator")
DUMMY_RTOL, DUMMY_ATOL = 1e-3, 1e-7


class Case(NamedTuple):
    """A model, and what it must answer."""

    name: str
    model: bytes
    data: list[DataSet]
    rtol: float
    atol: float


def every() -> Iterator[Case]:
    """All there are, always in the same order; the same name may stand in two folders."""
    yield from _operators()
    for kind in FOLDERS:
        yield from (_from_folder(folder, kind) for folder in sorted((Path(DATA_DIR) / kind).glob("test_*")))
    yield from (_light(path) for path in sorted((Path(DATA_DIR) / "light").glob("*.onnx")))


def _operators() -> Iterator[Case]:
    """Cases of single operators, which the package computes when it is asked for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    for case in sorted(found, key=lambda case: case.name):
        assert case.model
        assert case.data_sets
        data = [(list(map(_value, takes)), list(map(_value, gives))) for takes, gives in case.data_sets]
        yield Case(f"node/{case.name}", case.model.SerializeToString(), data, case.rtol, case.atol)


def _from_folder(folder: Path, kind: str) -> Case:
    model = onnx.load(folder / "model.onnx")
    limits = json.loads((folder / "data.json").read_text()) if (folder / "data.json").exists() else {}
    types = ([node.type for node in model.graph.input], [node.type for node in model.graph.output])
    data = [
        (_side(data_set, "input", types[0]), _side(data_set, "output", types[1]))
        for data_set in sorted(folder.glob("test_data_set_*"))
    ]
    content = model.SerializeToString()
    return Case(f"{kind}/{folder.name}", content, data, limits.get("rtol", 1e-3), limits.get("atol", 1e-7))


def _light(path: Path) -> Case:
    """A large network whose weights are all one number; the package keeps its answer to a ramp."""
    model = onnx.load(path)
    weights = {tensor.name for tensor in model.graph.initializer}
    takes = [backend.Runner.generate_dummy_data(node) for node in model.graph.input if node.name not in weights]
    gives = [_tensor(path.with_name(f"{path.stem}_output_0.pb"))]
    return Case(f"light/{path.stem}", path.read_bytes(), [(takes, gives)], DUMMY_RTOL, DUMMY_ATOL)


def _side(data_set: Path, side: str, types: Sequence[onnx.TypeProto]) -> list[Any]:
    count = len(list(data_set.glob(f"{side}_*.pb")))
    return [_stored(data_set / f"{side}_{index}.pb", types[index]) for index in range(count)]


def _stored(path: Path, kind: onnx.TypeProto) -> Any:
    if kind.HasField("sequence_type"):
        sequence = onnx.SequenceProto.FromString(path.read_bytes())
        return numpy_helper.to_list(sequence)
    if kind.HasField("optional_type"):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(path.read_bytes()))
    return _tensor(path)


def _tensor(path: Path) -> Any:
    return _value(onnx.TensorProto.FromString(path.read_bytes()))


def _value(item: Any) -> Any:
    if isinstance(item, onnx.TensorProto):
        return numpy_helper.to_array(item)
    if isinstance(item, onnx.SequenceProto):
        return numpy_helper.to_list(item)
    if isinstance(item, list):
        return [_value(inner) for inner in item]
    return item if item is None or isinstance(item, dict) else np.asarray(item)
