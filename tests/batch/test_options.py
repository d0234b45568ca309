"""What is wanted of results, read and written."""

import orjson
import pytest

from functions.batch.errors import FileRefused
from functions.batch.options import Options

ALL = {
    "format": "csv",
    "carry": ["city"],
    "ignore": "*",
    "id": "key",
    "parameters": {"top_k": 2},
    "explain": {"budget": 64},
    "version": "3",
    "compression": "gzip",
}


def test_every_option_is_read_and_rendered_again() -> None:
    found = Options.read(orjson.dumps(ALL), "note")
    assert found == Options("csv", ("city",), "*", "key", {"top_k": 2}, {"budget": 64}, "3", "gzip")
    assert found.render() == ALL


def test_an_empty_object_is_the_defaults() -> None:
    assert Options.read(b"{}", "note") == Options()
    assert Options().render() == {}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"[]", "Expected a JSON object - got [] - in note"),
        (b'{"format": "xml"}', "Expected one of jsonl, csv, parquet, npy - got 'xml' - in format of note"),
        (b'{"carry": "a"}', "Expected a list of columns - got 'a' - in carry of note"),
        (b'{"carry": ["a", "a"]}', "Expected each column once - got ['a', 'a'] - in carry of note"),
        (b'{"ignore": [1]}', 'Expected a list of columns, or "*" - got [1] - in ignore of note'),
        (b'{"version": 3}', "Expected text - got 3 - in version of note"),
        (b'{"explain": true}', "Expected an object or null - got True - in explain of note"),
        (
            b'{"format": "parquet", "compression": "gzip"}',
            "Expected no compression of parquet, which compresses inside - got 'gzip' - in note",
        ),
        (b'{"parameters": null}', "Expected an object - got None - in parameters of note"),
    ],
)
def test_a_wrong_option_is_refused_with_its_place(document: bytes, message: str) -> None:
    with pytest.raises(FileRefused) as refused:
        Options.read(document, "note")
    assert str(refused.value) == message


def test_a_carried_column_cannot_take_the_name_of_a_results_own() -> None:
    with pytest.raises(FileRefused, match="other columns than row, prediction, explanation"):
        Options.read(b'{"carry": ["row"]}', "note")


def test_an_unknown_option_and_broken_json_are_refused() -> None:
    with pytest.raises(FileRefused, match="only the options format, carry"):
        Options.read(b'{"formt": "csv"}', "note")
    with pytest.raises(FileRefused, match="Expected a JSON object"):
        Options.read(b"{", "note")
