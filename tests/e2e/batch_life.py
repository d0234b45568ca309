"""Everything that the roles of batch's functions are for, once around: answered files, and some that cannot be."""

import json
import os
from itertools import count
from pathlib import Path

from tests.e2e.batch_desk import Desk
from tests.e2e.fresh_model import published
from tests.e2e.test_lifecycle import Operator

NUMBERS = count(1)
SMALL, LARGE = 12, 60
"""Seconds after which what should happen does not."""


class BatchLife:
    """Of files, from the bucket to their results."""

    def __init__(self, desk: Desk, operator: Operator, folder: Path) -> None:
        self._desk, self._operator, self._folder = desk, operator, folder

    def lead(self) -> None:
        """Raises AssertionError at the first thing that fails."""
        number, model = next(NUMBERS), published(self._operator, self._folder)
        rows = b'{"instance": [1, 2, 3], "id": 7}\n{"nonsense\n'
        note = json.dumps({"format": "jsonl"}).encode()
        self._desk.drop(f"{model}/noted-{number}.jsonl.job.json", note)
        for name in ("noted", "plain"):
            manifest = self._desk.end(self._desk.drop(f"{model}/{name}-{number}.jsonl", rows), SMALL)
            assert (manifest.get("answered"), manifest.get("errors")) == (1, 1), manifest
        for folder, code in ((f"{model}@99", "unknown_version"), ("no-such-model", "unknown_model")):
            failed = self._desk.end(self._desk.drop(f"{folder}/{number}.jsonl", rows), SMALL)
            assert failed["code"] == code, failed
        wide = json.dumps({"x1": 1, "x2": 2, "x3": 3, "junk": os.urandom(20_000).hex()}).encode() + b"\n"
        job = self._desk.drop(f"{model}/wide-{number}.jsonl", wide * 900, ortless=json.dumps({"ignore": ["junk"]}))
        manifest = self._desk.end(job, LARGE)
        assert manifest.get("answered") == 900, manifest
        assert json.loads(self._desk.read(f"{job}/claim.json"))["distributed"]
