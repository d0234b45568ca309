"""A model that nobody has heard of before: only who may look into the registry finds it."""

import shutil
from itertools import count
from pathlib import Path

from tests.conftest import ROOT
from tests.e2e.test_lifecycle import Operator

ORIGINAL = "linear-regression"
PATIENCE = 60
NUMBERS = count(1)


def published(operator: Operator, folder: Path) -> str:
    """The name of a copy of a sample model that was just published: version 1 of it is live."""
    name = f"fresh-{next(NUMBERS)}"
    source = folder / name / name
    shutil.copytree(ROOT / "model_artifacts" / ORIGINAL, source)
    declared = source / "model.toml"
    declared.write_text(declared.read_text().replace(f'name = "{ORIGINAL}"', f'name = "{name}"'))
    done = operator.run("publish", name, "--models", str(source.parent), "--wait", str(PATIENCE))
    assert done.returncode == 0, done.stderr
    return name
