"""One of `[[preprocess.features]]`, and how model.toml declares it."""

from collections.abc import Collection
from functools import cache
from math import inf, isfinite, isnan, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from functions.core.errors import brief
from functions.core.processing.declaration import Declaration, Table
from functions.core.tensors import DATATYPES, TensorSpec

if TYPE_CHECKING:
    from functions.core.processing.inputs.categories import Category

NUMBERS = frozenset((int, float))
FIELDS = ("name", "type", "tensor", "description", "unit", "range", "typical", "missing", "mean", "std", "personal")
"""What a feature of numbers may declare."""


class Feature(NamedTuple):
    """One feature; numbers are in the user's units, and a category counts as its index."""

    name: str
    spec: TensorSpec
    """The input of the graph that it goes to."""
    description: str
    low: float
    high: float
    """The closed range outside which a value is refused."""
    typical: float
    """An everyday value, which stands for the feature where an explanation leaves it out."""
    missing: float | None = None
    """What stands for null or nothing; NaN for a model that knows it. None: a value there must be."""
    mean: float = 0.0
    std: float = 1.0
    category: "Category | None" = None

    @property
    def types(self) -> frozenset[type]:
        """What a value of it can be in Python."""
        types = NUMBERS if self.category is None else frozenset((str,))
        return types if self.missing is None else types | {type(None)}

    @property
    def whole(self) -> bool:
        """Whether it goes to a tensor of integers."""
        return DATATYPES[self.spec.datatype].dtype.kind in "iu"

    @property
    def expected(self) -> str:
        """What an error says of values of another type."""
        return "a number" if self.category is None else f"one of {brief(list(self.category.names))}"


def check_fields(declaration: Declaration, table: Table, field: str, known: Collection[str]) -> None:
    """Refuse what a feature cannot declare: a slip of the pen in `missing` would cost right answers."""
    for name in table:
        if name not in known:
            declaration.refuse(f"{field}.{name}", f"one of {', '.join(known)}", name)
    if type(table.get("personal", False)) is not bool:
        declaration.refuse(f"{field}.personal", "true or false", table["personal"])


def number(declaration: Declaration, table: Table, field: str, spec: TensorSpec) -> Feature:
    """Read a feature of type "number". Raises InvalidPackage on a wrong field."""
    check_fields(declaration, table, field, FIELDS)
    dtype = DATATYPES[spec.datatype].dtype
    if dtype.kind not in "fiu" or DATATYPES[spec.datatype].element:
        declaration.refuse(f"{field}.tensor", "a tensor of numbers", spec.datatype)
    bounds = table.get("range", [-inf, inf])
    if not isinstance(bounds, list) or len(bounds) != 2 or not NUMBERS.issuperset(map(type, bounds)):
        declaration.refuse(f"{field}.range", "[lowest, highest]", bounds)
    low, high = float(bounds[0]), float(bounds[1])
    mean, std = _scaling(declaration, table, field, dtype) if "mean" in table or "std" in table else (0.0, 1.0)
    least, most = _extremes(dtype)
    missing = _missing(declaration, table, field, dtype) if "missing" in table else None
    middle = (low + high) / 2 if isfinite(low + high) else 0.0
    middle = middle if dtype.kind == "f" else middle // 1
    typical = table.get("typical", middle if missing is None or isnan(missing) else missing)
    if type(typical) not in NUMBERS or not (low <= typical <= high or typical == missing):
        declaration.refuse(f"{field}.typical", f"a number from {low:g} to {high:g}", typical)
    unit = f" ({table['unit']})" if table.get("unit") else ""
    description = f"{table.get('description', '')}{unit}".strip()
    low, high = max(low, least * std + mean), min(high, most * std + mean)
    return Feature(table["name"], spec, description, low, high, float(typical), missing, mean, std)


def _scaling(declaration: Declaration, table: Table, field: str, dtype: np.dtype[Any]) -> tuple[float, float]:
    for name in ("mean", "std"):
        value = table.get(name, 1)
        if type(value) not in NUMBERS or not isfinite(value) or (name == "std" and value <= 0):
            declaration.refuse(f"{field}.{name}", "a number above 0" if name == "std" else "a number", value)
        if name in table and dtype.kind != "f":
            declaration.refuse(f"{field}.{name}", "none for a tensor of integers", value)
    return float(table.get("mean", 0)), float(table.get("std", 1))


@cache
def _extremes(dtype: np.dtype[Any]) -> tuple[float, float]:
    """The least and the greatest number that a tensor holds and that is a float64."""
    if dtype.kind == "f":
        finite = np.finfo(dtype)
        return float(finite.min), float(finite.max)
    bounds = np.iinfo(dtype)
    most = float(bounds.max)
    return float(bounds.min), most if most <= bounds.max else float(np.nextafter(most, 0))


def _missing(declaration: Declaration, table: Table, field: str, dtype: np.dtype[Any]) -> float:
    value = table["missing"]
    # TOML's nan is null in manifest.json, which knows no other way to write it, as TOML has no null of its own.
    if value in ("nan", None) or value != value:
        if dtype.kind != "f":
            declaration.refuse(f"{field}.missing", "an integer, as the tensor holds no nan", value)
        return nan
    least, most = _extremes(dtype)
    if type(value) not in NUMBERS or not least <= value <= most or (dtype.kind != "f" and value != int(value)):
        declaration.refuse(f"{field}.missing", "nan, or a number that the tensor holds", value)
    return float(value)
