"""The page, filled in: where it is, which files belong to it, and what it has to know of the service."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

import orjson

from functions import VERSION
from functions.console.assets import Assets
from functions.core.prices import prices
from functions.core.settings import Settings

HOME = "console"
PREFIX = "x-forwarded-prefix"
"""The header by which whoever stands before the gateway says what of a path the gateway does not see."""
PATH = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*")
PLACE = re.compile(r"\{\{(\w+)\}\}")


def path_of(event: Mapping[str, Any]) -> str:
    """The path that a browser asked for, without a slash at its end; "" is the root.

    Args:
        event: what API Gateway hands to a function; only it knows the stage's part of the path.
    """
    given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    before, known = given.get(PREFIX) or "", (event.get("requestContext") or {}).get("path") or event.get("path") or ""
    path = "".join(f"/{part}" for part in f"{before}/{known}".split("/") if part)
    return path if PATH.fullmatch(path) and ".." not in path else f"/{HOME}"


def settings_of(settings: Settings, region: str, languages: tuple[str, ...]) -> dict[str, Any]:
    """What the page has to know of the service before it asks anything."""
    table = prices()
    return {
        "stage": settings.stage,
        "region": region,
        "auth": settings.auth,
        "version": VERSION,
        "architecture": settings.architecture,
        "memory_mb": settings.predict_memory_mb,
        "own_memory_mb": {
            model: int(mib) for model, _, mib in (each.partition("=") for each in settings.own_memory_mb)
        },
        "prices": {
            "gb_second": table["gb_second"][settings.architecture],
            **{name: table[name] for name in ("invocation", "gateway_request", "priced_on")},
        },
        "max_body_bytes": settings.max_body_bytes,
        "max_job_bytes": settings.max_job_bytes,
        "refresh_seconds": settings.refresh_seconds,
        "languages": list(languages),
    }


def rendered(assets: Assets, known: Mapping[str, Any], path: str) -> bytes:
    """The page.

    Args:
        known: what `settings_of` says.
        path: of the page itself.
    """
    filled = {
        "base": escape(f"{path}/"),
        "assets": f"assets/{assets.digest}",
        "settings": in_script(known),
    }
    return PLACE.sub(lambda place: filled.get(place[1], place[0]), assets.page).encode()


def in_script(value: Mapping[str, Any]) -> str:
    """JSON that no text within it can end as a script, or begin a comment in."""
    return orjson.dumps(value).decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
