"""Large tensors in JSON: their lists of numbers are parsed piece by piece, straight into the array.

Parsed as one, each number takes some 60 bytes for the 4 of its element, and so does each that is one too many. In a
document without a backslash, every quotation mark begins or ends a string; that makes the list that is the value of a
member easy to find. Whatever is not found is parsed as any other JSON is, within the limit that it has.
"""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidInput, InvalidJson
from functions.core.occurrences import occurrences
from functions.core.tensors import Array, TensorSpec, blank, from_json
from functions.predict.exchange import parse_json

MARK = "~numbers~"
"""What stands for a list in the document, with its number; a document in which it occurs is parsed as it is."""
SHORT = 4096
"""Bytes of a list from which on it is left out."""
KEYS_LIMIT = 64
"""Members that are looked at; more are no large tensors, and would take long."""
PIECE = 64 * 1024
"""Bytes that are parsed at a time."""
SPACE = b" \t\r\n"
FLAT = SPACE + b"[]"
"""What is around the first and the last piece of a flat list."""
STRUCTURE = b"[],"
ELEMENTS = bytes(byte for byte in range(256) if byte not in STRUCTURE)
"""Bytes of what is no structure: whether an element is a number is seen when it is parsed."""


class Numbers(NamedTuple):
    """A list of numbers, nested or flat, that lies in a document from `start` to `stop`."""

    document: bytes
    start: int
    stop: int

    def array(self, spec: TensorSpec, shape: tuple[int, ...], path: str) -> Array:
        """The array of `spec.datatype` and `shape` that it is.

        Raises:
            InvalidInput: as `from_json` does.
            InvalidJson: it is not JSON.
        """
        expected = prod(shape)
        count = occurrences(self.document, b",", self.start, self.stop) + 1
        if count != expected:
            raise InvalidInput(path, f"{expected} values for the shape {list(shape)}", f"{count}")
        is_flat = self._is_flat()
        if not is_flat and not self._fits(shape):
            raise InvalidInput(path, f"lists nested to the shape {list(shape)}", "lists of other lengths or depth")
        flat = blank(spec.datatype, expected)
        done = 0
        for piece in self._pieces():
            try:
                values = orjson.loads(b"[%b]" % (piece.strip(FLAT) if is_flat else piece.translate(None, b"[]")))
            except orjson.JSONDecodeError as fault:
                raise InvalidJson(f"{fault}, in the piece of `{path}` that begins at [{done}]") from None
            flat[done : done + len(values)] = from_json(spec, (len(values),), values, path, done)
            done += len(values)
        return flat.reshape(shape)

    def _is_flat(self) -> bool:
        """Whether it has no brackets but the two around it."""
        inner = self.start + 1
        return self.document.find(b"[", inner, self.stop) < 0 and self.document.find(b"]", inner, self.stop - 1) < 0

    def _fits(self, shape: tuple[int, ...]) -> bool:
        """Whether its brackets and commas are those of nested lists of that shape."""
        row = b"," * (prod(shape[-1:]) - 1)
        for extent in reversed(shape[:-1]):
            row = b",".join([b"[%b]" % row] * extent)
        return b"".join(piece.translate(None, ELEMENTS) + b"," for piece in self._pieces()) == b"[%b]," % row

    def _pieces(self) -> Iterator[bytes]:
        """Its text, cut at commas."""
        start = self.start
        while start < self.stop:
            comma = self.document.find(b",", start + PIECE, self.stop)
            stop = comma if comma >= 0 else self.stop
            yield self.document[start:stop]
            start = stop + 1


def parse(document: bytes, holders: str = "inputs", member: str = "data") -> dict[str, Any]:
    """The JSON object that a large request is, with Numbers in place of long lists.

    Args:
        holders: the document's list of the objects that may have them.
        member: of which they are the value there.

    Raises:
        InvalidJson, InvalidInput, PayloadTooLarge: as `parse_json` does.
    """
    lists = _lists(document, f'"{member}"'.encode())
    if not lists:
        return parse_json(document)
    try:
        found = parse_json(_without(document, lists))
    except InvalidJson:
        return parse_json(document)  # which says where in all of it
    held = found.get(holders)
    left = {f"{MARK}{index}": numbers for index, numbers in enumerate(lists)}
    for holder in held if type(held) is list else []:
        if type(holder) is dict and type(holder.get(member)) is str and holder[member] in left:
            holder[member] = left.pop(holder[member])
    return parse_json(document) if left else found


def _lists(document: bytes, key: bytes) -> list[Numbers]:
    if b"\\" in document or MARK.encode() in document:
        return []
    found: list[Numbers] = []
    at = document.find(key)
    for _ in range(KEYS_LIMIT):
        if at < 0:
            break
        numbers = _list_at(document, at + len(key))
        if numbers:
            found.append(numbers)
        at = document.find(key, numbers.stop if numbers else at + len(key))
    return found


def _list_at(document: bytes, at: int) -> Numbers | None:
    """The long list of numbers that is the value of the member whose key ends here, if it is one."""
    value = document[at : at + SHORT].lstrip(SPACE).removeprefix(b":").lstrip(SPACE)
    first = value.lstrip(b"[" + SPACE)[:1]
    if not value.startswith(b"[") or not first or first not in b"-0123456789":
        return None
    start = document.index(b"[", at)
    # No number has a quotation mark or a brace: the list ends at the last bracket before either.
    quote = document.find(b'"', start)
    brace = document.find(b"}", start, quote if quote >= 0 else len(document))
    end = brace if brace >= 0 else quote
    stop = document.rfind(b"]", start, end) + 1 if end >= 0 else 0
    return Numbers(document, start, stop) if stop - start >= SHORT else None


def _without(document: bytes, lists: list[Numbers]) -> bytes:
    parts: list[bytes] = []
    done = 0
    for index, numbers in enumerate(lists):
        parts += (document[done : numbers.start], f'"{MARK}{index}"'.encode())
        done = numbers.stop
    return b"".join((*parts, document[done:]))
