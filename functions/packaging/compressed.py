"""What `ortless compress` leaves in a model's folder, and what of it ships in the place of the original."""

from pathlib import Path

import orjson

from functions.core import golden
from functions.core.errors import InvalidPackage
from functions.core.package import digest_of

GRAPH = "model.onnx"
"""The original, which compression never changes."""
FILE = "compressed.onnx"
GOLDEN = "compressed.golden.json"
"""The golden requests with the compressed model's answers, which say the same but not to the last digit."""
REPORT = "report.json"
PAGE = "report.html"
PAIRS = {GRAPH: FILE, golden.FILE: GOLDEN}


def stand_ins(folder: Path) -> dict[str, str]:
    """Files of the package by name, with the files of the folder that ship under it in the place of the original's.

    Raises:
        InvalidPackage: there is a compressed model without its report, or of another original.
    """
    if not (folder / FILE).is_file():
        return {}
    known = _digests(folder)
    for name in (GRAPH, FILE, golden.FILE, GOLDEN):
        there = (folder / name).is_file()
        if there and known.get(name) != digest_of(str(folder / name)).sha256:
            reason = f"{FILE} does not belong to {name} as it is: run `ortless compress` again, or remove {FILE}"
            raise InvalidPackage(str(folder), reason)
    return {name: other for name, other in PAIRS.items() if (folder / other).is_file()}


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that the report is about."""
    try:
        files = orjson.loads((folder / REPORT).read_bytes())["files"]
        return {str(name): str(record["sha256"]) for name, record in files.items()}
    except OSError:
        raise InvalidPackage(str(folder), f"it has {FILE} but no {REPORT}: run `ortless compress` again") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidPackage(str(folder), f"{REPORT} is damaged: run `ortless compress` again") from None
