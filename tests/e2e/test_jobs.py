"""The API of jobs through the gateway of the embedded cloud, with API keys and IAM enforced."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.batch_desk import Desk, eventually
from tests.e2e.conftest import Api
from tests.e2e.test_batch import flowers, labels, lines

MODEL = "iris-svm"
Operator = Callable[..., httpx.Response]


@pytest.fixture
def stranger(api: Api, service: Endpoint) -> Iterator[Api]:
    """Somebody with another key of the same plan."""
    root = Account(service.endpoint_url, service.region)
    gateway = root.session.client("apigateway", **root.options)
    plan = gateway.get_usage_plans()["items"][0]["id"]
    key = gateway.create_api_key(name="stranger", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    yield replace(api, key=gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"])
    gateway.delete_api_key(apiKey=key["id"])


@pytest.fixture
def operator(api: Api, service: Endpoint) -> Operator:
    """Signed calls of who has the operator's policy."""
    credentials = service.operator
    assert credentials

    def call(method: str, path: str, body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return api.signed(method, path, credentials.access_key_id, credentials.secret_access_key, body=content)

    return call


def order(api: Api, file: str, model: str = MODEL, **fields: Any) -> Any:
    """A job's ticket."""
    made = api.call("POST", f"/v1/models/{model}/jobs", json={"file": file, **fields})
    assert made.status_code == 201, made.text
    return made.json()


def upload(ticket: Any, content: bytes) -> httpx.Response:
    """The file of a job, sent as a browser's form sends it: without any credentials."""
    target = ticket["upload"]
    return httpx.post(target["url"], data=target["fields"], files={"file": (ticket["file"], content)}, timeout=60)


def ended(api: Api, job: str, seconds: float = 60) -> Any:
    """A job once it is over."""

    def look() -> Any:
        found = api.call("GET", f"/v1/jobs/{job}")
        assert found.status_code == 200, found.text
        return found.json() if found.json()["state"] not in ("waiting", "running") else None

    return eventually(look, seconds)


def test_a_caller_with_nothing_but_a_key_gets_a_file_answered_and_downloads_the_results(api: Api) -> None:
    rows: list[Any] = flowers(400)
    rows[3] = {"sepal_length": "long"}
    ticket = order(api, "garden.jsonl", options={"parameters": {"top_k": 1}})
    assert upload(ticket, lines(rows)).status_code == 204
    job = ended(api, ticket["id"])
    assert (job["state"], job["counts"]) == ("done", {"rows": 400, "answered": 399, "errors": 1})
    assert job["progress"]["fraction"] == 1.0
    assert job["cost"]["usd"] > 0
    content = httpx.get(job["results"][0]["url"]).content
    assert hashlib.sha256(content).hexdigest() == job["results"][0]["sha256"]
    answered = [json.loads(line) for line in content.splitlines()]
    assert [row["prediction"]["label"] for row in answered] == labels(api, [*rows[:3], *rows[4:]])
    (refused,) = (json.loads(line) for line in httpx.get(job["refusals"][0]["url"]).content.splitlines())
    assert (refused["row"], refused["line"]) == (3, 4)


def test_another_key_sees_nothing_of_it_and_no_key_nothing_at_all(api: Api, stranger: Api) -> None:
    ticket = order(api, "mine.csv")
    for method in ("GET", "DELETE"):
        refused = stranger.call(method, f"/v1/jobs/{ticket['id']}")
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_job")
        assert replace(api, key=None).call(method, f"/v1/jobs/{ticket['id']}").status_code == 403
    theirs = order(stranger, "theirs.csv")["id"]
    assert [job["id"] for job in stranger.call("GET", "/v1/jobs").json()["jobs"]] == [theirs]
    mine = [job["id"] for job in api.call("GET", "/v1/jobs?limit=100").json()["jobs"]]
    assert ticket["id"] in mine
    assert theirs not in mine
    assert replace(api, key=None).call("GET", "/v1/jobs").status_code == 403
    assert replace(api, key=None).call("POST", f"/v1/models/{MODEL}/jobs", json={"file": "a.csv"}).status_code == 403


def test_operators_see_every_job_and_callers_do_not_see_theirs(api: Api, operator: Operator, service: Endpoint) -> None:
    dropped = Desk(service).drop(f"{MODEL}/for-operators.jsonl", lines(flowers(3)))
    Desk(service).end(dropped)
    ordered = order(api, "ordered.csv")["id"]
    listed = operator("GET", "/admin/jobs?limit=100")
    assert listed.status_code == 200, listed.text
    found = {job["id"]: job for job in listed.json()["jobs"]}
    assert (found[dropped]["state"], found[dropped]["model"]) == ("done", MODEL)
    assert found[ordered]["state"] == "waiting"
    assert operator("GET", f"/admin/jobs/{dropped}").json()["counts"]["rows"] == 3
    assert operator("DELETE", f"/admin/jobs/{ordered}").json()["state"] == "cancelled"
    assert api.call("GET", f"/v1/jobs/{dropped}").status_code == 404
    # Unsigned, the embedded cloud says of a path that it does not exist.
    assert api.call("GET", "/admin/jobs").status_code in (403, 404)


def test_a_large_job_is_followed_by_its_rows_and_cancelled_half_way(api: Api) -> None:
    few = flowers(100)
    wide = [{**few[number % 100], "junk": os.urandom(3000).hex()} for number in range(16_000)]
    ticket = order(api, "wide.jsonl", options={"ignore": ["junk"]})
    assert upload(ticket, lines(wide)).status_code == 204
    path = f"/v1/jobs/{ticket['id']}"

    def planned() -> Any:
        job = api.call("GET", path).json()
        return job if job["progress"]["rows"] else None

    job = eventually(planned)
    assert job["progress"]["rows"] == 16_000
    assert job["progress"]["pieces"] >= 6
    cancelled = api.call("DELETE", path)
    if cancelled.status_code == 200:
        assert cancelled.json()["state"] == "cancelled"
    else:  # it was faster than its caller
        assert (cancelled.status_code, cancelled.json()["code"]) == (409, "conflict")
        assert api.call("GET", path).json()["state"] == "done"


def test_what_is_dead_is_brought_back_and_answered(operator: Operator, service: Endpoint) -> None:
    root, desk = Account(service.endpoint_url, service.region), Desk(service)
    queues, buckets = root.session.client("sqs", **root.options), root.session.client("s3", **root.options)
    with unannounced(buckets, desk.input):
        job = desk.drop("linear-regression/late.jsonl", b"[1, 2, 3]\n")
    version = buckets.head_object(Bucket=desk.input, Key="linear-regression/late.jsonl")["VersionId"]
    stored = {"bucket": {"name": desk.input}, "object": {"key": "linear-regression/late.jsonl", "versionId": version}}
    letter = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": stored}]})
    queues.send_message(QueueUrl=service.outputs["DeadLettersUrl"], MessageBody=letter)
    assert operator("POST", "/admin/jobs:redrive", {"dry_run": True}).json()["messages"] == 1
    assert not desk.keys(f"{job}/")
    redriven = operator("POST", "/admin/jobs:redrive", {})
    assert (redriven.status_code, redriven.json()["messages"]) == (200, 1), redriven.text
    assert desk.end(job)["answered"] == 1
    assert operator("POST", "/admin/jobs:redrive", {"dry_run": True}).json()["messages"] == 0


@contextmanager
def unannounced(buckets: Any, bucket: str) -> Iterator[None]:
    """While S3 tells nobody of new files."""
    told = buckets.get_bucket_notification_configuration(Bucket=bucket)
    del told["ResponseMetadata"]
    buckets.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    buckets.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
