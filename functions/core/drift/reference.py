"""reference.json of a package: the distribution of each feature in the data that the model was evaluated on."""

from collections.abc import Mapping
from itertools import pairwise
from math import inf, isfinite
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidPackage, brief
from functions.core.package import Package

FILE = "reference.json"
FORMAT = 1
FEATURES = 50
"""Features of the inputs that are watched at most; and of the outputs."""
BINS = 10
"""Bins of a number at most, which are quantiles of the reference."""
CATEGORIES = 30
"""Categories that have a bin of their own at most, the most frequent of the reference; the others share one."""
LARGEST = 2**20
"""Bytes of the file at most."""
LONGEST = 200
"""Characters of a name at most."""
MOST_ROWS = 2**40
MOST_CODES = 2**20
"""Categories that a package can declare and have watched at most."""
FIELDS = {"name", "counts", "missing", "edges", "codes", "categories", "low", "high", "unit"}


class Feature(NamedTuple):
    """One feature of the inputs or the outputs; the outputs' names begin with `output:`.

    Attributes:
        name: as the model declares it.
        counts: rows of the reference in each bin; a category's last bin is that of all others.
        missing: rows of the reference that had no value.
        edges: of the bins of numbers, ascending: a value at an edge is in the bin above.
        codes: of a category, the indices that have a bin of their own, ascending.
        categories: what these are called, as the package declares them.
        low, high: the closed range outside which a value is unexpected.
        unit: of the values.
    """

    name: str
    counts: tuple[int, ...]
    missing: int = 0
    edges: tuple[float, ...] = ()
    codes: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    low: float = -inf
    high: float = inf
    unit: str = ""

    def document(self) -> dict[str, Any]:
        """As the file has it: what is not there is left out, as JSON has no infinity."""
        found = {name: value for name, value in self._asdict().items() if value not in ((), "", inf, -inf)}
        return found | {"missing": self.missing}


class Reference(NamedTuple):
    """What a package's file says.

    Attributes:
        rows: that it is made from.
        features: those that are watched.
        unwatched: the names of those that are not, as there were too many.
        made_from: what it is made from, for who makes it: it is anew once that changes.
    """

    rows: int
    features: tuple[Feature, ...]
    unwatched: tuple[str, ...] = ()
    made_from: Mapping[str, Any] = {}

    def render(self) -> bytes:
        """The bytes of the file: the same for the same content."""
        content = {
            "format": FORMAT,
            "rows": self.rows,
            "made_from": dict(self.made_from),
            "features": [feature.document() for feature in self.features],
            "unwatched": list(self.unwatched),
        }
        return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def read(package: Package) -> Reference | None:
    """The reference of a package; None where it has none. Raises InvalidPackage where the file is none."""
    if FILE not in package.manifest.files:
        return None
    return parse(package.read(FILE), package.label)


def parse(content: bytes, package: str) -> Reference:
    """Read the file.

    Args:
        package: what errors call the package.

    Raises:
        InvalidPackage: the file is too large, damaged, or says what cannot be.
    """
    if len(content) > LARGEST:
        raise InvalidPackage(package, f"expected {FILE} of at most {LARGEST} bytes - got {len(content)}")
    try:
        table = orjson.loads(content)
        if table["format"] != FORMAT:
            raise InvalidPackage(package, f"expected format {FORMAT} of {FILE} - got {brief(table['format'])}")
        features = tuple(map(_feature, table["features"]))
        found = Reference(_count(table["rows"]), features, _names(table["unwatched"]), dict(table["made_from"]))
        _check(found)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError, OverflowError) as fault:
        raise InvalidPackage(package, f"{FILE} is damaged ({type(fault).__name__}: {brief(str(fault))})") from None
    return found


def _feature(table: dict[str, Any]) -> Feature:
    if unknown := table.keys() - FIELDS:
        raise ValueError(f"no field {sorted(unknown)[0]!r}")
    feature = Feature(
        name=_name(table["name"]),
        counts=tuple(map(_count, table["counts"])),
        missing=_count(table["missing"]),
        edges=tuple(map(_number, table.get("edges", ()))),
        codes=tuple(map(_count, table.get("codes", ()))),
        categories=_names(table.get("categories", ())),
        low=_number(table["low"]) if "low" in table else -inf,
        high=_number(table["high"]) if "high" in table else inf,
        unit=str(table.get("unit", ""))[:LONGEST],
    )
    marks = feature.codes or feature.edges
    if feature.codes and feature.edges:
        raise ValueError(f"{feature.name} has edges and categories")
    if len(feature.counts) != len(marks) + 1 or any(one >= other for one, other in pairwise(marks)):
        raise ValueError(f"the bins of {feature.name} do not fit each other")
    if len(feature.edges) >= BINS or len(feature.codes) > CATEGORIES or max(feature.codes, default=0) >= MOST_CODES:
        raise ValueError(f"{feature.name} has too many bins")
    if len(feature.categories) != len(feature.codes):
        raise ValueError(f"{feature.name} has {len(feature.categories)} names of {len(feature.codes)} categories")
    return feature


def _check(found: Reference) -> None:
    if len(found.features) > 2 * FEATURES or len({feature.name for feature in found.features}) < len(found.features):
        raise ValueError("there are too many features, or two of one name")
    for feature in found.features:
        if sum(feature.counts) + feature.missing != found.rows:
            raise ValueError(f"the counts of {feature.name} are not those of {found.rows} rows")


def _names(values: Any) -> tuple[str, ...]:
    return tuple(map(_name, values))


def _name(value: object) -> str:
    if type(value) is not str or not 0 < len(value) <= LONGEST:
        raise TypeError(f"expected a name of at most {LONGEST} characters, got {brief(value)}")
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < MOST_ROWS:
        raise TypeError(f"expected a count, got {brief(value)}")
    return value


def _number(value: object) -> float:
    if type(value) not in (int, float) or not isfinite(value):  # type: ignore[arg-type]  # int or float
        raise TypeError(f"expected a number, got {brief(value)}")
    return float(value)  # type: ignore[arg-type]  # int or float
