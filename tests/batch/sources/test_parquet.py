"""Parquet."""

import datetime
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece
from functions.batch.sources.opening import LocalFile
from functions.batch.sources.parquet import Parquet
from functions.batch.sources.view import View
from functions.core.errors import StoreUnavailable
from tests.batch.sources.reading import NUMBERS, PEOPLE, file, read, windows

TEAM = View(PEOPLE, carry=("team",), window=10)


def written(columns: dict[str, Any], **how: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, **how)
    return content.getvalue()


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(1, 400), st.integers(1, 30), st.integers(1, 9))
def test_any_rows_come_back_at_any_size_of_groups_and_pieces(
    rows: int, group: int, piece_bytes: int, piece_rows: int, window: int
) -> None:
    values = np.random.default_rng(rows).normal(size=(rows, 2)).astype(np.float32)
    content = written({"a": values[:, 0], "b": values[:, 1]}, row_group_size=group)
    with TemporaryDirectory() as folder:
        aim = Aim(piece_bytes, piece_rows, 100)
        found = read("parquet", file(Path(folder), content), NUMBERS._replace(window=window), aim)
    assert (found.instances, found.numbers) == (values.tolist(), list(range(rows)))
    assert [piece.start for piece in found.pieces] == [0, *(piece.end for piece in found.pieces[:-1])]
    assert found.pieces[-1].end == rows


def test_a_piece_is_of_whole_row_groups_where_they_are_small_enough(tmp_path: Path) -> None:
    content = written({"a": np.arange(25.0), "b": np.arange(25.0)}, row_group_size=10)
    plan = list(Parquet().plan(file(tmp_path, content), Aim(1 << 20, 20, 100)))
    assert plan == [Piece(0, 0, 20, 0, rows=20), Piece(1, 20, 25, 20, rows=5)]
    plan = list(Parquet().plan(file(tmp_path, content), Aim(1 << 20, 7, 100)))
    assert [(piece.start, piece.end) for piece in plan] == [(0, 7), (7, 10), (10, 17), (17, 20), (20, 25)]


def test_columns_become_instances_by_the_schema(tmp_path: Path) -> None:
    day = datetime.date(2026, 1, 2)
    content = written({"city": ["Bath", None], "age": [1.5, float("nan")], "team": [day, None], "id": [7, 8]})
    found = read("parquet", file(tmp_path, content), TEAM)
    assert found.instances == [{"city": "Bath", "age": 1.5}, {"city": None, "age": None}]
    assert found.carried == {"team": ["2026-01-02", None], "id": [7, 8]}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1.0, 2.0], [3.0, 4.0]]),
        pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)),
        pa.array([[1, 2], [3, 4]]),
        pa.array(["[1, 2]", "[3.0, 4.0]"]),
    ],
)
def test_one_column_of_lists_is_rows_of_a_tensor(tmp_path: Path, column: Any) -> None:
    (window,) = windows("parquet", file(tmp_path, written({"row": column})), NUMBERS)
    if column.type == pa.string():
        assert window.instances == [[1, 2], [3.0, 4.0]]
    else:
        assert window.tensors is not None
        assert window.tensors["x"].tolist() == [[1, 2], [3, 4]]
        assert window.tensors["x"].dtype == np.float32


def test_a_window_with_a_null_or_a_list_of_another_length_is_read_row_by_row(tmp_path: Path) -> None:
    content = written({"a": [1.0, None, 3.0, 4.0], "b": [1.0, 2.0, 3.0, 4.0]})
    first, second = windows("parquet", file(tmp_path, content), NUMBERS)
    assert (first.instances, first.tensors) == ([[1.0, 1.0], [None, 2.0], [3.0, 3.0]], None)
    assert second.tensors is not None
    found = read("parquet", file(tmp_path, written({"row": [[1.0, 2.0], [3.0]]})), NUMBERS)
    assert found.instances == [[1.0, 2.0], [3.0]]


PAIRS = written({"a": np.arange(9.0), "b": np.arange(9.0)})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,2\n", "The file is no Parquet, or not all of it"),
        (PAIRS[:-5], "The file is no Parquet, or not all of it"),
        (b"PAR1" + b"\0" * 300 + PAIRS[-300:], "The file cannot be read as Parquet: "),
        (PAIRS[:-8] + b"\xff\xff\xff\x7fPAR1", "Expected a Parquet footer of at most"),
        (written({"a": np.ones(0), "b": np.ones(0)}), "The file has no rows"),
        (written({"a": np.ones(101), "b": np.ones(101)}), "Expected at most 100 rows - got 101"),
        (
            written({"row": ["x" * (1 << 20)] * 20, "b": np.ones(20)}, use_dictionary=False, compression="zstd"),
            "The column 'row' would grow",
        ),
    ],
)
def test_a_file_that_is_no_parquet_or_one_that_lies_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read("parquet", file(tmp_path, content), NUMBERS, Aim(1 << 20, 1000, 100))
    assert str(refusal.value).startswith(reason)


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"]), content)
    with pytest.raises(FileRefused, match="Expected columns of different names - got several named 'a'"):
        read("parquet", file(tmp_path, content.getvalue()), NUMBERS)


def test_damaged_pages_refuse_the_file_in_words(tmp_path: Path) -> None:
    content = bytearray(PAIRS)
    content[4:60] = b"\xff" * 56
    with pytest.raises(FileRefused, match="The file cannot be read as Parquet"):
        read("parquet", file(tmp_path, bytes(content)), NUMBERS)


def test_a_store_that_fails_does_not_condemn_the_file(tmp_path: Path) -> None:
    class Failing(LocalFile):
        """Loses its connection after the footer."""

        def read(self, start: int, end: int) -> bytes:
            if start < 100 and end > 4:
                raise StoreUnavailable("rows", "reset")
            return super().read(start, end)

    content = written({"a": np.random.default_rng(0).normal(size=300_000), "b": np.ones(300_000)})
    file(tmp_path, content)
    with pytest.raises(StoreUnavailable):
        read("parquet", Failing(str(tmp_path / "rows")), NUMBERS)


def test_texts_that_stand_once_for_many_rows_are_held_once(tmp_path: Path) -> None:
    texts = ["x" * (1 << 19), None, "short"] * 60
    content = written({"text": texts}, use_dictionary=True, row_group_size=60)
    assert len(content) < 1 << 19
    found = list(windows("parquet", file(tmp_path, content), View({"type": "string"}, window=60)))
    assert [row for window in found for row in window.instances] == texts
    assert all(len({id(row) for row in window.instances}) == 3 for window in found)
