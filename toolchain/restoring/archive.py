"""Every version of every object that a bucket keeps."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from toolchain.restoring.errors import Overtaken

NOTE = "ortless-version"
"""Metadata of what was copied: the id of the version that it is."""
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""S3's words for an object that is not what a write expected; of a source that is gone it says NoSuchVersion."""
Histories = Mapping[str, Sequence["Held"]]
"""What became of each object, by its key, the oldest first."""


class Held(NamedTuple):
    """A version of an object, or the mark of its deletion."""

    key: str
    version: str
    at: datetime
    """When it was written: to the second on S3."""
    size: int
    """Bytes."""
    etag: str
    deleted: bool
    latest: bool


class Archive:
    """The versions in one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        """Ask nothing yet.

        Args:
            client: of S3.
        """
        self.bucket = bucket
        self._client = client

    def histories(self, prefixes: Iterable[str]) -> Histories:
        """What became of the objects under these prefixes. Raises botocore's errors."""
        found: list[Held] = []
        for prefix in prefixes:
            pages = list(self._client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix))
            # Listed from the newest on. Of what was written and deleted within one second the deletion was the last.
            for field in ("Versions", "DeleteMarkers"):
                listed = [_held(entry) for page in pages for entry in page.get(field, ())]
                found += reversed(listed)
        histories: dict[str, list[Held]] = {}
        for held in sorted(found, key=lambda held: (held.key, held.at, held.latest)):
            histories.setdefault(held.key, []).append(held)
        return histories

    def read(self, held: Held) -> bytes:
        """The bytes of a version. Raises botocore's errors."""
        answer = self._client.get_object(Bucket=self.bucket, Key=held.key, VersionId=held.version)
        return bytes(answer["Body"].read())

    def note(self, held: Held) -> str:
        """The id of the version that a version is a copy of; nothing if it is none. Raises botocore's errors."""
        answer = self._client.head_object(Bucket=self.bucket, Key=held.key, VersionId=held.version)
        return str(answer["Metadata"].get(NOTE, ""))

    def bring(self, held: Held, source: str, replaced: str) -> None:
        """Copy a version over what its object is; over nothing else, whoever wrote it meanwhile.

        Args:
            source: the bucket that keeps the version.
            replaced: the ETag of what is copied over; empty where there is nothing.

        Raises:
            Overtaken: the object is something else by now. And botocore's errors.
        """
        condition = {"IfMatch": replaced} if replaced else {"IfNoneMatch": "*"}
        try:
            self._client.copy_object(
                Bucket=self.bucket,
                Key=held.key,
                CopySource={"Bucket": source, "Key": held.key, "VersionId": held.version},
                Metadata={NOTE: held.version},
                MetadataDirective="REPLACE",
                **condition,
            )
        except self._client.exceptions.ClientError as fault:
            if fault.response["Error"]["Code"] not in _TAKEN:
                raise
            if not self._has_copy(held):
                raise Overtaken(held.key, replaced) from None

    def _has_copy(self, held: Held) -> bool:
        """Whether the object is that version's copy: a request whose answer was lost is sent again."""
        known = now(self.histories([held.key]).get(held.key, ()))
        return known is not None and self.note(known) == held.version


def then(history: Sequence[Held], to: datetime) -> Held | None:
    """The version that an object was at a time; None where there was no such object."""
    before = [held for held in history if held.at <= to]
    return before[-1] if before and not before[-1].deleted else None


def now(history: Sequence[Held]) -> Held | None:
    """The version that an object is; None where there is none."""
    return history[-1] if history and not history[-1].deleted else None


def _held(entry: Mapping[str, Any]) -> Held:
    return Held(
        key=str(entry["Key"]),
        version=str(entry["VersionId"]),
        at=entry["LastModified"],
        size=int(entry.get("Size", 0)),
        etag=str(entry.get("ETag", "")),
        deleted="Size" not in entry,
        latest=bool(entry["IsLatest"]),
    )
