"""Predictions as a person reads them: rows of a table."""

from collections.abc import Sequence
from typing import Any

import orjson

LIKELIEST = 3
"""Classes that are shown of each prediction."""
WIDTH = 100
"""Characters of a prediction that are shown at most."""


def rows(predictions: Sequence[Any]) -> list[dict[str, Any]]:
    """A row for each prediction: its label and the likeliest classes, or what it is."""
    if all(_is_class(prediction) for prediction in predictions):
        return [{"instance": index, **_class(prediction)} for index, prediction in enumerate(predictions)]
    return [{"instance": index, "prediction": _short(value)} for index, value in enumerate(predictions)]


def _is_class(prediction: Any) -> bool:
    return isinstance(prediction, dict) and isinstance(prediction.get("probabilities"), dict) and "label" in prediction


def _class(prediction: dict[str, Any]) -> dict[str, Any]:
    ranked = sorted(prediction["probabilities"].items(), key=lambda item: -(item[1] or 0))[:LIKELIEST]
    likeliest = ", ".join(f"{label} {probability or 0:.3f}" for label, probability in ranked)
    return {"label": prediction["label"], "likeliest": likeliest}


def _short(value: Any) -> str:
    match value:
        case float():
            return f"{value:.6g}"
        case {"answer": answer, "score": float(score)}:
            return f"{answer or 'no answer'} ({score:.3f})"
        case {"items": [*items]}:
            return "\n".join(f"{entry['item']} ({entry['score'] or 0:.3f})" for entry in items)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
