"""Samples of every kind of file, and what in them does not fit."""

from pathlib import Path

import numpy as np
import pytest

from functions.core.tensors import TensorSpec
from toolchain.importing import samples
from toolchain.importing.contract import Column, Expected, Samples
from toolchain.importing.errors import InvalidSamples

TABLE = (Column("age"), Column("rooms", kind="whole"), Column("port", kind="word"))
PIXELS = TensorSpec("x", "FP32", (-1, 2, 2))
TOKENS = TensorSpec("ids", "INT64", (-1, -1))


def read(
    tmp_path: Path,
    name: str,
    content: str | bytes,
    columns: tuple[Column, ...] = TABLE,
    inputs: tuple[TensorSpec, ...] = (PIXELS,),
    labels: tuple[str, ...] = (),
    *,
    named: bool = True,
) -> Samples:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return samples.read(path, Expected(columns, inputs, labels, named))


def saved(tmp_path: Path, **arrays: object) -> bytes:
    """What numpy.savez writes; of the one array "only", what numpy.save does."""
    path = tmp_path / ("saved.npy" if "only" in arrays else "saved.npz")
    if "only" in arrays:
        np.save(path, np.asarray(arrays["only"]))
    else:
        np.savez(path, allow_pickle=True, **{name: np.asarray(array) for name, array in arrays.items()})
    return path.read_bytes()


def test_csv_gives_numbers_words_gaps_and_labels_with_their_lines(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", "\ufeffport,age,rooms,paid\nC,30.5,2,yes\n,NA,3.0,no\n\n", labels=("paid",))
    assert found.instances == [{"age": 30.5, "rooms": 2, "port": "C"}, {"age": None, "rooms": 3, "port": None}]
    assert (found.labels, found.places, found.file) == (["yes", "no"], ["a.csv:2", "a.csv:3"], "a.csv")


def test_columns_without_names_get_those_of_the_file(tmp_path: Path) -> None:
    nameless = (Column("x1"), Column("x2"))
    found = read(tmp_path, "a.csv", "width,height,y\n1,2,3\n", nameless, labels=("y",), named=False)
    assert [column.name for column in found.columns] == ["width", "height"]
    assert found.instances == [{"width": 1, "height": 2}]


def test_several_labels_are_an_object(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", "age,a,b\n1,2,3\n", (Column("age"),), labels=("a", "b"))
    assert found.labels == [{"a": "2", "b": "3"}]


def test_jsonl_gives_instances_with_or_without_labels(tmp_path: Path) -> None:
    first = '{"instance": {"age": 1, "rooms": 2, "port": "C"}, "label": "yes"}'
    lines = first + '\n\n{"instance": [null, 3, null], "label": 1}\n'
    found = read(tmp_path, "a.jsonl", lines)
    assert found.instances == [{"age": 1, "rooms": 2, "port": "C"}, {"age": None, "rooms": 3, "port": None}]
    assert (found.labels, found.places) == (["yes", 1], ["a.jsonl:1", "a.jsonl:3"])
    assert read(tmp_path, "b.jsonl", "[[1, 2], [3, 4]]\n", ()).instances == [[[1, 2], [3, 4]]]


def test_arrays_give_rows_of_tensors(tmp_path: Path) -> None:
    found = read(tmp_path, "a.npy", saved(tmp_path, only=np.zeros((3, 2, 2), np.float32)), ())
    assert found.instances == [[[0.0, 0.0], [0.0, 0.0]]] * 3
    assert found.places[2] == "row 2 of a.npy"
    both = saved(tmp_path, x=np.ones((2, 2, 2)), ids=np.array([[1.0, 2.0], [3.0, 4.0]]))
    named = read(tmp_path, "a.npz", both, (), (PIXELS, TOKENS))
    assert named.instances[1] == {"x": [[1.0, 1.0], [1.0, 1.0]], "ids": [3, 4]}


def test_a_matrix_gives_rows_of_a_table(tmp_path: Path) -> None:
    found = read(tmp_path, "a.npy", saved(tmp_path, only=[[1.5, np.nan]]), (Column("a"), Column("b")))
    assert found.instances == [{"a": 1.5, "b": None}]


def test_of_many_rows_evenly_spread_ones_are_taken(tmp_path: Path) -> None:
    rows = np.arange(3 * samples.LARGEST)[:, None]
    found = read(tmp_path, "a.npy", saved(tmp_path, only=rows), (Column("a"),))
    assert len(found.instances) == samples.LARGEST
    assert (found.instances[0]["a"], found.instances[-1]["a"]) == (0, 3 * samples.LARGEST - 1)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "age,rooms,port\n1,2\n", "Expected 3 cells, as the first line has - got 2 - at a.csv:2"),
        ("a.csv", "age,rooms,port\nold,2,C\n", "Expected a finite number - got 'old' - at `age` of a.csv:2"),
        ("a.csv", "age,rooms,port\ninf,2,C\n", "Expected a finite number - got inf - at `age` of a.csv:2"),
        ("a.csv", "age,rooms,port\n1,2.5,C\n", "Expected an integer - got 2.5 - at `rooms` of a.csv:2"),
        ("a.csv", "age,port\n1,C\n", "Expected the column 'rooms', as the model has it - got age, port - at a.csv:1"),
        ("a.csv", "age,age,port\n", "Expected different names of columns"),
        ("a.csv", "age,rooms,port\n", "at least one row - got none"),
        ("a.csv", "", "Expected the column 'age'"),
        ("a.csv", b"age,rooms,port\n\xff,2,C\n", "a file that can be read"),
        ("a.jsonl", '{"instance": {"old": 1}}', "Expected only the columns age, rooms, port - got a column 'old'"),
        ("a.jsonl", '{"instance": 1}', "Expected an object or a list of 3 values - got 1 - at a.jsonl:1"),
        ("a.jsonl", "{", "Expected a row in JSON"),
        ("a.jsonl", '[1, 2, "C"]\n{"instance": [1, 2, 3]}', "Expected a word - got 3 - at `port` of a.jsonl:2"),
        ("a.jsonl", '{"instance": [1, 2, "C"], "label": 1}\n[1, 2, "C"]', "Expected a label, as a.jsonl:1 has one"),
        ("a.parquet", "", "Expected a file of .csv, .npy, .npz, .jsonl - got '.parquet'"),
        ("a.npy", b"damaged", "arrays of numbers or texts, as numpy.save writes them"),
    ],
)
def test_what_does_not_fit_a_table_is_refused_by_its_place(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(InvalidSamples) as refused:
        read(tmp_path, name, content)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((3, 2)), "Expected FP32 of shape [rows, 2, 2] - got float64 of shape [3, 2]"),
        (np.zeros((3, 2, 3)), "Expected FP32 of shape [rows, 2, 2] - got float64 of shape [3, 2, 3]"),
        (
            np.full((1, 2, 2), np.nan),
            "Expected finite numbers, as requests in JSON have no others - got NaN or infinity",
        ),
        (np.array([{}], object), "arrays of numbers or texts"),
    ],
)
def test_what_does_not_fit_a_tensor_is_refused(tmp_path: Path, array: object, said: str) -> None:
    with pytest.raises(InvalidSamples) as refused:
        read(tmp_path, "a.npy", saved(tmp_path, only=array), ())
    assert said in str(refused.value)


def test_arrays_of_other_names_or_lengths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSamples, match=r"an array for each input, in an \.npz: x, ids - got x"):
        read(tmp_path, "a.npz", saved(tmp_path, x=np.zeros((2, 2, 2))), (), (PIXELS, TOKENS))
    with pytest.raises(InvalidSamples, match="as many rows in each array"):
        read(tmp_path, "a.npz", saved(tmp_path, x=np.zeros((2, 2, 2)), ids=np.zeros((3, 1))), (), (PIXELS, TOKENS))


def test_a_table_is_no_tensor_and_a_missing_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidSamples, match=r"tensors of FP32 of shape \[rows, 2, 2\]: .npy, .npz or .jsonl - got a table"
    ):
        read(tmp_path, "a.csv", "a,b\n", ())
    with pytest.raises(InvalidSamples, match="a file of samples - got nothing"):
        samples.read(tmp_path / "nowhere.csv", Expected(TABLE, ()))
