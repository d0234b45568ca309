"""What explanations attribute an answer to: the parts of one instance."""

from typing import Any, Protocol

from functions.core.tensors import Array

SHAPLEY, OCCLUSION = "shapley", "occlusion"
"""How parts are weighed: in all combinations, or by leaving out one at a time."""


FEW, MANY = 32, 4096
"""Variants at once, of large instances and of small ones."""


class Parts(Protocol):
    """One instance, taken apart."""

    count: int
    """How many parts; at least 1."""
    method: str
    """SHAPLEY or OCCLUSION."""
    batch: int
    """Variants that are made at once: features are small, pictures and texts are not."""

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Input tensors of variants of the instance.

        Args:
            kept: bool [variants, count]; what stands for an absent one takes the place of a part that is not kept.
        """

    def document(self, values: Array) -> Any:
        """Attributions, float64 [count], as an answer shows them."""
