"""evaluation.jsonl and calibration.jsonl: a row a line, {"instance": ..., "label": ...}, in the user's terms."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from functions.core.errors import brief
from toolchain.compression.evaluation.errors import InvalidData

FIELDS = {"instance", "label"}
LEAST = 2
ROW = 'an object {"instance": ..., "label": ...}'


class Rows(NamedTuple):
    """Rows of a file.

    Attributes:
        file: its name, for messages.
        instances: what is asked.
        labels: what is right, or None where the file does not say.
        lines: the line of each row.
        digest: SHA-256 of the file, in hex.
    """

    file: str
    instances: list[Any]
    labels: list[Any] | None
    lines: list[int]
    digest: str

    def place(self, index: int) -> str:
        """Where a row stands."""
        return f"{self.file}:{self.lines[index]}"

    def __len__(self) -> int:
        return len(self.instances)


def read(path: Path, least: int = LEAST) -> Rows:
    """Read a file; blank lines do not count.

    Raises:
        InvalidData: it is not there, a line is no row, only some rows have labels, or there are fewer than `least`.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InvalidData(path.name, "a file of rows", fault.strerror or str(fault)) from None
    rows = [(line, _row(text, f"{path.name}:{line}")) for line, text in _lines(content)]
    if len(rows) < least:
        raise InvalidData(path.name, f"at least {least} rows", str(len(rows)))
    _check_labels(path.name, rows)
    labelled = "label" in rows[0][1]
    return Rows(
        path.name,
        [row["instance"] for _, row in rows],
        [row["label"] for _, row in rows] if labelled else None,
        [line for line, _ in rows],
        hashlib.sha256(content).hexdigest(),
    )


def shared(first: Rows, second: Rows) -> int:
    """How many rows of the second file are asked in the first as well."""
    known = {orjson.dumps(instance) for instance in first.instances}
    return sum(orjson.dumps(instance) in known for instance in second.instances)


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, text) for number, text in enumerate(content.split(b"\n"), 1) if text.strip())


def _row(text: bytes, place: str) -> dict[str, Any]:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        expected = f"{ROW} in JSON, which has no NaN and no infinity"
        raise InvalidData(place, expected, f"{brief(text.decode(errors='replace'))} ({fault})") from None
    if not isinstance(row, dict):
        raise InvalidData(place, ROW, brief(row))
    if unknown := sorted(row.keys() - FIELDS):
        raise InvalidData(place, "only the fields instance and label", f"the field {brief(unknown[0])}")
    if "instance" not in row:
        raise InvalidData(place, ROW, f"only {brief(list(row))}")
    return row


def _check_labels(file: str, rows: list[tuple[int, dict[str, Any]]]) -> None:
    """A metric over some of the rows, and an agreement over all of them, would not be about the same."""
    first = "label" in rows[0][1]
    for line, row in rows:
        if ("label" in row) != first:
            expected = f"{'a' if first else 'no'} label, as line {rows[0][0]} has {'one' if first else 'none'}"
            raise InvalidData(f"{file}:{line}", expected, "one" if "label" in row else "none")
