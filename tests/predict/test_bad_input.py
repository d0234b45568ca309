"""What no model ever sees: refused with a 4xx, the process lives on, and FastAPI gives the same answer."""

import gzip
import tracemalloc
import zlib

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import SAMPLES
from tests.predict.calls import answer, call, event

PREDICT = "/v1/models/iris-svm:predict"
INFER = "/v2/models/iris-svm/infer"
GOOD = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'

BODIES = {
    "nothing": (b"", "invalid_json"),
    "no JSON": (b"sepal_length=5", "invalid_json"),
    "cut off": (GOOD[:-3], "invalid_json"),
    "NaN": (b'{"instances": [[NaN, 1, 1, 1]]}', "invalid_json"),
    "Infinity": (b'{"instances": [[-Infinity, 1, 1, 1]]}', "invalid_json"),
    "1e999": (b'{"instances": [[1e999, 1, 1, 1]]}', "invalid_json"),
    "a lone surrogate": (b'{"instances": [["\\ud800", 1, 1, 1]]}', "invalid_json"),
    "no UTF-8": (b'{"instances": ["\xff\xfe"]}', "invalid_json"),
    "100,000 deep": (b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "invalid_json"),
    "1,000 deep": (b'{"instances": ' + b"[" * 1_000 + b"]" * 1_000 + b"}", "invalid_input"),
    "a list": (b"[1, 2]", "invalid_input"),
    "a number": (b"5", "invalid_input"),
    "a huge integer": (b'{"instances": [[' + b"9" * 5_000 + b", 1, 1, 1]]}", "invalid_json"),
    "an object for a number": (b'{"instances": [[{}, 1, 1, 1]]}', "invalid_input"),
    "a null character": (b'{"instances": ["\\u0000"]}', "invalid_input"),
}


@pytest.mark.parametrize("lane", [PREDICT, INFER])
@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_none_gets_a_400_and_the_next_one_an_answer(entry: Entry, lane: str, what: str) -> None:
    body, code = BODIES[what]
    refused = call(entry, "POST", lane, body)
    assert (refused.status, refused.body["code"]) == (400, code)
    assert refused.body.keys() == {"error", "code"}
    assert len(refused.body["error"]) < 500
    assert call(entry, "POST", PREDICT, GOOD).status == 200


def test_a_body_over_the_limit_is_refused_before_it_is_decoded(settings: Settings) -> None:
    entry = Entry(settings._replace(max_body_bytes=1000))
    sent = event("POST", PREDICT, b" " * 1001)
    sent["body"] = "!" * len(sent["body"])  # not base64: decoding it would be noticed
    refused = answer(entry(sent, None))
    assert refused.status == 413
    assert refused.body["code"] == "payload_too_large"
    fits = call(entry, "POST", PREDICT, GOOD + b" " * (1000 - len(GOOD)))
    assert fits.status == 200


def test_a_body_over_the_limit_says_both_sizes(settings: Settings) -> None:
    entry = Entry(settings._replace(max_body_bytes=1000))
    for size in (1001, 1002, 1003):
        refused = call(entry, "POST", PREDICT, b" " * size)
        assert refused.body["error"] == f"Expected a body of at most 1000 bytes - got {size}"


def test_base64_that_is_none_is_refused(entry: Entry) -> None:
    sent = event("POST", PREDICT)
    sent["body"] = "a&b="
    assert answer(entry(sent, None)).status == 400


def test_a_body_in_an_unknown_encoding_is_refused_in_words(entry: Entry) -> None:
    refused = call(entry, "POST", PREDICT, b"x", {"Content-Encoding": "br"})
    assert refused.status == 415
    assert refused.body == {
        "error": "Expected identity, gzip, deflate - got 'br' - in the header Content-Encoding",
        "code": "unsupported_media_type",
    }


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("damage", ["none of it", "cut off", "goes on"])
def test_a_compressed_body_that_is_damaged_is_refused(entry: Entry, encoding: str, damage: str) -> None:
    whole = gzip.compress(GOOD) if encoding == "gzip" else zlib.compress(GOOD)
    body = {"none of it": b"plain", "cut off": whole[:-4], "goes on": whole + b"more"}[damage]
    refused = call(entry, "POST", PREDICT, body, {"Content-Encoding": encoding})
    assert (refused.status, refused.body["code"]) == (400, "invalid_input")


def test_a_bomb_is_refused_without_being_expanded(settings: Settings) -> None:
    entry = Entry(settings._replace(max_body_bytes=100_000))
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    tracemalloc.start()
    refused = call(entry, "POST", PREDICT, bomb, {"Content-Encoding": "gzip"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.status, refused.body["code"]) == (413, "payload_too_large")
    assert peak < 3 * 100_000 + 500_000


@pytest.mark.parametrize("name", ["nope", "IRIS-SVM", "..", "iris-svm ", "%2e%2e", "虹", "a" * 5000])
def test_a_name_that_is_none_gets_a_404_with_the_models_there_are(entry: Entry, name: str) -> None:
    refused = call(entry, "POST", f"/v1/models/{name}:predict", GOOD)
    assert refused.status == 404
    assert f"the models are: {', '.join(SAMPLES)}" in refused.body["error"]
    assert len(refused.body["error"]) < 400


def test_a_text_body_counts_its_bytes_and_not_its_characters(settings: Settings) -> None:
    entry = Entry(settings._replace(max_body_bytes=100))
    sent = event("POST", PREDICT)
    sent |= {"body": "虹" * 40, "isBase64Encoded": False}
    assert answer(entry(sent, None)).status == 413


def test_what_is_no_request_of_the_gateway_is_an_error_of_the_caller_of_the_function(entry: Entry) -> None:
    with pytest.raises(RuntimeError, match="unable to infer a handler"):
        entry({"hello": "world"}, None)
