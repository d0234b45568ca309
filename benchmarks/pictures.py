"""A model that takes a picture-sized tensor and does next to nothing with it: what is timed is the way there."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

SHAPE = (1, 3, 224, 224)
MODEL_TOML = """name = "picture-mean"
title = "Mean of each channel"

[preprocess]
kind = "rows"
"""


def write_picture_model(folder: Path) -> Path:
    """Write the package's source folder under `folder`."""
    source = folder / "picture-mean"
    source.mkdir()
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", *SHAPE[1:]])
    mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["rows", 3])
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["mean"]),
    ]
    graph = helper.make_graph(nodes, "picture-mean", [image], [mean])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, source / "model.onnx")
    (source / "model.toml").write_text(MODEL_TOML)
    return source


def picture() -> NDArray[np.float32]:
    """Noise in the shape of a picture, the same each time."""
    return np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
