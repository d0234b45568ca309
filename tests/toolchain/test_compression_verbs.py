"""`ortless compress`, `evaluate`, `compare` and `report` as a person runs them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.toolchain.compression.evaluation import folders
from tests.toolchain.test_cli import ortless


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of one model."""
    folders.classifier(tmp_path / "models")
    return tmp_path / "models"


def test_compress_evaluate_report(models: Path, tmp_path: Path) -> None:
    common = ("--models", str(models))
    options = (
        "--max-drop",
        "6%",
        "--passes",
        "compact",
        "--seed",
        "3",
        "--rounds",
        "1",
        "--cache",
        str(tmp_path / "cache"),
    )
    done = ortless("compress", "net", *common, *options, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads((models / "net" / "report.json").read_text())
    assert json.loads(done.stdout) == report
    assert report["command"] == "ortless compress net --max-drop 6% --passes compact --seed 3"
    assert (report["gate"]["max_drop"], report["seed"]) == (0.06, 3)
    judged = ortless("evaluate", "net", *common, "--rounds", "1")
    assert judged.returncode == 0, judged.stderr
    for words in ("size", "32 rows", "macro_f1", "ships"):
        assert words in judged.stdout
    page = models / "net" / "report.html"
    page.unlink()
    assert ortless("report", "net", *common).stdout == f"{page}\n"
    assert page.read_text().startswith("<!doctype html>")


def test_two_packages_are_shown_beside_each_other(models: Path) -> None:
    done = ortless("compare", "net", str(models / "net"), "--models", str(models), "--rounds", "1")
    assert done.returncode == 0, done.stderr
    assert [words in done.stdout for words in ("A, net", "B, net", "1.00 x less")] == [True] * 3


def test_what_does_not_pass_is_an_exit_status_of_1(models: Path) -> None:
    toml = models / "net" / "model.toml"
    toml.write_text(toml.read_text() + "max_bytes = 10\n")
    done = ortless("evaluate", "net", "--models", str(models), "--rounds", "1")
    size = (models / "net" / "model.onnx").stat().st_size
    assert (done.returncode, done.stderr) == (1, f"It does not pass: the file has {size} bytes; 10 may be\n")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--max-drop", "much", "expected a number like 0.005, or 0.5% - got 'much'"),
        ("--target", "speed", "expected size, latency, cost - got 'speed'"),
        ("--time", "soon", "expected a time like 90s, 10m or 1h - got 'soon'"),
        ("--passes", "half,magic", "- got 'magic'"),
    ],
)
def test_a_wrong_option_is_named(models: Path, option: str, value: str, message: str) -> None:
    done = ortless("compress", "net", "--models", str(models), option, value)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_rows_that_are_missing_are_one_line(models: Path) -> None:
    (models / "net" / "evaluation.jsonl").unlink()
    done = ortless("compress", "net", "--models", str(models))
    expected = "error (invalid_data): Expected a file of rows - got No such file or directory - at evaluation.jsonl\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_full_disk_is_one_line_and_no_verdict_on_any_model(models: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (models / "net").iterdir()}
    cache = str(tmp_path / "cache")
    command = f"ulimit -f 4; exec {sys.executable} -m toolchain compress net --models {models} --cache {cache}"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error (no_room): Nothing can be written")
    assert done.stderr.count("\n") == 2
    assert ": File too large\nhint: make room" in done.stderr
    assert {path.name: path.read_bytes() for path in (models / "net").iterdir()} == before
    assert not [path for path in Path(cache).rglob("*.json") if b"too large" in path.read_bytes()]


def test_control_c_keeps_what_was_found(models: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "toolchain",
        "compress",
        "net",
        "--models",
        str(models),
        "--cache",
        str(tmp_path / "c"),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "c").rglob("*.json")):  # the original is judged: the search is on
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert "(interrupted); ships: " in told
    assert json.loads((models / "net" / "report.json").read_text())["stopped"] == "interrupted"
