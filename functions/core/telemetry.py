"""One structured line per event, on the stream that Lambda sends to the log; metrics ride on those lines."""

import sys
from time import time
from typing import Any

import orjson

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
NAMESPACE = "ortless"
METRICS = orjson.Fragment(
    orjson.dumps(
        [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["Model", "Version"]],
                "Metrics": [
                    {"Name": "Requests", "Unit": "Count"},
                    {"Name": "Errors", "Unit": "Count"},
                    {"Name": "Latency", "Unit": "Milliseconds"},
                ],
            }
        ]
    )
)
"""Which fields of a line are metrics, as CloudWatch's embedded metric format says it; rendered once."""


def emit(event: str, **fields: object) -> None:
    """Write one JSON line: {"event": ..., and the fields}. Never a request's or an answer's content."""
    write({"event": event, **fields})


def write(fields: dict[str, Any]) -> None:
    """Write one JSON line whose first field is its event."""
    stream = sys.stderr.buffer
    stream.write(orjson.dumps(fields, option=OPTIONS))
    stream.flush()


def counted(model: str, version: str, **counts: int) -> dict[str, Any]:
    """Fields that make a line metrics of a version of a model, so many more of each; for what is rare."""
    kind = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Model", "Version"]],
        "Metrics": [{"Name": metric, "Unit": "Count"} for metric in counts],
    }
    embedded = {"Timestamp": int(time() * 1000), "CloudWatchMetrics": [kind]}
    return {"_aws": embedded, "Model": model, "Version": version, **counts}


def measured(model: str, version: str, failed: bool, ms: float) -> dict[str, Any]:
    """Fields that make a line three metrics of a version of a model: Requests, Errors and Latency.

    Args:
        failed: the model did not answer, and not for the caller's fault.
    """
    return {
        "_aws": {"Timestamp": int(time() * 1000), "CloudWatchMetrics": METRICS},
        "Model": model,
        "Version": version,
        "Requests": 1,
        "Errors": int(failed),
        "Latency": ms,
    }
