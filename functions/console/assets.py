"""The files of the page: read once, known by one digest, kept as they are sent."""

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple
from zlib import MAX_WBITS, compressobj

from functions.console.errors import NoAsset

FOLDER = os.path.join(os.path.dirname(__file__), "web")
PAGE = "index.html"
"""The page itself, which is filled in for each answer and so is no file that can be asked for."""
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
PLAIN = "text/plain; charset=utf-8"
"""Of licences, whose names end in that of what they are for."""
PACKED = ("image/png", "image/webp", "font/woff2")
"""What compressing would not make smaller."""
DIGITS = 16
LEVEL = 9


class Asset(NamedTuple):
    """A file as it is sent."""

    kind: str
    """Its media type."""
    content: bytes
    gzipped: bytes | None
    """The same, compressed; None where that is no use."""


class Assets:
    """The files below a folder; what is not among them when it is first looked at cannot be asked for."""

    def __init__(self, folder: str = FOLDER) -> None:
        self._folder = folder
        self._ready: dict[str, Asset] = {}

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The content of every file, by its path with slashes."""
        return dict(sorted(_read(self._folder)))

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits of the SHA-256 over the names, sizes and contents of all files."""
        hasher = sha256()
        for path, content in self.files.items():
            hasher.update(f"{path}\0{len(content)}\0".encode())
            hasher.update(content)
        return hasher.hexdigest()[:DIGITS]

    @property
    def page(self) -> str:
        """The page, with its places to fill in. Raises NoAsset where there is none."""
        if PAGE not in self.files:
            raise NoAsset(PAGE)
        return self.files[PAGE].decode()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that the page speaks: the folders of its texts."""
        parts = (path.split("/") for path in self.files)
        return tuple(sorted({name for top, name, *rest in (it for it in parts if len(it) > 2) if top == "i18n"}))

    def asset(self, path: str) -> Asset:
        """A file of the page. Raises NoAsset where it has none of that name."""
        if path == PAGE or path not in self.files:
            raise NoAsset(path)
        if path not in self._ready:
            self._ready[path] = _made(path, self.files[path])
        return self._ready[path]


def _read(folder: str) -> Iterator[tuple[str, bytes]]:
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder).replace(os.sep, "/"), file.read()


def _made(path: str, content: bytes) -> Asset:
    name = path.rpartition("/")[2]
    kind = PLAIN if name.startswith("LICENSE") else TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    gzipped = None if kind in PACKED else gzip(content)
    return Asset(kind, content, gzipped if gzipped and len(gzipped) < len(content) else None)


def gzip(content: bytes) -> bytes:
    """A content compressed: the same bytes whenever it is done, as zlib writes no date."""
    packer = compressobj(LEVEL, wbits=MAX_WBITS | 16)
    return packer.compress(content) + packer.flush()
