"""A registry that somebody deleted and damaged answers again as it did, by the rights of who restores and no others."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.core.store import ObjectStore
from functions.packaging.build import build
from local.aws import Account
from local.endpoint import Credentials
from tests.conftest import ROOT
from tests.core import graphs
from tests.e2e.conftest import Api, release
from tests.e2e.test_access import user
from tests.e2e.test_lifecycle import eventually

NAME = "harbour"
UNSEEN = "s3:ListBucket"
"""AWS says that an object is missing only to those who may list; the embedded cloud says it to everyone."""


class Desk:
    """Someone with the policy for restoring and no other, and the registry in the hands of someone who should not."""

    def __init__(self, api: Api, bucket: str, credentials: Credentials, stage: str = "local") -> None:
        self.api = api
        account = Account(api.account.url, api.account.region, credentials)
        isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull, "ORTLESS_STAGE": stage}
        self._environment = os.environ | account.variables() | isolated
        self.s3: Any = api.account.session.client("s3", **api.account.options)
        self.bucket = bucket

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The verb."""
        command = [sys.executable, "-m", "toolchain", "restore", *arguments, "--model", NAME, "--json"]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False, timeout=90
        )

    def tell(self, *arguments: str) -> dict[str, Any]:
        """What it says of the model."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        (model,) = json.loads(done.stdout)["models"]
        return dict(model)

    def answers(self) -> tuple[Any, str]:
        """What the model answers to zeros, and which version says so."""
        answered = self.api.predict(NAME, [0, 0])
        predictions = answered.json().get("predictions", [[None]])
        return predictions[0][0], answered.headers.get("x-ortless-model", "")

    def wreck(self) -> None:
        """Delete every package and the audit, and overwrite the alias."""
        for prefix in (f"packages/{NAME}/", f"audit/{NAME}/"):
            for each in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", []):
                self.s3.delete_object(Bucket=self.bucket, Key=each["Key"])
        self.s3.put_object(Bucket=self.bucket, Key=f"packages/{NAME}/1/manifest.json", Body=b"rubbish")
        self.s3.put_object(Bucket=self.bucket, Key=f"aliases/{NAME}.json", Body=b"rubbish")

    def forget(self, key: str) -> None:
        """Delete an object for good; what it was, its audit still says."""
        found = self.s3.list_object_versions(Bucket=self.bucket, Prefix=key)
        for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
            self.s3.delete_object(Bucket=self.bucket, Key=key, VersionId=each["VersionId"])

    def brings_back(self, to: str, *, alias_is_there: bool) -> bool:
        """Whether what is wrecked comes back, a mark of retirement taken away with it."""
        self.wreck()
        self.s3.put_object(Bucket=self.bucket, Key=f"retired/{NAME}/1.json", Body=b"{}")
        if not alias_is_there:
            self.forget(f"aliases/{NAME}.json")
        return self.run("--to", to).returncode == 0


@pytest.fixture(scope="module")
def desk(api: Api) -> Desk:
    return Desk(api, api.outputs["ModelBucket"], user(api.account, "restorer", api.outputs["RestorePolicyArn"]))


@pytest.fixture(scope="module")
def between(desk: Desk, registry: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The time between two promotions: the first version answered then."""
    moments = []
    for amount in (10, 20):
        source = graphs.source(tmp_path_factory.mktemp(str(amount)), NAME, graphs.plus(amount))
        version = release(build(source, source.parent / "out"), registry)
        eventually(lambda amount=amount, version=version: desk.answers() == (amount, f"{NAME}@{version}"))  # type: ignore[misc]
        moments.append(datetime.now(UTC).isoformat())
        time.sleep(0.1)
    return moments[0]


def test_a_rehearsal_says_what_would_change_and_changes_nothing(desk: Desk, between: str) -> None:
    told = desk.tell("--to", between, "--dry-run")
    assert (told["changed"], told["before"]["live"], told["after"]["live"]) == (True, 2, 1)
    assert desk.answers() == (20, f"{NAME}@2")


def test_the_service_answers_as_it_did_then_although_packages_and_aliases_were_deleted_and_damaged(
    desk: Desk, between: str
) -> None:
    desk.wreck()
    told = desk.tell("--to", between)
    assert (told["versions"], told["before"], told["after"]["live"]) == ([1], None, 1)
    eventually(lambda: desk.answers() == (10, f"{NAME}@1"))
    alias = json.loads(desk.s3.get_object(Bucket=desk.bucket, Key=f"aliases/{NAME}.json")["Body"].read())
    assert (alias["change"]["action"], alias["change"]["who"].rpartition(":")[2]) == ("restore", "user/restorer")
    assert alias["change"]["why"] == f"restored to {between}"
    assert alias["generation"] == 3


def test_a_second_restoration_changes_nothing(desk: Desk, between: str) -> None:
    assert desk.tell("--to", between)["changed"] is False


def test_a_later_time_brings_the_later_version(desk: Desk) -> None:
    marks = desk.s3.list_object_versions(Bucket=desk.bucket, Prefix=f"packages/{NAME}/2/manifest.json")
    deleted = marks["DeleteMarkers"][0]["LastModified"]
    told = desk.tell("--to", (deleted - timedelta(milliseconds=200)).isoformat())
    assert (told["versions"], told["after"]["live"], told["after"]["previous"]) == ([2], 2, 1)
    eventually(lambda: desk.answers() == (20, f"{NAME}@2"))


def test_what_is_gone_is_named_with_exit_1_and_no_version_then_is_refused(desk: Desk) -> None:
    done = desk.run("--to", "2020-01-01T00:00:00Z")
    assert done.returncode == 1
    assert "error" in done.stderr
    assert desk.run("--to", "yesterday").returncode == 2
    assert desk.run("--to", "2999-01-01T00:00:00Z").returncode == 2


def test_who_restores_cannot_delete_a_package_nor_a_version_of_anything(desk: Desk, api: Api) -> None:
    listed = desk.s3.list_object_versions(Bucket=desk.bucket, Prefix=f"aliases/{NAME}.json")["Versions"][0]
    keys = api.account.session.client("iam", **api.account.options)
    made = keys.create_access_key(UserName="restorer")["AccessKey"]
    mine = Account(api.account.url, api.account.region, Credentials(made["AccessKeyId"], made["SecretAccessKey"]))
    s3: Any = mine.session.client("s3", **mine.options)
    for request in (
        {"Key": f"packages/{NAME}/1/manifest.json"},
        {"Key": listed["Key"], "VersionId": listed["VersionId"]},
    ):
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=desk.bucket, **request)


@pytest.mark.slow
def test_without_any_one_statement_of_the_policy_something_does_not_come_back(
    desk: Desk, api: Api, between: str
) -> None:
    iam: Any = api.account.session.client("iam", **api.account.options)
    arn = api.outputs["RestorePolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    lesser = Desk(api, desk.bucket, user(api.account, "lesser"))
    needless = []
    for left_out in (None, *document["Statement"]):
        rest = [statement for statement in document["Statement"] if statement is not left_out]
        content = json.dumps({**document, "Statement": rest})
        iam.put_user_policy(UserName="lesser", PolicyName="rest", PolicyDocument=content)
        comes_back = all(lesser.brings_back(between, alias_is_there=there) for there in (True, False))
        assert comes_back or left_out
        needless += [left_out] if comes_back and left_out else []
    assert [statement["Action"] for statement in needless] == [UNSEEN]
