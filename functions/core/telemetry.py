"""One structured line per event, on the stream that Lambda sends to the log; metrics ride on those lines."""

import sys
from collections.abc import Callable, Mapping
from time import time
from typing import Any

import orjson

from functions.core.errors import InvalidSetting

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
NONE = "none"
"""The model and version of what is about none: names that anybody makes up are no dimension of a metric."""

NAMESPACE = "ortless"
"""Where metrics are kept, unless a setting says otherwise."""
FULL, TOTALS, NO_METRICS = DETAILS = ("full", "totals", "none")
"""How many metrics a line is: under every set of dimensions; of models as a whole, and what versions are compared by;
none, and its values are the log's alone."""

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
    "Psi": ("None", "Population stability index of a feature against the package's reference, less chance."),
    "MissingRate": ("None", "Share of the rows in which a feature has no value."),
    "OutOfRangeRate": ("None", "Share of the rows in which a feature is outside what is expected of it."),
    "PsiMax": ("None", "The largest Psi of any feature."),
    "MissingMax": ("None", "The most by which the MissingRate of any feature exceeds the reference's."),
    "OutOfRangeMax": ("None", "The largest OutOfRangeRate of any feature."),
    "Jobs": ("Count", "Files that were answered, or can never be."),
    "JobFailures": ("Count", "Files that can never be answered."),
    "Rows": ("Count", "Rows of files that were answered, refused ones included."),
    "RowErrors": ("Count", "Rows of files that were refused."),
}
"""Every metric that the functions emit: its unit, as CloudWatch calls it, and what it counts or measures."""
TOTALLED = frozenset({"Requests", "Errors", "Latency", "ColdStarts", "EstimatedCost"})
"""Metrics that are kept for a model as a whole, too."""
COMPARED = frozenset({"Requests", "Errors", "Latency"})
"""Metrics that are kept by version even where the rest is not: a canary is held against the live version by them."""
SUMMED = TOTALLED | {
    *("Refusals", "ColdImport", "ColdLoad", "LoadFailures"),
    *("Jobs", "JobFailures", "Rows", "RowErrors"),
}
"""Metrics that are kept for the stage as a whole, too: alarms stand on what has a name before there is a model."""
CODED = frozenset({"Errors", "Refusals"})
"""Metrics that are kept by code, too, where something went wrong; the codes are those of the errors there are."""
FEATURED = frozenset({"Psi", "MissingRate", "OutOfRangeRate"})
"""Metrics that are kept by feature, and no other way; a line of them has the field Feature."""
WORST = frozenset({"PsiMax", "MissingMax", "OutOfRangeMax"})
"""Metrics that are kept for a model as a whole, and for all models together, where one alarm can watch them."""

_namespace, _detail = NAMESPACE, FULL
_rendered: dict[tuple[str, ...], orjson.Fragment] = {}
Sink = Callable[[dict[str, Any]], None]


def keep(namespace: str, detail: str) -> None:
    """Say where metrics are kept from now on, and how many of them there are.

    Raises:
        InvalidSetting: the detail is none of DETAILS.
    """
    global _namespace, _detail
    if detail not in DETAILS:
        raise InvalidSetting("ORTLESS_METRICS", " or ".join(DETAILS), detail)
    _namespace, _detail = namespace, detail
    _rendered.clear()


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

    Where none are kept they are the same fields, and no metrics.

    Args:
        values: of METRICS, by name.
        code: why a request failed; empty: it did not.

    Raises:
        KeyError: there is no metric of such a name.
    """
    kept = ("failed" if code else "", *values)
    kinds = _rendered.get(kept) or _render(kept)
    fields: dict[str, Any] = {"Model": model, "Version": version, **values}
    if _detail != NO_METRICS:
        fields["_aws"] = {"Timestamp": int(time() * 1000), "CloudWatchMetrics": kinds}
    if code:
        fields["Code"] = code
    return fields


def dimensions(metric: str, *, failed: bool = False, detail: str = FULL) -> list[list[str]]:
    """The sets of dimensions that a metric is kept under; the empty set is the stage.

    Args:
        failed: on the line of a request that went wrong.
        detail: of DETAILS.
    """
    if detail == NO_METRICS:
        return []
    if metric in FEATURED:
        return [["Model", "Version", "Feature"]] if detail == FULL else []
    if metric in WORST:
        return [["Model"], []]
    sets = [["Model", "Version"]] if detail == FULL or metric in COMPARED else []
    if metric in TOTALLED:
        sets.append(["Model"])
    if metric in SUMMED:
        sets.append([])
    if failed and metric in CODED and detail == FULL:
        sets.append(["Model", "Version", "Code"])
    return sets


def _render(kept: tuple[str, ...]) -> orjson.Fragment:
    """Which fields of a line are metrics; once for all lines with the same ones."""
    kinds: list[dict[str, Any]] = []
    failed, *metrics = kept
    for metric in metrics:
        named = {"Name": metric, "Unit": METRICS[metric][0]}
        sets = dimensions(metric, failed=bool(failed), detail=_detail)
        alike = next((kind for kind in kinds if kind["Dimensions"] == sets), None)
        if alike is not None:
            alike["Metrics"].append(named)
        elif sets:
            kinds.append({"Namespace": _namespace, "Dimensions": sets, "Metrics": [named]})
    fragment = _rendered[kept] = orjson.Fragment(orjson.dumps(kinds))
    return fragment
