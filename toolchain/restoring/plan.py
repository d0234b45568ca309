"""What it takes to make a registry what it was: worked out beforehand, so that nothing begins that cannot end."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from functions.core import alias as aliases
from functions.core.alias import Alias, Canary
from functions.core.holdings import PACKAGES
from toolchain.restoring.archive import Archive, Held, Histories, now
from toolchain.restoring.errors import NothingThen, VersionsGone
from toolchain.restoring.packages import Package, packages
from toolchain.restoring.standing import AUDIT, held_then, standing

RETIRED = "retired/"
KINDS = (PACKAGES, aliases.PREFIX, AUDIT, RETIRED)


class Model(NamedTuple):
    """What is to be done for a model."""

    name: str
    copies: tuple[Held, ...]
    """Versions to copy over what there is now, in this order."""
    replaced: Mapping[str, str]
    """ETags of what is copied over, by key; of others there was nothing."""
    unretired: tuple[str, ...]
    """Keys of the marks of versions that were not retired yet."""
    alias: Alias | None
    """What it was, without a canary; None: the model was not promoted yet, and its alias is left as it is."""
    generation: int
    """The highest that the model ever had: the next is one more."""
    canary: Canary | None
    """One that ran then. It is not begun again, as nobody would watch it."""
    lost: tuple[str, ...]
    """Of versions that nothing leads to: files that cannot be brought back."""

    @property
    def versions(self) -> list[int]:
        """The versions that come back, or become again what they were."""
        numbers = {held.key.split("/")[2] for held in self.copies if held.key.startswith(PACKAGES)}
        return sorted(int(number) for number in numbers if number.isdigit())

    @property
    def bytes(self) -> int:
        """To copy."""
        return sum(held.size for held in self.copies)


class Planner:
    """Compares what a bucket was with what a bucket is; of one and the same, but when the first is a replica."""

    def __init__(self, source: Archive, target: Archive) -> None:
        self._source = source
        self._target = target

    def plan(self, to: datetime, only: str = "") -> list[Model]:
        """What to do for each model that there was.

        Args:
            only: the one model to look at; every one when none is named.

        Raises:
            VersionsGone: of something that served nothing is left.
            NothingThen: the one model was not there.
        """
        prefixes = [f"{kind}{only}{'.json' if kind == aliases.PREFIX else '/'}" for kind in KINDS] if only else KINDS
        before = self._source.histories(prefixes)
        current = before if self._source is self._target else self._target.histories(prefixes)
        gone: list[str] = []
        models = [
            model
            for name in sorted(set(_names(before)))
            if (model := self._model(name, before, current, to, gone)) is not None
        ]
        if gone:
            raise VersionsGone(to, gone)
        if only and not models:
            raise NothingThen(only, to)
        return models

    def _model(self, name: str, before: Histories, current: Histories, to: datetime, gone: list[str]) -> Model | None:
        """None where there was nothing of the model. What keeps it from coming back is added to `gone`."""
        stood = standing(name, before, self._source, to)
        canary = stood.alias.canary if stood.alias else None
        alias = stood.alias and _without_canary(stood.alias)
        found = packages(name, before, self._source, to, alias)
        if stood.gone:
            gone.append(aliases.key(name))
        serving = alias.versions() if alias else set()
        gone += [file for package in found if package.number in serving for file in package.broken]
        whole = [package for package in found if not package.broken]
        retired = held_then(before, f"{RETIRED}{name}/", to)
        wanted = [held for package in whole for held in package.files]
        wanted += [*retired.values(), *held_then(before, f"{AUDIT}{name}/", to).values()]
        if not wanted and alias is None and not found:
            return None
        copies = tuple(held for held in wanted if not self._is_there(held, current))
        stands = {held.key: now(current.get(held.key, ())) for held in copies}
        return Model(
            name=name,
            copies=copies,
            replaced={key: held.etag for key, held in stands.items() if held},
            unretired=tuple(_since(name, whole, current, retired)),
            alias=alias,
            generation=stood.newest,
            canary=canary,
            lost=tuple(file for package in found if package.number not in serving for file in package.broken),
        )

    def _is_there(self, held: Held, current: Histories) -> bool:
        known = now(current.get(held.key, ()))
        if known is None or known.size != held.size:
            return False
        # A copy that an earlier run made has another ETag where a key of KMS encrypts it: its note tells it.
        same = known.version == held.version and self._source is self._target
        return same or known.etag == held.etag or self._target.note(known) == held.version


def _names(histories: Histories) -> Iterator[str]:
    for key in histories:
        kind, _, rest = key.partition("/")
        name = rest.removesuffix(".json") if f"{kind}/" == aliases.PREFIX else rest.partition("/")[0]
        if name:
            yield name


def _since(name: str, whole: list[Package], current: Histories, retired: Collection[str]) -> Iterator[str]:
    """Marks of retired versions that were made since."""
    for package in whole:
        key = f"{RETIRED}{name}/{package.number}.json"
        if now(current.get(key, ())) is not None and key not in retired:
            yield key


def _without_canary(alias: Alias) -> Alias:
    plain = alias._replace(canary=None)
    named = {str(version) for version in plain.versions()}
    return plain._replace(digests={version: digest for version, digest in alias.digests.items() if version in named})
