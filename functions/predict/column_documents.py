"""What the API's document says of a model's tensors as nested lists: of the columnar form of a prediction."""

from typing import Any

from functions.core.manifest import Manifest
from functions.core.processing import schemas
from functions.core.tensors import DATATYPES, MAP, SEQUENCE, TensorSpec

Schema = dict[str, Any]
INTEGER = "^(0|-?[1-9][0-9]{0,17})$"
"""Of integers as strings, those that surely have 64 bits."""


def description(manifest: Manifest) -> str:
    """How to ask a model for whole tensors; empty where its tensors have no form in JSON."""
    if any(DATATYPES[spec.datatype].binary_only for spec in manifest.inputs + manifest.outputs):
        return ""
    takes = ", ".join(map(_brief, manifest.inputs + manifest.optional))
    gives = ", ".join(map(_brief, manifest.outputs))
    return (
        "`inputs` in place of `instances` are whole tensors, without any processing: nested lists by name, of "
        f"{takes or 'none'}. `outputs` answers them with {gives}. The value alone stands for the only one."
    )


def request(manifest: Manifest) -> Schema:
    """JSON Schema of a request for whole tensors."""
    values = {spec.name: _taken(spec) for spec in manifest.inputs + manifest.optional}
    named = {
        "type": "object",
        "required": [spec.name for spec in manifest.inputs],
        "properties": values,
        "additionalProperties": False,
    }
    only = manifest.inputs or manifest.optional
    inputs = {"anyOf": [named, values[only[0].name]]} if len(only) == 1 else named
    return {"type": "object", "required": ["inputs"], "properties": {"inputs": inputs}}


def response(manifest: Manifest) -> Schema:
    """JSON Schema of its answer."""
    values = {spec.name: _given(spec) for spec in manifest.outputs}
    named = {"type": "object", "required": list(values), "properties": values}
    outputs = named if len(values) > 1 else next(iter(values.values()))
    return {"type": "object", "required": ["outputs"], "properties": {"outputs": outputs}}


def _brief(spec: TensorSpec) -> str:
    kind = "" if not spec.key and spec.kind != SEQUENCE else f"{spec.kind} of "
    return f"`{spec.name}` ({kind}{spec.datatype} {list(spec.shape)})"


def _taken(spec: TensorSpec) -> Schema:
    if DATATYPES[spec.datatype].binary_only:
        return {"not": {}, "description": f"{spec.datatype} has no form in JSON."}
    element = schemas.element(spec.datatype)
    if spec.datatype == "BYTES":
        element |= {"description": 'Or {"b64": "<base64 of it>"}.'}
    if spec.kind == MAP:
        return _maps(spec, element)
    if spec.kind == SEQUENCE:
        return {"type": "array", "items": {"anyOf": [element, {"type": "array", "items": element}]}}
    if not spec.shape:
        return element | {"description": "A scalar; where the graph states no shape, nested lists as well."}
    return schemas.nested(spec.shape, element)


def _given(spec: TensorSpec) -> Schema:
    if DATATYPES[spec.datatype].binary_only:
        return {"not": {}, "description": f"{spec.datatype} has no form in JSON."}
    # What is no number is null, and so is the whole of an output that is none.
    floats = DATATYPES[spec.datatype].dtype.kind == "f"
    element = {"type": ["number", "null"]} if floats else schemas.element(spec.datatype)
    schema: Schema = {}
    if spec.kind == MAP:
        schema = _maps(spec, element)
    elif spec.kind == SEQUENCE:
        schema = {"type": "array"}
    elif spec.shape:
        schema = schemas.nested(spec.shape, element)
    return {"anyOf": [schema, {"type": "null"}]} if spec.optional else schema


def _maps(spec: TensorSpec, element: Schema) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": element}
    if spec.key == "INT64":
        schema |= {"propertyNames": {"pattern": INTEGER}}
    return schemas.nested(spec.shape, schema)
