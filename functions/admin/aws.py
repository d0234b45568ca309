"""What the admin API asks of AWS beside objects: addresses to upload to and download from, the validator's start."""

from base64 import b64encode
from typing import Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.core.errors import StoreUnavailable
from functions.core.manifest import FileRecord
from functions.core.telemetry import followed


class Bucket:
    """The registry's bucket, for those who come with an address instead of credentials."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client: Any = boto3.client("s3", config=Config(signature_version="s3v4"))

    def put_url(self, key: str, record: FileRecord, seconds: int) -> tuple[str, dict[str, str]]:
        """The address and the headers by which a file is put: no other size and no other content fits them."""
        checksum = b64encode(bytes.fromhex(record.sha256)).decode()
        fields = {"Bucket": self._name, "Key": key, "ContentLength": record.size, "ChecksumSHA256": checksum}
        url = self._client.generate_presigned_url("put_object", Params=fields, ExpiresIn=seconds)
        return str(url), {"x-amz-checksum-sha256": checksum}

    def get_url(self, key: str, seconds: int) -> str:
        """The address by which a file can be had."""
        fields = {"Bucket": self._name, "Key": key}
        return str(self._client.generate_presigned_url("get_object", Params=fields, ExpiresIn=seconds))


class Validator:
    """The function that validates uploads."""

    def __init__(self, function: str) -> None:
        self._function = function
        self._client: Any = boto3.client("lambda")

    def start(self, upload: str, model: str) -> None:
        """Have an upload validated; the answer is what it writes beside it.

        Raises:
            StoreUnavailable: Lambda did not take the order.
        """
        order = orjson.dumps({"upload": upload, "model": model, "trace": followed()})
        try:
            self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=order)
        except (BotoCoreError, ClientError) as fault:
            raise StoreUnavailable(self._function, str(fault)) from None
