"""Whether a package answers its golden requests, and whether these can tell anything."""

from math import isfinite
from typing import Any

import orjson

from functions.admin.errors import Refused
from functions.core import golden
from functions.core.errors import brief
from functions.core.predictor import Predictor

NAME = "golden"
CASES = 1000
MISSING = (
    f"expected a file {golden.FILE} of requests and their answers, by which functions tell a sound package - got none; "
    "`ortless new NAME --from model.onnx` drafts a folder that has one"
)
"""Functions ask them before they let a version serve: without any, whatever loads would."""


def check(predictor: Predictor) -> str:
    """Ask the package what it says that it can answer; returns a remark.

    Raises:
        Refused: there is no such file, it declares nothing that could be compared, or the package does not answer as it
            declares or in time.
    """
    if golden.FILE not in predictor.manifest.files:
        raise Refused(NAME, MISSING)
    try:
        count = _check_file(orjson.loads(predictor.package.read(golden.FILE)))
    except (orjson.JSONDecodeError, KeyError, TypeError) as damage:
        raise Refused(NAME, f"{golden.FILE} is damaged ({type(damage).__name__}: {damage})") from None
    if fault := golden.fault(predictor):
        raise Refused(NAME, fault)
    return f"{count} cases"


def _check_file(document: dict[str, Any]) -> int:
    tolerance, cases = document["tolerance"], document["cases"]
    if type(tolerance) not in (int, float) or not isfinite(tolerance) or tolerance < 0:
        raise Refused(NAME, f"expected a tolerance from 0 - got {brief(tolerance)} - in {golden.FILE}")
    if type(cases) is not list or not 1 <= len(cases) <= CASES:
        raise Refused(NAME, f"expected a list of 1 to {CASES} cases - got {brief(cases)} - in {golden.FILE}")
    return len(cases)
