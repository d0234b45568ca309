"""Which version answers whom, through the handler, and how the answer says so."""

from pathlib import Path

import pytest

from functions.core.store import ObjectStore
from tests.core.releases import NAME
from tests.predict.calls import event, untimed
from tests.predict.trials import PREDICT, ZEROS, Function, failing

INFER = f"/v2/models/{NAME}/infer"
TENSOR = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [0, 0]}]}'
CACHED = "[cache]\nmax_bytes = 100000\n"


@pytest.fixture
def function(store: ObjectStore, tmp_path: Path) -> Function:
    function = Function(store, tmp_path)
    for version in (1, 2):
        function.releases.publish(version)
    return function


def test_each_answer_names_model_version_and_digest(function: Function) -> None:
    function.releases.point(1)
    digest = function.entry.service.catalog.model(NAME).manifest.digest
    for path, body in ((PREDICT, ZEROS), (INFER, TENSOR), (PREDICT.replace("predict", "explain"), ZEROS)):
        headers = function.call(path, body).headers
        assert (headers["x-ortless-model"], headers["x-ortless-digest"]) == ("plus@1", digest)
        assert "x-ortless-variant" not in headers
    refused = function.call(PREDICT, b"{}")
    assert (refused.status, "x-ortless-digest" in refused.headers) == (400, False)


def test_pages_may_read_who_answered(store: ObjectStore, tmp_path: Path) -> None:
    function = Function(store, tmp_path, cors_origins=("https://a.example",))
    function.releases.publish(1)
    function.releases.point(1)
    exposed = function.call(Origin="https://a.example").headers["access-control-expose-headers"].split(", ")
    assert exposed == [
        "x-ortless-model", "x-ortless-digest", "x-ortless-variant", "x-cache", "server-timing",
        "inference-header-content-length",
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), [(PREDICT, ZEROS), (INFER, TENSOR)])
def test_an_answer_of_a_canary_says_so(function: Function, path: str, body: bytes) -> None:
    function.releases.point(1, canary=(2, 1.0))
    drawn = function.call(path, body).headers
    assert (drawn["x-ortless-model"], drawn["x-ortless-variant"]) == ("plus@2", "canary")
    named = function.call(path.replace(NAME, f"{NAME}/versions/2"), body).headers
    assert (named["x-ortless-model"], "x-ortless-variant" in named) == ("plus@2", False)


def test_a_session_has_one_version_whatever_its_requests_are_called(function: Function) -> None:
    function.releases.point(1, canary=(2, 0.5))
    by_session: dict[str, set[str]] = {}
    for number in range(60):
        session = f"session-{number % 12}"
        answered = function.call(PREDICT, ZEROS, f"request-{number}", **{"X-Ortless-Session": session})
        by_session.setdefault(session, set()).add(answered.headers["x-ortless-model"])
    assert all(len(versions) == 1 for versions in by_session.values())
    assert set.union(*by_session.values()) == {"plus@1", "plus@2"}


def test_without_a_session_the_request_decides(function: Function) -> None:
    function.releases.point(1, canary=(2, 0.5))
    first = [function.call(caller=f"request-{number}").headers["x-ortless-model"] for number in range(40)]
    assert set(first) == {"plus@1", "plus@2"}
    assert [function.call(caller=f"request-{number}").headers["x-ortless-model"] for number in range(40)] == first


def test_what_a_canary_kept_is_no_canarys_once_it_is_promoted(store: ObjectStore, tmp_path: Path) -> None:
    function = Function(store, tmp_path)
    for version in (1, 2):
        function.releases.publish(version, toml=CACHED)
    function.releases.point(1, canary=(2, 1.0))
    seen = [function.call().headers for _ in range(2)]
    assert [headers["x-cache"] for headers in seen] == ["miss", "hit"]
    assert [headers["x-ortless-variant"] for headers in seen] == ["canary", "canary"]
    function.releases.point(2)
    promoted = function.call().headers
    assert (promoted["x-cache"], promoted["x-ortless-model"]) == ("hit", "plus@2")
    assert "x-ortless-variant" not in promoted


def test_the_way_through_fastapi_knows_trials_too(function: Function) -> None:
    function.releases.point(1, canary=(2, 1.0))
    sent = event("POST", PREDICT, ZEROS)
    hot, cold = function.entry(sent, None), function.entry.cold(sent, None)
    del cold["headers"]["content-length"]
    assert (cold["body"], untimed(cold["headers"])) == (hot["body"], untimed(hot["headers"]))
    assert hot["headers"]["x-ortless-variant"] == "canary"


def test_a_failing_canary_tells_its_caller_and_no_other(function: Function) -> None:
    function.releases.publish(3, failing())
    function.releases.point(1, canary=(3, 0.5))
    statuses = {function.call(caller=f"request-{number}").status for number in range(40)}
    assert statuses == {200, 400}
