"""From a model's name to a verified package: those that ship with the function, and those in the registry."""

import os
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from functools import partial
from time import time
from typing import NamedTuple

from functions.core import alias as aliases
from functions.core import manifest as manifests
from functions.core.alias import Alias
from functions.core.errors import ObjectMissing, OrtlessError, StoreUnavailable
from functions.core.package import Package, download, open_package
from functions.core.settings import Settings
from functions.core.store import ObjectStore

BAKED = 0
"""The version of a package that ships with the function."""


class Look(NamedTuple):
    """What a look at an alias found: the alias (None: there is none) and the ETag to compare next time."""

    alias: Alias | None
    etag: str


class EarlyLook:
    """A first look at an alias, under way while the function imports and loads what it needs to answer."""

    def __init__(self, look: Callable[[], Look | None], asked_at: float) -> None:
        self.asked_at = asked_at
        self._look = look
        self._found: Look | None = None
        self._fault: OrtlessError | None = None
        self._done = allocate_lock()
        self._done.acquire()
        start_new_thread(self._run, ())  # threading.Thread would wait until the thread runs

    def result(self) -> Look | None:
        """What the look found, once it has; raises the fault that it met."""
        with self._done:
            if self._fault:
                raise self._fault
            return self._found

    def _run(self) -> None:
        try:
            self._found = self._look()
        except OrtlessError as fault:
            self._fault = fault
        finally:
            self._done.release()


class Registry:
    """Finds packages. Without a store it knows only those that ship with the function."""

    def __init__(self, settings: Settings, store: ObjectStore | None, clock: Callable[[], float] = time) -> None:
        """Find what ships with the function.

        Args:
            clock: seconds; of the wall, as a snapshot may sleep for days without a monotonic clock's notice.
        """
        self._settings = settings
        self._store = store
        self._clock = clock
        self._baked = {name: f"{settings.packages}/{name}" for name in _folders(settings.packages)}
        self._published: frozenset[str] = frozenset()
        self._listed_at = float("-inf")
        self._early: dict[str, EarlyLook] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Registry":
        """The registry that a function's settings name."""
        return cls(settings, ObjectStore(settings.model_bucket) if settings.model_bucket else None)

    def look_ahead(self) -> None:
        """Ask for the alias of a package that ships while the function still imports and loads.

        One is enough: what takes time is to open the connection, and that serves the other models' aliases as well.
        """
        name = next((name for name in sorted(self._baked) if self._serves(name)), None)
        if self._store is not None and name is not None:
            self._early[name] = EarlyLook(partial(self._ask, name, ""), self._clock())

    def names(self) -> list[str]:
        """The models there are, sorted; the store is asked at most every `refresh_seconds`."""
        self._list_published()
        return sorted(name for name in self._published | self._baked.keys() if self._serves(name))

    def has(self, name: str) -> bool:
        """Whether there is a model of that name; for one that ships with the function, no store is asked."""
        if not self._serves(name):
            return False
        if name not in self._baked and name not in self._published:
            self._list_published()
        return name in self._baked or name in self._published

    def look(self, name: str, etag: str) -> Look | None:
        """Look at a model's alias; None if it still is the one with that ETag.

        Raises:
            StoreUnavailable: the store did not answer.
            InvalidPackage: the alias is damaged.
        """
        early = self._early.pop(name, None)
        if early and not etag and self._clock() < early.asked_at + self._settings.refresh_seconds:
            return early.result()
        return self._ask(name, etag)

    def _ask(self, name: str, etag: str) -> Look | None:
        if self._store is None:
            return Look(None, "")
        try:
            key = aliases.key(name)
            found = self._store.get_if_changed(key, etag) if etag else self._store.get(key)
        except ObjectMissing:
            return Look(None, "")
        return found and Look(aliases.parse(found.body, name), found.etag)

    def baked(self, name: str) -> Package | None:
        """The package of that name that ships with the function, if one does."""
        directory = self._baked.get(name)
        return open_package(directory, BAKED) if directory else None

    def fetch(self, name: str, version: int, digest: str | None) -> Package:
        """A version of a model as a local package, downloaded only if it does not ship with the function.

        Args:
            digest: SHA-256 that the version's manifest must have; None where nobody said.

        Raises:
            ObjectMissing: there is no such version.
            InvalidPackage: the package is not what its manifest or the alias says.
            StoreUnavailable: the store did not answer.
        """
        baked = self.baked(name)
        if baked and version == BAKED:
            return baked
        if baked and baked.manifest.digest == digest:
            return baked._replace(version=version)
        if self._store is None or version == BAKED:
            raise ObjectMissing(f"{name}@{version}")
        kept = f"{self._settings.cache}/packages"
        if digest and os.path.isdir(directory := f"{kept}/{name}/{version}-{digest}"):
            # It was verified when it came: what had to make room loads again, and no store is asked.
            return open_package(directory, version)
        try:
            return download(self._store, name, version, digest, kept)
        except OSError as fault:  # as when the disk is full
            raise StoreUnavailable(f"{name}@{version}", f"{fault.strerror} where packages are kept") from None

    def _serves(self, name: str) -> bool:
        return not self._settings.models or name in self._settings.models

    def _list_published(self) -> None:
        now = self._clock()
        if self._store is None or now < self._listed_at + self._settings.refresh_seconds:
            return
        self._listed_at = now
        try:
            self._published = frozenset(self._ask_published(self._store))
        except StoreUnavailable:
            return  # fail static: the models known so far stay known

    def _ask_published(self, store: ObjectStore) -> list[str]:
        """Names of the models with an alias, those that are not served here among them."""
        if len(self._settings.models) == 1:  # a function that a model has for itself may not see what others there are
            return [name for name in self._settings.models if store.find(aliases.key(name))]
        return [name.removesuffix(".json") for name in store.names(aliases.PREFIX)]


def _folders(directory: str) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(directory) if os.path.exists(f"{entry.path}/{manifests.FILE}")]
    except OSError:
        return []
