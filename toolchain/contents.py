"""The files of a model's folder that belong to the model: what is sent to have it published."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from functions.core.errors import InvalidPackage
from functions.core.manifest import FileRecord
from functions.core.package import digest_of
from functions.packaging import references, source


class Contents(NamedTuple):
    """A model's folder as it is sent."""

    model: str
    folder: Path
    files: Mapping[str, FileRecord]
    instead: Mapping[str, str] = MappingProxyType({})
    """Files of the folder that are sent under another's name: the compressed model is what the registry gets."""

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(record.size for record in self.files.values())

    def path(self, name: str) -> Path:
        """The file that is sent under a name."""
        return self.folder / self.instead.get(name, name)


def read(folder: Path) -> Contents:
    """Find and hash what belongs to a model: model.toml, model.onnx, what ships with them and the lists they name.

    Raises:
        InvalidPackage: the folder is none of a model, a file is a symbolic link, which would not arrive, or the
            compressed model is not of this original.
    """
    model = source.read(folder)
    names = tuple(dict.fromkeys((source.FILE, source.GRAPH, *model.files, *_lists(folder))))
    instead = model.stand_ins()
    for name in names:
        if (folder / instead.get(name, name)).is_symlink():
            raise InvalidPackage(str(folder), f"{name} is a symbolic link: put the file itself there")
    records = {name: digest_of(str(folder / instead.get(name, name))) for name in names}
    return Contents(model.name, folder, records, instead)


def _lists(folder: Path) -> Iterator[str]:
    """The text files that stand for lists: the package has their lines, but who makes it needs the files."""
    table = tomllib.loads((folder / source.FILE).read_text("utf-8"))
    for section in source.SECTIONS:
        fields = table.get(section, {})
        yield from (fields[field] for field in references.LISTS if isinstance(fields.get(field), str))
