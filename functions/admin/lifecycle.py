"""What an operator can do with a model that is in the registry."""

import orjson

from functions.admin import aliases, transitions, versions
from functions.admin.aliases import Author, Transition
from functions.admin.errors import AlarmsRefused, StateConflict
from functions.admin.trial import Trials
from functions.core.alias import Alias
from functions.core.errors import WriteConflict
from functions.core.holdings import retired_key
from functions.core.store import ObjectStore
from functions.core.telemetry import emit


class Lifecycle:
    """Changes of aliases, each by compare-and-set, kept for the history, and watched while a canary runs.

    Every method raises StateConflict where the state does not allow the change, NoVersion where there is no such
    version, and StoreUnavailable where the registry does not answer. A canary that no alarm can be set for is taken
    back at once (AlarmsRefused).
    """

    def __init__(self, store: ObjectStore, trials: Trials) -> None:
        self._store = store
        self._trials = trials

    def promote(self, name: str, version: int, who: str, why: str = "", generation: int | None = None) -> Alias:
        """Make a version live."""
        digest = self._digest(name, version)
        return self._change(name, lambda before: transitions.promote(before, version, digest),
                            Author("promote", who, why), generation)  # fmt: skip

    def canary(
        self, name: str, version: int, weight: float, who: str, why: str = "", generation: int | None = None
    ) -> Alias:
        """Give a version a share of the callers, 0 to 1; 0 ends the trial."""
        if weight:
            self._trials.check(name, aliases.read(name, self._store).alias)
        digest = self._digest(name, version) if weight else ""
        return self._change(name, lambda before: transitions.canary(before, version, digest, weight),
                            Author("canary", who, why), generation)  # fmt: skip

    def shadow(self, name: str, version: int | None, who: str, why: str = "", generation: int | None = None) -> Alias:
        """Let a version be asked unheard what the live one is asked; None ends that."""
        digest = self._digest(name, version) if version is not None else ""
        return self._change(name, lambda before: transitions.shadow(before, version, digest),
                            Author("shadow", who, why), generation)  # fmt: skip

    def rollback(self, name: str, who: str, why: str = "", generation: int | None = None) -> Alias:
        """End the canary, or go back to the previous version."""
        return self._change(name, transitions.rollback, Author("rollback", who, why), generation)

    def retire(self, name: str, version: int, who: str, why: str = "") -> None:
        """Let nobody promote a version any more."""
        alias = aliases.read(name, self._store).alias
        versions.read(name, version, self._store)
        if alias and version in alias.versions():
            raise StateConflict(f"Version {version} of {name!r} serves: it cannot be retired", alias, name)
        try:
            self._store.put_if_absent(retired_key(name, version), orjson.dumps({"who": who, "why": why}))
        except WriteConflict:
            return  # retired already

    def _digest(self, name: str, version: int) -> str:
        alias = aliases.read(name, self._store).alias
        return versions.servable(name, version, alias, self._store).manifest.digest

    def _change(self, name: str, transition: Transition, author: Author, generation: int | None) -> Alias:
        outcome = aliases.change(name, transition, author, self._store, generation)
        try:
            self._trials.follow(name, outcome.before, outcome.after)
        except AlarmsRefused as refused:
            if outcome.after.canary is None:
                emit("alarms_left", model=name, error=str(refused))  # they are of a state that is gone: harmless
                return outcome.after
            undoing = Author("rollback", author.who, f"nobody would have watched the canary: {refused}")
            aliases.change(name, transitions.rollback, undoing, self._store, outcome.after.generation)
            raise
        return outcome.after
