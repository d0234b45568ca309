"""The models of the registry, as the page shows them: what serves of each, its versions, and what was changed."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.console.compression import FILE
from functions.console.errors import NoReport
from functions.console.versions import AT_ONCE, MANIFEST, Version, Versions
from functions.core import holdings
from functions.core.alias import Alias
from functions.core.errors import InvalidPackage, ObjectMissing
from functions.core.holdings import NoModel, NoVersion
from functions.core.store import ObjectFacts, ObjectStore

Files = dict[int, dict[str, ObjectFacts]]
SERVING = ("generation", "live", "previous", "canary", "shadow")
NEWEST = 50
"""Versions of a model that are shown, beside those that serve: each costs three reads of a function that starts."""


class Models:
    """The registry of one stage."""

    def __init__(self, store: ObjectStore, architecture: str) -> None:
        self._store = store
        self._versions = Versions(store, architecture)
        # Not the pool of the versions: who waits for others of his own pool may wait for ever.
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def list(self) -> list[dict[str, Any]]:
        """Every model, by name. Raises StoreUnavailable."""
        found = self._pool.map(self._summary, holdings.models(self._store))
        return [summary for summary in found if summary]

    def show(self, name: str) -> dict[str, Any]:
        """A model, its versions from the newest, and its changes from the latest.

        Raises:
            NoModel: the registry has nothing of it.
            InvalidPackage, StoreUnavailable: the registry is damaged, or did not answer.
        """
        changes = self._pool.submit(holdings.history, name, self._store)
        retired = self._pool.submit(holdings.retired, name, self._store)
        alias, files = self._known(name)
        if not files and alias is None:
            raise NoModel(name)
        named = alias.versions() if alias else set()
        wanted = {number for number in files if number in named} | set(list(files)[-NEWEST:])
        versions = self._versions.read(name, {number: files[number] for number in sorted(wanted, reverse=True)})
        return {
            **_head(name, alias, _shown(alias, versions)),
            "versions": [version.document(version.number in retired.result()) for version in versions],
            "history": changes.result(),
        }

    def report(self, name: str, version: int) -> bytes:
        """The report of a version's compression.

        Raises:
            NoVersion: there is none of that number.
            NoReport: it has none.
        """
        try:
            return self._store.get(holdings.key(name, version, FILE)).body
        except ObjectMissing:
            pass
        if self._store.find(holdings.key(name, version, MANIFEST)) is None:
            raise NoVersion(name, version)
        raise NoReport(name, version)

    def _known(self, name: str) -> tuple[Alias | None, Files]:
        """What serves of a model, and the files of its versions; one without a manifest does not exist yet."""
        found = holdings.files(name, self._store)
        return holdings.serving(name, self._store), {number: it for number, it in found.items() if MANIFEST in it}

    def _summary(self, name: str) -> dict[str, Any] | None:
        try:
            alias, files = self._known(name)
            live = alias.live if alias and alias.live in files else max(files, default=None)
            versions = [] if live is None else self._versions.read(name, {live: files[live]})
        except (InvalidPackage, ObjectMissing):  # of one model; the others are shown, and this one says why
            return {**_head(name, None, None), **_about(None), "versions": 0}
        if not files and alias is None:
            return None
        shown = _shown(alias, versions)
        return {**_head(name, alias, shown), **_about(shown), "versions": len(files)}


def _shown(alias: Alias | None, versions: Iterable[Version]) -> Version | None:
    """The version that a model is called after: the live one, or else the newest."""
    live = alias and alias.live
    return max(versions, key=lambda version: (version.number == live, version.number), default=None)


def _about(shown: Version | None) -> dict[str, Any]:
    """What the list has beside the head."""
    fields = ("description", "takes", "gives", "size", "original_size")
    return {field: getattr(shown, field) if shown else None for field in fields}


def _head(name: str, alias: Alias | None, shown: Version | None) -> dict[str, Any]:
    serves = holdings.state(name, alias) or dict.fromkeys(SERVING)
    titled = {"title": shown.title if shown else name, "task": shown.task if shown else None}
    return {"name": name, **titled, **{field: serves[field] for field in SERVING}}
