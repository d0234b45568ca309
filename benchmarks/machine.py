"""On what the figures were taken."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastapi", "mangum", "numpy", "onnxruntime", "orjson", "pydantic", "boto3")


def describe() -> str:
    """Machine, Python and versions, in two lines."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux, or a processor without that line: the architecture has to do
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}\n{versions}"
    )
