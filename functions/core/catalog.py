"""From a model's name to the predictor that answers; follows the aliases and never breaks what serves."""

from collections.abc import Callable, Collection
from contextlib import suppress
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.core import golden
from functions.core.alias import Alias
from functions.core.errors import (
    InvalidPackage,
    ObjectMissing,
    OrtlessError,
    StoreUnavailable,
    UnknownModel,
    UnknownVersion,
)
from functions.core.package import Package
from functions.core.predictor import Predictor
from functions.core.registry import BAKED, Look, Registry
from functions.core.residents import FACTOR, LIVE, NAMED, OWN, Key, Residents, role_of, shadow_of
from functions.core.settings import Settings
from functions.core.telemetry import emit, measured

if TYPE_CHECKING:
    from functions.core.failures import Failures

FAULTS = (InvalidPackage, ObjectMissing, StoreUnavailable)
"""Why a version does not load."""


class Resident(Predictor):
    """A predictor in memory."""

    def __init__(self, package: Package, settings: Settings, role: str) -> None:
        super().__init__(package, settings)
        self.role = role
        self.shadowed = False  # whether another version is to be asked what this one is
        self.weight = OWN + int(FACTOR * sum(record.size for record in package.manifest.files.values()))
        self.pace: Any = None  # what who asks it as a shadow has learnt of its speed: it goes with it


class Entry(NamedTuple):
    """What is known of a model: its alias, when to look at that again, and which version serves."""

    look: Look
    look_at: float
    serving: int | None
    """The version that answers who names none and draws no canary; None: none could be loaded."""
    digest: str | None = None
    """Of that version: what loads again after it had to make room must be the same."""
    fault: OrtlessError | None = None
    """Why none serves."""


class Catalog:
    """The models that this process serves, each loaded when it is first asked for."""

    def __init__(self, registry: Registry, settings: Settings, clock: Callable[[], float] = time) -> None:
        self._registry = registry
        self._settings = settings
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._residents: Residents[Resident] = Residents(settings.memory_mb)
        self._failures: Failures | None = None
        self._proven: set[str] = set()  # digests of packages that answered their golden requests

    def names(self) -> list[str]:
        """The models there are, sorted."""
        return self._registry.names()

    def at_home(self) -> list[str]:
        """Of these, the ones that may be loaded before anybody asks for them."""
        return [name for name in self.names() if name not in self._settings.elsewhere]

    def loaded(self) -> list[Resident]:
        """What is loaded now: the live versions first, then the others."""
        return sorted(self._residents, key=lambda resident: resident.role != LIVE)

    def preload(self) -> None:
        """Load every model's live version, and those on trial where there is room beside all that; whatever fails."""
        for name in self.at_home():
            with suppress(OrtlessError):  # the log has it
                self.model(name)
        for name, entry in self._entries.items():
            alias = entry.look.alias
            trials = (alias.canary and alias.canary.version, alias.shadow) if alias else ()
            for version in trials:
                if version is not None:
                    with suppress(OrtlessError):
                        self._get((name, version), entry, keep=self._residents.keys())

    def refresh(self, name: str) -> Predictor:
        """Look at a model's alias now, and try again what failed. Raises as `model` does."""
        if name in self._entries:
            self._entries[name] = self._entries[name]._replace(look_at=0.0)
        if self._failures:
            self._failures.retry(name)
        return self.model(name)

    def forget(self, name: str) -> None:
        """Let go of what is loaded of a model; the next request loads it anew. Raises UnknownModel."""
        if not self._registry.has(name):
            raise UnknownModel(name, self._registry.names())
        self._entries.pop(name, None)
        self._residents.drop(name)
        if self._failures:
            self._failures.retry(name)

    def model(self, name: str, version: str | None = None, key: str = "") -> Resident:
        """The predictor of a model: at a version that is named, at the canary for its share of the callers, or live.

        The alias is looked at at most every `refresh_seconds`. Whatever goes wrong with it or with the versions that
        it names, what served before goes on.

        Args:
            key: what tells callers apart; who has none, and who names a version, takes no part in a trial.

        Raises:
            UnknownModel, UnknownVersion: there is no such thing.
            InvalidPackage, ObjectMissing, StoreUnavailable: it cannot be loaded, and nothing served before.
        """
        entry = self._entries.get(name)
        if entry is None or self._clock() >= entry.look_at:
            entry = self._follow(name, entry)
        if version is not None:
            return self._at(name, version, entry)
        alias = entry.look.alias
        if alias is not None and alias.canary is not None and key:
            drawn = self._drawn(name, alias, entry, key)
            if drawn is not None:
                return drawn
        if entry.serving is None:
            raise (entry.fault or InvalidPackage(name, "it does not load")).with_traceback(None)
        live = (name, entry.serving)
        return self._residents.get(live) or self._get(live, entry)

    def shadow(self, name: str) -> Resident | None:
        """The predictor of a model's shadow version; None where it has none, or one that does not load."""
        entry = self._entries.get(name)
        version = shadow_of(entry.look.alias) if entry else None
        if entry is None or version is None or entry.serving is None:
            return None
        try:
            return self._get((name, version), entry, keep={(name, version), (name, entry.serving)})
        except FAULTS:
            return None

    def version(self, name: str, version: str | None = None) -> str:
        """The version that a request was for, as far as that is known, whether or not it loads."""
        entry = self._entries.get(name)
        if version is None and entry is not None:
            return str(_live(entry.look.alias) if entry.serving is None else entry.serving)
        return version or ""

    def _follow(self, name: str, entry: Entry | None) -> Entry:
        if entry is None and not self._registry.has(name):
            raise UnknownModel(name, self._registry.names())
        look_at, unread = self._clock() + self._settings.refresh_seconds, None
        try:
            look = self._registry.look(name, entry.look.etag if entry else "")
        except (StoreUnavailable, InvalidPackage) as fault:
            emit("alias_unreadable", model=name, error=str(fault), code=fault.code)
            look, unread = None, fault
        found = look or (entry.look if entry else Look(None, ""))
        if entry and look is None and entry.serving == _live(found.alias):
            entry = entry._replace(look_at=look_at)
        else:
            entry = self._settle(name, Entry(found, look_at, None), entry, unread)
        self._entries[name] = entry
        return entry

    def _settle(self, name: str, entry: Entry, before: Entry | None, unread: OrtlessError | None) -> Entry:
        """Load what the alias names beside what serves, and say which serves from now on."""
        alias, version = entry.look.alias, _live(entry.look.alias)
        digest = alias.digest(version) if alias else None
        wanted = entry._replace(serving=version, digest=digest)
        try:
            settled = wanted._replace(digest=self._get((name, version), wanted, again=True).manifest.digest)
        except FAULTS as fault:
            settled = self._fallen_back(name, entry._replace(fault=unread or fault), before)
        self._residents.assign(name, settled.serving, alias)
        if before and settled.serving is not None and before.serving not in (None, settled.serving):
            swap = measured(name, str(settled.serving), {"Swaps": 1})
            emit("model_swapped", model=name, version=settled.serving, before=before.serving, **swap)
        return settled

    def _fallen_back(self, name: str, entry: Entry, before: Entry | None) -> Entry:
        """The version that served before; else the one that ships with the function; else none, and why."""
        if before and before.serving is not None:
            return entry._replace(serving=before.serving, digest=before.digest, fault=None)
        if _live(entry.look.alias) != BAKED and self._registry.baked(name):
            shipped = entry._replace(serving=BAKED, digest=None)
            try:
                return shipped._replace(digest=self._get((name, BAKED), shipped).manifest.digest, fault=None)
            except FAULTS:
                pass  # the first fault says more
        return entry

    def _drawn(self, name: str, alias: Alias, entry: Entry, key: str) -> Resident | None:
        """The canary, for its share of the callers and if it loads."""
        from functions.core.variant import share  # only while a trial runs

        canary = alias.canary
        if canary is None or share(name, canary.version, key) >= canary.weight:
            return None
        try:
            return self._get((name, canary.version), entry)
        except FAULTS:
            return None

    def _at(self, name: str, version: str, entry: Entry) -> Resident:
        unknown = UnknownVersion(name, version, _live(entry.look.alias) if entry.serving is None else entry.serving)
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise unknown
        try:
            return self._get((name, int(version)), entry)
        except ObjectMissing:
            raise unknown from None

    def _get(self, key: Key, entry: Entry, *, again: bool = False, keep: Collection[Key] = ()) -> Resident:
        """What is loaded, or loads now; what failed is not tried before its time, unless `again`."""
        alias = entry.look.alias
        digest = entry.digest if key[1] == entry.serving else alias.digest(key[1]) if alias else None
        resident = self._residents.get(key)
        if resident is not None and digest in (None, resident.manifest.digest):
            return resident
        if self._failures and not again:
            self._failures.check(key, entry.look.etag, self._clock())
        role = role_of(key[1], entry.serving, alias)
        try:
            resident = self._load(key, digest, role or NAMED)
        except FAULTS as fault:
            if role or not isinstance(fault, ObjectMissing):
                self._remember(key, entry.look.etag, fault)
            raise
        resident.shadowed = role == LIVE and shadow_of(alias) is not None
        self._residents.admit(key, resident, keep or {key})
        return resident

    def _load(self, key: Key, digest: str | None, role: str) -> Resident:
        began = perf_counter()
        package = self._registry.fetch(*key, digest)
        shipped = package.directory.startswith(f"{self._settings.packages}/")
        try:
            resident = Resident(package, self._settings, role)
            proven = shipped or package.manifest.digest in self._proven
            reason = None if proven else golden.fault(resident)
        except OrtlessError:
            raise
        except Exception as fault:  # other code than this may have made it, and what serves must go on
            reason = f"{type(fault).__name__}: {fault}"
        if reason:
            raise InvalidPackage(package.label, reason)
        self._proven.add(package.manifest.digest)
        load = measured(key[0], str(key[1]), {"Loads": 1, "LoadTime": int((perf_counter() - began) * 1e6) / 1e3})
        emit("model_loaded", model=key[0], version=key[1], role=role, **load)
        return resident

    def _remember(self, key: Key, etag: str, fault: OrtlessError) -> None:
        if self._failures is None:
            from functions.core.failures import Failures  # most functions have none

            self._failures = Failures()
        self._failures.remember(key, etag, self._clock() + self._settings.refresh_seconds, fault)


def _live(alias: Alias | None) -> int:
    return alias.live if alias else BAKED
