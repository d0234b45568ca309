"""What the key of a dropped file says: which model it is for, at which version, and which job it is."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import orjson

from functions.batch.errors import FileRefused

NOTE = ".job.json"
"""What the name of the note beside a file ends with."""
OF_THE_API = re.compile(r"[^/]+/jobs/([0-9a-f]{32})/[^/]+")
"""Keys of files that belong to a job that the API made before there was a file."""
MODEL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:@([0-9]{1,9}))?")
CREATED = "ObjectCreated:"
TEST = "s3:TestEvent"
"""What S3 says once, when it is told whom to tell."""


class Drop(NamedTuple):
    """One version of an object in the input bucket."""

    bucket: str
    key: str
    version_id: str

    @property
    def job(self) -> str:
        """The job's id, 32 hexadecimal digits: the same however often S3 announces the file."""
        made = OF_THE_API.fullmatch(self.key)
        if made:
            return made[1]
        return sha256("\0".join(self).encode()).hexdigest()[:32]

    @property
    def is_of_the_api(self) -> bool:
        """Whether the API made the job."""
        return OF_THE_API.fullmatch(self.key) is not None

    @property
    def target(self) -> tuple[str, str | None]:
        """The model's name, and the version where one is named.

        Raises:
            FileRefused: the key does not begin with that.
        """
        folder, slash, _ = self.key.partition("/")
        named = MODEL.fullmatch(folder)
        if not slash or named is None:
            wanted = "a key that begins with a model's name, as in iris-svm/flowers.csv or iris-svm@3/flowers.csv"
            raise FileRefused(f"Expected {wanted} - got {self.key[:200]!r}")
        return named[1], named[2]


def drops(message: str) -> Iterator[Drop]:
    """The files that a message of the queue announces; none for what is no file to answer.

    Raises:
        ValueError: the message is none that S3 sends.
    """
    document: Any = orjson.loads(message)
    if type(document) is not dict:
        raise ValueError("the message is no JSON object")
    if document.get("Event") == TEST:
        return
    records = document.get("Records")
    if type(records) is not list:
        raise ValueError("the message has no Records")
    yield from (_drop(record["s3"]) for record in records if _is_file(record))


def _is_file(record: Any) -> bool:
    try:
        name, key = record["eventName"].removeprefix("s3:"), record["s3"]["object"]["key"]
    except (TypeError, KeyError, AttributeError) as fault:
        raise ValueError(f"a record is not S3's: {type(fault).__name__} {fault}") from None
    # A key that ends with a slash is what consoles make to show a folder.
    return bool(name.startswith(CREATED)) and not key.endswith((NOTE, "/", "%2F"))


def _drop(s3: Any) -> Drop:
    stored = s3["object"]
    # S3 encodes keys as forms do: a space is a plus.
    return Drop(s3["bucket"]["name"], unquote_plus(stored["key"]), stored.get("versionId") or "")
