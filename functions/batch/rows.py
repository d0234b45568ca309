"""What passes between reading, answering and writing: windows of rows, and what became of each row."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from functions.core.tensors import Array


class Aim(NamedTuple):
    """How a file is cut: a piece ends with the first row that reaches either."""

    piece_bytes: int
    piece_rows: int
    max_rows: int
    """Rows of the file beyond which it is refused."""


class Piece(NamedTuple):
    """A part of a file that is read, answered and written alone; pieces of a file never overlap nor leave a gap."""

    index: int  # type: ignore[assignment]  # of a tuple's own method of that name nobody asks
    """Its place among the file's pieces, from 0."""
    start: int
    """Where it begins; in bytes, rows or entries, as the format counts."""
    end: int
    """Where the next one begins."""
    row: int
    """Number of its first row in the file, from 0."""
    line: int = 0
    """Number of its first line in the file, from 1; 0 in files that have none."""
    source: str = ""
    """Key of the object that was written for it; empty: the dropped object itself."""
    rows: int = 0
    """How many rows it has, those included that will be refused."""


class Refusal(NamedTuple):
    """A row that has no answer, and why."""

    row: int
    reason: str
    line: int = 0
    """From 1; 0 in files without lines."""
    id: Any = None
    """The row's own id, where one could be read."""
    code: str = "invalid_input"


class Window(NamedTuple):
    """Rows as they were read, in the file's order: instances in the user's terms, or tensors."""

    numbers: Sequence[int]
    """Of the rows that could be read, ascending."""
    instances: Sequence[Any] = ()
    """One for each of them; empty where there are tensors."""
    tensors: Mapping[str, Array] | None = None
    """Feeds of the model, the first dimension counts the rows; for files of numbers that need no look at each."""
    carried: Mapping[str, Sequence[Any]] = {}
    """Columns that go along to the results, `id` among them where the file has ids: one value for each row."""
    refused: Sequence[Refusal] = ()
    """Rows that could not be read."""
    lines: Sequence[int] = ()
    """Line of each of them; empty in files without lines."""


class Answers(NamedTuple):
    """What became of a window's rows: an answer or a refusal each."""

    numbers: Sequence[int]
    """Of the rows that were answered, ascending."""
    predictions: Sequence[Any] = ()
    """One for each of them, of types that orjson writes; empty where there are tensors."""
    tensors: Mapping[str, Array] | None = None
    """Output tensors by name, for results that are arrays."""
    carried: Mapping[str, Sequence[Any]] = {}
    """As in the window, of the rows that were answered."""
    explanations: Sequence[Any] = ()
    """One for each of them, where they were asked for."""
    refused: Sequence[Refusal] = ()
    """The others, ascending."""
