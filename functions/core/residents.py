"""The predictors in memory: what each is there for, and which of them go when they take more than they may."""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from functions.core.telemetry import emit

if TYPE_CHECKING:
    from functions.core.alias import Alias

LIVE, CANARY, SHADOW, NAMED = "live", "canary", "shadow", "named"
"""What a predictor is loaded for; named: only because a request named its version."""

MIB = 1024 * 1024
SHARE = 0.6
"""Part of the function's memory that is for code and models; the rest is for requests, and for a version that loads
beside the one that it takes the place of."""
BASE = 80 * MIB
"""What the process takes of that share before any model: Python, numpy, ONNX Runtime and the code itself."""
FACTOR, OWN = 1.25, 10 * MIB
"""A model weighs its files' bytes times the factor, and something of its own: session, arena, vocabulary.

Measured as what a model adds to the resident set of a fresh process that had another one loaded, after its golden
requests: 64.1 MiB for 64 MiB of weights, 16.1 for 16, 12.7 and 13.3 for the 1.8 MiB of a text and of a recommender's
sample, 8.4 for a small convolution, 0.7 for a linear model.
"""

Key = tuple[str, int]


class Loaded(Protocol):
    """A predictor, as far as its place in memory goes."""

    role: str
    shadowed: bool
    """Whether another version is to be asked what this one is."""
    weight: int


Kind = TypeVar("Kind", bound=Loaded)


class Residents(Generic[Kind]):
    """Predictors by model and version, no more of them than the function's memory has room for."""

    def __init__(self, memory_mb: int) -> None:
        self.budget = int(SHARE * memory_mb * MIB) - BASE
        self._found: OrderedDict[Key, Kind] = OrderedDict()  # the latest used last
        self._excessive: set[Key] = set()  # what the log has as too large for the function

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._found.values())

    def keys(self) -> set[Key]:
        """Every model and version that is loaded."""
        return set(self._found)

    def get(self, key: Key) -> Kind | None:
        """The predictor of a version, which is used now; None if it is not loaded."""
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
        return found

    def admit(self, key: Key, predictor: Kind, keep: Collection[Key]) -> None:
        """Take a predictor in; others make room, those first that were not used for longest.

        Args:
            keep: what must stay, whatever it weighs: where it is all of the others, what came is what goes.
        """
        self._found[key] = predictor
        self._found.move_to_end(key)
        held = sum(loaded.weight for loaded in self)
        for other in [other for other in self._found if other not in keep] if held > self.budget else ():
            if held <= self.budget:
                break
            held -= self._found.pop(other).weight
            emit("model_evicted", model=other[0], version=other[1])
        if predictor.weight > self.budget and key not in self._excessive:
            self._excessive.add(key)
            emit("model_exceeds_memory", model=key[0], version=key[1], bytes=predictor.weight, budget=self.budget)

    def drop(self, name: str) -> None:
        """Let go of every version of a model."""
        for key in [key for key in self._found if key[0] == name]:
            del self._found[key]

    def assign(self, name: str, serving: int | None, alias: "Alias | None") -> None:
        """Tell a model's versions what they are for from now on; what was for something and no longer is goes."""
        for key in [key for key in self._found if key[0] == name]:
            predictor, role = self._found[key], role_of(key[1], serving, alias)
            if role is None and predictor.role != NAMED:
                del self._found[key]  # requests that it still answers hold it
            else:
                predictor.role = role or NAMED
                predictor.shadowed = role == LIVE and shadow_of(alias) is not None


def role_of(version: int, serving: int | None, alias: "Alias | None") -> str | None:
    """What a version is for; None where it is for nothing.

    Args:
        serving: the version that answers who draws no canary, which is not the alias' where that does not load.
    """
    if version == serving:
        return LIVE
    if alias and alias.canary and alias.canary.version == version:
        return CANARY
    return SHADOW if shadow_of(alias) == version else None


def shadow_of(alias: "Alias | None") -> int | None:
    """The version that is asked unheard, if there is one."""
    return alias.shadow if alias else None
