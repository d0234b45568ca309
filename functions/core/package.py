"""A compiled model package in a local directory, and its verified download from the registry."""

import os
from typing import NamedTuple

from functions.core import manifest as manifests
from functions.core.errors import InvalidPackage, ObjectMissing
from functions.core.manifest import Manifest
from functions.core.store import ObjectStore


class Package(NamedTuple):
    """A model at a version, whose files lie in `directory`."""

    version: int
    directory: str
    manifest: Manifest

    @property
    def label(self) -> str:
        """How messages name it: model and version."""
        return f"{self.manifest.name}@{self.version}"

    def path(self, file: str) -> str:
        """Where a file of the package lies.

        Raises:
            InvalidPackage: the manifest does not list that file.
        """
        if file not in self.manifest.files:
            raise InvalidPackage(self.label, f"it has no file {file!r}")
        return f"{self.directory}/{file}"

    def read(self, file: str) -> bytes:
        """The content of a file of the package."""
        with open(self.path(file), "rb") as stream:
            return stream.read()


def open_package(directory: str, version: int) -> Package:
    """Read the package in a directory.

    Raises:
        InvalidPackage: its manifest is missing or damaged.
    """
    try:
        with open(f"{directory}/{manifests.FILE}", "rb") as stream:
            document = stream.read()
        with open(f"{directory}/{manifests.DIGEST_FILE}", "rb") as stream:
            digest = stream.read().decode()
    except OSError as fault:
        raise InvalidPackage(directory, f"{fault.filename} cannot be read ({fault.strerror})") from None
    return Package(version, directory, manifests.parse(document, digest, directory))


def write_manifest(directory: str, document: bytes) -> None:
    """Write manifest.json and its digest: from here on the directory is a package."""
    with open(f"{directory}/{manifests.DIGEST_FILE}", "wb") as stream:
        stream.write(digest_of_bytes(document).encode())
    with open(f"{directory}/{manifests.FILE}", "wb") as stream:
        stream.write(document)


def download(store: ObjectStore, name: str, version: int, digest: str | None, cache: str) -> Package:
    """Fetch a version from the registry into `cache`, each file checked against the manifest.

    Args:
        digest: what the manifest must hash to; None where nobody said.

    Raises:
        ObjectMissing: there is no such version.
        InvalidPackage: a file is not what the manifest says, or the manifest not what `digest` says.
        StoreUnavailable: the store did not answer.
    """
    from functions.core.holdings import key  # a start from what is baked does without

    document = store.get(key(name, version, manifests.FILE)).body
    manifest = manifests.parse(document, digest_of_bytes(document), f"{name}@{version}")
    _check(name, version, digest in (None, manifest.digest), "its manifest is not the one that the alias names")
    _check(name, version, manifest.name == name, f"its manifest is of the model {manifest.name!r}")
    directory = f"{cache}/{name}/{version}-{manifest.digest}"
    if not os.path.isdir(directory):
        _fill(store, manifest, version, document, directory)
    return Package(version, directory, manifest)


def _fill(store: ObjectStore, manifest: Manifest, version: int, document: bytes, directory: str) -> None:
    from functions.core.holdings import key  # a start from what is baked does without

    partial = f"{directory}.partial-{os.getpid()}"
    os.makedirs(partial, exist_ok=True)
    for file, record in manifest.files.items():
        try:
            found = store.download(key(manifest.name, version, file), f"{partial}/{file}", record.size)
        except ObjectMissing:
            found = ("", 0)
        _check(manifest.name, version, found == record, f"{file} is missing or not what its manifest says")
    write_manifest(partial, document)
    try:
        os.rename(partial, directory)
    except OSError:
        # Another environment that shares the cache was faster; what it put there passed the same checks.
        if not os.path.isdir(directory):
            raise


def digest_of(path: str) -> manifests.FileRecord:
    """SHA-256 and size of a local file."""
    from hashlib import sha256

    hasher, size = sha256(), 0
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            hasher.update(chunk)
            size += len(chunk)
    return manifests.FileRecord(hasher.hexdigest(), size)


def digest_of_bytes(content: bytes) -> str:
    """SHA-256, in hex."""
    from hashlib import sha256  # what is baked needs none: its import is left to those who download

    return sha256(content).hexdigest()


def _check(name: str, version: int, holds: bool, reason: str) -> None:
    if not holds:
        raise InvalidPackage(f"{name}@{version}", reason)
