"""Bringing a registry back: versions are copied, never removed, and aliases change as they always do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from functions.admin import aliases as changing
from functions.admin import audit
from functions.admin.aliases import Author, Current, Transition
from functions.core.alias import Alias
from functions.core.alias import key as alias_key
from functions.core.errors import InvalidPackage
from functions.core.store import ObjectStore
from toolchain.deployment import Deployment, translated
from toolchain.restoring.archive import Archive, Held
from toolchain.restoring.plan import Model, Planner

Progress = Callable[[Held], None]
"""Told of each version that was copied."""


class Restored(NamedTuple):
    """What became of a model."""

    plan: Model
    before: Alias | None
    """None where there was no alias, or none that could be read."""
    after: Alias | None

    @property
    def changed(self) -> bool:
        """Whether its alias, or what it is made of, was not what it is again."""
        return bool(self.plan.copies or self.plan.unretired) or self.before != self.after


class Restorer:
    """The registry of a stage. Methods raise CloudRefused or StoreUnavailable where AWS does not do what is asked."""

    def __init__(self, deployment: Deployment, source: str = "") -> None:
        """Look up the registry.

        Args:
            source: the bucket whose versions are read, where it is not the registry's own.

        Raises:
            NoStack: there is none.
        """
        bucket = deployment.outputs["ModelBucket"]
        self._deployment = deployment
        self._client: Any = deployment.service("s3")
        self._target = Archive(self._client, bucket)
        self._source = Archive(self._client, source) if source and source != bucket else self._target
        self._store: ObjectStore = deployment.store(bucket)

    def plan(self, to: datetime, only: str = "") -> list[Model]:
        """What it takes. Raises VersionsGone or NothingThen."""
        with translated():
            return Planner(self._source, self._target).plan(to, only)

    def restore(
        self, plan: Sequence[Model], to: datetime, why: str = "", progress: Progress = lambda _held: None
    ) -> list[Restored]:
        """Do it; what was interrupted is gone on with by planning and doing it again.

        Raises:
            StateConflict: somebody else changed an alias meanwhile, and it is for a person to decide.
            Overtaken: somebody wrote meanwhile what would be copied over; no alias has changed then.
        """
        with translated():
            who = str(self._deployment.service("sts").get_caller_identity()["Arn"])
            for model in plan:
                self._bring_back(model, progress)
        reason = f"restored to {to.isoformat()}"
        author = Author("restore", who, f"{reason}: {why}" if why else reason)
        # Aliases come last: what they name is there by then, whichever run brought it.
        return [self._point(model, author) for model in plan]

    def standing(self, plan: Sequence[Model]) -> list[Restored]:
        """What would become of the models."""
        return [Restored(model, *self._expected(model)) for model in plan]

    def _bring_back(self, model: Model, progress: Progress) -> None:
        for held in model.copies:
            self._target.bring(held, self._source.bucket, model.replaced.get(held.key, ""))
            progress(held)
        for key in model.unretired:
            self._client.delete_object(Bucket=self._target.bucket, Key=key)

    def _point(self, model: Model, author: Author) -> Restored:
        current = self._current(model.name)
        if model.alias is None:
            return Restored(model, current.alias, current.alias)
        transition = back_to(model.alias, model.generation)
        outcome = changing.apply(model.name, transition, author, self._store, current, note=audit.keep)
        return Restored(model, outcome.before, outcome.after)

    def _expected(self, model: Model) -> tuple[Alias | None, Alias | None]:
        current = self._current(model.name)
        if model.alias is None:
            return current.alias, current.alias
        return current.alias, back_to(model.alias, model.generation)(current.alias)

    def _current(self, name: str) -> Current:
        """The alias to change; of one that cannot be read only what a conditional write needs."""
        try:
            return changing.read(name, self._store)
        except InvalidPackage:
            return Current(None, self._store.get(alias_key(name)).etag)


def back_to(then: Alias, newest: int) -> Transition:
    """The transition to what an alias was; none where that is what it is.

    Args:
        newest: the highest generation that there ever was: what comes next has one more.
    """

    def transition(now: Alias | None) -> Alias:
        if now and _serving(now) == _serving(then):
            return now
        generation = max(newest, now.generation if now else 0)
        return then._replace(generation=generation, nonce="", change=None)

    return transition


def _serving(alias: Alias) -> Alias:
    return alias._replace(generation=0, nonce="", change=None)
