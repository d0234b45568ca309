"""Imports the models that wanted.json lists into `models`, and prints what came of each."""

import json
import sys
from pathlib import Path

from functions.core.errors import OrtlessError
from toolchain.importing.contract import Options, Source
from toolchain.importing.importing import import_model


def outcome(folder: Path, name: str, wanted: dict) -> dict:
    source = Source(
        folder / wanted["source"],
        wanted.get("trusted", False),
        wanted.get("double", False),
        tuple(wanted.get("shape", ())),
    )
    samples = wanted.get("samples")
    options = Options(
        folder / samples if samples else None,
        tuple(wanted.get("labels", ())),
        tuple(wanted.get("classes", ())),
        wanted.get("tolerance", 1e-4),
    )
    try:
        made = import_model(name, source, options, folder / "models")
    except OrtlessError as fault:
        return {"code": fault.code, "error": str(fault).replace(str(folder), "FOLDER")}
    return {
        "origin": made.origin,
        "notes": made.notes,
        "files": made.files,
        "compared": {one.output: one._asdict() for one in made.compared},
    }


def main() -> None:
    folder = Path(sys.argv[1])
    wanted = json.loads((folder / "wanted.json").read_text())
    answers = {name: outcome(folder, name, each) for name, each in wanted.items()}
    sys.stdout.write("\n" + json.dumps(answers))


if __name__ == "__main__":
    main()
