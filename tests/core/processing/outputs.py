"""Packages whose output is their input, and what a client gets of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from jsonschema import Draft202012Validator
from onnx import ModelProto, TensorProto, helper

from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs


def passing(*shape: int | str, element: int = TensorProto.FLOAT) -> ModelProto:
    """y = x, of that shape."""
    tensor = (element, list(shape))
    return graphs.model([helper.make_node("Identity", ["x"], ["y"])], {"x": tensor}, {"y": tensor})


def loaded(tmp_path: Path, graph: ModelProto, postprocess: str, files: Mapping[str, bytes] | None = None) -> Predictor:
    """The graph as a package whose `[postprocess]`, after the tensor's name, is that."""
    folder = graphs.source(tmp_path, "passing", graph, f'[postprocess]\ntensor = "y"\n{postprocess}')
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content)
    return Predictor(build(folder, tmp_path / "out"), Settings())


def answers(predictor: Predictor, rows: Any, parameters: Mapping[str, Any] | None = None) -> Any:
    """The predictions for such outputs as a client reads them; they fit their schema."""
    postprocess: Any = predictor.postprocess
    if parameters is not None:
        postprocess = postprocess.adjusted(parameters, "parameters")
    rows = rows if isinstance(rows, np.ndarray) else np.array(rows, np.float32)
    values = predictor.infer({"x": rows}, postprocess.outputs)
    read = orjson.loads(orjson.dumps(postprocess.decode(values), option=orjson.OPT_SERIALIZE_NUMPY))
    schema = postprocess.schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator({"type": "array", "items": schema}).validate(read)
    return read
