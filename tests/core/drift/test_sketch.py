"""Sketches: counts over the bins of a reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.drift.reference import Feature
from functions.core.drift.sketch import Bins, Sketch

AGE = Feature("age", (10, 20, 10), edges=(20.0, 60.0), low=0.0, high=100.0)
COLOUR = Feature("colour", (20, 15, 3), missing=2, codes=(0, 2), categories=("red", "blue"), low=0.0, high=2.0)
BINS = Bins([AGE, COLOUR])
NAN = float("nan")
ROWS = st.lists(st.tuples(st.floats(-50, 150) | st.just(NAN), st.integers(-1, 5) | st.just(NAN)), max_size=30)


def sketch(rows: list[tuple[float, float]]) -> Sketch:
    return BINS.count(np.array(rows, np.float64).reshape(-1, 2))


def test_a_value_is_counted_in_its_bin_and_one_at_an_edge_in_the_bin_above() -> None:
    found = BINS.document(sketch([(19.9, 0), (20, 2), (60, 2), (61, 0)]))
    assert found["age"] == {"counts": [1, 1, 2], "missing": 0, "outside": 0}
    assert found["colour"] == {"counts": [2, 2, 0], "missing": 0, "outside": 0}


def test_what_is_missing_is_in_no_bin_and_what_is_out_of_range_is_in_the_outermost() -> None:
    found = BINS.document(sketch([(NAN, 1), (-3, NAN), (101, 7), (float("inf"), -1)]))
    assert found["age"] == {"counts": [1, 0, 2], "missing": 1, "outside": 3}
    # 1 is a category without a bin of its own, 7 and -1 are none at all.
    assert found["colour"] == {"counts": [0, 0, 3], "missing": 1, "outside": 2}


@given(ROWS, ROWS, ROWS)
def test_sketches_merge_in_any_order_to_the_sketch_of_all_rows(
    first: list[tuple[float, float]], second: list[tuple[float, float]], third: list[tuple[float, float]]
) -> None:
    one, two, three = map(sketch, (first, second, third))
    whole = BINS.document(sketch(first + second + third))
    assert BINS.document(one.merged(two).merged(three)) == whole
    assert BINS.document(one.merged(two.merged(three))) == whole
    assert BINS.document(three.merged(one).merged(two)) == whole
    assert BINS.document(one.merged(BINS.empty())) == BINS.document(one)


@given(ROWS)
def test_a_document_is_read_as_the_sketch_that_it_was_made_from(rows: list[tuple[float, float]]) -> None:
    found = sketch(rows)
    assert BINS.document(BINS.read(BINS.document(found))) == BINS.document(found)
    assert found.counts.sum() + found.missing.sum() == 2 * len(rows)


def test_a_document_of_other_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="age has 2 bins, not 3"):
        BINS.read({"age": {"counts": [1, 2], "missing": 0, "outside": 0}})


def test_the_figures_are_the_shares_of_the_rows() -> None:
    figures = BINS.figures(sketch([(30, 0)] * 70 + [(NAN, NAN)] * 20 + [(150, 2)] * 10))
    assert figures.rows.tolist() == [100, 100]
    assert figures.missing == pytest.approx([0.2, 0.2])
    assert figures.missing_more == pytest.approx([0.2, 0.15])  # of the colours 5 % are missing in the reference
    assert figures.outside == pytest.approx([0.1, 0])
    assert (figures.psi > 0).tolist() == [True, False]
