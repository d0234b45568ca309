"""Dead letters: announcements that nobody could answer, brought back into the queue that they came from."""

from time import monotonic
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.batch.jobs.errors import ServiceUnavailable

SECONDS = 15.0
"""What is left after that is brought back by the next call."""
HIDDEN_SECONDS = 60
"""For so long nobody else sees a letter that is being brought back."""
SERVICE = "SQS"
TRACE = "AWSTraceHeader"
"""The one attribute of a message that who sends it on can keep as it is."""


class DeadLetters:
    """Of one queue. Every method raises ServiceUnavailable where SQS does not answer."""

    def __init__(self, dead: str, queue: str) -> None:
        """Take the URLs of the dead letters' queue, and of the one they go back to."""
        self._dead, self._queue = dead, queue
        self._client: Any = boto3.client("sqs")

    def count(self) -> int:
        """About how many there are."""
        found = self._ask("get_queue_attributes", QueueUrl=self._dead, AttributeNames=["ApproximateNumberOfMessages"])
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def bring_back(self) -> int:
        """Bring back what is dead now; returns how many. A letter is taken away only once it is in the queue again."""
        moved, ends = 0, monotonic() + SECONDS
        seen: set[str] = set()
        while monotonic() < ends:
            found = self._ask(
                "receive_message",
                QueueUrl=self._dead,
                MaxNumberOfMessages=10,
                MessageSystemAttributeNames=[TRACE],
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=0,
            )
            letters = [letter for letter in found.get("Messages", []) if letter["MessageId"] not in seen]
            if not letters:
                break
            for letter in letters:
                seen.add(letter["MessageId"])
                self._ask("send_message", QueueUrl=self._queue, MessageBody=letter["Body"], **_traced(letter))
                self._ask("delete_message", QueueUrl=self._dead, ReceiptHandle=letter["ReceiptHandle"])
                moved += 1
        return moved

    def _ask(self, call: str, **fields: Any) -> Any:
        try:
            return getattr(self._client, call)(**fields)
        except (BotoCoreError, ClientError) as fault:
            raise ServiceUnavailable(SERVICE, str(fault)) from None


def _traced(letter: dict[str, Any]) -> dict[str, Any]:
    header = letter.get("Attributes", {}).get(TRACE)
    return {"MessageSystemAttributes": {TRACE: {"DataType": "String", "StringValue": header}}} if header else {}
