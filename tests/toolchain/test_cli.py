"""The `ortless` command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.core import graphs

VERBS = (
    "new", "import", "check", "build", "compress", "evaluate", "compare", "report",
    "publish", "promote", "canary", "shadow", "rollback", "history", "models", "rm", "gc",
    "predict", "batch", "jobs", "redrive", "plan", "image",
    "keys create", "keys list", "keys rotate", "keys revoke", "doctor", "smoke", "stop", "resume",
    "restore", "sbom", "images",
)  # fmt: skip


def ortless(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | variables
    command = [sys.executable, "-m", "toolchain", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    done = ortless(*verb.split(), "--help")
    assert done.returncode == 0
    assert f"Example: ortless {verb}" in done.stdout


def test_help_is_fast_as_nothing_heavy_is_imported_for_it() -> None:
    code = (
        "import sys; import toolchain.cli; "
        "print({'onnx', 'onnxruntime', 'numpy', 'httpx', 'obstore', 'PIL', 'botocore'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_from_folder_to_package(tmp_path: Path) -> None:
    graphs.source(tmp_path / "models", "plus", graphs.plus(1))
    packages = tmp_path / "packages"
    built = ortless("build", "--models", str(tmp_path / "models"), "--packages", str(packages), "--json")
    assert [row["model"] for row in json.loads(built.stdout)] == ["plus"]
    assert (packages / "plus" / "manifest.json").is_file()


def test_an_error_is_one_line_that_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "models" / "plus").mkdir(parents=True)
    (tmp_path / "models" / "plus" / "model.toml").write_text('name = "plus"')
    done = ortless("build", "--models", str(tmp_path / "models"), "--packages", str(tmp_path / "out"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "plus cannot be used: it has no model.onnx" in done.stderr.replace("\n", " ")
