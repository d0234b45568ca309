"""The verbs on reference statistics and drift, as somebody at a terminal uses them, without any cloud."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import InvalidPackage
from functions.packaging.build import build
from tests.conftest import ROOT, SAMPLES
from toolchain.drift.making import ensure, origin

MODEL = "steering-control"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "toolchain", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "model_artifacts" / MODEL, tmp_path / MODEL))


def rows(folder: Path, shift: float) -> list[Any]:
    """Rows of the evaluation that the reference, which has every third one, has not; one feature moved."""
    lines = (folder / "evaluation.jsonl").read_text().splitlines()[1::3][:400]
    instances = [json.loads(line)["instance"] for line in lines]
    return [[max(-5.0, min(5.0, row[0] + shift)), *row[1:]] for row in instances]


def written(path: Path, instances: list[Any]) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in instances))
    return str(path)


@pytest.mark.parametrize("model", SAMPLES)
def test_the_reference_of_a_sample_is_of_its_rows_its_graph_and_its_processing(model: str) -> None:
    folder = ROOT / "model_artifacts" / model
    reference = json.loads((folder / "reference.json").read_text())
    assert reference["made_from"] == origin(folder)
    assert {sum(feature["counts"]) + feature["missing"] for feature in reference["features"]} == {reference["rows"]}


def test_the_same_rows_and_graph_give_the_same_bytes_and_other_ones_another_file(folder: Path) -> None:
    before = (folder / "reference.json").read_bytes()
    (folder / "reference.json").unlink()
    assert ensure(folder).is_new
    assert (folder / "reference.json").read_bytes() == before
    assert not ensure(folder).is_new
    lines = (folder / "evaluation.jsonl").read_text().splitlines(keepends=True)
    (folder / "evaluation.jsonl").write_text("".join(lines[:100]))
    assert ensure(folder).is_new
    assert json.loads((folder / "reference.json").read_text())["rows"] == 100


def test_no_package_is_made_with_a_reference_of_another_model(folder: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "model_artifacts" / "iris-svm" / "reference.json", folder / "reference.json")
    with pytest.raises(InvalidPackage, match="its reference has a feature that it has not: 'sepal_length'"):
        build(folder, tmp_path / "packages")
    (folder / "reference.json").write_text("{")
    with pytest.raises(InvalidPackage, match=r"reference\.json is damaged"):
        build(folder, tmp_path / "packages")


def test_a_folder_without_enough_rows_has_none_and_the_words_say_what_to_do(folder: Path) -> None:
    lines = (folder / "evaluation.jsonl").read_text().splitlines(keepends=True)
    (folder / "evaluation.jsonl").write_text("".join(lines[:29]))
    done = run("reference", MODEL, "--models", str(folder.parent))
    assert done.returncode == 1
    assert "evaluation.jsonl has 29 rows, and less than 30 say little" in done.stderr
    assert "docs/guides/drift.md" in done.stderr


def test_check_says_whether_drift_would_be_seen(folder: Path) -> None:
    def found() -> dict[str, str]:
        told = run("check", str(folder), "--json")
        return next(row for row in json.loads(told.stdout) if row["check"] == "reference")

    assert (found()["status"], found()["detail"]) == ("ok", "5 features, 1667 rows")
    (folder / "evaluation.jsonl").write_text((folder / "calibration.jsonl").read_text())
    assert "is of other rows" in found()["detail"]
    (folder / "reference.json").unlink()
    assert "nothing will tell of drift" in found()["detail"]


def test_rows_like_the_evaluations_are_stable_and_shifted_ones_drift(folder: Path, tmp_path: Path) -> None:
    data, page = tmp_path / "rows.jsonl", tmp_path / "drift.html"
    arguments = ("drift", MODEL, "--models", str(folder.parent), "--data", str(data), "--fail-over", "0.2")
    written(data, rows(folder, 0))
    stable = run(*arguments, "--json")
    assert stable.returncode == 0, stable.stderr
    assert {each["verdict"] for each in json.loads(stable.stdout)["features"]} == {"stable"}
    written(data, rows(folder, 1.5))
    drifted = run(*arguments, "--json", "--html", str(page))
    assert drifted.returncode == 1
    verdicts = {each["feature"]: each["verdict"] for each in json.loads(drifted.stdout)["features"]}
    assert (verdicts["lateral_offset"], verdicts["curvature"]) == ("drift", "stable")
    text = page.read_text()
    assert text.count("<figure") == len(verdicts)
    assert not {"http://", "https://", "<script"} & {
        part for part in ("http://", "https://", "<script") if part in text
    }
    table = run(*arguments)
    assert "lateral_offset" in table.stdout
    assert "drift" in table.stdout


def test_a_table_of_named_columns_is_compared_as_rows_are(tmp_path: Path) -> None:
    data = tmp_path / "flowers.csv"
    data.write_text("sepal_length,sepal_width,petal_length,petal_width\n" + "7.7,3.8,6.7,2.2\n" * 60)
    done = run("drift", "iris-svm", "--data", str(data), "--json")
    assert done.returncode == 0, done.stderr
    assert {each["verdict"] for each in json.loads(done.stdout)["features"]} == {"drift"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "it has no rows"), ("{", "rows.jsonl:1: it is not JSON"), ("[1]\n", "rows.jsonl, rows 1 to 1: Expected")],
)
def test_what_is_no_row_is_refused_with_its_place(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(content)
    done = run("drift", "iris-svm", "--data", str(tmp_path / "rows.jsonl"))
    assert done.returncode == 1
    assert reason in done.stderr
