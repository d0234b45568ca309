"""NumPy's arrays."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece
from functions.batch.sources.npy import NpyArray
from functions.batch.sources.view import View
from functions.core.tensors import Array, TensorSpec
from tests.batch.sources.reading import NUMBERS, WHOLE, file, read, windows


def saved(array: Array, **how: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, array, **how)
    return content.getvalue()


PAIRS = saved(np.arange(14, dtype=np.float32).reshape(7, 2))
VAST = PAIRS.replace(b"(7, 2), }                ", b"(7000000000, 2), }       ")


@settings(deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-(2.0**99), 2.0**99, width=32)),
    st.integers(1, 60),
    st.integers(1, 9),
)
def test_any_array_comes_back_at_any_piece_size(array: Array, piece_bytes: int, piece_rows: int) -> None:
    with TemporaryDirectory() as folder:
        found = read("npy", file(Path(folder), saved(array)), NUMBERS, Aim(piece_bytes, piece_rows, 100))
    assert found.instances == array.tolist()
    assert found.numbers == list(range(len(array)))
    assert [piece.row for piece in found.pieces[1:]] == [(piece.end - 128) // 8 for piece in found.pieces[:-1]]


def test_pieces_are_bytes_behind_the_header(tmp_path: Path) -> None:
    plan = list(NpyArray().plan(file(tmp_path, PAIRS), Aim(30, 100, 100)))
    assert plan == [Piece(0, 128, 160, 0, rows=4), Piece(1, 160, 184, 4, rows=3)]


@pytest.mark.parametrize("dtype", ["float64", "float16", "int16", "int64", "uint8"])
def test_numbers_become_the_models_type(tmp_path: Path, dtype: str) -> None:
    (window,) = windows("npy", file(tmp_path, saved(np.array([[1, 2], [3, 4]], dtype))), NUMBERS)
    assert window.tensors is not None
    assert window.tensors["x"].dtype == np.float32
    assert window.tensors["x"].tolist() == [[1, 2], [3, 4]]


def test_a_number_that_the_models_type_does_not_hold_refuses_its_row(tmp_path: Path) -> None:
    found = read("npy", file(tmp_path, saved(np.array([[1.0, 2], [1e300, 4], [5, 6]]))), NUMBERS)
    assert (found.instances, found.numbers) == ([[1, 2], [5, 6]], [0, 2])
    assert [tuple(refusal) for refusal in found.refused] == [
        (1, "Expected a number within +-3.4e38 - got another", 0, None, "invalid_input")
    ]
    bytes_view = View({}, (TensorSpec("x", "INT8", (-1,)),), window=9)
    assert read("npy", file(tmp_path, saved(np.array([1, 300, -5]))), bytes_view).numbers == [0, 2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is no array of NumPy"),
        (b"PAR1 and so on", "The file is no array of NumPy"),
        (PAIRS[:40], "The file is no array of NumPy"),
        (PAIRS[:-1], "Expected 184 bytes, as the file says that it is float32 of shape [7, 2] - got 183"),
        (PAIRS + b"more", "Expected 184 bytes, as the file says that it is float32 of shape [7, 2] - got 188"),
        (VAST, "Expected at most 4294967296 rows - got 7000000000"),
        (saved(np.array([None, {}]), allow_pickle=True), "Expected an array of numbers - got the dtype object"),
        (saved(np.zeros(3, [("a", "f4")])), "Expected an array of numbers - got the dtype [('a', '<f4')]"),
        (saved(np.array(["a"])), "Expected an array of numbers - got the dtype <U1"),
        (saved(np.asfortranarray(np.ones((3, 2)))), "Expected an array in C order - got Fortran order"),
        (saved(np.array(3.0)), "Expected an array of rows - got a single number"),
        (saved(np.ones((0, 2))), "The file has no rows: its shape is [0, 2]"),
        (saved(np.ones((2, 3))), "Expected rows of shape [2] - got [3]"),
        (saved(np.ones((2, 2), bool)), "Expected numbers of the type float32 - got bool"),
        (saved(np.ones((2, 2), complex)), "Expected an array of numbers - got the dtype complex128"),
    ],
)
def test_a_file_that_is_no_array_of_the_models_numbers_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read("npy", file(tmp_path, content), NUMBERS, Aim(1 << 20, 1 << 20, 1 << 32))
    assert str(refusal.value).startswith(reason)


def test_a_file_that_lost_its_end_since_it_was_planned_is_refused(tmp_path: Path) -> None:
    (piece,) = NpyArray().plan(file(tmp_path, PAIRS), WHOLE)
    with pytest.raises(FileRefused, match="The file ends within a row"):
        list(NpyArray().read(file(tmp_path, PAIRS[:-3]), piece, NUMBERS))
