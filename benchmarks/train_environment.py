"""The environment that `make train` makes, with PyTorch and scikit-learn, for benchmarks that need more than we do."""

import subprocess
import sys
from pathlib import Path

TRAIN = Path(".venv-train")
LOCKED = "toolchain/requirements/train.txt"


def python_in(train: Path) -> str:
    """The interpreter of that environment; it is made where there is none."""
    python = train / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(train)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", LOCKED]
        subprocess.run(install, check=True)
    return str(python)
