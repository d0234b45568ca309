"""A tier: what an API key may ask for. Keys are in one tier each, and every stage has the tier `default`."""

from dataclasses import dataclass
from typing import Literal

from infra.setting import choice, number, whole

DEFAULT = "default"
"""The tier of the stack's own key, and of keys that are made for no other."""


@dataclass(frozen=True)
class Tier:
    """What one API key may ask for; API Gateway enforces it as best it can."""

    rate: float = number(50, 0.1, 10_000)
    """Requests per second, on average."""
    burst: int = whole(100, 1, 5000)
    """Requests at once, before the average counts."""
    quota: int | None = whole(None, 1, 2_000_000_000)
    """Requests per period; null: no quota."""
    period: Literal["day", "month"] = choice("month", "day", "month")
    """The period of the quota."""
