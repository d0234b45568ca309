"""KServe's own REST client, unmodified, through the gateway."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clients.environment import interpreter
from tests.e2e.conftest import Api

CLIENTS = Path(__file__).parent / "clients"


@pytest.fixture(scope="module")
def answers(api: Api, echoes: None) -> Any:  # noqa: ARG001 - the models must be there
    """What the client got."""
    command = [str(interpreter("kserve")), str(CLIENTS / "kserve_client.py"), api.url, api.key or ""]
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
