"""The sketches that the functions wrote to their logs, beside the reference of the version that they are of."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from functions.core.drift.lines import EVENT
from functions.core.drift.reference import FILE, Reference, parse
from functions.core.drift.sketch import Bins
from functions.core.errors import ObjectMissing
from functions.core.holdings import key
from toolchain.deployment import Deployment, translated
from toolchain.drift.comparison import Comparison, compare, merged
from toolchain.drift.errors import NoReference, NoSketches

GROUPS = "PredictLogs"
"""The stack's output that names the log groups of what answers predictions, with commas between them."""
BAKED = "0"
Line = dict[str, Any]


def observed(
    deployment: Deployment, model: str, version: str, since: timedelta, threshold: float, models: Path
) -> Comparison:
    """What a model was asked and answered of late, as its log has it.

    Args:
        version: of the model; empty: the latest that has a sketch.
        since: how far to look back.
        threshold: of the index, from which on it is drift.
        models: folder of the models, for those that ship with the function.

    Raises:
        NoSketches: the log has none.
        NoReference: the version has no reference any more.
        NoStack, CloudRefused, NoCredentials, StoreUnavailable: as they say.
    """
    found = [line for line in lines(deployment, since) if line["Model"] == model and version in ("", line["Version"])]
    if not found:
        raise NoSketches(model, _words(since))
    latest = max(found, key=lambda line: line["until"])
    return compared([line for line in found if line["digest"] == latest["digest"]],
                    _reference(deployment, latest, models), threshold)  # fmt: skip


def compared(found: list[Line], reference: Reference, threshold: float) -> Comparison:
    """Sketches of one version beside its reference."""
    bins = Bins(reference.features)
    sketch = merged(bins, (line["features"] for line in found))
    features = compare(reference, sketch, bins, threshold)
    span = f"{_time(min(line['since'] for line in found))} to {_time(max(line['until'] for line in found))}"
    rows = max((each.rows for each in features), default=0)
    model, version = str(found[0]["Model"]), str(found[0]["Version"])
    return Comparison(model, version, rows, span, features, reference.unwatched, threshold)


def asked(deployment: Deployment, since: timedelta) -> list[str]:
    """The models that have a sketch. Raises as `observed`."""
    return sorted({str(line["Model"]) for line in lines(deployment, since)})


def lines(deployment: Deployment, since: timedelta) -> Iterator[Line]:
    """Every sketch of a time. Raises as `observed`."""
    start = int((datetime.now(UTC) - since).timestamp() * 1000)
    groups = [group for group in deployment.outputs.get(GROUPS, "").split(",") if group]
    with translated():
        client = deployment.service("logs")
        for group in groups:
            for page in client.get_paginator("filter_log_events").paginate(
                logGroupName=group, filterPattern=f'"{EVENT}"', startTime=start
            ):
                yield from filter(None, (_line(event["message"]) for event in page["events"]))


def _line(message: str) -> Line | None:
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.get("event") == EVENT else None


def _reference(deployment: Deployment, line: Mapping[str, Any], models: Path) -> Reference:
    """Of the version that a line is of."""
    model, version = str(line["Model"]), str(line["Version"])
    try:
        if version == BAKED:  # it shipped with the function, from a folder
            return parse((models / model / FILE).read_bytes(), model)
        store = deployment.store(deployment.outputs["ModelBucket"])
        return parse(store.get(key(model, int(version), FILE)).body, f"{model}@{version}")
    except (ObjectMissing, FileNotFoundError):
        raise NoReference(f"{model}@{version}") from None


def _time(milliseconds: float) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _words(since: timedelta) -> str:
    hours = since.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours > 48 else f"{hours:g} hours"
