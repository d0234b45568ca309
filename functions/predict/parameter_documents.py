"""What the API's document says of the `parameters` by which a request sets a model's answers otherwise."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from functions.core.errors import InvalidInput
from functions.core.predictor import Predictor
from functions.predict.v1 import LARGEST

Schema = dict[str, Any]
Adjust = Callable[[Mapping[str, Any], str], Any]
KNOWN: dict[str, tuple[Schema, ...]] = {
    "top_k": (
        {"type": "integer", "minimum": 1, "maximum": LARGEST, "description": "Only the best so many are answered."},
    ),
    "threshold": tuple(
        {"type": "number", "minimum": lowest, "maximum": 1, "description": "From which score on an answer counts."}
        for lowest in (-1, 0)
    ),
}
"""The parameters that a kind of postprocessing may take, and what values they may have: the widest first."""
BOUNDS = ("maxItems", "maxProperties")


def request(predictor: Predictor) -> Schema | None:
    """JSON Schema of the parameters that a model takes; None if it takes none."""
    adjust = getattr(predictor.postprocess, "adjusted", None)
    if adjust is None:
        return None
    found = {}
    for name, form in _taken(adjust):
        own = predictor.manifest.postprocess.get(name)
        found[name] = form if own is None else form | {"default": own}
    return {"type": ["object", "null"], "properties": found, "additionalProperties": False}


def prediction(predictor: Predictor, own: Schema) -> Schema:
    """JSON Schema of a prediction, whatever parameters it was asked with.

    Args:
        predictor: one that takes parameters.
        own: the schema of its predictions without any.
    """
    adjust = getattr(predictor.postprocess, "adjusted")  # noqa: B009 - no postprocessing must have it
    least = next({name: form["minimum"]} for name, form in _taken(adjust))
    other = _unbounded(adjust(least, "parameters").schema())
    return own if other == own else {"anyOf": [own, other | {"description": "With parameters."}]}


def _taken(adjust: Adjust) -> Iterator[tuple[str, Schema]]:
    """The known parameters that it takes, found by trying: what documents them cannot differ from what reads them."""
    for name, forms in KNOWN.items():
        for form in forms:
            try:
                adjust({name: form["minimum"]}, "parameters")
            except InvalidInput:
                continue
            yield name, form
            break


def _unbounded(schema: Schema) -> Schema:
    """A schema of the fewest that there can be, as one of any number of them."""
    return {
        key: _unbounded(value) if isinstance(value, dict) else value
        for key, value in schema.items()
        if key not in BOUNDS or isinstance(value, dict)
    }
