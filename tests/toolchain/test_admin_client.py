"""How the admin API is reached: where it is, who signs, and what is said when that does not work."""

import json
import os
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.toolchain.admin_server import KEY, REGION, SECRET, Server
from tests.toolchain.operator import Operator
from toolchain.admin_client import Admin
from toolchain.admin_errors import AdminRefused, AdminUnreachable
from toolchain.signing import Signer, signer

UNSIGNED = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


def admin(server: Server, seconds: float = 5.0) -> Admin:
    """A client with the operator's credentials."""
    return Admin(server.url, Signer(Credentials(KEY, SECRET, method="a test"), REGION), seconds)


def test_without_credentials_it_is_said_how_to_get_some(operator: Operator) -> None:
    done = operator("models", **UNSIGNED)
    assert done.returncode == 1
    assert done.stderr.startswith("error (no_credentials): Expected AWS credentials to sign with - got none: ")
    assert "hint: set AWS_PROFILE, or run `aws configure` or `aws sso login`" in done.stderr
    unknown = operator("models", **UNSIGNED, AWS_PROFILE="nobody")
    assert unknown.returncode == 1
    assert "The config profile (nobody) could not be found" in unknown.stderr
    assert operator.server.calls == []


def test_a_profile_signs_with_its_keys_in_its_region(operator: Operator, tmp_path: Path) -> None:
    text = f"[profile ops]\nregion = {REGION}\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    (tmp_path / "config").write_text(text)
    variables = UNSIGNED | {"AWS_REGION": "", "AWS_PROFILE": "ops", "AWS_CONFIG_FILE": str(tmp_path / "config")}
    done = operator("models", "--json", **variables)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"models": []})


def test_credentials_that_cannot_be_had_are_told_why(operator: Operator, tmp_path: Path) -> None:
    role = "arn:aws:iam::123456789012:role/ops"
    text = f"[profile broken]\ncredential_process = false\n[profile role]\nrole_arn = {role}\nsource_profile = me\n"
    (tmp_path / "config").write_text(f"{text}[profile me]\naws_access_key_id = a\naws_secret_access_key = b\n")
    variables = UNSIGNED | {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_MAX_ATTEMPTS": "1"}
    variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
    for profile in ("broken", "role"):
        done = operator("models", **variables, AWS_PROFILE=profile)
        assert done.returncode == 1
        assert done.stderr.startswith("error (no_credentials): Expected AWS credentials to sign with - got none: ")
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"' in done.stderr


def test_without_a_region_it_is_said_how_to_name_one(operator: Operator) -> None:
    done = operator("models", AWS_REGION="", AWS_DEFAULT_REGION="")
    assert done.returncode == 1
    assert f"error (no_region): Expected the region of {operator.server.url} - got none" in done.stderr
    assert "neither that name, nor AWS_REGION, nor the profile tells it\nhint: " in done.stderr
    assert "set AWS_REGION to the region of the stack" in done.stderr


@pytest.mark.parametrize("source", ["AWS_REGION", "AWS_DEFAULT_REGION", "profile"])
def test_under_a_name_of_ones_own_the_region_is_that_of_the_environment_or_of_the_profile(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile ops]\nregion = eu-west-1\n" if source == "profile" else "")
    given = {"AWS_PROFILE": "ops"} if source == "profile" else {source: "eu-west-1"}
    none = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
    for name in none:
        monkeypatch.delenv(name, raising=False)
    shown = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_CONFIG_FILE": str(tmp_path / "config")}
    shown["AWS_SHARED_CREDENTIALS_FILE"] = str(tmp_path / "credentials")
    if source == "profile":  # a profile that is named comes before keys of the environment
        (tmp_path / "credentials").write_text(f"[ops]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    for name, value in (shown | given).items():
        monkeypatch.setenv(name, value)
    found = signer("https://models.example.com", {**os.environ, "ORTLESS_STATE_DIR": str(tmp_path)})
    assert found.region == "eu-west-1"


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://abc123.execute-api.ap-southeast-2.amazonaws.com/prod", "ap-southeast-2"),
        ("https://abc123-vpce-0f.execute-api.cn-north-1.amazonaws.com.cn/prod", "cn-north-1"),
        ("https://models.example.com", "us-west-1"),
    ],
)
def test_the_address_tells_the_region_unless_it_is_a_domain_of_ones_own(
    url: str, region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert signer(url, {"AWS_REGION": "us-west-1", "ORTLESS_STATE_DIR": str(tmp_path)}).region == region


def test_the_local_clouds_operator_signs_for_the_local_cloud_only(operator: Operator, tmp_path: Path) -> None:
    own = {"access_key_id": KEY, "secret_access_key": SECRET}
    record = {"api_url": operator.server.url, "region": REGION, "operator": own}
    (tmp_path / "endpoint.json").write_text(json.dumps(record))
    stranger = {"AWS_ACCESS_KEY_ID": "AKIASTRANGER", "AWS_REGION": "us-east-1", "ORTLESS_STATE_DIR": str(tmp_path)}
    found = operator("models", "--json", ORTLESS_URL="", **stranger)
    assert (found.returncode, json.loads(found.stdout)) == (0, {"models": []})
    (tmp_path / "endpoint.json").write_text(json.dumps(record | {"api_url": "http://127.0.0.1:1"}))
    elsewhere = operator("models", **stranger)
    assert elsewhere.returncode == 1
    assert "The access key AKIASTRANGER (env) may not do" in elsewhere.stderr


def test_who_may_not_is_told_what_on_what_and_as_whom(operator: Operator) -> None:
    operator.has("plus", versions=1)
    words = "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: execute-api:Invoke"
    operator.server.scripted["POST /admin/models/plus:promote"] = [(403, {"Message": words})]
    done = operator("promote", "plus", "1")
    assert (done.returncode, done.stdout) == (1, "")
    who, what = f"The access key {KEY} (env)", "execute-api:Invoke on POST /admin/models/plus:promote"
    assert done.stderr.splitlines()[0] == f"error (access_denied): {who} may not do {what}: {words} [403]"
    wrong = operator("models", AWS_SECRET_ACCESS_KEY="another")
    assert wrong.returncode == 1
    assert "GET /admin/models: The request signature we calculated does not match" in wrong.stderr


def test_a_session_token_comes_with_the_signature(server: Server) -> None:
    signed = Signer(Credentials(KEY, SECRET, "a token"), REGION).headers("GET", f"{server.url}/admin/models", b"")
    assert signed["X-Amz-Security-Token"] == "a token"
    assert "x-amz-security-token" in signed["Authorization"]


def test_a_look_is_taken_again_when_the_service_hiccups(server: Server) -> None:
    server.scripted["GET /admin/models"] = [(503, {"error": "slow", "code": "store_unavailable"}), (429, {})]
    assert admin(server).get("/models") == {"models": []}
    assert server.done("GET") == ["/models"] * 3


def test_a_look_is_given_up_after_three(server: Server) -> None:
    server.scripted["GET /admin/models"] = [(502, {"message": "Internal server error"})] * 4
    with pytest.raises(AdminRefused, match=r"Internal server error \[502\]"):
        admin(server).get("/models")
    assert len(server.calls) == 3


def test_a_change_is_never_tried_twice(server: Server) -> None:
    server.scripted["POST /admin/gc"] = [(503, {"error": "The registry is slow", "code": "store_unavailable"})]
    with pytest.raises(AdminRefused, match=r"The registry is slow \[503 store_unavailable\]"):
        admin(server).post("/gc", {"dry_run": True})
    assert len(server.calls) == 1


def test_after_a_change_without_an_answer_it_is_said_that_it_may_have_happened(server: Server) -> None:
    server.slow = 0.5
    words = "it did not answer in time\nhint: it may have taken place all the same"
    with pytest.raises(AdminUnreachable, match=words):
        admin(server, seconds=0.1).post("/gc", {"dry_run": True})


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address", "http://["])
def test_where_nothing_answers_it_is_said(operator: Operator, url: str) -> None:
    done = operator("gc", ORTLESS_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error (api_unreachable): There is no answer from {url}: ")


def test_an_answer_that_says_nothing_is_told_as_it_is(server: Server) -> None:
    server.scripted["GET /admin/models"] = [(200, {})]
    with pytest.raises(AdminRefused, match=r"\{\} \[200\]"):
        admin(server).get("/models")
