"""A registry as operators leave it: versions of a model, its alias, an outage, and time that passes when told to."""

from pathlib import Path

import onnx

from functions.core import alias as aliases
from functions.core import manifest
from functions.core.alias import Alias, Canary
from functions.core.errors import StoreUnavailable
from functions.core.holdings import key
from functions.core.package import Package, digest_of_bytes
from functions.core.store import ObjectStore, StoredObject
from functions.packaging.build import build
from tests.core import graphs

NAME = "plus"


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Outage(ObjectStore):
    """A store that can be out of reach; it stands for the network between two real parties."""

    out = False
    asked = 0
    listed = 0

    def get(self, key: str) -> StoredObject:
        self._ask(key)
        return super().get(key)

    def get_if_changed(self, key: str, etag: str) -> StoredObject | None:
        self._ask(key)
        return super().get_if_changed(key, etag)

    def names(self, prefix: str) -> list[str]:
        self._ask(prefix)
        self.listed += 1
        return super().names(prefix)

    def _ask(self, key: str) -> None:
        self.asked += 1
        if self.out:
            raise StoreUnavailable(key, "no route to host")


def publish(package: Package, store: ObjectStore) -> int:
    """Write a package as the next version of its model."""
    name, version = package.manifest.name, 1
    while store.find(key(name, version, manifest.FILE)):
        version += 1
    for file in (*package.manifest.files, manifest.FILE):
        store.put_if_absent(key(name, version, file), (Path(package.directory) / file).read_bytes())
    return version


def promote(name: str, version: int, store: ObjectStore) -> None:
    """Make a version live."""
    found = store.find(aliases.key(name))
    before = aliases.parse(found.body, name) if found else None
    digests = {str(version): _digest(name, version, store)}
    generation = before.generation + 1 if before else 1
    previous = before.live if before else None
    put(aliases.key(name), aliases.render(Alias(generation, "n", version, previous, None, None, digests)), store)


def put(where: str, content: bytes, store: ObjectStore) -> None:
    """Write an object, whether there was one or not."""
    found = store.find(where)
    if found:
        store.put_if_match(where, content, found.etag)
    else:
        store.put_if_absent(where, content)


def _digest(name: str, version: int, store: ObjectStore) -> str:
    return digest_of_bytes(store.get(key(name, version, manifest.FILE)).body)


class Releases:
    """Versions 1, 2, 3 ... of a model in a bucket; version n adds n unless another graph is given."""

    def __init__(self, store: ObjectStore, folder: Path, name: str = NAME) -> None:
        self.store = store
        self.folder = folder
        self.name = name
        self.generation = 0

    def publish(self, version: int, graph: onnx.ModelProto | None = None, toml: str = "") -> None:
        folder = self.folder / f"{self.name}-{version}"
        source = graphs.source(folder, self.name, graph or graphs.plus(version), toml)
        assert publish(build(source, folder / "packages"), self.store) == version

    def damage(self, version: int) -> None:
        """The graph of a version becomes something else."""
        put(key(self.name, version, "model.onnx"), b"\x00", self.store)

    def point(self, live: int, canary: tuple[int, float] | None = None, shadow: int | None = None) -> None:
        """The next state of the alias."""
        self.generation += 1
        named = [version for version in (live, canary and canary[0], shadow) if version is not None]
        digests = {str(version): _digest(self.name, version, self.store) for version in named}
        trial = Canary(*canary) if canary else None
        alias = Alias(self.generation, f"nonce-{self.generation}", live, None, trial, shadow, digests)
        put(aliases.key(self.name), aliases.render(alias), self.store)
