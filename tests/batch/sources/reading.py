"""What the tests of reading share: files of given bytes, and all rows of one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from functions.batch.rows import Aim, Piece, Refusal, Window
from functions.batch.sources.decoding import opened
from functions.batch.sources.formats import source
from functions.batch.sources.opening import LocalFile, Opening
from functions.batch.sources.view import View
from functions.core.tensors import TensorSpec

WHOLE = Aim(1 << 40, 1 << 40, 1 << 40)
ANYTHING = View({}, window=3)
"""Of a model that takes any JSON."""
PEOPLE = {
    "type": "object",
    "required": ["age", "city"],
    "properties": {
        "age": {"type": "number"},
        "city": {"enum": ["Bath", "York"]},
        "is_new": {"type": ["boolean", "null"]},
    },
    "additionalProperties": False,
}
PAIRS = TensorSpec("x", "FP32", (-1, 2))
PAIR_ROWS = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
NUMBERS = View(PAIR_ROWS, (PAIRS,), window=3)
"""Of a model of two numbers without declared preprocessing."""


class Found(NamedTuple):
    """All that a file has."""

    instances: list[Any]
    numbers: list[int]
    lines: list[int]
    carried: dict[str, list[Any]]
    refused: list[Refusal]
    pieces: list[Piece]


def file(folder: Path, content: bytes, name: str = "rows") -> LocalFile:
    """A file of that content."""
    path = folder / name
    path.write_bytes(content)
    return LocalFile(str(path))


def windows(format_name: str, opening: Opening, view: View, aim: Aim = WHOLE) -> Iterator[Window]:
    """Every window of every piece."""
    reader = source(format_name)
    for piece in reader.plan(opening, aim):
        yield from reader.read(opening, piece, view)


def read(
    format_name: str, opening: Opening, view: View = ANYTHING, aim: Aim = WHOLE, compression: str | None = None
) -> Found:
    """A file as a whole; tensors as lists."""
    opening = opened(opening, compression)
    found = Found([], [], [], {}, [], list(source(format_name).plan(opening, aim)))
    for window in windows(format_name, opening, view, aim):
        assert window.numbers or window.refused
        found.instances.extend(rows(window))
        found.numbers.extend(window.numbers)
        found.lines.extend(window.lines)
        found.refused.extend(window.refused)
        for name, values in window.carried.items():
            assert len(values) == len(window.numbers)
            found.carried.setdefault(name, []).extend(values)
    return found


def rows(window: Window) -> list[Any]:
    """The rows of a window, whatever they came as."""
    if window.tensors is None:
        return list(window.instances)
    (tensor,) = window.tensors.values()
    return list(tensor.tolist())
