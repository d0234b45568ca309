"""A name of one's own: what leads to it, who may go round it, and what shows it."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PUBLIC

DOMAIN: dict[str, Any] = PUBLIC["domain"]


@pytest.fixture
def assembly(synthesized: Synthesized) -> Assembly:
    return synthesized("dev", **PUBLIC)


def outputs(assembly: Assembly) -> dict[str, str]:
    return {name: shown(output["Value"]) for name, output in assembly.template["Outputs"].items()}


def test_the_name_is_regional_and_takes_no_tls_below_what_the_stage_says(assembly: Assembly) -> None:
    assert assembly.only("AWS::ApiGateway::DomainName") == {
        "DomainName": "models.example.com",
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "RegionalCertificateArn": DOMAIN["certificate"],
        "SecurityPolicy": "SecurityPolicy_TLS13_1_3_2025_09",
        "EndpointAccessMode": "STRICT",
    }


def test_the_api_takes_no_lower_tls_than_its_name_and_its_own_address_is_closed(assembly: Assembly) -> None:
    api = assembly.only("AWS::ApiGateway::RestApi")
    assert api["DisableExecuteApiEndpoint"] is True
    assert (api["SecurityPolicy"], api["EndpointAccessMode"]) == ("SecurityPolicy_TLS13_1_3_2025_09", "STRICT")


def test_the_base_path_leads_to_the_stage(assembly: Assembly) -> None:
    mapping = assembly.only("AWS::ApiGateway::BasePathMapping")
    assert (mapping["BasePath"], mapping["RestApiId"]) == ("ml", {"Ref": "ApiGatewayED308F4C"})
    (stage,) = assembly.resources("AWS::ApiGateway::Stage")
    assert mapping["Stage"] == {"Ref": stage}


def test_the_hosted_zone_gets_an_alias_of_the_name(assembly: Assembly) -> None:
    record = assembly.only("AWS::Route53::RecordSet")
    assert (record["Type"], record["Name"]) == ("A", "models.example.com.")
    assert record["HostedZoneId"] == DOMAIN["hosted_zone_id"]
    (name,) = assembly.resources("AWS::ApiGateway::DomainName")
    assert record["AliasTarget"] == {
        "DNSName": {"Fn::GetAtt": [name, "RegionalDomainName"]},
        "HostedZoneId": {"Fn::GetAtt": [name, "RegionalHostedZoneId"]},
    }
    assert "DomainTarget" not in assembly.template["Outputs"]


def test_everything_that_shows_an_address_shows_the_names(assembly: Assembly) -> None:
    told = outputs(assembly)
    assert told["ApiUrl"] == "https://models.example.com/ml"
    assert told["ConsoleUrl"] == "https://console.example.com/ml/console"


def test_the_consoles_page_may_upload_and_fetch_from_the_names_it_can_have(assembly: Assembly) -> None:
    for bucket in ("BatchBucketsInput", "BatchBucketsOutput"):
        (rule,) = assembly.named("AWS::S3::Bucket", bucket)["CorsConfiguration"]["CorsRules"]
        expected = ["https://models.example.com", "https://console.example.com", "https://a.example"]
        assert rule["AllowedOrigins"] == expected


def test_pages_of_other_origins_are_answered_whatever_name_they_call_and_can_read_the_gateways_errors(
    assembly: Assembly,
) -> None:
    asked = [method for name, method in assembly.methods().items() if name.startswith("OPTIONS ")]
    assert len(asked) > 5
    for method in asked:
        assert (method["AuthorizationType"], method.get("ApiKeyRequired")) == ("NONE", False)
        (answer,) = method["Integration"]["IntegrationResponses"]
        headers = answer["ResponseParameters"]
        assert headers["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    for response in assembly.properties("AWS::ApiGateway::GatewayResponse"):
        allowed = response["ResponseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert allowed == "'https://a.example'"


def test_a_name_without_zone_and_base_path_is_told_where_to_lead_and_stands_for_the_root(
    synthesized: Synthesized,
) -> None:
    plain = synthesized("dev", domain={"name": DOMAIN["name"], "certificate": DOMAIN["certificate"]})
    told = outputs(plain)
    assert (told["ApiUrl"], told["ConsoleUrl"]) == ("https://models.example.com", "https://models.example.com/console")
    (name,) = plain.resources("AWS::ApiGateway::DomainName")
    assert told["DomainTarget"] == f"<{name}.RegionalDomainName>"
    assert plain.only("AWS::ApiGateway::DomainName")["SecurityPolicy"] == "TLS_1_2"
    assert "BasePath" not in plain.only("AWS::ApiGateway::BasePathMapping")
    assert plain.resources("AWS::Route53::RecordSet") == {}
    api = plain.only("AWS::ApiGateway::RestApi")
    assert {"SecurityPolicy", "DisableExecuteApiEndpoint"} & api.keys() == set()
