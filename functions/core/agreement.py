"""Whether two versions of a model say the same, for all that a caller would make of their answers."""

from math import isclose
from typing import Any

import orjson

from functions.core import golden
from functions.core.errors import OrtlessError
from functions.core.package import Package

RELATIVE = 1e-3
"""Two numbers agree that differ by at most this part of the larger one, or by the package's own tolerance."""
CHOICES = ("label", "labels", "answer")
"""Fields of a prediction that are what it says; what stands beside them says how likely that is."""
VERSION = "model_version"


def tolerance(package: Package) -> float:
    """How far a number may be from what the package's golden requests expect; 0 where it has none."""
    if golden.FILE not in package.manifest.files:
        return 0.0
    try:
        return float(orjson.loads(package.read(golden.FILE))["tolerance"])
    except (OrtlessError, OSError, KeyError, TypeError, ValueError):
        return 0.0


def agree(first: bytes, second: bytes, absolute: float) -> bool:
    """Whether two answers agree: by label, by first item or by numbers; what is no JSON, byte by byte.

    Args:
        absolute: difference of two numbers that does not count.
    """
    if first == second:
        return True
    try:
        return _same(orjson.loads(first), orjson.loads(second), absolute)
    except orjson.JSONDecodeError:
        return False


def _same(first: Any, second: Any, absolute: float) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        return _same_object(first, second, absolute)
    if isinstance(first, list) and isinstance(second, list):
        pairs = zip(first, second, strict=False)
        return len(first) == len(second) and all(_same(one, other, absolute) for one, other in pairs)
    if type(first) in (int, float) and type(second) in (int, float):
        return isclose(first, second, rel_tol=RELATIVE, abs_tol=absolute)
    return bool(first == second)


def _same_object(first: dict[str, Any], second: dict[str, Any], absolute: float) -> bool:
    choice = next((field for field in CHOICES if field in first and field in second), None)
    if choice:
        return bool(first[choice] == second[choice])
    if first.keys() == second.keys() == {"items"}:
        return bool(_first_item(first) == _first_item(second))
    first.pop(VERSION, None)
    second.pop(VERSION, None)
    return first.keys() == second.keys() and all(_same(first[key], second[key], absolute) for key in first)


def _first_item(prediction: dict[str, Any]) -> Any:
    best = prediction["items"][0] if prediction["items"] else None
    return best.get("item") if isinstance(best, dict) else best
