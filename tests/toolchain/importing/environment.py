"""The environment with the other frameworks, made on demand, and what runs in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

HERE = Path(__file__).parent
LOCKS = ROOT / "toolchain" / "requirements"
OVERRIDES = ROOT / "functions" / "requirements" / "overrides.txt"
TORCH = "torch==2.13.0"
"""Installed by pip, which takes the build that fits the machine; as toolchain/requirements/train.in has it."""


def make(name: str = "import") -> Path:
    """The interpreter of the environment of that lock, made anew when the lock has changed."""
    environment, lock = ROOT / "build" / name, LOCKS / f"{name}.txt"
    python, stamp = environment / "bin" / "python", environment / ".installed"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)], check=True)
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "--override", str(OVERRIDES)]
        subprocess.run([*install, "--python", str(python), "-r", str(lock)], check=True)
        stamp.write_text(lock.read_text())
    return python


def with_torch() -> Path:
    """The interpreter that has PyTorch, too."""
    python = make()
    stamp = python.parents[1] / f".{TORCH}"
    if not stamp.exists():
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", TORCH], check=True)
        stamp.touch()
    return python


def run(python: Path, script: str, folder: Path, *arguments: str, **more: str) -> str:
    """What a script of `originals` prints; `more` are variables of its environment."""
    command = [str(python), str(HERE / "originals" / script), str(folder), *arguments]
    # Keras keeps what a person chose in their home: nothing here depends on it.
    variables = {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "KERAS_HOME": str(folder),
    }
    variables |= more
    done = subprocess.run(
        command, env=os.environ | variables, cwd=folder, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported(python: Path, folder: Path, wanted: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What came of several imports, in one process, as each framework takes seconds to load.

    Args:
        wanted: by the name of the model, `source` and what `contract.Source` and `Options` have.
    """
    (folder / "wanted.json").write_text(json.dumps(wanted))
    outcomes: dict[str, Any] = json.loads(run(python, "imports.py", folder))
    return outcomes
