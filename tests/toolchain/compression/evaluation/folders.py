"""Folders of small models with rows to judge them by."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from functions.packaging import source
from functions.packaging.source import Source
from tests.core import graphs
from tests.toolchain.compression.networks import drawn, network, perceptron
from toolchain.compression.calibration import load

CLASSES = """[postprocess]
kind = "classification"
tensor = "y"
labels = ["a", "b", "c", "d"]
activation = "softmax"
"""
LABELS = ("a", "b", "c", "d")
GATE = """[compress]
max_drop = 0.05
agreement = 0.9
"""


def instances(count: int, width: int = 32, seed: int = 3) -> list[list[float]]:
    """Rows of normal numbers."""
    rows: list[list[float]] = np.random.default_rng(seed).normal(size=(count, width)).round(3).tolist()
    return rows


def write(path: Path, rows: Sequence[Any], labels: Sequence[Any] | None = None) -> None:
    """A file of rows."""
    lines = [{"instance": row} if labels is None else {"instance": row, "label": label}
             for row, label in zip(rows, labels or [None] * len(rows), strict=True)]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def classifier(tmp_path: Path, rows: int = 120, toml: str = CLASSES + GATE, *, labelled: bool = True) -> Path:
    """A perceptron of four classes, which is right for nine rows of ten."""
    model = perceptron()
    folder = graphs.source(tmp_path, "net", model, toml)
    asked = instances(rows)
    scores = load(model).run(None, {"x": np.array(asked, np.float32)})[0]
    best, second = np.argsort(-scores, axis=1)[:, :2].T
    labels = [LABELS[second[index] if index % 10 == 0 else best[index]] for index in range(rows)]
    write(folder / "evaluation.jsonl", asked, labels if labelled else None)
    write(folder / "calibration.jsonl", instances(16, seed=4))
    answers = softmaxed(scores[:2])
    predictions = [
        {"label": LABELS[int(row.argmax())], "probabilities": dict(zip(LABELS, row.tolist(), strict=True))}
        for row in answers
    ]
    case = {"name": "two", "request": {"instances": asked[:2]}, "response": {"predictions": predictions}}
    (folder / "golden.json").write_text(json.dumps({"tolerance": 1e-5, "cases": [case]}))
    return folder


def regressor(tmp_path: Path, toml: str = '[postprocess]\nkind = "regression"\ntensor = "y"\n') -> Path:
    """y = x @ w, labelled with small errors."""
    weight = drawn(8, 1, seed=1)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="layer")
    sides = {"x": (TensorProto.FLOAT, ["n", 8])}, {"y": (TensorProto.FLOAT, ["n", 1])}
    folder = graphs.source(tmp_path, "line", network([node], *sides, {"w": weight}), toml)
    asked = instances(60, 8)
    right = np.array(asked) @ weight[:, 0] + drawn(60, seed=5, scale=0.1)
    write(folder / "evaluation.jsonl", asked, right.round(4).tolist())
    return folder


def changed(folder: Path, name: str, change: Any) -> bytes:
    """The model with one initializer changed by a function of its values."""
    model = onnx.load(folder / "model.onnx")
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    tensor.CopyFrom(onnx.numpy_helper.from_array(change(onnx.numpy_helper.to_array(tensor).copy()), name))
    content: bytes = model.SerializeToString()
    return content


def read(folder: Path) -> Source:
    """The folder as packaging reads it."""
    return source.read(folder)


def softmaxed(scores: Any) -> Any:
    """Probabilities of each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
