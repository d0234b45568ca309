"""Everything that the role of the API of jobs is for, once around."""

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.batch_desk import eventually
from tests.e2e.conftest import Api
from tests.e2e.fresh_model import published
from tests.e2e.test_lifecycle import Operator

NUMBERS = count(1)
SMALL, LARGE = 12, 60
"""Seconds after which what should happen does not."""
ROWS = b"[1, 2, 3]\n[nonsense\n"
NOTHING = json.dumps({"Event": "s3:TestEvent"})
"""A message that announces no file."""


class JobsLife:
    """Of jobs that callers order, and of what operators do about them."""

    def __init__(self, service: Endpoint, api: Api, operator: Operator, folder: Path) -> None:
        self._api, self._operator, self._folder, self._model = api, operator, folder, ""
        root = Account(service.endpoint_url, service.region)
        self._queues = root.session.client("sqs", **root.options)
        self._states = root.session.client("stepfunctions", **root.options)
        self._dead, self._machine = service.outputs["DeadLettersUrl"], service.outputs["JobMachineArn"]

    def lead(self) -> None:
        """Raises AssertionError at the first thing that fails."""
        self._model = published(self._operator, self._folder)
        self._refusals()
        done = self._ended(self._ordered(ROWS, version="1"), SMALL)
        assert (done["state"], done["version"]) == ("done", "1"), done
        for address in (*done["results"], *done["refusals"]):
            assert httpx.get(address["url"]).status_code == 200, address["name"]
        failed = self._ended(self._ordered(b"[1]\n", "none.parquet"), SMALL)
        assert failed["error"]["code"] == "file_refused", failed
        self._cancelled()
        stuck = self._stuck()
        self._queues.send_message(QueueUrl=self._dead, MessageBody=NOTHING)
        redriven = self._asked("POST", "/admin/jobs:redrive", {})
        assert stuck in redriven["restarted"], redriven
        assert redriven["messages"] >= 1, redriven
        assert self._ended(stuck, LARGE)["state"] == "done"
        listed = self._asked("GET", "/admin/jobs")["jobs"]
        assert listed[0]["id"] == stuck, listed
        assert self._asked("GET", f"/admin/jobs/{stuck}")["state"] == "done"

    def _refusals(self) -> None:
        for model, version, code in ((self._model, "99", "unknown_version"), ("no-such-model", None, "unknown_model")):
            body = {"file": "rows.jsonl", "version": version}
            refused = self._api.call("POST", f"/v1/models/{model}/jobs", json=body)
            assert (refused.status_code, refused.json()["code"]) == (404, code), refused.text

    def _cancelled(self) -> None:
        job = self._running()
        cancelled = self._api.call("DELETE", f"/v1/jobs/{job}")
        assert cancelled.status_code in (200, 409), cancelled.text
        if cancelled.status_code == 200:
            assert self._status(job) != "RUNNING"

    def _stuck(self) -> str:
        """A large job whose execution was ended by somebody else before its own end."""
        job = self._running()
        self._states.stop_execution(executionArn=self._arn(job))
        assert self._status(job) == "ABORTED", "it was over before it could be stopped"
        return job

    def _running(self) -> str:
        wide = json.dumps({"x1": 1, "x2": 2, "x3": 3, "junk": os.urandom(20_000).hex()}).encode() + b"\n"
        job = self._ordered(wide * 1500, "wide.jsonl", options={"ignore": ["junk"]})
        eventually(lambda: True if self._status(job) == "RUNNING" else None, SMALL)
        return job

    def _ordered(self, content: bytes, file: str = "rows.jsonl", **fields: Any) -> str:
        name = f"{next(NUMBERS)}-{file}"
        made = self._api.call("POST", f"/v1/models/{self._model}/jobs", json={"file": name, **fields})
        assert made.status_code == 201, made.text
        ticket = made.json()
        target = ticket["upload"]
        put = httpx.post(target["url"], data=target["fields"], files={"file": (name, content)}, timeout=60)
        assert put.status_code == 204, put.text
        job: str = ticket["id"]
        return job

    def _ended(self, job: str, seconds: float) -> Any:
        def look() -> Any:
            found = self._api.call("GET", f"/v1/jobs/{job}")
            assert found.status_code == 200, found.text
            return found.json() if found.json()["state"] not in ("waiting", "running") else None

        return eventually(look, seconds)

    def _status(self, job: str) -> str:
        runs = self._states.list_executions(stateMachineArn=self._machine)["executions"]
        return next((run["status"] for run in runs if run["name"] == job), "")

    def _arn(self, job: str) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{job}"

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        answered = self._operator.call(method, path, *([] if body is None else [body]))
        assert answered.status_code < 400, answered.text
        return answered.json()
