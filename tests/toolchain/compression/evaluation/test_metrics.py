"""Metrics against values computed by hand, or by their definitions written out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain.compression.evaluation import likeness
from toolchain.compression.evaluation.answers import Answers, Kind
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.metrics import METRICS, default
from toolchain.compression.evaluation.scoring import area


def answers(kind: Kind, choices: Any, scores: Any) -> Answers:
    return Answers(kind, np.asarray(choices, np.int64), np.asarray(scores, np.float64))


def case(kind: Kind, got: Answers, truth: Any = None, original: Answers | None = None, targets: int = 3) -> Case:
    right = None if truth is None else np.asarray(truth)
    names = tuple("abcdefgh"[:targets])
    return Case(got, original or got, right, names, probabilities=kind in ("classes", "labels"))


def value(name: str, found: Case, weights: Sequence[float] | None = None) -> float:
    drawn = np.ones((1, found.rows)) if weights is None else np.asarray([weights], np.float64)
    return float(METRICS[name].of(found)(drawn)[0])


def classes(choices: Sequence[int], scores: Any = None) -> Answers:
    return answers("classes", choices, np.zeros((len(choices), 3)) if scores is None else scores)


def test_accuracy_is_the_share_of_right_rows() -> None:
    found = case("classes", classes([0, 1, 2, -1]), [0, 1, 1, 2])
    assert value("accuracy", found) == 0.5
    assert value("accuracy", found, [3, 0, 1, 0]) == 0.75


def test_accuracy_of_several_labels_asks_for_all_of_them() -> None:
    found = case("labels", answers("labels", [[1, 0, 0], [1, 1, 0]], np.zeros((2, 3))), [[1, 0, 0], [1, 0, 0]])
    assert value("accuracy", found) == 0.5


def test_macro_f1_is_the_mean_of_the_classes_that_rows_are_of() -> None:
    # a: 2 hits of 2 said and 3 true, 4/5; b: 1 of 3 said and 1 true, 1/2; c is only said.
    found = case("classes", classes([0, 0, 1, 1, 2, 1]), [0, 0, 0, 1, 1, 1])
    # a: 2 * 2 / (2 + 3); b: 2 * 2 / (3 + 3)
    assert value("macro_f1", found) == pytest.approx((4 / 5 + 4 / 6) / 2)


def test_macro_f1_of_several_labels_is_the_mean_of_theirs() -> None:
    said = [[1, 0, 0], [1, 1, 0], [0, 1, 0]]
    true = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert value("macro_f1", case("labels", answers("labels", said, np.zeros((3, 3))), true)) == pytest.approx(5 / 6)


def test_auc_of_two_classes_is_of_the_second() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    found = case("classes", classes([0, 0, 0, 1], np.stack([1 - scores, scores], 1)), [0, 0, 1, 1], targets=2)
    assert value("auc", found) == 0.75


def test_auc_of_more_classes_is_the_mean_against_the_rest() -> None:
    scores = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4], [0.4, 0.5, 0.1]]
    # a: 1 above three others, and 0.4 above two of the three; b and c by counting pairs
    found = case("classes", classes([0, 1, 2, 1], scores), [0, 1, 2, 0])
    a = ((0.8 > 0.2) + (0.8 > 0.3) + (0.4 > 0.2) + (0.4 > 0.3)) / 4
    b = ((0.7 > 0.1) + (0.7 > 0.3) + (0.7 > 0.5)) / 3
    assert value("auc", found) == pytest.approx((a + b + 1) / 3)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=20))
def test_the_area_counts_pairs_as_often_as_rows_were_drawn(rows: list[tuple[int, bool, int]]) -> None:
    scores, positive, weights = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    won = pairs = 0.0
    for score, is_positive, weight in rows:
        for other, other_positive, times in rows:
            if is_positive and not other_positive:
                won += weight * times * (1.0 if score > other else 0.5 if score == other else 0.0)
                pairs += weight * times
    found = float(area(scores, positive)(weights[None])[0])
    assert np.isnan(found) if not pairs else found == pytest.approx(won / pairs)


def test_the_calibration_error_weighs_the_gap_of_each_bin() -> None:
    # Two rows at 0.9, one right: a gap of 0.4 for half of the rows; two at 0.6, both right: 0.4 for the other half.
    scores = [[0.9, 0.1, 0], [0.9, 0.1, 0], [0.6, 0.4, 0], [0.6, 0.4, 0]]
    found = case("classes", classes([0, 0, 0, 0], scores), [0, 1, 0, 0])
    assert value("ece", found) == pytest.approx(0.4)


def test_errors_of_numbers() -> None:
    found = case("numbers", answers("numbers", np.zeros((4, 0)), [[1], [2], [3], [5]]), [[1.0], [2.0], [4.0], [7.0]])
    assert value("rmse", found) == pytest.approx(np.sqrt(5 / 4))
    assert value("mae", found) == pytest.approx(0.75)
    assert value("r2", found) == pytest.approx(1 - 5 / 21)
    assert value("mae", found, [0, 0, 0, 2]) == pytest.approx(2)


def test_r2_of_several_numbers_leaves_out_one_that_is_always_the_same() -> None:
    found = case("numbers", answers("numbers", np.zeros((2, 0)), [[1, 5], [2, 6]]), [[1.0, 5.0], [3.0, 5.0]])
    assert value("r2", found) == pytest.approx(0.5)


def test_ranking_metrics_look_at_the_items_that_are_given() -> None:
    given = answers("items", [[0, 1, 2], [3, 4, 5]], np.zeros((2, 0)))
    found = case("items", given, [[1, 2], [7, -1]], targets=8)
    gain, ideal = 1 / np.log2(3) + 1 / np.log2(4), 1 + 1 / np.log2(3)
    assert value("ndcg", found) == pytest.approx(gain / ideal / 2)
    assert value("recall", found) == 0.5


def test_a_ranking_that_gives_fewer_items_than_are_right_can_still_be_perfect() -> None:
    found = case("items", answers("items", [[2, 0]], np.zeros((1, 0))), [[0, 1, 2]], targets=8)
    assert value("ndcg", found) == pytest.approx(1)
    assert value("recall", found) == pytest.approx(2 / 3)


def test_agreement_of_choices_is_the_share_of_the_same() -> None:
    assert value("agreement", case("classes", classes([0, 1, 2, -1]), None, classes([0, 1, 1, -1]))) == 0.75
    got, right = (answers("labels", rows, np.zeros((2, 3))) for rows in ([[1, 0], [1, 1]], [[1, 0], [0, 1]]))
    assert value("agreement", case("labels", got, None, right)) == 0.5


def test_agreement_of_rankings_is_the_share_of_items_that_are_still_given() -> None:
    got = answers("items", [[0, 1, 2], [5, 4, -1]], np.zeros((2, 0)))
    right = answers("items", [[2, 1, 3], [4, 5, -1]], np.zeros((2, 0)))
    assert value("agreement", case("items", got, None, right, 8)) == pytest.approx((2 / 3 + 1) / 2)


def test_agreement_of_vectors_is_the_share_with_the_same_nearest_row() -> None:
    right = answers("vectors", np.zeros((3, 0)), [[1, 0], [1, 0.1], [0, 1]])
    got = answers("vectors", np.zeros((3, 0)), [[1, 0], [0.2, 1], [0, 1]])
    # nearest of the original: 1, 0, 1; of the other one: 1, 2, 1
    assert value("agreement", case("vectors", got, None, right)) == pytest.approx(2 / 3)


def test_agreement_of_numbers_is_what_the_relative_error_leaves() -> None:
    right = answers("numbers", np.zeros((3, 0)), [[100], [103], [97]])
    got = answers("numbers", np.zeros((3, 0)), [[100], [103], [97.6]])
    assert value("agreement", case("numbers", got, None, right)) == pytest.approx(1 - 0.6 / np.sqrt(18))


def test_the_same_infinity_is_no_difference_and_another_one_is_all() -> None:
    right = answers("numbers", np.zeros((2, 0)), [[-np.inf, 1], [2, 3]])
    assert value("agreement", case("numbers", right, None, right)) == 1
    got = answers("numbers", np.zeros((2, 0)), [[np.inf, 1], [2, 3]])
    assert value("agreement", case("numbers", got, None, right)) == 0


def test_cosines_of_vectors() -> None:
    right = answers("vectors", np.zeros((3, 0)), [[1, 0], [3, 4], [0, 0]])
    got = answers("vectors", np.zeros((3, 0)), [[1, 1], [6, 8], [0, 0]])
    found = case("vectors", got, None, right)
    assert likeness.cosines(found) == pytest.approx([np.sqrt(0.5), 1, 1])
    assert value("cosine", found, [1, 1, 0]) == pytest.approx((np.sqrt(0.5) + 1) / 2)


def test_the_rank_correlation_is_of_the_similarities_of_pairs() -> None:
    random = np.random.default_rng(0)
    right = answers("vectors", np.zeros((6, 0)), random.normal(size=(6, 3)))
    same = case("vectors", right._replace(scores=right.scores * 7), None, right)
    assert likeness.rank_correlation(same) == pytest.approx(1)
    got = answers("vectors", np.zeros((6, 0)), random.normal(size=(6, 3)))

    def ranks(scores: Any) -> Any:
        unit = scores / np.linalg.norm(scores, axis=1, keepdims=True)
        pairs = [float(unit[a] @ unit[b]) for a in range(6) for b in range(a + 1, 6)]
        return [sorted(pairs).index(each) for each in pairs]

    expected = np.corrcoef(ranks(got.scores), ranks(right.scores))[0, 1]
    assert likeness.rank_correlation(case("vectors", got, None, right)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "truth", "name"),
    [
        ("classes", [0, 1], "accuracy"),
        ("labels", [[0, 1], [1, 0]], "macro_f1"),
        ("items", [[0], [1]], "ndcg"),
        ("numbers", [[0.0], [1.0]], "r2"),
        ("classes", None, "agreement"),
        ("numbers", None, "agreement"),
        ("vectors", None, "cosine"),
    ],
)
def test_what_a_kind_is_judged_by_unless_told(kind: Kind, truth: Any, name: str) -> None:
    assert default(case(kind, answers(kind, np.zeros((2, 1)), np.zeros((2, 1))), truth)) == name
