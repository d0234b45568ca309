"""One trace leads from who ordered or announced a file to the last line and document of its job."""

from typing import Any

import boto3
import orjson
import pytest

from functions.batch import distributed
from functions.batch import handler as handlers
from functions.batch.answering import answer
from functions.batch.claim import read
from functions.batch.execution import execution
from functions.core import telemetry
from tests.batch.conftest import Office, announced, lines
from tests.batch.jobs.conftest import Caller, Counter
from tests.batch.jobs.conftest import caller as caller
from tests.batch.jobs.conftest import counter as counter
from tests.batch.test_handler import context, event
from tests.batch.test_handler import environment as environment

TRACE, OTHER = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
AMAZON = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=53995c3f42cd8ad8;Sampled=1"


def told(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith('{"event"')]


def document(office: Office, job: str, name: str) -> Any:
    return orjson.loads(office.results(job)[name])


def test_the_trace_of_an_order_is_that_of_its_job_to_its_end(
    counter: Counter, caller: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    ticket = caller.make(trace=PARENT)
    assert ticket["trace"] == TRACE
    assert [(line["event"], line["status"], line["trace"]) for line in told(capfd)] == [("request", 201, TRACE)]
    counter.upload(ticket, lines([1, 0]))
    telemetry.follow(OTHER)  # what announces the file is of another trace
    counter.work(ticket)
    assert {line["trace"] for line in told(capfd) if line["event"] == "job_done"} == {TRACE}
    assert document(counter.office, ticket["id"], "manifest.json")["trace"] == TRACE
    assert caller("GET", f"/v1/jobs/{ticket['id']}").body["trace"] == TRACE


def test_a_job_that_fails_says_the_trace_of_its_order(counter: Counter, caller: Caller) -> None:
    ticket = caller.make(file="none.parquet", trace=PARENT)
    counter.upload(ticket, b"[1, 2]\n")
    telemetry.follow(None)
    counter.work(ticket)
    assert document(counter.office, ticket["id"], "failed.json")["trace"] == TRACE


def test_a_dropped_file_is_of_the_trace_of_its_message_and_each_message_of_its_own(
    environment: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-{'1' * 8}-{'1' * 24}")
    drops = [environment.drop(f"plus/{name}.jsonl", lines([1, 0])) for name in ("sent", "plain", "sent-late")]
    messages = event(*(announced(drop) for drop in drops))
    messages["Records"][0]["attributes"]["AWSTraceHeader"] = AMAZON
    messages["Records"][2]["attributes"]["AWSTraceHeader"] = f"Root=1-{TRACE[:8]}-{TRACE[8:]}"
    assert handlers.handler(messages, context()) == {"batchItemFailures": []}
    expected = [OTHER, "1" * 32, TRACE]
    assert [line["trace"] for line in told(capfd) if line["event"] == "job_done"] == expected
    assert [document(environment, drop.job, "manifest.json")["trace"] for drop in drops] == expected


def test_a_file_that_is_delivered_again_keeps_the_trace_of_its_claim(environment: Office) -> None:
    drop = environment.drop("plus/a.jsonl", lines([1, 0]))
    telemetry.follow(TRACE)
    desk = environment.desk(job_machine="machine")
    started: list[tuple[str, str | None]] = []
    for _ in range(2):
        answer(drop, desk, lambda job: started.append((job, telemetry.followed())), distribute=True)
        telemetry.follow(OTHER)
    assert started == [(drop.job, TRACE), (drop.job, TRACE)]


def test_the_machine_hands_the_trace_of_an_execution_to_every_step(
    office: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "desk", office.desk)
    drop = office.drop("plus/large.jsonl", lines(*([row, 0] for row in range(9))))
    telemetry.follow(TRACE)
    answer(drop, office.desk(job_machine="machine"), lambda _job: None, distribute=True)
    telemetry.follow(OTHER)
    begun = {"job": drop.job, "execution": orjson.loads(execution(drop.job, TRACE)["input"])}
    planned = distributed.handler({"do": "plan", **begun}, None)
    (item,) = orjson.loads(office.desk().results.get(planned["todo"]).body)
    assert (item["job"], item["trace"]) == (drop.job, TRACE)
    telemetry.follow(OTHER)
    distributed.handler({"do": "piece", "piece": item}, None)
    assert telemetry.followed() == TRACE
    telemetry.follow(OTHER)
    assert distributed.handler({"do": "commit", "round": 0, **begun}, None) == {"done": True}
    assert {line["trace"] for line in told(capfd) if line["event"] == "job_done"} == {TRACE}
    assert document(office, drop.job, "manifest.json")["trace"] == TRACE


def test_documents_from_before_there_were_traces_are_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "desk", office.desk)
    drop = office.drop("plus/old.jsonl", lines([1, 0]))
    answer(drop, office.desk(job_machine="machine"), lambda _job: None, distribute=True)
    claim = document(office, drop.job, "claim.json")
    del claim["trace"]
    office.s3.put_object(Bucket=office.out, Key=f"{drop.job}/claim.json", Body=orjson.dumps(claim))
    assert read(claim | {"of_a_later_version": 1}).trace is None
    assert distributed.handler({"do": "plan", "job": drop.job}, None)["done"] is False
    distributed.handler({"do": "piece", "piece": {"job": drop.job, "piece": [0, 0, 1, 0, 7, ""]}}, None)
    distributed.handler({"do": "commit", "job": drop.job, "round": 0}, None)
    assert document(office, drop.job, "manifest.json")["trace"] is None


def test_an_execution_is_begun_with_the_trace_in_its_input_and_for_x_ray() -> None:
    assert execution("job", None) == {"input": '{"job":"job"}'}
    begun = execution("job", TRACE)
    assert orjson.loads(begun["input"]) == {"job": "job", "trace": TRACE}
    assert begun["traceHeader"] == "Root=1-0af76519-16cd43dd8448eb211c80319c"


def test_a_dead_letter_comes_back_with_its_trace(counter: Counter) -> None:
    queues: Any = boto3.client("sqs")
    attribute = {"AWSTraceHeader": {"DataType": "String", "StringValue": AMAZON}}
    queues.send_message(QueueUrl=counter.dead, MessageBody="letter", MessageSystemAttributes=attribute)
    assert counter.caller(None)("POST", "/admin/jobs:redrive", {}).body["messages"] == 1
    names = ["AWSTraceHeader"]
    (back,) = queues.receive_message(QueueUrl=counter.queue, MessageSystemAttributeNames=names)["Messages"]
    assert back["Attributes"] == {"AWSTraceHeader": AMAZON}
