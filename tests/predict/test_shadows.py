"""A version that is asked unheard: what the log says of it, and that nobody else notices."""

from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from functions.core.agreement import agree
from functions.core.store import ObjectStore
from functions.predict.shadow import Pace
from tests.core import graphs
from tests.core.releases import NAME
from tests.predict.calls import TRACE, untimed
from tests.predict.trials import PREDICT, ZEROS, Function, failing, lines, slow

BINARY = (
    b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [0, 0]}],'
    b' "parameters": {"binary_data_output": true}}'
)


@pytest.fixture
def function(store: ObjectStore, tmp_path: Path) -> Function:
    function = Function(store, tmp_path, shadow_ms=5_000)
    function.releases.publish(1)
    return function


def shadowed(function: Function, graph: Any, capfd: pytest.CaptureFixture[str], **call: Any) -> dict[str, Any]:
    """The line of a shadow with that graph, once its request was answered as without it."""
    function.releases.publish(2, graph)
    function.releases.point(1)
    alone = function.call(**call)
    function.releases.point(1, shadow=2)
    heard = function.call(**call)
    assert (heard[:2], untimed(heard.headers)) == (alone[:2], untimed(alone.headers))
    (line,) = lines(capfd, "shadow")
    assert line.pop("ms") > 0
    return line


def line(*, agrees: bool, code: str = "") -> dict[str, Any]:
    return {
        "event": "shadow", "id": "caller", "model": NAME, "version": "1", "shadow": "2",
        "agrees": agrees, "code": code, "labels": None, "trace": TRACE,
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "agrees"), [(1, True), (1.0001, True), (1.01, False), (2, False)])
def test_a_shadow_agrees_where_its_numbers_do(
    function: Function, capfd: pytest.CaptureFixture[str], amount: float, agrees: bool
) -> None:
    assert shadowed(function, graphs.plus(amount), capfd, caller="caller") == line(agrees=agrees)


@pytest.mark.parametrize(("amount", "agrees"), [(1, True), (1.0001, False)])
def test_tensors_as_bytes_agree_where_they_are_the_same(
    function: Function, capfd: pytest.CaptureFixture[str], amount: float, agrees: bool
) -> None:
    path = f"/v2/models/{NAME}/infer"
    found = shadowed(function, graphs.plus(amount), capfd, path=path, body=BINARY, caller="caller")
    assert found == line(agrees=agrees)


def test_a_shadow_that_fails_is_a_line_in_the_log(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    assert shadowed(function, failing(), capfd, caller="caller") == line(agrees=False, code="model_failed")


def test_a_shadow_that_is_too_slow_is_not_asked_again(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path, shadow_ms=20)
    function.releases.publish(1)
    function.releases.publish(2, slow(200_000))
    function.releases.point(1)
    function.call()
    function.releases.point(1, shadow=2)
    for _ in range(20):
        assert function.call().headers["x-ortless-model"] == "plus@1"
    (asked,) = lines(capfd, "shadow")
    assert asked["ms"] > 20


def test_a_first_run_that_takes_too_long_is_terminated_and_the_version_runs_as_long_as_any_once_it_is_live(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path, shadow_ms=20)
    function.releases.publish(1)
    function.releases.publish(2, slow(50_000_000))
    function.releases.point(1, shadow=2)
    started = perf_counter()
    assert function.call().headers["x-ortless-model"] == "plus@1"
    assert perf_counter() - started < 2
    for _ in range(20):
        assert function.call().status == 200
    (asked,) = lines(capfd, "shadow")
    assert (asked["code"], asked["agrees"], 20 <= asked["ms"] < 500) == ("deadline_exceeded", False, True)
    shadow = function.entry.service.catalog.shadow(NAME)
    assert shadow is not None
    assert shadow.deadline == function.settings.deadline_seconds


def test_without_time_for_it_no_shadow_is_asked(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = Function(store, tmp_path, shadow_ms=0)
    for version in (1, 2):
        function.releases.publish(version)
    function.releases.point(1, shadow=2)
    assert function.call().status == 200
    assert lines(capfd, "shadow") == []


def test_a_shadow_is_asked_neither_for_what_is_kept_nor_for_what_names_a_version_nor_for_what_is_refused(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    for version in (2, 3):
        function.releases.publish(version, toml="[cache]\nmax_bytes = 100000\n")
    function.releases.point(2, shadow=3)
    assert [function.call().headers["x-cache"] for _ in range(3)] == ["miss", "hit", "hit"]
    assert len(lines(capfd, "shadow")) == 1
    assert function.call(PREDICT.replace(NAME, f"{NAME}/versions/2"), b'{"instances": [[1, 1]]}').status == 200
    assert function.call(PREDICT, b"{}").status == 400
    assert function.call(PREDICT.replace("predict", "explain"), ZEROS).status == 200
    assert lines(capfd, "shadow") == []


def test_a_shadows_time_is_not_its_requests(function: Function, capfd: pytest.CaptureFixture[str]) -> None:
    function.releases.publish(2, slow(200_000))
    function.releases.point(1, shadow=2)
    function.call()
    capfd.readouterr()
    function.call()
    written = capfd.readouterr().err.splitlines()
    assert [text.split('"')[3] for text in written] == ["request", "shadow"]
    function.call()
    (request,) = lines(capfd, "request")
    assert (request["Version"], request["Latency"] < 50) == ("1", True)


def test_a_pace_that_no_run_renews_is_forgotten() -> None:
    pace = Pace(0.0)
    assert pace.expected(3.0) == 3.0
    pace.learn(100.0, 1.0)
    assert pace.expected(1.0) == 100.0
    for _ in range(100):
        pace.skip()
    assert 30 < pace.expected(1.0) < 40
    pace.learn(1.0, 1.0)
    assert pace.expected(1.0) < 35


@pytest.mark.parametrize(
    ("first", "second", "agrees"),
    [
        (b'{"predictions":[{"label":"a","probabilities":{"a":0.9,"b":0.1}}]}',
         b'{"predictions":[{"label":"a","probabilities":{"a":0.6,"b":0.4}}]}', True),
        (b'{"predictions":[{"label":"a","probabilities":{}}]}',
         b'{"predictions":[{"label":"b","probabilities":{}}]}', False),
        (b'{"predictions":[{"items":[{"item":"x","score":2},{"item":"y","score":1}]}]}',
         b'{"predictions":[{"items":[{"item":"x","score":5},{"item":"z","score":1}]}]}', True),
        (b'{"predictions":[{"items":[{"item":"x","score":2}]}]}', b'{"predictions":[{"items":[]}]}', False),
        (b'{"predictions":[1.0, 2.0]}', b'{"predictions":[1.0]}', False),
        (b'{"predictions":[0.0]}', b'{"predictions":[0.004]}', True),
        (b'{"predictions":[0.0]}', b'{"predictions":[0.006]}', False),
        (b'{"predictions":["1"]}', b'{"predictions":[1]}', False),
        (b"\x00\x01", b"\x00\x01", True),
        (b"\x00\x01", b"\x00\x02", False),
    ],
)  # fmt: skip
def test_answers_agree_by_what_they_say(first: bytes, second: bytes, agrees: bool) -> None:
    assert agree(first, second, 0.005) is agrees
