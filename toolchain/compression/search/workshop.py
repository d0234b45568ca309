"""Candidates, made from recipes."""

from collections.abc import Collection
from contextlib import suppress

from functions.core.errors import OrtlessError
from functions.core.session import FAULTS
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.passes.table import PASSES
from toolchain.compression.recipe import Recipe, Step, apply
from toolchain.compression.search.contract import Candidate
from toolchain.compression.search.families import TIDYING

REFUSALS = (OrtlessError, *FAULTS, LookupError)
"""What making or judging a model may raise, that costs the candidate and not the search."""
SHORTAGES = (MemoryError, OSError)
"""The same, of memory or of the disk: another run may have more, so what comes of it is not kept."""
LATER = ("correct-bias", "deduplicate")
"""Passes that apply to what others made of a graph, though not to the original."""
ON_REQUEST = {
    "half": "what ships would be as large as before: packaging makes floats of 32 bits of it",
    "prune-heads": "heads are few and large, and a quarter of them is some per cent of a file",
    "distill": "a student is another model, that answers alike where sample requests lead it",
}
"""Passes that are not tried unless they are named, and why."""


class Workshop:
    """Makes candidates of one original.

    Attributes:
        original: its content.
        graph: its graph; with its constants computed, where passes gain from that, once `usable` was asked.
        calibration: sample requests, or None.
        folded: whether they do.
    """

    def __init__(self, original: bytes, calibration: Calibration | None, allowed: Collection[str] = ()) -> None:
        """Nothing is made yet.

        Args:
            original: an ONNX file's content.
            calibration: sample requests, or None.
            allowed: names of the passes to take; all when there are none.
        """
        self.original = original
        self.graph = Graph.of(original)
        self.calibration = calibration
        self.folded = False
        self._asked = set(allowed)
        self._allowed = self._asked or set(PASSES)

    def usable(self) -> tuple[list[str], dict[str, str]]:
        """The names of the passes that are allowed and apply, and for the others the reason."""
        reasons = self._reasons(self.graph, self.original)
        if "fold" not in reasons:
            with suppress(NotApplicable, *SHORTAGES):
                folded = apply(Recipe((Step("fold"),)), self.original).model
                graph = Graph.of(folded)
                better = self._reasons(graph, folded)
                if set(reasons) - set(better):
                    self.folded, self.graph, reasons = True, graph, better
        for name, reason in ON_REQUEST.items():
            if name not in self._asked:
                reasons.setdefault(name, f"{reason}; it is tried when asked for")
        return [name for name in PASSES if name not in reasons], reasons

    def make(self, recipe: Recipe) -> Candidate:
        """Carry a recipe out, and tidy up after it.

        Raises:
            NotApplicable: it cannot be.
            MemoryError, OSError: there is no room for it.
        """
        core = tuple(step for step in recipe.steps if step.name not in TIDYING)
        try:
            made = apply(Recipe(core), self.original, self.calibration)
            steps, model, notes = core, made.model, made.notes
            for name in TIDYING:
                found = self._tidied(name, model)
                if found is not None:
                    steps, model, notes = (*steps, Step(name)), found[0], (*notes, *found[1])
        except NotApplicable:
            raise
        except REFUSALS as fault:
            raise NotApplicable(f"{type(fault).__name__}: {fault}", str(recipe)) from None
        if not steps:
            raise NotApplicable("nothing to tidy up", str(recipe))
        return Candidate(Recipe(steps), model, notes)

    def _tidied(self, name: str, model: bytes) -> tuple[bytes, tuple[str, ...]] | None:
        if name not in self._allowed:
            return None
        try:
            made = apply(Recipe((Step(name),)), model)
        except NotApplicable:
            return None
        return (made.model, made.notes) if len(made.model) < len(model) else None

    def _reasons(self, graph: Graph, content: bytes) -> dict[str, str]:
        """Why passes are left out, by name."""
        reasons: dict[str, str] = {}
        for name, entry in PASSES.items():
            if name not in self._allowed:
                reasons[name] = "it is not among the passes asked for"
            elif entry.calibration and self.calibration is None:
                reasons[name] = "it needs sample requests to calibrate with, and there are none"
            elif name not in LATER and (reason := entry.applies(graph)):
                reasons[name] = reason
        if "embeddings" not in reasons and (reason := _gains_nothing("embeddings", content)):
            reasons["embeddings"] = reason
        return reasons


def _gains_nothing(name: str, content: bytes) -> str:
    try:
        size = len(apply(Recipe((Step(name),)), content).model)
    except NotApplicable as fault:
        return fault.reason
    return "" if size < len(content) else f"the file would grow to {size} bytes"
