"""A large graph that uses none of its weights."""

from pathlib import Path

import numpy as np
from onnx import numpy_helper

from functions.packaging.build import build
from functions.packaging.graph import EXTERNAL_WEIGHTS_FROM
from tests.core import graphs


def test_weights_that_a_large_graph_does_not_use_get_no_file(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.graph.initializer.append(numpy_helper.from_array(np.ones(EXTERNAL_WEIGHTS_FROM, np.int8), "unused"))
    package = build(graphs.source(tmp_path, "plus", model), tmp_path / "out")
    assert list(package.manifest.files) == ["model.onnx"]
