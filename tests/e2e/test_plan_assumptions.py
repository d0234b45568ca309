"""What `ortless plan` takes for granted of functions, against functions of the embedded cloud."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import Api
from toolchain.planning.environments import Rules
from toolchain.planning.measurement import event, measure
from toolchain.planning.simulation import Times, simulate

MODEL = "chinese-classics"
SENTENCES = 500
"""Of a request that takes long enough for others to come meanwhile."""
STARTS = 3
"""Of functions that are compared; the median counts."""
KEPT = Rules(idle=(3600.0, 3600.0), age=1e9)
"""The embedded cloud lets none go for as long as the tests take."""


class Lone(NamedTuple):
    """The predict function under another name, which nobody has called yet."""

    client: Any
    name: str

    def call(self, sentences: int = 1) -> float:
        """Seconds of an answer."""
        request = json.dumps({"instances": ["子" * 60] * sentences})
        payload = event(MODEL, request.encode())
        began = time.perf_counter()
        found = self.client.invoke(FunctionName=self.name, Payload=payload)
        seconds = time.perf_counter() - began
        assert json.loads(found["Payload"].read())["statusCode"] == 200
        return seconds

    def inside(self) -> float:
        """Seconds of an answer in the function itself: the embedded cloud takes some 50 ms of its own for each call."""
        payload = event(MODEL, json.dumps({"instances": ["子" * 60]}).encode())
        found = json.loads(self.client.invoke(FunctionName=self.name, Payload=payload)["Payload"].read())
        timing: str = {name.lower(): value for name, value in found["headers"].items()}["server-timing"]
        return float(timing.partition("total;dur=")[2].partition(",")[0]) / 1000

    def rush(self, count: int) -> list[float]:
        """As many calls at once; the seconds of each."""
        with ThreadPoolExecutor(count) as callers:
            return list(callers.map(self.call, [SENTENCES] * count))

    def environments(self) -> int:
        """Processes that run it."""
        own = f"AWS_LAMBDA_FUNCTION_NAME={self.name}".encode()
        return sum(_has(path, own) for path in Path("/proc").glob("[0-9]*"))


def _has(process: Path, variable: bytes) -> bool:
    try:
        is_function = b"awslambdaric" in (process / "cmdline").read_bytes()
        return is_function and variable in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it has just ended


@pytest.fixture
def new(api: Api) -> Iterator[Callable[[], Lone]]:
    """Makes such functions."""
    client: Any = api.account.session.client("lambda", **api.account.options)
    functions = [each for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]]
    predict = next(each for each in functions if each["Handler"] == "functions.predict.handler.handler")
    same = {name: predict[name] for name in ("Runtime", "Role", "Handler", "Environment", "Timeout", "MemorySize")}
    made: list[Lone] = []

    def make() -> Lone:
        made.append(Lone(client, f"lone-{uuid.uuid4().hex[:8]}"))
        client.create_function(FunctionName=made[-1].name, Code={"ZipFile": _code()}, **same)
        return made[-1]

    yield make
    for lone in made:
        client.delete_function(FunctionName=lone.name)


def _code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        packed.writestr(entry, (ROOT / "infra/working_tree/bootstrap").read_bytes())
    return archive.getvalue()


def test_an_environment_answers_one_request_at_a_time_as_the_simulation_has_it(new: Callable[[], Lone]) -> None:
    """The number of environments after each rush is what the simulation says, told only how long answers take."""
    lone = new()
    assert lone.environments() == 0
    there, times, arrivals = [], [], []
    for number, count in enumerate((1, 1, 3, 3, 2, 5)):
        times += lone.rush(count)
        arrivals += [100.0 * number] * count
        there.append(lone.environments())
    outcome = simulate(np.array(arrivals), Times((float(np.median(times)),), 1.0), KEPT)
    colds = np.cumsum([stretch.cold for stretch in outcome.stretches if stretch.requests])
    assert there == colds.tolist() == [1, 1, 3, 3, 3, 5]


def test_times_of_some_functions_foretell_those_of_others_that_are_new(new: Callable[[], Lone]) -> None:
    """A start is paid once, by the first caller; the machine has others to serve, so that the bounds are wide."""
    told: tuple[list[float], list[float]] = ([], [])
    seen: tuple[list[float], list[float]] = ([], [])
    inside: list[float] = []
    for _ in range(STARTS):
        for firsts, others in (told, seen):
            lone = new()
            first, *warm = [lone.call() for _ in range(13)]
            assert lone.environments() == 1
            firsts.append(first)
            others += warm
            inside.append(lone.inside())
    around = np.median(told[1]) - np.median(inside)
    assert np.median(told[0]) - around > 5 * np.median(inside), "a start takes longer than any answer"
    assert np.median(told[0]) > np.quantile(told[1], 0.95)
    known = Times(tuple(sorted(told[1])), float(np.median(told[0]) - np.median(told[1])))
    outcome = simulate(np.linspace(0, 120, 13), known, KEPT)
    assert outcome.cold == 1
    assert 1 / 3 < np.median(seen[1]) / outcome.latency(0.5) < 3
    assert 1 / 3 < np.median(seen[0]) / outcome.latency(1.0) < 3


def test_times_of_a_package_are_those_of_the_function_that_serves_it(new: Callable[[], Lone]) -> None:
    """Of a start at least: an answer of the embedded cloud takes time of its own, which a start hardly notices."""
    measured = measure(ROOT / "model_artifacts" / MODEL, [1769]).timings[0]
    starts: list[float] = []
    answers: list[float] = []
    for _ in range(STARTS):
        lone = new()
        first, *warm = [lone.call() for _ in range(6)]
        starts.append(first)
        answers += warm
    assert 1 / 3 < measured.cold / ((np.median(starts) - np.median(answers)) * 1000) < 3
    assert measured.warm[0] / 1000 < min(answers)
