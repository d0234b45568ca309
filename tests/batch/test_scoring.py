"""Windows become answers: in order, and a bad row costs no other row its answer."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from functions.batch.errors import FileRefused
from functions.batch.options import Options
from functions.batch.pace import MOST_ROWS, measure
from functions.batch.rows import Refusal, Window
from functions.batch.scoring import Scorer
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs


@pytest.fixture
def plus(tmp_path: Path) -> Predictor:
    return Predictor(build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages"), Settings())


def _sample(packages: Path, name: str) -> tuple[Predictor, list[Any]]:
    predictor = Predictor(open_package(str(packages / name), 0), Settings())
    cases = orjson.loads(predictor.package.read("golden.json"))["cases"]
    return predictor, [instance for case in cases for instance in case["request"]["instances"]]


def test_rows_are_answered_in_order_in_batches_of_any_size(plus: Predictor) -> None:
    window = Window(range(7), [[at, at] for at in range(7)], carried={"id": list("abcdefg")})
    for rows_at_once in (1, 2, 3, 7, 100):
        answers = Scorer(plus, Options(), rows_at_once).answer(window)
        assert [row.tolist() for row in answers.predictions] == [[at + 1, at + 1] for at in range(7)]
        assert list(answers.numbers) == list(range(7))
        assert answers.carried == {"id": list("abcdefg")}
        assert answers.refused == []


def test_bad_rows_are_refused_with_their_place_in_the_row_and_the_others_answered(plus: Predictor) -> None:
    unread = Refusal(5, "no JSON", 6)
    window = Window([2, 3, 4], [[1, 2], [1, "x"], [3, 4]], carried={"id": [7, 8, 9]}, refused=[unread], lines=[3, 4, 5])
    answers = Scorer(plus, Options(), 8).answer(window)
    assert [row.tolist() for row in answers.predictions] == [[2, 3], [4, 5]]
    assert list(answers.numbers) == [2, 4]
    assert answers.carried == {"id": [7, 9]}
    (bad, other) = answers.refused
    assert (bad.row, bad.line, bad.id, bad.code) == (3, 4, 8, "invalid_input")
    assert bad.reason == "Expected a number within +-3.4e38 - got 'x' - at `row[1]`"
    assert other == unread


def test_tensors_are_answered_as_arrays_or_as_predictions(plus: Predictor) -> None:
    window = Window(range(5), tensors={"x": np.arange(10, dtype=np.float32).reshape(5, 2)})
    arrays = Scorer(plus, Options(), 2, arrays=True).answer(window)
    assert arrays.tensors is not None
    assert arrays.tensors["y"].tolist() == (np.arange(10).reshape(5, 2) + 1).tolist()
    decoded = Scorer(plus, Options(), 2).answer(window)
    assert [row.tolist() for row in decoded.predictions] == arrays.tensors["y"].tolist()


@pytest.mark.parametrize("name", ["breast-cancer", "support-answers", "trip-mode", "next-books"])
def test_samples_answer_as_in_real_time(packages: Path, name: str) -> None:
    predictor, instances = _sample(packages, name)
    answers = Scorer(predictor, Options(), 1).answer(Window(range(len(instances)), instances))
    expected = [prediction for instance in instances for prediction in predictor.predict([instance])]
    option = orjson.OPT_SERIALIZE_NUMPY
    assert orjson.dumps(answers.predictions, option=option) == orjson.dumps(expected, option=option)


def test_explanations_stand_beside_each_answer(packages: Path) -> None:
    predictor, instances = _sample(packages, "breast-cancer")
    answers = Scorer(predictor, Options(explain={"budget": 64}), 8).answer(Window([0, 1], [instances[0], {}]))
    assert [explanation["method"] for explanation in answers.explanations] == ["shapley"]
    assert [refusal.row for refusal in answers.refused] == [1]


def test_parameters_that_a_model_lacks_refuse_the_job(plus: Predictor) -> None:
    with pytest.raises(FileRefused, match="takes none"):
        Scorer(plus, Options(parameters={"top_k": 1}), 1)
    with pytest.raises(FileRefused, match=r"explain\.budget"):
        Scorer(plus, Options(explain={"budget": 1}), 1)


def test_the_pace_is_a_batch_within_bounds_and_one_row_where_nothing_is_known(packages: Path, plus: Predictor) -> None:
    predictor, _ = _sample(packages, "breast-cancer")
    pace = measure(predictor, 1024)
    assert 1 <= pace.rows_at_once <= MOST_ROWS
    assert pace.rows_per_second > 1
    assert measure(predictor, 0).rows_at_once == 1
    assert measure(plus, 1024).rows_at_once == 1
