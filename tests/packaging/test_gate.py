"""`[compress]` of model.toml, and what a compressed model in a folder does to its package."""

import hashlib
import json
from pathlib import Path

import pytest

from functions.core.errors import InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging import source
from functions.packaging.build import build
from functions.packaging.gate import Gate
from tests.core import graphs

FULL = """[compress]
metric = "auc"
max_drop = 0.01
agreement = 0.9
max_bytes = 1000
max_ms = 2
data = "rows.jsonl"
calibration = "samples.jsonl"
target = "latency"
"""


def plus(tmp_path: Path, toml: str = "") -> Path:
    return graphs.source(tmp_path / "models", "plus", graphs.plus(1), toml)


def compressed(tmp_path: Path, amount: float = 2.0) -> Path:
    """A folder whose compressed model adds another amount, which tells the two apart."""
    folder = plus(tmp_path)
    other = graphs.source(tmp_path / "other", "plus", graphs.plus(amount))
    (folder / "compressed.onnx").write_bytes((other / "model.onnx").read_bytes())
    for name, answers in (("golden.json", [2, 3]), ("compressed.golden.json", [3, 4])):
        case = {"name": "c", "request": {"instances": [[1, 2]]}, "response": {"predictions": [answers]}}
        (folder / name).write_text(json.dumps({"tolerance": 1e-6, "cases": [case]}))
    names = ("model.onnx", "compressed.onnx", "golden.json", "compressed.golden.json")
    files = {name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()} for name in names}
    (folder / "report.json").write_text(json.dumps({"files": files}))
    return folder


def test_the_table_is_read_whole(tmp_path: Path) -> None:
    expected = Gate("auc", 0.01, 0.9, 1000, 2, "rows.jsonl", "samples.jsonl", "latency")
    assert source.read(plus(tmp_path, FULL)).compress == expected


def test_an_empty_table_agrees_on_what_suits_the_model(tmp_path: Path) -> None:
    assert source.read(plus(tmp_path, "[compress]\n")).compress == Gate()


def test_without_a_table_nothing_is_agreed(tmp_path: Path) -> None:
    assert source.read(plus(tmp_path)).compress is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'metric = "f1"',
            "expected one of accuracy, macro_f1, auc, ece, rmse, mae, r2, ndcg, recall, cosine, agreement",
        ),
        ('metric = ["auc"]', "got ['auc'] - at `compress.metric`"),
        ("max_drop = -0.1", "expected a number from 0 to 1099511627776 - got -0.1 - at `compress.max_drop`"),
        ("max_drop = nan", "got nan - at `compress.max_drop`"),
        ('max_drop = "1%"', "got '1%' - at `compress.max_drop`"),
        ("agreement = 98", "expected a number from 0 to 1 - got 98 - at `compress.agreement`"),
        ("agreement = true", "got True - at `compress.agreement`"),
        ("max_bytes = 0", "expected a number of bytes from 1 to 1099511627776 - got 0 - at `compress.max_bytes`"),
        ("max_bytes = 1.5", "got 1.5 - at `compress.max_bytes`"),
        ("max_ms = []", "got [] - at `compress.max_ms`"),
        ('data = "../rows.jsonl"', "expected the name of a .jsonl file in the folder - got '../rows.jsonl'"),
        ('data = "rows.csv"', "got 'rows.csv' - at `compress.data`"),
        ("calibration = 1", "got 1 - at `compress.calibration`"),
        ('target = "speed"', "expected one of size, latency, cost - got 'speed' - at `compress.target` of model.toml"),
        ("drop = 1", "got 'drop' - at `compress.drop`"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        source.read(plus(tmp_path, f"[compress]\n{line}\n"))
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ["evaluation.jsonl", "calibration.jsonl", "rows.jsonl", "report.html"])
def test_data_and_pages_are_no_assets(tmp_path: Path, name: str) -> None:
    folder = plus(tmp_path, f'assets = ["{name}"]\n[compress]\ndata = "rows.jsonl"\n')
    (folder / name).write_text("{}")
    with pytest.raises(InvalidPackage, match=r"expected a file that may leave this machine - got .* at `assets\[0\]`"):
        source.read(folder)


def test_what_is_compressed_ships_in_the_place_of_the_original(tmp_path: Path) -> None:
    folder = compressed(tmp_path)
    for name in ("evaluation.jsonl", "calibration.jsonl", "report.html"):
        (folder / name).write_text("private")
    package = build(folder, tmp_path / "out")
    assert Predictor(package, Settings()).predict([[1, 2]])[0].tolist() == [3, 4]
    assert package.read("golden.json") == (folder / "compressed.golden.json").read_bytes()
    shipped = {"model.onnx", "golden.json", "report.json", "manifest.json", "manifest.sha256"}
    assert {path.name for path in Path(package.directory).iterdir()} == shipped


@pytest.mark.parametrize("name", ["model.onnx", "golden.json", "compressed.onnx", "compressed.golden.json"])
def test_a_file_that_changed_after_compression_keeps_the_package_from_being_made(tmp_path: Path, name: str) -> None:
    folder = compressed(tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(
        InvalidPackage, match=rf"compressed\.onnx does not belong to {name} as it is: run `ortless comp"
    ):
        build(folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("report", "message"),
    [(None, "it has compressed.onnx but no report.json"), ("{", "report.json is damaged"), ("[]", "is damaged")],
)
def test_a_compressed_model_without_its_report_does_not_ship(tmp_path: Path, report: str | None, message: str) -> None:
    folder = compressed(tmp_path)
    (folder / "report.json").unlink()
    if report is not None:
        (folder / "report.json").write_text(report)
    with pytest.raises(InvalidPackage, match=message):
        build(folder, tmp_path / "out")
