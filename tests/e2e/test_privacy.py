"""Requests that carry personal data leave none of it in any log, whatever becomes of them."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import onnx
import pytest
from onnx import TensorProto, helper

from functions.core import alias as aliases
from functions.core.store import ObjectStore
from functions.packaging.build import build
from local.aws import Account
from local.endpoint import Endpoint
from tests.cloud import release
from tests.core import graphs
from tests.e2e.conftest import Api
from tests.e2e.marked import DIGITS, IRIS, WORD, Call, calls, forms
from tests.e2e.test_jobs import order, upload
from tests.e2e.test_lifecycle import Operator

CALLERS = 8
FEW, MANY = 400, 10_000


def lookup() -> onnx.ModelProto:
    """A table of three: for any other index ONNX Runtime's message has the index."""
    table = helper.make_tensor("table", TensorProto.FLOAT, [3], [1, 2, 3])
    nodes = [
        helper.make_node("Constant", [], ["table"], value=table),
        helper.make_node("Gather", ["table", "x"], ["y"]),
    ]
    return graphs.model(nodes, {"x": (TensorProto.INT64, ["n", 1])}, {"y": (TensorProto.FLOAT, ["n", 1])})


@pytest.fixture(scope="module")
def failing(
    api: Api, service: Endpoint, registry: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A model that fails at most values, and one that does not load; other tests ask every model that there is."""
    folder = tmp_path_factory.mktemp("failing")
    root = Account(service.endpoint_url, service.region)
    s3 = root.session.client("s3", **root.options)
    for name, graph in (("lookup", lookup()), ("damaged", graphs.plus(1))):
        release(build(graphs.source(folder, name, graph), folder / "packages"), registry)
    s3.delete_object(Bucket=str(service.models_bucket), Key="packages/damaged/1/model.onnx")
    deadline = time.monotonic() + 60
    for name, status in (("lookup", 200), ("damaged", 503)):
        while (answered := api.call("GET", f"/v2/models/{name}/ready")).status_code != status:
            assert time.monotonic() < deadline, (name, answered.text)
            time.sleep(0.2)
    yield
    for name in ("lookup", "damaged"):
        s3.delete_object(Bucket=str(service.models_bucket), Key=aliases.key(name))


def ask(client: httpx.Client, api: Api, call: Call) -> str:
    """Send one; what is wrong with the answer, if anything is."""
    known = {"x-api-key": api.key or ""}
    answered = client.request(call.method, f"{api.url}{call.path}", content=call.content, headers=known | call.headers)
    return "" if answered.status_code in call.statuses else f"{call.kind}: {answered.status_code} {answered.text[:200]}"


def first(count: int) -> Iterator[Call]:
    """So many calls, every kind as often as any other."""
    number = 0
    while count > 0:
        for call in list(calls(number))[:count]:
            yield call
            count -= 1
        number += 1


def written(service: Endpoint) -> dict[str, list[str]]:
    """Everything in every log group."""
    root = Account(service.endpoint_url, service.region)
    logs = root.session.client("logs", **root.options)
    pages = logs.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return {name: [message for _, _, message in events(logs, name)] for name in names}


def events(logs: Any, group: str) -> set[tuple[int, str, str]]:
    """Everything in one; the embedded cloud gives the oldest 10,000 from a moment on, and no token for more."""
    found: set[tuple[int, str, str]] = set()
    while True:
        since = max((moment for moment, _, _ in found), default=0)
        page = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
        fresh = {(event["timestamp"], event["logStreamName"], event["message"]) for event in page} - found
        if not fresh:
            return found
        found |= fresh


def leaks(found: dict[str, list[str]]) -> list[str]:
    marks = [mark.decode().lower() for mark in forms()]
    plain = [mark for mark in marks if mark]
    return [f"{group}: {text[:300]}" for group, texts in found.items() for text in texts
            if any(mark in text.lower() for mark in plain)]  # fmt: skip


def requested(found: dict[str, list[str]]) -> int:
    return sum('"event":"request"' in text for texts in found.values() for text in texts)


def send(api: Api, service: Endpoint, count: int) -> None:
    before = requested(written(service))
    sent = list(first(count))
    limits = httpx.Limits(max_keepalive_connections=CALLERS)
    with httpx.Client(timeout=60, limits=limits) as client, ThreadPoolExecutor(CALLERS) as callers:
        wrong = [text for text in callers.map(lambda call: ask(client, api, call), sent) if text]
    kinds = Counter(call.kind for call in sent)
    sys.stdout.write(f"\n{len(sent)} requests: {json.dumps(kinds, indent=2)}\n")
    assert Counter(text.partition(":")[0] for text in wrong) == {}, wrong[:5]
    found = written(service)
    # Else there would be nothing to find marks in: the function that answers writes a line for each it is asked.
    assert requested(found) - before >= 0.7 * count
    assert leaks(found) == []


@pytest.mark.usefixtures("failing")
def test_some_hundred_marked_requests_leave_no_mark_in_a_log(api: Api, service: Endpoint) -> None:
    send(api, service, FEW)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("failing")
def test_ten_thousand_marked_requests_leave_no_mark_in_a_log(api: Api, service: Endpoint) -> None:
    send(api, service, MANY)


def test_files_and_their_names_leave_no_mark_in_a_log(api: Api, service: Endpoint) -> None:
    rows = f'[5.1, 3.5, 1.4, 0.2]\n["{WORD}", 1, 2, 3]\n{{"{WORD}": 1}}\n[{DIGITS}, 1, 1, 1]\n[{WORD}\n'
    files = {"rows.jsonl": rows.encode(), "table.parquet": WORD.encode(), "table.csv": f"{WORD}\n{WORD}\n".encode()}
    placed = []
    for name, content in files.items():
        ticket = order(api, f"{WORD}-{name}")
        assert upload(ticket, content).status_code == 204
        placed.append(ticket["id"])
    deadline = time.monotonic() + 120
    states: dict[str, str] = {}
    while set(states.values()) != {"done", "failed"} or len(states) < len(placed):
        states = {job: api.call("GET", f"/v1/jobs/{job}").json()["state"] for job in placed}
        states = {job: state for job, state in states.items() if state in ("done", "failed")}
        assert time.monotonic() < deadline, states
        time.sleep(0.5)
    found = written(service)
    assert any('"event":"job_failed"' in text for texts in found.values() for text in texts)
    assert leaks(found) == []


def test_operators_mistakes_leave_no_mark_in_a_log(api: Api, service: Endpoint) -> None:
    assert service.operator
    operator = Operator(service, api, service.operator)
    for method, path, body in (
        ("GET", f"/admin/models/{WORD}", None),
        ("POST", f"/admin/models/{IRIS}:promote", {"version": WORD}),
        ("POST", f"/admin/models/{IRIS}:canary", {WORD: WORD}),
        ("GET", f"/console/api/{WORD}", None),
    ):
        assert 400 <= operator.call(method, path, body).status_code < 500
    assert leaks(written(service)) == []


def test_what_nobody_foresaw_leaves_no_mark_in_a_log(service: Endpoint) -> None:
    root = Account(service.endpoint_url, service.region)
    functions = root.session.client("lambda", **root.options)
    pages = functions.get_paginator("list_functions").paginate()
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    events = {"Predict": {"httpMethod": WORD, "requestContext": 1, "path": WORD, "body": WORD},
              "BatchWork": {"do": WORD, "job": WORD},
              "BatchDrop": {"Records": [{"messageId": "m", "body": WORD, "eventSource": "aws:sqs"}]}}  # fmt: skip
    for part, event in events.items():
        (name,) = (name for name in names if part in name and "local" in name)
        answered = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        assert WORD not in answered.get("FunctionError", "")
    assert leaks(written(service)) == []


def test_a_mark_in_a_log_would_be_found(tmp_path: Path) -> None:
    assert tmp_path
    for text in (f"x {WORD}000001", WORD.upper(), f"5.{DIGITS}1", f"{WORD}9".encode().hex()):
        assert len(leaks({"group": ["nothing", text]})) == 1
