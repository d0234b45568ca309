"""Room in memory: which predictors go when those that are loaded take more than they may."""

from collections import OrderedDict
from collections.abc import Collection
from typing import Protocol, TypeVar

from functions.core.telemetry import emit

Key = tuple[str, int]


class Weighed(Protocol):
    """Something that takes so many bytes."""

    weight: int


Loaded = TypeVar("Loaded", bound=Weighed)


def make_room(residents: "OrderedDict[Key, Loaded]", budget: int, keep: Collection[Key], excessive: set[Key]) -> None:
    """Let go of predictors until the rest weighs at most `budget` bytes, those first that were not used for longest.

    Args:
        residents: what is loaded by model and version, the latest used last.
        keep: what the request that is being answered needs, whatever it weighs.
        excessive: what the log has as too large for the function; what alone exceeds the budget gets there.
    """
    held = sum(resident.weight for resident in residents.values())
    for key in [key for key in residents if key not in keep]:
        if held <= budget:
            return
        held -= residents.pop(key).weight
        emit("model_evicted", model=key[0], version=key[1])
    for key, resident in residents.items():
        if resident.weight > budget and key not in excessive:
            excessive.add(key)
            emit("model_exceeds_memory", model=key[0], version=key[1], bytes=resident.weight, budget=budget)
