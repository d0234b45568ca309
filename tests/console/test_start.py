"""What a start of the console imports: each module here is paid for by a user who waits for a page."""

import json
import os
import subprocess
import sys

from tests.conftest import ROOT
from tests.predict.calls import event

HEAVY = {"onnxruntime", "numpy", "PIL", "tokenizers", "onnx", "pyarrow"}
LATER = {"boto3", "botocore"}
CODE = """
import json, sys
from functions.console.handler import handler
seen = []
for call in json.load(sys.stdin):
    done = handler(call, None)
    seen.append([done["statusCode"], sorted({name.partition(".")[0] for name in sys.modules})])
print(json.dumps(seen))
"""


def answers(*paths: str) -> list[tuple[int, set[str]]]:
    """The status of each answer of a fresh process, and the top modules that it has by then."""
    calls = [event("GET", path) | (guarded(path) if "/api/" in path else {}) for path in paths]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "ORTLESS_MODEL_BUCKET": "models",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=json.dumps(calls), cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [(status, set(names)) for status, names in json.loads(done.stdout)]


def guarded(path: str) -> dict[str, object]:
    """What the gateway says of a path behind the key."""
    proxy = path.removeprefix("/console/api/")
    return {"resource": "/console/api/{proxy+}", "pathParameters": {"proxy": proxy}}


def test_the_page_its_files_and_the_registry_are_served_without_what_runs_models_or_speaks_with_aws() -> None:
    page, missing, models = answers("/console", "/console/assets/0/gone.js", "/console/api/models")
    assert (page[0], missing[0], models[0]) == (200, 404, 503)
    assert models[1] & (HEAVY | LATER) == set()


def test_metrics_import_the_client_of_aws_and_nothing_else_that_is_heavy() -> None:
    page, activity = answers("/console", "/console/api/activity")
    assert (page[0], activity[0]) == (200, 503)
    assert activity[1] - page[1] >= LATER
    assert activity[1] & HEAVY == set()
