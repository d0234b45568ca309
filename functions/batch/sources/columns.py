"""Which columns of a table are the instance, the id and what is carried, and what a cell is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from functions.batch.errors import FileRefused
from functions.batch.sources.limits import MAX_COLUMNS
from functions.batch.sources.view import View
from functions.core.errors import brief

TEXT_NAMES = ("text", "instance")
SHOWN = 10
"""Names that a message lists at most."""
OBJECT, SINGLE, ARRAY = "object", "single", "array"


class Layout(NamedTuple):
    """What a table's columns are for."""

    kind: str
    """Whether an instance is an object of the columns, the only one of them, or all as a list."""
    features: tuple[str, ...]
    """In the table's order."""
    kinds: Mapping[str, str]
    """Of each feature: number, integer, boolean, string or json."""
    carry: tuple[str, ...]
    id: str | None

    @property
    def used(self) -> tuple[str, ...]:
        """All columns that have to be read."""
        return tuple(dict.fromkeys((*self.features, *self.carry, *((self.id,) if self.id else ()))))

    def instances(self, columns: Mapping[str, Sequence[Any]]) -> list[Any]:
        """Instances of columns of Python values."""
        if self.kind == SINGLE:
            return list(columns[self.features[0]])
        rows = zip(*(columns[name] for name in self.features), strict=True)
        if self.kind == ARRAY:
            return [list(row) for row in rows]
        return [dict(zip(self.features, row, strict=True)) for row in rows]

    def carried(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """What goes along; the ids under `id`, whatever the table calls them."""
        along = {name: columns[name] for name in self.carry}
        return along | {"id": columns[self.id]} if self.id else along


def layout(names: Sequence[str], view: View) -> Layout:
    """Tell a table's columns apart.

    Raises:
        FileRefused: names are repeated, features are missing, or a column is neither used nor to be ignored.
    """
    _check_names(names)
    shapes = view.schema.get("anyOf", [view.schema])
    known = {name for shape in shapes for name in shape.get("properties", ())}
    row_id = view.id or ("id" if "id" in names and "id" not in known else None)
    beside = {*view.carry, *((row_id,) if row_id else ())}
    if absent := [name for name in beside if name not in names]:
        raise FileRefused(f"Expected the columns {_listed(absent)} - got {_listed(names)}")
    ignored = set() if view.ignore == "*" else set(view.ignore)
    left = [name for name in names if name not in ignored and (name in known or name not in beside)]
    kind, features, kinds = _features(left, shapes, names)
    extra = [name for name in left if name not in features]
    if extra and view.ignore != "*":
        hint = "name them in `carry` to have them in the results, or in `ignore` to leave them out"
        raise FileRefused(f"Expected only the columns of the model's features - got {_listed(extra)}, too; {hint}")
    return Layout(kind, features, kinds, view.carry, row_id)


def _features(
    left: Sequence[str], shapes: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """The kind of instance, its columns, and what each holds."""
    absent: list[str] = []
    for shape in shapes:
        properties = shape.get("properties", {})
        if shape.get("type") == "object":
            absent = [name for name in shape.get("required", ()) if name not in left]
            found = tuple(name for name in left if name in properties)
            if not absent and found:
                return OBJECT, found, {name: cell_kind(properties[name]) for name in found}
    for shape in shapes:
        if shape.get("type") != "object" and (found_single := _single(left, shape)):
            return SINGLE, (found_single,), {found_single: cell_kind(shape)}
        if shape.get("type") == "array" and left:
            return ARRAY, tuple(left), dict.fromkeys(left, cell_kind(shape.get("items", {})))
    if absent:
        raise FileRefused(f"Expected the columns {_listed(absent)} - got only {_listed(names)}")
    raise FileRefused(f"Expected one column, or one named text, that is the instance - got {_listed(names)}")


def _single(left: Sequence[str], shape: Mapping[str, Any]) -> str | None:
    """The column that is the whole instance, if one is."""
    if len(left) == 1:
        # One column of numbers is a list of one, unless the column itself holds lists.
        is_listed = shape.get("type") == "array" and shape.get("maxItems") == 1
        return None if is_listed else left[0]
    return None if shape.get("type") == "array" else next((name for name in TEXT_NAMES if name in left), None)


def cell_kind(schema: Mapping[str, Any]) -> str:
    """What a cell of that schema holds: number, integer, boolean, string, or json for all else."""
    if "enum" in schema and all(value is None or isinstance(value, str) for value in schema["enum"]):
        return "string"
    types = schema.get("type")
    kinds = [types] if isinstance(types, str) else [name for name in types or () if name != "null"]
    return str(kinds[0]) if len(kinds) == 1 and kinds[0] in ("number", "integer", "boolean", "string") else "json"


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise FileRefused(f"Expected at most {MAX_COLUMNS} columns - got {len(names)}")
    if doubled := sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
        raise FileRefused(f"Expected columns of different names - got several named {_listed(doubled)}")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(brief(name) for name in names[:SHOWN])
    return f"{shown}, ... ({len(names)} in all)" if len(names) > SHOWN else shown or "none"
