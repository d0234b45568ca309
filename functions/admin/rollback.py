"""Rolls back when an alarm says that a canary is worse than what it is measured against."""

import os
from typing import Any

import orjson

from functions.admin.errors import StateConflict
from functions.admin.lifecycle import Lifecycle
from functions.admin.trial import Trials, state_of
from functions.core import traces
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import emit, follow
from functions.rest import logger

logger.install()
_settings = Settings.from_environment(os.environ)
_store = ObjectStore(_settings.model_bucket)
_lifecycle = Lifecycle(_store, Trials(_settings))


def handler(event: dict[str, Any], _context: object) -> None:
    """Take the alarms of a message of SNS; anything else is let go. Raises StoreUnavailable: SNS delivers again."""
    follow(traces.of({}, os.environ))
    for record in event["Records"]:
        _answer(orjson.loads(record["Sns"]["Message"]))


def _answer(alarm: dict[str, Any]) -> None:
    name = str(alarm.get("AlarmName", ""))
    found = state_of(name, _settings.alarm_prefix)
    if found is None or alarm.get("NewStateValue") != "ALARM":
        return
    try:
        # Only the state that the alarm was set for is undone: one that is late undoes nothing newer.
        _lifecycle.rollback(found.model, f"alarm/{name}", str(alarm.get("NewStateReason", ""))[:500], found.generation)
    except StateConflict as conflict:
        emit("rollback_too_late", model=found.model, generation=found.generation, reason=str(conflict))
