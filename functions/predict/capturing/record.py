"""One request and its answer, as a line of JSON; of what went wrong, only that it did."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from functions.core.predictor import Predictor
from functions.predict.capturing import tensors
from functions.predict.capturing.redaction import Redaction
from functions.predict.exchange import Request, Response

SIMPLE = (int, float, bool)


class Recorder:
    """Makes the lines of one version of a model."""

    def __init__(self, predictor: Predictor, names: tuple[str, ...], most: int) -> None:
        """Know the model.

        Args:
            names: what the stage hides, besides what the model declares personal.
            most: bytes of a line.
        """
        self._predictor = predictor
        self._redaction = Redaction(predictor.manifest, names)
        self._most = most

    def line(self, kind: str, request: Request, response: Response, ms: float, trace: str) -> bytes:
        """The line of a request; without content where that would make it too long.

        Args:
            kind: predict, explain or infer.
            ms: how long it took in the function.
            trace: 32 hexadecimal digits; empty: there is none.
        """
        record: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": request.id,
            **({"trace": trace} if trace else {}),
            "model": self._predictor.manifest.name,
            "version": self._predictor.version,
            "kind": kind,
            "status": response.status,
            "code": response.code,
            "ms": ms,
        }
        if response.status == 200:
            asked, answered = self._content(kind, request, response)
            line = _written({**record, "request": asked, "response": answered})
            if len(line) <= self._most:
                return line
            record |= {"request": _omitted(request.body), "response": _omitted(response.body)}
        return _written(record)

    def _content(self, kind: str, request: Request, response: Response) -> tuple[Any, Any]:
        """What was asked and answered, so far as either may be kept."""
        if kind == "infer":
            about = (self._predictor.manifest, self._redaction)
            asked = tensors.infer_request(*about, request.headers, request.body, self._most)
            answered = tensors.infer_response(*about, response.headers, response.body, self._most)
        else:
            asked, answered = (self._parsed(body) for body in (request.body, response.body))
            asked, answered = asked and self._asked(asked), answered and self._answered(answered)
        return asked or _omitted(request.body), answered or _omitted(response.body)

    def _parsed(self, body: bytes) -> Any:
        return orjson.loads(body) if len(body) <= self._most else None

    def _asked(self, document: Mapping[str, Any]) -> dict[str, Any]:
        parameters = document.get("parameters") or {}
        chosen = {name: value for name, value in parameters.items() if type(value) in SIMPLE}
        more = {"parameters": chosen} if chosen else {}
        if "inputs" in document:
            manifest = self._predictor.manifest
            specs = (*manifest.inputs, *manifest.optional)
            return {"inputs": tensors.columns(specs, self._redaction, document["inputs"])}
        return {"instances": [self._redaction.instance(instance) for instance in document["instances"]], **more}

    def _answered(self, document: Mapping[str, Any]) -> dict[str, Any]:
        if "outputs" in document:
            return {"outputs": tensors.columns(self._predictor.manifest.outputs, self._redaction, document["outputs"])}
        if "explanations" in document:
            return {"explanations": [self._redaction.explanation(each) for each in document["explanations"]]}
        return {"predictions": [self._redaction.prediction(each) for each in document["predictions"]]}


def _omitted(body: bytes) -> dict[str, int]:
    return {"omitted_bytes": len(body)}


def _written(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
