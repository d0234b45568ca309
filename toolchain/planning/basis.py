"""What a plan stands on: times that were taken here, or that somebody assumes."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from toolchain.planning.errors import Unplannable
from toolchain.planning.measurement import Measured, measure
from toolchain.planning.pricing import LOG_BYTES, Traffic
from toolchain.planning.quotas import SYNCHRONOUS_BYTES
from toolchain.planning.timings import REFERENCE_MB, Timings

BASE64 = 4 / 3
"""What a body grows by on its way from the gateway to the function."""
OTHER_LOG_BYTES = 800
"""Of LOG_BYTES, what the function does not write itself."""
ARCHITECTURE = "arm64"
"""What is priced unless something else is asked for, or known: a stage's default."""
CPU_TIME = "the kernel's quota of CPU time, as Lambda's own"
STOPPED = "stopping and continuing it, which is coarser than Lambda's quota: figures below one vCPU are rough"


class Basis(NamedTuple):
    """Times at each size, and what else is known."""

    timings: list[Timings]
    notes: list[str]
    peak_mb: float = 0.0
    request_bytes: float = Traffic(1.0).request_bytes
    answer_bytes: float = Traffic(1.0).answer_bytes
    log_bytes: float = LOG_BYTES

    @property
    def usual(self) -> Timings:
        """The times at one vCPU, or at the size that is nearest."""
        return min(self.timings, key=lambda each: abs(each.memory_mb - REFERENCE_MB))

    def traffic(self, rps: float, request_bytes: float | None, answer_bytes: float | None, models: int) -> Traffic:
        """So many requests like what is known, unless their sizes are given.

        Raises:
            Unplannable: Lambda takes no body of that size.
        """
        found = Traffic(
            rps,
            self.request_bytes if request_bytes is None else request_bytes,
            self.answer_bytes if answer_bytes is None else answer_bytes,
            models,
            self.log_bytes,
        )
        for name, size in (("a request", found.request_bytes), ("an answer", found.answer_bytes)):
            if size * BASE64 > SYNCHRONOUS_BYTES:
                most = f"at most {SYNCHRONOUS_BYTES / BASE64:.0f} bytes of {name}: Lambda's 6 MiB hold it in base64"
                raise Unplannable(most, f"{size:.0f}", "what is larger is a file: `ortless batch`")
        return found

    def architecture(self, asked: str | None) -> str:
        """What the plan is for. Raises Unplannable where the times say nothing of it."""
        taken = self.timings[0].architecture
        if asked and taken and asked != taken:
            hint = f"run it on a machine of {asked}, or leave --package out"
            raise Unplannable(f"times of {asked}", f"times taken here, on {taken}", hint)
        return asked or taken or ARCHITECTURE


def assumed(warm_ms: float, cold_ms: float, sizes: Sequence[int], parallel: float) -> Basis:
    """Times that somebody gives for one vCPU, scaled.

    Args:
        cold_ms: a start and its first answer.
        parallel: part of an answer that several threads share, 0 to 1.
    """
    given = Timings(REFERENCE_MB, (warm_ms,), max(0.0, cold_ms - warm_ms), min(cold_ms, warm_ms))
    note = f"Times are assumed: {warm_ms:g} ms warm, {cold_ms:g} ms cold with one vCPU, and scaled to other sizes."
    return Basis([given.to(size, parallel) for size in sizes], [f"{note} --package times a model."])


def measured(
    folder: Path, sizes: Sequence[int], parallel: float, rounds: int, tell: Callable[[int], object] = lambda _: None
) -> Basis:
    """Times of a model's folder, taken here; scaled to sizes that this machine has no processors for. As `measure`."""
    found = measure(folder, sizes, rounds, tell)
    largest = found.timings[-1]
    timings = sorted([*found.timings, *(largest.to(size, parallel) for size in found.skipped)])
    line = found.log_bytes + OTHER_LOG_BYTES
    return Basis(timings, list(_words(found)), found.peak_mb, found.request_bytes, found.answer_bytes, line)


def _words(found: Measured) -> Iterator[str]:
    """How far the figures may be trusted."""
    first = found.timings[0]
    held = CPU_TIME if "quota" in first.means else STOPPED
    yield (
        f"Timed on {first.architecture}, and true of no other architecture; held to each size's share of a "
        f"processor by {held} ({first.means})."
    )
    if found.skipped:
        sizes = ", ".join(map(str, found.skipped))
        yield f"{sizes} MB come with more processors than there are here: scaled from {found.timings[-1].memory_mb} MB."
    busy, processors = found.load, os.cpu_count() or 1
    if busy > processors / 2:
        yield f"The machine was busy, a load of {busy:.1f} on {processors} processors: times are rather too long."
