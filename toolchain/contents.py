"""The files of a model's folder that belong to the model: what is sent to have it published."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
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

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(record.size for record in self.files.values())


def read(folder: Path) -> Contents:
    """Find and hash what belongs to a model: model.toml, model.onnx, what ships with them and the lists they name.

    Raises:
        InvalidPackage: the folder is none of a model, or a file is a symbolic link, which would not arrive.
    """
    model = source.read(folder)
    names = tuple(dict.fromkeys((source.FILE, source.GRAPH, *model.files, *_lists(folder))))
    for name in names:
        if (folder / name).is_symlink():
            raise InvalidPackage(str(folder), f"{name} is a symbolic link: put the file itself there")
    return Contents(model.name, folder, {name: digest_of(str(folder / name)) for name in names})


def _lists(folder: Path) -> Iterator[str]:
    """The text files that stand for lists: the package has their lines, but who makes it needs the files."""
    table = tomllib.loads((folder / source.FILE).read_text("utf-8"))
    for section in source.SECTIONS:
        fields = table.get(section, {})
        yield from (fields[field] for field in references.LISTS if isinstance(fields.get(field), str))
