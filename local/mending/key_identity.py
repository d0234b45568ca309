"""Who calls an API with a key: the embedded gateway checks the key, and does not say which one it was."""

from importlib import import_module
from typing import Any


def mend() -> None:
    """Have events name the key of a method that requires one, as `requestContext.identity` of AWS does."""
    gateway: Any = import_module("ministack.services.apigateway_v1")
    build = gateway._build_lambda_event_v1

    def named(
        api: str, stage: str, record: Any, resource: dict[str, Any], path: str, method: str, headers: Any, *rest: Any,
        **options: Any,
    ) -> dict[str, Any]:  # fmt: skip
        event: dict[str, Any] = build(api, stage, record, resource, path, method, headers, *rest, **options)
        methods = resource.get("resourceMethods") or {}
        if (methods.get(method) or methods.get("ANY") or {}).get("apiKeyRequired"):
            key = gateway._resolve_api_key(gateway._api_key_from_request(headers))
            if key is not None:
                event["requestContext"]["identity"] |= {"apiKey": key["value"], "apiKeyId": key["id"]}
        return event

    gateway._build_lambda_event_v1 = named
