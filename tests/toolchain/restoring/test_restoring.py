"""What was deleted, damaged, promoted or retired since is what it was; nothing of what happened is lost."""

from functools import partial
from typing import Any

import pytest

from functions.admin import transitions, versions
from functions.admin.aliases import Author
from functions.admin.errors import StateConflict
from functions.core import alias as aliases
from functions.core import holdings
from functions.core.alias import Canary
from functions.core.errors import ObjectMissing
from tests.conftest import BUCKET
from tests.toolchain.restoring.conftest import MODEL, Desk
from toolchain.deployment import CloudRefused
from toolchain.restoring.errors import NothingThen, VersionsGone
from toolchain.restoring.restoring import Restorer, back_to

REGISTRY = ("packages/", "aliases/", "audit/")


def test_what_was_deleted_and_damaged_is_what_it_was(desk: Desk) -> None:
    before, moment = desk.contents("packages/", "audit/"), desk.moment()
    desk.promote(3)
    desk.delete("packages/plus/1/", "packages/plus/2/model.onnx", "audit/")
    desk.put("packages/plus/3/manifest.json", b"{}")
    desk.put("aliases/plus.json", b"rubbish")
    (restored,) = desk.restore(moment)
    assert (restored.changed, restored.plan.versions, restored.before) == (True, [1, 2, 3], None)
    assert before.items() <= desk.contents("packages/", "audit/").items()
    assert (desk.alias.live, desk.alias.previous, desk.alias.digest(2)) == (2, 1, desk.digest(2))


def test_the_history_says_who_restored_to_when_and_generations_go_on(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    before = desk.versions()
    desk.restore(moment)
    newest, replaced = holdings.history(MODEL, desk.store)[:2]
    assert (newest["action"], newest["why"]) == ("restore", f"restored to {moment.isoformat()}")
    assert newest["who"].startswith("arn:aws:")
    assert (newest["generation"], newest["before"]["live"], newest["after"]["live"]) == (4, 3, 2)
    assert (replaced["generation"], replaced["after"]["live"]) == (3, 3)
    assert desk.versions() == before + 2, "the alias and its audit; nothing else was written, nothing removed"


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.delete("packages/plus/2/")
    desk.restore(moment)
    before, state = desk.versions(), desk.alias
    (again,) = desk.restore(moment)
    assert (again.changed, desk.versions(), desk.alias) == (False, before, state)


def test_a_copy_is_known_by_its_note_where_a_key_makes_every_etag_another(desk: Desk) -> None:
    moment = desk.moment()
    desk.delete("packages/plus/2/model.onnx")
    desk.restore(moment)
    restorer: Any = Restorer(desk.deployment)
    listed = restorer._target.histories(["packages/"])
    (copied,) = [history[-1] for key, history in listed.items() if key == "packages/plus/2/model.onnx"]
    assert restorer._target.note(copied) == listed[copied.key][0].version


def test_an_interrupted_run_is_gone_on_with(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.delete("packages/plus/")
    restorer = Restorer(desk.deployment)
    plan, copied = restorer.plan(moment), []

    def dies(held: object) -> None:
        copied.append(held)
        if len(copied) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restorer.restore(plan, moment, progress=dies)
    assert desk.alias.live == 3, "aliases come last"
    (rest,) = desk.restore(moment)
    assert len(rest.plan.copies) == len(plan[0].copies) - 4
    assert (desk.alias.live, holdings.numbers(MODEL, desk.store)) == (2, [1, 2, 3])


def test_a_manifest_comes_after_the_files_that_it_lists(desk: Desk) -> None:
    moment = desk.moment()
    desk.delete("packages/")
    keys = [held.key for held in Restorer(desk.deployment).plan(moment)[0].copies]
    for number in (1, 2, 3):
        mine = [key for key in keys if key.startswith(f"packages/plus/{number}/")]
        assert mine[-1] == f"packages/plus/{number}/manifest.json"


def test_a_version_that_was_retired_since_can_be_promoted_again(desk: Desk) -> None:
    moment = desk.moment()
    desk.put(holdings.retired_key(MODEL, 3), b"{}")
    (restored,) = desk.restore(moment)
    assert restored.plan.unretired == (holdings.retired_key(MODEL, 3),)
    assert versions.servable(MODEL, 3, None, desk.store).number == 3


def test_a_version_that_was_retired_then_is_retired_again(desk: Desk) -> None:
    desk.put(holdings.retired_key(MODEL, 3), b"{}")
    moment = desk.moment()
    desk.delete("retired/")
    desk.restore(moment)
    with pytest.raises(StateConflict, match="retired"):
        versions.servable(MODEL, 3, None, desk.store)


def test_a_version_that_was_published_since_stays(desk: Desk) -> None:
    moment = desk.moment()
    for key, body in desk.contents("packages/plus/3/").items():
        desk.put(key.replace("/3/", "/4/"), body)
    desk.promote(4)
    desk.restore(moment)
    assert (desk.alias.live, holdings.numbers(MODEL, desk.store)) == (2, [1, 2, 3, 4])


def test_a_canary_that_ran_then_is_told_and_not_begun_as_nobody_would_watch_it(desk: Desk) -> None:
    digest = desk.digest(3)
    desk.change(partial(transitions.canary, version=3, digest=digest, weight=0.1))
    moment = desk.moment()
    desk.promote(3)
    (restored,) = desk.restore(moment)
    assert restored.plan.canary == Canary(3, 0.1)
    assert (desk.alias.live, desk.alias.canary, desk.alias.digest(3)) == (2, None, None)


def test_versions_that_are_gone_are_named_and_nothing_is_changed(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.delete("packages/plus/2/")
    desk.forget("packages/plus/2/")
    before = desk.versions()
    with pytest.raises(VersionsGone, match=r"packages/plus/2/manifest\.json") as refused:
        desk.restore(moment)
    assert refused.value.names == ["packages/plus/2/manifest.json"]
    assert (desk.versions(), desk.alias.live) == (before, 3)


def test_a_file_that_is_gone_of_a_version_that_serves_nothing_keeps_nothing_from_coming_back(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(1)
    desk.delete("packages/plus/3/model.onnx")
    desk.forget("packages/plus/3/")
    (restored,) = desk.restore(moment)
    assert restored.plan.lost == ("packages/plus/3/model.onnx",)
    assert desk.alias.live == 2


def test_a_package_that_was_damaged_already_then_is_refused(desk: Desk) -> None:
    desk.put("packages/plus/2/model.onnx", b"rubbish")
    with pytest.raises(VersionsGone, match="damaged at that time"):
        desk.restore(desk.moment())


def test_an_alias_whose_versions_are_gone_is_known_from_its_audit(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.forget("aliases/")
    desk.restore(moment)
    assert (desk.alias.live, desk.alias.previous, desk.alias.generation) == (2, 1, 4)


def test_an_alias_that_nothing_knows_any_more_is_refused(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.forget("aliases/")
    for each in desk.s3.list_object_versions(Bucket=BUCKET, Prefix="audit/")["Versions"]:
        desk.s3.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])
    with pytest.raises(VersionsGone, match=r"aliases/plus\.json"):
        desk.restore(moment)


def test_a_model_that_was_not_there_then_is_refused_by_name_and_else_left_alone(desk: Desk) -> None:
    moment = desk.moment()
    desk.put("aliases/other.json", aliases.render(desk.alias._replace(generation=1)))
    restorer = Restorer(desk.deployment)
    assert [model.name for model in restorer.plan(moment)] == [MODEL]
    with pytest.raises(NothingThen, match="no model 'other'"):
        restorer.plan(moment, "other")


def test_one_model_comes_back_without_the_others(desk: Desk) -> None:
    desk.put("aliases/other.json", aliases.render(desk.alias))
    moment = desk.moment()
    desk.promote(3)
    restorer = Restorer(desk.deployment)
    restorer.restore(restorer.plan(moment, MODEL), moment)
    assert desk.alias.live == 2


def test_someone_who_promotes_at_the_same_time_is_not_overruled(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    restorer: Any = Restorer(desk.deployment)
    (plan,) = restorer.plan(moment)
    read = restorer._current

    def slow(name: str) -> object:
        current = read(name)
        desk.promote(1)
        return current

    restorer._current = slow
    with pytest.raises(StateConflict, match="changed by someone else"):
        restorer._point(plan, Author("restore", "ada", ""))
    assert desk.alias.live == 1


def test_what_an_alias_was_is_nothing_to_change_where_it_is_that(desk: Desk) -> None:
    now = desk.alias
    assert back_to(now._replace(generation=1, nonce="x", change=None), 9)(now) is now


def test_a_replica_brings_an_empty_registry_back(desk: Desk) -> None:
    desk.s3.create_bucket(Bucket="replica")
    desk.s3.put_bucket_versioning(Bucket="replica", VersioningConfiguration={"Status": "Enabled"})
    for key, body in desk.contents(*REGISTRY).items():
        desk.s3.put_object(Bucket="replica", Key=key, Body=body)
    moment = desk.moment()
    desk.delete(*REGISTRY)
    for prefix in REGISTRY:
        desk.forget(prefix)
    with pytest.raises(ObjectMissing):
        desk.store.get("aliases/plus.json")
    desk.restore(moment, "replica")
    assert (desk.alias.live, desk.alias.previous, desk.alias.generation) == (2, 1, 3)
    replica = desk.s3.get_paginator("list_objects_v2").paginate(Bucket="replica")
    assert {each["Key"] for page in replica for each in page["Contents"]} <= set(desk.keys())
    assert desk.restore(moment, "replica")[0].changed is False


def test_a_bucket_that_refuses_is_told(desk: Desk) -> None:
    with pytest.raises(CloudRefused, match="NoSuchBucket"):
        desk.restore(desk.moment(), "nowhere")
