"""The keys of a stage: what there are, and every change of them. Doing something twice is doing it once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from toolchain.deployment import Deployment, translated
from toolchain.keys import key as keys
from toolchain.keys.errors import NoSuchKey, NoSuchTier, OtherTier
from toolchain.keys.key import Key

if TYPE_CHECKING:
    from toolchain.keys.places import Place

PAGE = 500
"""Most keys that one answer has."""
Clock = Callable[[], datetime]


class Made(NamedTuple):
    """A key, and whether it was made just now, which is when its value was put where it belongs."""

    key: Key
    new: bool


class Ring:
    """The keys of one stage. Methods raise CloudRefused where AWS does not do what is asked."""

    def __init__(self, deployment: Deployment, clock: Clock = lambda: datetime.now(UTC)) -> None:
        """Call nothing yet."""
        self._stage = deployment.stage
        self._gateway = deployment.service("apigateway")
        self._clock = clock

    def all(self) -> list[Key]:
        """Every key of the stage, revoked ones too, in the order of their names and ages."""
        with translated():
            tiers = {found["id"]: tier for tier, plan in self.plans.items() for found in self._keys_of(plan)}
            pages = self._gateway.get_paginator("get_api_keys").paginate(PaginationConfig={"PageSize": PAGE})
            ours = [it for page in pages for it in page["items"] if it.get("tags", {}).get(keys.STAGE) == self._stage]
        return sorted((keys.read(it, tiers.get(it["id"])) for it in ours), key=lambda key: (key.name, key.made, key.id))

    def create(self, name: str, tier: str, place: "Place") -> Made:
        """A key of that name, put into the place as it is made; one that works is left as it is.

        Raises:
            NoSuchTier: the stack has no such tier.
            OtherTier: the key is there, in another one.
            UnusablePlace: the place does not take the value; there is no key then.
        """
        self._plan(tier)
        for key in self._named(name):
            if key.works and key.tier != tier:
                raise OtherTier(name, str(key.tier), tier)
            if key.works:
                return Made(key, new=False)
            if key.enabled:  # in no tier any more, or never: it opens nothing
                self._end(key)
        return self._make(name, tier, {}, place)

    def rotate(self, name: str, overlap: timedelta, tier: str | None, place: "Place") -> Made:
        """A second key of that name beside the first, which is due after the overlap; none where two work already.

        Raises:
            NoSuchKey: there is none to rotate.
            NoSuchTier: the stack has no such tier.
            UnusablePlace: the place does not take the value; nothing has changed then.
        """
        self.end_due(name)
        working = [key for key in self._known(name) if key.works]
        if not working:
            raise NoSuchKey(name, self._names())
        newest = next(key for key in working if keys.ends(key, working) is None)
        if len(working) > 1:
            return Made(newest, new=False)
        until = keys.stamp(self._clock() + overlap)
        made = self._make(name, tier or str(newest.tier), {keys.REPLACES: newest.id, keys.UNTIL: until}, place)
        if not overlap:
            self._end(newest)
        return made

    def finish(self, name: str) -> list[Key]:
        """End what was replaced of a name now, whether or not it is due. Raises NoSuchKey."""
        found = self._known(name)
        return self._ended([key for key in found if key.works and keys.ends(key, found)])

    def revoke(self, name: str) -> list[Key]:
        """End every key of a name now. Raises NoSuchKey."""
        return self._ended([key for key in self._known(name) if key.enabled])

    def end_due(self, name: str = "") -> list[Key]:
        """End what was replaced and whose overlap is over; of one name, or of all."""
        found, now = self.all(), self._clock()
        due = [key for key in found if keys.state(key, found, now) == "due" and name in ("", key.name)]
        return self._ended(due)

    @cached_property
    def plans(self) -> dict[str, str]:
        """The id of each tier's usage plan."""
        with translated():
            pages = self._gateway.get_paginator("get_usage_plans").paginate()
            found = [(plan["id"], plan.get("tags", {})) for page in pages for plan in page["items"]]
        return {tags[keys.TIER]: plan for plan, tags in found if tags.get(keys.STAGE) == self._stage}

    def _plan(self, tier: str) -> str:
        if tier not in self.plans:
            raise NoSuchTier(tier, self.plans)
        return self.plans[tier]

    def _keys_of(self, plan: str) -> list[dict[str, Any]]:
        pages = self._gateway.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan)
        return [found for page in pages for found in page["items"]]

    def _named(self, name: str) -> list[Key]:
        return [key for key in self.all() if key.name == name]

    def _known(self, name: str) -> list[Key]:
        found = self._named(name)
        if not found:
            raise NoSuchKey(name, self._names())
        return found

    def _names(self) -> list[str]:
        return [key.name for key in self.all() if key.works]

    def _make(self, name: str, tier: str, more: dict[str, str], place: "Place") -> Made:
        plan = self._plan(tier)
        place.check()
        tags = {keys.STAGE: self._stage, keys.NAME: name, keys.TIER: tier, **more}
        with translated():
            made = self._gateway.create_api_key(name=f"ortless-{self._stage}-{name}", enabled=True, tags=tags)
            try:
                self._gateway.create_usage_plan_key(usagePlanId=plan, keyId=made["id"], keyType="API_KEY")
                place.put(made["value"])
            except BaseException:
                with suppress(Exception):  # the first failure is the one to tell; nobody has read the value
                    self._gateway.delete_api_key(apiKey=made["id"])
                raise
        return Made(keys.read({**made, "tags": tags}, tier), new=True)

    def _ended(self, found: list[Key]) -> list[Key]:
        for key in found:
            self._end(key)
        return found

    def _end(self, key: Key) -> None:
        """Revoked keys stay by name, as the access log has no more of them than their ids."""
        with translated():
            if key.tier is not None:
                with suppress(self._gateway.exceptions.NotFoundException):
                    self._gateway.delete_usage_plan_key(usagePlanId=self.plans[key.tier], keyId=key.id)
            off = {"op": "replace", "path": "/enabled", "value": "false"}
            self._gateway.update_api_key(apiKey=key.id, patchOperations=[off])
