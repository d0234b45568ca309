"""Answers that are kept: the same bytes as without, never more of them than declared, never of another version."""

import gzip
import inspect
import shutil
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest
from onnx import TensorProto, helper

from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from functions.predict import app
from functions.predict.cache import Cache
from functions.predict.entry import Entry
from functions.predict.exchange import Request, Response
from tests.conftest import ROOT, load_event
from tests.core import graphs
from tests.predict.calls import call, event, untimed
from tests.test_cold_start import modules

BOUND = 10_000
"""Room for some nine answers; of the largest that are asked for, an eighth of it has room for none."""
DECLARED = f"[cache]\nmax_bytes = {BOUND}\n"
LENGTH = "Inference-Header-Content-Length"
PREDICT, INFER = "/v1/models/plus:predict", "/v2/models/plus/infer"


def entry_of(folder: Path, toml: str = DECLARED, name: str = "plus", model: Any = None) -> Entry:
    """A function with one model, which adds 1 if nothing else is said."""
    build(graphs.source(folder, name, model or graphs.plus(1), toml), folder / "packages")
    return Entry(Settings(packages=str(folder / "packages")))


def tensor(*values: float) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "datatype": "FP32", "shape": [len(values) // 2, 2], "data": list(values)}]}


def noise() -> Any:
    """y = x + noise: whether the model ran shows in its answer."""
    nodes = [
        helper.make_node("RandomUniformLike", ["x"], ["noise"]),
        helper.make_node("Add", ["x", "noise"], ["y"]),
    ]
    rows = (TensorProto.FLOAT, ["n", 2])
    return graphs.model(nodes, {"x": rows}, {"y": rows})


@pytest.mark.parametrize(
    ("path", "body"), [(PREDICT, {"instances": [[1, 2]]}), (PREDICT, {"inputs": [[1, 2]]}), (INFER, tensor(1, 2))]
)
def test_the_same_request_is_answered_without_a_run(tmp_path: Path, path: str, body: Any) -> None:
    entry = entry_of(tmp_path, model=noise())
    first, second = call(entry, "POST", path, body), call(entry, "POST", path, body)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert first.body == second.body
    other = call(entry, "POST", path, orjson.dumps(body) + b" ")
    assert other.headers["x-cache"] == "miss"
    assert other.body != first.body
    call(entry, "POST", "/v2/repository/models/plus/unload")
    assert call(entry, "POST", path, body).headers["x-cache"] == "miss"


def test_an_explanation_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "linear-regression"
    shutil.copytree(ROOT / "model_artifacts" / folder.name, folder)
    with (folder / "model.toml").open("a") as file:
        file.write(DECLARED)
    build(folder, tmp_path / "packages")
    entry = Entry(Settings(packages=str(tmp_path / "packages")))
    path, body = "/v1/models/linear-regression:explain", {"instances": [[1, 2, 3]]}
    first, second = call(entry, "POST", path, body), call(entry, "POST", path, body)
    assert (first.status, first.body) == (200, second.body)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert call(entry, "POST", path.replace("explain", "predict"), body).headers["x-cache"] == "miss"


def test_a_model_without_a_cache_says_nothing_of_one(tmp_path: Path) -> None:
    entry = entry_of(tmp_path, toml="")
    for _ in range(2):
        assert "x-cache" not in call(entry, "POST", PREDICT, {"instances": [[1, 2]]}).headers
    assert "response_cache" not in call(entry, "GET", "/v2/models/plus/config").body
    assert entry.service.catalog.model("plus").cache is None


def test_a_model_without_a_cache_imports_none(tmp_path: Path) -> None:
    build(ROOT / "model_artifacts" / "linear-regression", tmp_path)
    assert not {"functions.predict.cache", "hashlib"} & modules(tmp_path, load_event("rest_predict_linear"))


def test_a_model_with_a_cache_says_so_in_its_configuration(tmp_path: Path) -> None:
    assert call(entry_of(tmp_path), "GET", "/v2/models/plus/config").body["response_cache"] == {"enable": True}


@pytest.mark.parametrize("body", [b"", b"{", b'{"instances": [[1]]}', b'{"instances": [[1, 2]], "inputs": [[1, 2]]}'])
def test_an_error_is_not_kept(tmp_path: Path, body: bytes) -> None:
    entry = entry_of(tmp_path)
    for _ in range(2):
        refused = call(entry, "POST", PREDICT, body)
        assert (refused.status, "x-cache" in refused.headers) == (400, False)
    assert entry.service.catalog.model("plus").cache.held == 0


def test_a_header_that_changes_the_answer_makes_another_request(tmp_path: Path) -> None:
    entry = entry_of(tmp_path)
    content = bytes(8)
    for headers, status in (({LENGTH: "0"}, 200), ({LENGTH: "8"}, 400), ({}, 400), ({LENGTH: "0"}, 200)):
        assert call(entry, "POST", INFER, content, headers).status == status


def test_what_is_added_to_one_answer_is_not_in_the_next(tmp_path: Path) -> None:
    build(graphs.source(tmp_path, "plus", graphs.plus(1), "[cache]\nmax_bytes = 1_000_000\n"), tmp_path / "packages")
    entry = Entry(Settings(packages=str(tmp_path / "packages"), cors_origins=("https://a.example",)))
    body = orjson.dumps({"instances": [[1, 2]] * 3_000})
    given: list[dict[str, str]] = [{}, {"Origin": "https://a.example", "Accept-Encoding": "gzip"}, {}]
    plain, dressed, again = [entry(event("POST", PREDICT, body, headers), None) for headers in given]
    assert dressed["headers"]["content-encoding"] == "gzip"
    assert dressed["headers"]["access-control-allow-origin"] == "https://a.example"
    assert untimed(again["headers"]) == untimed(plain["headers"]) | {"x-cache": "hit"}
    assert again["body"] == plain["body"]


def test_a_compressed_body_is_the_one_that_it_expands_to(tmp_path: Path) -> None:
    entry = entry_of(tmp_path)
    body = orjson.dumps({"instances": [[1, 2]]})
    assert call(entry, "POST", PREDICT, body).headers["x-cache"] == "miss"
    packed = call(entry, "POST", PREDICT, gzip.compress(body), {"Content-Encoding": "gzip"})
    assert packed.headers["x-cache"] == "hit"


def test_the_way_through_fastapi_has_the_same_answers(tmp_path: Path) -> None:
    entry = entry_of(tmp_path)
    sent = event("POST", PREDICT, b'{"instances": [[1, 2]]}')
    hot, cold = entry(sent, None), entry.cold(sent, None)
    assert (hot["headers"]["x-cache"], cold["headers"]["x-cache"]) == ("miss", "hit")
    assert hot["body"] == cold["body"]


def test_no_endpoint_runs_in_a_thread_of_its_own(tmp_path: Path) -> None:
    routes = app.build(entry_of(tmp_path).service).routes
    endpoints = [route.endpoint for route in routes if hasattr(route, "endpoint")]
    assert len(endpoints) > 20
    assert all(map(inspect.iscoroutinefunction, endpoints))


def test_the_document_tells_of_the_header(tmp_path: Path) -> None:
    paths = call(entry_of(tmp_path), "GET", "/openapi.json").body["paths"]
    for path in ("/v1/models/plus:predict", "/v1/models/{name}:explain", "/v2/models/{name}/infer"):
        assert paths[path]["post"]["responses"]["200"]["headers"]["x-cache"]["schema"]["enum"] == ["hit", "miss"]
    paths = call(entry_of(tmp_path / "other", toml=""), "GET", "/openapi.json").body["paths"]
    assert "x-cache" not in paths["/v1/models/plus:predict"]["post"]["responses"]["200"]["headers"]


def test_hits_and_misses_count_as_in_triton(tmp_path: Path) -> None:
    entry = entry_of(tmp_path)
    bodies: list[Any] = [tensor(1, 2, 3, 4), tensor(1, 2, 3, 4), tensor(5, 6), {"inputs": []}, tensor(1, 2, 3, 4)]
    for body in bodies:
        call(entry, "POST", INFER, body)
    (counted,) = call(entry, "GET", "/v2/models/plus/stats").body["model_stats"]
    assert (counted["inference_count"], counted["execution_count"]) == (3, 2)
    durations = counted["inference_stats"]
    assert {name: duration["count"] for name, duration in durations.items()} == {
        "success": 4, "fail": 1, "queue": 4, "compute_input": 2, "compute_infer": 2, "compute_output": 2,
        "cache_hit": 2, "cache_miss": 2,
    }  # fmt: skip
    parts = ("compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss")
    assert durations["success"]["ns"] == sum(durations[name]["ns"] for name in parts)
    assert min(durations[name]["ns"] for name in parts) > 0


def test_the_bound_is_one_of_memory_too(tmp_path: Path) -> None:
    bound = 1_000_000
    toml = f"[cache]\nmax_bytes = {bound}\n"
    build(graphs.source(tmp_path, "plus", graphs.plus(1), toml), tmp_path / "packages")
    predictor = Predictor(open_package(str(tmp_path / "packages" / "plus"), 0), Settings())
    cache = Cache(predictor)
    tracemalloc.start()
    before = tracemalloc.take_snapshot()
    for number in range(3_000):
        request = Request("POST", "", {}, str(number).encode(), "")
        headers = {"content-type": "application/json", "x-ortless-model": predictor.package.label, LENGTH: str(number)}
        answer = Response(200, headers, str(number).encode() * (number % 40), model=headers["x-ortless-model"])
        cache.keep(cache.key("predict", request), answer)
    grown = sum(entry.size_diff for entry in tracemalloc.take_snapshot().compare_to(before, "filename"))
    tracemalloc.stop()
    assert bound * 0.9 < cache.held <= bound
    assert bound * 0.2 < grown <= bound
