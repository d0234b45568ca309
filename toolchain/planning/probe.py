"""A function in a process of its own, timed from inside: prints JSON.

`python -m toolchain.planning.probe COUNT STARTED`.

Starts as Lambda starts it - the handler is imported by name, then gets events of API Gateway - and is told by the
environment what a function is told. STARTED is the moment of its start, in nanoseconds of the wall clock.
"""

import sys
from time import perf_counter_ns, time_ns

HANDLER = "functions.predict.handler"
BUDGET_NS = 2_000_000_000
"""For warm answers; the slower they are, the fewer."""
LEAST = 10
"""Warm answers that are timed, however slow."""
WARM_UP = 3
"""Answers after the first that are not counted."""


def main(count: str, started: str) -> None:
    """Start, answer the event that stands on standard input as JSON, and print what that took, in milliseconds."""
    from importlib import import_module

    handler = import_module(HANDLER).handler
    ready = time_ns()

    import json

    event = json.load(sys.stdin)
    began = perf_counter_ns()
    answer = handler(event, None)
    first = perf_counter_ns() - began
    samples: list[int] = []
    if answer["statusCode"] == 200:
        for number in range(WARM_UP + int(count)):
            before = perf_counter_ns()
            handler(event, None)
            samples.append(perf_counter_ns() - before)
            if number >= WARM_UP + LEAST and sum(samples) > BUDGET_NS:
                break
    found = {
        "status": answer["statusCode"],
        "body": answer["body"] if answer["statusCode"] != 200 else "",
        "answer_bytes": len(answer["body"]),
        "init": (ready - int(started)) / 1e6,
        "first": first / 1e6,
        "warm": [sample / 1e6 for sample in samples[WARM_UP:]],
        "peak_mb": _peak_mb(),
    }
    sys.stdout.write(json.dumps(found))


def _peak_mb() -> float:
    """Most memory that this process had; what the one had that it was made of is not counted, as getrusage would."""
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would be timed
            peak = next(line for line in status if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


if __name__ == "__main__":
    main(*sys.argv[1:])
