"""The whole service as `make run` starts it, and the real CDK command line against a bare cloud."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from local.aws import Account
from local.deployment import api_key, api_url
from local.samples import samples
from tests.local.laptop import ROOT, Laptop

BIN = ROOT / ".venv" / "bin"


def test_run_asks_every_sample_model_and_prints_lines_that_work(laptop: Laptop) -> None:
    run = laptop.start("run")
    assert run.stderr
    assert run.stdout
    progress: list[str] = []
    while not progress or "Following the functions' logs" not in progress[-1]:
        progress.append(run.stderr.readline())
        assert progress[-1], progress
    summary: list[str] = []
    while len(pasted := [line for line in summary if "curl" in line and ":predict" in line]) < len(samples()):
        summary.append(run.stdout.readline())
        assert summary[-1], summary
    for sample, line in zip(samples(), pasted, strict=True):
        assert f"✓ Ask {sample.name} " in "".join(progress)
        assert re.search(rf"^{sample.name} +version 1 ", "".join(summary), re.MULTILINE)
        answer = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, cwd=ROOT)
        assert len(json.loads(answer.stdout)["predictions"]) == 1
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=20)
    assert run.returncode == 0, errors


def test_cdk_deploys_the_local_stage_onto_a_bare_cloud(laptop: Laptop, tmp_path: Path) -> None:
    laptop.local("up", "--detach", "--bare")
    assert laptop.endpoint
    account = Account(laptop.endpoint["endpoint_url"])
    cdk(account, tmp_path, "bootstrap", "aws://000000000000/us-east-1")
    outputs_file = tmp_path / "outputs.json"
    options = ["--context", "stage=local", "--require-approval", "never", "--output", str(tmp_path / "cdk.out")]
    cdk(account, ROOT, "deploy", *options, "--outputs-file", str(outputs_file))
    outputs = json.loads(outputs_file.read_text())["ortless-local"]
    address, key = api_url(outputs, account.url), api_key(outputs, account)
    assert address
    assert key
    assert httpx.get(f"{address}/v2/health/live", trust_env=False).status_code == 200
    assert httpx.get(f"{address}/v2", trust_env=False).status_code == 403
    assert httpx.get(f"{address}/v2", trust_env=False, headers={"x-api-key": key}).status_code == 200


def cdk(account: Account, directory: Path, *arguments: str) -> None:
    """Run the CDK's command line as `make deploy` does, with nothing but the endpoint changed."""
    [package] = re.findall(r"aws-cdk@[\d.]+", (ROOT / "Makefile").read_text())
    shell = {"PATH": f"{BIN}:{os.environ['PATH']}", "CI": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}
    variables = os.environ | account.variables() | shell
    npx = [str(BIN / "npx"), "--yes", package]
    if subprocess.run([*npx, "--version"], capture_output=True, check=False, env=variables, cwd=directory).returncode:
        pytest.skip(f"{package} is neither here nor to be had from npm")
    done = subprocess.run([*npx, *arguments], capture_output=True, text=True, check=False, env=variables, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
