"""What is drafted of columns, samples and answers; made-up rows; and labels as the model writes them."""

import math

import numpy as np
import pytest

from functions.core.tensors import TensorSpec
from functions.packaging.graph import Signature
from tests.core import graphs
from toolchain.importing import drafting, generation, rows
from toolchain.importing.contract import Column, Imported, Samples
from toolchain.importing.errors import InvalidSamples

MODEL = graphs.plus(1)
COLUMNS = (
    Column("age", "age"),
    Column("rooms", "rooms", "whole", low=1, high=9),
    Column("port", "port", "word", ("C", "Q"), "(other)", "C"),
)


def imported(**fields: object) -> Imported:
    """A model that adds 1, whose original answers the age, and a gap with an error."""

    def answer(asked: object) -> dict[str, np.ndarray]:
        ages = np.array(asked.table["age"])  # type: ignore[attr-defined]
        if np.isnan(ages).any():
            raise ValueError("a gap")
        return {"y": ages}

    return Imported(MODEL, answer, "a test")._replace(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([18, 80], (0.0, 150.0)),
        ([0.1, 0.4], (0.0, 0.7)),
        ([-5, 5], (-15.0, 15.0)),
        ([-9, -3], (-15.0, 0.0)),
        ([7], (0.0, 14.0)),
        ([0], (0.0, 1.0)),
        ([1e6, 3.3e6], (0.0, 5.6e6)),
    ],
)
def test_a_range_is_wider_than_the_samples_and_round(values: list[float], expected: tuple[float, float]) -> None:
    assert drafting.span(values) == expected


def test_features_have_ranges_everyday_values_and_gaps_of_the_samples() -> None:
    given: list[dict[str, object]] = [{"age": 20.0, "rooms": 2, "port": "Q"}, {"age": None, "rooms": 3, "port": "Q"}]
    drafted = drafting.preprocess(COLUMNS, given, knows_nan=True)
    age, rooms, port = drafted["features"]
    assert drafted.keys() == {"kind", "features"}
    assert math.isnan(age.pop("missing"))
    assert age == {"name": "age", "range": [0.0, 40.0], "typical": 20.0}
    assert rooms == {"name": "rooms", "range": [0, 4], "typical": 2}
    assert port == {
        "name": "port", "type": "category", "categories": ["C", "Q", "(other)"], "other": "(other)",
        "typical": "Q", "missing": "C",
    }  # fmt: skip


def test_columns_of_one_tensor_name_it_once() -> None:
    drafted = drafting.preprocess((Column("a"), Column("b")), (), knows_nan=False)
    assert drafted == {"kind": "tabular", "tensor": "features", "features": [{"name": "a"}, {"name": "b"}]}
    assert drafting.preprocess((Column("a"),), (), knows_nan=False)["features"] == [{"name": "a", "tensor": "features"}]


def test_made_up_rows_are_the_same_each_time_and_within_what_is_known() -> None:
    first, second = (generation.rows(imported(), COLUMNS) for _ in range(2))
    assert first.instances == second.instances
    assert {row["rooms"] for row in first.instances} <= set(range(1, 10))
    assert {row["port"] for row in first.instances} == {"C", "Q", None}
    assert max(abs(row["age"]) for row in first.instances) > 1000


def test_gaps_are_made_up_only_where_the_original_takes_them() -> None:
    assert None not in {row["age"] for row in generation.rows(imported(knows_nan=True), COLUMNS).instances}
    takes = imported(knows_nan=True)._replace(answer=lambda _: {"y": np.zeros(1)})
    drawn = generation.rows(takes, COLUMNS)
    assert None in {row["age"] for row in drawn.instances}
    assert math.isnan(float(drawn.columns[0].missing or 0))


SIGNATURE = Signature((TensorSpec("x", "FP32", (-1, 2)),), (TensorSpec("y", "FP32", (-1, 2)),))


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ([[0.4, 0.6], [1.0, 0.0]], {}),
        ([[4.0, -6.0], [1.0, 0.0]], {"activation": "softmax"}),
        ([[0.7, 0.6], [1.0, 0.0]], {"activation": "softmax"}),
    ],
)
def test_scores_that_are_no_probabilities_are_made_such(answers: list[list[float]], fields: dict[str, str]) -> None:
    named = drafting.labelled(imported(), SIGNATURE, ("no", "yes"))
    drafted = drafting.postprocess(named, MODEL, SIGNATURE, {"y": np.array(answers)}, ())
    assert drafted == {"kind": "classification", "tensor": "y", "labels": ["no", "yes"], **fields}


def test_names_of_classes_must_fit_an_output() -> None:
    with pytest.raises(InvalidSamples, match=r"names for the columns of one output of y \[-1, 2\] - got 3 names"):
        drafting.labelled(imported(), SIGNATURE, ("a", "b", "c"))
    with pytest.raises(InvalidSamples, match="Expected 2 names - got 1 - at --classes"):
        drafting.labelled(imported(labels=("0", "1"), output="y"), SIGNATURE, ("a",))


@pytest.mark.parametrize(
    ("label", "known", "expected"),
    [
        ("yes", ["no", "yes"], "yes"),
        (1.0, ["0", "1"], "1"),
        ("1", ["no", "yes"], "yes"),
        (True, ["False", "True"], "True"),
        ("true", ["False", "True"], "True"),
    ],
)
def test_labels_are_those_of_the_model_however_they_are_written(label: object, known: list[str], expected: str) -> None:
    given = Samples([1], [label], ["a.csv:2"], ())
    assert rows.labelled(given, imported(), {"labels": known}).labels == [expected]


def test_a_label_of_no_class_and_one_that_is_no_number_are_refused() -> None:
    given = Samples([1], ["maybe"], ["a.csv:2"], ())
    with pytest.raises(InvalidSamples, match=r"one of \['no', 'yes'\] - got 'maybe' - at the label of a.csv:2"):
        rows.labelled(given, imported(), {"labels": ["no", "yes"]})
    with pytest.raises(InvalidSamples, match=r"a number - got 'maybe' - at the label of a\.csv:2"):
        rows.labelled(given, imported(task="regression"), {})


def test_few_samples_are_all_for_evaluation_and_made_up_ones_for_nothing() -> None:
    few = Samples([{"a": 1}] * 5, None, ["p"] * 5, (), "a.csv")
    assert rows.files(few) == {"evaluation.jsonl": b'{"instance":{"a":1}}\n' * 5}
    assert rows.files(few._replace(file="")) == {}
