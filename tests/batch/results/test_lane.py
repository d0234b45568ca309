"""Arrays and predictions of the same answers become the same results, byte for byte."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper

from functions.batch.options import Options
from functions.batch.results.lane import lane
from functions.batch.results.writer import writer
from functions.batch.rows import Answers, Refusal
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from functions.packaging.build import build
from tests.core import graphs

CLASSES = '[postprocess]\nkind = "classification"\ntensor = "y"\nlabels = ["a", "b,", "c"]\n'
MODELS: dict[str, tuple[int, list[Any], str]] = {
    "rows": (TensorProto.FLOAT, ["n", 3], ""),
    "rows of doubles": (TensorProto.DOUBLE, ["n", 3], ""),
    "numbers": (TensorProto.FLOAT, ["n"], ""),
    "cubes": (TensorProto.FLOAT, ["n", 3, 2], ""),
    "regression": (TensorProto.FLOAT, ["n", 1], '[postprocess]\nkind = "regression"\ntensor = "y"\n'),
    "classification": (TensorProto.FLOAT, ["n", 3], CLASSES),
    "softmax": (TensorProto.FLOAT, ["n", 3], CLASSES + 'activation = "softmax"\n'),
}
FORMATS = ("jsonl", "csv", "parquet")
WAYS = [
    (model, form) for model in MODELS for form in FORMATS if form != "jsonl" or not MODELS[model][2].startswith(CLASSES)
]
"""Lines of a label are written of predictions alone."""
NUMBERS = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, 0.1, 1e-7, 1e14, 1e16, 3e38, 0.5, float("nan"), float("inf")]),
)


@pytest.fixture(scope="module")
def predictors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Predictor]:
    """A model of each kind whose answers are an output tensor as it stands."""
    found = {}
    for name, (element, shape, toml) in MODELS.items():
        folder = tmp_path_factory.mktemp("lane")
        of = (element, shape)
        graph = graphs.model([helper.make_node("Identity", ["x"], ["y"])], {"x": of}, {"y": of})
        found[name] = Predictor(build(graphs.source(folder, "same", graph, toml), folder / "packages"), Settings())
    return found


def _finished(predictor: Predictor, name: str, windows: list[Answers], options: Options) -> bytes:
    made = writer(name, options, predictor)
    assert made.arrays
    for window in windows:
        made.add(window)
    return made.finish()


def _as_predictions(predictor: Predictor, window: Answers) -> Answers:
    (value,) = (window.tensors or {}).values()
    return window._replace(tensors=None, predictions=predictor.postprocess.decode([value]))


@pytest.mark.parametrize(("model", "form"), WAYS)
@settings(max_examples=30, deadline=None)
@given(rows=arrays(np.float64, st.tuples(st.integers(1, 4), st.just(6)), elements=NUMBERS), carry=st.booleans())
@example(rows=np.zeros((2, 6)), carry=False)
@example(rows=np.array([[0.5, 0.5, 0.1, 0.5, 0.5, 0.1], [0.1, np.nan, 1, np.inf, 0, 3]]), carry=True)
def test_both_ways_write_the_same(
    predictors: dict[str, Predictor], model: str, form: str, rows: Array, carry: bool
) -> None:
    predictor = predictors[model]
    element, shape, _ = MODELS[model]
    dtype = np.float64 if element == TensorProto.DOUBLE else np.float32
    with np.errstate(over="ignore"):
        value = rows.astype(dtype).reshape(-1, *shape[1:])
    count = len(value)
    carried = {"id": [f"k{at}" for at in range(count)]} if carry else {}
    first = Answers(range(count), tensors={"y": value}, carried=carried)
    second = Answers([count + 2 * at for at in range(count)], tensors={"y": value[::-1]}, carried=carried)
    windows = [first, second]
    others = [_as_predictions(predictor, window) for window in windows]
    assert _finished(predictor, form, windows, Options()) == _finished(predictor, form, others, Options())


def test_parquet_has_the_models_own_numbers_and_lists_of_them(predictors: dict[str, Predictor]) -> None:
    value = np.array([[0.1, 2, np.nan], [4, 5, 6]], np.float32)
    window = Answers(range(2), tensors={"y": value}, refused=[Refusal(2, "x")])
    table = pq.read_table(io.BytesIO(_finished(predictors["rows"], "parquet", [window], Options())))
    assert table.schema.field("prediction").type == pa.list_(pa.float32())
    assert table.column("row").to_pylist() == [0, 1]
    assert table.column("prediction").to_pylist() == [[float(np.float32(0.1)), 2, None], [4, 5, 6]]
    window = Answers(range(2), tensors={"y": np.nan_to_num(value)})
    table = pq.read_table(io.BytesIO(_finished(predictors["classification"], "parquet", [window], Options())))
    assert table.schema.names == ["row", "label", "probabilities.a", "probabilities.b,", "probabilities.c"]
    assert table.column("label").to_pylist() == ["b,", "c"]
    assert table.column("probabilities.c").to_pylist() == [0, 6]


@pytest.mark.parametrize("form", FORMATS)
def test_a_window_without_answers_adds_nothing(predictors: dict[str, Predictor], form: str) -> None:
    full = Answers(range(2), tensors={"y": np.ones((2, 3), np.float32)})
    none = Answers([], tensors={}, refused=[Refusal(2, "x")])
    predictor = predictors["rows"]
    assert _finished(predictor, form, [none, full], Options()) == _finished(predictor, form, [full], Options())


def test_what_is_more_than_an_outputs_numbers_is_made_row_by_row(
    predictors: dict[str, Predictor], packages: Path
) -> None:
    assert lane(predictors["classification"], Options()) is not None
    assert lane(predictors["classification"], Options(parameters={"top_k": 1})) is None
    names = ("breast-cancer", "steering-control", "credit-risk", "support-answers", "next-books")
    found = [lane(Predictor(open_package(str(packages / name), 0), Settings()), Options()) for name in names]
    assert [each is not None for each in found] == [True, True, False, False, False]
    assert not writer("jsonl", Options(), predictors["softmax"]).arrays
