"""The object store: get, put-if-absent, put-if-match; its client's errors become ours here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, NotModifiedError, PreconditionError
from obstore.store import S3Store

from functions.core.credentials import credential_provider
from functions.core.errors import ObjectMissing, StoreUnavailable, WriteConflict

if TYPE_CHECKING:
    from obstore import Bytes, GetOptions, ObjectMeta
    from obstore.store import S3Config

# A look-up that hangs must not hold up a prediction that the function can make without it.
CONNECT_TIMEOUT = timedelta(seconds=1)
TIMEOUT = timedelta(seconds=10)
RETRY_TIMEOUT = timedelta(seconds=2)
PART = 16 * 1024 * 1024
"""Bytes that one request of a download asks for: at 1.7 MB/s they come in time, however large the whole object is."""
CHUNK = 1 << 16
"""Bytes that a stream hands on at once: what has been handed on need not be asked for again after a fault."""


class StoredObject(NamedTuple):
    """An object's bytes and the ETag that conditional writes name."""

    body: bytes
    etag: str


class ObjectFacts(NamedTuple):
    """What is known of an object without reading it."""

    size: int
    """Bytes."""
    etag: str
    modified: datetime
    """When it, or this version of it, was written."""


class ObjectStore:
    """One bucket."""

    def __init__(self, bucket: str, config: "S3Config | None" = None, timeout: timedelta = TIMEOUT) -> None:
        """Open a bucket.

        Args:
            config: region, endpoint, credentials; what is not given comes from the usual AWS variables.
            timeout: of a request until the last byte came or went; who puts large objects needs more than who looks.
        """
        self.bucket = bucket
        self.config = config
        self._timeout = timeout
        self._opened: S3Store | None = None

    @property
    def _client(self) -> S3Store:
        # Opened where its faults are translated: a machine without certificates must not keep a function from starting.
        if self._opened is None:
            self._opened = S3Store(
                self.bucket,
                config=self.config,
                client_options={"allow_http": True, "connect_timeout": CONNECT_TIMEOUT, "timeout": self._timeout},
                retry_config={"max_retries": 1, "retry_timeout": RETRY_TIMEOUT},
                credential_provider=credential_provider(),
            )
        return self._opened

    def get(self, key: str) -> StoredObject:
        """Read an object.

        Raises:
            ObjectMissing: there is none.
            StoreUnavailable: the store did not answer or refused.
        """
        with _translated(key):
            result = obstore.get(self._client, key)
            return StoredObject(bytes(result.bytes()), result.meta["e_tag"] or "")

    def find(self, key: str) -> StoredObject | None:
        """Read an object, None if there is none. Raises StoreUnavailable as `get` does."""
        try:
            return self.get(key)
        except ObjectMissing:
            return None

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        """Read an object unless it still is the one with that ETag; None then. Raises as `get` does."""
        with _translated(key):
            try:
                result = obstore.get(self._client, key, options={"if_none_match": etag})
            except NotModifiedError:
                return None
            return StoredObject(bytes(result.bytes()), result.meta["e_tag"] or "")

    def download(self, key: str, path: str, limit: int) -> tuple[str, int]:
        """Stream an object into a file, and no more once it is longer than `limit`; returns its SHA-256 and size.

        Raises:
            ObjectMissing: there is none.
            StoreUnavailable: the store did not answer, refused, or sent a part too slowly.
            OSError: the file cannot be written.
        """
        from hashlib import sha256  # a start from what is baked does without

        hasher, size = sha256(), 0
        with _translated(key), open(path, "wb") as file:
            for chunk in self._stream(key, limit):
                hasher.update(chunk)
                size += file.write(chunk)
                if size > limit:
                    break
        return hasher.hexdigest(), size

    def _stream(self, key: str, limit: int) -> "Iterator[Bytes]":
        """An object in pieces; what may be large is asked for part by part, as each request has to end in time."""
        if limit < PART:
            yield from obstore.get(self._client, key).stream()
            return
        size = obstore.head(self._client, key)["size"]
        for start in range(0, size, PART):
            options: GetOptions = {"range": (start, min(start + PART, size))}
            yield from obstore.get(self._client, key, options=options).stream()

    def head(self, key: str, version: str | None = None) -> ObjectFacts:
        """What is known of an object, or of one version of it. Raises as `get` does."""
        options: GetOptions = {"head": True}
        if version:
            options["version"] = version
        with _translated(key):
            meta = obstore.get(self._client, key, options=options).meta
            return _facts(meta)

    def metadata(self, key: str, version: str | None = None) -> dict[str, str]:
        """What whoever wrote an object wrote beside it, in `x-amz-meta-` headers. Raises as `get` does."""
        options: GetOptions = {"head": True}
        if version:
            options["version"] = version
        with _translated(key):
            return dict(obstore.get(self._client, key, options=options).attributes)

    def stream(self, key: str, start: int, end: int, version: str | None = None) -> Iterator[bytes]:
        """The bytes of an object from `start` up to `end` as they come, in chunks of any size. Raises as `get` does."""
        options: GetOptions = {"range": (start, end)}
        if version:
            options["version"] = version
        with _translated(key):
            for chunk in obstore.get(self._client, key, options=options).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    def put_if_absent(self, key: str, body: bytes) -> None:
        """Create an object.

        Raises:
            WriteConflict: it exists already.
            StoreUnavailable: the store did not answer or refused; whether it wrote is unknown.
        """
        with _translated(key):
            obstore.put(self._client, key, body, mode="create", use_multipart=False)

    def put_if_match(self, key: str, body: bytes, etag: str) -> None:
        """Replace the object that has this ETag. Raises as `put_if_absent` does."""
        with _translated(key):
            obstore.put(self._client, key, body, mode={"e_tag": etag}, use_multipart=False)

    def facts(self, prefix: str) -> dict[str, ObjectFacts]:
        """What is known of the objects directly under a prefix that ends in a slash, by name."""
        with _translated(prefix):
            found = obstore.list_with_delimiter(self._client, prefix)["objects"]
        return {meta["path"].rsplit("/", 1)[-1]: _facts(meta) for meta in found}

    def tree(self, prefix: str) -> dict[str, ObjectFacts]:
        """What is known of every object below a prefix that ends in a slash, by the rest of its key."""
        with _translated(prefix):
            found = [meta for batch in obstore.list(self._client, prefix) for meta in batch]
        return {meta["path"].removeprefix(prefix): _facts(meta) for meta in found}

    def page(self, prefix: str, after: str, count: int) -> list[str]:
        """The names of the first objects under a prefix, sorted, that come after that name; "" begins.

        Listing further than that is what costs time where there are many.
        """
        with _translated(prefix):
            offset = f"{prefix}{after}" if after else None
            found = next(iter(obstore.list(self._client, prefix, offset=offset, chunk_size=count)), [])
        return [meta["path"].rsplit("/", 1)[-1] for meta in found][:count]

    def names(self, prefix: str) -> list[str]:
        """The names of objects and folders directly under a prefix that ends in a slash, sorted."""
        with _translated(prefix):
            found = obstore.list_with_delimiter(self._client, prefix)
            paths = [*found["common_prefixes"], *(meta["path"] for meta in found["objects"])]
        return sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in paths)


def _facts(meta: "ObjectMeta") -> ObjectFacts:
    return ObjectFacts(meta["size"], meta["e_tag"] or "", meta["last_modified"])


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise ObjectMissing(key) from None
    except (AlreadyExistsError, PreconditionError):
        raise WriteConflict(key) from None
    except (BaseError, OSError) as fault:
        raise StoreUnavailable(key, str(fault).splitlines()[0][:300]) from fault
