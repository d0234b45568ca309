"""reference.json: parsed strictly, and the same for the same content."""

from typing import Any

import orjson
import pytest

from functions.core.drift.reference import LARGEST, Feature, Reference, parse
from functions.core.errors import InvalidPackage

AGE = Feature("age", (10, 20), edges=(20.5,), low=0.0, unit="years")
COLOUR = Feature("output:colour", (12, 16), missing=2, codes=(1,), categories=("red",), low=0.0, high=3.0)
WHOLE = Reference(30, (AGE, COLOUR), ("height",), {"file": "evaluation.jsonl"})


def test_what_is_written_is_read_again() -> None:
    content = WHOLE.render()
    assert parse(content, "m@1") == WHOLE
    assert parse(content, "m@1").render() == content


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "expected format 1 of reference.json - got 2"),
        ({"rows": -1}, "expected a count, got -1"),
        ({"rows": 31}, "the counts of age are not those of 31 rows"),
        ({"features": [{"name": "a"}]}, "KeyError"),
        ({"features": [{**AGE.document(), "values": [1]}]}, "no field 'values'"),
        ({"features": [{**AGE.document(), "edges": [2, 1], "counts": [10, 10, 10]}]}, "do not fit each other"),
        ({"features": [{**AGE.document(), "edges": ["x"]}]}, "expected a number"),
        ({"features": [{**AGE.document(), "counts": [10, 20.5]}]}, "expected a count"),
        ({"features": [{**AGE.document(), "counts": [10, True]}]}, "expected a count"),
        ({"features": [{**AGE.document(), "name": "x" * 201}]}, "expected a name"),
        ({"features": [{**COLOUR.document(), "codes": [2**30]}]}, "too many bins"),
        ({"features": [{**COLOUR.document(), "categories": []}]}, "0 names of 1 categories"),
        ({"features": [AGE.document()] * 2}, "two of one name"),
        ({"features": 5}, "TypeError"),
    ],
)
def test_what_cannot_be_is_refused_in_words(change: dict[str, Any], reason: str) -> None:
    content = orjson.loads(WHOLE.render()) | change
    with pytest.raises(InvalidPackage, match=r"m@1") as refused:
        parse(orjson.dumps(content), "m@1")
    assert reason in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"{" * 100_000])
def test_what_is_no_reference_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidPackage, match=r"reference\.json is damaged"):
        parse(content, "m@1")


def test_a_file_that_is_too_large_is_not_even_parsed() -> None:
    with pytest.raises(InvalidPackage, match=r"expected reference\.json of at most"):
        parse(b"x" * (LARGEST + 1), "m@1")
