"""Requests as large as a body may be that are made to cost memory, each with the status that it must get."""

import gzip
import random
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from math import isqrt
from typing import NamedTuple

import orjson

from functions.core.processing.inputs.pictures import DECODED_LIMIT
from functions.core.settings import Settings
from functions.predict.exchange import MEMORY_LIMIT, WEIGHTS

LIMIT = Settings().max_body_bytes
SIDE = isqrt(DECODED_LIMIT)
"""Pixels of a side of the largest picture that is read."""
LENGTH = "Inference-Header-Content-Length"
IRIS, DIGIT, PHOTO = "iris-svm", "digits-cnn", "flower-photo"
OK, REFUSED, TOO_LARGE = 200, 400, 413
DATA, FIRST = "inputs[0].data", "instances[0]"
AT_MOST, IN_MEMORY = "a body of at most", "bytes in memory"


class Hostile(NamedTuple):
    """A request; `place` is what the message of a refusal must name."""

    path: str
    body: bytes
    status: int
    place: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    multiple: float = 3
    """Of the limit: what it may take; more only where there is an answer, which is made of it all at once."""


def filled(head: bytes, unit: bytes, tail: bytes, limit: int = LIMIT) -> bytes:
    """Head, as many units as fit between them, separated by commas, and tail."""
    count = (limit - len(head) - len(tail) + 1) // (len(unit) + 1)
    return head + (unit + b",") * (count - 1) + unit + tail


def parsed(unit: bytes) -> int:
    """The largest body of such units that is parsed."""
    weight = 3 * (len(unit) + 1) + sum(size * (unit + b",").count(mark) for mark, size in WEIGHTS)
    return MEMORY_LIMIT * (len(unit) + 1) // weight


def predict(
    unit: bytes, status: int = TOO_LARGE, place: str = IN_MEMORY, limit: int = LIMIT, model: str = IRIS
) -> Hostile:
    """As many instances as fit."""
    return Hostile(f"/v1/models/{model}:predict", filled(b'{"instances":[', unit, b"]}", limit), status, place)


def explain(unit: bytes, status: int = TOO_LARGE, place: str = IN_MEMORY, limit: int = LIMIT) -> Hostile:
    """As many instances to explain as fit."""
    return predict(unit, status, place, limit)._replace(path=f"/v1/models/{IRIS}:explain")


def tensor(
    unit: bytes, place: str = IN_MEMORY, shape: str = "[1,4]", status: int = REFUSED, limit: int = LIMIT
) -> Hostile:
    """An input whose data is as many units as fit."""
    head = f'{{"inputs":[{{"name":"features","datatype":"FP32","shape":{shape},"data":['.encode()
    return Hostile(f"/v2/models/{IRIS}/infer", filled(head, unit, b"]}]}", limit), status, place)


def values(unit: bytes) -> Hostile:
    """The same of what are no numbers."""
    return tensor(unit, status=TOO_LARGE)


def numbers(unit: bytes, last: bytes) -> Hostile:
    """An input whose data is right, but for its last element."""
    rows = (LIMIT - 300) // 4 // (len(unit) + 1)
    head = f'{{"inputs":[{{"name":"features","datatype":"FP32","shape":[{rows},4],"data":['.encode()
    body = head + (unit + b",") * (4 * rows - 1) + last + b"]}]}"
    return Hostile(f"/v2/models/{IRIS}/infer", body, REFUSED, DATA)


def member(head: bytes, unit: bytes, tail: bytes) -> Hostile:
    """An inference request with a member of as many units as fit."""
    return Hostile(f"/v2/models/{IRIS}/infer", filled(head, unit, tail), TOO_LARGE, IN_MEMORY)


LANES = {"v2": values, "v1": predict, "explain": explain}


def picture(content: bytes, status: int, place: str = "", model: str = DIGIT) -> Hostile:
    """One picture."""
    body = b'{"instances":[{"image":{"b64":"' + b64encode(content) + b'"}}]}'
    return Hostile(f"/v1/models/{model}:predict", body, status, place)


def png(width: int, height: int, colour: int = 0, *, pixels: bool = True) -> bytes:
    """A picture of zeros: 1 byte per pixel (colour 0), 3 (2) or 4 (6); without pixels, the header of one."""
    row = bytes(1 + width * {0: 1, 2: 3, 6: 4}[colour])
    stream = zlib.compressobj(9)
    data = b"".join([stream.compress(row) for _ in range(height if pixels else 1)]) + stream.flush()
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def bomb(encoding: str) -> Hostile:
    """A compressed body of the largest size there is, a thousand times as large when it is expanded."""
    stream = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15}[encoding])
    head = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    content = (head + again * (LIMIT // len(again)))[:LIMIT]
    return Hostile(f"/v1/models/{IRIS}:predict", content, TOO_LARGE, AT_MOST, {"Content-Encoding": encoding})


def compressed(inner: Hostile) -> Hostile:
    """The same, compressed: a few kilobytes that become the largest body there is."""
    headers = {"Content-Encoding": "gzip"}
    return inner._replace(body=gzip.compress(inner.body, 1), headers=headers)


def noise() -> Hostile:
    """A body that compression makes no smaller: what comes, what it expands to and what is made of that are alike."""
    content = random.Random(1).randbytes(LIMIT - 4096)  # noqa: S311 - any noise will do
    return Hostile(
        f"/v2/models/{IRIS}/infer", gzip.compress(content), TOO_LARGE, IN_MEMORY, {"Content-Encoding": "gzip"}
    )


def binary(model: str, named: str, datatype: str, shape: list[int], place: str, **given: int) -> Hostile:
    """An input as bytes: zeros to the limit; `size` and `length` are what the request claims of them."""
    claim = {"name": named, "shape": shape, "datatype": datatype}
    head = orjson.dumps({"inputs": [claim | {"parameters": {"binary_data_size": given.get("size", 99)}}]})
    if "size" not in given:
        head = head.replace(b":99}", f":{LIMIT - len(head) - 5}}}".encode())
    headers = {LENGTH: str(given.get("length", len(head)))}
    return Hostile(f"/v2/models/{model}/infer", head + bytes(LIMIT - len(head)), REFUSED, place, headers)


def strings(element: bytes, last: bytes, place: str, count: int = 0) -> Hostile:
    """A BYTES tensor of as many elements as fit and the last one; with a count, of so many and a byte too much."""
    unit = struct.pack("<I", len(element)) + element
    count = count or (LIMIT - 400) // len(unit)
    content = unit * (count - bool(last)) + (struct.pack("<I", len(last)) + last if last else b"\0")
    claim = {"name": "x", "shape": [count, 1], "datatype": "BYTES", "parameters": {"binary_data_size": len(content)}}
    head = orjson.dumps({"inputs": [claim]})
    return Hostile("/v2/models/echo/infer", head + content, REFUSED, place, {LENGTH: str(len(head))})


ROW = b"[5.1,3.5,1.4,0.2]"
PIXELS = b"[" + b",".join([b"[" + b",".join([b"0"] * 8) + b"]"] * 8) + b"]"
SIZE = "inputs[0].parameters.binary_data_size"

WIDE = b"x" * (LIMIT - 300) + "😀".encode()
NUMBERS = {"zeros": b"0", "halves": b"0.5", "9 digits": b"0.12345678", "1e308": b"1e308"}
VALUES = {
    "empty lists": b"[]",
    "empty objects": b"{}",
    "nulls": b"null",
    "short strings": b'"ab"',
    "objects": b'{"a":0}',
    "lists 500 deep": b"[" * 500 + b"]" * 500,
}

BODIES: dict[str, Callable[[], Hostile]] = {
    **{
        f"v2: too many numbers, {name}": lambda unit=unit: tensor(unit, DATA)  # type: ignore[misc]
        for name, unit in NUMBERS.items()
    },
    **{
        f"{lane}: {name}": lambda make=make, unit=unit: make(unit)  # type: ignore[misc]
        for lane, make in LANES.items()
        for name, unit in VALUES.items()
    },
    **{
        f"v2: {name}, as many as are parsed": lambda unit=unit: tensor(unit, DATA, limit=parsed(unit))  # type: ignore[misc]
        for name, unit in VALUES.items()
    },
    **{
        f"v1: {name}, as many as are parsed": lambda unit=unit: predict(unit, REFUSED, FIRST, parsed(unit))  # type: ignore[misc]
        for name, unit in VALUES.items()
    },
    "v2: lists of numbers, too many": lambda: tensor(b"[0,0,0,0]", DATA),
    "v2: the last number is none": lambda: numbers(b"0.5", b"null"),
    "v2: the last number is missing": lambda: numbers(b"0.5", b""),
    "v2: the last number is too large": lambda: numbers(b"0.5", b"1e300"),
    "v2: one string": lambda: tensor(b'"' + b"x" * (LIMIT - 300) + b'"', DATA),
    "v2: one string, its last character wide": lambda: tensor(b'"' + WIDE + b'"', IN_MEMORY, status=TOO_LARGE),
    "v2: one number of all digits": lambda: tensor(b"9" * (LIMIT - 300), DATA),
    "v2: nested as deep as it goes": lambda: tensor(
        b"[" * (LIMIT // 2 - 200) + b"]" * (LIMIT // 2 - 200), IN_MEMORY, status=TOO_LARGE
    ),
    "v2: huge shape": lambda: tensor(b"0", DATA, "[2147483647,4]"),
    "v2: shape of a million": lambda: tensor(b"0", IN_MEMORY, "[" + "1," * 1_000_000 + "1]", TOO_LARGE),
    "v2: inputs": lambda: member(b'{"inputs":[', b"{}", b"]}"),
    "v2: outputs": lambda: member(b'{"inputs":[],"outputs":[', b'{"name":"probabilities"}', b"]}"),
    "v2: a member that nobody asked for": lambda: member(b'{"inputs":[],"x":[', b"[]", b"]}"),
    "v2: members of all names": lambda: Hostile(
        f"/v2/models/{IRIS}/infer",
        b"{" + b",".join(b'"%x":0' % index for index in range(600_000)) + b"}",
        TOO_LARGE,
        IN_MEMORY,
    ),
    "v2: lists of numbers that nobody asked for": lambda: member(b'{"inputs":[],"x":{"data":[', b"0", b"]}}"),
    "v1: rows": lambda: predict(ROW),
    "v1: rows, as many as are parsed": lambda: predict(ROW, OK, "", parsed(ROW))._replace(multiple=9),
    "v1: rows of strings": lambda: predict(b'["a","b","c","d"]'),
    "v1: one string": lambda: predict(b'"' + b"x" * (LIMIT - 300) + b'"', REFUSED, FIRST),
    "v1: one string, its last character wide": lambda: predict(b'"' + WIDE + b'"'),
    "v1: pictures of pixels": lambda: predict(PIXELS, model=DIGIT),
    "v1: tiny pictures": lambda: predict(b'{"image":{"b64":"' + b64encode(png(1, 1)) + b'"}}', model=PHOTO),
    "v1: tiny pictures, as many as are read": lambda: Hostile(
        f"/v1/models/{PHOTO}:predict",
        filled(b'{"instances":[', b'{"image":{"b64":"' + b64encode(png(1, 1)) + b'"}}', b"]}", LIMIT // 4),
        REFUSED,
        "instances",
    ),
    "v1: one picture, no base64": lambda: picture(b"\x89PNG" * (LIMIT // 6), REFUSED, "instances[0].image.b64"),
    "picture: header of 50,000 x 50,000": lambda: picture(png(50_000, 50_000, pixels=False), REFUSED, "pixels"),
    "picture: 5,000 x 5,000, grey": lambda: picture(png(5_000, 5_000), REFUSED, "pixels"),
    "picture: 5,000 x 5,000, colour": lambda: picture(png(5_000, 5_000, 2), REFUSED, "pixels", model=PHOTO),
    "picture: 5,000 x 5,000, transparent": lambda: picture(png(5_000, 5_000, 6), REFUSED, "pixels", model=PHOTO),
    "picture: the largest, grey": lambda: picture(png(SIDE, SIDE), OK)._replace(multiple=6),
    "picture: the largest, colour": lambda: picture(png(SIDE, SIDE, 2), OK, model=PHOTO)._replace(multiple=12),
    "picture: the largest, transparent": lambda: picture(png(SIDE, SIDE, 6), OK, model=PHOTO)._replace(multiple=20),
    "explain: rows": lambda: explain(ROW),
    "explain: 60,000 rows": lambda: explain(ROW, REFUSED, "instances", LIMIT // 10),
    "gzip: bomb": lambda: bomb("gzip"),
    "deflate: bomb": lambda: bomb("deflate"),
    "gzip: empty lists": lambda: compressed(predict(b"[]")),
    "gzip: noise": lambda: noise(),
    "binary: too few": lambda: binary(IRIS, "features", "FP32", [1, 4], "inputs[0]"),
    "binary: size beyond the body": lambda: binary(IRIS, "features", "FP32", [1, 4], SIZE, size=2**62),
    "binary: bytes left over": lambda: binary(IRIS, "features", "FP32", [1, 4], "body", size=16),
    "binary: length beyond the body": lambda: binary(IRIS, "features", "FP32", [1, 4], "header", length=LIMIT + 1),
    "binary: length within the tensor": lambda: binary(IRIS, "features", "FP32", [1, 4], "JSON", length=LIMIT),
    "BYTES: too many elements": lambda: binary("echo", "x", "BYTES", [1, 1], "inputs[0]"),
    "BYTES: short elements, the last one no text": lambda: strings(b"xy", b"\xff\xff", "strings"),
    "BYTES: elements, the last one no text": lambda: strings(b"x" * 140, b"\xff" * 140, "inputs[0]["),
    "BYTES: wide elements": lambda: strings(b"x" * 96 + "😀".encode(), b"x" * 100, "inputs[0]["),
    "BYTES: one element": lambda: strings(b"x" * (LIMIT - 300), b"", "inputs[0]", 1),
    "BYTES: one element, its last character wide": lambda: strings(WIDE, b"", "inputs[0]", 1),
    "BYTES: elements of nothing": lambda: binary("echo", "x", "BYTES", [1_500_000, 1], "inputs[0]"),
}
