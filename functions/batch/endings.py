"""What the log is told of a job's end: a line each, with the metrics that alarms and dashboards are made of."""

from collections.abc import Mapping
from typing import Any

from functions.core.errors import OrtlessError
from functions.core.telemetry import NONE, emit, measured


def done(manifest: Mapping[str, Any]) -> None:
    """A job is committed."""
    counts = {name: manifest[name] for name in ("rows", "answered", "errors")}
    values = {"Jobs": 1, "Rows": counts["rows"], "RowErrors": counts["errors"]}
    metrics = measured(manifest["model"], str(manifest["version"]), values)
    emit("job_done", job=manifest["job"], **counts, **metrics)


def failed(job: str, fault: OrtlessError, model: str = NONE, version: str = NONE) -> None:
    """A job can never be done: its `failed.json` says why, as that may quote the file, and names may name people."""
    metrics = measured(model, version, {"Jobs": 1, "JobFailures": 1})
    emit("job_failed", job=job, code=fault.code, **metrics)
