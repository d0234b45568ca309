"""What a checkup says of good and damaged folders."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import helper

from functions.core.errors import OrtlessError
from functions.packaging.build import MODELS
from tests.conftest import ROOT
from tests.core import graphs
from tests.toolchain.test_cli import ortless
from tests.toolchain.test_scaffold_refusals import outside
from toolchain.checkup import check, folder_of
from toolchain.scaffold import scaffold

ORDER = [
    "model.toml", "external data", "graph", "onnx.checker", "operators", "versions", "processing", "golden.json",
    "size", "CARD.md", "licence", "provenance", "description",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a sample, without fault, and without its compression."""
    compression = shutil.ignore_patterns("compressed.*", "report.*", "*.jsonl")
    made = shutil.copytree(ROOT / MODELS / "iris-svm", tmp_path / "models" / "iris-svm", ignore=compression)
    (made / "model.toml").write_text((made / "model.toml").read_text().partition("[compress]")[0])
    return made


def found(folder: Path) -> dict[str, tuple[str, str]]:
    """What is not ok, by what was looked at; but for report and reference, which these folders have not."""
    without = ("compression", "reference")
    wrong = [finding for finding in check(folder) if finding.status != "ok" and finding.check not in without]
    return {finding.check: (finding.status, finding.detail) for finding in wrong}


def gate(folder: Path) -> tuple[str, str]:
    """What is said of the report."""
    (finding,) = [finding for finding in check(folder) if finding.check == "compression"]
    return finding.status, finding.detail


@pytest.mark.parametrize("name", ["linear-regression", "iris-svm", "digits-cnn"])
def test_the_samples_are_without_fault(name: str) -> None:
    findings = check(ROOT / MODELS / name)
    assert [finding.check for finding in findings] == [*ORDER, "compression", "reference"]
    assert {(finding.status, finding.hint) for finding in findings} == {("ok", "")}


def test_what_publishing_to_a_stage_would_refuse_is_told(folder: Path) -> None:
    missing = ("warn", "no report.json that passes: publishing to a stage refuses it")
    assert gate(folder) == missing
    with (folder / "model.toml").open("a") as toml:
        toml.write("[compress]\nmax_drop = 0.01\n")
    assert gate(folder) == missing
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    terms = {"metric": "accuracy", "max_drop": 0.01, "agreement": 0.98, "max_bytes": None, "max_ms": None}
    rows = {"sha256": hashlib.sha256(b"").hexdigest()}
    judged = {"passes": True, "reason": "", "sha256": digest, "gate": terms, "data": rows}
    (folder / "evaluation.jsonl").write_bytes(b"")
    (folder / "report.json").write_text(json.dumps({"evaluations": {"arm64": judged}}))
    assert gate(folder) == ("ok", "passes its gate on arm64")
    (folder / "report.json").write_text(json.dumps({"evaluations": {"arm64": judged | {"sha256": "1" * 64}}}))
    words = "'iris-svm' has no passing report for arm64: it is about another graph than the one that ships"
    assert gate(folder) == ("warn", words)


def test_a_scaffold_lacks_only_words(tmp_path: Path) -> None:
    made = scaffold("mine", ROOT / MODELS / "digits-cnn" / "model.onnx", tmp_path)
    unwritten = found(made.folder)
    assert unwritten.keys() == {"CARD.md", "licence", "provenance", "description"}
    assert {status for status, _ in unwritten.values()} == {"warn"}


def edit(name: str, before: str, after: str) -> Callable[[Path], None]:
    """Damage to a text file."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after))

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    "another name": (edit("model.toml", '"iris-svm"', '"other"'), "model.toml", "fail", "got 'other' - at `name`"),
    "no model.toml": (lambda path: (path / "model.toml").unlink(), "model.toml", "fail", "it has no model.toml"),
    "no graph": (lambda path: (path / "model.onnx").unlink(), "model.toml", "fail", "it has no model.onnx"),
    "a damaged graph": (lambda path: (path / "model.onnx").write_bytes(b"damaged"), "graph", "fail", "it is damaged"),
    "a tensor that is not there": (
        edit("model.toml", '"probabilities"', '"scores"'),
        "processing", "fail", "got 'scores' - at `postprocess.tensor`",
    ),
    "other answers": (
        edit("golden.json", '"label": "setosa"', '"label": "virginica"'),
        "golden.json", "fail", "expected 'virginica'",
    ),
    "damaged golden requests": (edit("golden.json", "{", "["), "golden.json", "fail", "golden.json is damaged"),
    "no golden requests": (lambda path: (path / "golden.json").unlink(), "golden.json", "fail", "missing"),
    "no card": (lambda path: (path / "CARD.md").unlink(), "CARD.md", "warn", "missing"),
    "no licence": (edit("model.toml", 'licence = "Apache-2.0"', ""), "licence", "warn", "not given"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGES)
def test_what_is_wrong_is_named_with_a_hint(folder: Path, what: str) -> None:
    damage, check_name, status, detail = DAMAGES[what]
    damage(folder)
    wrong = found(folder)
    assert list(wrong) == [check_name]
    assert wrong[check_name][0] == status
    assert detail in wrong[check_name][1]
    assert all(finding.hint for finding in check(folder) if finding.status != "ok")


@pytest.mark.parametrize("place", ["initializer", "attribute", "subgraph", "function"])
def test_tensors_in_other_files_are_found(tmp_path: Path, place: str) -> None:
    status, detail = found(graphs.source(tmp_path, "plus", outside(place)))["external data"]
    assert status == "fail"
    assert "weights.bin" in detail


def test_operators_of_others_are_named(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    wrong = found(graphs.source(tmp_path, "plus", model))
    assert wrong["operators"] == ("fail", "not in the functions' ONNX Runtime: com.example.Add")
    assert wrong["graph"][0] == "fail"


def test_functions_of_the_model_itself_are_no_foreign_operators(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.graph.node[1].domain = "own"
    model.opset_import.append(helper.make_opsetid("own", 1))
    body = [helper.make_node("Sub", ["a", "b"], ["c"])]
    model.functions.append(helper.make_function("own", "Add", ["a", "b"], ["c"], body, [helper.make_opsetid("", 20)]))
    assert not {"operators", "graph"} & found(graphs.source(tmp_path, "plus", model)).keys()


def test_an_old_opset_is_warned_of(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.opset_import[0].version = 6
    assert found(graphs.source(tmp_path, "plus", model))["versions"] == (
        "warn",
        "opset 6, IR 10; ONNX Runtime promises opset 7 and newer",
    )


def test_a_graph_that_onnx_calls_invalid_is_found_although_it_runs(tmp_path: Path) -> None:
    model = graphs.plus(1)
    model.graph.output[0].ClearField("type")
    assert found(graphs.source(tmp_path, "plus", model))["onnx.checker"][0] == "fail"


def test_a_large_package_is_warned_of(folder: Path) -> None:
    with (folder / "weights.txt").open("wb") as file:
        file.truncate(201_000_000)  # sparse: it takes no room
    toml = folder / "model.toml"
    toml.write_text('assets = ["weights.txt"]\n' + toml.read_text())
    assert found(folder) == {"size": ("warn", "201 MB")}


def test_a_name_and_a_path_mean_the_same_folder(folder: Path) -> None:
    assert folder_of("iris-svm", folder.parent) == folder_of(str(folder), ROOT) == folder
    with pytest.raises(OrtlessError, match="the models are: iris-svm"):
        folder_of("iris", folder.parent)


def test_the_command_line_shows_a_table_and_fails_with_what_fails(folder: Path) -> None:
    good = ortless("check", "iris-svm", "--models", str(folder.parent))
    assert (good.returncode, good.stderr) == (0, "")
    assert "4 cases, answered" in good.stdout
    onnx.save(graphs.plus(1), folder / "model.onnx")
    bad = ortless("check", str(folder), "--json")
    assert bad.returncode == 1
    rows = json.loads(bad.stdout)
    assert [row["check"] for row in rows if row["status"] == "fail"] == ["processing"]
    assert rows[0].keys() == {"check", "status", "detail", "hint"}
