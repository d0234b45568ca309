"""Requests and answers of the Open Inference Protocol, and whole tensors by their names, as they are kept."""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from functions.core.manifest import Manifest
from functions.core.tensors import TENSOR, TensorSpec
from functions.predict.capturing.redaction import Redaction, mark
from functions.predict.exchange import HEADER_LENGTH

WHOLE = "tensor"


def infer_request(manifest: Manifest, redaction: Redaction, headers: Mapping[str, str], body: bytes, most: int) -> Any:
    """The tensors that were asked with; of a large body only what they are. None where even that is too large."""
    length = headers.get(HEADER_LENGTH)
    specs = (*manifest.inputs, *manifest.optional)
    if length == "0" or (length is not None and int(length) == 0):
        only = manifest.inputs[0]
        return {"inputs": [_whole(only, redaction, body, most)]}
    return _document(specs, redaction, body, None if length is None else int(length), most, "inputs")


def infer_response(manifest: Manifest, redaction: Redaction, headers: Mapping[str, str], body: bytes, most: int) -> Any:
    """The tensors that were answered."""
    length = headers.get(HEADER_LENGTH)
    return _document(manifest.outputs, redaction, body, None if length is None else int(length), most, "outputs")


def columns(specs: Sequence[TensorSpec], redaction: Redaction, given: Any) -> Any:
    """Whole tensors by their names, or the value of the only one."""
    names = [spec.name for spec in specs]
    if type(given) is dict and given.keys() <= set(names):
        return {name: mark(value) if redaction.hides_tensor(name) else value for name, value in given.items()}
    return mark(given) if any(map(redaction.hides_tensor, names)) else given


def _whole(spec: TensorSpec, redaction: Redaction, content: bytes, most: int) -> dict[str, Any]:
    found: dict[str, Any] = {"name": spec.name, "shape": list(spec.shape), "datatype": spec.datatype}
    return _with_bytes(found, redaction.hides_tensor(spec.name), content, most)


def _document(
    specs: Sequence[TensorSpec], redaction: Redaction, body: bytes, length: int | None, most: int, field: str
) -> Any:
    content = body if length is None else body[:length]
    if len(content) > most:
        return None
    known = {spec.name: spec for spec in specs}
    offset, kept = len(content), []
    for tensor in orjson.loads(content)[field]:
        spec = known[tensor["name"]]
        found: dict[str, Any] = {"name": spec.name, "shape": tensor["shape"], "datatype": tensor["datatype"]}
        size = _size(tensor)
        binary, offset = body[offset : offset + size], offset + size
        hidden = redaction.hides_tensor(spec.name)
        if spec.kind != TENSOR and size:
            found |= {"bytes": size}  # of its elements, one behind the other
        elif "data" in tensor:
            found |= {"redacted": WHOLE} if hidden else {"data": tensor["data"]}
        else:
            found = _with_bytes(found, hidden, binary, most)
        kept.append(found)
    return {field: kept}


def _with_bytes(found: dict[str, Any], hidden: bool, content: bytes, most: int) -> dict[str, Any]:
    if hidden:
        return found | {"redacted": WHOLE}
    if len(content) > most:
        return found | {"bytes": len(content)}
    return found | {"b64": b2a_base64(content, newline=False).decode()}


def _size(tensor: Mapping[str, Any]) -> int:
    """Bytes behind the JSON that belong to a tensor, or to the elements of a sequence."""
    own = (tensor.get("parameters") or {}).get("binary_data_size")
    if own is not None:
        return int(own)
    data = tensor.get("data")
    return sum(map(_size, data)) if type(data) is list and data and all(type(each) is dict for each in data) else 0
