"""How long an answer took in the function, in its header; and what an environment's first answer waited for."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import ROOT, load_event
from tests.predict.calls import call
from tests.predict.test_bad_input import GOOD

TOTAL = re.compile(r"total;dur=([0-9.]+)")
FIRST = re.compile(r"total;dur=([0-9.]+), cold;dur=([0-9.]+)")
PREDICT = "/v1/models/iris-svm:predict"
CODE = """
import json, sys
from functions.predict.handler import handler
events = json.load(sys.stdin)
print(json.dumps([handler(event, None)["headers"]["server-timing"] for event in events]))
"""


def started(packages: Path, *events: dict[str, Any], kind: str = "") -> tuple[list[str], list[dict[str, Any]]]:
    """The headers and the log's lines of a fresh environment's requests."""
    environment = {"PATH": os.environ["PATH"], "ORTLESS_PACKAGES": str(packages)}
    if kind:
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = kind
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=json.dumps(events), cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    return json.loads(done.stdout), [line for line in lines if line["event"] == "request"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", PREDICT, GOOD, 200),
        ("POST", PREDICT, b"{}", 400),
        ("POST", "/v1/models/nope:predict", GOOD, 404),
        ("GET", "/v1/models/iris-svm/examples", b"", 200),
    ],
)
def test_an_answer_says_how_long_it_took(entry: Entry, method: str, path: str, body: bytes, status: int) -> None:
    before = perf_counter()
    answered = call(entry, method, path, body)
    outside = (perf_counter() - before) * 1e3
    assert answered.status == status
    found = TOTAL.fullmatch(answered.headers["server-timing"])
    assert found
    assert 0 < float(found[1]) < outside


def test_a_first_answer_says_what_it_waited_for_and_the_next_does_not(packages: Path) -> None:
    event = load_event("rest_predict_linear")
    (first, second), (cold, warm) = started(packages, event, event)
    found = FIRST.fullmatch(first)
    assert found
    assert TOTAL.fullmatch(second)
    assert float(found[2]) == pytest.approx(cold["ColdImport"] + cold["ColdLoad"], abs=0.01)
    assert cold["ColdStarts"] == 1
    assert cold["ColdImport"] > 1
    assert 0 < cold["ColdLoad"] < cold["Latency"]
    assert cold["BilledDuration"] >= cold["Latency"] + cold["ColdImport"]
    assert cold["Model"] == "linear-regression"
    assert not {"ColdStarts", "ColdImport", "ColdLoad"} & warm.keys()


def test_a_first_answer_that_is_about_no_model_is_a_cold_start_of_none(packages: Path) -> None:
    live = load_event("rest_predict_linear") | {"httpMethod": "GET", "resource": "/v1/models"}
    (first, _), (cold, warm) = started(packages, live, load_event("rest_predict_linear"))
    assert FIRST.fullmatch(first)
    assert (cold["Model"], cold["Version"], cold["ColdStarts"], "Requests" in cold) == ("none", "none", 1, False)
    assert (warm["Model"], "ColdStarts" in warm) == ("linear-regression", False)


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
def test_an_environment_that_stood_ready_has_no_cold_start(packages: Path, kind: str) -> None:
    (only,), (line,) = started(packages, load_event("rest_predict_linear"), kind=kind)
    assert TOTAL.fullmatch(only)
    assert "ColdStarts" not in line


def test_pages_of_allowed_origins_may_read_it(packages: Path) -> None:
    entry = Entry(Settings(packages=str(packages), cors_origins=("https://a.example",)))
    answered = call(entry, "POST", PREDICT, GOOD, {"Origin": "https://a.example"})
    assert "server-timing" in answered.headers["access-control-expose-headers"].split(", ")
