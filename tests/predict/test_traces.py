"""Every line that a prediction makes names the trace that its caller gave."""

from typing import Any

import orjson
import pytest

from functions.core.store import ObjectStore
from tests.conftest import load_event
from tests.core.releases import NAME
from tests.predict.trials import Function

TRACE, OTHER = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
AMAZON = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=53995c3f42cd8ad8;Sampled=1"
AMAZON_HEADER: dict[str, Any] = {"X-Amzn-Trace-Id": AMAZON}


@pytest.fixture
def function(store: ObjectStore, tmp_path: Any) -> Function:
    function = Function(store, tmp_path)
    for version in (1, 2):
        function.releases.publish(version)
    function.releases.point(1)
    return function


def told(capfd: pytest.CaptureFixture[str]) -> dict[str, str | None]:
    """The trace of each line since the log was last read, by event."""
    lines = map(orjson.loads, capfd.readouterr().err.splitlines())
    return {line["event"]: line.get("trace") for line in lines}


def test_a_request_names_the_trace_of_its_traceparent_in_all_of_its_lines(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    assert function.call(traceparent=PARENT).status == 200
    assert told(capfd) == {"model_loaded": TRACE, "request": TRACE}
    assert function.call(body=b"nonsense", TraceParent=PARENT).status == 400
    assert told(capfd) == {"request": TRACE}


def test_a_request_without_a_valid_one_names_x_rays_and_is_answered_alike(
    function: Function, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for parent in ("", "00-nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01"):
        assert function.call(traceparent=parent, **AMAZON_HEADER).status == 200
        assert told(capfd)["request"] == OTHER
    sent = load_event("rest_predict_linear")
    sent["headers"] = {}
    monkeypatch.setenv("_X_AMZN_TRACE_ID", AMAZON)
    function.entry(sent, None)
    assert told(capfd) == {"request": OTHER}


def test_a_trace_ends_with_its_request(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.call(traceparent=PARENT)
    capfd.readouterr()
    sent = load_event("rest_predict_linear")
    sent["headers"] = {}
    function.entry(sent, None)
    assert told(capfd) == {"request": None}


def test_what_is_answered_by_the_documented_app_is_traced_too(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    function.call()
    capfd.readouterr()
    function.call(f"/v1/models/{NAME}:predict/", body=b"nonsense", traceparent=PARENT)
    lines = capfd.readouterr().err.splitlines()
    assert [orjson.loads(line)["trace"] for line in lines] == [TRACE] * len(lines)


def test_loads_and_swaps_are_metrics_of_their_versions(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.call()
    function.releases.point(2)
    function.call()
    lines = [orjson.loads(line) for line in capfd.readouterr().err.splitlines()]
    loads = [line for line in lines if line["event"] == "model_loaded"]
    assert [(line["Model"], line["Version"], line["Loads"], line["role"]) for line in loads] == [
        (NAME, version, 1, "live") for version in ("1", "2")
    ]
    assert all(line["LoadTime"] > 0 for line in loads)
    (swap,) = (line for line in lines if line["event"] == "model_swapped")
    assert (swap["Model"], swap["Version"], swap["Swaps"], swap["before"]) == (NAME, "2", 1, 1)
