"""JSON Schema of what tensors hold, for the documents of the API."""

from typing import Any

import numpy as np

from functions.core.tensors import DATATYPES, TensorSpec

Schema = dict[str, Any]


def element(datatype: str) -> Schema:
    """The schema of one element in JSON."""
    if datatype in ("BOOL", "BYTES"):
        return {"type": "boolean" if datatype == "BOOL" else "string"}
    dtype = DATATYPES[datatype].dtype
    if dtype.kind == "f":
        limit = float(np.finfo(dtype).max)
        return {"type": "number", "minimum": -limit, "maximum": limit}
    bounds = np.iinfo(dtype)
    return {"type": "integer", "minimum": bounds.min, "maximum": bounds.max}


def nested(shape: tuple[int, ...], inner: Schema) -> Schema:
    """Lists nested to a shape, -1 of any length, around `inner`."""
    schema = inner
    for extent in reversed(shape):
        schema = {"type": "array", "items": schema}
        if extent != -1:
            schema |= {"minItems": extent, "maxItems": extent}
    return schema


def row(spec: TensorSpec) -> Schema:
    """What is behind the first dimension of a tensor."""
    return nested(spec.shape[1:], element(spec.datatype))
