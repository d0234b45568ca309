"""Prod's own template on the embedded cloud: everything of it but what local/unsupported.py names."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.app import default_context
from local.aws import Account, translated
from local.commands import run
from local.endpoint import Endpoint
from local.errors import CloudFailed
from local.plan import Plan
from local.service import serving
from local.state import ROOT, State
from local.steps import Steps
from local.unsupported import UNSUPPORTED, left_out, supported
from tests.cloud import Api, api_of
from tests.e2e import prod
from tests.e2e.batch_desk import Desk
from tests.infra.assembly import Assembly, run_app

FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return prod.synthesized(tmp_path_factory.mktemp("prod") / "assembly")


@pytest.fixture(scope="module")
def whole(assembly: Assembly) -> dict[str, Any]:
    """The template as AWS would get it."""
    template: dict[str, Any] = json.loads(assembly.text)
    return template


@pytest.fixture(scope="module")
def deployed(
    assembly: Assembly, whole: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Endpoint, dict[str, Any]]]:
    """Prod, up, and the template that it is made of. Functions find the models in the tree, as they do in an image."""
    assert whole
    run("Building the packages", ["toolchain", "build"], ROOT, {})
    template = prod.adapted(assembly)
    plan = Plan(State(tmp_path_factory.mktemp("cloud")), assembly=assembly.directory)
    with serving(plan, Steps(Console(file=StringIO()))) as (_, endpoint):
        yield endpoint, template


@pytest.fixture(scope="module")
def service(deployed: tuple[Endpoint, dict[str, Any]]) -> Endpoint:
    return deployed[0]


@pytest.fixture(scope="module")
def api(service: Endpoint) -> Api:
    return api_of(service)


@pytest.fixture(scope="module")
def account(service: Endpoint) -> Account:
    return Account(service.endpoint_url)


def test_only_what_is_named_is_left_out_and_only_the_code_of_functions_is_another(
    deployed: tuple[Endpoint, dict[str, Any]], whole: dict[str, Any]
) -> None:
    _, template = deployed
    assert whole["Resources"].keys() - template["Resources"].keys() == left_out(whole)
    assert {whole["Resources"][name]["Type"] for name in left_out(whole)} == set(UNSUPPORTED)
    code = {"Code", "Handler", "Runtime", *prod.OF_IMAGES}
    for name, resource in template["Resources"].items():
        mine, theirs = resource.get("Properties", {}), whole["Resources"][name].get("Properties", {})
        different = {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
        assert different == (code if resource["Type"] == "AWS::Lambda::Function" else set()), name
        attributes = {key for key in whole["Resources"][name] if whole["Resources"][name][key] != resource.get(key)}
        assert attributes <= {"Properties", "UpdatePolicy", "DependsOn"}, name


def test_everything_else_is_made(deployed: tuple[Endpoint, dict[str, Any]], account: Account) -> None:
    endpoint, template = deployed
    client = account.session.client("cloudformation", **account.options)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=str(endpoint.stack))
    made = {it["LogicalResourceId"]: it["ResourceStatus"] for page in pages for it in page["StackResourceSummaries"]}
    # What records the version of the CDK is no resource of ours.
    wanted = {name for name, it in template["Resources"].items() if it["Type"] != "AWS::CDK::Metadata"}
    assert wanted <= made.keys()
    assert {made[name] for name in wanted} == {"CREATE_COMPLETE"}


def test_predictions_are_answered_to_who_shows_the_key_and_to_nobody_else(api: Api) -> None:
    answered = api.predict("iris-svm", FLOWER)
    assert (answered.status_code, answered.json()["predictions"][0]["label"]) == (200, "setosa")
    assert api.call("GET", "/v2/health/ready").status_code == 200
    stranger = Api(api.url, None, api.account, api.outputs)
    refused = stranger.predict("iris-svm", FLOWER)
    assert (refused.status_code, refused.json().keys()) == (403, {"error", "code"})


def test_a_dropped_file_is_answered(service: Endpoint) -> None:
    desk = Desk(service)
    job = desk.drop("iris-svm/flowers.jsonl", json.dumps(FLOWER).encode() + b"\n")
    manifest = desk.end(job)
    assert (manifest["rows"], manifest["answered"], manifest["errors"]) == (1, 1, 0)
    assert [row["prediction"]["label"] for row in desk.answered(manifest)] == ["setosa"]


def test_each_tier_of_cdk_json_is_a_plan_and_the_key_is_in_the_first(account: Account, service: Endpoint) -> None:
    client = account.session.client("apigateway", **account.options)
    tiers = default_context()["stages"]["prod"]["tiers"]
    plans = {plan["tags"]["ortless:tier"]: plan for plan in client.get_usage_plans()["items"]}
    assert {name: (plan["throttle"]["rateLimit"], plan["throttle"]["burstLimit"]) for name, plan in plans.items()} == {
        name: (tier["rate"], tier["burst"]) for name, tier in tiers.items()
    }
    keys = client.get_usage_plan_keys(usagePlanId=plans["default"]["id"])["items"]
    assert [key["id"] for key in keys] == [service.outputs["ApiKeyId"]]


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_what_is_left_out_is_refused(kind: str, account: Account) -> None:
    stacks = account.session.client("cloudformation", **account.options)
    template = json.dumps({"Resources": {"One": {"Type": kind, "Properties": {}}}})
    with pytest.raises(CloudFailed, match=re.escape(kind)), translated():
        stacks.create_stack(StackName=f"only-{kind.rpartition(':')[2].lower()}", TemplateBody=template)


def test_the_local_stage_has_all_that_prod_has_but_for_what_is_named(whole: dict[str, Any], tmp_path: Path) -> None:
    done = run_app(ROOT, tmp_path / "local", {"stage": "local"})
    assert done.returncode == 0, done.stderr
    local = {it["Type"] for it in Assembly(tmp_path / "local").template["Resources"].values()}
    assert {it["Type"] for it in whole["Resources"].values()} - local == set(UNSUPPORTED)


def test_what_needs_something_that_is_left_out_is_not_deployed_as_something_else() -> None:
    group = {"Type": "AWS::CodeDeploy::Application", "Properties": {}}
    told = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Group"}}}
    with pytest.raises(ValueError, match=r"^Told needs Group, which the embedded cloud does not have$"):
        supported({"Resources": {"Group": group, "Told": told}})
