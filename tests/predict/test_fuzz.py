"""Requests that nobody would write: none is answered with a 5xx, and the process lives on."""

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.core.settings import Settings
from functions.predict.entry import Entry
from functions.predict.routes import ROUTES
from tests.predict.calls import answer, event

LENGTH = "Inference-Header-Content-Length"
NAMES = st.sampled_from(["iris-svm", "digits-cnn", "linear-regression", "nope", "..", "虹", "stats"])
VERSIONS = st.sampled_from(["0", "1", "x", "-1", "9" * 30, "¹"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
SHAPES = st.lists(st.one_of(st.integers(-2, 5), st.sampled_from([2**31, 2**63, 2**70])), max_size=5) | JSON
DATA = st.lists(st.lists(SCALARS, max_size=4) | SCALARS, max_size=6) | JSON
PARAMETERS = st.one_of(
    st.fixed_dictionaries({"binary_data_size": st.integers(-1, 30) | JSON}),
    st.fixed_dictionaries({"binary_data": JSON, "classification": st.integers(-1, 9) | JSON}),
    JSON,
)
TENSORS = st.fixed_dictionaries(
    {"name": st.sampled_from(["features", "image", "probabilities", "y"]) | JSON},
    optional={
        "shape": SHAPES,
        "datatype": st.sampled_from(["FP32", "INT64", "BYTES", "BOOL"]) | JSON,
        "data": DATA,
        "parameters": PARAMETERS,
    },
)
INFERENCES = st.fixed_dictionaries(
    {},
    optional={
        "inputs": st.lists(TENSORS, max_size=3) | JSON,
        "outputs": st.lists(TENSORS, max_size=3) | JSON,
        "id": JSON,
        "parameters": st.fixed_dictionaries({"binary_data_output": JSON}) | JSON,
    },
)
INSTANCES = st.fixed_dictionaries(
    {},
    optional={
        "instances": st.lists(
            JSON | st.fixed_dictionaries({"image": JSON | st.fixed_dictionaries({"b64": st.text()})})
        ),
        "parameters": st.fixed_dictionaries({}, optional={"budget": JSON, "seed": JSON, "target": JSON}) | JSON,
    },
)


def encode(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # integers beyond 64 bits and lone surrogates, which orjson does not write
        import json

        return json.dumps(value).encode("utf-8", "surrogatepass")


BODIES = st.one_of(st.binary(max_size=200), JSON.map(encode), INFERENCES.map(encode), INSTANCES.map(encode))
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": bytes,
}


@st.composite
def requests(draw: Any) -> dict[str, Any]:
    route = draw(st.sampled_from(ROUTES))
    path = route.template.replace("{name}", draw(NAMES)).replace("{version}", draw(VERSIONS))
    method = draw(st.sampled_from([route.method, route.method, route.method, "GET", "POST", "DELETE"]))
    content = draw(BODIES)
    headers = {}
    if draw(st.booleans()):
        headers[LENGTH] = draw(st.sampled_from([str(len(content)), "0", "1", "-1", "x", "99999", ""]))
        content += draw(st.binary(max_size=40))
    encoding = draw(st.sampled_from(["", "", "", *COMPRESSIONS]))
    if encoding:
        headers["Content-Encoding"] = encoding
        content = COMPRESSIONS[encoding](content) if draw(st.booleans()) else content
    return event(method, path, content, headers)


def check(entry: Entry, examples: int) -> None:
    before = os.getpid()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(requests())
    def ask(sent: dict[str, Any]) -> None:
        answered = answer(entry(sent, None))
        assert answered.status < 500, (sent["path"], sent["body"], answered.body)
        if answered.status >= 400:
            assert answered.body.keys() == {"error", "code"}

    ask()
    assert os.getpid() == before
    assert answer(entry(event("GET", "/v2/models/iris-svm/ready"), None)).status == 200


def test_a_thousand_requests(packages: Path) -> None:
    check(Entry(Settings(packages=str(packages))), 1_000)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_requests(packages: Path) -> None:
    check(Entry(Settings(packages=str(packages))), 10_000)
