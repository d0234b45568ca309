"""A processing table of model.toml, read field by field with errors that name the field."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from functions.core.errors import InvalidPackage, brief
from functions.core.package import Package
from functions.core.tensors import TensorSpec

Table = Mapping[str, Any]


class Declaration:
    """`[preprocess]` or `[postprocess]` of one package. Every method raises InvalidPackage on a wrong field."""

    def __init__(self, package: Package, section: str) -> None:
        self.package = package
        self.manifest = package.manifest
        self.section = section
        self.table: Table = self.manifest.preprocess if section == "preprocess" else self.manifest.postprocess

    def refuse(self, field: str, expected: str, got: object) -> NoReturn:
        """Say that a field is wrong."""
        place = f"{self.section}.{field}"
        raise InvalidPackage(self.manifest.name, f"expected {expected} - got {brief(got)} - at `{place}`")

    def tensor(self, field: str = "tensor", default: str | None = None) -> TensorSpec:
        """The tensor that the section feeds or reads, as the graph declares it."""
        preprocess = self.section == "preprocess"
        name = self.table.get(field, default)
        spec = self.manifest.input(str(name)) if preprocess else self.manifest.output(str(name))
        if spec is None:
            specs = self.manifest.inputs if preprocess else self.manifest.outputs
            self.refuse(field, f"one of {[known.name for known in specs]}", name)
        return spec

    def tensor_at(self, field: str, default: str | None = None) -> TensorSpec | None:
        """A tensor that the model may do without; None where neither the field nor the model has it."""
        if field in self.table:
            return self.tensor(field)
        specs = self.manifest.inputs if self.section == "preprocess" else self.manifest.outputs
        return next((spec for spec in specs if spec.name == default), None)

    def file(self, field: str) -> bytes:
        """The content of the file of the package that a field names."""
        name = self.table.get(field)
        if not isinstance(name, str) or name not in self.manifest.files:
            self.refuse(field, "the name of a file of the package", name)
        return self.package.read(name)

    def choice(self, field: str, choices: Sequence[str], default: str) -> str:
        """A word out of a few."""
        value = self.table.get(field, default)
        if value not in choices:
            self.refuse(field, f"one of {', '.join(choices)}", value)
        return str(value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of strings without repetition; where model.toml names a file, the package has its lines here."""
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

    def flag(self, field: str, default: bool) -> bool:
        """Yes or no."""
        value = self.table.get(field, default)
        if type(value) is not bool:
            self.refuse(field, "true or false", value)
        return value

    def whole(self, field: str, default: int, low: int, high: int) -> int:
        """An integer within bounds."""
        value = self.table.get(field, default)
        if type(value) is not int or not low <= value <= high:
            self.refuse(field, f"an integer from {low} to {high}", value)
        return value

    def number(self, field: str, default: float) -> float:
        """One number."""
        value = self.table.get(field, default)
        if not _is_number(value):
            self.refuse(field, "a number", value)
        return float(value)


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
