"""Answers as files of each format."""

import gzip
import io
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.results.writer import refusals, writer
from functions.batch.rows import Answers, Refusal
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

PREDICTION = {"label": "benign", "probabilities": {"malignant": np.float32(0.25), "benign": np.float32(0.75)}}
ANSWERS = Answers([0, 2], predictions=[PREDICTION, PREDICTION], carried={"id": ["a", 'b,"']}, refused=[Refusal(1, "x")])


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
