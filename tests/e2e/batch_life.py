"""Everything that the roles of batch's functions are for, once around: answered files, and some that cannot be."""

import json
import os
from itertools import count

from tests.e2e.batch_desk import Desk

MODEL = "linear-regression"
NUMBERS = count(1)
SMALL, LARGE = 12, 60
"""Seconds after which what should happen does not."""


class BatchLife:
    """Of files, from the bucket to their results."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def lead(self) -> None:
        """Raises AssertionError at the first thing that fails."""
        number = next(NUMBERS)
        rows = b'{"instance": [1, 2, 3], "id": 7}\n{"nonsense\n'
        note = json.dumps({"format": "jsonl"}).encode()
        self._desk.drop(f"{MODEL}/noted-{number}.jsonl.job.json", note)
        for name in ("noted", "plain"):
            manifest = self._desk.end(self._desk.drop(f"{MODEL}/{name}-{number}.jsonl", rows), SMALL)
            assert (manifest.get("answered"), manifest.get("errors")) == (1, 1), manifest
        for folder, code in ((f"{MODEL}@99", "unknown_version"), ("no-such-model", "unknown_model")):
            failed = self._desk.end(self._desk.drop(f"{folder}/{number}.jsonl", rows), SMALL)
            assert failed["code"] == code, failed
        wide = json.dumps({"x1": 1, "x2": 2, "x3": 3, "junk": os.urandom(20_000).hex()}).encode() + b"\n"
        job = self._desk.drop(f"{MODEL}/wide-{number}.jsonl", wide * 900, ortless=json.dumps({"ignore": ["junk"]}))
        manifest = self._desk.end(job, LARGE)
        assert manifest.get("answered") == 900, manifest
        assert json.loads(self._desk.read(f"{job}/claim.json"))["distributed"]
