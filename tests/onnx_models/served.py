"""The code that ships: a model built into a package, and requests to it in JSON and in bytes."""

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import orjson

from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from functions.predict import inference
from functions.predict.exchange import HEADER_LENGTH, Request
from tests.onnx_models.cases import Case

DTYPES: dict[str, Any] = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
    "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BYTES": np.object_,
    "BF16": ml_dtypes.bfloat16, "FP8E4M3FN": ml_dtypes.float8_e4m3fn, "FP8E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "FP8E5M2": ml_dtypes.float8_e5m2, "FP8E5M2FNUZ": ml_dtypes.float8_e5m2fnuz, "FP8E8M0": ml_dtypes.float8_e8m0fnu,
    "FP4E2M1": ml_dtypes.float4_e2m1fn, "INT4": ml_dtypes.int4, "UINT4": ml_dtypes.uint4,
    "INT2": ml_dtypes.int2, "UINT2": ml_dtypes.uint2,
}  # fmt: skip
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
SMALL = ("int4", "uint4", "int2", "uint2")
BINARY_ONLY = ("BF16", "FP8", "FP4")


def load(case: Case, folder: Path) -> Predictor:
    """The case's model, as a package that a function loads."""
    source = folder / "models" / "case"
    source.mkdir(parents=True)
    (source / "model.onnx").write_bytes(case.model)
    (source / "model.toml").write_text('name = "case"\n')
    return Predictor(build(source, folder / "packages"), Settings())


def names(case: Case, predictor: Predictor) -> list[str]:
    """The inputs in the order of the case's values."""
    known = {spec.name for spec in predictor.manifest.inputs + predictor.manifest.optional}
    return [node.name for node in onnx.ModelProto.FromString(case.model).graph.input if node.name in known]


def answer(predictor: Predictor, inputs: Sequence[str], takes: Sequence[Any], *, binary: bool) -> list[Any]:
    """What the inference lane answers to a request with these values of the inputs."""
    tails: list[bytes] = []
    pairs = zip(inputs, takes, strict=False)
    tensors = [_written(name, value, binary, tails) for name, value in pairs if value is not None]
    document = orjson.dumps({"inputs": tensors, "parameters": {"binary_data_output": binary}})
    headers = {HEADER_LENGTH: str(len(document))}
    request = Request("POST", "/", headers, document + b"".join(tails), "")
    asked = inference.read(predictor.manifest, request)
    values = predictor.infer(asked.feeds, [output.spec.name for output in asked.outputs])
    response = inference.write(predictor, asked, values)
    length = int(response.headers.get(HEADER_LENGTH, len(response.body)))
    tail = memoryview(response.body)[length:]
    outputs = orjson.loads(response.body[:length])["outputs"]
    results = []
    for output in outputs:
        reader = Reader(tail, output["datatype"])
        results.append(reader.value(output))
        tail = reader.tail
    assert not tail
    return results


def has_json(values: Sequence[Any]) -> bool:
    """Whether JSON carries these values without loss."""
    return all(_has_json(value) for value in values)


def _has_json(value: Any) -> bool:
    if isinstance(value, list):
        return has_json(value)
    if isinstance(value, dict):
        return all(not isinstance(item, float) or math.isfinite(item) for item in value.values())
    if value is None:
        return True
    name = NAMES[np.dtype(object) if value.dtype.kind in "US" else value.dtype]
    return not name.startswith(BINARY_ONLY) and not (name.startswith("FP") and not np.isfinite(value).all())


def _written(name: str, value: Any, binary: bool, tails: list[bytes]) -> dict[str, Any]:
    if isinstance(value, list):
        elements = [_written("", item, binary, tails) for item in value]
        datatype = elements[0]["datatype"] if elements else "FP32"
        return {"name": name, "shape": [len(value)], "datatype": datatype, "data": elements}
    array = value.astype(object) if value.dtype.kind in "US" else value
    datatype = NAMES[array.dtype]
    tensor: dict[str, Any] = {"name": name, "shape": list(array.shape), "datatype": datatype}
    if binary:
        tails.append(_bytes(array))
        return tensor | {"parameters": {"binary_data_size": len(tails[-1])}}
    plain = array.astype(np.float64) if datatype == "FP16" else array
    plain = plain.astype(np.int8) if array.dtype.name in SMALL else plain
    data = [item.decode() if isinstance(item, bytes) else item for item in plain.reshape(-1).tolist()]
    return tensor | {"data": data}


def _bytes(array: Any) -> bytes:
    if array.dtype.name in SMALL:
        array = array.astype(np.int8)
    if array.dtype != object:
        return bytes(np.ascontiguousarray(array).tobytes())
    texts = [item if isinstance(item, bytes) else str(item).encode() for item in array.reshape(-1)]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


class Reader:
    """Reads outputs of a datatype; the bytes of the binary ones come off the front of `tail`."""

    def __init__(self, tail: memoryview, datatype: str) -> None:
        self.tail = tail
        self.dtype = np.dtype(DTYPES[datatype])

    def value(self, output: dict[str, Any]) -> Any:
        """The value of an output, or of an element of a sequence."""
        parameters = output.get("parameters", {})
        kind = parameters.get("content_type", "tensor")
        if kind == "none":
            return None
        if kind == "sequence":
            return [self.value(element) for element in output["data"]]
        if kind == "map":
            return output["data"] if output["shape"] else output["data"][0]
        if "binary_data_size" in parameters:
            size = parameters["binary_data_size"]
            content, self.tail = bytes(self.tail[:size]), self.tail[size:]
            return self._array(content).reshape(output["shape"])
        return np.array(output["data"], self.dtype).reshape(output["shape"])

    def _array(self, content: bytes) -> Any:
        if self.dtype.name in SMALL:
            return np.frombuffer(content, np.int8).astype(self.dtype)
        if self.dtype != object:
            return np.frombuffer(content, self.dtype)
        texts = []
        while content:
            (length,) = struct.unpack_from("<I", content)
            texts.append(content[4 : 4 + length].decode())
            content = content[4 + length :]
        return np.array(texts, object)
