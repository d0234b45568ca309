"""The real-time API: who may call what, how often, and how the gateway says no."""

import json
from typing import Any

import pytest
from botocore.loaders import Loader

from functions.predict.exchange import EXPOSED, SESSION
from tests.infra.assembly import SIGNED, STRICT, Assembly
from tests.infra.conftest import Synthesized

KEY: dict[str, Any] = {}
GUARDED = {"ANY /v1/{proxy+}", "ANY /v2", "ANY /v2/{proxy+}"}
HEALTH = {"GET /v2/health/live", "GET /v2/health/ready"}
JOBS = {
    *("GET /v1/models/{name}/jobs", "POST /v1/models/{name}/jobs"),
    *("GET /v1/jobs", "GET /v1/jobs/{id}", "DELETE /v1/jobs/{id}"),
}
ADMIN = {
    *("ANY /admin", "ANY /admin/{proxy+}"),
    *("ANY /admin/jobs", "ANY /admin/jobs/{proxy+}", "POST /admin/jobs:redrive"),
}
DOCS = {"GET /docs", "GET /docs/{proxy+}", "GET /openapi.json"}
CONSOLE = {"GET /", "GET /console", "GET /console/{proxy+}"}
CONSOLE_API = {"GET /console/api/{proxy+}"}
OWN = {
    *("ANY /v1/models/iris-svm", "ANY /v1/models/iris-svm:predict", "ANY /v1/models/iris-svm:explain"),
    *("ANY /v1/models/iris-svm/{proxy+}", "ANY /v2/models/iris-svm", "ANY /v2/models/iris-svm/{proxy+}"),
    "ANY /v2/repository/models/iris-svm/{proxy+}",
    *("GET /v1/models/iris-svm/jobs", "POST /v1/models/iris-svm/jobs"),
}
"""Of the model that has a function of its own where everything is switched on."""
OPEN = {"AuthorizationType": "NONE", "ApiKeyRequired": False}
RESPONSES = {
    "ACCESS_DENIED": ("403", "forbidden"),
    "API_CONFIGURATION_ERROR": ("500", "internal"),
    "AUTHORIZER_CONFIGURATION_ERROR": ("500", "internal"),
    "AUTHORIZER_FAILURE": ("500", "internal"),
    "BAD_REQUEST_BODY": ("400", "invalid_input"),
    "BAD_REQUEST_PARAMETERS": ("400", "invalid_input"),
    "DEFAULT_4XX": (None, "refused"),
    "DEFAULT_5XX": (None, "internal"),
    "EXPIRED_TOKEN": ("403", "forbidden"),
    "INTEGRATION_FAILURE": ("503", "unavailable"),
    "INTEGRATION_TIMEOUT": ("504", "gateway_timeout"),
    "INVALID_API_KEY": ("403", "forbidden"),
    "INVALID_SIGNATURE": ("403", "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": ("404", "not_found"),
    "QUOTA_EXCEEDED": ("429", "quota_exceeded"),
    "REQUEST_TOO_LARGE": ("413", "payload_too_large"),
    "RESOURCE_NOT_FOUND": ("404", "not_found"),
    "THROTTLED": ("429", "throttled"),
    "UNAUTHORIZED": ("401", "unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "unsupported_media_type"),
    "WAF_FILTERED": ("403", "forbidden"),
}


def access(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """What each method asks of a caller."""
    return {name: {key: method[key] for key in OPEN} for name, method in assembly.methods().items()}


def responses(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """The gateway responses by type."""
    return {it["ResponseType"]: it for it in assembly.properties("AWS::ApiGateway::GatewayResponse")}


def body(response: dict[str, Any]) -> dict[str, str]:
    """What a client reads, the variable filled in as API Gateway does."""
    (template,) = response["ResponseTemplates"].values()
    rendered: dict[str, str] = json.loads(template.replace("$context.error.messageString", '"What was wrong"'))
    return rendered


def listed(headers: str) -> list[str]:
    """The names in a mapped header's value, which is in quotes."""
    return headers.strip("'").lower().split(",")


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        (KEY, {"AuthorizationType": "NONE", "ApiKeyRequired": True}),
        (SIGNED, {"AuthorizationType": "AWS_IAM", "ApiKeyRequired": False}),
        (STRICT, {"AuthorizationType": "AWS_IAM", "ApiKeyRequired": True}),
    ],
    ids=["key", "iam", "both"],
)
def test_everything_but_health_docs_and_the_page_asks_for_what_the_stage_says(
    settings: dict[str, Any], asked: dict[str, Any], synthesized: Synthesized
) -> None:
    methods = access(synthesized("local", **settings))
    guarded = GUARDED | JOBS | CONSOLE_API | (OWN if "functions" in settings else set())
    assert {name: methods[name] for name in guarded} == dict.fromkeys(guarded, asked)
    assert {name: methods[name] for name in HEALTH} == dict.fromkeys(HEALTH, OPEN)
    known = guarded | HEALTH | DOCS | ADMIN | CONSOLE
    assert {name for name in methods if not name.startswith("OPTIONS")} == known


@pytest.mark.parametrize("settings", [KEY, SIGNED, STRICT], ids=["key", "iam", "both"])
def test_the_lifecycle_takes_a_signature_in_every_stage_and_never_a_key(
    settings: dict[str, Any], synthesized: Synthesized
) -> None:
    methods = access(synthesized("local", **settings))
    signed = {"AuthorizationType": "AWS_IAM", "ApiKeyRequired": False}
    assert {name: methods[name] for name in ADMIN} == dict.fromkeys(ADMIN, signed)


@pytest.mark.parametrize("paths", [DOCS, CONSOLE], ids=["docs", "console"])
def test_the_docs_and_the_page_are_open_unless_the_stage_closes_them(paths: set[str], synthesized: Synthesized) -> None:
    opened, closed = (access(synthesized("local", **settings)) for settings in (KEY, STRICT))
    assert {name: opened[name] for name in paths} == dict.fromkeys(paths, OPEN)
    assert {name: closed[name] for name in paths} == dict.fromkeys(paths, closed["ANY /v2"])


def test_all_callers_together_are_limited_and_their_payloads_are_not_logged(synthesized: Synthesized) -> None:
    assert synthesized("dev").only("AWS::ApiGateway::Stage")["MethodSettings"] == [
        {
            "DataTraceEnabled": False,
            "HttpMethod": "*",
            "LoggingLevel": "ERROR",
            "ResourcePath": "/*",
            "ThrottlingBurstLimit": 500,
            "ThrottlingRateLimit": 1000,
        }
    ]


def test_the_access_log_is_json_without_payload_and_key(synthesized: Synthesized) -> None:
    stage = synthesized("dev").only("AWS::ApiGateway::Stage")
    logged = set(json.loads(stage["AccessLogSetting"]["Format"]).values())
    assert {"$context.requestId", "$context.identity.apiKeyId", "$context.status"} <= logged
    assert not {value for value in logged if value.endswith((".apiKey", ".messageString", ".body"))}
    assert stage["AccessLogSetting"]["DestinationArn"]


def test_every_path_leads_to_a_function_and_bodies_pass_as_they_are(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    assert {method["Integration"]["Type"] for method in assembly.methods().values()} == {"AWS_PROXY"}
    assert assembly.only("AWS::ApiGateway::RestApi")["BinaryMediaTypes"] == ["*/*"]


def test_every_response_of_the_gateways_own_has_the_shape_and_code_of_an_error(synthesized: Synthesized) -> None:
    found = responses(synthesized("dev"))
    assert {name: (it.get("StatusCode"), body(it)["code"]) for name, it in found.items()} == RESPONSES
    for response in found.values():
        assert list(response["ResponseTemplates"]) == ["application/json"]
        assert body(response).keys() == {"error", "code"}
        assert all(body(response).values())


def test_no_response_type_that_api_gateway_knows_is_left_out() -> None:
    known = Loader().load_service_model("apigateway", "service-2")["shapes"]["GatewayResponseType"]["enum"]
    assert set(RESPONSES) == set(known)


@pytest.mark.parametrize("settings", [SIGNED, STRICT], ids=["iam", "both"])
def test_a_missing_signature_is_forbidden_where_requests_are_signed(
    settings: dict[str, Any], synthesized: Synthesized
) -> None:
    response = responses(synthesized("local", **settings))["MISSING_AUTHENTICATION_TOKEN"]
    assert (response["StatusCode"], body(response)["code"]) == ("403", "forbidden")


def test_the_deployment_waits_for_every_response(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    (deployment,) = assembly.resources("AWS::ApiGateway::Deployment").values()
    assert assembly.resources("AWS::ApiGateway::GatewayResponse").keys() <= set(deployment["DependsOn"])


def test_without_origins_no_preflight_is_answered(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    assert not [name for name in assembly.methods() if name.startswith("OPTIONS")]
    assert not any("ResponseParameters" in response for response in responses(assembly).values())


def test_an_origin_may_preflight_every_path_and_read_every_error(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    preflights = {name: it for name, it in assembly.methods().items() if name.startswith("OPTIONS")}
    open_to_pages = GUARDED | JOBS | HEALTH | DOCS | OWN
    assert {name.split()[1] for name in preflights} == {name.split()[1] for name in open_to_pages}
    for preflight in preflights.values():
        integration = preflight["Integration"]
        (answer,) = integration["IntegrationResponses"]
        headers = {key.rpartition(".")[2]: value for key, value in answer["ResponseParameters"].items()}
        assert {key: preflight[key] for key in OPEN} == OPEN
        # Without these, an API that takes every media type as binary answers a preflight with 500.
        assert integration["ContentHandling"] == answer["ContentHandling"] == "CONVERT_TO_TEXT"
        assert headers["Access-Control-Allow-Origin"] == "'https://a.example'"
        assert listed(headers["Access-Control-Allow-Headers"]) == [
            "authorization", "content-encoding", "content-type", "inference-header-content-length", "traceparent",
            "tracestate", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-api-key", SESSION,
        ]  # fmt: skip
        assert listed(headers["Access-Control-Expose-Headers"]) == EXPOSED.split(", ")
    allowed = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'"}
    assert all(response["ResponseParameters"] == allowed for response in responses(assembly).values())


def test_a_preflight_of_jobs_allows_what_their_paths_have(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    allowed = {}
    for path in {name.split()[1] for name in JOBS}:
        (answer,) = assembly.methods()[f"OPTIONS {path}"]["Integration"]["IntegrationResponses"]
        (methods,) = (value for key, value in answer["ResponseParameters"].items() if key.endswith("Allow-Methods"))
        allowed[path] = set(methods.strip("'").split(","))
    assert allowed == {
        "/v1/models/{name}/jobs": {"GET", "POST"},
        "/v1/jobs": {"GET"},
        "/v1/jobs/{id}": {"GET", "DELETE"},
    }


def test_beside_several_origins_errors_can_be_read_from_any(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **SIGNED)
    allowed = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    assert all(response["ResponseParameters"] == allowed for response in responses(assembly).values())
