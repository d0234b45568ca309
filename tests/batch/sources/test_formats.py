"""What the ending of a key says."""

import pytest

from functions.batch.errors import FileRefused
from functions.batch.sources.formats import FORMATS, format_of, source


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("digits/a.jsonl", ("jsonl", None)),
        ("digits@3/2026.11/A.CSV.GZ", ("csv", "gzip")),
        ("digits/a b+c.jsonl.zst", ("jsonl", "zstd")),
        ("digits/a.npy.gz", ("npy", "gzip")),
        ("digits/a.gz.parquet", ("parquet", None)),
        ("flowers/größe.zip", ("zip", None)),
    ],
)
def test_the_ending_names_format_and_compression(key: str, expected: tuple[str, str | None]) -> None:
    assert format_of(key) == expected


@pytest.mark.parametrize(
    "key", ["digits/a", "digits/a.txt", "digits.csv/a", "a.gz", "a.parquet.gz", "a.zip.zst", "a.csv.gz.gz"]
)
def test_any_other_ending_is_refused_with_those_that_are_read(key: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        format_of(key)
    assert str(refusal.value) == (
        "Expected a name that ends in .jsonl, .csv, .parquet, .npy, .zip, or .jsonl, .csv, .npy with .gz or .zst - got "
        f"{key.rsplit('/', 1)[-1]!r}"
    )


def test_every_format_has_a_reader() -> None:
    assert [type(source(name)).__name__ for name in FORMATS] == [
        "JsonLines",
        "CommaSeparated",
        "Parquet",
        "NpyArray",
        "Images",
    ]
