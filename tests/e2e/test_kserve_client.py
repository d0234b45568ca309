"""KServe's own REST client, unmodified, through the gateway."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import Api

CLIENTS = Path(__file__).parent / "clients"
ENVIRONMENT = ROOT / "build" / "clients" / "kserve"


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of an environment with the client, made when its lock is newer."""
    lock, stamp = CLIENTS / "kserve.txt", ENVIRONMENT / ".installed"
    interpreter = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)], check=True)
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(interpreter), "-r", str(lock)]
        subprocess.run(install, check=True)
        stamp.write_text(lock.read_text())
    return interpreter


@pytest.fixture(scope="module")
def answers(python: Path, api: Api, echoes: None) -> Any:  # noqa: ARG001 - the models must be there
    """What the client got."""
    command = [str(python), str(CLIENTS / "kserve_client.py"), api.url, api.key or ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_server_and_a_model_are_ready(answers: Any) -> None:
    assert (answers["live"], answers["ready"]) == (True, True)
    assert (answers["model_ready_v2"], answers["model_ready_v1"]) == (True, True)


def test_instances_are_answered_in_version_1_of_the_protocol(answers: Any) -> None:
    assert answers["predictions"]["predictions"] == pytest.approx([1.8], abs=1e-6)


def test_every_datatype_comes_back_as_it_went(answers: Any) -> None:
    assert [name for name, same in answers["tensors"].items() if not same] == []
    assert len(answers["tensors"]) == 25


def test_an_error_is_what_the_client_makes_of_it(answers: Any) -> None:
    assert "There is no model 'nope'" in answers["error"]
