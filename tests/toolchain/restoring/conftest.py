"""A versioned registry on moto, and someone who restores it."""

import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from functions.admin import aliases, transitions
from functions.admin.aliases import Author
from functions.core.alias import Alias
from functions.core.package import Package, digest_of_bytes
from functions.core.store import ObjectStore
from tests.admin.conftest import compiled, put_version
from tests.conftest import BUCKET
from toolchain.deployment import Deployment
from toolchain.restoring.restoring import Restored, Restorer

__all__ = ["compiled"]
MODEL = "plus"


class Desk:
    """The registry's bucket, what is done to it, and the way back."""

    def __init__(self, store: ObjectStore, endpoint: str, who: tuple[str, str] = ("test", "test")) -> None:
        self.store = store
        self.deployment = Deployment("test", boto3.Session(*who, region_name="us-east-1"), endpoint)
        self.deployment.outputs = {"ModelBucket": BUCKET}
        self.s3: Any = self.deployment.service("s3")

    def promote(self, version: int) -> Alias:
        """Make a version live; what is in the registry under it decides nothing here."""
        digest = self.digest(version)
        return self.change(lambda before: transitions.promote(before, version, digest))

    def change(self, transition: aliases.Transition) -> Alias:
        """Change the alias as the admin API does."""
        return aliases.change(MODEL, transition, Author("promote", "ada", ""), self.store).after

    @property
    def alias(self) -> Alias:
        """What serves."""
        found = aliases.read(MODEL, self.store).alias
        assert found
        return found

    def digest(self, version: int) -> str:
        """Of a version's manifest."""
        return digest_of_bytes(self.body(f"packages/{MODEL}/{version}/manifest.json"))

    def body(self, key: str) -> bytes:
        """What an object is."""
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def keys(self, prefix: str = "") -> list[str]:
        """The objects there are."""
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]

    def contents(self, *prefixes: str) -> dict[str, bytes]:
        """All of them."""
        return {key: self.body(key) for prefix in prefixes for key in self.keys(prefix)}

    def delete(self, *prefixes: str) -> None:
        """Delete objects, as somebody does who should not."""
        for prefix in prefixes:
            for key in self.keys(prefix):
                self.s3.delete_object(Bucket=BUCKET, Key=key)

    def put(self, key: str, body: bytes) -> None:
        """Overwrite an object."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def forget(self, *prefixes: str) -> None:
        """Remove every version that is not the present one, as a lifecycle rule does."""
        for prefix in prefixes:
            found = self.s3.list_object_versions(Bucket=BUCKET, Prefix=prefix)
            for each in found.get("Versions", []) + found.get("DeleteMarkers", []):
                if not each["IsLatest"] or each in found.get("DeleteMarkers", []):
                    self.s3.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])

    def versions(self) -> int:
        """How many versions and marks the bucket keeps."""
        found = self.s3.list_object_versions(Bucket=BUCKET)
        return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))

    def moment(self) -> datetime:
        """A time between what was done before and what is done after it: S3 counts in whole seconds."""
        second = int(time.time())
        time.sleep(second + 1.01 - time.time())
        return datetime.fromtimestamp(second + 0.999, UTC)

    def restore(self, to: datetime, source: str = "") -> list[Restored]:
        """Bring everything back."""
        restorer = Restorer(self.deployment, source)
        return restorer.restore(restorer.plan(to), to)


@pytest.fixture
def desk(store: ObjectStore, compiled: list[Package], moto: str) -> Desk:
    """Versions 1 to 3 of `plus`; the first was live, and now the second is."""
    return furnished(Desk(store, moto), compiled)


def furnished(desk: Desk, compiled: list[Package]) -> Desk:
    """The desk with these versions in its bucket."""
    desk.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for number, package in enumerate(compiled[:3], 1):
        put_version(desk.store, package, number)
    desk.promote(1)
    desk.promote(2)
    return desk
