"""The API of jobs over the office, called as the gateway calls it; and its callers."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import httpx
import orjson
import pytest

from functions.batch.answering import answer
from functions.batch.jobs.app import create
from functions.batch.jobs.service import Service
from functions.batch.names import Drop
from functions.core.settings import Settings
from functions.rest.gateway import behind_gateway
from tests.batch.conftest import Office
from tests.predict.calls import Answer, event
from tests.predict.calls import answer as answered

MACHINE = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


class Caller:
    """Somebody with an API key, or with none."""

    def __init__(self, service: Service, key: str | None, cors_origins: tuple[str, ...] = ()) -> None:
        self._handler, self._key = behind_gateway(create(service, cors_origins)), key

    def __call__(
        self, method: str, path: str, body: Any = None, origin: str = "", trace: str = "", **query: str
    ) -> Answer:
        given = {"Origin": origin, "traceparent": trace}
        headers = {"Content-Type": "application/json"} | {name: value for name, value in given.items() if value}
        call = event(method, path, b"" if body is None else orjson.dumps(body), headers)
        call["requestContext"]["identity"] = {"apiKeyId": self._key, "sourceIp": "127.0.0.1"}
        call["queryStringParameters"] = query or None
        call["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()} or None
        return answered(self._handler(call, None))  # type: ignore[arg-type]  # Mangum reads nothing of the context

    def make(self, file: str = "rows.jsonl", trace: str = "", **fields: Any) -> Any:
        """A job's ticket."""
        made = self("POST", "/v1/models/plus/jobs", {"file": file, **fields}, trace=trace)
        assert made.status == 201, made.body
        return made.body


class Counter:
    """Where jobs are asked for: with queues and a machine of its own."""

    def __init__(self, office: Office, name: str) -> None:
        self.office = office
        queues, states = boto3.client("sqs"), boto3.client("stepfunctions")
        self.queue, self.dead = (queues.create_queue(QueueName=f"{kind}-{name}")["QueueUrl"] for kind in ("q", "dead"))
        role = "arn:aws:iam::123456789012:role/machine"
        definition = json.dumps(MACHINE)
        self.machine = states.create_state_machine(name=f"m-{name}", definition=definition, roleArn=role)[
            "stateMachineArn"
        ]
        self.settings: Settings = office.settings._replace(
            job_queue=self.queue, dead_letters=self.dead, job_machine=self.machine, max_job_bytes=1 << 30
        )
        self.service = Service(self.settings)

    def caller(self, key: str | None = "key-1", cors_origins: tuple[str, ...] = ()) -> Caller:
        """Somebody who calls."""
        return Caller(self.service, key, cors_origins)

    def upload(self, ticket: Any, body: bytes) -> httpx.Response:
        """Put the file of a job where its ticket says."""
        upload = ticket["upload"]
        return httpx.post(upload["url"], data=upload["fields"], files={"file": (ticket["file"], body)})

    def work(self, ticket: Any, *, distribute: bool = False) -> None:
        """What the function of files does once S3 has announced it."""
        key = f"plus/jobs/{ticket['id']}/{ticket['file']}"
        version = self.office.s3.head_object(Bucket=self.office.files, Key=key)["VersionId"]
        desk = self.office.desk(job_machine=self.machine if distribute else "")
        answer(Drop(self.office.files, key, version), desk, self.start, distribute=distribute)

    def start(self, job: str) -> None:
        """Hand a job to the machine."""
        boto3.client("stepfunctions").start_execution(
            stateMachineArn=self.machine, name=job, input=json.dumps({"job": job})
        )


@pytest.fixture
def counter(office: Office) -> Iterator[Counter]:
    """On an event loop of its own: Mangum would leave the one that it makes open."""
    with closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        yield Counter(office, office.out)
        asyncio.set_event_loop(None)


@pytest.fixture
def caller(counter: Counter) -> Caller:
    """Somebody with a key."""
    return counter.caller()
