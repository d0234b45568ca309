"""The entry point that Lambda calls with messages of the queue: each announces a file."""

import os
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.batch.answering import answer
from functions.batch.desk import Desk
from functions.batch.execution import execution
from functions.batch.names import drops
from functions.core import traces
from functions.core.defects import described
from functions.core.settings import Settings
from functions.core.telemetry import emit, follow, followed
from functions.rest import logger

logger.install()
ENOUGH_MS = 120_000
"""Milliseconds that the files of a message are given; with less, they go to where there is more."""
LONGEST = 900
"""Seconds after which a message is tried again, at most: the queue itself would wait for six times as long as this
function may take."""

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def desk() -> Desk:
    """What this environment has at hand."""
    return Desk(Settings.from_environment(os.environ))


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer the files of up to ten messages; says which messages are to be delivered again."""
    return process_partial_response(
        event=event, record_handler=partial(_handle, context=context), processor=processor, context=context
    )


def _handle(record: SQSRecord, context: LambdaContext) -> None:
    sent = traces.of_amazon(record.attributes.aws_trace_header or "")
    try:
        for drop in drops(record.body):
            # Each file anew: the one before may have been of another trace.
            follow(sent or traces.of({}, os.environ))
            answer(drop, desk(), start, distribute=context.get_remaining_time_in_millis() < ENOUGH_MS)
    except Exception as fault:  # whatever it is, the other messages of the batch are none the worse for it
        emit("message_failed", message=record.message_id, error=described(fault))
        _postpone(record)
        raise


def start(job: str) -> None:
    """Hand a job to the machine; a job that it has is not begun again."""
    states = boto3.client("stepfunctions")
    try:
        states.start_execution(stateMachineArn=desk().settings.job_machine, name=job, **execution(job, followed()))
    except states.exceptions.ExecutionAlreadyExists:
        return


def _postpone(record: SQSRecord) -> None:
    seconds = min(LONGEST, desk().settings.retry_seconds * 2 ** (int(record.attributes.approximate_receive_count) - 1))
    try:
        queue = _queue_url(record.event_source_arn)
        boto3.client("sqs").change_message_visibility(
            QueueUrl=queue, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
        )
    except Exception as fault:  # it comes back later then
        emit("message_not_postponed", message=record.message_id, error=described(fault))


@cache
def _queue_url(arn: str) -> str:
    name, account = arn.rsplit(":", 1)[1], arn.rsplit(":", 2)[1]
    return str(boto3.client("sqs").get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"])
