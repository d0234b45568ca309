"""The kill switch: serving functions get no environments, and batch no files, until somebody resumes them.

What there was before stands in a tag of each function, written before anything is changed: what is half done can be
done again, or undone. A function with that tag counts as stopped.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from toolchain.deployment import Deployment, translated

TAG = "ortless:stopped"
ALIAS = "live"
PATIENCE = 120
"""Seconds within which an event source that just changed can be changed again."""
STILL_COSTS = (
    "calls of the API, which API Gateway answers with 503, by the million",
    "what is stored: models, files, results, logs; alarms and snapshots of SnapStart",
)
"""What a stopped stage goes on costing."""


class Before(NamedTuple):
    """What a function had when it was stopped."""

    reserved: int | None
    provisioned: int
    sources: tuple[str, ...]
    """The ids of the event sources that fed it."""

    def text(self) -> str:
        """As it stands in the tag."""
        pairs = [("reserved", "none" if self.reserved is None else self.reserved), ("provisioned", self.provisioned)]
        return " ".join(f"{key}={value}" for key, value in [*pairs, *(("source", each) for each in self.sources)])

    @classmethod
    def read(cls, text: str) -> "Before":
        """From the tag."""
        pairs = [pair.partition("=")[::2] for pair in text.split()]
        named = dict(pairs)
        reserved = None if named["reserved"] == "none" else int(named["reserved"])
        sources = tuple(value for key, value in pairs if key == "source")
        return cls(reserved, int(named["provisioned"]), sources)


class Change(NamedTuple):
    """What became of a function."""

    function: str
    was: str
    now: str
    before: Before


class Switch:
    """The serving functions of a stage. Methods raise CloudRefused where AWS does not do what is asked."""

    def __init__(self, deployment: Deployment) -> None:
        """Look up which functions serve. Raises NoStack."""
        self._functions = deployment.outputs["ServingFunctions"].split(",")
        self._lambda = deployment.service("lambda")

    def stop(self) -> list[Change]:
        """Take every serving function out of service; one that is out already stays so."""
        with translated():
            return [self._stop(arn) for arn in self._functions]

    def resume(self) -> list[Change]:
        """Give every function back what it had; one that was not stopped here is left as it is."""
        with translated():
            return [self._resume(arn) for arn in self._functions]

    def _stop(self, arn: str) -> Change:
        noted = self._noted(arn)
        before = Before.read(noted) if noted else self._before(arn)
        if not noted:
            self._lambda.tag_resource(Resource=arn, Tags={TAG: before.text()})
        # Its event sources first: a message that a function without environments is given counts as tried.
        for source in before.sources:
            self._feed(source, on=False)
        if before.provisioned:
            self._let_go(arn)
        self._reserve(arn, 0)
        return Change(_name(arn), "stopped" if noted else "serving", "stopped", before)

    def _resume(self, arn: str) -> Change:
        noted = self._noted(arn)
        if not noted:
            return Change(_name(arn), "serving", "serving", self._before(arn))
        before = Before.read(noted)
        if before.reserved is None:
            self._lambda.delete_function_concurrency(FunctionName=arn)
        else:
            self._reserve(arn, before.reserved)
        if before.provisioned:
            self._lambda.put_provisioned_concurrency_config(
                FunctionName=arn, Qualifier=ALIAS, ProvisionedConcurrentExecutions=before.provisioned
            )
        for source in before.sources:
            self._feed(source, on=True)
        self._lambda.untag_resource(Resource=arn, TagKeys=[TAG])
        return Change(_name(arn), "stopped", "serving", before)

    def _noted(self, arn: str) -> str:
        """What the tag of a function says; nothing if it has none."""
        return str(self._lambda.list_tags(Resource=arn).get("Tags", {}).get(TAG, ""))

    def _before(self, arn: str) -> Before:
        reserved = self._lambda.get_function_concurrency(FunctionName=arn).get("ReservedConcurrentExecutions")
        found = {
            source["UUID"]
            for qualified in (arn, f"{arn}:{ALIAS}")
            for source in self._lambda.list_event_source_mappings(FunctionName=qualified)["EventSourceMappings"]
            if source["State"] not in ("Disabled", "Disabling", "Deleting")
        }
        return Before(reserved, self._provisioned(arn), tuple(sorted(found)))

    def _provisioned(self, arn: str) -> int:
        try:
            found = self._lambda.get_provisioned_concurrency_config(FunctionName=arn, Qualifier=ALIAS)
        except self._lambda.exceptions.ProvisionedConcurrencyConfigNotFoundException:
            return 0
        return int(found["RequestedProvisionedConcurrentExecutions"])

    def _let_go(self, arn: str) -> None:
        """Keep no environments ready; that none are is as well."""
        gone = self._lambda.exceptions
        with suppress(gone.ProvisionedConcurrencyConfigNotFoundException, gone.ResourceNotFoundException):
            self._lambda.delete_provisioned_concurrency_config(FunctionName=arn, Qualifier=ALIAS)

    def _reserve(self, arn: str, environments: int) -> None:
        """Set the reserved concurrency; fewer than are kept ready can only be had once AWS has let these go."""
        put = partial(
            self._lambda.put_function_concurrency, FunctionName=arn, ReservedConcurrentExecutions=environments
        )
        refused = self._lambda.exceptions
        passing = (refused.ResourceConflictException, refused.InvalidParameterValueException)
        _patiently(put, *(passing[:1] if environments else passing))

    def _feed(self, source: str, *, on: bool) -> None:
        """Switch an event source, once AWS is done with its last change; a deployment may have taken it away."""
        with suppress(self._lambda.exceptions.ResourceNotFoundException):
            put = partial(self._lambda.update_event_source_mapping, UUID=source, Enabled=on)
            _patiently(put, self._lambda.exceptions.ResourceInUseException)


def _patiently(call: Callable[[], object], *passing: type[Exception]) -> None:
    """Call until it is not refused for what passes; raises that in the end."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            call()
        except passing:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
