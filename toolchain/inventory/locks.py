"""What stands in a lock of requirements: each library, pinned, with the digests of its files."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

LINE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")


class Library(NamedTuple):
    """A library of a lock."""

    name: str
    version: str
    digests: tuple[str, ...]
    """SHA-256 of each file that the lock takes for it, in hex: one of them was installed."""

    @property
    def purl(self) -> str:
        """How it is named across tools."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def read(path: Path) -> Iterator[Library]:
    """The libraries of one lock. Raises OSError."""
    entries = path.read_text().replace("\\\n", " ").splitlines()
    for entry in entries:
        if found := LINE.match(entry):
            yield Library(found["name"], found["version"], tuple(HASH.findall(entry)))


def together(paths: Iterable[Path]) -> list[Library]:
    """The libraries of several locks, each once, sorted."""
    return sorted({library for path in paths for library in read(path)})
