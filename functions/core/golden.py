"""Golden requests: what a package must answer before it serves anyone."""

from math import isclose
from typing import Any

import orjson

from functions.core.errors import OrtlessError, brief
from functions.core.predictor import Predictor

FILE = "golden.json"
SHOWN = ("name", "request", "response")
"""What a case tells; a package may note more beside it."""
LARGEST, MOST = 64 * 1024, 1024 * 1024
"""Bytes of JSON of a case that is shown as an example, and of all of them together, at most."""


def fault(predictor: Predictor) -> str | None:
    """Why the package does not answer its golden requests as declared; None if it does, or declares none."""
    if FILE not in predictor.manifest.files:
        return None
    try:
        golden = orjson.loads(predictor.package.read(FILE))
        allowed = float(golden["tolerance"])
        for case in golden["cases"]:
            reason = _compare(predictor, case, allowed)
            if reason:
                return f"golden case {brief(case['name'])}: {reason}"
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as damage:
        return f"{FILE} is damaged ({type(damage).__name__}: {damage})"
    return None


def tolerance(predictor: Predictor) -> float:
    """How much a number of an answer may differ from its golden one; 0 where the package declares none."""
    if FILE not in predictor.manifest.files:
        return 0.0
    return float(orjson.loads(predictor.package.read(FILE))["tolerance"])


def cases(predictor: Predictor) -> list[dict[str, Any]]:
    """The package's golden requests with what it answers; none where it declares none."""
    if FILE not in predictor.manifest.files:
        return []
    found: list[dict[str, Any]] = orjson.loads(predictor.package.read(FILE))["cases"]
    return found


def examples(predictor: Predictor) -> list[orjson.Fragment]:
    """The cases that are small enough to be shown, as JSON, in the package's order."""
    shown: list[orjson.Fragment] = []
    room = MOST
    for case in cases(predictor):
        content = orjson.dumps({name: case[name] for name in SHOWN})
        if len(content) <= min(LARGEST, room):
            room -= len(content)
            shown.append(orjson.Fragment(content))
    return shown


def _compare(predictor: Predictor, case: dict[str, Any], allowed: float) -> str | None:
    try:
        predictions = predictor.predict(case["request"]["instances"])
    except OrtlessError as error:
        return str(error)
    answer = orjson.loads(orjson.dumps(predictions, option=orjson.OPT_SERIALIZE_NUMPY))
    return difference(case["response"]["predictions"], answer, allowed, "predictions")


def difference(expected: Any, got: Any, allowed: float, path: str) -> str | None:
    """The first place where two JSON values differ by more than `allowed`, absolute, in a number."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        pairs = [(expected[key], got[key], f"{path}.{key}") for key in expected]
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = [(want, have, f"{path}[{index}]") for index, (want, have) in enumerate(zip(expected, got, strict=True))]
    elif _same(expected, got, allowed):
        return None
    else:
        return f"expected {brief(expected)} - got {brief(got)} - at `{path}`"
    return next((found for pair in pairs if (found := difference(pair[0], pair[1], allowed, pair[2]))), None)


def _same(expected: Any, got: Any, allowed: float) -> bool:
    if type(expected) in (int, float) and type(got) in (int, float):
        return isclose(expected, got, rel_tol=0.0, abs_tol=allowed)
    return bool(expected == got)
