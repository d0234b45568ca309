"""From the CDK app to a cloud assembly, once for everything that goes into it."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.commands import run
from local.state import ROOT

# What the app imports from functions: the names of their environment variables.
_IMPORTED = tuple(f"functions/{name}.py" for name in ("__init__", "core/__init__", "core/errors", "core/settings"))
# What the app reads when it synthesizes the local stage; a folder stands for every file in it.
_INPUTS = ("cdk.json", "infra", *_IMPORTED, "local/synthesis.py")
_PACKAGES = ("aws-cdk-lib", "constructs", "jsii", "cdk-nag")
_KEPT = 8
_STAGE = {"stage": "local"}


@dataclass(frozen=True)
class Synthesis:
    """The app of one working tree, with the assemblies that were made of it before."""

    root: Path = ROOT

    @property
    def cache(self) -> Path:
        """Assemblies by key; state directories share them, for nothing in them changes."""
        return self.root / "build" / "assemblies"

    def context(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """The context of cdk.json for the local stage, with overrides merged into its objects."""
        given = json.loads((self.root / "cdk.json").read_text()).get("context", {})
        return _merged(_merged(given, _STAGE), overrides)

    def key(self, overrides: Mapping[str, Any]) -> str:
        """Changes when an input of the synthesis does, and not otherwise."""
        digest = hashlib.sha256()
        for file in self._inputs():
            content = file.read_bytes()
            digest.update(
                f"{file.relative_to(self.root).as_posix()} {file.stat().st_mode & 0o111} {len(content)}\n".encode()
            )
            digest.update(content)
        versions = [version(package) for package in _PACKAGES]
        digest.update(json.dumps([self.context(overrides), versions, sys.version], sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def cached(self, overrides: Mapping[str, Any]) -> Path | None:
        """The assembly, if these very inputs were synthesized before."""
        directory = self.cache / self.key(overrides)
        return directory if (directory / "manifest.json").exists() else None

    def run(self, overrides: Mapping[str, Any]) -> Path:
        """The assembly for these overrides, synthesized when it is not there."""
        directory = self.cached(overrides) or self._made(overrides)
        os.utime(directory)
        self._prune()
        return directory

    def _made(self, overrides: Mapping[str, Any]) -> Path:
        directory = self.cache / self.key(overrides)
        self.cache.mkdir(parents=True, exist_ok=True)
        # Made beside its place and moved there whole: two runs at once, or one cut short, leave no half assembly.
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".making-") as making:
            target = Path(making) / "assembly"
            context = json.dumps(self.context(overrides))
            run("Synthesis", ["infra.app"], self.root, {"CDK_OUTDIR": str(target), "CDK_CONTEXT_JSON": context})
            try:
                target.rename(directory)
            except OSError:  # someone else was faster
                if not directory.exists():
                    raise
        return directory

    def _inputs(self) -> Iterator[Path]:
        for name in _INPUTS:
            path = self.root / name
            files = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)

    def _prune(self) -> None:
        made = sorted(self.cache.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for directory in made[_KEPT:]:
            shutil.rmtree(directory, ignore_errors=True)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(base[name], over[name]) for name in base.keys() & over.keys() if _objects(base[name], over[name])
    }
    return {**base, **over, **both}


def _objects(*values: object) -> bool:
    return all(isinstance(value, dict) for value in values)
