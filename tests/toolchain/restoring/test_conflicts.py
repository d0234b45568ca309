"""What somebody writes between the plan and the copy stays what they wrote: on the embedded cloud, which weighs it."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.core.package import Package
from functions.core.store import ObjectStore
from local.cloud import Cloud
from local.endpoint import ROOT_CREDENTIALS
from local.state import State
from tests.conftest import BUCKET
from tests.toolchain.restoring.conftest import Desk, furnished
from toolchain.restoring.errors import Overtaken
from toolchain.restoring.restoring import Restorer

FILE = "packages/plus/3/model.onnx"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Cloud.start(State(tmp_path_factory.mktemp("cloud") / "state")) as cloud:
        yield cloud.url


@pytest.fixture
def desk(cloud: str, compiled: list[Package]) -> Iterator[Desk]:
    key, secret = ROOT_CREDENTIALS.access_key_id, ROOT_CREDENTIALS.secret_access_key
    config: Any = {"region": "us-east-1", "endpoint": cloud, "access_key_id": key, "secret_access_key": secret}
    desk = Desk(ObjectStore(BUCKET, config), cloud, (key, secret))
    desk.s3.create_bucket(Bucket=BUCKET)
    yield furnished(desk, compiled)
    found = desk.s3.list_object_versions(Bucket=BUCKET)
    for each in found.get("Versions", []) + found.get("DeleteMarkers", []):
        desk.s3.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])
    desk.s3.delete_bucket(Bucket=BUCKET)


def test_what_was_deleted_and_what_was_damaged_comes_back_when_nobody_writes(desk: Desk) -> None:
    before, moment = desk.contents("packages/"), desk.moment()
    desk.delete("packages/plus/1/")
    desk.put(FILE, b"rubbish")
    desk.restore(moment)
    assert desk.contents("packages/") == before


def test_a_number_that_a_publication_takes_meanwhile_is_not_copied_over(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(1)
    desk.delete("packages/plus/3/")
    restorer = Restorer(desk.deployment)
    plan = restorer.plan(moment)
    desk.store.put_if_absent(FILE, b"published")
    with pytest.raises(Overtaken, match=rf"^Expected nothing at {FILE}, .* - got something else"):
        restorer.restore(plan, moment)
    assert (desk.body(FILE), desk.alias.live) == (b"published", 1)
    assert desk.contents("packages/plus/3/").keys() == {FILE}, "the commit comes last, and never came"


def test_what_changed_once_more_since_the_plan_is_not_copied_over(desk: Desk) -> None:
    moment = desk.moment()
    desk.put(FILE, b"damaged")
    restorer = Restorer(desk.deployment)
    plan = restorer.plan(moment)
    desk.put(FILE, b"mended by hand")
    with pytest.raises(Overtaken, match=rf"^Expected {FILE} to be the object \"[0-9a-f]+\""):
        restorer.restore(plan, moment)
    assert desk.body(FILE) == b"mended by hand"


def test_what_is_gone_since_the_plan_is_told_as_well(desk: Desk) -> None:
    moment = desk.moment()
    desk.put(FILE, b"damaged")
    restorer = Restorer(desk.deployment)
    plan = restorer.plan(moment)
    desk.delete(FILE)
    with pytest.raises(Overtaken):
        restorer.restore(plan, moment)


def test_a_copy_whose_answer_was_lost_is_no_conflict_when_it_is_sent_again(desk: Desk) -> None:
    moment = desk.moment()
    desk.promote(3)
    desk.delete("packages/plus/2/")
    restorer = Restorer(desk.deployment)
    plan = restorer.plan(moment)
    restorer.restore(plan, moment)
    restorer.restore(plan, moment)
    assert desk.alias.live == 2
