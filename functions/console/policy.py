"""The headers that every answer has: what a browser may do with the page, and with whom it may speak."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
YEAR = 31_536_000
"""Seconds for which a browser asks by TLS only."""


def bucket_origins(buckets: Sequence[str], region: str, endpoint: str) -> tuple[str, ...]:
    """Where a page reaches buckets by addresses that are signed for it.

    Args:
        endpoint: the address of another S3 than AWS's, which is no name's part; empty: AWS's.
    """
    if endpoint:
        scheme, _, rest = endpoint.partition("://")
        return (f"{scheme}://{rest.partition('/')[0]}",)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    # Addresses are signed for S3's common name, which leads on to the region's while a bucket is new.
    hosts = ([] if region.startswith("cn-") else [f"s3.{suffix}"]) + [f"s3.{region}.{suffix}"]
    return tuple(f"https://{bucket}.{host}" for bucket in buckets if bucket for host in hosts)


def headers(origins: Sequence[str], *, tls: bool) -> dict[str, str]:
    """The headers of every answer.

    Args:
        origins: beside its own, with which the page may speak.
        tls: whether the service is asked by TLS.
    """
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        " ".join(("connect-src 'self'", *origins)),
        "font-src 'self'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    lasting = {"strict-transport-security": f"max-age={YEAR}"} if tls else {}
    return {"content-security-policy": "; ".join(directives), **FIXED, **lasting}


class Guarded:
    """An application, each of whose answers has these headers; what does not say for how long it holds is not kept."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers: list[Header] = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                kept = () if any(name == b"cache-control" for name, _ in given) else ((b"cache-control", b"no-store"),)
                message["headers"] = [*given, *kept, *self._headers]
            await send(message)

        await self._app(scope, receive, guarded)
