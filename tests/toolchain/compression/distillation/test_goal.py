"""What distillation is for: a sample's trees in a tenth of their bytes, that rank and decide as well to within a point.

`python -m benchmarks.distillation` asks the same of four teachers, with the true answers of rows that nobody saw.
"""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from functions.core.session import Session
from functions.packaging import source
from functions.packaging.build import assemble
from tests.conftest import ROOT
from toolchain.compression.calibration import Calibration, load
from toolchain.compression.distillation.proposals import proposals
from toolchain.compression.evaluation.scoring import area
from toolchain.compression.graph import Graph
from toolchain.compression.recipe import apply, parse

SAMPLES = ROOT / "model_artifacts"
ROWS = 300


def applications(count: int, seed: int) -> NDArray[np.float32]:
    """Loan applications, (rows, 10): each feature of credit-risk by itself, spread as its model.toml says."""
    random = np.random.default_rng(seed)
    income, amount, savings = (
        np.exp(random.normal(np.log(typical), spread, count)).round(-2)
        for typical, spread in ((32_000, 0.5), (9_600, 0.7), (5_300, 1.4))
    )
    debts, used = random.gamma(2, 250, count).round(-1), random.beta(1.2, 2, count).round(2) * 98
    term = random.choice([12, 24, 36, 48, 60, 72, 84], count)
    employment, history = random.geometric(0.18, count) - 1, random.gamma(2, 5, count).round()
    missed, enquiries = random.poisson(0.4, count), random.poisson(0.9, count)
    table = (income, amount, term, debts, employment, history, missed, used, enquiries, savings)
    return np.stack(table, axis=1).astype(np.float32)


def probabilities(model: bytes, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = load(onnx.load_model_from_string(model)).run(None, {"features": rows})[0][:, 1]
    return found


def auc(right: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    return float(area(scores.astype(np.float64), right.astype(np.float64))(np.ones((1, len(right))))[0])


def test_boosted_trees_become_a_network_ten_times_smaller_within_a_point() -> None:
    """Of AUC and of accuracy at the sample's threshold; whether a loan defaults is drawn as the teacher has it."""
    teacher = (SAMPLES / "credit-risk" / "model.onnx").read_bytes()
    requests = Calibration([{"features": row[None]} for row in applications(ROWS, 1)])
    student = apply(parse("distill(hidden=16, made=10000) | compact"), teacher, requests).model
    assert len(teacher) / len(student) >= 10
    rows = applications(20_000, 2)
    before, after = (probabilities(model, rows) for model in (teacher, student))
    right = np.random.default_rng(3).random(len(rows)) < before
    assert auc(right, after) > auc(right, before) - 0.01
    assert ((before >= 0.1) == right).mean() - ((after >= 0.1) == right).mean() < 0.01


def test_a_student_is_packed_and_loads_as_it_ships(tmp_path: Path) -> None:
    teacher = (SAMPLES / "credit-risk" / "model.onnx").read_bytes()
    rows = applications(60, 1)
    requests = Calibration([{"features": row[None]} for row in rows])
    student = apply(parse("distill(hidden=8, epochs=1, made=100) | compact"), teacher, requests).model
    compression = shutil.ignore_patterns("compressed.*", "report.*")
    shutil.copytree(SAMPLES / "credit-risk", tmp_path / "credit-risk", ignore=compression)
    (tmp_path / "credit-risk" / "model.onnx").write_bytes(student)
    (tmp_path / "draft").mkdir()
    session = Session(assemble(source.read(tmp_path / "credit-risk"), tmp_path / "draft"), threads=1, deadline=10)
    got = session.run({"features": rows}, ["probabilities"])[0]
    np.testing.assert_allclose(got[:, 1], probabilities(student, rows), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("credit-risk", "distill(hidden=8, layers=1)"),
        ("digits-cnn", "distill(channels=4)"),
        ("linear-regression", "distill(hidden=8, layers=1)"),
        ("chinese-classics", None),
        ("trip-mode", None),
    ],
)
def test_students_are_proposed_where_they_can_be_and_would_be_small(name: str, first: str | None) -> None:
    found = proposals(Graph.of((SAMPLES / name / "model.onnx").read_bytes()))
    assert (found[0] if found else None) == first
    assert [str(parse(text)) for text in found] == found
