"""How often a model ran in this process, and how long each part of that took."""

from typing import Any


class Duration:
    """A number of times, and the nanoseconds that they took together."""

    def __init__(self) -> None:
        self.count = 0
        self.ns = 0

    def add(self, ns: int) -> None:
        """One more."""
        self.count += 1
        self.ns += ns

    def document(self) -> dict[str, int]:
        """As the protocol has it."""
        return {"count": self.count, "ns": self.ns}


class Statistics:
    """Counts of one version of a model in one process; an environment serves one request at a time, so none queues."""

    def __init__(self) -> None:
        self.rows = 0
        self.last_ms = 0
        self.success = Duration()
        self.fail = Duration()
        self.input = Duration()
        self.infer = Duration()
        self.output = Duration()
        self.cache_hit = Duration()
        self.cache_miss = Duration()

    def hit(self, ns: int) -> None:
        """A request that the cache answered: a success for which nothing ran, so no rows and no computation."""
        self.success.add(ns)
        self.cache_hit.add(ns)

    def miss(self, ns: int) -> None:
        """A request that succeeded without the cache: it looked there before and kept the answer there afterwards."""
        self.success.ns += ns
        self.cache_miss.add(ns)

    def document(self) -> dict[str, Any]:
        """As the protocol's statistics extension has it."""
        parts = {"compute_input": self.input, "compute_infer": self.infer, "compute_output": self.output}
        return {
            "last_inference": self.last_ms,
            "inference_count": self.rows,
            "execution_count": self.infer.count,
            "inference_stats": {
                "success": self.success.document(),
                "fail": self.fail.document(),
                "queue": {"count": self.success.count, "ns": 0},
                **{name: part.document() for name, part in parts.items()},
                "cache_hit": self.cache_hit.document(),
                "cache_miss": self.cache_miss.document(),
            },
            "batch_stats": [],
        }
