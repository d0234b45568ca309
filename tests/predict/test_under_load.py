"""Thousands of requests while operators change what serves, and while the registry fails: nobody is failed by it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, pairwise
from pathlib import Path
from time import perf_counter

import pytest
from moto.server import ThreadedMotoServer

from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.predict.entry import Entry
from tests.conftest import BUCKET
from tests.core.releases import NAME
from tests.predict.calls import Answer, answer, event
from tests.predict.trials import PREDICT, ZEROS, Function, lines

INFER = f"/v2/models/{NAME}/infer"
TENSOR = b'{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [0, 0]}]}'
PROMOTIONS = 20
OUTAGE_SECONDS = 5.0
"""What one look at a registry that refuses connections may take, with its second try."""


def computed(answered: Answer) -> str:
    """The version whose weights made an answer to zeros: version n adds n."""
    if "outputs" in answered.body:
        return f"{NAME}@{answered.body['outputs'][0]['data'][0]:.0f}"
    return f"{NAME}@{answered.body['predictions'][0][0]:.0f}"


def promoted(function: Function, requests: int) -> None:
    """Promote two versions in turn while so many requests are answered, by both lanes; each is checked."""
    digests = {
        f"{NAME}@{version}": function.entry.service.catalog.model(NAME, str(version)).manifest.digest
        for version in (1, 2)
    }
    lanes = cycle([(PREDICT, ZEROS), (INFER, TENSOR)])
    served = []
    for number in range(requests):
        if number % (requests // PROMOTIONS) == 0:
            function.releases.point(number * PROMOTIONS // requests % 2 + 1)
        answered = function.call(*next(lanes), caller=str(number))
        label = answered.headers["x-ortless-model"]
        assert (answered.status, label) == (200, computed(answered))
        assert answered.headers["x-ortless-digest"] == digests[label]
        served.append(label)
    assert sum(one != other for one, other in pairwise(served)) == PROMOTIONS - 1


@pytest.fixture
def function(store: ObjectStore, tmp_path: Path) -> Function:
    function = Function(store, tmp_path, refresh_seconds=0.01)
    for version in (1, 2):
        function.releases.publish(version)
    function.releases.point(1)
    return function


def test_twenty_promotions_under_five_thousand_requests_are_never_seen_half_done(function: Function) -> None:
    promoted(function, 5_000)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_promotions_of_five_thousand_requests_each_are_never_seen_half_done(function: Function) -> None:
    promoted(function, PROMOTIONS * 5_000)


def test_a_bad_package_under_a_thousand_requests_fails_none_and_is_told_of_once(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    assert function.call().status == 200
    function.releases.damage(2)
    for number in range(1_000):
        if number == 100:
            function.releases.point(2)
        answered = function.call(caller=str(number))
        assert (answered.status, answered.headers["x-ortless-model"], computed(answered)) == (200, "plus@1", "plus@1")
    (line,) = lines(capfd, "model_load_failed")
    assert (line["model"], line["version"], line["code"]) == (NAME, 2, "invalid_package")
    assert (line["Model"], line["Version"], line["LoadFailures"]) == (NAME, "2", 1)
    (kind,) = line["_aws"]["CloudWatchMetrics"]
    assert kind == {
        "Namespace": "ortless",
        "Dimensions": [["Model", "Version"], []],
        "Metrics": [{"Name": "LoadFailures", "Unit": "Count"}],
    }


@pytest.fixture
def trial(store: ObjectStore, tmp_path: Path) -> Function:
    """A function with a canary for a tenth of the callers."""
    function = Function(store, tmp_path, refresh_seconds=3600.0)
    for version in (1, 2):
        function.releases.publish(version)
    function.releases.point(1, canary=(2, 0.1))
    return function


def test_a_canary_of_a_tenth_gets_a_tenth_of_twenty_thousand_requests(trial: Function) -> None:
    served: Counter[str] = Counter()
    for number in range(20_000):
        answered = trial.call(caller=f"c6af9ac6-7b61-11e6-9a41-{number:012x}")
        label = answered.headers["x-ortless-model"]
        assert (answered.status, label) == (200, computed(answered))
        assert answered.headers.get("x-ortless-variant") == ("canary" if label == "plus@2" else None)
        served[label] += 1
    assert 0.09 <= served["plus@2"] / 20_000 <= 0.11
    assert served.total() == 20_000


def test_of_two_thousand_clients_a_tenth_has_the_canary_and_each_always_the_same_version(trial: Function) -> None:
    seen: dict[str, set[str]] = {}
    for number in range(20_000):
        session = f"client-{number % 2_000}"
        answered = trial.call(PREDICT, ZEROS, str(number), **{"X-Ortless-Session": session})
        seen.setdefault(session, set()).add(answered.headers["x-ortless-model"])
    assert all(len(versions) == 1 for versions in seen.values())
    assert 0.09 <= sum(versions == {"plus@2"} for versions in seen.values()) / len(seen) <= 0.11


class Endpoint:
    """S3 at an address of its own, which can be shut and opened again; what it holds stays."""

    def __init__(self) -> None:
        self._server = self._started(0)
        self.port = self._server.get_host_and_port()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Nobody answers there."""
        self._server.stop()
        try:
            yield
        finally:
            self._server = self._started(self.port)

    def stop(self) -> None:
        """Close it for good."""
        self._server.stop()

    def _started(self, port: int) -> ThreadedMotoServer:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        server.get_host_and_port()  # once it listens
        return server


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


def test_a_registry_that_refuses_connections_fails_no_request_and_is_followed_again(
    function: Function, endpoint: Endpoint, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same buckets at another address: moto's servers of one process share them."""
    settings = Settings(packages=str(tmp_path / "none"), cache=str(tmp_path / "kept"), refresh_seconds=1.0)
    config = dict(function.releases.store.config or {}) | {"endpoint": endpoint.url}
    entry = Entry(settings, Registry(settings, ObjectStore(BUCKET, config)))  # type: ignore[arg-type]

    def asked() -> str:
        answered = answer(entry(event("POST", PREDICT, ZEROS), None))
        assert (answered.status, answered.headers["x-ortless-model"]) == (200, computed(answered))
        return computed(answered)

    assert asked() == "plus@1"
    function.releases.point(2)
    with endpoint.shut():
        capfd.readouterr()
        ends = perf_counter() + 3
        slowest, answers = 0.0, 0
        while perf_counter() < ends:
            started = perf_counter()
            assert asked() == "plus@1"
            slowest, answers = max(slowest, perf_counter() - started), answers + 1
        unread = lines(capfd, "alias_unreadable")
        assert {line["code"] for line in unread} == {"store_unavailable"}
        assert 1 <= len(unread) <= 3 < answers
        assert slowest < OUTAGE_SECONDS
    ends = perf_counter() + 10
    while asked() != "plus@2":
        assert perf_counter() < ends
