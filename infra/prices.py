"""List prices of AWS: for functions, which have no time to read the file, and for what stands ready by the month."""

import json
from pathlib import Path

FILE = Path(__file__).parents[1] / "functions" / "core" / "prices.json"
MONTH_SECONDS = 730 * 3600
"""Of a month, as AWS' own calculator has it."""


def of_functions(architecture: str) -> dict[str, object]:
    """The settings that say what a function of an architecture costs, in US dollars."""
    table = json.loads(FILE.read_text())
    return {"gb_second_usd": table["gb_second"][architecture], "invocation_usd": table["invocation"]}


def kept_ready(architecture: str, memory_mb: int, environments: int) -> float:
    """US dollars a month of environments that are kept ready, busy or not."""
    by_second: float = json.loads(FILE.read_text())["provisioned_gb_second"][architecture]
    return environments * memory_mb / 1024 * MONTH_SECONDS * by_second
