"""Who calls an API with a key: the embedded gateway lets a disabled one in, and does not say which one it was."""

from importlib import import_module
from typing import Any


def mend() -> None:
    """Have a disabled key be none, and events name the key of a method that requires one, as AWS does."""
    gateway: Any = import_module("ministack.services.apigateway_v1")
    build, resolve = gateway._build_lambda_event_v1, gateway._resolve_api_key

    def enabled(value: Any) -> Any:
        key = resolve(value)
        # A patch is kept as the text that it came as.
        return key if key and str(key.get("enabled", True)).lower() == "true" else None

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

    gateway._build_lambda_event_v1, gateway._resolve_api_key = named, enabled
