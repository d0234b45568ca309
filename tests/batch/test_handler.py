"""Of the messages of a batch, exactly those are delivered again that could not be dealt with."""

import json
from types import SimpleNamespace
from typing import Any

import boto3
import orjson
import pytest

from functions.batch import handler as handlers
from tests.batch.conftest import Office, announced, lines

ARN = "arn:aws:sqs:us-east-1:123456789012:files"


@pytest.fixture
def environment(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The handler as Lambda starts it."""
    monkeypatch.setenv("ORTLESS_PACKAGES", office.settings.packages)
    monkeypatch.setenv("ORTLESS_INPUT_BUCKET", office.files)
    monkeypatch.setenv("ORTLESS_OUTPUT_BUCKET", office.out)
    boto3.client("sqs").create_queue(QueueName="files")
    handlers.desk.cache_clear()
    handlers._queue_url.cache_clear()
    return office


def event(*bodies: str, received: int = 1) -> dict[str, Any]:
    """What Lambda makes of messages of the queue."""
    records = [
        {
            "messageId": f"message-{number}",
            "receiptHandle": f"receipt-{number}",
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(received)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": ARN,
            "awsRegion": "us-east-1",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def context(milliseconds: int = 900_000) -> Any:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)


@pytest.mark.parametrize("poison", range(11))
def test_of_ten_messages_exactly_the_poison_is_reported(environment: Office, poison: int) -> None:
    good = [environment.drop(f"plus/{number}.jsonl", lines([number, 0])) for number in range(10 - poison)]
    bodies = [announced(drop) for drop in good] + ["poison"] * poison
    bodies.sort(key=hash)
    answered = handlers.handler(event(*bodies), context())
    expected = [{"itemIdentifier": f"message-{n}"} for n, body in enumerate(bodies) if body == "poison"]
    assert answered == {"batchItemFailures": expected}
    assert all("manifest.json" in environment.results(drop.job) for drop in good)


def test_a_file_that_can_never_be_answered_is_no_poison(environment: Office) -> None:
    drop = environment.drop("plus/a.docx", b"x")
    assert handlers.handler(event(announced(drop)), context()) == {"batchItemFailures": []}
    assert "failed.json" in environment.results(drop.job)


def test_a_store_out_of_reach_is_tried_again_soon_and_then_less_often(
    environment: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("functions.batch.ledger.PAUSE", 0.001)
    drop = environment.drop("plus/a.jsonl", lines([1, 2]))
    monkeypatch.setenv("ORTLESS_OUTPUT_BUCKET", "no-such-bucket")
    handlers.desk.cache_clear()
    queue = boto3.client("sqs").get_queue_url(QueueName="files")["QueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=announced(drop))
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    failing = event(announced(drop), received=3)
    failing["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    answered = handlers.handler(failing, context())
    assert answered == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    said = [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines() if line.startswith('{"event"')]
    assert "message_failed" in said
    assert "message_not_postponed" not in said


def test_what_there_is_no_time_for_goes_to_the_machine_once(
    environment: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Over", "States": {"Over": {"Type": "Succeed"}}})
    role = "arn:aws:iam::123456789012:role/any"
    machine = states.create_state_machine(name="jobs", definition=definition, roleArn=role)["stateMachineArn"]
    monkeypatch.setenv("ORTLESS_JOB_MACHINE", machine)
    handlers.desk.cache_clear()
    drop = environment.drop("plus/late.jsonl", lines([1, 2]))
    for _ in range(2):
        assert handlers.handler(event(announced(drop)), context(milliseconds=5000)) == {"batchItemFailures": []}
    executions = states.list_executions(stateMachineArn=machine)["executions"]
    assert [execution["name"] for execution in executions] == [drop.job]
    assert orjson.loads(environment.results(drop.job)["claim.json"])["distributed"] is True
    assert "manifest.json" not in environment.results(drop.job)
