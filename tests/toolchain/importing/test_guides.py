"""The guides from other frameworks, followed word by word in an environment that has these."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_docs import checkout as checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

GUIDES = ROOT / "docs" / "guides"
PARTS = re.compile(r"^```(sh import|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"# (\w+\.py)\n")


@pytest.mark.parametrize(
    ("guide", "name", "answered"),
    [
        ("from-scikit-learn.md", "churn", "yes"),
        ("from-pytorch.md", "small-digits", "likeliest"),
    ],
)
def test_a_guide_leads_from_training_to_an_answer(
    checkout: Path, networks_python: Path, guide: str, name: str, answered: str
) -> None:
    tools = checkout / "tools"
    tools.mkdir()
    (tools / "python").symlink_to(networks_python)
    (tools / "ortless").write_text(f'#!/bin/sh\nexec {networks_python} -m toolchain "$@"\n')
    (tools / "ortless").chmod(0o755)
    (checkout / ".venv").unlink()
    (checkout / ".venv").symlink_to(Path(sys.executable).parents[1])
    said = ""
    try:
        for kind, text in PARTS.findall((GUIDES / guide).read_text()):
            if kind == "python":
                (checkout / MARK.match(text)[1]).write_text(text)  # type: ignore[index]
            else:
                said += shell(text.replace("python train.py", f"{networks_python} train.py"), checkout, tools)
    finally:
        shell(".venv/bin/python -m local down", checkout, tools)
    assert answered in said
    files = {path.name for path in (checkout / "model_artifacts" / name).iterdir()}
    assert files >= {"model.onnx", "golden.json", "evaluation.jsonl", "calibration.jsonl", "report.json", "CARD.md"}


def shell(command: str, checkout: Path, tools: Path) -> str:
    """What a block of commands prints; they stop at the first that fails."""
    environment = os.environ | {
        "ORTLESS_STATE_DIR": str(checkout / ".local"),
        "PYTHONPATH": str(checkout),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(checkout),  # the cache of compressions
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["sh", "-euc", command], cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
