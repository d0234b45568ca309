"""Environments of their own for clients whose requirements do not go together with ours."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

LOCKS = Path(__file__).parent


def interpreter(name: str) -> Path:
    """Python in an environment with what `<name>.txt` here locks, made when the lock is newer."""
    lock, environment = LOCKS / f"{name}.txt", ROOT / "build" / "clients" / name
    python, stamp = environment / "bin" / "python", environment / ".installed"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)], check=True)
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)]
        subprocess.run(install, check=True)
        stamp.write_text(lock.read_text())
    return python
