"""Publishing in two steps: a person uploads a model's folder, and what was uploaded is validated out of sight."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import orjson

from functions.admin.errors import UnknownUpload
from functions.core.errors import InvalidInput, ObjectMissing, WriteConflict, brief
from functions.core.manifest import FileRecord
from functions.core.store import ObjectStore
from functions.packaging.source import FILE, GRAPH, RESERVED

PREFIX = "uploads/"
REQUEST, STARTED, VERDICT = "request.json", "started.json", "verdict.json"
MINUTES = 60
"""How long the addresses of an upload hold."""
FILES = 64
LARGEST_FILE = 2_000_000_000
LARGEST = 4_000_000_000
"""Bytes of one file, and of all of them together: what the validator's disk has room for, twice."""
NEEDED = (FILE, GRAPH)


class Signer(Protocol):
    """Makes addresses by which a file can be put into the bucket without credentials."""

    def put_url(self, key: str, record: FileRecord, seconds: int) -> tuple[str, dict[str, str]]:
        """The address and the headers that must come with the file: no other size and no other content fits."""


class Upload(NamedTuple):
    """What somebody said they would upload."""

    id: str
    model: str
    files: Mapping[str, FileRecord]
    who: str

    def key(self, name: str) -> str:
        """Where something of the upload is kept."""
        return f"{PREFIX}{self.id}/{name}"


def begin(model: str, files: Mapping[str, FileRecord], who: str, store: ObjectStore) -> Upload:
    """Take note of an upload.

    Raises:
        InvalidInput: a file's name or size cannot be, or what every model has is missing.
        StoreUnavailable: the registry did not answer.
    """
    _check(files)
    upload = Upload(uuid4().hex, model, files, who)
    document = {"model": model, "who": who, "files": {name: record._asdict() for name, record in files.items()}}
    store.put_if_absent(upload.key(REQUEST), orjson.dumps(document))
    return upload


def read(upload: str, model: str, store: ObjectStore) -> Upload:
    """An upload that was begun. Raises UnknownUpload or StoreUnavailable."""
    try:
        table = orjson.loads(store.get(f"{PREFIX}{upload}/{REQUEST}").body)
    except ObjectMissing:
        raise UnknownUpload(upload) from None
    if table["model"] != model:
        raise UnknownUpload(upload)
    files = {name: FileRecord(**record) for name, record in table["files"].items()}
    return Upload(upload, model, files, table["who"])


def start(upload: Upload, why: str, store: ObjectStore, ungated: str = "") -> None:
    """Take note that an upload is complete, and why it is published; whoever says so first is heard.

    Args:
        ungated: why there is no report that passes the model's gate, if so.

    Raises:
        StoreUnavailable: the registry did not answer.
    """
    said = {"why": why} | ({"ungated": ungated} if ungated else {})
    with suppress(WriteConflict):
        store.put_if_absent(upload.key(STARTED), orjson.dumps(said))


def reasons(upload: Upload, store: ObjectStore) -> dict[str, str]:
    """Why an upload is published, and why past its gate, where somebody said so. Raises StoreUnavailable."""
    found = store.find(upload.key(STARTED))
    said = orjson.loads(found.body) if found else {}
    return {field: str(said.get(field, "")) for field in ("why", "ungated")}


def verdict(upload: Upload, store: ObjectStore) -> dict[str, Any] | None:
    """What the validation said, once it has."""
    found = store.find(upload.key(VERDICT))
    return orjson.loads(found.body) if found else None


def state(upload: Upload, store: ObjectStore) -> dict[str, Any]:
    """How far an upload is: uploading, validating, accepted or refused; with the verdict once there is one."""
    found = verdict(upload, store)
    if found is None:
        started = store.find(upload.key(STARTED)) is not None
        return {"upload": upload.id, "model": upload.model, "state": "validating" if started else "uploading"}
    state = "accepted" if found["accepted"] else "refused"
    return {"upload": upload.id, "model": upload.model, "state": state, **_found(found), "verdict": found}


def _found(verdict: Mapping[str, Any]) -> dict[str, Any]:
    return {field: verdict[field] for field in ("version", "digest") if field in verdict}


def _check(files: Mapping[str, FileRecord]) -> None:
    if missing := [name for name in NEEDED if name not in files]:
        raise InvalidInput("files", f"at least {' and '.join(NEEDED)}", f"none called {missing[0]}")
    if len(files) > FILES:
        raise InvalidInput("files", f"at most {FILES} files", str(len(files)))
    for name, record in files.items():
        if not name or len(name) > 100 or name.startswith(".") or not set(name).isdisjoint("/\\\0"):
            raise InvalidInput("files", "names of files that lie directly in the folder", brief(name))
        if name in RESERVED and name not in NEEDED:
            raise InvalidInput(f"files.{name}", "a name that packages do not use for something else", brief(name))
        if not 0 <= record.size <= LARGEST_FILE:
            raise InvalidInput(f"files.{name}.size", f"at most {LARGEST_FILE} bytes", str(record.size))
    if (total := sum(record.size for record in files.values())) > LARGEST:
        raise InvalidInput("files", f"at most {LARGEST} bytes in all", str(total))
