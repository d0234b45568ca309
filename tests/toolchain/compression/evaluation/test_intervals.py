"""The bootstrap, and the gate that looks at its bad end."""

from functools import partial

import numpy as np
import pytest

from functions.packaging.gate import Gate
from tests.toolchain.compression.evaluation.test_metrics import answers, case, classes
from toolchain.compression.evaluation import gates
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.errors import Unmeasurable
from toolchain.compression.evaluation.gates import Terms
from toolchain.compression.evaluation.intervals import DRAWS, interval, mean, weights


def test_every_draw_has_as_many_rows_and_the_same_seed_the_same_draws() -> None:
    drawn = np.concatenate(list(weights(30, seed=1)))
    assert drawn.shape == (DRAWS, 30)
    assert (drawn.sum(axis=1) == 30).all()
    assert (drawn == np.concatenate(list(weights(30, seed=1)))).all()
    assert (drawn != np.concatenate(list(weights(30, seed=2)))).any()


def test_the_interval_of_a_mean_is_about_two_standard_errors_to_each_side() -> None:
    values = np.random.default_rng(0).normal(size=400)
    found = interval(partial(mean, values=values), 400, seed=0)
    error = values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.02
    )


def test_a_figure_that_no_draw_has_has_no_interval() -> None:
    found = interval(lambda block: np.full(len(block), np.nan), 5, seed=0)
    assert np.isnan(found).all()


def pair(wrong: int, rows: int = 1000) -> Case:
    """Of so many rows, all right before and some wrong after."""
    right = np.arange(rows) % 3
    after = np.where(np.arange(rows) < wrong, (right + 1) % 3, right)
    return case("classes", classes(after.tolist()), right, classes(right.tolist()))


AGREED = Terms("accuracy", 0.005, 0.98, None, None)


def test_a_drop_within_the_limit_is_refused_where_its_interval_is_not() -> None:
    quality = gates.judge(pair(wrong=4), AGREED, size=10, seed=0)
    assert (quality.score, quality.drop, quality.agreement) == pytest.approx((0.996, 0.004, 0.996))
    assert quality.drop_high > 0.005
    assert quality.refused.startswith("accuracy drops by 0.004, by up to 0.008 in 95 % of draws of 1000 rows; 0.005")


def test_the_same_drop_on_more_rows_passes() -> None:
    quality = gates.judge(pair(wrong=40, rows=20_000), AGREED, size=10, seed=0)
    assert quality.passes
    assert quality.drop == pytest.approx(0.002)
    assert 0.002 < quality.drop_high < 0.005


def test_answers_that_become_right_are_no_drop_but_must_still_agree() -> None:
    before = pair(wrong=50)
    better = before._replace(answers=before.original, original=before.answers)
    quality = gates.judge(better, AGREED, size=10, seed=0)
    assert quality.drop == pytest.approx(-0.05)
    assert quality.refused.startswith("the agreement is 0.95, down to 0.9")


def test_a_file_that_is_too_large_is_refused() -> None:
    quality = gates.judge(pair(0), AGREED._replace(max_bytes=9), size=10, seed=0)
    assert quality.refused == "the file has 10 bytes; 9 may be"


def test_nan_refuses_a_model_whatever_its_score() -> None:
    found = pair(0)
    quality = gates.judge(found._replace(answers=found.answers._replace(broken=6)), AGREED, size=1, seed=0)
    assert quality.refused == "it answers NaN to row 7"


def test_answers_of_another_shape_or_infinity_are_refused() -> None:
    right = answers("numbers", np.zeros((2, 0)), [[1, 2], [3, 4]])
    found = case("numbers", answers("numbers", np.zeros((2, 0)), [[1], [3]]), None, right)
    agreed = Terms("agreement", 0.02, 0.98, None, None)
    refused = gates.judge(found, agreed, size=1, seed=0).refused
    assert refused == "its answers have the shape [2, 1], those of the original [2, 2]"
    found = case("numbers", answers("numbers", np.zeros((2, 0)), [[1, 2], [np.inf, 4]]), None, right)
    refused = gates.judge(found, agreed, size=1, seed=0).refused
    assert refused == "it answers infinity to row 2, or not where the original does"


@pytest.mark.parametrize(
    ("gate", "labelled", "expected"),
    [
        (Gate(), True, Terms("accuracy", 0.005, 0.98, None, None)),
        (Gate("macro_f1", 0.01, 0.9, 5, 2.0), True, Terms("macro_f1", 0.01, 0.9, 5, 2.0)),
        (Gate(), False, Terms("agreement", pytest.approx(0.02), 0.98, None, None)),  # type: ignore[arg-type]
        (Gate(max_drop=0.01), False, Terms("agreement", 0.01, 0.98, None, None)),
    ],
)
def test_what_is_left_open_is_completed(gate: Gate, labelled: bool, expected: Terms) -> None:
    found = pair(0)
    assert gates.terms(gate, found if labelled else found._replace(truth=None)) == expected


@pytest.mark.parametrize(
    ("metric", "labelled", "message"),
    [
        (
            "r2",
            True,
            r"Expected one of accuracy, macro_f1, auc, ece, agreement, which .* - got 'r2' - at `compress\.metric`",
        ),
        ("accuracy", False, "Expected one of agreement, which is what can be measured of this model without labels"),
    ],
)
def test_a_metric_of_another_kind_is_refused(metric: str, labelled: bool, message: str) -> None:
    found = pair(0)
    with pytest.raises(Unmeasurable, match=message):
        gates.terms(Gate(metric), found if labelled else found._replace(truth=None))
