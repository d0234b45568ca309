"""What becomes of keys as they are made, rotated and revoked, on moto's API Gateway."""

import itertools
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from toolchain.deployment import CloudRefused, Deployment
from toolchain.keys.errors import NoSuchKey, NoSuchTier, OtherTier, UnusablePlace
from toolchain.keys.key import state
from toolchain.keys.places import File, Memory, place
from toolchain.keys.ring import Ring

STAGES = itertools.count()
WEEK = timedelta(days=7)


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A stage of its own with two tiers, its keys, and what API Gateway has of them."""

    def __init__(self, endpoint: str) -> None:
        self.stage = f"stage-{next(STAGES)}"
        self.deployment = Deployment(self.stage, boto3.Session("test", "test", region_name="us-east-1"), endpoint)
        self.gateway: Any = self.deployment.service("apigateway")
        for tier in ("default", "pro"):
            tags = {"ortless:stage": self.stage, "ortless:tier": tier}
            self.gateway.create_usage_plan(name=f"ortless-{self.stage}-{tier}", tags=tags)
        self.clock = Clock()
        self.ring = Ring(self.deployment, self.clock)

    def create(self, name: str = "ann", tier: str = "default") -> str:
        """The value of a new key."""
        memory = Memory()
        assert self.ring.create(name, tier, memory).new
        return memory.value

    def states(self) -> list[str]:
        """Of all keys, from the oldest on."""
        found = self.ring.all()
        return [state(key, found, self.clock()) for key in found]

    def tags(self) -> list[dict[str, str]]:
        """What stands on each key."""
        found = self.gateway.get_api_keys()["items"]
        return [key["tags"] for key in found if key["tags"]["ortless:stage"] == self.stage]


@pytest.fixture
def desk(moto: str) -> Desk:
    return Desk(moto)


def test_a_created_key_is_in_its_tier_and_tagged_with_name_and_tier_but_never_its_value(desk: Desk) -> None:
    value = desk.create("ann", "pro")
    (key,) = desk.ring.all()
    assert (key.name, key.tier, key.works) == ("ann", "pro", True)
    assert desk.tags() == [{"ortless:stage": desk.stage, "ortless:name": "ann", "ortless:tier": "pro"}]
    assert len(value) >= 20
    assert value not in repr(desk.ring.all())


def test_creating_twice_makes_one_key_and_shows_nothing_the_second_time(desk: Desk) -> None:
    desk.create()
    memory = Memory()
    again = desk.ring.create("ann", "default", memory)
    assert (again.new, memory.value, len(desk.ring.all())) == (False, "", 1)


def test_a_key_in_another_tier_is_not_moved_by_creating_it(desk: Desk) -> None:
    desk.create()
    with pytest.raises(OtherTier, match=r"is in the tier 'default', not in 'pro'\nhint: .* rotate ann --tier pro"):
        desk.ring.create("ann", "pro", Memory())


def test_an_unknown_tier_is_refused_with_those_there_are(desk: Desk) -> None:
    with pytest.raises(NoSuchTier, match="There is no tier 'gold'; the stack's are: default, pro"):
        desk.ring.create("ann", "gold", Memory())
    assert desk.ring.all() == []


def test_keys_of_another_stage_are_neither_seen_nor_changed(desk: Desk, moto: str) -> None:
    other = Desk(moto)
    other.create("ann")
    assert desk.ring.all() == []
    with pytest.raises(NoSuchKey, match="There is no key 'ann'\nhint: the keys are: none"):
        desk.ring.revoke("ann")
    assert other.states() == ["works"]


def test_both_keys_work_until_the_overlap_is_over_and_the_old_one_is_ended_then(desk: Desk) -> None:
    old = desk.create()
    memory = Memory()
    made = desk.ring.rotate("ann", WEEK, None, memory)
    assert made.new
    assert memory.value not in ("", old)
    assert sorted(desk.states()) == ["ending", "works"]
    assert desk.ring.end_due() == []
    desk.clock.now += WEEK + timedelta(seconds=1)
    assert sorted(desk.states()) == ["due", "works"]
    assert [key.id for key in desk.ring.end_due()] == [made.key.replaces]
    assert sorted(desk.states()) == ["revoked", "works"]
    assert desk.ring.end_due() == []


def test_rotating_twice_within_the_overlap_makes_one_key(desk: Desk) -> None:
    desk.create()
    first = desk.ring.rotate("ann", WEEK, None, Memory())
    again = desk.ring.rotate("ann", WEEK, None, memory := Memory())
    assert (again.new, again.key.id, memory.value) == (False, first.key.id, "")


def test_rotating_after_the_overlap_ends_the_oldest_and_begins_anew(desk: Desk) -> None:
    desk.create()
    desk.ring.rotate("ann", WEEK, None, Memory())
    desk.clock.now += WEEK + timedelta(seconds=1)
    assert desk.ring.rotate("ann", WEEK, None, Memory()).new
    assert sorted(desk.states()) == ["ending", "revoked", "works"]


def test_without_overlap_the_old_key_ends_as_the_new_one_is_made(desk: Desk) -> None:
    desk.create()
    desk.ring.rotate("ann", timedelta(0), None, Memory())
    assert sorted(desk.states()) == ["revoked", "works"]


def test_a_rotation_can_move_a_key_to_another_tier(desk: Desk) -> None:
    desk.create()
    made = desk.ring.rotate("ann", WEEK, "pro", Memory())
    assert (made.key.tier, {key.tier for key in desk.ring.all()}) == ("pro", {"default", "pro"})


def test_a_rotation_can_be_finished_before_its_time_and_twice(desk: Desk) -> None:
    desk.create()
    made = desk.ring.rotate("ann", WEEK, None, Memory())
    assert [key.id for key in desk.ring.finish("ann")] == [made.key.replaces]
    assert desk.ring.finish("ann") == []
    assert sorted(desk.states()) == ["revoked", "works"]


def test_revoking_ends_every_key_of_a_name_once(desk: Desk) -> None:
    desk.create()
    desk.create("bob")
    desk.ring.rotate("ann", WEEK, None, Memory())
    assert len(desk.ring.revoke("ann")) == 2
    assert desk.ring.revoke("ann") == []
    assert {key.name for key in desk.ring.all() if key.works} == {"bob"}
    with pytest.raises(NoSuchKey, match="There is no key 'ann'\nhint: the keys are: bob"):
        desk.ring.rotate("ann", WEEK, None, Memory())


def test_a_revoked_name_can_have_a_new_key(desk: Desk) -> None:
    desk.create()
    desk.ring.revoke("ann")
    desk.create()
    assert sorted(desk.states()) == ["revoked", "works"]


def test_what_a_creation_that_was_cut_short_left_is_closed_and_the_next_one_replaces_it(desk: Desk) -> None:
    tags = {"ortless:stage": desk.stage, "ortless:name": "ann", "ortless:tier": "default"}
    desk.gateway.create_api_key(name="ann", enabled=True, tags=tags)
    assert desk.states() == ["closed"]
    desk.create()
    assert sorted(desk.states()) == ["revoked", "works"]


def test_a_value_goes_to_a_file_that_only_its_owner_reads_and_never_replaces_one(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "ann.key"
    desk.ring.create("ann", "default", File(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().strip()) >= 20
    with pytest.raises(UnusablePlace, match="it is there already"):
        desk.ring.create("bob", "default", File(file))
    assert {key.name for key in desk.ring.all()} == {"ann"}


def test_a_value_goes_into_an_encrypted_parameter_or_a_secret(desk: Desk) -> None:
    name = f"/ortless/{desk.stage}/ann"
    desk.ring.create("ann", "default", place(f"ssm:{name}", desk.deployment))
    parameter = desk.deployment.service("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert (parameter["Type"], len(parameter["Value"]) >= 20) == ("SecureString", True)
    secrets = desk.deployment.service("secretsmanager")
    seen = set()
    for overlap in (None, timedelta(0)):
        into = place(f"secret:ortless/{desk.stage}/bob", desk.deployment)
        if overlap is None:
            desk.ring.create("bob", "default", into)
        else:
            desk.ring.rotate("bob", overlap, None, into)
        seen.add(secrets.get_secret_value(SecretId=f"ortless/{desk.stage}/bob")["SecretString"])
    assert len(seen) == 2


def test_a_value_that_cannot_be_put_anywhere_leaves_no_key(desk: Desk) -> None:
    with pytest.raises(CloudRefused, match="PutParameter"):
        desk.ring.create("ann", "default", place("ssm:aws-name", desk.deployment))
    assert desk.ring.all() == []
