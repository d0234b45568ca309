"""Features of a few known words: each counts as its index among them, or gets a column of its own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from functions.core.processing.declaration import Declaration, Table
from functions.core.processing.inputs.feature import Feature, check_fields
from functions.core.tensors import DATATYPES, Array, TensorSpec

FIELDS = ("name", "type", "tensor", "description", "categories", "other", "missing", "typical", "encoding", "personal")
"""What a category may declare."""


class Category(NamedTuple):
    """The words that a feature can be."""

    names: tuple[str, ...]
    codes: dict[str | None, float]
    """The index of each; of None, what stands for a missing one."""
    other: float
    """What an unknown word counts as; NaN where it is refused."""
    is_expanded: bool
    """Whether each gets a column of its own (one-hot)."""

    @property
    def columns(self) -> int:
        """How many columns of the matrix it takes."""
        return len(self.names) if self.is_expanded else 1

    def indices(self, values: Sequence[str | None]) -> list[float]:
        """The index of each word; NaN for what is refused."""
        codes, other = self.codes, self.other
        return [codes.get(value, other) for value in values]

    def knows(self, value: str | None) -> bool:
        """Whether a word is accepted."""
        return value in self.codes or not np.isnan(self.other)

    def texts(self, indices: Array) -> Array:
        """The words at indices [rows], as objects: the form of a tensor of strings."""
        return np.array([self.names[index] for index in indices.astype(np.intp).tolist()], dtype=object)

    def schema(self, description: str, may_be_missing: bool) -> dict[str, Any]:
        """JSON Schema of a value."""
        if np.isnan(self.other):
            return {"enum": [*self.names, *([None] if may_be_missing else [])], "description": description}
        kind = ["string", "null"] if may_be_missing else "string"
        return {"type": kind, "examples": list(self.names), "description": description}


def feature(declaration: Declaration, table: Table, field: str, spec: TensorSpec) -> Feature:
    """Read a feature of type "category". Raises InvalidPackage on a wrong field."""
    check_fields(declaration, table, field, FIELDS)
    names = table.get("categories")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        declaration.refuse(f"{field}.categories", "a list of strings", names)
    if len(set(names)) != len(names):
        declaration.refuse(f"{field}.categories", "different strings", names)
    codes: dict[str | None, float] = {name: float(index) for index, name in enumerate(names)}
    for name in ("other", "missing", "typical"):
        if name in table and table[name] not in names:
            declaration.refuse(f"{field}.{name}", "one of the categories", table[name])
    other = codes[table["other"]] if "other" in table else np.nan
    typical = codes[table.get("typical", table.get("missing", names[0]))]
    missing = codes[table["missing"]] if "missing" in table else None
    if missing is not None:
        codes[None] = missing
    is_expanded = _is_expanded(declaration, table, field, spec)
    if not is_expanded and len(names) > (most := _most(spec)):
        declaration.refuse(f"{field}.categories", f"at most {most} for the tensor", len(names))
    category = Category(tuple(names), codes, other, is_expanded)
    description = str(table.get("description", ""))
    return Feature(table["name"], spec, description, 0.0, len(names) - 1.0, typical, missing, category=category)


def expand(values: Array, features: Sequence[Feature], spans: Sequence[slice]) -> Array:
    """The matrix [rows, columns] of values [rows, features], in which categories take as many columns as they need."""
    matrix = np.zeros((len(values), spans[-1].stop))
    every = np.arange(len(values))
    for number, (one, span) in enumerate(zip(features, spans, strict=True)):
        if one.category and one.category.is_expanded:
            matrix[every, span.start + values[:, number].astype(np.intp)] = 1.0
        else:
            matrix[:, span.start] = values[:, number]
    return matrix


def _most(spec: TensorSpec) -> int:
    """How many indices, from 0 on, a tensor holds exactly."""
    dtype = DATATYPES[spec.datatype].dtype
    if dtype.kind == "f":
        return int(2 ** (np.finfo(dtype).nmant + 1)) + 1
    return int(np.iinfo(dtype).max) + 1 if dtype.kind in "iu" else 2**63


def _is_expanded(declaration: Declaration, table: Table, field: str, spec: TensorSpec) -> bool:
    dtype = DATATYPES[spec.datatype].dtype
    if dtype.kind not in "fiuO" or DATATYPES[spec.datatype].element:
        declaration.refuse(f"{field}.tensor", "a tensor of numbers or strings", spec.datatype)
    encoding = table.get("encoding", "index")
    if encoding not in ("index", "one-hot"):
        declaration.refuse(f"{field}.encoding", "index or one-hot", encoding)
    if dtype.kind == "O" and "encoding" in table:
        declaration.refuse(f"{field}.encoding", "none for a tensor of strings", encoding)
    return bool(encoding == "one-hot")
