"""Instances and predictions of a model that has none: its tensors are no rows, and it declares no processing."""

from collections.abc import Sequence
from typing import Any, NoReturn

from functions.core.errors import InvalidInput, brief


class Rowless:
    """Refuses every instance."""

    outputs: tuple[str, ...] = ()

    def encode(self, instances: Sequence[Any], path: str) -> NoReturn:
        """Say what the model takes instead."""
        expected = "tensors: this model has no row for each instance, `:predict` takes them whole as `inputs`"
        raise InvalidInput(path, expected, brief(instances))

    def decode(self, values: Sequence[Any]) -> list[Any]:
        """No predictions."""
        return list(values)

    def schema(self) -> dict[str, Any]:
        """What no value fits."""
        return {"not": {}}
