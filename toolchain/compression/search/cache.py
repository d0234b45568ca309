"""Results of recipes, kept by what they depend on: a second run begins where the first one stopped."""

import hashlib
import json
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar

from toolchain.compression.recipe import Recipe

Kind = Literal["original", "proxy", "measured"]
Result = TypeVar("Result")


class Cache:
    """A folder with a JSON file for each recipe's result on one model, one set of data and one machine's architecture.

    What cannot be written is not kept, and the search goes on; `fault` says why. What cannot be read is as if it were
    not there.
    """

    def __init__(self, folder: Path, model: bytes, data: str) -> None:
        """Look nothing up yet.

        Args:
            folder: made when the first result is kept.
            model: the original's content.
            data: digest of all else that results depend on: calibration, evaluation, gate.
        """
        self.fault = ""
        self._folder = folder.expanduser()
        engine = f"onnxruntime {version('onnxruntime')} {platform.system()} {platform.machine()}"
        self._about = "\n".join((hashlib.sha256(model).hexdigest(), data, engine))

    def get(self, kind: Kind, recipe: Recipe, make: Callable[..., Result]) -> Result | None:
        """What came of a recipe, if that is known, made of the values that were kept."""
        try:
            return make(**json.loads(self._path(kind, recipe).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, kind: Kind, recipe: Recipe, values: dict[str, Any]) -> None:
        """Keep a result; a file is there whole or not at all."""
        path = self._path(kind, recipe)
        partial = path.with_suffix(f".partial-{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(values), encoding="utf-8")
            partial.replace(path)
        except OSError as fault:
            self.fault = f"results are not kept: {fault}"
            with suppress(OSError):
                partial.unlink()

    def _path(self, kind: Kind, recipe: Recipe) -> Path:
        key = hashlib.sha256(f"{self._about}\n{kind}\n{recipe.digest}".encode()).hexdigest()
        return self._folder / key[:2] / f"{key}.json"
