"""The largest bodies there are, made to cost memory: what they take is a small multiple of the limit."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from onnx import TensorProto

from functions.packaging.build import build
from tests.conftest import load_event
from tests.core import graphs
from tests.predict.calls import event
from tests.predict.hostile import BODIES, LIMIT
from tests.predict.memory import Process

NOISE = 128 * 1024
"""Bytes that the process takes of itself meanwhile, as for pages of code that run for the first time."""


@pytest.fixture(scope="module")
def served(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample models, and one that takes strings."""
    folder = tmp_path_factory.mktemp("memory")
    source = graphs.source(folder, "echo", graphs.identity(TensorProto.STRING))
    build(source, folder / "packages")
    for package in packages.iterdir():
        (folder / "packages" / package.name).symlink_to(package)
    return folder / "packages"


@pytest.fixture(scope="module")
def process(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A process in which, when it measures, every lane, library and model that the bodies reach was used before."""
    rows = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
    strings = b'{"inputs":[{"name":"x","shape":[1,1],"datatype":"BYTES","data":["a"]}]}'
    head = b'{"inputs":[{"name":"features","shape":[9000,4],"datatype":"FP32","data":['
    numbers = head + b",".join([b"0.123"] * 36_000) + b"]}]}"
    warm = [
        *(event("GET", f"/v2/models/{name}/ready") for name in ("echo", "iris-svm", "digits-cnn", "flower-photo")),
        event("POST", "/v1/models/iris-svm:predict", gzip.compress(rows), {"Content-Encoding": "gzip"}),
        event("POST", "/v1/models/iris-svm:explain", rows),
        event("POST", "/v2/models/echo/infer", strings),
        event("POST", "/v2/models/iris-svm/infer", numbers),
        load_event("rest_predict_digit"),
    ]
    started = Process(served, warm, tmp_path_factory.mktemp("events"))
    yield started
    started.close()


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_takes_no_more_than_a_small_multiple_of_the_limit(process: Process, name: str) -> None:
    hostile = BODIES[name]()
    assert len(hostile.body) <= LIMIT
    measured = process.measure(hostile)
    print(f"\n{name:45} {measured.status} {measured.rise / LIMIT:6.2f} x the limit  {measured.body[:70]}")  # noqa: T201
    assert measured.status == hostile.status, measured.body
    assert hostile.place in measured.body
    assert measured.rise <= hostile.multiple * LIMIT + NOISE
