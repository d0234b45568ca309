"""A registry that is gone for good, versions and all, comes back from its copy in a second bucket."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.store import ObjectStore
from functions.packaging.build import build
from local.synthesis import Synthesis
from tests.core import graphs
from tests.e2e.conftest import Api, Variant, release
from tests.e2e.test_access import user
from tests.e2e.test_lifecycle import eventually
from tests.e2e.test_restore import Desk
from tests.infra.assembly import Assembly, shown

NAME, STAGE, COPY = "harbour", "copied", "ortless-copies"
BACKUP = {"backup": {"replica_bucket": COPY, "replica_region": "eu-central-1"}}


@pytest.fixture(scope="module")
def api(variant: Variant) -> Api:
    return variant(STAGE, **BACKUP)


@pytest.fixture(scope="module")
def desk(api: Api) -> Desk:
    """Who restores, beside a bucket that S3 copies to by the rules of the template: local/differences.py says why."""
    restorer = user(api.account, "rebuilder", api.outputs["RestorePolicyArn"])
    desk = Desk(api, api.outputs["ModelBucket"], restorer, STAGE)
    desk.s3.create_bucket(Bucket=COPY)
    desk.s3.put_bucket_versioning(Bucket=COPY, VersioningConfiguration={"Status": "Enabled"})
    desk.s3.put_bucket_replication(Bucket=desk.bucket, ReplicationConfiguration=configuration(api))
    return desk


def configuration(api: Api) -> dict[str, Any]:
    """The template's, as S3 takes it from others."""
    stage = {
        "packaging": "working-tree",
        "log_retention_days": 1,
        "removal": "destroy",
        "monitoring": {"page": False},
    } | BACKUP
    assembly = Assembly(Synthesis().run({"stage": STAGE, "stages": {STAGE: stage}}))
    given = assembly.named("AWS::S3::Bucket", "Models")["ReplicationConfiguration"]
    iam = api.account.session.client("iam", **api.account.options)
    roles = (role for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"])
    role = next(role["Arn"] for role in roles if "copied-ModelsReplication" in role["RoleName"])
    rules = []
    for rule in given["Rules"]:
        place = shown(rule["Destination"]["Bucket"]).replace("<AWS::Partition>", "aws")
        rules.append(
            {"ID" if key == "Id" else key: value for key, value in rule.items()} | {"Destination": {"Bucket": place}}
        )
    return {"Role": role, "Rules": rules}


def keys(s3: Any, bucket: str) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def forget(s3: Any, bucket: str) -> None:
    """Delete everything, every version of it."""
    found = s3.list_object_versions(Bucket=bucket)
    for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def test_a_registry_that_is_gone_for_good_comes_back_from_its_copy(desk: Desk, api: Api, tmp_path: Path) -> None:
    options = api.account.options
    credentials = api.account.session.get_credentials()
    assert credentials
    registry = ObjectStore(
        desk.bucket,
        {
            "region": api.account.region,
            "endpoint": str(options["endpoint_url"]),
            "access_key_id": str(credentials.access_key),
            "secret_access_key": str(credentials.secret_key),
        },
    )
    for amount in (10, 20):
        source = graphs.source(tmp_path / str(amount), NAME, graphs.plus(amount))
        release(build(source, source.parent / "out"), registry)
    desk.s3.put_object(Bucket=desk.bucket, Key="uploads/x/request.json", Body=b"{}")
    eventually(lambda: desk.answers() == (20, f"{NAME}@2"))
    whole = keys(desk.s3, desk.bucket)
    assert keys(desk.s3, COPY) == whole - {"uploads/x/request.json"}
    forget(desk.s3, desk.bucket)
    assert keys(desk.s3, desk.bucket) == set()

    newest = max(each["LastModified"] for each in desk.s3.list_object_versions(Bucket=COPY)["Versions"])
    told = desk.tell("--to", newest.isoformat(), "--source", COPY)
    assert (told["versions"], told["before"], told["after"]["live"]) == ([1, 2], None, 2)
    eventually(lambda: desk.answers() == (20, f"{NAME}@2"))
    alias = json.loads(desk.s3.get_object(Bucket=desk.bucket, Key=f"aliases/{NAME}.json")["Body"].read())
    assert (alias["generation"], alias["previous"], alias["change"]["action"]) == (3, 1, "restore")
    assert desk.tell("--to", newest.isoformat(), "--source", COPY)["changed"] is False
