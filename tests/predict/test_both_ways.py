"""The handler's own way and the way through FastAPI give the same answer, byte for byte."""

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.predict.calls import event, untimed
from tests.predict.test_bad_input import BODIES, GOOD

CALLS = [
    ("GET", "/v2", b""),
    ("GET", "/v2/health/live", b""),
    ("GET", "/v2/health/ready", b""),
    ("GET", "/v2/models/iris-svm", b""),
    ("GET", "/v2/models/iris-svm/ready", b""),
    ("GET", "/v2/models/iris-svm/versions/0", b""),
    ("GET", "/v2/models/nope", b""),
    ("GET", "/v1/models", b""),
    ("GET", "/v1/models/digits-cnn", b""),
    ("GET", "/v1/models/digits-cnn/examples", b""),
    ("GET", "/v1/models/digits-cnn/versions/0/examples", b""),
    ("GET", "/v1/models/nope/examples", b""),
    ("POST", "/v1/models/iris-svm:predict", GOOD),
    ("POST", "/v1/models/iris-svm/versions/0:predict", GOOD),
    ("POST", "/v1/models/iris-svm/versions/9:predict", GOOD),
    ("POST", "/v1/models/iris-svm%3Apredict", GOOD),
    ("POST", "/v2/models/linear-regression/infer", b'{"inputs": []}'),
    (
        "POST",
        "/v2/models/linear-regression/infer",
        b'{"inputs": [{"name": "features", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]}',
    ),
    *(("POST", "/v1/models/iris-svm:predict", body) for body, _ in BODIES.values()),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=range(len(CALLS)))
@pytest.mark.parametrize("origin", ["", "https://a.example", "https://b.example"])
def test_both_ways_answer_the_same(packages: object, method: str, path: str, body: bytes, origin: str) -> None:
    entry = Entry(Settings(packages=str(packages), cors_origins=("https://a.example",)))
    sent = event(method, path, body, {"Origin": origin} if origin else None)
    hot, cold = entry(sent, None), entry.cold(sent, None)
    assert hot["statusCode"] == cold["statusCode"]
    assert hot["body"].encode() == cold["body"].encode()
    assert hot["isBase64Encoded"] == cold["isBase64Encoded"]
    assert untimed(hot["headers"]) == untimed(
        {name: value for name, value in cold["headers"].items() if name != "content-length"}
    )
    assert ("access-control-allow-origin" in hot["headers"]) == (origin == "https://a.example")
