"""List prices of AWS, for functions that have no time to read them from the file: their settings tell them."""

import json
from pathlib import Path

FILE = Path(__file__).parents[1] / "functions" / "core" / "prices.json"


def of_functions(architecture: str) -> dict[str, object]:
    """The settings that say what a function of an architecture costs, in US dollars."""
    table = json.loads(FILE.read_text())
    return {"gb_second_usd": table["gb_second"][architecture], "invocation_usd": table["invocation"]}
