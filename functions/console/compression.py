"""What a report of a compression says in two numbers: what the model weighed before, and how good it was and is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

FILE = "report.json"


class Compression(NamedTuple):
    """The model before and after."""

    saved: int | None
    """Bytes that the model would weigh more as it was; None: what was published is the original."""
    metric: dict[str, Any] | None
    """{name, before, after} of the metric of the gate."""


NONE = Compression(None, None)


def read(document: bytes, architecture: str) -> Compression:
    """What a report says of what ships.

    Args:
        architecture: of the functions; a report may have figures of several processors.

    Returns:
        NONE where the report is of another form: what it says is shown, nothing depends on it.
    """
    try:
        report = orjson.loads(document)
        if not report["chosen"] or not report["chosen"]["file"]:
            return NONE
        evaluations: Mapping[str, Any] = report["evaluations"]
        judged = evaluations.get(architecture) or evaluations[report["architecture"]]
        size = judged["compiled_bytes"]
        return Compression(int(size["original"]) - int(size["compressed"]), _metric(judged))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return NONE


def _metric(judged: Mapping[str, Any]) -> dict[str, Any] | None:
    name = judged["gate"]["metric"]
    figure = next((figure for figure in judged["figures"] if figure["metric"] == name), None)
    return figure and {"name": name, "before": figure["original"], "after": figure["value"]}
