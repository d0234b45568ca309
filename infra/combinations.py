"""Settings of a stage that are fine alone and not together: what AWS or the embedded cloud cannot combine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.own_function import MOST, RESERVED, ROUTES
from infra.setting import InvalidStage
from infra.shifts import ALL_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stages import Stage

Refusal = tuple[str, str, object]
"""A setting below the stage, what was expected of it, and what it is."""


def check(stage: Stage) -> None:
    """Refuse the first combination that cannot be.

    Raises:
        InvalidStage: names the setting to change.
    """
    for rules in (_starts, _money, _callers, _delivery, _copies, _functions, _watch):
        for setting, expected, got in rules(stage):
            raise InvalidStage(f"stages.{stage.name}.{setting}", expected, got)


def _starts(stage: Stage) -> Iterator[Refusal]:
    ready, cap = stage.provisioned_concurrency, stage.reserved_concurrency
    if stage.snap_start and ready:
        yield "provisioned_concurrency", "0 beside snap_start", ready
    if stage.snap_start and stage.packaging != "image":
        yield "packaging", '"image" beside snap_start', stage.packaging
    if cap is not None and ready > cap:
        yield "provisioned_concurrency", f"at most the reserved_concurrency of {cap}", ready


def _money(stage: Stage) -> Iterator[Refusal]:
    budget = stage.budget
    if budget.monthly_usd and not (budget.emails or budget.topics):
        yield "budget", "emails or topics to tell beside monthly_usd", []
    if len(budget.emails) > 10 or len(budget.topics) > 1:
        yield "budget", "at most ten emails and one topic", [*budget.emails, *budget.topics]


def _callers(stage: Stage) -> Iterator[Refusal]:
    if "*" in stage.cors_origins and len(stage.cors_origins) > 1:
        yield "cors_origins", '"*" alone, or origins', list(stage.cors_origins)


def _delivery(stage: Stage) -> Iterator[Refusal]:
    if stage.traffic_shifting != ALL_AT_ONCE and (stage.provisioned_concurrency or stage.packaging != "image"):
        expected = '"all-at-once" beside provisioned_concurrency, and where packaging is not "image"'
        yield "traffic_shifting", expected, stage.traffic_shifting


def _copies(stage: Stage) -> Iterator[Refusal]:
    if (stage.backup.replica_bucket is None) != (stage.backup.replica_region is None):
        yield "backup", "both or neither of replica_bucket and replica_region", stage.backup.replica_bucket


def _watch(stage: Stage) -> Iterator[Refusal]:
    pagers = stage.monitoring.pagers
    if len(pagers) > 4:
        yield "monitoring.pagers", "at most four topics: an alarm tells five, and one is the stage's own", list(pagers)
    if pagers and not stage.monitoring.page:
        yield "monitoring.page", "true beside pagers", stage.monitoring.page


def _functions(stage: Stage) -> Iterator[Refusal]:
    own = stage.functions
    if len(own) > MOST:
        yield "functions", f"at most {MOST} models, as an API of AWS has {ROUTES} paths", len(own)
    for model in own:
        if model in RESERVED:
            yield "functions", f"models whose paths are theirs alone, which /v2/models/{model} is not", model
        if stage.models and model not in stage.models:
            yield "functions", f"models that the stage serves ({', '.join(stage.models)})", model
        for rules in (_starts, _delivery):
            for setting, expected, got in rules(stage.apart(model)):
                yield f"functions.{model}.{setting}", expected, got
