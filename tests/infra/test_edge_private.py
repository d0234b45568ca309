"""A private API and functions in a VPC: which ways lead in and out, and that nothing is looked up for it."""

import pytest

from tests.infra.assembly import Assembly, several, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PRIVATE

SUBNETS = PRIVATE["vpc"]["subnets"]
PREFIX = "com.amazonaws.<AWS::Region>."
INTERFACES = {
    f"ec2:{action}"
    for action in (
        "AssignPrivateIpAddresses",
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "UnassignPrivateIpAddresses",
    )
}


@pytest.fixture
def assembly(synthesized: Synthesized) -> Assembly:
    return synthesized("dev", **PRIVATE)


def group(assembly: Assembly, name: str) -> tuple[dict[str, str | list[str]], list[dict[str, object]]]:
    """A reference to a security group and the group's own ingress."""
    (key,) = (it for it in assembly.resources("AWS::EC2::SecurityGroup") if it.startswith(name))
    properties = assembly.resources("AWS::EC2::SecurityGroup")[key]["Properties"]
    return {"Fn::GetAtt": [key, "GroupId"]}, properties.get("SecurityGroupIngress", [])


def test_the_api_is_private_and_associated_with_the_endpoint_that_there_is_and_the_one_that_is_made(
    assembly: Assembly,
) -> None:
    (made,) = (it for it in assembly.resources("AWS::EC2::VPCEndpoint") if it.startswith("ApiPrivate"))
    assert assembly.only("AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {
        "Types": ["PRIVATE"],
        "VpcEndpointIds": ["vpce-0123456789abcdef0", {"Ref": made}],
    }


def test_its_address_has_the_endpoint_in_it_so_that_no_other_name_of_the_vpc_changes(assembly: Assembly) -> None:
    told = {name: shown(output["Value"]) for name, output in assembly.template["Outputs"].items()}
    host = "<ApiGatewayED308F4C>-vpce-0123456789abcdef0.execute-api.<AWS::Region>.<AWS::URLSuffix>"
    assert (told["ApiUrl"], told["ConsoleUrl"]) == (f"https://{host}/dev", f"https://{host}/dev/console")
    endpoint = assembly.named("AWS::EC2::VPCEndpoint", "ApiPrivate")
    assert (shown(endpoint["ServiceName"]), endpoint["PrivateDnsEnabled"]) == (f"{PREFIX}execute-api", False)
    assert endpoint["SubnetIds"] == SUBNETS


def test_the_endpoint_hears_tls_of_the_callers_that_the_stage_names_and_nobody_else(assembly: Assembly) -> None:
    callers, ingress = group(assembly, "ApiPrivateCallers")
    assert assembly.named("AWS::EC2::VPCEndpoint", "ApiPrivate")["SecurityGroupIds"] == [callers]
    assert [(it["CidrIp"], it["FromPort"], it["ToPort"]) for it in ingress] == [
        ("10.0.0.0/16", 443, 443),
        ("10.8.0.0/16", 443, 443),
    ]


def test_every_function_is_in_the_vpc_where_nobody_may_speak_to_it_and_it_speaks_tls_alone(assembly: Assembly) -> None:
    functions, ingress = group(assembly, "NetworkFunctions")
    assert ingress == []
    for function in assembly.properties("AWS::Lambda::Function"):
        assert function["VpcConfig"] == {"SecurityGroupIds": [functions], "SubnetIds": SUBNETS}
    (egress,) = assembly.named("AWS::EC2::SecurityGroup", "NetworkFunctions")["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)
    admitted = assembly.properties("AWS::EC2::SecurityGroupIngress")
    assert [it["GroupId"] for it in admitted] == [group(assembly, "NetworkServices")[0]]
    assert [it["SourceSecurityGroupId"] for it in admitted] == [functions]


def test_what_functions_call_is_reached_without_the_internet(assembly: Assembly) -> None:
    endpoints = assembly.resources("AWS::EC2::VPCEndpoint")
    found = {shown(it["Properties"]["ServiceName"]): it["Properties"] for it in endpoints.values()}
    interfaces = ("sqs", "states", "lambda", "monitoring", "apigateway")
    assert set(found) == {f"{PREFIX}{name}" for name in ("s3", "execute-api", *interfaces)}
    store = found[f"{PREFIX}s3"]
    assert (store["VpcEndpointType"], store["RouteTableIds"]) == ("Gateway", PRIVATE["vpc"]["route_tables"])
    for name in interfaces:
        assert found[f"{PREFIX}{name}"]["PrivateDnsEnabled"] is True
        assert found[f"{PREFIX}{name}"]["SecurityGroupIds"] == [group(assembly, "NetworkServices")[0]]


def test_lambda_may_attach_a_function_to_the_vpc_and_the_functions_own_code_may_not(assembly: Assembly) -> None:
    roles = {shown(it["Role"]).strip("<>").partition(".")[0] for it in assembly.properties("AWS::Lambda::Function")}
    policies = [it for it in assembly.properties("AWS::IAM::Policy") if it["Roles"][0]["Ref"] in roles]
    held = set()
    for policy in policies:
        mine = [it for it in policy["PolicyDocument"]["Statement"] if set(several(it["Action"])) >= INTERFACES]
        if mine:
            allowed, denied = mine
            assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
            assert denied["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}
            held.add(policy["Roles"][0]["Ref"])
    assert held == roles


def test_functions_can_be_in_a_vpc_that_has_every_endpoint_while_the_api_is_public(synthesized: Synthesized) -> None:
    vpc = {"id": PRIVATE["vpc"]["id"], "subnets": SUBNETS, "functions": True}
    assembly = synthesized("dev", vpc=vpc)
    assert assembly.resources("AWS::EC2::VPCEndpoint") == {}
    api = assembly.only("AWS::ApiGateway::RestApi")
    assert (api["EndpointConfiguration"], "Policy" in api) == ({"Types": ["REGIONAL"]}, False)
    assert all("VpcConfig" in function for function in assembly.properties("AWS::Lambda::Function"))
