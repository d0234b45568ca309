"""What of a request nobody may keep: values are replaced by what they were, before anything leaves memory.

Only what the contract of a model names is taken over; whatever else a body holds is left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.core.manifest import Manifest

KINDS = {
    bool: "boolean", int: "number", float: "number", str: "string", bytes: "bytes", list: "list", dict: "object"
}  # fmt: skip
"""What a value is called that is not shown."""
FIELDS = {"text": ("text", "pair"), "image": ("image",)}
"""Members of an instance that is no row of features, by the kind of preprocessing."""
BASE64 = "b64"


def mark(value: object) -> Any:
    """What stands for a value that is not kept: its kind, and its length where it has one. Nothing stays nothing."""
    if value is None:
        return None
    if type(value) is dict and type(value.get(BASE64)) is str:
        return {"redacted": "bytes", "length": len(value[BASE64]) * 3 // 4 - value[BASE64].count("=", -2)}
    found: dict[str, object] = {"redacted": KINDS.get(type(value), "value")}
    if isinstance(value, (str, bytes, list)):
        found["length"] = len(value)
    return found


class Redaction:
    """What is not kept of the requests to one model.

    A name is a feature's, an input's or an output's; dots lead into objects, and lists on the way are passed through.
    """

    def __init__(self, manifest: Manifest, names: Iterable[str]) -> None:
        """Read what a model declares personal, and add the names that its stage gives."""
        table = manifest.preprocess
        self._kind = str(table.get("kind", "rows"))
        self._inputs = [spec.name for spec in (*manifest.inputs, *manifest.optional)]
        self._features: list[Mapping[str, Any]] = list(table.get("features", ()))
        self._columns = [str(feature["name"]) for feature in self._features]
        self._fields = self._fields_of(table)
        self._names = {*names, *(str(feature["name"]) for feature in self._features if feature.get("personal") is True)}
        named = self._names & set(self._inputs)
        # Who hides a tensor hides what becomes one.
        if self._kind == "tabular":
            fed = {str(feature["name"]): _fed(feature, table) for feature in self._features}
            self._names |= {name for name, tensor in fed.items() if tensor in named}
        self._everything = table.get("personal") is True or (self._kind not in ("tabular", "rows") and bool(named))
        self._tensors = self._hidden_tensors(table)

    def instance(self, value: Any) -> Any:
        """An instance in the user's terms, without what is not kept."""
        if self._kind == "tabular":
            return self._row(value, "")
        if type(value) is dict and not value.keys().isdisjoint(self._fields):
            return {name: self._value(value[name], name) for name in self._fields if name in value}
        return self._value(value, self._fields[0]) if len(self._fields) == 1 or type(value) is str else mark(value)

    def prediction(self, value: Any) -> Any:
        """A prediction; `redact` may name members of it."""
        return self._walk(value, "")

    def explanation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """An explanation: where anything is hidden, attributions would tell of it, and words would say it."""
        hides = self._everything or bool(self._tensors)
        return {name: mark(part) if name == "attributions" and hides else part for name, part in value.items()}

    def hides_tensor(self, name: str) -> bool:
        """Whether a tensor, that goes in or comes out, is named or made of something that is hidden."""
        return name in self._tensors or name in self._names or (self._everything and name in self._inputs)

    def _fields_of(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        if self._kind == "sequence":
            return (str(table.get("field", "sequence")),)
        known = FIELDS.get(self._kind, tuple(self._inputs))
        return known if table.get("pair") or self._kind != "text" else known[:1]

    def _hidden_tensors(self, table: Mapping[str, Any]) -> set[str]:
        """Inputs that hold something hidden; all of them where what becomes of a value is not declared."""
        if self._everything:
            return set(self._inputs)
        if self._kind == "tabular":
            hidden = {_fed(feature, table) for feature in self._features if self._touches(str(feature["name"]))}
            return hidden | (self._names & set(self._inputs))
        if self._kind == "rows":
            return {name for name in self._inputs if self._touches(name)}
        within = any(map(self._touches, (*self._fields, *self._columns, *self._inputs)))
        return set(self._inputs) if within else set()

    def _touches(self, name: str) -> bool:
        return any(each == name or each.startswith(f"{name}.") for each in self._names)

    def _value(self, value: Any, name: str) -> Any:
        """What a member of an instance holds."""
        if self._everything or name in self._names:
            return mark(value)
        if type(value) is dict and type(value.get(BASE64)) is str:
            return {BASE64: value[BASE64]}
        if self._kind == "sequence" and self._features and type(value) is list:
            return [self._row(step, f"{name}.") for step in value]
        return self._walk(value, f"{name}.")

    def _row(self, value: Any, prefix: str) -> Any:
        """Features by their names, in their order, or the value of the only one."""
        if type(value) is dict:
            return {name: self._feature(value[name], name, prefix) for name in self._columns if name in value}
        if type(value) is list and len(value) == len(self._columns):
            return [self._feature(item, name, prefix) for item, name in zip(value, self._columns, strict=True)]
        return self._feature(value, self._columns[0], prefix) if len(self._columns) == 1 else mark(value)

    def _feature(self, value: Any, name: str, prefix: str) -> Any:
        if self._everything or name in self._names or f"{prefix}{name}" in self._names:
            return mark(value)
        return self._walk(value, f"{prefix}{name}.")

    def _walk(self, value: Any, prefix: str) -> Any:
        if not any(name.startswith(prefix) for name in self._names):
            return value
        if type(value) is list:
            return [self._walk(item, prefix) for item in value]
        if type(value) is not dict:
            return value
        return {
            key: mark(item) if f"{prefix}{key}" in self._names else self._walk(item, f"{prefix}{key}.")
            for key, item in value.items()
        }


def _fed(feature: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """The input that a feature goes to."""
    return str(feature.get("tensor", table.get("tensor", feature["name"])))
