"""What the registry holds of each model, read without what runs models: names, versions, what serves, changes."""

from typing import Any

import orjson

from functions.core import alias as aliases
from functions.core.alias import Alias
from functions.core.errors import ObjectMissing, OrtlessError, brief
from functions.core.store import ObjectFacts, ObjectStore

PACKAGES = "packages/"
VERDICT = "verdict.json"
"""Beside the files of a version: what its validation said."""
RETIRED = "retired/"
AUDIT = "audit/"
NEWEST = 100
"""Changes that a history shows unless asked for more."""


class NoModel(OrtlessError):
    """The registry has nothing of a model of that name."""

    code = "unknown_model"

    def __init__(self, name: str) -> None:
        super().__init__(f"The registry has no model {brief(name)}")


class NoVersion(OrtlessError):
    """The registry has no version of that number of the model."""

    code = "unknown_version"

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"The model {name!r} has no version {number}")


def key(name: str, version: int, file: str) -> str:
    """Where a file of a version is kept in the registry."""
    return f"{PACKAGES}{name}/{version}/{file}"


def retired_key(name: str, version: int) -> str:
    """Where the mark of a retired version is kept."""
    return f"{RETIRED}{name}/{version}.json"


def models(store: ObjectStore) -> list[str]:
    """Names of the models with a package, sorted. Raises StoreUnavailable."""
    return store.names(PACKAGES)


def numbers(name: str, store: ObjectStore) -> list[int]:
    """The versions of a model for which there is anything, sorted; one without a manifest does not exist yet."""
    return sorted(int(folder) for folder in store.names(f"{PACKAGES}{name}/") if folder.isdigit())


def files(name: str, store: ObjectStore) -> dict[int, dict[str, ObjectFacts]]:
    """What is known of the files of each version of a model, the oldest version first, by one listing of them all."""
    found: dict[int, dict[str, ObjectFacts]] = {}
    for path, facts in store.tree(f"{PACKAGES}{name}/").items():
        number, _, file = path.partition("/")
        if number.isdigit():
            found.setdefault(int(number), {})[file] = facts
    return dict(sorted(found.items()))


def retired(name: str, store: ObjectStore) -> set[int]:
    """The versions of a model that nobody may promote any more."""
    marks = (mark.removesuffix(".json") for mark in store.names(f"{RETIRED}{name}/"))
    return {int(mark) for mark in marks if mark.isdigit()}


def serving(name: str, store: ObjectStore) -> Alias | None:
    """A model's alias, None before the first promotion. Raises StoreUnavailable or InvalidPackage."""
    found = store.find(aliases.key(name))
    return aliases.parse(found.body, name) if found else None


def state(name: str, alias: Alias | None) -> dict[str, Any] | None:
    """An alias as answers show it."""
    return {"model": name, **aliases.document(alias)} if alias else None


def history(name: str, store: ObjectStore, limit: int = NEWEST) -> list[dict[str, Any]]:
    """The newest changes of a model's alias, the latest first. Raises StoreUnavailable."""
    newest = sorted(store.names(f"{AUDIT}{name}/"), reverse=True)[:limit]
    entries = []
    for file in newest:
        try:
            entries.append(orjson.loads(store.get(f"{AUDIT}{name}/{file}").body))
        except ObjectMissing:
            continue  # a retention rule was faster
    return entries
