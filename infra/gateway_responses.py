"""Every error that API Gateway answers by itself, in the one shape that all errors of the service have."""

import json
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

from infra.stages import Stage

# Told by API Gateway in its own words, which name the caller, the action or the field.
DETAIL = "$context.error.messageString"


@dataclass(frozen=True)
class Refusal:
    """How one type of gateway response is rendered; without a status the one that API Gateway chose stands."""

    code: str
    message: str
    status: int | None = None

    @property
    def template(self) -> str:
        """The body, as JSON."""
        message = DETAIL if self.message == DETAIL else json.dumps(self.message)
        return f'{{"error": {message}, "code": {json.dumps(self.code)}}}'


INTERNAL = "Something failed inside the service; try again"
REFUSALS = {
    "DEFAULT_4XX": Refusal("refused", "The request was refused before it reached the service"),
    "DEFAULT_5XX": Refusal("internal", INTERNAL),
    "ACCESS_DENIED": Refusal("forbidden", DETAIL, 403),
    "API_CONFIGURATION_ERROR": Refusal("internal", INTERNAL, 500),
    "AUTHORIZER_CONFIGURATION_ERROR": Refusal("internal", INTERNAL, 500),
    "AUTHORIZER_FAILURE": Refusal("internal", INTERNAL, 500),
    "BAD_REQUEST_BODY": Refusal("invalid_input", DETAIL, 400),
    "BAD_REQUEST_PARAMETERS": Refusal("invalid_input", DETAIL, 400),
    "EXPIRED_TOKEN": Refusal("forbidden", "The credentials that signed the request have expired", 403),
    "INTEGRATION_FAILURE": Refusal("unavailable", "The service could not be reached; try again", 503),
    "INTEGRATION_TIMEOUT": Refusal("gateway_timeout", "The service did not answer in time; send less at a time", 504),
    "INVALID_API_KEY": Refusal("forbidden", "Expected a valid API key in the header x-api-key", 403),
    "INVALID_SIGNATURE": Refusal("forbidden", DETAIL, 403),
    "QUOTA_EXCEEDED": Refusal("quota_exceeded", "This API key has used up its quota for the period", 429),
    "REQUEST_TOO_LARGE": Refusal("payload_too_large", "The request is larger than the service accepts", 413),
    "RESOURCE_NOT_FOUND": Refusal("not_found", "There is nothing at this path", 404),
    "THROTTLED": Refusal("throttled", "Too many requests at a time; slow down and try again", 429),
    "UNAUTHORIZED": Refusal("unauthorized", "Expected credentials with the request", 401),
    "UNSUPPORTED_MEDIA_TYPE": Refusal("unsupported_media_type", "The body has a type that is not accepted here", 415),
    "WAF_FILTERED": Refusal("forbidden", "The request was refused by a firewall rule", 403),
}
# API Gateway reports an unknown path as a missing signature; where keys open every path but the lifecycle's, it
# most likely is one.
UNKNOWN_PATH = Refusal("not_found", "There is nothing at this path for a request that nobody signed", 404)
UNSIGNED = Refusal("forbidden", "Expected a request signed with AWS Signature Version 4, to a path that exists", 403)


def add_gateway_responses(api: apigateway.RestApi, *, stage: Stage) -> None:
    """Render every response of the gateway's own as {"error": ..., "code": ...}, readable by the stage's origins."""
    unmatched = UNSIGNED if stage.needs_signature else UNKNOWN_PATH
    for name, refusal in {**REFUSALS, "MISSING_AUTHENTICATION_TOKEN": unmatched}.items():
        api.add_gateway_response(
            name,
            type=apigateway.ResponseType.of(name),
            status_code=str(refusal.status) if refusal.status else None,
            response_headers=_cors_headers(stage.cors_origins) or None,
            templates={"application/json": refusal.template},
        )


def _cors_headers(origins: tuple[str, ...]) -> dict[str, str]:
    # These headers are constants: beside several origins only `*` lets each of them read the error.
    if not origins:
        return {}
    return {"Access-Control-Allow-Origin": f"'{origins[0] if len(origins) == 1 else '*'}'"}
