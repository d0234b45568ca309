"""API Gateway's REST events, to a request and from a response."""

from binascii import a2b_base64, b2a_base64
from typing import Any

from functions.core.errors import InvalidInput
from functions.predict.exchange import JSON, Request, Response, check_size

Event = dict[str, Any]
PROXY = "{proxy+}"
LARGE = 65536
"""Characters of base64 from which the faster decoder is worth its import."""


def is_rest(event: object) -> bool:
    """Whether this is a REST event of API Gateway (payload version 1.0)."""
    return type(event) is dict and "httpMethod" in event and "requestContext" in event


def inner_path(event: Event) -> str:
    """The path below stage and custom domain: the resource's template filled in, as only that is free of both."""
    path: str = event.get("resource") or event["path"]
    if PROXY in path:
        path = path.replace(PROXY, (event.get("pathParameters") or {}).get("proxy") or "")
    if "%" in path:
        from urllib.parse import unquote  # hardly ever needed, and 3 ms of a start

        path = unquote(path)
    return path.rstrip("/") or "/"


def head(event: Event) -> Request:
    """The request of an event, without its body."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    request_id = (event.get("requestContext") or {}).get("requestId") or ""
    return Request(event["httpMethod"], inner_path(event), headers, b"", request_id)


def body(event: Event, limit: int) -> bytes:
    """The bytes that the client sent.

    Raises:
        PayloadTooLarge: they are more than `limit`, found before they are decoded.
        InvalidInput: the gateway says base64 and it is not.
    """
    text: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        check_size(len(text), limit)  # spares encoding what has more characters than it may have bytes
        content = text.encode("utf-8", "surrogatepass")
        check_size(len(content), limit)
        return content
    check_size(len(text) // 4 * 3 - text.endswith("=") - text.endswith("=="), limit)
    try:
        return _decode(text)
    except ValueError:
        raise InvalidInput("body", "base64", "something else") from None


def _decode(text: str) -> bytes:
    if len(text) < LARGE:
        return a2b_base64(text, strict_mode=True)
    import pybase64  # 40 times faster, which only a large body makes up for its import

    return pybase64.b64decode(text, validate=True)


def _encode(content: bytes) -> str:
    if len(content) < LARGE:
        return b2a_base64(content, newline=False).decode()
    import pybase64

    return pybase64.b64encode_as_string(content)


def is_text(response: Response) -> bool:
    """Whether the answer can be handed on as it is."""
    return response.headers["content-type"] == JSON and "content-encoding" not in response.headers


def wire_size(response: Response) -> int:
    """Bytes that the answer's body has in the JSON that Lambda hands to the gateway."""
    body = response.body
    if is_text(response):
        return len(body) + body.count(b'"') + body.count(b"\\")
    return (len(body) + 2) // 3 * 4


def result(response: Response) -> Event:
    """What Lambda hands back to the gateway: JSON as it is, bytes in base64."""
    text = is_text(response)
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode() if text else _encode(response.body),
        "isBase64Encoded": not text,
    }
