"""Who may deploy: workflows of one repository, in one environment, without a key; and what they may do then."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra import beside, check
from infra.app import default_context
from infra.setting import InvalidStage
from infra.stages import Stage
from tests.infra.assembly import ROOT, Assembly, run_app
from tests.infra.test_roles import May, granted

ISSUER = "token.actions.githubusercontent.com"
OWN = f"arn:aws:iam::{'1' * 12}:oidc-provider/{ISSUER}"


def synthesized(folder: Path, **delivery: str) -> Assembly:
    stages = default_context()["stages"]
    stages["prod"]["delivery"] = delivery
    run = run_app(ROOT, folder, {"stage": "prod", "stages": stages}, "infra.beside", "delivery")
    assert (run.returncode, run.stderr) == (0, "")
    return Assembly(folder)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesized(tmp_path_factory.mktemp("delivery"), repository="example/models", environment="production")


def trust(assembly: Assembly, role: str) -> dict[str, Any]:
    (statement,) = assembly.named("AWS::IAM::Role", role)["AssumeRolePolicyDocument"]["Statement"]
    return dict(statement)


def test_only_the_environment_of_the_repository_may_deploy_and_only_its_pull_requests_compare(
    assembly: Assembly,
) -> None:
    subjects = {
        "Deploy": "repo:example/models:environment:production",
        "Keys": "repo:example/models:ref:refs/heads/main",
        "Diff": "repo:example/models:pull_request",
    }
    for role, subject in subjects.items():
        claims = {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}
        statement = trust(assembly, role)
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Condition"] == {"StringEquals": claims}


def test_who_deploys_takes_on_the_roles_of_the_bootstrap_and_reads_the_key_of_the_stage(assembly: Assembly) -> None:
    allowed = {may.actions[-1]: may for may in granted(assembly, "Deploy")}
    assert len(allowed) == 7
    takes, reads = allowed["sts:AssumeRole"], allowed["apigateway:GET"]
    images, logs_in = allowed["ecr:UploadLayerPart"], allowed["lambda:GetAccountSettings"]
    here = "<AWS::AccountId>-<AWS::Region>"
    repository = f"repository/cdk-hnb659fds-container-assets-{here}"
    assert images.resources == [f"arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:{repository}"]
    assert [action for action in images.actions if "Delete" in action or "*" in action] == []
    assert logs_in == May(["ecr:GetAuthorizationToken", "lambda:GetAccountSettings"], ["*"])
    assert takes == May(["sts:AssumeRole"], roles("deploy", "file-publishing", "image-publishing", "lookup"))
    tags = {"aws:ResourceTag/ortless:stage": "prod", "aws:ResourceTag/ortless:name": "stack"}
    keys = "arn:<AWS::Partition>:apigateway:<AWS::Region>::/apikeys/*"
    assert reads == May(["apigateway:GET"], [keys], {"StringEquals": tags})


def test_who_deploys_may_look_at_what_the_doctor_looks_at(assembly: Assembly) -> None:
    allowed = {may.actions[-1]: may.resources for may in granted(assembly, "Deploy")}
    here = "<AWS::Region>:<AWS::AccountId>"
    assert allowed["ssm:GetParameter"] == [f"arn:<AWS::Partition>:ssm:{here}:parameter/cdk-bootstrap/hnb659fds/version"]
    stacks, functions = allowed["cloudformation:ListStackResources"], allowed["lambda:GetFunctionConcurrency"]
    assert stacks == [f"arn:<AWS::Partition>:cloudformation:{here}:stack/ortless-prod/*"]
    assert functions == [f"arn:<AWS::Partition>:lambda:{here}:function:ortless-prod-*"]
    assert allowed["lambda:GetAccountSettings"] == ["*"]


def test_who_ends_keys_that_are_due_changes_keys_of_the_stage_alone_and_makes_none(assembly: Assembly) -> None:
    gateway = "arn:<AWS::Partition>:apigateway:<AWS::Region>::"
    ours = {"StringEquals": {"aws:ResourceTag/ortless:stage": "prod"}}
    assert granted(assembly, "Keys") == [
        May(["apigateway:GET"], [f"{gateway}/apikeys", f"{gateway}/usageplans", f"{gateway}/usageplans/*/keys"]),
        May(["apigateway:PATCH"], [f"{gateway}/apikeys/*"], ours),
        May(["apigateway:DELETE"], [f"{gateway}/usageplans/*/keys/*"]),
    ]


def test_who_compares_reads_the_template_that_is_deployed_and_nothing_of_what_the_stage_holds(
    assembly: Assembly,
) -> None:
    stack = "arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/ortless-prod/*"
    assert granted(assembly, "Diff") == [May(["cloudformation:DescribeStacks", "cloudformation:GetTemplate"], [stack])]


def test_there_is_one_provider_and_no_user_and_no_key(assembly: Assembly) -> None:
    provider = assembly.only("AWS::IAM::OIDCProvider")
    assert provider == {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}
    assert assembly.resources("AWS::IAM::User") == assembly.resources("AWS::IAM::AccessKey") == {}
    assert all(role["MaxSessionDuration"] == 3600 for role in assembly.properties("AWS::IAM::Role"))


def test_a_provider_that_is_there_is_taken(tmp_path: Path) -> None:
    assembly = synthesized(tmp_path, repository="example/models", provider=OWN)
    assert assembly.resources("AWS::IAM::OIDCProvider") == {}
    statement = trust(assembly, "Deploy")
    assert statement["Principal"] == {"Federated": OWN}
    assert statement["Condition"]["StringEquals"][f"{ISSUER}:sub"].endswith(":environment:prod")


def test_a_stage_without_a_repository_lets_nobody_in(tmp_path: Path) -> None:
    run = run_app(ROOT, tmp_path, {"stage": "dev"}, "infra.beside", "delivery")
    assert run.returncode == 1
    assert "at `stages.dev.delivery.repository` in cdk.json" in run.stderr


@pytest.mark.parametrize(
    "given", [{"repository": "*/*"}, {"repository": "a"}, {"environment": "a b"}, {"provider": "github"}], ids=str
)
def test_a_pattern_or_a_wrong_name_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(InvalidStage, match=rf"stages\.dev\.delivery\.{next(iter(given))}"):
        Stage.read("dev", {"dev": {"delivery": given}})


def roles(*kinds: str) -> list[str]:
    account, region = "<AWS::AccountId>", "<AWS::Region>"
    prefix = f"arn:<AWS::Partition>:iam::{account}:role/cdk-hnb659fds"
    return [f"{prefix}-{kind}-role-{account}-{region}" for kind in kinds]


@pytest.mark.parametrize("name", beside.NAMES)
def test_the_stacks_beside_a_stage_are_clean_by_the_rules_of_the_stages(name: str, tmp_path: Path) -> None:
    assert check.findings({"stage": "dev", "stages": check.EXAMPLE}, tmp_path, partial(beside.synthesize, name)) == []
