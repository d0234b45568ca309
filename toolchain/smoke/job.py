"""A small job: a file of golden rows goes out through the API, and every row comes back answered."""

import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from functions.core.errors import OrtlessError
from toolchain.client import Address
from toolchain.findings import Finding, fail, ok, skipped
from toolchain.jobs.api import OVER, Jobs, Keyed
from toolchain.jobs.uploading import send
from toolchain.smoke.models import Case

PATIENCE = 180.0
"""Seconds after which a job of a few rows should be over, a cold start included."""
LOOK = 0.5
HINT = "an operator sees what is stuck with `ortless redrive --dry-run`"


def check(to: Address, golden: dict[str, list[Case]]) -> Finding:
    """Have the golden rows of one model answered as a file."""
    for model, cases in golden.items():
        rows = [instance for case in cases for instance in case.request.get("instances", ())]
        if rows:
            return _answered(Jobs(Keyed(to)), model, rows)
    return skipped("job", "no model has a golden request with instances")


def _answered(jobs: Jobs, model: str, rows: list[object]) -> Finding:
    try:
        state = _run(jobs, model, b"".join(orjson.dumps(row) + b"\n" for row in rows))
    except OrtlessError as fault:
        return fail("job", str(fault).partition("\n")[0], HINT)
    if state["state"] != "done":
        return fail("job", f"{state['id']} of {model} is {state['state']} after {PATIENCE:.0f} s", HINT)
    if state["counts"]["errors"]:
        return fail("job", f"{state['counts']['errors']} of {len(rows)} golden rows were refused", "see its refusals")
    return ok("job", f"{model}: {len(rows)} rows answered")


def _run(jobs: Jobs, model: str, content: bytes) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        file = Path(scratch) / "smoke.jsonl"
        file.write_bytes(content)
        made = jobs.create(model, {"file": file.name, "version": None, "bytes": len(content), "options": {}})
        send(file, made["upload"], lambda _: None, lambda _: None)
    until = time.monotonic() + PATIENCE
    while (state := jobs.look(made["id"]))["state"] not in OVER and time.monotonic() < until:
        time.sleep(LOOK)
    return state
