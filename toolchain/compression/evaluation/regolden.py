"""Golden requests of a compressed model: it must say what they say, though not to the last digit."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from functions.core import agreement, golden
from functions.core.errors import OrtlessError, brief
from functions.core.predictor import Predictor
from toolchain.compression.errors import NotApplicable
from toolchain.compression.evaluation.answers import kind_of
from toolchain.compression.evaluation.errors import Unmeasurable

CHOOSING = ("classes", "labels", "items")
"""Kinds whose answers are a choice; of numbers and vectors the data's gate says how near they have to be."""


class Golden(NamedTuple):
    """The golden requests of a folder.

    Attributes:
        content: the file's; empty where there is none.
        choosing: whether answers are choices, which have to stay the same.
    """

    content: bytes
    choosing: bool

    @classmethod
    def of(cls, folder: Path, predictor: Predictor) -> "Golden":
        """Read them."""
        path = folder / golden.FILE
        return cls(path.read_bytes() if path.is_file() else b"", kind_of(predictor) in CHOOSING)

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()

    def refusal(self, predictor: Predictor) -> str:
        """Why a model's answers are others, for what a caller would make of them; empty if they are not."""
        for case in self._cases():
            answers = _answers(predictor, case)
            for index, (expected, got) in enumerate(zip(case["response"]["predictions"], answers, strict=False)):
                if self.choosing and not agreement.agree(orjson.dumps(expected), orjson.dumps(got), 0.0):
                    return f"another answer to the golden request {brief(case['name'])}[{index}]"
        return ""

    def answered(self, predictor: Predictor) -> bytes | None:
        """The file with a model's own answers; numbers may differ by as much as they were moved, at least as before."""
        if not self.content:
            return None
        document = orjson.loads(self.content)
        moved = [float(document["tolerance"])]
        for case in document["cases"]:
            answers = _answers(predictor, case)
            moved.append(_moved(case["response"]["predictions"], answers))
            case["response"]["predictions"] = answers
        document["tolerance"] = max(moved)
        return orjson.dumps(document) + b"\n"

    def _cases(self) -> list[dict[str, Any]]:
        if not self.content:
            return []
        try:
            cases: list[dict[str, Any]] = orjson.loads(self.content)["cases"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as damage:
            raise Unmeasurable(f"{golden.FILE} is damaged ({type(damage).__name__}: {damage})") from None
        return cases


def _answers(predictor: Predictor, case: dict[str, Any]) -> list[Any]:
    try:
        predictions = predictor.predict(case["request"]["instances"])
    except OrtlessError as fault:
        raise NotApplicable(f"the golden request {brief(case['name'])} is not answered: {fault}") from None
    found: list[Any] = orjson.loads(orjson.dumps(predictions, option=orjson.OPT_SERIALIZE_NUMPY))
    return found


def _moved(before: Any, after: Any) -> float:
    """The largest difference between numbers that stand at the same place."""
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [(before[key], after[key]) for key in before.keys() & after.keys()]
    elif isinstance(before, list) and isinstance(after, list):
        pairs = list(zip(before, after, strict=False))
    elif type(before) in (int, float) and type(after) in (int, float):
        return abs(float(before) - float(after))
    else:
        return 0.0
    return max((_moved(*pair) for pair in pairs), default=0.0)
