"""Answers as files of each format."""

import csv
import gzip
import io
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.results import room
from functions.batch.results.writer import refusals, writer
from functions.batch.rows import Answers, Refusal, Window
from functions.batch.scoring import Scorer
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

PREDICTION = {"label": "benign", "probabilities": {"malignant": np.float32(0.25), "benign": np.float32(0.75)}}
ANSWERS = Answers([0, 2], predictions=[PREDICTION, PREDICTION], carried={"id": ["a", 'b,"']}, refused=[Refusal(1, "x")])


def _unzstd(content: bytes) -> bytes:
    return bytes(pa.input_stream(pa.BufferReader(content), compression="zstd").read())


@pytest.fixture
def cancer(packages: Path) -> Predictor:
    return Predictor(open_package(str(packages / "breast-cancer"), 0), Settings())


@pytest.fixture
def plus(tmp_path: Path) -> Predictor:
    return Predictor(build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages"), Settings())


def test_json_lines_have_row_carried_and_prediction(cancer: Predictor) -> None:
    made = writer("jsonl", Options(), cancer)
    made.add(ANSWERS)
    probabilities = b'"probabilities":{"malignant":0.25,"benign":0.75}'
    assert made.finish().splitlines() == [
        b'{"row":0,"id":"a","prediction":{"label":"benign",' + probabilities + b"}}",
        b'{"row":2,"id":"b,\\"","prediction":{"label":"benign",' + probabilities + b"}}",
    ]


@pytest.mark.parametrize("name", ["jsonl", "csv", "npy"])
@pytest.mark.parametrize(("compression", "opened"), [("gzip", gzip.decompress), ("zstd", _unzstd)])
def test_compressed_results_open_to_the_same(
    plus: Predictor, name: str, compression: str, opened: Callable[[bytes], bytes]
) -> None:
    answers = Answers(range(3), tensors={"y": np.arange(6, dtype=np.float32).reshape(3, 2)})
    parts = []
    for each in (compression, None):
        made = writer(name, Options(compression=each), plus)
        made.add(answers)
        parts.append(made.finish())
    assert opened(parts[0]) == parts[1]


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_compressed_results_have_no_clock_and_open_to_the_same(cancer: Predictor, name: str) -> None:
    parts = []
    for compression in ("gzip", "gzip", None):
        made = writer(name, Options(compression=compression), cancer)
        made.add(ANSWERS)
        parts.append(made.finish())
    assert parts[0] == parts[1]
    assert gzip.decompress(parts[0]) == parts[2]


def test_csv_quotes_and_names_nested_columns(cancer: Predictor) -> None:
    names = list(cancer.postprocess.schema()["properties"]["probabilities"]["properties"])
    made = writer("csv", Options(), cancer)
    made.add(ANSWERS)
    header, first, second = made.finish().decode().splitlines()
    assert header == ",".join(["row", "id", "label", *(f"probabilities.{name}" for name in names)])
    assert first.startswith("0,a,benign,0.")
    assert second.startswith('2,"b,""",benign,0.')


def test_parquet_has_the_same_types_whether_values_are_there_or_not(cancer: Predictor) -> None:
    tables = []
    for answers in (ANSWERS, Answers([4], predictions=[{}], carried={"id": ["c"]})):
        made = writer("parquet", Options(), cancer)
        made.add(answers)
        tables.append(pq.read_table(io.BytesIO(made.finish())))
    assert tables[0].schema == tables[1].schema
    assert tables[0].column("label").to_pylist() == ["benign", "benign"]
    assert tables[0].column("probabilities.benign").to_pylist() == [0.75, 0.75]


def test_npy_keeps_the_numbers_of_rows_by_nan_for_the_refused(plus: Predictor) -> None:
    made = writer("npy", Options(), plus)
    made.add(Answers([], refused=[Refusal(0, "x")]))
    made.add(Answers([1, 3], tensors={"y": np.array([[1, 2], [3, 4]], np.float32)}, refused=[Refusal(2, "x")]))
    found = np.load(io.BytesIO(made.finish()))
    assert found.dtype == np.float32
    expected = [[np.nan] * 2, [1, 2], [np.nan] * 2, [3, 4]]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))


def test_what_a_format_cannot_hold_is_refused(plus: Predictor) -> None:
    with pytest.raises(FileRefused, match="one array"):
        writer("npy", Options(carry=("a",)), plus)
    with pytest.raises(FileRefused, match="compresses inside"):
        writer("parquet", Options(compression="gzip"), plus)


def test_refusals_are_json_lines() -> None:
    (line,) = refusals([Refusal(3, "why", 4, "k")]).splitlines()
    assert orjson.loads(line) == {"row": 3, "line": 4, "id": "k", "code": "invalid_input", "error": "why"}


def _table(name: str, content: bytes) -> list[dict[str, Any]]:
    if name == "parquet":
        return list(pq.read_table(io.BytesIO(content)).to_pylist())
    if name == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return [orjson.loads(line) for line in content.splitlines()]


def _written(name: str, predictor: Predictor, windows: list[Answers], options: Options) -> list[dict[str, Any]]:
    made = writer(name, options, predictor)
    for window in windows:
        made.add(window)
    return _table(name, made.finish())


IDS = [Answers([0], predictions=[[1, 2]]), Answers([1], predictions=[[3, 4]], carried={"id": ["k"]})]


def test_an_id_that_comes_late_is_a_column_of_all_rows(plus: Predictor) -> None:
    assert _written("csv", plus, IDS, Options()) == [
        {"row": "0", "prediction": "[1,2]", "id": ""},
        {"row": "1", "prediction": "[3,4]", "id": "k"},
    ]
    assert _written("parquet", plus, IDS[::-1], Options()) == [
        {"row": 1, "id": "k", "prediction": [3, 4]},
        {"row": 0, "id": None, "prediction": [1, 2]},
    ]


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_a_part_has_what_is_carried_whether_its_rows_have_it_or_not(plus: Predictor, name: str) -> None:
    options = Options(carry=("a", "b"), id="key")
    names = ["row", "a", "b", "id", "prediction"]
    for windows in ([], IDS[:1], [Answers([2], predictions=[[5, 6]], carried={"a": [1], "b": [2], "id": [3]})]):
        made = writer(name, options, plus)
        for window in windows:
            made.add(window)
        content = made.finish()
        found = pq.read_schema(io.BytesIO(content)).names if name == "parquet" else content.decode().splitlines()[0]
        assert found == (names if name == "parquet" else ",".join(names))


def test_carried_values_of_many_types_are_one_column(plus: Predictor) -> None:
    cells: list[list[Any]] = [[1, 2], [2.5, None], [None, None]]
    windows = [
        Answers([2 * at, 2 * at + 1], predictions=[[0, 0]] * 2, carried={"a": values})
        for at, values in enumerate(cells)
    ]
    assert [row["a"] for row in _written("parquet", plus, windows, Options())] == [1, 2, 2.5, None, None, None]
    windows.append(Answers([6, 7, 8], predictions=[[0, 0]] * 3, carried={"a": ["x", True, [1]]}))
    found = [row["a"] for row in _written("parquet", plus, windows, Options())]
    assert found == ["1", "2", "2.5", None, None, None, "x", "true", "[1]"]
    assert [row["a"] for row in _written("csv", plus, windows, Options())][6:] == ["x", "true", "[1]"]


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
def test_the_top_and_the_threshold_go_to_every_format(packages: Path, name: str) -> None:
    predictor = Predictor(open_package(str(packages / "trip-mode"), 0), Settings())
    cases = orjson.loads(predictor.package.read("golden.json"))["cases"]
    instances = [instance for case in cases for instance in case["request"]["instances"]][:3]
    options = Options(parameters={"top_k": 2, "threshold": 1})
    made = writer(name, options, predictor)
    made.add(Scorer(predictor, options, 8, arrays=made.arrays).answer(Window(range(len(instances)), instances)))
    expected = orjson.loads(
        orjson.dumps(predictor.predict(instances, parameters=options.parameters), option=orjson.OPT_SERIALIZE_NUMPY)
    )
    rows = _table(name, made.finish())
    assert len(rows) == len(instances)
    for row, prediction in zip(rows, expected, strict=True):
        if name == "jsonl":
            assert row["prediction"] == prediction
            continue
        nothing = "" if name == "csv" else None
        shown = {
            key.removeprefix("probabilities."): float(value)
            for key, value in row.items()
            if key.startswith("probabilities.") and value != nothing
        }
        assert shown == pytest.approx(prediction["probabilities"], rel=1e-6)
        assert len(shown) == 2
        assert row["label"] == (nothing if prediction["label"] is None else prediction["label"])


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet", "npy"])
def test_a_part_that_outgrows_memory_refuses_the_file_and_says_what_to_change(
    plus: Predictor, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PART_BYTES", 1 << 20)
    made = writer(name, Options(), plus)
    window = Answers(range(10_000), tensors={"y": np.random.default_rng(0).random((10_000, 2), np.float32)})
    with pytest.raises(FileRefused, match=r"results of at most 1 MiB for a piece .* `parameters\.top_k`"):
        deque(map(made.add, [window] * 20))


@pytest.mark.parametrize("element", [TensorProto.FLOAT16, TensorProto.FLOAT, TensorProto.DOUBLE])
def test_npy_is_what_numpy_itself_would_write(tmp_path: Path, element: int) -> None:
    source = graphs.source(tmp_path, "same", graphs.identity(element))
    predictor = Predictor(build(source, tmp_path / "packages"), Settings())
    made = writer("npy", Options(), predictor)
    values = np.arange(12).reshape(4, 3).astype(helper.tensor_dtype_to_np_dtype(element))
    for at in (0, 2):
        made.add(Answers(range(at, at + 2), tensors={"y": values[at : at + 2]}))
    expected = io.BytesIO()
    np.save(expected, values)
    assert made.finish() == expected.getvalue()
    assert np.load(io.BytesIO(writer("npy", Options(), predictor).finish())).shape == (0, 1)
