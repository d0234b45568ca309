"""One structured line per event, on the stream that Lambda sends to the log; metrics ride on those lines."""

import sys
from collections.abc import Callable, Mapping
from time import time
from typing import Any

import orjson

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
NAMESPACE = "ortless"
NONE = "none"
"""The model and version of what is about none: names that anybody makes up are no dimension of a metric."""

METRICS: dict[str, tuple[str, str]] = {
    "Requests": ("Count", "Answers of the model, and failures that are not the caller's."),
    "Errors": ("Count", "Requests that the model failed; 0 with each that it answered."),
    "Refusals": ("Count", "Requests that were the caller's fault; they are no Requests."),
    "Latency": ("Milliseconds", "From the event to the answer, in the function."),
    "Decode": ("Milliseconds", "Of an answer's Latency: body to JSON, in the protocol v2 to tensors."),
    "Preprocess": ("Milliseconds", "Of an answer's Latency: instances to tensors."),
    "Run": ("Milliseconds", "Of an answer's Latency: ONNX Runtime."),
    "Encode": ("Milliseconds", "Of an answer's Latency: tensors to answers, and those to JSON."),
    "ColdStarts": ("Count", "First answers of environments that started for a request."),
    "ColdImport": ("Milliseconds", "Of a cold start: imports, and what else is made before the first request."),
    "ColdLoad": ("Milliseconds", "Of a cold start: looking for the model, and loading it."),
    "CacheHits": ("Count", "Kept answers that were given again, for models that keep them; 0 with each miss."),
    "CacheMisses": ("Count", "Answers that were computed, for models that keep them; 0 with each hit."),
    "BytesIn": ("Bytes", "Bodies of requests, expanded."),
    "BytesOut": ("Bytes", "Bodies of answers, before they are compressed."),
    "BilledDuration": ("Milliseconds", "Latency as Lambda rounds it up; with ColdImport where an environment started."),
    "EstimatedCost": ("None", "US dollars: BilledDuration times memory, and the invocation, at list prices."),
    "Loads": ("Count", "Versions that were loaded, in an environment each."),
    "LoadTime": ("Milliseconds", "Of a load: package, session and golden requests."),
    "LoadFailures": ("Count", "Versions that did not load, once for each state of the alias."),
    "Swaps": ("Count", "Environments in which the version took the place of the one that served before."),
    "Jobs": ("Count", "Files that were answered, or can never be."),
    "JobFailures": ("Count", "Files that can never be answered."),
    "Rows": ("Count", "Rows of files that were answered, refused ones included."),
    "RowErrors": ("Count", "Rows of files that were refused."),
}
"""Every metric that the functions emit: its unit, as CloudWatch calls it, and what it counts or measures."""
TOTALLED = frozenset({"Requests", "Errors", "Latency", "ColdStarts", "EstimatedCost"})
"""Metrics that are kept for a model as a whole, too."""
CODED = frozenset({"Errors", "Refusals"})
"""Metrics that are kept by code, too, where something went wrong; the codes are those of the errors there are."""

_rendered: dict[tuple[str, ...], orjson.Fragment] = {}
Sink = Callable[[dict[str, Any]], None]


def emit(event: str, **fields: object) -> None:
    """Write one JSON line: {"event": ..., and the fields}. Never a request's or an answer's content."""
    write({"event": event, **fields})


def write(fields: dict[str, Any]) -> None:
    """Write one JSON line whose first field is its event; its last is the trace that is followed, if one is."""
    if _log.trace is not None:
        fields["trace"] = _log.trace
    _log.sink(fields)


def to_stream(fields: dict[str, Any]) -> None:
    """Write a line where Lambda reads it."""
    stream = sys.stderr.buffer
    stream.write(orjson.dumps(fields, option=OPTIONS))
    stream.flush()


class _Log:
    """Of this process. An environment has one request at a time, so there is one trace for all of its threads."""

    sink: Sink = staticmethod(to_stream)
    trace: str | None = None


_log = _Log()


def follow(trace: str | None) -> None:
    """Have every line from here on name a trace; None: no trace."""
    _log.trace = trace


def followed() -> str | None:
    """The trace that lines name now."""
    return _log.trace


def through(sink: Sink) -> None:
    """Have lines written by something else, which gets each as its fields."""
    _log.sink = sink


def measured(model: str, version: str, values: Mapping[str, float], code: str = "") -> dict[str, Any]:
    """Fields that make a line metrics of a version of a model, in CloudWatch's embedded metric format.

    Args:
        values: of METRICS, by name.
        code: why a request failed; empty: it did not.

    Raises:
        KeyError: there is no metric of such a name.
    """
    kept = ("failed" if code else "", *values)
    kinds = _rendered.get(kept) or _render(kept)
    embedded = {"Timestamp": int(time() * 1000), "CloudWatchMetrics": kinds}
    fields = {"_aws": embedded, "Model": model, "Version": version, **values}
    if code:
        fields["Code"] = code
    return fields


def dimensions(metric: str, *, failed: bool = False) -> list[list[str]]:
    """The sets of dimensions that a metric is kept under.

    Args:
        failed: on the line of a request that went wrong.
    """
    sets = [["Model", "Version"]]
    if metric in TOTALLED:
        sets.append(["Model"])
    if failed and metric in CODED:
        sets.append(["Model", "Version", "Code"])
    return sets


def _render(kept: tuple[str, ...]) -> orjson.Fragment:
    """Which fields of a line are metrics; once for all lines with the same ones."""
    kinds: list[dict[str, Any]] = []
    failed, *metrics = kept
    for metric in metrics:
        sets, named = dimensions(metric, failed=bool(failed)), {"Name": metric, "Unit": METRICS[metric][0]}
        alike = next((kind for kind in kinds if kind["Dimensions"] == sets), None)
        if alike is None:
            kinds.append({"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": [named]})
        else:
            alike["Metrics"].append(named)
    fragment = _rendered[kept] = orjson.Fragment(orjson.dumps(kinds))
    return fragment
