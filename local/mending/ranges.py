"""A part of an object's newest version: the embedded S3 answers with all of a version."""

from importlib import import_module
from typing import Any


def mend() -> None:
    """Have a part be a part."""
    s3: Any = import_module("ministack.services.s3")
    whole = s3._get_object

    def ranged(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        asked = (query or {}).get("versionId")
        version = asked[0] if isinstance(asked, list) and asked else asked
        newest = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key)
        if version and "range" in headers and newest and newest.get("version_id") == version:
            query = {name: value for name, value in (query or {}).items() if name != "versionId"}
        return whole(bucket, key, headers, query)

    s3._get_object = ranged
