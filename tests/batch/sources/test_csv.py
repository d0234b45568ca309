"""Comma-separated values."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim
from functions.batch.sources.limits import MAX_LINE
from functions.batch.sources.view import View
from tests.batch.sources.reading import NUMBERS, PEOPLE, file, read

TEXTS = View({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, window=4)
TEAM = View(PEOPLE, carry=("team",), window=10)
# A lone carriage return is a line end for some and none for others; the null character is for no one.
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)


@settings(deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 100),
)
def test_any_cells_come_back_in_order_at_any_piece_size(
    rows: list[tuple[str, str]], end: str, has_mark: bool, quotes_all: bool, piece_bytes: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL)
    writer.writerows([("a", "b"), *rows])
    content = (b"\xef\xbb\xbf" if has_mark else b"") + text.getvalue().encode()
    with TemporaryDirectory() as folder:
        found = read("csv", file(Path(folder), content), TEXTS, Aim(piece_bytes, 7, 100))
    assert found.instances == [{"a": a or None, "b": b or None} for a, b in rows]
    assert (found.numbers, found.refused) == (list(range(len(rows))), [])
    heights = [1 + a.count("\n") + b.count("\n") for a, b in rows]
    assert found.lines == (2 + np.concatenate(([0], np.cumsum(heights[:-1])))).astype(int).tolist()


def test_cells_become_what_the_features_are(tmp_path: Path) -> None:
    content = b"id,age,city,is_new,team\r\nx,41,Bath,true,red\r\ny,,York,,\r\nz,old,Rome,maybe,blue\r\n"
    found = read("csv", file(tmp_path, content), TEAM)
    assert found.instances == [
        {"age": 41.0, "city": "Bath", "is_new": True},
        {"age": None, "city": "York", "is_new": None},
        {"age": "old", "city": "Rome", "is_new": "maybe"},
    ]
    assert found.carried == {"team": ["red", "", "blue"], "id": ["x", "y", "z"]}
    assert found.lines == [2, 3, 4]


def test_rows_of_numbers_are_tensors_and_say_no_less_where_one_is_bad(tmp_path: Path) -> None:
    good = read("csv", file(tmp_path, b"a,b\n1,2\n3,4.5\n"), NUMBERS)
    assert good.instances == [[1.0, 2.0], [3.0, 4.5]]
    bad = read("csv", file(tmp_path, b"a,b\n1,2\n3,x\n5,nan\n7\n"), NUMBERS)
    assert bad.instances == [[1.0, 2.0], [3.0, "x"], [5.0, "nan"]]
    assert [tuple(refusal) for refusal in bad.refused] == [
        (3, "Expected 2 cells, as the header has - got 1", 5, None, "invalid_input")
    ]


def test_a_row_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path) -> None:
    content = b'a,b\n\xff,1\n"x" y,2\n\n' + b"z" * (MAX_LINE + 1) + b",3\nfine,4\n"
    found = read("csv", file(tmp_path, content), TEXTS)
    assert (found.instances, found.numbers, found.lines) == ([{"a": "fine", "b": "4"}], [3], [6])
    assert [(refusal.row, refusal.line, refusal.reason.split(" - ")[0]) for refusal in found.refused] == [
        (0, 2, "Expected text in UTF-8"),
        (1, 3, "Expected cells as RFC 4180 has them"),
        (2, 5, f"Expected a row of at most {MAX_LINE} bytes"),
    ]


def test_a_quote_that_never_ends_is_one_refused_row_or_refuses_the_file_where_it_would_swallow_it(
    tmp_path: Path,
) -> None:
    found = read("csv", file(tmp_path, b'a,b\n1,2\n"3,4\n5,6\n'), TEXTS)
    assert ([refusal.row for refusal in found.refused], found.numbers) == ([1], [0])
    with pytest.raises(FileRefused, match=f"line 3 has a quote that does not end within {MAX_LINE} bytes"):
        read("csv", file(tmp_path, b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 600_000), TEXTS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty: it has no rows"),
        (b"age,city\n", "The file has no rows"),
        (b"age,city", "The file has no rows"),
        (b"age,city,age\n1,2,3\n", "Expected columns of different names - got several named 'age'"),
        (b"age,team\n1,x\n", "Expected the columns 'city' - got only 'age', 'team'"),
        (b"age,city\n1,Bath\n", "Expected the columns 'team' - got 'age', 'city'"),
        (
            b"age,city,team,x,y\n1,Bath,2,3,4\n",
            "Expected only the columns of the model's features - got 'x', 'y', too; name them in `carry` to have them"
            " in the results, or in `ignore` to leave them out",
        ),
        (
            b"age,city\n".decode().encode("utf-16"),
            "Expected text in UTF-8 - got UTF-16 or binary data; save the file as UTF-8",
        ),
        (b'"age,city\n1,2\n', "The file has no rows"),
    ],
)
def test_a_file_that_cannot_be_rows_of_the_model_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read("csv", file(tmp_path, content), TEAM)
    assert str(refusal.value) == reason


def test_columns_that_are_ignored_are_not_read(tmp_path: Path) -> None:
    content = b"age,city,x,team\n1,Bath,?,red\n"
    for ignore in (("x",), "*"):
        found = read("csv", file(tmp_path, content), TEAM._replace(ignore=ignore))
        assert (found.instances, found.carried) == ([{"age": 1.0, "city": "Bath"}], {"team": ["red"]})


def test_a_text_model_takes_the_only_column_or_the_one_named_text(tmp_path: Path) -> None:
    text = {"type": "string", "minLength": 1}
    view = View({"anyOf": [text, {"type": "object", "required": ["text"], "properties": {"text": text}}]}, window=9)
    assert read("csv", file(tmp_path, b'id,review\n1,good\n2,"bad, bad"\n'), view).instances == ["good", "bad, bad"]
    assert read("csv", file(tmp_path, b"text\ngood\n"), view).instances == [{"text": "good"}]
    nested = View({"type": "array", "items": {"type": "array"}}, window=9)
    assert read("csv", file(tmp_path, b'x\n"[[1,2],[3,4]]"\n'), nested).instances == [[[1, 2], [3, 4]]]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["number", "integer", "string"]),
    st.lists(st.text("0123456789+-.eExXnaifNI _ ", min_size=1, max_size=7), min_size=1, max_size=3),
)
def test_a_cell_means_the_same_whether_arrow_read_it_or_it_was_looked_at(kind: str, cells: list[str]) -> None:
    view = View({"type": "object", "properties": {"a": {"type": kind}}}, window=9)
    with TemporaryDirectory() as folder:
        plain = read("csv", file(Path(folder), "\n".join(["a", *cells]).encode()), view)
        quoted = read("csv", file(Path(folder), "\n".join(["a", *(f'"{cell}"' for cell in cells)]).encode()), view)
    assert repr(plain.instances) == repr(quoted.instances)
