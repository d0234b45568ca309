"""What is found in an account: on moto, and on the numbers that AWS gives."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from toolchain.deployment import CloudRefused, Deployment
from toolchain.doctor import account, api_keys, quotas
from toolchain.doctor.template import Template
from toolchain.keys.places import Memory
from toolchain.keys.ring import Ring

PARAMETER = "/cdk-bootstrap/doctor/version"


@pytest.fixture
def deployment(moto: str) -> Deployment:
    return Deployment("doctor", boto3.Session("test", "test", region_name="us-east-1"), moto)


def test_who_asks_and_where_is_told(deployment: Deployment) -> None:
    found = {finding.check: finding for finding in account.credentials(deployment)}
    assert "arn:aws:" in found["credentials"].detail
    assert found["region"].detail == "us-east-1"


def test_nobody_there_is_an_error_and_not_a_finding_of_health(moto: str) -> None:
    nowhere = Deployment("doctor", boto3.Session("test", "test", region_name="us-east-1"), moto.replace("127", "128"))
    with pytest.raises(CloudRefused):
        list(account.credentials(nowhere))


def test_a_bootstrap_is_missing_too_old_or_new_enough(deployment: Deployment) -> None:
    template = Template({}, bootstrap=6, parameter=PARAMETER)
    assert account.bootstrap(deployment, template).status == "fail"
    parameters: Any = deployment.service("ssm")
    for version, status in (("5", "fail"), ("6", "ok"), ("30", "ok")):
        parameters.put_parameter(Name=PARAMETER, Value=version, Type="String", Overwrite=True)
        assert account.bootstrap(deployment, template).status == status
    parameters.delete_parameter(Name=PARAMETER)


@pytest.mark.parametrize(
    ("quota", "free", "wanted", "status"),
    [
        (1000, 1000, 20, "ok"),
        (1000, 1000, 901, "fail"),
        (1000, 110, 20, "fail"),
        (10, 10, 0, "warn"),
        (10, 10, 1, "fail"),
    ],
)
def test_a_stage_reserves_no_more_than_aws_lets_it(quota: int, free: int, wanted: int, status: str) -> None:
    finding = quotas.concurrency(quota, free, wanted)
    assert finding.status == status
    assert (f"{wanted}" in finding.detail, bool(finding.hint)) == (True, status != "ok")


def test_more_memory_than_a_new_account_has_is_told() -> None:
    assert quotas.memory(10, 3008).status == "ok"
    assert quotas.memory(10, 3009).status == "warn"
    assert quotas.memory(1000, 10_240).status == "ok"


def test_keys_that_are_due_or_closed_are_told(deployment: Deployment) -> None:
    assert api_keys.check(deployment).status == "skipped"
    gateway: Any = deployment.service("apigateway")
    tags = {"ortless:stage": "doctor", "ortless:tier": "default"}
    gateway.create_usage_plan(name="ortless-doctor-default", tags=tags)
    ring = Ring(deployment)
    ring.create("ann", "default", Memory())
    assert api_keys.check(deployment).detail == "1 work, none is due"
    ring.rotate("ann", timedelta(microseconds=1), None, Memory())
    due = api_keys.check(deployment)
    assert (due.detail, due.hint) == ("replaced, due and still let in: ann", "ortless keys revoke --due")
    ring.end_due()
    gateway.create_api_key(name="x", enabled=True, tags={"ortless:stage": "doctor", "ortless:name": "bob"})
    assert api_keys.check(deployment).detail == "enabled, but in no tier: bob"
