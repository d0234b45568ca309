"""Preflight requests: what a browser asks before a page of another origin may call the API."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

REQUEST_HEADERS = (
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "Inference-Header-Content-Length",
    "Traceparent",
    "Tracestate",
    "X-Amz-Content-Sha256",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Api-Key",
    "X-Ortless-Session",
)
"""What a page may send."""
ANSWER_HEADERS = (
    "X-Ortless-Model",
    "X-Ortless-Digest",
    "X-Ortless-Variant",
    "X-Cache",
    "Server-Timing",
    "Inference-Header-Content-Length",
)
"""What a page may read: the headers that the function says so of with each answer."""


def add_preflight(
    resource: apigateway.IResource, *, origins: Sequence[str], methods: Sequence[str] = ("GET", "POST")
) -> None:
    """Let pages of these origins call a path; without origins, none may."""
    if not origins:
        return
    method = resource.add_cors_preflight(
        allow_origins=list(origins),
        allow_methods=list(methods),
        allow_headers=list(REQUEST_HEADERS),
        expose_headers=list(ANSWER_HEADERS),
        max_age=Duration.hours(1),
    )
    # The API takes every media type as binary, and API Gateway cannot answer by itself from a binary template.
    answer = cast(apigateway.CfnMethod, method.node.default_child)
    answer.add_property_override("Integration.ContentHandling", "CONVERT_TO_TEXT")
    answer.add_property_override("Integration.IntegrationResponses.0.ContentHandling", "CONVERT_TO_TEXT")
