"""Files of rows: what is read, and what is refused with its line."""

from pathlib import Path

import pytest

from tests.toolchain.compression.evaluation import folders
from toolchain.compression.evaluation import candidate, datasets, requests, truth
from toolchain.compression.evaluation.answers import Answers, ask, targets_of
from toolchain.compression.evaluation.errors import InvalidData

GOOD = '{"instance": [1], "label": "a"}\n'


def rows(tmp_path: Path, text: str) -> datasets.Rows:
    path = tmp_path / "evaluation.jsonl"
    path.write_text(text)
    return datasets.read(path)


def test_rows_keep_their_lines_and_blank_ones_do_not_count(tmp_path: Path) -> None:
    found = rows(tmp_path, GOOD + "\n" + '{"label": "b", "instance": {"x": 2}}')
    assert (found.instances, found.labels, found.lines) == ([[1], {"x": 2}], ["a", "b"], [1, 3])
    assert found.place(1) == "evaluation.jsonl:3"


def test_rows_that_two_files_share_are_counted(tmp_path: Path) -> None:
    first = rows(tmp_path, GOOD + '{"instance": {"x": 2}, "label": "b"}')
    second = rows(tmp_path, '{"instance": {"x": 2}}\n{"instance": [2]}\n{"instance": [1]}')
    assert datasets.shared(first, second) == 2


def test_labels_may_be_left_out(tmp_path: Path) -> None:
    assert rows(tmp_path, '{"instance": 1}\n{"instance": 2}\n').labels is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expected at least 2 rows - got 0 - at evaluation.jsonl"),
        (GOOD, "Expected at least 2 rows - got 1 - at evaluation.jsonl"),
        (GOOD + '{"instance": [NaN]}', "which has no NaN and no infinity - got '{\"instance\": [NaN]}'"),
        (GOOD + '{"instance": 1e999}', "at evaluation.jsonl:2"),
        (GOOD + "[1, 2]", 'an object {"instance": ..., "label": ...} - got [1, 2] - at evaluation.jsonl:2'),
        (GOOD + '{"label": "a"}', "got only ['label'] - at evaluation.jsonl:2"),
        (GOOD + '{"instance": 1, "lable": "a"}', "only the fields instance and label - got the field 'lable'"),
        (GOOD + '{"instance": 1}', "Expected a label, as line 1 has one - got none - at evaluation.jsonl:2"),
        ('{"instance": 1}\n' + GOOD, "Expected no label, as line 1 has none - got one - at evaluation.jsonl:2"),
        (GOOD + "\udcff", "at evaluation.jsonl:2"),
    ],
)
def test_what_is_no_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "evaluation.jsonl"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InvalidData) as refused:
        datasets.read(path)
    assert message in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    message = r"Expected a file of rows - got No such file or directory - at evaluation\.jsonl"
    with pytest.raises(InvalidData, match=message):
        datasets.read(tmp_path / "evaluation.jsonl")


def asked(folder: Path) -> tuple[datasets.Rows, Answers, tuple[str, ...]]:
    model = folders.read(folder)
    with candidate.compiled(model, (folder / "model.onnx").read_bytes()) as package:
        predictor = candidate.predictor(package)
        found = datasets.read(folder / "evaluation.jsonl")
        return found, ask(predictor, requests.requests(predictor, found)), targets_of(predictor)


def test_a_row_that_does_not_fit_the_model_is_named(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    folders.write(folder / "evaluation.jsonl", [*folders.instances(3), [1.0, 2.0]])
    with pytest.raises(InvalidData, match=r"got .* at `instance` of evaluation\.jsonl:4"):
        asked(folder)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            ["a", "e"],
            r"Expected one of the labels \['a', 'b', 'c', 'd'\] - got 'e' - at `label` of evaluation\.jsonl:2",
        ),
        (["a", 1], r"got 1 - at `label` of evaluation\.jsonl:2"),
        (["a", None], r"got None - at `label` of evaluation\.jsonl:2"),
        (["b", "b"], r"Expected rows with different labels - got only 'b' - at evaluation\.jsonl"),
    ],
)
def test_labels_that_are_none_of_the_models_are_named(tmp_path: Path, labels: list[object], message: str) -> None:
    folder = folders.classifier(tmp_path)
    folders.write(folder / "evaluation.jsonl", folders.instances(2), labels)
    with pytest.raises(InvalidData, match=message):
        truth.read(*asked(folder))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, "2"], r"Expected a number, as the model answers - got '2' - at `label` of evaluation\.jsonl:2"),
        ([1, [1, 2]], r"got \[1, 2\]"),
        ([1, True], "got True"),
        ([1, [[1], 2]], "got"),
        ([3, 3], "rows with different labels - got only 3"),
    ],
)
def test_numbers_must_be_as_many_as_the_model_answers(tmp_path: Path, labels: list[object], message: str) -> None:
    folder = folders.regressor(tmp_path)
    folders.write(folder / "evaluation.jsonl", folders.instances(2, 8), labels)
    with pytest.raises(InvalidData, match=message):
        truth.read(*asked(folder))


def test_vectors_have_no_labels(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path, toml='[postprocess]\nkind = "embedding"\ntensor = "y"\n')
    with pytest.raises(InvalidData, match=r"Expected no label, as a model of vectors answers none"):
        truth.read(*asked(folder))
