"""The cloud as other tests use it: started from Python, filled twice, shut off from the rest of the machine."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local import ports
from local.aws import Account, translated
from local.caller import Caller
from local.cloud import Cloud
from local.deployment import api_key, api_url, deploy, operator
from local.endpoint import Endpoint
from local.errors import CallFailed, CloudFailed, PortTaken
from local.logs import Follower
from local.samples import Sample, samples
from local.state import State
from tests.local.conftest import ASSEMBLY


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("AWS_PROFILE", "mine")
        shell.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        shell.setenv("ORTLESS_MODELS", "none")
        with Cloud.start(State(tmp_path_factory.mktemp("cloud") / "state")) as cloud:
            yield cloud
    assert not cloud.alive()


@pytest.fixture(scope="module")
def account(cloud: Cloud) -> Account:
    return Account(cloud.url)


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud, account: Account) -> Endpoint:
    stack, outputs = deploy(ASSEMBLY, account)
    return Endpoint(
        endpoint_url=cloud.url,
        port=cloud.port,
        pid=cloud.process.pid if cloud.process else 0,
        stack=stack,
        api_url=api_url(outputs, cloud.url),
        api_key=api_key(outputs, account),
        operator=operator(outputs, account),
        outputs=outputs,
    )


def test_it_listens_on_the_loopback_interface_only(cloud: Cloud, endpoint: Endpoint) -> None:
    Caller(endpoint, signs=False).send("GET", "/hello")
    files = Path(f"/proc/{endpoint.pid}/fd").iterdir()
    inodes = {str(file.readlink()).removeprefix("socket:[").rstrip("]") for file in files}
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]
    assert f"0100007F:{cloud.port:04X}" in listening
    assert {address.partition(":")[0] for address in listening} == {"0100007F"}


def test_the_users_shell_does_not_reach_the_functions(endpoint: Endpoint) -> None:
    names = {entry.partition(b"=")[0] for entry in Path(f"/proc/{endpoint.pid}/environ").read_bytes().split(b"\0")}
    assert not names & {b"AWS_PROFILE", b"HTTP_PROXY", b"ORTLESS_MODELS", b"PYTHONPATH", b"AWS_ACCESS_KEY_ID"}
    assert {b"ORTLESS_ROOT", b"ORTLESS_PYTHON", b"ORTLESS_ENDPOINT_URL"} <= names


def test_only_the_clouds_own_answer_counts(cloud: Cloud) -> None:
    assert cloud.answers()
    assert not replace(cloud, marker="another").answers()


def test_its_port_is_taken(cloud: Cloud, tmp_path: Path) -> None:
    assert cloud.process
    with pytest.raises(PortTaken, match=f"taken by pid {cloud.process.pid} "):
        Cloud.start(State(tmp_path), cloud.port)
    ports.listen().close()


def test_a_stack_that_is_deployed_again_stays_the_same(account: Account, endpoint: Endpoint) -> None:
    assert deploy(ASSEMBLY, account) == (endpoint.stack, endpoint.outputs)


def test_a_stack_is_updated_when_its_template_changed(account: Account, endpoint: Endpoint, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(ASSEMBLY, changed)
    template = json.loads((changed / "Small.template.json").read_text())
    template["Outputs"]["Extra"] = {"Value": "new"}
    (changed / "Small.template.json").write_text(json.dumps(template))
    assert deploy(changed, account) == (endpoint.stack, endpoint.outputs | {"Extra": "new"})


def test_the_operator_may_do_what_its_policy_says_and_nothing_else(cloud: Cloud, endpoint: Endpoint) -> None:
    assert endpoint.operator
    signed = Account(cloud.url, credentials=endpoint.operator)
    store = signed.session.client("s3", **signed.options)
    assert store.list_objects_v2(Bucket=endpoint.outputs["ModelBucket"])["KeyCount"] == 0
    with pytest.raises(CloudFailed, match="AccessDenied"), translated():
        store.put_object(Bucket=endpoint.outputs["ModelBucket"], Key="x", Body=b"")


def test_a_policy_that_refuses_plain_http_lets_the_loopback_interface_pass(
    cloud: Cloud, account: Account, endpoint: Endpoint
) -> None:
    assert endpoint.operator
    bucket = endpoint.outputs["ModelBucket"]
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    root = account.session.client("s3", **account.options)
    root.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    signed = Account(cloud.url, credentials=endpoint.operator)
    assert signed.session.client("s3", **signed.options).list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_logs_are_told_once_and_in_order(account: Account, endpoint: Endpoint) -> None:
    follower, caller = Follower(account), Caller(endpoint, signs=False)
    follower.new()
    told = []
    for number in range(5):
        caller.send("GET", f"/{number}")
        told += follower.new()
    assert [json.loads(line.message)["path"] for line in told] == [f"/{number}" for number in range(5)]
    assert {line.group for line in told} == {"Small-Function"}
    assert follower.new() == []


def test_a_call_without_the_key_is_refused(endpoint: Endpoint) -> None:
    with pytest.raises(CallFailed, match="answered 403"):
        Caller(replace(endpoint, api_key=None), signs=False).json("GET", "/hello")


def test_curl_lines_work_as_they_are_printed(endpoint: Endpoint, tmp_path: Path) -> None:
    caller = Caller.admitted(endpoint)
    for name, files in {"plain": ["golden.json"], "drawn": ["golden.json", "sample.png"]}.items():
        folder = tmp_path / "model_artifacts" / name
        folder.mkdir(parents=True)
        for file in files:
            (folder / file).write_text(json.dumps({"cases": [{"request": {"instances": ["it's"]}}]}))
    drawn, plain = samples(tmp_path)
    assert not caller.signs
    assert body(plain, caller, tmp_path) == {"instances": ["it's"]}
    assert body(drawn, caller, tmp_path)["instances"][0]["image"]["b64"].startswith("eyJjYXNlcy")


def body(sample: Sample, caller: Caller, root: Path) -> Any:
    """What the API got from a line that was pasted into a shell in the repository's root."""
    shell, variables = ["sh", "-c", sample.curl(caller)], {"PATH": os.environ["PATH"]}
    answer = subprocess.run(shell, capture_output=True, check=True, cwd=root, env=variables)
    return json.loads(json.loads(answer.stdout)["body"])
