"""The same rows, asked of both models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from functions.core.predictor import Predictor
from functions.core.tensors import Array
from functions.packaging.build import build
from tests.core import graphs
from toolchain.importing import answers
from toolchain.importing.contract import Imported, Samples
from toolchain.importing.errors import InvalidSamples

OPEN = (TensorProto.FLOAT, ["n", "length"])


def asked(tmp_path: Path, lengths: list[int]) -> answers.Heard:
    """Both halves of a row, of a model that takes rows of any length, 8 at a time."""
    model = graphs.model([helper.make_node("Add", ["x", "x"], ["y"])], {"x": OPEN}, {"y": OPEN})

    def answer(both: Any) -> dict[str, Array]:
        return {"y": both.feeds["x"] * 2}

    predictor = Predictor(build(graphs.source(tmp_path, "double", model), tmp_path / "packages"), answers.SETTINGS)
    rows = [[float(length)] * length for length in lengths]
    given = Samples(rows, None, [f"rows.jsonl:{line}" for line in range(1, len(rows) + 1)], ())
    return answers.ask(predictor, Imported(model, answer, "a test"), given)


def test_both_answer_every_row_of_all_batches(tmp_path: Path) -> None:
    heard = asked(tmp_path, [3] * 19)
    np.testing.assert_array_equal(heard.original["y"], heard.converted["y"])
    np.testing.assert_array_equal(heard.converted["y"], np.full((19, 3), 6.0))


def test_answers_of_several_shapes_are_refused_with_the_rows(tmp_path: Path) -> None:
    with pytest.raises(InvalidSamples, match=r"rows of one length have - got .* - at rows\.jsonl:1 to rows\.jsonl:16"):
        asked(tmp_path, [3] * 8 + [4] * 8)
