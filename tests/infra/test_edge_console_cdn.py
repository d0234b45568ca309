"""CloudFront in front of the console: what is kept, what is handed on and how, and what is left to others."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PUBLIC

CACHE, NO_CACHE = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""AWS's own policies, by the ids that they have everywhere: docs.aws.amazon.com/AmazonCloudFront."""


def distribution(assembly: Assembly) -> dict[str, Any]:
    found: dict[str, Any] = assembly.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    return found


@pytest.fixture
def named(synthesized: Synthesized) -> Assembly:
    return synthesized("dev", **PUBLIC)


@pytest.fixture
def plain(synthesized: Synthesized) -> Assembly:
    return synthesized("dev", console_cdn={"enabled": True})


def test_what_the_page_asks_is_handed_on_with_everything_but_the_host_and_never_kept(named: Assembly) -> None:
    default = distribution(named)["DefaultCacheBehavior"]
    assert (default["CachePolicyId"], default["OriginRequestPolicyId"]) == (NO_CACHE, ALL_BUT_HOST)
    assert {"GET", "POST", "DELETE", "OPTIONS"} <= set(default["AllowedMethods"])


def test_the_consoles_files_are_kept_and_asked_for_without_what_a_caller_shows(named: Assembly) -> None:
    (files,) = distribution(named)["CacheBehaviors"]
    assert (files["PathPattern"], files["CachePolicyId"]) == ("*/console/assets/*", CACHE)
    assert "OriginRequestPolicyId" not in files
    assert files["AllowedMethods"] == ["GET", "HEAD"]


def test_both_sides_speak_tls_alone_and_answers_have_the_headers_of_security(named: Assembly) -> None:
    config = distribution(named)
    for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        assert behaviour["ResponseHeadersPolicyId"] == SECURITY_HEADERS
    (origin,) = config["Origins"]
    assert origin["DomainName"] == "models.example.com"
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_its_name_certificate_and_firewall_are_those_of_the_stage(named: Assembly) -> None:
    config = distribution(named)
    assert (config["Aliases"], config["PriceClass"]) == (["console.example.com"], "PriceClass_All")
    assert config["ViewerCertificate"]["AcmCertificateArn"] == PUBLIC["console_cdn"]["certificate"]
    assert config["WebACLId"] == PUBLIC["console_cdn"]["web_acl"]
    (name,) = named.resources("AWS::CloudFront::Distribution")
    assert shown(named.template["Outputs"]["ConsoleTarget"]["Value"]) == f"<{name}.DomainName>"


def test_without_names_paths_keep_the_stage_and_lead_to_the_apis_own_address(plain: Assembly) -> None:
    (name,) = plain.resources("AWS::CloudFront::Distribution")
    host = "<ApiGatewayED308F4C>.execute-api.<AWS::Region>.<AWS::URLSuffix>"
    told = {key: shown(output["Value"]) for key, output in plain.template["Outputs"].items()}
    assert (told["ApiUrl"], told["ConsoleUrl"]) == (f"https://{host}/dev", f"https://<{name}.DomainName>/dev/console")
    (origin,) = distribution(plain)["Origins"]
    assert shown(origin["DomainName"]) == host
    assert "OriginPath" not in origin
    assert {"Aliases", "WebACLId"} & distribution(plain).keys() == set()
    (rule,) = plain.named("AWS::S3::Bucket", "BatchBucketsInput")["CorsConfiguration"]["CorsRules"]
    assert [shown(it) for it in rule["AllowedOrigins"]] == [f"https://{host}", f"https://<{name}.DomainName>"]


def test_without_one_the_console_is_where_the_api_is(synthesized: Synthesized) -> None:
    dev = synthesized("dev")
    assert dev.resources("AWS::CloudFront::Distribution") == {}
    told = {key: shown(output["Value"]) for key, output in dev.template["Outputs"].items()}
    assert told["ConsoleUrl"] == f"{told['ApiUrl']}/console"
