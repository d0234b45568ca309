"""On what figures were taken: they hold for no other architecture."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from functions import VERSION

MACHINES = {"aarch64": "arm64", "arm64": "arm64", "amd64": "x86_64", "x86_64": "x86_64"}
"""Architectures as AWS calls them."""
FLAGS = (
    *("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16"),
    *("asimddp", "i8mm", "bf16", "sve"),
)
"""What the speed of 8-bit arithmetic hangs on."""
PACKAGES = ("onnxruntime", "onnx", "numpy")


def architecture() -> str:
    """arm64 or x86_64, or what the machine calls itself."""
    machine = platform.machine().lower()
    return MACHINES.get(machine, machine)


def describe() -> dict[str, Any]:
    """Processor, its flags of note, cores and system."""
    text = _cpuinfo()
    flags = set(_field(text, ("flags", "Features")).split())
    return {
        "processor": _field(text, ("model name",)) or platform.processor() or platform.machine(),
        "flags": [flag for flag in FLAGS if flag in flags],
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """What computed."""
    return {
        "ortless": VERSION,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return ""  # not Linux: the architecture has to do


def _field(text: str, names: tuple[str, ...]) -> str:
    pairs = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for name, _, value in pairs if name.strip() in names), "")
