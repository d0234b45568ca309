"""How many rows a model takes at once is found by trying."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from onnx import TensorProto, helper

from functions.batch.pace import MOST_ROWS, UNKNOWN, measure
from functions.batch.sources.view import View
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs


def _built(folder: Path, graph: Any, golden: Any = None) -> Predictor:
    source = graphs.source(folder, "model", graph)
    if golden is not None:
        case = {"name": "a", "request": {"instances": golden}, "response": {"predictions": golden}}
        (source / "golden.json").write_bytes(orjson.dumps({"tolerance": 1e-5, "cases": [case]}))
    return Predictor(build(source, folder / "packages"), Settings())


@pytest.mark.parametrize("name", ["breast-cancer", "support-answers", "linear-regression"])
def test_a_model_with_golden_requests_is_tried_on_them(packages: Path, name: str) -> None:
    pace = measure(Predictor(open_package(str(packages / name), 0), Settings()), 1024)
    assert 1 < pace.rows_at_once <= MOST_ROWS
    assert pace.rows_per_second > UNKNOWN.rows_per_second


def test_a_batch_fits_the_memory(packages: Path) -> None:
    predictor = Predictor(open_package(str(packages / "breast-cancer"), 0), Settings())
    assert measure(predictor, 0).rows_at_once == 1


def test_a_model_that_takes_tensors_is_tried_on_zeros(tmp_path: Path) -> None:
    pace = measure(_built(tmp_path, graphs.plus(1)), 1024)
    assert pace.rows_at_once > 1
    assert pace.rows_per_second > UNKNOWN.rows_per_second


def test_a_model_of_several_inputs_too(tmp_path: Path) -> None:
    tensors = {"a": (TensorProto.INT64, ["n", 3, "m"]), "b": (TensorProto.INT64, ["n", 3, 1])}
    node = helper.make_node("Add", ["a", "b"], ["y"])
    graph = graphs.model([node], tensors, {"y": (TensorProto.INT64, ["n", 3, "m"])})
    assert measure(_built(tmp_path, graph), 1024).rows_at_once > 1


def test_what_cannot_be_tried_goes_row_by_row_at_a_speed_that_cuts_no_file_to_pieces(tmp_path: Path) -> None:
    assert measure(_built(tmp_path, graphs.identity(TensorProto.STRING)), 1024) == UNKNOWN
    assert UNKNOWN.rows_at_once == 1
    assert UNKNOWN.rows_per_second >= 100


def test_a_model_that_takes_only_one_row_gets_one(tmp_path: Path) -> None:
    numbers = (TensorProto.FLOAT, [1, 2])
    graph = graphs.model([helper.make_node("Identity", ["x"], ["y"])], {"x": numbers}, {"y": numbers})
    pace = measure(_built(tmp_path, graph, [[1, 2]]), 1024)
    assert pace.rows_at_once == 1
    assert pace.rows_per_second > UNKNOWN.rows_per_second


def test_a_window_has_as_many_rows_as_are_ever_tried() -> None:
    assert View._field_defaults["window"] == MOST_ROWS
