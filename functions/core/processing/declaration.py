"""A processing table of model.toml, read field by field with errors that name the field."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from functions.core.errors import InvalidPackage, brief
from functions.core.manifest import Manifest
from functions.core.tensors import TensorSpec

Table = Mapping[str, Any]


class Declaration:
    """`[preprocess]` or `[postprocess]` of one package. Every method raises InvalidPackage on a wrong field."""

    def __init__(self, manifest: Manifest, section: str) -> None:
        self.manifest = manifest
        self.section = section
        self.table: Table = manifest.preprocess if section == "preprocess" else manifest.postprocess

    def refuse(self, field: str, expected: str, got: object) -> NoReturn:
        """Say that a field is wrong."""
        place = f"{self.section}.{field}"
        raise InvalidPackage(self.manifest.name, f"expected {expected} - got {brief(got)} - at `{place}`")

    def tensor(self) -> TensorSpec:
        """The tensor that the section feeds or reads, as the graph declares it."""
        preprocess = self.section == "preprocess"
        name = self.table.get("tensor")
        spec = self.manifest.input(str(name)) if preprocess else self.manifest.output(str(name))
        if spec is None:
            specs = self.manifest.inputs if preprocess else self.manifest.outputs
            self.refuse("tensor", f"one of {[known.name for known in specs]}", name)
        return spec

    def choice(self, field: str, choices: Sequence[str], default: str) -> str:
        """A word out of a few."""
        value = self.table.get(field, default)
        if value not in choices:
            self.refuse(field, f"one of {', '.join(choices)}", value)
        return str(value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of strings without repetition."""
        value = self.table.get(field)
        if not isinstance(value, list) or not value or len({str(item) for item in value}) != len(value):
            self.refuse(field, "a list of different strings", value)
        return tuple(str(item) for item in value)

    def numbers(self, field: str, length: int, default: Sequence[float]) -> tuple[float, ...]:
        """A list of so many numbers."""
        value = self.table.get(field, list(default))
        if not isinstance(value, list) or len(value) != length or not all(_is_number(item) for item in value):
            self.refuse(field, f"a list of {length} numbers", value)
        return tuple(float(item) for item in value)

    def number(self, field: str, default: float) -> float:
        """One number."""
        value = self.table.get(field, default)
        if not _is_number(value):
            self.refuse(field, "a number", value)
        return float(value)


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
