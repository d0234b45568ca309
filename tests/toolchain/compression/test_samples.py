"""Recipes on the sample models: what comes of them is packed, loads as it ships, and answers nearly the same."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from functions.core.session import Session
from functions.packaging import source
from functions.packaging.build import assemble
from tests.conftest import ROOT
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.recipe import apply, parse
from toolchain.compression.sensitivity import compare

SAMPLES = ROOT / "model_artifacts"
DYNAMIC = {"rows": 2, "tokens": 7, "steps": 7}
RECIPES = {
    "chinese-classics": [
        "merge | smooth-int8(keep=2) | correct-bias | embeddings | compact",
        "static-int8",
        "half",
        "prune-heads | merge | dynamic-int8 | embeddings",
    ],
    "support-answers": ["dynamic-int8 | embeddings", "embeddings(bits=4)", "static-int8 | deduplicate | compact"],
    "digits-cnn": ["static-int8 | correct-bias | deduplicate | compact", "half", "weight-only", "fold(level=extended)"],
    "flower-photo": [
        "prune-neurons(share=0.125) | static-int8",
        "static-int8(method=percentile) | deduplicate | compact",
        'dynamic-int8(operators=["Conv"])',
    ],
    "steering-control": ["dynamic-int8", "static-int8", "weight-only(bits=4, block=16)", "smooth-int8(keep=1)"],
    "next-books": ["smooth-int8 | compact", "fold | dynamic-int8 | embeddings"],
    "trip-mode": ["smooth-int8 | correct-bias", "static-int8(method=percentile)", "prune-heads | compact"],
    "breast-cancer": ["fold(level=extended)", "compact-trees | compact"],
    "credit-risk": ["fold", "compact-trees", "prune-trees(share=0.3)"],
    "iris-svm": ["fold | compact"],
    "linear-regression": ["fold"],
}
WEIGHTED = ("merge", "smooth", "half", "dynamic-int8", "static-int8", "weight-only", "embeddings", "smooth-int8")


def calibration(model: onnx.ModelProto, count: int = 8) -> Calibration:
    """Made-up requests: tokens from the whole vocabulary, positive features, masks of ones."""
    random = np.random.default_rng(1)

    def values(value: onnx.ValueInfoProto) -> NDArray[Any]:
        dims = value.type.tensor_type.shape.dim
        shape = [entry.dim_value or DYNAMIC.get(entry.dim_param, 2) for entry in dims]
        whole = value.type.tensor_type.elem_type == onnx.TensorProto.INT64
        if "mask" in value.name:
            return np.ones(shape, np.int64 if whole else np.float32)
        if whole:
            return random.integers(0, 2 if "type" in value.name else 400, shape)
        return np.abs(random.normal(size=shape)).astype(np.float32)

    return Calibration([{value.name: values(value) for value in model.graph.input} for _ in range(count)])


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in RECIPES.items() for text in texts])
def test_a_compressed_sample_ships_and_answers_nearly_the_same(name: str, text: str, tmp_path: Path) -> None:
    original = SAMPLES / name / "model.onnx"
    graph = Graph.of(original.read_bytes())
    requests = calibration(graph.model)
    outcome = apply(parse(text), original.read_bytes(), requests)
    onnx.checker.check_model(outcome.model)
    shutil.copytree(SAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("compressed.*", "report.*"))
    (tmp_path / name / "model.onnx").write_bytes(outcome.model)
    (tmp_path / "draft").mkdir()
    package = assemble(source.read(tmp_path / name), tmp_path / "draft")
    session = Session(package, threads=1, deadline=10)
    got = [session.run(feed, graph.outputs[:1])[0] for feed in requests.feeds]
    right = [values[graph.outputs[0]] for values in requests.activations(graph, graph.outputs[:1])]
    # All rows as one: of a single number, a row's cosine is but its sign.
    pairs = [[np.concatenate([answer.reshape(1, -1) for answer in side], axis=1)] for side in (got, right)]
    assert compare(*pairs)[0] > 0.995


@pytest.mark.parametrize("name", ["breast-cancer", "credit-risk", "iris-svm", "linear-regression"])
@pytest.mark.parametrize("step", WEIGHTED)
def test_models_of_scikit_learn_without_matrices_are_refused_with_a_reason(name: str, step: str) -> None:
    content = (SAMPLES / name / "model.onnx").read_bytes()
    with pytest.raises(NotApplicable) as caught:
        apply(parse(step), content, calibration(onnx.load_model_from_string(content)))
    assert caught.value.step == step
    assert caught.value.reason.startswith(("no ", "it needs opset"))
