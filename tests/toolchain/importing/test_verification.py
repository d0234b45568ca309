"""The original's numbers and labels beside the converted graph's."""

import numpy as np
import pytest

from functions.core.tensors import Array
from toolchain.importing.verification import Compared, compare, differences, faults

NAN, INF = np.nan, np.inf
PLACES = ["a.csv:2", "a.csv:3", "a.csv:4"]


def compared(original: object, converted: object, *, classes: bool = False) -> Compared:
    first, second = (one if isinstance(one, np.ndarray) else np.array(one) for one in (original, converted))
    return compare("y", first, second, 1e-4, PLACES[: len(first)], classes=classes)


def test_small_differences_are_measured_and_no_fault() -> None:
    one = compared([[0.5], [1000.0]], [[0.50001], [1000.01]])
    assert (one.rows, one.beyond, one.fault) == (2, 0, "")
    assert one.absolute == pytest.approx(0.01)
    assert one.relative == pytest.approx(1e-5)


def test_a_difference_beyond_the_tolerance_is_a_fault_that_says_how_much_and_where() -> None:
    one = compared([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]], [[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]], classes=True)
    assert faults([one]) == [
        "`y` differs in 1 of 3 rows by up to 0.2 (0.2 relative), most at a.csv:3, `y[0]`: 0.9 originally, 0.7 converted"
    ]
    assert one.agreement == 1.0


def test_labels_agree_where_the_largest_number_is_the_same() -> None:
    assert compared([[0.4, 0.6], [0.6, 0.4]], [[0.6, 0.4], [0.6, 0.4]], classes=True).agreement == 0.5
    assert compared([[0.4], [0.6]], [[0.6], [0.6]], classes=True).agreement == 0.5


@pytest.mark.parametrize("labels", [np.array(["a", "b", "a"], object), np.array([1, 2, 1])])
def test_labels_must_be_the_same(labels: Array) -> None:
    assert compared(labels, labels.copy()).agreement == 1.0
    other = labels.copy()
    other[2] = labels[1]
    one = compared(labels, other)
    assert one.beyond == 1
    assert one.agreement == pytest.approx(2 / 3)
    had, got = (repr(one.tolist()[2]) for one in (labels, other))
    assert one.fault == f"`y` differs in 1 of 3 rows, most at a.csv:4: {had} originally, {got} converted"


@pytest.mark.parametrize(
    ("original", "converted", "relative"),
    [
        (NAN, NAN, 0.0),
        (INF, INF, 0.0),
        (INF, -INF, INF),
        (NAN, 1.0, INF),
        (1.0, NAN, INF),
        (0.0, INF, INF),
        (0.001, 0.002, 0.001),
        (100.0, 101.0, 0.01),
    ],
)
def test_what_is_no_number_is_the_same_only_where_both_say_so(
    original: float, converted: float, relative: float
) -> None:
    found, _ = differences(np.array([original]), np.array([converted]))
    assert found.tolist() == [pytest.approx(relative)]


def test_another_shape_is_a_fault() -> None:
    assert compared([[1.0], [2.0]], [[1.0, 2.0], [1.0, 2.0]]).fault == (
        "`y` is of shape [2, 1] originally, [2, 2] converted"
    )
