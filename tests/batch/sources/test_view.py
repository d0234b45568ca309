"""What models make of files: the same from every format, and from real time."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from functions.batch.errors import FileRefused
from functions.batch.sources.view import View
from functions.core.errors import InvalidInput
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from tests.batch.sources.reading import file, windows

NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROWS = np.random.default_rng(0).uniform(0, 30, (50, 4))


@pytest.fixture(scope="module")
def iris(packages: Path) -> Predictor:
    """A model of four numbers, each within a range."""
    return Predictor(open_package(str(packages / "iris-svm"), 0), Settings())


def jsonl(rows: Array) -> bytes:
    return b"".join(orjson.dumps(dict(zip(NAMES, row, strict=True))) + b"\n" for row in rows.tolist())


def parquet(rows: Array) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({name: rows[:, at] for at, name in reversed(list(enumerate(NAMES)))}), content)
    return content.getvalue()


def csv(rows: Array) -> bytes:
    content = io.BytesIO()
    pyarrow.csv.write_csv(pa.table({name: rows[:, at] for at, name in enumerate(NAMES)}), content)
    return content.getvalue()


def npy(rows: Array) -> bytes:
    content = io.BytesIO()
    np.save(content, rows)
    return content.getvalue()


FORMATS: dict[str, Callable[[Array], bytes]] = {
    "jsonl": jsonl,
    "csv": csv,
    "parquet": parquet,
    "npy": npy,
}


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_model_is_fed_the_same_from_every_format(tmp_path: Path, iris: Predictor, format_name: str) -> None:
    expected = iris.preprocess.encode(ROWS.tolist(), "instances")
    (window,) = windows(format_name, file(tmp_path, FORMATS[format_name](ROWS)), View.of(iris, window=100))
    assert (window.tensors is None) == (format_name == "jsonl")
    feeds = window.tensors or iris.preprocess.encode(window.instances, "instances")
    assert list(feeds) == list(expected)
    for name, tensor in feeds.items():
        assert tensor.dtype == expected[name].dtype
        np.testing.assert_array_equal(tensor, expected[name])


@pytest.mark.parametrize("format_name", FORMATS)
def test_instances_are_given_where_they_are_wanted(tmp_path: Path, iris: Predictor, format_name: str) -> None:
    view = View.of(iris, window=100, instances=True)
    (window,) = windows(format_name, file(tmp_path, FORMATS[format_name](ROWS)), view)
    assert (window.tensors, len(window.instances)) == (None, 50)
    expected = iris.preprocess.encode(ROWS.tolist(), "instances")
    for name, tensor in iris.preprocess.encode(window.instances, "instances").items():
        np.testing.assert_array_equal(tensor, expected[name])


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_value_out_of_range_sends_its_window_row_by_row_with_real_times_words(
    tmp_path: Path, iris: Predictor, format_name: str
) -> None:
    rows = ROWS.copy()
    rows[7, 2] = 31
    found = list(windows(format_name, file(tmp_path, FORMATS[format_name](rows)), View.of(iris, window=25)))
    assert (found[0].tensors, len(found[0].instances)) == (None, 25)
    assert (found[1].tensors is None) == (format_name == "jsonl")
    with pytest.raises(InvalidInput) as refusal:
        iris.preprocess.encode(found[0].instances, "instances")
    assert "Expected a number from 0 to 30 - got 31 - at `instances[7]" in str(refusal.value)


def test_nothing_and_infinity_are_refused_as_real_time_does(tmp_path: Path, iris: Predictor) -> None:
    for value, got in ((np.nan, "nothing"), (np.inf, "inf")):
        rows = ROWS.copy()
        rows[0, 0] = value
        for format_name in ("parquet", "npy"):
            (window,) = windows(format_name, file(tmp_path, FORMATS[format_name](rows)), View.of(iris, window=100))
            assert window.tensors is None
            with pytest.raises(InvalidInput, match=f"got {got} - at `instances\\[0\\].sepal_length`"):
                iris.preprocess.encode(window.instances, "instances")


def test_an_array_of_other_columns_is_refused_with_the_features(tmp_path: Path, iris: Predictor) -> None:
    with pytest.raises(FileRefused) as refusal:
        list(windows("npy", file(tmp_path, npy(ROWS[:, :3])), View.of(iris)))
    assert str(refusal.value) == (
        "Expected an array of shape [rows, features] with 4 columns (sepal_length, sepal_width, petal_length,"
        " petal_width) - got [3]"
    )


def test_a_text_model_and_one_of_pictures_have_no_matrix(packages: Path, tmp_path: Path) -> None:
    for name in ("chinese-classics", "digits-cnn", "trip-mode"):
        view = View.of(Predictor(open_package(str(packages / name), 0), Settings()))
        assert (view.tensors, view.tabular) == ((), None)
        with pytest.raises(FileRefused, match=r"as \.npy is for models that take one tensor of numbers"):
            list(windows("npy", file(tmp_path, npy(ROWS)), view))
