"""A folder compressed: what is written, what never changes, and what is left when something stops it."""

import hashlib
import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import onnx
import pytest

from functions.core.errors import InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging import source
from functions.packaging.build import build
from functions.packaging.gate import Gate
from functions.packaging.onnx_file import BrokenGraph, ExternalData
from tests.toolchain.compression.evaluation import folders
from toolchain.compression.compressing import Outcome, compress
from toolchain.compression.evaluating import evaluate
from toolchain.compression.evaluation.errors import InvalidData
from toolchain.compression.report import files
from toolchain.compression.report.document import Run
from toolchain.compression.report.files import Damaged, Made, Unwritable
from toolchain.compression.search import choice
from toolchain.compression.search.searching import Progress

PASSES = ("dynamic-int8", "compact")


def run(folder: Path, passes: tuple[str, ...] = PASSES, **changes: Any) -> Run:
    gate = (source.read(folder).compress or Gate())._replace(**changes)
    return Run("ortless compress net --seed 0", gate, passes, None, 0)


def compressed(folder: Path, passes: tuple[str, ...] = PASSES, **changes: Any) -> Outcome:
    return compress(folder, run(folder, passes, **changes), None, rounds=1)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Models of a few microseconds are slower than the original by chance; what is chosen must not hang on that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "NEAR", 1000.0)
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome, str]:
    """A folder after its compression, what came of it, and the original's digest before."""
    folder = folders.classifier(tmp_path_factory.mktemp("done"))
    (folder / "CARD.md").write_text("# Net\n\nWords of its owner.\n")
    before = digest(folder / "model.onnx")
    return folder, compressed(folder), before


def test_the_original_is_never_changed(done: tuple[Path, Outcome, str]) -> None:
    folder, _, before = done
    assert digest(folder / "model.onnx") == before


def test_what_was_chosen_is_written_with_its_report(done: tuple[Path, Outcome, str]) -> None:
    folder, outcome, _ = done
    assert outcome.found.chosen is not None
    assert (folder / "compressed.onnx").read_bytes() == outcome.found.chosen.model
    report = json.loads((folder / "report.json").read_text())
    assert report["chosen"]["recipe"] == str(outcome.found.chosen.recipe)
    names = ("model.onnx", "golden.json", "compressed.onnx", "compressed.golden.json")
    assert report["files"] == {
        name: {"sha256": digest(folder / name), "bytes": (folder / name).stat().st_size} for name in names
    }
    assert report["data"]["evaluation"]["sha256"] == digest(folder / "evaluation.jsonl")
    assert (report["data"]["calibration"]["rows"], report["data"]["calibration"]["shared"]) == (16, 0)
    (architecture,) = report["evaluations"]
    judged = report["evaluations"][architecture]
    assert (report["architecture"], judged["passes"], judged["reason"]) == (architecture, True, "")
    assert judged["sha256"] == digest(folder / "compressed.onnx")
    assert judged["versions"].keys() == {"ortless", "python", "onnxruntime", "onnx", "numpy"}
    assert judged["bytes"]["compressed"] < judged["bytes"]["original"]
    assert [layer["layer"] for layer in report["sensitivity"]["layers"]]
    assert [each["recipe"] for each in report["tried"] if not each["lost"]] == [report["chosen"]["recipe"]]
    refused = {each["recipe"]: each["lost"] for each in report["tried"]}
    assert refused["half"] == "it is not among the passes asked for"


def test_the_package_is_made_of_it_and_answers_its_golden_requests(
    done: tuple[Path, Outcome, str], tmp_path: Path
) -> None:
    folder, outcome, _ = done
    package = build(folder, tmp_path)
    assert package.read("report.json") == (folder / "report.json").read_bytes()
    (judged,) = outcome.report["evaluations"].values()
    assert package.manifest.files["model.onnx"].size == judged["compiled_bytes"]["compressed"]
    assert judged["compiled_bytes"]["compressed"] < judged["compiled_bytes"]["original"]
    rows = [json.loads(line)["instance"] for line in (folder / "evaluation.jsonl").read_text().splitlines()[:3]]
    answers = Predictor(package, Settings()).predict(rows)
    assert [answer["label"] for answer in answers] == [
        json.loads(line)["label"] if index % 10 else answers[index]["label"]
        for index, line in enumerate((folder / "evaluation.jsonl").read_text().splitlines()[:3])
    ]
    assert outcome.report["stopped"] == ""


def test_the_card_keeps_its_owners_words_around_one_section(done: tuple[Path, Outcome, str]) -> None:
    folder, outcome, _ = done
    text = (folder / "CARD.md").read_text()
    files.record(folder, json.loads((folder / "report.json").read_text()))
    assert (folder / "CARD.md").read_text() == text
    assert text.startswith(
        "# Net\n\nWords of its owner.\n\n<!-- compression:begin -->\n**Compression.** `ortless compr"
    )
    assert text.endswith("<!-- compression:end -->\n")
    assert text.count("<!-- compression:begin -->") == 1
    assert f"chose `{outcome.report['chosen']['recipe']}`" in text


def test_what_ships_is_judged_again_and_recorded(done: tuple[Path, Outcome, str], tmp_path: Path) -> None:
    folder = shutil.copytree(done[0], tmp_path / "net")
    report = json.loads((folder / "report.json").read_text())
    (judged,) = report["evaluations"].values()
    report["evaluations"] = {"another": judged}
    (folder / "report.json").write_text(json.dumps(report | {"architecture": "another"}))
    found = evaluate(folder, rounds=1, recorded=True)
    gate = found["gate"]
    assert (gate["metric"], gate["max_drop"], gate["rows"], found["passes"]) == ("accuracy", 0.05, 120, True)
    after = json.loads((folder / "report.json").read_text())
    assert list(after["evaluations"]) == ["another", judged["architecture"]]
    assert after["evaluations"][judged["architecture"]]["figures"] == judged["figures"]
    assert f"On {judged['architecture']} (" in (folder / "CARD.md").read_text()


def test_a_report_about_another_original_gets_no_figures_of_this_one(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    compressed(folder, max_bytes=1)  # nothing is so small: the original ships, and no file tells whose report it is
    (folder / "model.onnx").write_bytes(folders.changed(folder, "b2", lambda bias: bias + 1))
    before = (folder / "report.json").read_bytes()
    with pytest.raises(Damaged, match=r"it is about another model\.onnx\nhint: run `ortless compress`"):
        evaluate(folder, rounds=1, recorded=True)
    assert (folder / "report.json").read_bytes() == before


def test_where_nothing_passes_the_original_ships_and_the_report_says_so(
    done: tuple[Path, Outcome, str], tmp_path: Path
) -> None:
    folder = shutil.copytree(done[0], tmp_path / "net")
    outcome = compressed(folder, agreement=1.0, max_bytes=1000, max_drop=0.0)
    assert outcome.found.chosen is None
    assert not (folder / "compressed.onnx").exists()
    assert not (folder / "compressed.golden.json").exists()
    report = json.loads((folder / "report.json").read_text())
    (judged,) = report["evaluations"].values()
    size = (folder / "model.onnx").stat().st_size
    assert (judged["passes"], judged["reason"]) == (False, f"the file has {size} bytes; 1000 may be")
    assert "chose the original." in (folder / "CARD.md").read_text()
    build(folder, tmp_path / "packages")


def test_a_run_that_takes_longer_than_agreed_does_not_pass(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    outcome = compressed(folder, max_ms=1e-6)
    (judged,) = outcome.report["evaluations"].values()
    assert not judged["passes"]
    assert judged["reason"].endswith("; 1e-06 ms may be")


def test_an_interrupt_keeps_what_was_found(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)

    def interrupt(progress: Progress) -> None:
        if progress.best is not None:
            raise KeyboardInterrupt

    outcome = compress(folder, run(folder, (*PASSES, "weight-only")), None, interrupt, rounds=1)
    assert outcome.found.stopped == "interrupted"
    report = json.loads((folder / "report.json").read_text())
    assert (report["stopped"], report["sensitivity"]["reason"]) == ("interrupted", "the search was interrupted")
    assert digest(folder / "compressed.onnx") == report["files"]["compressed.onnx"]["sha256"]
    build(folder, tmp_path / "packages")


def test_a_second_run_resumes_and_chooses_the_same(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    told: list[str] = []
    outcomes = [compress(folder, run(folder), tmp_path / "cache", lambda at: told.append(at.recipe), 1) for _ in "ab"]
    first, second = (outcome.found for outcome in outcomes)
    assert str((first.tried, first.measured)) == str((second.tried, second.measured))  # NaN equals nothing
    assert first.chosen is not None
    assert second.chosen is not None
    assert first.chosen.model == second.chosen.model


def test_a_model_that_is_damaged_or_in_pieces_is_said_to_be(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    model = onnx.load(folder / "model.onnx")
    onnx.save(model, folder / "model.onnx", save_as_external_data=True, location="weights", size_threshold=0)
    with pytest.raises(ExternalData, match=r"keeps tensors in other files: 'w1' in 'weights'.*\nhint: write one file"):
        compressed(folder)
    (folder / "model.onnx").write_bytes(b"damaged")
    with pytest.raises(BrokenGraph):
        compressed(folder)


def test_rows_that_cannot_be_used_change_nothing(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    (folder / "evaluation.jsonl").write_text('{"instance": [NaN]}\n')
    before = {path.name: digest(path) for path in folder.iterdir()}
    with pytest.raises(InvalidData, match=r"at evaluation\.jsonl:1"):
        compressed(folder)
    assert {path.name: digest(path) for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["model.onnx", "golden.json"])
def test_an_original_that_changed_during_the_search_makes_what_was_found_stale(tmp_path: Path, name: str) -> None:
    folder = folders.classifier(tmp_path)
    before = digest(folder / name)

    def change(_: Progress) -> None:
        if digest(folder / name) == before:
            with (folder / name).open("ab") as file:
                file.write(b"\n")

    outcome = compress(folder, run(folder), None, change, rounds=1)
    assert outcome.found.chosen is not None
    assert outcome.report["files"][name]["sha256"] == before
    with pytest.raises(InvalidPackage, match=f"does not belong to {name} as it is: run `ortless compress` again"):
        build(folder, tmp_path / "packages")


def test_without_calibration_passes_that_need_it_are_left_out_with_the_reason(tmp_path: Path) -> None:
    folder = folders.classifier(tmp_path)
    (folder / "calibration.jsonl").unlink()
    outcome = compressed(folder, ("static-int8", "half", "compact"))
    reasons = {each["recipe"]: each["lost"] for each in outcome.report["tried"]}
    assert reasons["static-int8"] == "it needs sample requests to calibrate with, and there are none"
    assert outcome.report["data"]["calibration"] is None
    assert outcome.report["sensitivity"]["layers"]


def test_a_full_disk_is_said_and_leaves_what_was_there(done: tuple[Path, Outcome, str], tmp_path: Path) -> None:
    folder = shutil.copytree(done[0], tmp_path / "net")
    before = {path.name: digest(path) for path in folder.iterdir()}
    report = json.loads((folder / "report.json").read_text())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(Unwritable, match=f"Nothing can be written into {folder}: File too large"):
            files.write(folder, report, Made(b"?" * 10_000, None), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: digest(path) for path in folder.iterdir()} == before


def test_a_folder_that_takes_no_file_is_found_out_first() -> None:
    with pytest.raises(Unwritable, match="Nothing can be written into /proc: "):
        files.check_writable(Path("/proc"))


@pytest.mark.parametrize("content", [None, "{", "[]", '{"format": 0}'])
def test_what_is_no_report_is_said(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)
    with pytest.raises(Damaged, match=r"has no report\.json that can be used: .*\nhint: run `ortless compress`"):
        files.read(tmp_path)
    with suppress(Damaged):
        files.page_of(tmp_path)
    assert not (tmp_path / "report.html").exists()
