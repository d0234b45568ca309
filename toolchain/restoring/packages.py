"""Which packages a model had, and whether what is kept of them is whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from functions.core import manifest as manifests
from functions.core.alias import Alias
from functions.core.errors import InvalidPackage
from functions.core.holdings import PACKAGES, key
from functions.core.package import digest_of_bytes
from toolchain.restoring.archive import Archive, Held, Histories
from toolchain.restoring.standing import held_then


class Package(NamedTuple):
    """A version of a model at a time."""

    number: int
    files: tuple[Held, ...]
    """What there was of it: the manifest last, without which the version does not exist."""
    broken: tuple[str, ...]
    """Files that are gone, or are not what the manifest says, by key, with the reason."""


def packages(model: str, histories: Histories, archive: Archive, to: datetime, alias: Alias | None) -> list[Package]:
    """The versions that there were, and those that the alias names although nothing is left of them."""
    found = held_then(histories, f"{PACKAGES}{model}/", to)
    numbers = {int(part) for each in found if (part := each.split("/")[2]).isdigit()}
    named = alias.versions() if alias else set()
    read = [_package(model, number, found, archive, alias) for number in sorted(numbers | named)]
    # A version without a manifest was an upload under way: it did not exist.
    return [package for package in read if package.files or package.broken]


def _package(model: str, number: int, found: Mapping[str, Held], archive: Archive, alias: Alias | None) -> Package:
    prefix, commit = key(model, number, ""), key(model, number, manifests.FILE)
    digest = alias.digest(number) if alias else None
    held = found.get(commit)
    if held is None:
        named = alias is not None and number in alias.versions()
        return Package(number, (), (commit,) if named else ())
    document = archive.read(held)
    try:
        manifest = manifests.parse(document, digest_of_bytes(document), f"{model}@{number}")
    except InvalidPackage:
        return Package(number, (), (f"{commit} (damaged at that time)",))
    broken = [f"{commit} (another one at that time)"] if digest and digest != manifest.digest else []
    for file, record in manifest.files.items():
        place = f"{prefix}{file}"
        if place not in found:
            broken.append(place)
        elif found[place].size != record.size:
            broken.append(f"{place} (damaged at that time)")
    files = sorted((each for each in found if each.startswith(prefix)), key=lambda each: (each == commit, each))
    return Package(number, tuple(found[each] for each in files), tuple(broken))
