"""How much of an answer is given: `top_k` and `threshold` of model.toml, which a request may set otherwise."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration

NAME_LIMIT = 60
"""Characters of an unknown parameter's name that a message shows."""


class Limits(NamedTuple):
    """The limits that a kind knows by `names`."""

    names: tuple[str, ...]
    top_k: int | None = None
    """The best so many; None: all of them."""
    threshold: float | None = None
    """The score from which on an answer counts; None: from the lowest on."""
    lowest: float = 0.0
    """What a threshold can be at least; at most 1."""

    def declared(self, declaration: Declaration, count: int) -> "Limits":
        """These, with what model.toml says in their place.

        Args:
            count: how many there are to choose from.

        Raises:
            InvalidPackage: a field is wrong.
        """
        top_k, threshold = self.top_k, self.threshold
        if "top_k" in self.names and "top_k" in declaration.table:
            top_k = declaration.whole("top_k", 1, 1, count)
        if "threshold" in self.names and "threshold" in declaration.table:
            threshold = declaration.number("threshold", 0.0)
            if not self.lowest <= threshold <= 1:
                declaration.refuse("threshold", self._bounds, threshold)
        return self._replace(top_k=top_k, threshold=threshold)

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Limits":
        """These, with a request's parameters in their place.

        Raises:
            InvalidInput: a parameter is unknown or wrong.
        """
        for name in parameters:
            if name not in self.names:
                expected = f"only the parameters {', '.join(self.names)}"
                raise InvalidInput(f"{path}.{name[:NAME_LIMIT]}", expected, brief(name))
        top_k, threshold = parameters.get("top_k", self.top_k), parameters.get("threshold", self.threshold)
        if "top_k" in parameters and (type(top_k) is not int or top_k < 1):
            raise InvalidInput(f"{path}.top_k", "an integer of at least 1", brief(top_k))
        if "threshold" in parameters and not (type(threshold) in (int, float) and self.lowest <= threshold <= 1):
            raise InvalidInput(f"{path}.threshold", self._bounds, brief(threshold))
        return self._replace(top_k=top_k, threshold=threshold)

    @property
    def _bounds(self) -> str:
        return f"a number from {self.lowest:g} to 1"
