"""List prices of AWS, from one dated file."""

import os
from functools import cache
from typing import Any

import orjson

FILE = os.path.join(os.path.dirname(__file__), "prices.json")


@cache
def prices() -> dict[str, Any]:
    """The table of prices in US dollars, with its date and sources; without any free tier."""
    with open(FILE, "rb") as file:
        found: dict[str, Any] = orjson.loads(file.read())
    return found
