"""Judging models with the predictor that ships."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.packaging.gate import Gate
from tests.core import graphs
from tests.toolchain.compression.evaluation import folders
from tests.toolchain.compression.networks import drawn, matmul, network, perceptron
from toolchain.compression.errors import NotApplicable
from toolchain.compression.evaluation import figures
from toolchain.compression.evaluation.comparison import compare
from toolchain.compression.evaluation.errors import InvalidData, Unmeasurable
from toolchain.compression.evaluation.evaluator import PackageEvaluator
from toolchain.compression.recipe import apply, parse
from toolchain.compression.search.contract import Evaluator, Quality

SLACK = Gate(max_drop=0.05, agreement=0.9)


def evaluator(folder: Path, gate: Gate = SLACK) -> PackageEvaluator:
    return PackageEvaluator(folders.read(folder), gate, seed=0, rounds=1)


def test_the_original_agrees_with_itself(tmp_path: Path) -> None:
    with closing(evaluator(folders.classifier(tmp_path))) as judge:
        contract: Evaluator = judge
        assert contract.evaluate(judge.original) == Quality(108 / 120, 0.0, 0.0, 1.0, "")


def test_a_rounded_model_loses_what_its_answers_lose(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    with closing(evaluator(folder)) as judge:
        rounded = folders.changed(folder, "w2", lambda weight: (np.round(weight * 2) / 2).astype(np.float32))
        quality = judge.evaluate(rounded)
        case = judge.compared(rounded)
    assert quality.score == pytest.approx((case.answers.choices == case.labels).mean())
    assert quality.agreement == pytest.approx((case.answers.choices == case.original.choices).mean())
    assert quality.drop == pytest.approx(0.9 - quality.score)
    assert quality.drop_high >= quality.drop


def test_without_labels_agreement_is_the_score(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path, labelled=False)
    with closing(evaluator(folder)) as judge:
        quality = judge.evaluate(folders.changed(folder, "b2", lambda bias: bias + np.float32(2)))
    assert (quality.score, quality.drop, quality.agreement, quality.passes) == (1.0, 0.0, 1.0, True)


def test_nan_is_refused_and_a_file_that_does_not_load_is_no_candidate(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    broken = folders.changed(folder, "b2", lambda bias: np.full_like(bias, np.nan))
    with closing(evaluator(folder)) as judge:
        assert judge.evaluate(broken).refused == "it answers NaN to row 1"
        with pytest.raises(NotApplicable, match="ONNX Runtime refuses it"):
            judge.evaluate(b"no graph")


def test_weights_that_the_runtime_unfolds_are_no_gain(tmp_path: Path) -> None:
    model = matmul(drawn(32, 200))
    folder = graphs.source(tmp_path, "net", model)
    folders.write(folder / "evaluation.jsonl", folders.instances(20))
    with closing(evaluator(folder)) as judge:
        halved = apply(parse("half"), judge.original).model
        refused = judge.evaluate(halved).refused
    assert len(halved) < 15_000
    assert refused.startswith(f"the file has {len(halved)} bytes, but what ships has 2")
    assert refused.endswith(": the runtime unfolds its constants")


def test_another_answer_to_a_golden_request_is_refused(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    document = json.loads((folder / "golden.json").read_text())
    document["cases"][0]["response"]["predictions"][1]["label"] = "none of them"
    (folder / "golden.json").write_text(json.dumps(document))
    with closing(evaluator(folder)) as judge:
        assert judge.evaluate(judge.original).refused == "another answer to the golden request 'two'[1]"


def test_golden_requests_are_answered_anew_within_what_the_numbers_moved(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    before = json.loads((folder / "golden.json").read_text())
    with closing(evaluator(folder)) as judge:
        content = judge.golden(folders.changed(folder, "w2", lambda weight: weight * np.float32(1.01)))
    assert content is not None
    after = json.loads(content)
    pairs = [
        (one["probabilities"][label], other["probabilities"][label])
        for one, other in zip(*(each["cases"][0]["response"]["predictions"] for each in (before, after)), strict=True)
        for label in folders.LABELS
    ]
    moved = max(abs(one - other) for one, other in pairs)
    assert moved > before["tolerance"]
    assert after["tolerance"] == pytest.approx(moved)
    assert after["cases"][0]["request"] == before["cases"][0]["request"]


def test_models_are_timed_beside_each_other_in_fresh_processes(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    with closing(evaluator(folder)) as judge:
        first, second = judge.latency([judge.original, judge.original])
    assert all(0 < ms < 1000 for ms in (*first, *second))


def test_texts_are_timed_too_and_a_model_of_so_many_rows_only_with_those(tmp_path: Path) -> None:
    nodes = [helper.make_node("Equal", ["x", "word"], ["same"]),
             helper.make_node("Cast", ["same"], ["y"], to=TensorProto.FLOAT)]  # fmt: skip
    model = graphs.model(nodes, {"x": (TensorProto.STRING, [1])}, {"y": (TensorProto.FLOAT, [1])})
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(["yes"], object), "word"))
    folder = graphs.source(tmp_path, "words", model)
    folders.write(folder / "evaluation.jsonl", ["yes", "no", "yes"], [1, 0, 1])
    with closing(evaluator(folder)) as judge:
        (times,) = judge.latency([judge.original])
        assert judge.terms.metric == "r2"
    assert times.ms_1 > 0
    assert np.isnan(times.ms_32)


def test_the_digest_is_of_all_that_figures_depend_on(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)

    def digest(gate: Gate = SLACK) -> str:
        with closing(evaluator(folder, gate)) as judge:
            return judge.digest

    first = digest()
    (folder / "CARD.md").write_text("# words do not count")
    assert digest() == first
    assert digest(SLACK._replace(max_drop=0.1)) != first
    folders.write(folder / "evaluation.jsonl", folders.instances(5))
    assert digest() != first


def test_an_original_that_answers_nan_cannot_be_measured(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    (folder / "model.onnx").write_bytes(folders.changed(folder, "b2", lambda bias: np.full_like(bias, np.nan)))
    with pytest.raises(Unmeasurable, match=r"The original answers NaN to evaluation\.jsonl:1"):
        evaluator(folder)


def test_samples_for_calibration_are_one_row_each(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    with closing(evaluator(folder)) as judge:
        found = judge.calibration()
        assert found is not None
        assert [feed["x"].shape for feed in found[0].feeds] == [(1, 32)] * 16
        (folder / "calibration.jsonl").unlink()
        assert judge.calibration() is None
        (folder / "calibration.jsonl").write_text("")
        with pytest.raises(InvalidData, match=r"Expected at least 1 rows - got 0 - at calibration\.jsonl"):
            judge.calibration()


def test_every_figure_slice_and_the_confusion(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    with closing(evaluator(folder)) as judge:
        case = judge.compared(folders.changed(folder, "w2", lambda weight: np.round(weight).astype(np.float32)))
        found = {figure.metric: figure for figure in figures.figures(case, seed=0)}
        parts = figures.slices(case, judge.rows.instances)
    assert list(found) == ["accuracy", "macro_f1", "auc", "ece", "agreement"]
    assert all(figure.drop_low <= figure.drop <= figure.drop_high for figure in found.values())
    assert found["accuracy"].original == pytest.approx(0.9)
    table = figures.confusion(case)
    assert table is not None
    assert table["labels"] == list(folders.LABELS)
    assert np.trace(table["original"]) == 108
    assert np.trace(table["compressed"]) == round(found["accuracy"].value * 120)
    assert [(part.name, part.rows) for part in parts] == [
        (label, int((case.labels == index).sum())) for index, label in enumerate(folders.LABELS)
    ]
    worst = figures.worst(parts)
    assert worst is not None
    assert worst.drop == max(part.drop for part in parts if part.rows >= 10)
    assert [each["label"] for each in figures.of_classes(case)] == list(folders.LABELS)


def test_numbers_and_vectors_are_sliced_in_quarters(tmp_path: Path) -> None:
    folder = folders.regressor(tmp_path)
    with closing(evaluator(folder)) as judge:
        parts = figures.slices(judge.case, judge.rows.instances)
        assert judge.terms.metric == "r2"
        assert [figure.metric for figure in figures.figures(judge.case, 0)] == ["rmse", "mae", "r2", "agreement"]
    assert ([part.rows for part in parts], {part.metric for part in parts}) == ([15] * 4, {"rmse"})
    toml = '[postprocess]\nkind = "embedding"\ntensor = "y"\n'
    with closing(evaluator(folders.classifier(tmp_path, toml=toml, labelled=False), Gate())) as judge:
        assert (judge.terms.metric, judge.terms.agreement) == ("cosine", 0.95)
        names = [figure.metric for figure in figures.figures(judge.case, 0)]
        assert names == ["cosine", "agreement", "spearman", "least_cosine"]
        assert {part.metric for part in figures.slices(judge.case, judge.rows.instances)} == {"cosine"}


RANKING = '[postprocess]\nkind = "ranking"\ntensor = "y"\nitems = ["a", "b", "c", "d"]\ntop_k = 2\n'
LABELS = '[postprocess]\nkind = "multilabel"\ntensor = "y"\nlabels = ["a", "b", "c", "d"]\n'


@pytest.mark.parametrize(
    ("toml", "labels", "metric", "named"),
    [
        (RANKING, ["a", ["b", "c"], "d"], "ndcg", ["ndcg", "recall", "agreement"]),
        (LABELS, [["a"], [], ["b", "d"]], "macro_f1", ["accuracy", "macro_f1", "auc", "agreement"]),
        ("", [[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 0, 0]], "r2", ["rmse", "mae", "r2", "agreement"]),
    ],
)
def test_every_kind_of_answers_is_judged(
    tmp_path: Path, toml: str, labels: list[Any], metric: str, named: list[str]
) -> None:
    folder = graphs.source(tmp_path, "net", perceptron(), toml)
    folders.write(folder / "evaluation.jsonl", folders.instances(3), labels)
    with closing(evaluator(folder)) as judge:
        assert judge.terms.metric == metric
        assert judge.evaluate(judge.original).passes
        assert [figure.metric for figure in figures.figures(judge.case, 0)] == named
        broken = folders.changed(folder, "b2", lambda bias: np.where(np.arange(len(bias)) == 1, np.nan, bias))
        assert judge.evaluate(broken).refused == "it answers NaN to row 1"


def test_answers_in_words_without_labels_cannot_be_measured(tmp_path: Path) -> None:
    model = graphs.identity(TensorProto.STRING)
    folder = graphs.source(tmp_path, "words", model)
    folders.write(folder / "evaluation.jsonl", [["a"], ["b"]])
    with pytest.raises(Unmeasurable, match="The model answers texts"):
        evaluator(folder)


def test_two_packages_beside_each_other(tmp_path: Path) -> None:
    first = folders.classifier(tmp_path / "a")
    second = folders.classifier(tmp_path / "b")
    (second / "model.onnx").write_bytes(folders.changed(first, "w2", lambda weight: np.zeros_like(weight)))
    found = compare(first, second, rounds=1)
    assert found["bytes"] == [(folder / "model.onnx").stat().st_size for folder in (first, second)]
    accuracy = next(row for row in found["figures"] if row["metric"] == "accuracy")
    assert accuracy["original"] == pytest.approx(0.9)
    assert accuracy["value"] < 0.5
    assert all(each["ms_1"] > 0 for each in found["latency"])


def test_packages_that_answer_something_else_are_not_compared(tmp_path: Path) -> None:
    first = folders.classifier(tmp_path / "a")
    other = folders.CLASSES.replace('"d"', '"e"')
    with pytest.raises(Unmeasurable, match="net and net do not answer the same"):
        compare(first, folders.classifier(tmp_path / "b", toml=other, labelled=False), rounds=1)


def test_a_model_that_fails_in_a_process_of_its_own_says_why(tmp_path: Path) -> None:
    table = onnx.numpy_helper.from_array(np.zeros((2, 4), np.float32), "table")
    node = helper.make_node("Gather", ["table", "x"], ["y"], name="look")
    sides = {"x": (TensorProto.INT64, ["n"])}, {"y": (TensorProto.FLOAT, ["n", 4])}
    folder = graphs.source(tmp_path, "net", network([node], *sides, {"table": onnx.numpy_helper.to_array(table)}))
    folders.write(folder / "evaluation.jsonl", [1, 0])
    smaller = folders.changed(folder, "table", lambda values: values[:1])
    with closing(evaluator(folder)) as judge:
        with pytest.raises(NotApplicable, match=r"evaluation\.jsonl:1 is not answered"):
            judge.evaluate(smaller)
        with pytest.raises(NotApplicable, match=r"it does not run by itself: .*indices element out of data bounds"):
            judge.latency([smaller])
