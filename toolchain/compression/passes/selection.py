"""Which layers a pass takes."""

from collections.abc import Sequence

from toolchain.compression.errors import NotApplicable
from toolchain.compression.layers import Linear


def chosen(layers: Sequence[Linear], exclude: Sequence[str]) -> list[Linear]:
    """The layers but for those whose nodes are named.

    Raises:
        NotApplicable: a name is no layer's.
    """
    names = {layer.name for layer in layers}
    if unknown := [name for name in exclude if name not in names]:
        raise NotApplicable(f"no layer is called {unknown[0]!r}; there are {', '.join(sorted(names)[:8])}")
    return [layer for layer in layers if layer.name not in set(exclude)]
