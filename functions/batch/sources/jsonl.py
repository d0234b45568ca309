"""JSON Lines: a row is an instance, or an object of an instance and what goes beside it."""

from collections.abc import Iterator, Sequence
from secrets import randbits
from typing import Any, cast

import orjson

from functions.batch.rows import Aim, Piece, Refusal, Window
from functions.batch.sources.lines import JSON_LINES, TOO_LONG, Batch, batches, numbers, pieces, text_start
from functions.batch.sources.opening import Opening
from functions.batch.sources.view import View

BOUNDARY = randbits(60)
"""Stands between lines that are parsed at once; no file can know it."""
JOINT = b",%d," % BOUNDARY
BROKEN = object()
"""Stands for a line that is none."""


class JsonLines:
    """Files of one JSON value a line."""

    def head(self, opening: Opening) -> int:  # noqa: ARG002 - other formats look at it
        """None: a mark at the beginning is no part of a piece."""
        return 0

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """Pieces in bytes."""
        return pieces(opening, JSON_LINES, aim, text_start(opening), 1)

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """Instances as they stand."""
        beside = Beside(view)
        for batch in batches(opening, JSON_LINES, piece, view.window):
            yield beside.window(batch, *_values(batch))


class Beside:
    """What of a row's object is no part of the instance: the id, carried and ignored values."""

    def __init__(self, view: View) -> None:
        shapes = view.schema.get("anyOf", [view.schema])
        self._known = {name for shape in shapes for name in shape.get("properties", ())}
        self._id = view.id or "id"
        self._named = view.id is not None
        self._carry = view.carry
        self._drops = () if view.ignore == "*" else view.ignore
        self._drops_all = view.ignore == "*" and bool(self._known)
        self._own = {self._id} - self._known if not self._named else {self._id}

    def window(self, batch: Batch, values: list[Any], refused: list[Refusal]) -> Window:
        """The window of a batch whose values have been parsed; those that are BROKEN have been refused."""
        rows: Sequence[int] = numbers(batch)
        lines = batch.lines
        if refused:
            kept = [index for index, value in enumerate(values) if value is not BROKEN]
            rows, lines = [rows[index] for index in kept], [lines[index] for index in kept]
            values = [values[index] for index in kept]
        if dict not in set(map(type, values)):
            carried = {name: [None] * len(rows) for name in (*self._carry, *((self._id,) if self._named else ()))}
            return Window(rows, values, carried=carried, refused=refused, lines=lines)
        instances, carried = self._taken_out(values)
        return Window(rows, instances, carried=carried, refused=refused, lines=lines)

    def _taken_out(self, values: list[Any]) -> tuple[list[Any], dict[str, list[Any]]]:
        """Instances and the columns beside them."""
        columns: dict[str, list[Any]] = {name: [] for name in self._carry}
        ids: list[Any] = []
        instances = []
        for value in values:
            row = value if type(value) is dict else {}
            ids.append(row.get(self._id) if self._own else None)
            for name, column in columns.items():
                column.append(row.get(name))
            instances.append(self._instance(row) if row else value)
        if self._named or any(value is not None for value in ids):
            columns["id"] = ids
        return instances, columns

    def _instance(self, row: dict[str, Any]) -> Any:
        if "instance" in row and "instance" not in self._known:
            return row["instance"]
        if self._drops_all:
            return {name: value for name, value in row.items() if name in self._known}
        for name in (*self._own, *self._carry, *self._drops):
            # A feature that is carried too stays with the instance.
            if name in row and (name not in self._known or name in self._drops):
                del row[name]
        return row


def _values(batch: Batch) -> tuple[list[Any], list[Refusal]]:
    """The value of each line, BROKEN where there is none, and the refusals of those."""
    texts = batch.texts
    if None not in texts:
        try:
            # Many at once are parsed in half the time. The boundary shows that none of them was half a value or two.
            values = orjson.loads(b"[%b]" % JOINT.join(cast("Sequence[bytes]", texts)))
        except orjson.JSONDecodeError:
            pass
        else:
            if len(values) == 2 * len(texts) - 1 and values[1::2] == [BOUNDARY] * (len(texts) - 1):
                return values[::2], []
    values, refused = [], []
    for row, line, text in zip(numbers(batch), batch.lines, texts, strict=True):
        try:
            values.append(orjson.loads(text or b""))
        except orjson.JSONDecodeError as fault:
            values.append(BROKEN)
            code = "payload_too_large" if text is None else "invalid_json"
            refused.append(Refusal(row, _reason(text, fault), line, code=code))
    return values, refused


def _reason(text: bytes | None, fault: orjson.JSONDecodeError) -> str:
    if text is None:
        return TOO_LONG
    try:
        text.decode()
    except UnicodeDecodeError as wrong:
        return f"Expected text in UTF-8 - got the byte 0x{text[wrong.start]:02x} at column {wrong.start + 1}"
    return f"Expected a JSON value - got a line that is none: {fault}"
