"""The sample models as a user meets them: one real prediction each, and the lines to repeat it with."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.caller import Caller
from local.state import ROOT

_FOLDER = "model_artifacts"
_PICTURE = "sample.png"
_WIDTH = 50


@dataclass(frozen=True)
class Sample:
    """A model of the working tree with the first of its golden requests."""

    name: str
    request: dict[str, Any]
    picture: str | None = None

    @property
    def path(self) -> str:
        """The API's path that predicts with it."""
        return f"/v1/models/{self.name}:predict"

    def curl(self, caller: Caller) -> str:
        """A line for a shell in the repository's root."""
        line = caller.curl(self.path)
        if self.picture is None:
            return f"{line} -d {shlex.quote(json.dumps(self.request))}"
        body = """printf '{"instances": [{"image": {"b64": "%s"}}]}'"""
        return f"""{body} "$(base64 < {shlex.quote(self.picture)} | tr -d '\\n')" | {line} -d @-"""


@dataclass(frozen=True)
class Answer:
    """What the deployed API said about a sample: which version answered, and its first prediction."""

    sample: Sample
    version: str
    title: str
    prediction: Any

    def brief(self) -> str:
        """The prediction in a few words."""
        match self.prediction:
            case {"label": str(label), "probabilities": probabilities}:
                return f"{label} ({probabilities.get(label, 0):.2f})"
            case {"answer": str(answer), "score": score}:
                return f"{_short(answer)} ({score:.2f})"
            case {"items": [{"item": item}, *_]}:
                return _short(item)
            case float(number):
                return f"{number:g}"
        return _short(json.dumps(self.prediction))


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def samples(root: Path = ROOT) -> list[Sample]:
    """Every model of the working tree that has golden requests."""
    found = []
    for golden in sorted(root.glob(f"{_FOLDER}/*/golden.json")):
        name, picture = golden.parent.name, golden.parent / _PICTURE
        request = json.loads(golden.read_text())["cases"][0]["request"]
        found.append(Sample(name, request, f"{_FOLDER}/{name}/{_PICTURE}" if picture.exists() else None))
    return found


def predict(sample: Sample, caller: Caller) -> Answer:
    """One prediction through the gateway, as any caller makes it.

    Raises:
        CallFailed: the API refused, or did not answer.
    """
    answer = caller.json("POST", sample.path, sample.request)
    model = caller.json("GET", f"/v1/models/{sample.name}")
    return Answer(sample, str(model["version"]), model.get("title") or "", answer["predictions"][0])
