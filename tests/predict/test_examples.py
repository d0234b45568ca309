"""A model's examples: the golden requests that it comes with, those that are small enough."""

import json
from pathlib import Path

import orjson
import pytest

from functions.core import golden
from functions.core.settings import Settings
from functions.packaging.build import build
from functions.predict.entry import Entry
from tests.conftest import SAMPLES
from tests.core import graphs
from tests.predict.calls import call


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_asked_by_its_examples_and_answers_them(entry: Entry, packages: Path, name: str) -> None:
    listed = call(entry, "GET", f"/v1/models/{name}/examples")
    cases = json.loads((packages / name / golden.FILE).read_text())["cases"]
    assert (listed.status, listed.body) == (200, {"examples": cases})
    assert listed.headers["x-ortless-model"] == f"{name}@0"
    assert call(entry, "GET", f"/v1/models/{name}/versions/0/examples").body == listed.body
    example = listed.body["examples"][0]
    answered = call(entry, "POST", f"/v1/models/{name}:predict", example["request"])
    assert golden.difference(example["response"], answered.body, 1e-3, "$") is None


def test_what_is_too_large_is_no_example(tmp_path: Path) -> None:
    entry = entry_of(tmp_path, rows=[1, 5000, 2, *[2500] * 40])
    examples = call(entry, "GET", "/v1/models/plus/examples").body["examples"]
    sizes = [len(orjson.dumps(example)) for example in examples]
    assert [example["name"] for example in examples[:3]] == ["0", "2", "3"]
    assert max(sizes) <= golden.LARGEST
    assert golden.MOST - golden.LARGEST < sum(sizes) <= golden.MOST


def test_a_model_without_golden_requests_has_no_examples(tmp_path: Path) -> None:
    build(graphs.source(tmp_path, "plus", graphs.plus(1)), tmp_path / "packages")
    entry = Entry(Settings(packages=str(tmp_path / "packages")))
    assert call(entry, "GET", "/v1/models/plus/examples").body == {"examples": []}


def test_a_model_or_version_that_is_none_has_no_examples(entry: Entry) -> None:
    assert call(entry, "GET", "/v1/models/nope/examples").body["code"] == "unknown_model"
    assert call(entry, "GET", "/v1/models/iris-svm/versions/9/examples").body["code"] == "unknown_version"


def entry_of(folder: Path, rows: list[int]) -> Entry:
    """A model with a golden request of so many rows each."""
    source = graphs.source(folder, "plus", graphs.plus(1))
    cases = [
        {
            "name": str(number),
            "request": {"instances": [[0.0, 0.0]] * count},
            "response": {"predictions": [[1.0, 1.0]] * count},
        }
        for number, count in enumerate(rows)
    ]
    (source / golden.FILE).write_text(json.dumps({"tolerance": 1e-6, "cases": cases}))
    build(source, folder / "packages")
    return Entry(Settings(packages=str(folder / "packages")))
