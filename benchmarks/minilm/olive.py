"""Microsoft's Olive, in an environment of its own: it brings PyTorch and transformers."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path("build/benchmarks/olive")
PACKAGES = ("olive-ai==0.13.0", "requests", "onnx==1.23.2", "onnxruntime==1.31.1")
"""Olive asks for `requests` when it starts, but does not declare it."""


class Unavailable(Exception):
    """A contestant cannot be installed or does not run here; the words say why."""


def quantize_with_olive(original: Path, target: Path, *, per_channel: bool) -> None:
    """Run Olive's dynamic quantization with its defaults. Raises Unavailable where it cannot."""
    olive = _installed()
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        config = {
            "input_model": {"type": "ONNXModel", "model_path": str(original.resolve())},
            "passes": {"quantize": {"type": "OnnxDynamicQuantization", "per_channel": per_channel}},
            "output_dir": f"{scratch}/out",
            "cache_dir": f"{scratch}/cache",
        }
        path = Path(scratch) / "config.json"
        path.write_text(json.dumps(config))
        _run([str(olive), "run", "--config", str(path)], "does not run")
        made = next(iter(Path(scratch, "out").rglob("*.onnx")), None)
        if made is None:
            raise Unavailable("Olive wrote no model")
        target.write_bytes(made.read_bytes())


def _installed() -> Path:
    olive = FOLDER / "bin" / "olive"
    if not olive.exists():
        _run([sys.executable, "-m", "venv", str(FOLDER)], "has no environment")
        _run([str(FOLDER / "bin" / "pip"), "install", "--quiet", *PACKAGES], "cannot be installed")
    return olive


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no words").splitlines()[-1]
        raise Unavailable(f"Olive {failure}: {last}")
