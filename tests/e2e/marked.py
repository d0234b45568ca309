"""Calls that carry something personal in every place that a caller controls; what each is called says where."""

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from tests.conftest import ROOT

WORD, DIGITS = "mustermann7x", "73519264"
"""What marks begin with; nothing else in a log does."""
IRIS, LINEAR, TEXT, DIGIT = "iris-svm", "linear-regression", "support-answers", "digits-cnn"
PICTURE = (ROOT / "model_artifacts" / DIGIT / "sample.png").read_bytes()
JSON = {"content-type": "application/json"}


class Call(NamedTuple):
    """One request, and what its status may be."""

    kind: str
    method: str
    path: str
    content: bytes = b""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    statuses: tuple[int, ...] = (200,)


def forms() -> list[bytes]:
    """What a log has none of: the marks as they are, in capitals, in hexadecimal digits and in base64."""
    word = WORD.encode()
    shifted = [base64.b64encode(b"x" * shift + word)[4 if shift else 0 : -4] for shift in range(3)]
    return [word, word.upper(), word.title(), DIGITS.encode(), word.hex().encode(), *shifted]


def calls(number: int) -> Iterator[Call]:
    """One call of each kind, with marks of its own."""
    word, digits = f"{WORD}{number:06d}", f"{DIGITS}{number:06d}"
    yield from _answered(word, float(f"5.{digits}"))
    yield from _refused(word, digits)
    yield from _lost(word, digits)
    yield from _beside(word)


def _post(kind: str, path: str, body: Any, statuses: tuple[int, ...] = (200,), **headers: str) -> Call:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Call(
        kind, "POST", path, content, JSON | {name.replace("_", "-"): it for name, it in headers.items()}, statuses
    )


def _answered(word: str, value: float) -> Iterator[Call]:
    row = {"sepal_length": value, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    tensor = {"name": "features", "shape": [1, 3], "datatype": "FP32"}
    yield _post("named features", f"/v1/models/{IRIS}:predict", {"instances": [row], "note": word})
    yield _post("a text", f"/v1/models/{TEXT}:predict", {"instances": [word]})
    yield _post("a text explained", f"/v1/models/{TEXT}:explain", {"instances": [f"{word} a b"]}, (200, 400))
    yield _post("features explained", f"/v1/models/{IRIS}:explain", {"instances": [row]})
    yield _post("a picture", f"/v1/models/{DIGIT}:predict", {"instances": [{"image": _picture(word), "name": word}]})
    yield _post("columns", f"/v1/models/{LINEAR}:predict", {"inputs": [[value, 2, 3]]})
    named = {"id": word, "parameters": {word: word}, "inputs": [tensor | {"data": [value, 2, 3]}]}
    yield _post("tensors", f"/v2/models/{LINEAR}/infer?q={word}", named)
    data = struct.pack("<3f", value, 2, 3)
    head = orjson.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(data)}}]})
    yield _post("bytes", f"/v2/models/{LINEAR}/infer", head + data, inference_header_content_length=str(len(head)))
    headers: Any = {"traceparent": word, "user_agent": word, "x_ortless_session": word, "accept": word, "cookie": word}
    yield _post("headers", f"/v1/models/{IRIS}:predict?name={word}", {"instances": [row]}, **headers)


def _refused(word: str, digits: str) -> Iterator[Call]:
    bad, iris, infer = (400,), f"/v1/models/{IRIS}:predict", f"/v2/models/{LINEAR}/infer"
    yield _post("an unknown feature", iris, {"instances": [{word: 1}]}, bad)
    yield _post("a word for a number", iris, {"instances": [[word, 1, 2, 3]]}, bad)
    yield _post("a number out of range", iris, {"instances": [[float(digits), 1, 2, 3]]}, bad)
    yield _post("bad JSON", iris, b'{"instances": [["%s", ' % word.encode(), bad)
    yield _post("no object", iris, [word], bad)
    yield _post("a wrong signature name", iris, {"instances": [[1, 2, 3, 4]], "signature_name": word}, bad)
    yield _post("a wrong parameter", iris, {"instances": [[1, 2, 3, 4]], "parameters": {word: word}}, bad)
    yield _post("an unknown target", f"/v1/models/{IRIS}:explain",
                {"instances": [[5, 3, 1, 0.2]], "parameters": {"target": word}}, bad)  # fmt: skip
    yield _post("an unknown tensor", infer, {"inputs": [{"name": word, "shape": [1], "datatype": word}]}, bad)
    strings = {"name": "features", "shape": [1, 3], "datatype": "BYTES", "data": [word] * 3}
    yield _post("strings for numbers", infer, {"inputs": [strings]}, bad)
    yield _post("a wrong length", infer, {"inputs": []}, bad, inference_header_content_length=word)
    yield _post("a broken picture", f"/v1/models/{DIGIT}:predict",
                {"instances": [{"image": {"b64": base64.b64encode(word.encode()).decode()}}]}, bad)  # fmt: skip
    yield _post("an unknown encoding", iris, word.encode(), (415,), content_encoding=word)
    yield _post("a body that is not gzip", iris, word.encode(), bad, content_encoding="gzip")
    yield _post("a value that the model fails at", "/v1/models/lookup:predict", {"instances": [[int(digits)]]}, bad)


def _lost(word: str, digits: str) -> Iterator[Call]:
    gone = (404,)
    body = {"instances": [[1, 2, 3, 4]]}
    yield _post("an unknown model", f"/v1/models/{word}:predict", body, gone)
    yield _post("an unknown model of v2", f"/v2/models/{word}/infer", {"inputs": []}, gone)
    yield _post("an unknown version", f"/v1/models/{IRIS}/versions/{word}:predict", body, gone)
    yield _post("an unknown number of a version", f"/v1/models/{IRIS}/versions/{digits}:predict", body, gone)
    yield Call("an unknown path", "GET", f"/v1/{word}/{word}?{word}={word}", statuses=gone)
    yield Call("an unknown page", "GET", f"/docs/{word}", statuses=gone)
    yield Call("a wrong method", "DELETE", f"/v1/models/{IRIS}?{word}", statuses=(404, 405))
    yield _post("a wrong key", f"/v1/models/{IRIS}:predict", {"instances": [[word]]}, (403,), x_api_key=word)
    yield _post("a version that does not load", "/v1/models/damaged:predict", {"instances": [word]}, (503,))


def _beside(word: str) -> Iterator[Call]:
    """What other functions answer."""
    jobs = f"/v1/models/{IRIS}/jobs"
    yield Call("an unknown job", "GET", f"/v1/jobs/{word}", statuses=(400, 404))
    yield _post("a file that is none", jobs, {"file": f"{word}.exe"}, (400, 422))
    yield _post("options that are none", jobs, {"file": f"{word}.jsonl", "options": {word: word}}, (400, 422))
    yield _post("an order of no JSON", jobs, word.encode(), (400, 422))
    yield Call("an unknown part of the console", "GET", f"/console/{word}?{word}", statuses=(403, 404))
    yield Call("no operator", "GET", f"/admin/models/{word}", statuses=(403, 404))


def _picture(word: str) -> dict[str, str]:
    """The sample with a comment in it, as cameras write them."""
    chunk = b"tEXtComment\0" + word.encode()
    comment = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return {"b64": base64.b64encode(PICTURE[:33] + comment + PICTURE[33:]).decode()}
