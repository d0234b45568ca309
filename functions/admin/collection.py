"""Garbage collection: versions that nothing can lead back to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import boto3

from functions.core import alias as aliases
from functions.core import manifest as manifests
from functions.core.holdings import PACKAGES, numbers
from functions.core.store import ObjectStore

BATCH = 1000
"""Objects that S3 deletes by one call at most."""


class Removal(NamedTuple):
    """A version that was removed, or would be."""

    model: str
    version: int
    bytes: int


class Collector:
    """Removes versions from the registry's bucket."""

    def __init__(self, bucket: str, store: ObjectStore) -> None:
        self._bucket = bucket
        self._store = store
        self._client: Any = boto3.client("s3")

    def collect(self, names: Iterable[str], keep: int, *, dry_run: bool) -> list[Removal]:
        """Remove the versions of models that no alias refers to: neither as it is, nor in any retained state of before.

        The newest `keep` of each model stay whatever refers to them; so do those without a manifest, which may be
        under way.

        Raises:
            StoreUnavailable, botocore's ClientError: the registry did not answer; what was removed stays removed.
        """
        removed = []
        for name in names:
            referred = self._referred(name)
            found = numbers(name, self._store)
            for number in found[: max(0, len(found) - keep)]:
                if number not in referred and self._store.find(f"{PACKAGES}{name}/{number}/{manifests.FILE}"):
                    removed.append(Removal(name, number, self._remove(name, number, dry_run=dry_run)))
        return removed

    def _referred(self, name: str) -> set[int]:
        """Versions that the alias names, in each of the states that the bucket still has."""
        referred: set[int] = set()
        for entry in self._entries("list_object_versions", "Versions", aliases.key(name)):
            body = self._client.get_object(Bucket=self._bucket, Key=entry["Key"], VersionId=entry["VersionId"])["Body"]
            referred |= aliases.parse(body.read(), name).versions()
        return referred

    def _remove(self, name: str, number: int, *, dry_run: bool) -> int:
        prefix = f"{PACKAGES}{name}/{number}/"
        objects = list(self._entries("list_objects_v2", "Contents", prefix))
        if not dry_run:
            # The manifest goes first: without it the version does not exist, whatever is left.
            keys = sorted((entry["Key"] for entry in objects), key=lambda key: not key.endswith(manifests.FILE))
            for start in range(0, len(keys), BATCH):
                batch = [{"Key": key} for key in keys[start : start + BATCH]]
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})
        return sum(int(entry["Size"]) for entry in objects)

    def _entries(self, operation: str, field: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(Bucket=self._bucket, Prefix=prefix):
            yield from page.get(field, ())
