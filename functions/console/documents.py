"""What the console's API gives, as strict models: the OpenAPI document is made of them."""

from typing import Annotated, Any

from pydantic import Field

from functions.rest.documents import Strict


class Canary(Strict):
    """A version on trial, and the share of the callers that it serves."""

    version: int
    weight: float


class Head(Strict):
    """A model of the registry, and what serves of it."""

    name: str
    title: str
    task: str | None
    generation: int | None
    live: int | None
    previous: int | None
    canary: Canary | None
    shadow: int | None


class Summary(Head):
    """A model in the list."""

    description: str | None
    takes: Annotated[str | None, Field(description="The kind of its preprocessing; null: tensors as they are.")]
    gives: Annotated[str | None, Field(description="The kind of its postprocessing; null: tensors as they are.")]
    versions: Annotated[int, Field(description="How many there are.")]
    size: Annotated[int | None, Field(description="Bytes of the live version's files, or of the newest one's.")]
    original_size: Annotated[int | None, Field(description="The same without compression; null: nothing compressed.")]


class Models(Strict):
    """Every model of the registry."""

    models: list[Summary]


class Metric(Strict):
    """What the gate of a compression is about."""

    name: str
    before: float | None
    after: float | None


class Version(Strict):
    """A version."""

    version: int
    published: Annotated[str, Field(description="ISO 8601.")]
    digest: str
    size: int
    original_size: int | None
    metric: Metric | None
    ungated: Annotated[str | None, Field(description="Why there is no report that passes the gate, if so.")]
    retired: bool


class Model(Head):
    """A model, its versions from the newest, and its changes from the latest."""

    versions: list[Version]
    history: list[dict[str, Any]]


class Active(Strict):
    """What one version of a model did."""

    model: str
    version: str
    series: Annotated[
        dict[str, list[int | float | None]],
        Field(description="requests, errors, p50, p95, p99 (ms), cold_starts, cache_hits: one value for each time."),
    ]
    totals: Annotated[dict[str, int], Field(description="requests, errors, cold_starts, cache_hits of the window.")]


class Activity(Strict):
    """What models did in a window."""

    window: str
    period_seconds: int
    since: Annotated[int, Field(alias="from", description="Seconds of the epoch.")]
    to: int
    times: list[int]
    models: Annotated[list[Active], Field(description="The busiest first.")]


class Usage(Strict):
    """What the key of the request may still ask for; null where there is no quota, or no key is known."""

    limit: int | None
    used: int | None
    remaining: int | None
    period: str | None
    key: Annotated[str | None, Field(description="The key's id, never its value.")]
