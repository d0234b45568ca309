"""Addresses by which a file is uploaded, or a result downloaded, without credentials of AWS."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from functions.batch.jobs.orders import Order
from functions.batch.register import stamp
from functions.core.errors import InvalidInput

UPLOAD_SECONDS, DOWNLOAD_SECONDS = 3600, 900
LARGEST_POST = 5 * 1024**3
"""Bytes that S3 takes at once."""
MOST_METADATA = 2000
"""Bytes: S3 takes 2 KB beside an object, its name for them included."""


class Links:
    """Signs with what the function may do: an address can do no more."""

    def __init__(self, files: str, results: str) -> None:
        """Take the names of the input and the output bucket."""
        self._files, self._results = files, results
        self._client: Any = boto3.client("s3", config=Config(signature_version="s3v4"))

    def upload(self, order: Order, size: int | None, most: int) -> dict[str, Any]:
        """Address and fields of a form that takes the file of an order, once or again until the address lapses.

        Args:
            size: bytes of the file, where they are known: no other size is taken then.

        Raises:
            InvalidInput: the options are too long.
        """
        told = {"options": order.options, "tenant": order.tenant} | ({"trace": order.trace} if order.trace else {})
        noted = json.dumps(told, separators=(",", ":"))
        if len(noted) > MOST_METADATA:
            raise InvalidInput("options", f"at most {MOST_METADATA} bytes of JSON", f"{len(noted)}")
        fields = {"x-amz-meta-ortless": noted}
        least, largest = (size, size) if size is not None else (1, most)
        made = self._client.generate_presigned_post(
            self._files,
            order.key,
            Fields=dict(fields),
            Conditions=[fields, ["content-length-range", least, largest]],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return {"url": made["url"], "fields": made["fields"], "expires_at": _after(UPLOAD_SECONDS)}

    def download(self, key: str) -> str:
        """The address of a result."""
        fields = {"Bucket": self._results, "Key": key}
        return str(self._client.generate_presigned_url("get_object", Params=fields, ExpiresIn=DOWNLOAD_SECONDS))

    def expiry(self) -> str:
        """When addresses of downloads that are made now lapse."""
        return _after(DOWNLOAD_SECONDS)


def _after(seconds: int) -> str:
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))
