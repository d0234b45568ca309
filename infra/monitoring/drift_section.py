"""The section of the dashboard that is about drift: how far what models are asked is from their references."""

from collections.abc import Iterator

from infra.monitoring.model_sections import MODELS
from infra.monitoring.rules import FIVE_MINUTES, rule
from infra.monitoring.settings import MonitoringSettings
from infra.monitoring.subjects import Subject
from infra.monitoring.widgets import Widget, graph, metric, search, text

FEATURES = ("Model", "Version", "Feature")
INDEX, SHARE = "index", "share of 1"
WORST = (
    ("Distribution: the worst feature of each model", INDEX, "PsiMax", "drift"),
    ("Missing beyond the reference: the worst feature", SHARE, "MissingMax", "missing-values"),
    ("Out of range: the worst feature", SHARE, "OutOfRangeMax", "out-of-range"),
)
EACH = (
    ("Distribution: each feature", INDEX, "Psi", ("drift",)),
    # The alarm is on what exceeds the reference's share, which is another one for each feature: no line can show that.
    ("Missing: each feature", SHARE, "MissingRate", ()),
    ("Out of range: each feature", SHARE, "OutOfRangeRate", ("out-of-range",)),
)


def worst(stage: Subject, settings: MonitoringSettings) -> Iterator[Widget]:
    """The worst feature of every model, against the alarms' limits."""
    yield text("## Drift\nHow far what models are asked is from what they were evaluated on: docs/guides/drift.md.")
    for title, unit, name, alarm in WORST:
        found = [
            metric(stage, name, "Maximum", "worst of all"),
            search(stage.namespace, MODELS, name, "Maximum", period=FIVE_MINUTES),
        ]
        yield graph(title, unit, found, period=FIVE_MINUTES, limits=[_limit(alarm, stage, settings)])


def features(stage: Subject, settings: MonitoringSettings) -> Iterator[Widget]:
    """Every feature that has metrics of its own."""
    for title, unit, name, alarms in EACH:
        found = [search(stage.namespace, FEATURES, name, "Maximum", period=FIVE_MINUTES)]
        limits = [_limit(alarm, stage, settings) for alarm in alarms]
        yield graph(title, unit, found, period=FIVE_MINUTES, limits=limits)


def _limit(name: str, stage: Subject, settings: MonitoringSettings) -> tuple[str, float]:
    return f"alarm {name}", rule(name).limit(stage, settings)
