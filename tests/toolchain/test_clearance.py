"""The gate of publishing: what needs a passing report, and what keeps the reason of one that has none."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.core import graphs
from tests.toolchain.operator import Operator
from tests.toolchain.test_lifecycle_verbs import cells
from toolchain import clearance, contents
from toolchain.clearance import NotCleared

TABLE = "[compress]\nmax_drop = 0.01\nagreement = 0.9\nmax_ms = 5\n"
ARM, X86 = "arm64", "x86_64"


def model(tmp_path: Path, toml: str = TABLE) -> Path:
    return graphs.source(tmp_path / "models", "plus", graphs.plus(1), toml)


def report(folder: Path, **changes: Any) -> dict[str, Any]:
    """A passing report of what the folder ships on x86_64, with other fields of the evaluation."""
    content = (folder / "model.onnx").read_bytes()
    judged = {"passes": True, "reason": "", "sha256": hashlib.sha256(content).hexdigest()}
    gate = {"metric": "accuracy", "max_drop": 0.01, "agreement": 0.9, "max_bytes": None, "max_ms": 5}
    rows = {"file": "evaluation.jsonl", "sha256": "0" * 64}
    return {"evaluations": {X86: judged | {"gate": gate, "data": rows} | changes}}


def check(folder: Path, document: object = None, architecture: str = X86) -> None:
    if document is not None:
        (folder / "report.json").write_text(json.dumps(document))
    clearance.check(contents.read(folder), architecture)


def test_a_passing_report_of_the_stages_architecture_clears(tmp_path: Path) -> None:
    folder = model(tmp_path)
    check(folder, report(folder))


def test_a_model_without_a_table_needs_a_report_all_the_same_and_any_gate_of_it_counts(tmp_path: Path) -> None:
    folder = model(tmp_path, "")
    with pytest.raises(NotCleared, match=r"no passing report for x86_64: there is no report\.json"):
        check(folder)
    check(folder, report(folder))
    with pytest.raises(NotCleared, match="accuracy drops"):
        check(folder, report(folder, passes=False, reason="accuracy drops"))


def test_a_stage_of_this_machine_asks_for_no_report(tmp_path: Path) -> None:
    check(model(tmp_path), architecture="")


def test_figures_of_one_architecture_say_nothing_of_another(tmp_path: Path) -> None:
    folder = model(tmp_path)
    with pytest.raises(NotCleared) as refused:
        check(folder, report(folder), ARM)
    assert str(refused.value) == (
        "'plus' has no passing report for arm64: figures were taken on x86_64, which say nothing of it\n"
        "hint: run `ortless compress plus` or `ortless evaluate plus --record` on arm64, "
        "or say why not: --allow-ungated REASON"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passes": False, "reason": "accuracy drops"}, "for x86_64: accuracy drops"),
        ({"passes": False}, "it does not pass"),
        ({"sha256": "1" * 64}, "it is about another graph than the one that ships"),
    ],
)
def test_what_does_not_pass_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    folder = model(tmp_path)
    with pytest.raises(NotCleared, match=message):
        check(folder, report(folder, **change))


@pytest.mark.parametrize(
    ("toml", "change", "message"),
    [
        (TABLE, {"max_drop": 0.05}, r"judged by another gate than model\.toml's: max_drop 0\.05"),
        (TABLE, {"max_ms": None}, "max_ms None"),
        (TABLE, {"agreement": 0.8}, r"agreement 0\.8"),
        (TABLE + 'metric = "auc"\n', {}, "metric accuracy"),
        (TABLE + "max_bytes = 100\n", {}, "max_bytes None"),
    ],
)
def test_a_laxer_gate_than_agreed_does_not_count(
    tmp_path: Path, toml: str, change: dict[str, Any], message: str
) -> None:
    folder = model(tmp_path, toml)
    document = report(folder)
    document["evaluations"][X86]["gate"] |= change
    with pytest.raises(NotCleared, match=message):
        check(folder, document)


def test_a_stricter_gate_counts(tmp_path: Path) -> None:
    folder = model(tmp_path)
    document = report(folder)
    document["evaluations"][X86]["gate"] |= {"max_drop": 0.001, "agreement": 0.99, "max_ms": 1, "max_bytes": 1000}
    check(folder, document)


def test_rows_that_changed_since_are_told(tmp_path: Path) -> None:
    folder = model(tmp_path)
    (folder / "evaluation.jsonl").write_text("{}")
    with pytest.raises(NotCleared, match=r"evaluation\.jsonl has changed since"):
        check(folder, report(folder))


@pytest.mark.parametrize("document", [[], {}, {"evaluations": 1}, {"evaluations": {X86: {}}}])
def test_what_is_no_report_is_told(tmp_path: Path, document: object) -> None:
    with pytest.raises(NotCleared, match=r"report\.json is damaged"):
        check(model(tmp_path), document)


@pytest.mark.parametrize(
    ("url", "architecture"),
    [
        ("http://127.0.0.1:4566/dev", ""),
        ("http://localhost:4566", ""),
        ("https://abc.execute-api.eu-central-1.amazonaws.com/prod", ARM),
    ],
)
def test_a_cloud_on_this_machine_gates_nothing_and_stages_are_arm64_unless_told(url: str, architecture: str) -> None:
    assert clearance.architecture_of(url) == architecture


def test_publishing_is_refused_before_anything_is_sent(operator: Operator, tmp_path: Path) -> None:
    models = model(tmp_path).parent
    done = operator("publish", "--models", str(models), "--architecture", X86)
    assert done.returncode == 1
    assert "error (not_cleared): 'plus' has no passing report for x86_64: there is no report.json\n" in done.stderr
    assert operator.server.calls == []
    assert operator("publish", "--models", str(models), ORTLESS_ARCHITECTURE=X86).returncode == 1
    assert operator("publish", "--models", str(models), "--architecture", "mips").returncode == 2


def test_the_version_keeps_why_it_has_no_report(operator: Operator, tmp_path: Path) -> None:
    models = model(tmp_path).parent
    why = "no machine of that kind"
    arguments = ("publish", "--models", str(models), "--architecture", ARM, "--why", "first", "--allow-ungated", why)
    (row,) = operator.json(*arguments)
    assert (row["version"], row["alias"]["live"]) == (1, 1)
    (finalized,) = [call for call in operator.server.calls if call.path.endswith(":finalize")]
    assert json.loads(finalized.body) == {"why": "first", "ungated": why}
    assert operator.json("models", "plus")["versions"][0]["ungated"] == why
    shown = " ".join(row[2] for row in cells(operator("models", "plus").stdout))
    assert f"accepted, ungated: {why}" in shown


def test_the_compressed_model_is_sent_as_the_model_and_data_stay_at_home(operator: Operator, tmp_path: Path) -> None:
    folder = model(tmp_path)
    names = {
        "model.onnx": b"original",
        "compressed.onnx": b"small",
        "golden.json": b"{}",
        "compressed.golden.json": b"[]",
    }
    for name, content in names.items():
        (folder / name).write_bytes(content)
    for name in ("evaluation.jsonl", "calibration.jsonl", "report.html"):
        (folder / name).write_text("private")
    document = report(folder, sha256=hashlib.sha256(b"small").hexdigest())
    document["files"] = {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in names.items()}
    document["evaluations"][X86]["data"]["sha256"] = hashlib.sha256(b"private").hexdigest()
    (folder / "report.json").write_text(json.dumps(document))
    operator.json("publish", "--models", str(folder.parent), "--architecture", X86, "--no-promote")
    (upload,) = operator.server.registry.uploads.values()
    assert upload.came == {
        "model.toml": (folder / "model.toml").read_bytes(),
        "model.onnx": b"small",
        "golden.json": b"[]",
        "report.json": (folder / "report.json").read_bytes(),
    }
