"""Files that a processing table of model.toml names: lists that become part of it, and what ships beside the model."""

from pathlib import Path
from typing import Any

from functions.core.errors import InvalidPackage, brief

Table = dict[str, Any]

LISTS = ("labels", "items", "vocabulary")
"""Fields that may name a text file in place of a list: UTF-8, an entry a line."""
FILES = ("tokenizer", "answers", "vectors")
"""Fields that name a file which the processing reads."""


def with_lists(folder: Path, section: str, table: Table) -> Table:
    """The table with the lines of each file that stands for a list.

    Raises:
        InvalidPackage: there is no such file, or it is not UTF-8.
    """
    lists = {field: _lines(folder, f"{section}.{field}", table[field]) for field in LISTS if _is_name(table, field)}
    return table | lists


def files(folder: Path, section: str, table: Table) -> list[str]:
    """The files that ship because the table names them. Raises InvalidPackage where one is missing."""
    names = [field for field in FILES if _is_name(table, field)]
    return [_file(folder, f"{section}.{field}", table[field]).name for field in names]


def lies_in(folder: Path, name: str) -> bool:
    """Whether a file of that name is directly in the folder."""
    try:
        return Path(name).name == name and (folder / name).is_file()
    except OSError:  # no file can have so long a name
        return False


def _is_name(table: Table, field: str) -> bool:
    return isinstance(table.get(field), str)


def _lines(folder: Path, field: str, name: str) -> list[str]:
    try:
        return _file(folder, field, name).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as fault:
        raise InvalidPackage(str(folder), f"{name} is not UTF-8: {fault} - at `{field}` of model.toml") from None


def _file(folder: Path, field: str, name: str) -> Path:
    if not lies_in(folder, name):
        reason = f"expected the name of a file in the folder - got {brief(name)} - at `{field}` of model.toml"
        raise InvalidPackage(str(folder), reason)
    return folder / name
