"""JSON Lines."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece
from functions.batch.sources.limits import MAX_LINE
from functions.batch.sources.view import View
from tests.batch.sources.reading import ANYTHING, PEOPLE, WHOLE, file, read

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.lists(VALUES, min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n", "\n\n \t\n"]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 200),
    st.integers(1, 12),
)
def test_any_rows_come_back_in_order_at_any_piece_size(
    values: list[Any], end: str, has_mark: bool, ends_well: bool, piece_bytes: int, piece_rows: int
) -> None:
    text = end.join(json.dumps(value, ensure_ascii=False) for value in values) + (end if ends_well else "")
    content = (b"\xef\xbb\xbf" if has_mark else b"") + text.encode("utf-8", "surrogatepass")
    with TemporaryDirectory() as folder:
        found = read("jsonl", file(Path(folder), content), aim=Aim(piece_bytes, piece_rows, 100))
    assert (found.instances, found.numbers, found.refused) == (values, list(range(len(values))), [])
    step = end.count("\n")
    assert found.lines == list(range(1, step * len(values) + 1, step))
    assert [piece.index for piece in found.pieces] == list(range(len(found.pieces)))
    ends, starts = [piece.end for piece in found.pieces[:-1]], [piece.start for piece in found.pieces[1:]]
    assert ends == starts
    assert found.pieces[0].start == 3 * has_mark


def test_a_piece_ends_with_the_first_line_that_reaches_its_size(tmp_path: Path) -> None:
    found = read("jsonl", file(tmp_path, b"1\n22\n333\n4\n"), aim=Aim(5, 100, 100))
    assert found.pieces == [Piece(0, 0, 5, 0, 1, rows=2), Piece(1, 5, 11, 2, 3, rows=2)]
    assert found.instances == [1, 22, 333, 4]


def test_bad_lines_are_refused_each_by_itself(tmp_path: Path) -> None:
    content = b'1\n{"a":\n\xff\n[1\n2]\n3,4\nNaN\n5\n'
    found = read("jsonl", file(tmp_path, content), ANYTHING._replace(window=100))
    assert (found.instances, found.numbers, found.lines) == ([1, 5], [0, 7], [1, 8])
    assert [(refusal.row, refusal.line, refusal.code) for refusal in found.refused] == [
        (row, row + 1, "invalid_json") for row in range(1, 7)
    ]
    assert found.refused[1].reason == "Expected text in UTF-8 - got the byte 0xff at column 1"
    assert found.refused[0].reason.startswith("Expected a JSON value - got a line that is none: ")


def test_lines_that_only_together_are_json_do_not_pass_for_rows(tmp_path: Path) -> None:
    found = read("jsonl", file(tmp_path, b"1,2\n[3\n4]\n"), ANYTHING._replace(window=100))
    assert (found.instances, [refusal.row for refusal in found.refused]) == ([], [0, 1, 2])


def test_a_line_of_ten_megabytes_is_one_refused_row(tmp_path: Path) -> None:
    content = b'1\n"' + b"a" * 10_000_000 + b'"\n2\n'
    found = read("jsonl", file(tmp_path, content))
    assert (found.instances, found.numbers, found.lines) == ([1, 2], [0, 2], [1, 3])
    ((row, reason, line, _, code),) = found.refused
    assert (row, line, code) == (1, 2, "payload_too_large")
    assert reason == f"Expected a row of at most {MAX_LINE} bytes - got a longer one"


def test_ids_and_carried_values_stand_beside_the_instance_or_around_it(tmp_path: Path) -> None:
    content = (
        b'{"age": 1, "city": "Bath", "id": "a", "team": 7}\n'
        b'{"instance": {"age": 2, "city": "York"}, "team": 8}\n'
        b'[3, "York"]\n'
    )
    found = read("jsonl", file(tmp_path, content), View(PEOPLE, carry=("team",), window=10))
    assert found.instances == [{"age": 1, "city": "Bath"}, {"age": 2, "city": "York"}, [3, "York"]]
    assert found.carried == {"team": [7, 8, None], "id": ["a", None, None]}


def test_what_is_not_to_be_ignored_stays_for_the_model_to_refuse(tmp_path: Path) -> None:
    content = b'{"age": 1, "city": "Bath", "note": "x", "more": 2}\n'
    view = View(PEOPLE, window=10)
    whole = {"age": 1, "city": "Bath", "note": "x", "more": 2}
    for found, expected in (
        (view, whole),
        (view._replace(ignore=("note",)), {"age": 1, "city": "Bath", "more": 2}),
        (view._replace(ignore="*"), {"age": 1, "city": "Bath"}),
    ):
        assert read("jsonl", file(tmp_path, content), found).instances == [expected]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty: it has no rows"),
        (b"\xef\xbb\xbf", "The file has no rows"),
        (b"\n \r\n\n", "The file has no rows"),
        ("1\n2\n".encode("utf-16"), "Expected text in UTF-8 - got UTF-16 or binary data; save the file as UTF-8"),
        ("1\n2\n".encode("utf-16-le"), "Expected text in UTF-8 - got UTF-16 or binary data; save the file as UTF-8"),
    ],
)
def test_a_file_without_rows_or_of_another_encoding_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read("jsonl", file(tmp_path, content))
    assert str(refusal.value) == reason


def test_a_file_of_too_many_rows_is_refused(tmp_path: Path) -> None:
    assert len(read("jsonl", file(tmp_path, b"1\n2\n3"), aim=WHOLE._replace(max_rows=3)).instances) == 3
    with pytest.raises(FileRefused, match="Expected at most 2 rows - got more"):
        read("jsonl", file(tmp_path, b"1\n2\n3"), aim=WHOLE._replace(max_rows=2))
