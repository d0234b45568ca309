"""The state machine's executions: those of a job that is cancelled are stopped, those that failed are begun again."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.batch.execution import execution
from functions.batch.jobs.errors import ServiceUnavailable

FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
MOST = 1000
"""Executions of a status that are looked at, the newest: older ones are of files that are gone."""
SERVICE = "Step Functions"


class Executions:
    """Of one machine. Every method raises ServiceUnavailable where Step Functions does not answer."""

    def __init__(self, machine: str) -> None:
        """Take the machine's ARN."""
        self._machine = machine
        self._client: Any = boto3.client("stepfunctions")

    def stop(self, job: str) -> None:
        """Stop a job's execution, where it has one that runs."""
        for name in self._names("RUNNING"):
            if name.partition("-")[0] == job:
                self._ask("stop_execution", executionArn=self._arn(name), error="Cancelled")

    def unfinished(self) -> dict[str, int]:
        """Jobs with an execution that failed and none that runs, each with the number of its next one."""
        running = {name.partition("-")[0] for name in self._names("RUNNING")}
        numbers: dict[str, int] = {}
        for status in FAILED:
            for name in self._names(status):
                job, _, number = name.partition("-")
                if job not in running:
                    numbers[job] = max(numbers.get(job, 1), int(number or 0) + 1)
        return numbers

    def again(self, job: str, number: int, trace: str | None) -> None:
        """Begin a job again, under the trace that it had; what is answered of it stays."""
        begun = execution(job, trace)
        self._ask("start_execution", stateMachineArn=self._machine, name=f"{job}-{number}", **begun)

    def _names(self, status: str) -> Iterator[str]:
        token: dict[str, str] = {}
        seen = 0
        while seen < MOST:
            page = self._ask("list_executions", stateMachineArn=self._machine, statusFilter=status, **token)
            for found in page["executions"]:
                seen += 1
                yield str(found["name"])
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def _arn(self, name: str) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{name}"

    def _ask(self, call: str, **fields: Any) -> Any:
        try:
            return getattr(self._client, call)(**fields)
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        except self._client.exceptions.ExecutionAlreadyExists:
            return None
        except (BotoCoreError, ClientError) as fault:
            raise ServiceUnavailable(SERVICE, str(fault)) from None
