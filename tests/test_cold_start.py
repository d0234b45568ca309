"""What a cold start imports, in a fresh interpreter: each module here is paid for by a user."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, load_event

FORBIDDEN = {
    "fastapi", "starlette", "mangum", "pydantic", "anyio", "asyncio", "boto3", "botocore", "onnx", "torch",
    "aws_cdk", "typer", "rich", "urllib.request", "http.client", "ssl", "pathlib", "tempfile", "PIL",
    "importlib.metadata", "tokenizers", "hashlib",
}  # fmt: skip
OURS_LIMIT = 43
"""Modules of ours that a start may import."""

CODE = """
import json, sys
from functions.predict.handler import handler
for event in json.load(sys.stdin):
    assert handler(event, None)["statusCode"] == 200
print(json.dumps(sorted(sys.modules)))
"""


def modules(packages: Path, *events: dict[str, object], **variables: str) -> set[str]:
    """The modules that a process has after answering the events."""
    environment = {"PATH": os.environ["PATH"], "ORTLESS_PACKAGES": str(packages), **variables}
    done = subprocess.run(
        [sys.executable, "-X", "frozen_modules=on", "-c", CODE],
        input=json.dumps(events), cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_a_start_and_a_prediction_import_nothing_that_they_do_not_need(packages: Path) -> None:
    loaded = modules(packages, load_event("rest_predict_linear"))
    assert loaded & FORBIDDEN == set()
    ours = {name for name in loaded if name.startswith("functions")}
    assert len(ours) <= OURS_LIMIT, sorted(ours)


@pytest.mark.parametrize("name", ["inputs.image", "outputs.classification"])
def test_processing_is_imported_by_the_first_model_that_declares_it(packages: Path, name: str) -> None:
    module = f"functions.core.processing.{name}"
    assert module not in modules(packages, load_event("rest_predict_linear"))
    assert module in modules(packages, load_event("rest_predict_digit"))


def test_pictures_import_the_picture_library_and_nothing_else_does(packages: Path) -> None:
    assert "PIL.Image" in modules(packages, load_event("rest_predict_digit"))


def test_documents_import_fastapi_when_they_are_asked_for(packages: Path) -> None:
    event = load_event("rest_predict_linear") | {"httpMethod": "GET", "resource": "/openapi.json"}
    assert {"fastapi", "mangum"} <= modules(packages, event)


def test_what_keeps_requests_is_imported_where_a_stage_asks_for_it(packages: Path) -> None:
    ours = {"functions.predict.capturing.capture", "functions.predict.capturing.spool"}
    assert not ours & modules(packages, load_event("rest_predict_linear"))
    kept = modules(packages, load_event("rest_predict_linear"), ORTLESS_CAPTURE_BUCKET="captured")
    assert ours <= kept
    assert kept & FORBIDDEN == set()
