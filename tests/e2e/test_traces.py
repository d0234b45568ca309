"""One trace id, given by a caller, finds everything that its request led to: on the embedded cloud, IAM enforced."""

import json
import os
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.batch_desk import Desk, eventually
from tests.e2e.conftest import Api
from tests.e2e.test_batch import flowers, lines
from tests.e2e.test_jobs import unannounced

MODEL = "iris-svm"
NUMBERS = count(1)
Told = Callable[[str], dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def told(service: Endpoint) -> Told:
    """The lines of the functions' logs with a trace, by the event."""
    root = Account(service.endpoint_url, service.region)
    logs = root.session.client("logs", **root.options)

    def look(trace: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        listed = (page["logGroups"] for page in logs.get_paginator("describe_log_groups").paginate())
        for group in (group["logGroupName"] for groups in listed for group in groups):
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for message in (event["message"] for page in pages for event in page["events"]):
                for line in message.splitlines():
                    if trace in line and line.startswith("{"):
                        found.setdefault(json.loads(line).get("event", ""), []).append(json.loads(line) | {"in": group})
        return found

    return look


def parent() -> tuple[str, str]:
    """A new trace, and the header that a caller sends for it."""
    trace = f"{next(NUMBERS):08x}{os.urandom(12).hex()}"
    return trace, f"00-{trace}-{os.urandom(7).hex()}01-01"


def done(api: Api, desk: Desk, header: str, content: bytes, **fields: Any) -> Any:
    """The id and manifest of a job that was ordered under a trace."""
    order = {"file": "traced.jsonl", **fields}
    made = api.call("POST", f"/v1/models/{MODEL}/jobs", json=order, headers={"traceparent": header})
    assert made.status_code == 201, made.text
    upload = made.json()["upload"]
    put = httpx.post(upload["url"], data=upload["fields"], files={"file": ("traced.jsonl", content)}, timeout=120)
    assert put.status_code == 204, put.text
    return desk.end(made.json()["id"], 120)


def test_a_prediction_is_in_the_log_under_the_id_that_its_caller_gave(api: Api, told: Told) -> None:
    trace, header = parent()
    assert api.predict(MODEL, [5.1, 3.5, 1.4, 0.2], headers={"traceparent": header}).status_code == 200
    (line,) = eventually(lambda: told(trace).get("request"))
    assert (line["route"], line["status"], line["trace"]) == ("POST /v1/models/{name}:predict", 200, trace)
    assert api.predict(MODEL, [5.1, 3.5, 1.4, 0.2], headers={"traceparent": "nonsense"}).status_code == 200


def test_a_job_is_found_by_the_id_of_its_order_from_the_request_to_its_end(
    api: Api, service: Endpoint, told: Told
) -> None:
    trace, header = parent()
    desk = Desk(service)
    manifest = done(api, desk, header, lines(flowers(50)))
    assert manifest["trace"] == trace
    assert json.loads(desk.read(f"{manifest['job']}/claim.json"))["trace"] == trace
    assert api.call("GET", f"/v1/jobs/{manifest['job']}").json()["trace"] == trace
    ended = eventually(lambda: told(trace).get("job_done"))
    assert [(line["job"], line["trace"]) for line in ended] == [(manifest["job"], trace)]
    (ordered,) = told(trace)["request"]
    assert (ordered["route"], ordered["trace"]) == ("POST /v1/models/{name}/jobs", trace)
    assert ordered["in"] != ended[0]["in"]


def test_a_large_job_carries_its_trace_through_the_machine_to_its_pieces_and_the_commit(
    api: Api, service: Endpoint, told: Told
) -> None:
    trace, header = parent()
    few = flowers(100)
    wide = [{**few[number % 100], "junk": os.urandom(10_000).hex()} for number in range(1900)]
    desk = Desk(service)
    manifest = done(api, desk, header, lines(wide), options={"ignore": ["junk"]})
    assert (manifest["trace"], manifest["answered"]) == (trace, 1900)
    root = Account(service.endpoint_url, service.region)
    states = root.session.client("stepfunctions", **root.options)
    machine = service.outputs["JobMachineArn"].replace(":stateMachine:", ":execution:")
    begun = states.describe_execution(executionArn=f"{machine}:{manifest['job']}")
    assert json.loads(begun["input"]) == {"job": manifest["job"], "trace": trace}
    items = json.loads(desk.read(f"{manifest['job']}/todo-0.json"))
    assert {item["trace"] for item in items} == {trace}
    (ended,) = eventually(lambda: told(trace).get("job_done"))
    assert (ended["job"], ended["trace"]) == (manifest["job"], trace)


def test_a_dropped_file_is_of_the_trace_that_its_announcement_carries(service: Endpoint, told: Told) -> None:
    trace, _ = parent()
    desk, root = Desk(service), Account(service.endpoint_url, service.region)
    queues, buckets = root.session.client("sqs", **root.options), root.session.client("s3", **root.options)
    with unannounced(buckets, desk.input):
        job = desk.drop(f"{MODEL}/announced.jsonl", lines(flowers(3)))
    version = buckets.head_object(Bucket=desk.input, Key=f"{MODEL}/announced.jsonl")["VersionId"]
    stored = {"bucket": {"name": desk.input}, "object": {"key": f"{MODEL}/announced.jsonl", "versionId": version}}
    header = f"Root=1-{trace[:8]}-{trace[8:]};Sampled=1"
    queues.send_message(
        QueueUrl=service.outputs["JobQueueUrl"],
        MessageBody=json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": stored}]}),
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": header}},
    )
    assert desk.end(job)["trace"] == trace
    (ended,) = eventually(lambda: told(trace).get("job_done"))
    assert (ended["job"], ended["trace"]) == (job, trace)
