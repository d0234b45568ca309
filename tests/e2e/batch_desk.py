"""What a person with the operator's policy does with batch: drops files, waits for their ends, reads their results."""

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.clients.environment import interpreter

PATIENCE = 60
T = TypeVar("T")


def eventually(look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """What there is to see once it is there."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
    return found


class Desk:
    """The two buckets, with the operator's rights and no others."""

    def __init__(self, service: Endpoint) -> None:
        assert service.operator
        self.account = Account(service.endpoint_url, service.region, service.operator)
        self._s3 = self.account.session.client("s3", **self.account.options)
        self.input, self.output = service.outputs["InputBucket"], service.outputs["OutputBucket"]

    def drop(self, key: str, content: bytes, **metadata: str) -> str:
        """Put a file where batch looks; the number of the job that it becomes."""
        put = self._s3.put_object(Bucket=self.input, Key=key, Body=content, Metadata=metadata)
        named = "\0".join((self.input, key, put["VersionId"])).encode()
        return hashlib.sha256(named).hexdigest()[:32]

    def copy(self, path: Path, key: str, seconds: float = PATIENCE) -> str:
        """Copy a file with AWS's command line, a large one in parts; the job's number is where who dropped it looks."""
        command = [str(interpreter("aws")), "-m", "awscli", "s3", "cp", str(path), f"s3://{self.input}/{key}"]
        variables = os.environ | self.account.variables()
        copied = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False, timeout=seconds + 60
        )
        assert copied.returncode == 0, copied.stderr
        (pointer,) = eventually(lambda: self.keys(f"drops/{key}/") or None, seconds)
        job: str = json.loads(self.read(pointer))["job"]
        return job

    def keys(self, prefix: str) -> list[str]:
        """The objects of the output bucket below a prefix."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.output, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object of the output bucket."""
        return self._s3.get_object(Bucket=self.output, Key=key)["Body"].read()

    def end(self, job: str, seconds: float = PATIENCE) -> Any:
        """The manifest of a job, or why it failed, once either is there."""
        ends = {f"{job}/manifest.json", f"{job}/failed.json"}

        def look() -> Any:
            return next((json.loads(self.read(key)) for key in self.keys(f"{job}/") if key in ends), None)

        return eventually(look, seconds)

    def answered(self, manifest: Any) -> Iterator[Any]:
        """The rows of a job's results, where they are lines of JSON; each part is what the manifest says it is."""
        for part in manifest["parts"]:
            content = self.checked(part)
            yield from map(json.loads, content.splitlines())

    def refused(self, manifest: Any) -> list[Any]:
        """The rows that have no answer, and why."""
        return [json.loads(line) for part in manifest["refusals"] for line in self.checked(part).splitlines()]

    def checked(self, part: Any) -> bytes:
        """An object that a manifest names."""
        content = self.read(part["key"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (part["bytes"], part["sha256"])
        return content
