"""The sections of the dashboard that are about models: these come and go without a deployment, so each is searched."""

from collections.abc import Iterator

from infra.monitoring.rules import DAY, FIVE_MINUTES
from infra.monitoring.widgets import Widget, graph, search, table, text

CODES = ("Model", "Version", "Code")
VERSIONS = ("Model", "Version")
MODELS = ("Model",)
PARTS = ("Decode", "Preprocess", "Run", "Encode")


def codes(namespace: str) -> Iterator[Widget]:
    """What went wrong, in the words of the errors' reference."""
    yield text(
        "## Errors by code\nWhat failed, and what was refused, by the codes that callers see: docs/reference/errors.md."
    )
    yield graph("Errors of models", "requests", [search(namespace, CODES, "Errors", "Sum")], width=12)
    yield graph("Refusals", "requests", [search(namespace, CODES, "Refusals", "Sum")], width=12)


def loads(namespace: str) -> Iterator[Widget]:
    """Versions that environments took up, beside the cold starts: what belongs there has no header of its own."""
    for title, unit, name, statistic in (
        ("Loads of versions", "loads", "Loads", "Sum"),
        ("A load, on average", "milliseconds", "LoadTime", "Average"),
        ("Swaps to another version", "environments", "Swaps", "Sum"),
        ("Versions that did not load", "versions", "LoadFailures", "Sum"),
    ):
        found = [search(namespace, VERSIONS, name, statistic, period=FIVE_MINUTES)]
        yield graph(title, unit, found, period=FIVE_MINUTES, width=6)


def models(namespace: str) -> Iterator[Widget]:
    """Every model as a whole, over its versions."""
    yield text("## Models\nA line, or a row, for each model that was asked in the time shown.")
    yield graph("Requests", "requests", [search(namespace, MODELS, "Requests", "Sum")], width=6)
    yield graph("Errors", "requests", [search(namespace, MODELS, "Errors", "Sum")], width=6)
    yield graph("Latency, p95", "milliseconds", [search(namespace, MODELS, "Latency", "p95")], width=6)
    yield graph("Cold starts", "environments", [search(namespace, MODELS, "ColdStarts", "Sum")], width=6)
    counted = [search(namespace, MODELS, name, "Sum", period=FIVE_MINUTES, label=name.lower())
               for name in ("Requests", "Errors", "ColdStarts")]  # fmt: skip
    yield table("Counts of each model (unit: requests, errors, environments)", counted, period=FIVE_MINUTES)
    daily = [search(namespace, MODELS, "EstimatedCost", "Sum", period=DAY)]
    yield graph("Cost of each model by day", "US dollars", daily, period=DAY, width=12, stacked=True, days=14)


def versions(namespace: str) -> Iterator[Widget]:
    """What of a version's time went where."""
    yield text("## Versions\nWhere the time of each version's answers goes.")
    for part in PARTS:
        found = [search(namespace, VERSIONS, part, "Average", period=FIVE_MINUTES)]
        yield graph(f"{part}, on average", "milliseconds", found, period=FIVE_MINUTES, width=6)
    hits = [search(namespace, VERSIONS, "CacheHits", "Average", period=FIVE_MINUTES)]
    yield graph("Kept answers given again", "share of 1", hits, period=FIVE_MINUTES)
    rows = [search(namespace, VERSIONS, "Rows", "Sum", period=FIVE_MINUTES)]
    yield graph("Rows of files", "rows", rows, period=FIVE_MINUTES)
