"""What a submitted model may take while it is inspected, and what it may declare."""

import resource
from datetime import timedelta
from typing import NamedTuple

MIB = 2**20
OWN_MEMORY = 256 * MIB
"""Bytes that the process which watches the inspection keeps for itself."""


SLOWEST = 5_000_000
"""Bytes that go to the registry in a second, at least; from a function it is ten times as many and more."""


class Limits(NamedTuple):
    """The defaults are those of a function of 3,008 MB that may run for 15 minutes."""

    memory: int = 3008 * MIB - OWN_MEMORY
    """Bytes of address space."""
    processor_seconds: int = 600
    seconds: float = 660.0
    """By the clock on the wall, for all checks together: less than the function has, which must publish as well."""
    file_bytes: int = (3008 * MIB - OWN_MEMORY) // 3
    """Largest file that may be written, so of a package too: to publish one it is read into memory, for which there is
    room several times over as the inspection is gone by then."""
    open_files: int = 256
    answer_seconds: float = 25.0
    """Until a golden request must be answered: what a function gives a run."""

    graph_bytes: int = 458 * MIB
    """Of model.onnx, which is in memory several times while it is checked and optimised."""
    function_depth: int = 100
    """Calls of local functions within each other."""
    nesting: int = 20
    """Graphs within each other."""
    nodes: int = 200_000
    """Nodes, with those that calls of local functions stand for."""
    trips: int = 10_000_000
    """Iterations of a loop, of those around it too, whose count is a constant."""
    elements: int = 250_000_000
    """Elements of one tensor: a gigabyte of FP32."""

    @classmethod
    def of(cls, memory_mb: int) -> "Limits":
        """The limits that fit a function of so much memory, in MiB."""
        memory = memory_mb * MIB - OWN_MEMORY
        return cls(memory=memory, file_bytes=memory // 3, graph_bytes=memory // 6)

    @property
    def transfer(self) -> timedelta:
        """How long it may take to put the largest file into the registry."""
        return timedelta(seconds=self.file_bytes / SLOWEST)

    def apply(self) -> None:
        """Subject this process, and those that it starts, to the limits that the kernel enforces."""
        for kind, soft, hard in (
            (resource.RLIMIT_AS, self.memory, self.memory),
            # The signal at the soft limit tells what happened; the hard one kills what does not listen.
            (resource.RLIMIT_CPU, self.processor_seconds, self.processor_seconds + 5),
            (resource.RLIMIT_FSIZE, self.file_bytes, self.file_bytes),
            (resource.RLIMIT_NOFILE, self.open_files, self.open_files),
            (resource.RLIMIT_CORE, 0, 0),
        ):
            resource.setrlimit(kind, (soft, hard))
