"""From a model's name to the predictor that is live; follows the aliases and never breaks what serves."""

from collections import OrderedDict
from collections.abc import Callable
from time import time
from typing import NamedTuple

from functions.core import golden
from functions.core.errors import InvalidPackage, ObjectMissing, StoreUnavailable, UnknownModel, UnknownVersion
from functions.core.predictor import Predictor
from functions.core.registry import BAKED, Look, Registry
from functions.core.settings import Settings
from functions.core.telemetry import emit

PINNED_LIMIT = 4
"""How many versions that are not live stay loaded because a request named them."""


class Entry(NamedTuple):
    """What serves a name, the ETag of the alias that says so, and when to look at that again."""

    predictor: Predictor
    etag: str
    look_at: float


class Catalog:
    """The models that this process serves, each loaded when it is first asked for."""

    def __init__(self, registry: Registry, settings: Settings, clock: Callable[[], float] = time) -> None:
        self._registry = registry
        self._settings = settings
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._pinned: OrderedDict[tuple[str, int], Predictor] = OrderedDict()

    def names(self) -> list[str]:
        """The models there are, sorted."""
        return self._registry.names()

    def loaded(self) -> list[Predictor]:
        """What is loaded now: the live versions, and the others that requests named."""
        live = [entry.predictor for entry in self._entries.values()]
        return [*live, *(predictor for predictor in self._pinned.values() if predictor not in live)]

    def refresh(self, name: str) -> Predictor:
        """Look at a model's alias now. Raises as `model` does."""
        if name in self._entries:
            self._entries[name] = self._entries[name]._replace(look_at=0.0)
        return self.model(name)

    def forget(self, name: str) -> None:
        """Let go of what is loaded of a model; the next request loads it anew. Raises UnknownModel."""
        if not self._registry.has(name):
            raise UnknownModel(name, self._registry.names())
        self._entries.pop(name, None)
        for key in [key for key in self._pinned if key[0] == name]:
            del self._pinned[key]

    def model(self, name: str, version: str | None = None) -> Predictor:
        """The predictor of a model, at its live version or at one that is named.

        The alias is looked at at most every `refresh_seconds`. Whatever goes wrong with it or with the version
        that it names, what served before goes on.

        Raises:
            UnknownModel, UnknownVersion: there is no such thing.
            InvalidPackage, StoreUnavailable: there is, but it cannot be loaded, and nothing served before.
        """
        entry = self._entries.get(name)
        if entry is None or self._clock() >= entry.look_at:
            entry = self._follow(name, entry)
        if version is None or version == entry.predictor.version:
            return entry.predictor
        return self._at(name, version, entry.predictor)

    def _follow(self, name: str, entry: Entry | None) -> Entry:
        if entry is None and not self._registry.has(name):
            raise UnknownModel(name, self._registry.names())
        look_at = self._clock() + self._settings.refresh_seconds
        try:
            look = self._registry.look(name, entry.etag if entry else "")
        except (StoreUnavailable, InvalidPackage) as fault:
            emit("alias_unreadable", model=name, error=str(fault), code=fault.code)
            look = None
        if look is None and entry:
            self._entries[name] = entry._replace(look_at=look_at)
        else:
            self._entries[name] = self._swap(name, entry, look or Look(None, ""), look_at)
        return self._entries[name]

    def _swap(self, name: str, entry: Entry | None, look: Look, look_at: float) -> Entry:
        """Load what the alias names beside what serves, and return the entry that serves from now on."""
        version = look.alias.live if look.alias else BAKED
        digest = look.alias.digest(version) if look.alias else None
        if entry and entry.predictor.version == str(version) and digest in (None, entry.predictor.manifest.digest):
            return Entry(entry.predictor, look.etag, look_at)
        try:
            return Entry(self._load(name, version, digest), look.etag, look_at)
        except (InvalidPackage, ObjectMissing, StoreUnavailable) as fault:
            emit("model_load_failed", model=name, version=version, error=str(fault), code=fault.code)
            # A store that comes back is asked again; a package that is broken stays so until the alias changes.
            etag = "" if isinstance(fault, StoreUnavailable) else look.etag
            return Entry(entry.predictor if entry else self._baked(name, fault), etag, look_at)

    def _load(self, name: str, version: int, digest: str | None) -> Predictor:
        package = self._registry.fetch(name, version, digest)
        predictor = Predictor(package, self._settings)
        shipped = package.directory.startswith(f"{self._settings.packages}/")
        if not shipped and (reason := golden.fault(predictor)):
            raise InvalidPackage(package.label, reason)
        return predictor

    def _baked(self, name: str, fault: Exception) -> Predictor:
        package = self._registry.baked(name)
        if package is None:
            raise fault
        return Predictor(package, self._settings)

    def _at(self, name: str, version: str, live: Predictor) -> Predictor:
        unknown = UnknownVersion(name, version, live.package.version)
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise unknown
        key = (name, int(version))
        if key not in self._pinned:
            try:
                self._pinned[key] = self._load(*key, None)
            except ObjectMissing:
                raise unknown from None
        self._pinned.move_to_end(key)
        while len(self._pinned) > PINNED_LIMIT:
            self._pinned.popitem(last=False)
        return self._pinned[key]
