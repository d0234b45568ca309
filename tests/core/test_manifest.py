"""manifest.json: what it says of a cache, and that it says nothing of one that is not declared."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core import manifest
from functions.core.errors import InvalidPackage
from functions.core.package import Package
from functions.packaging.build import build
from tests.core import graphs


def compiled(folder: Path, toml: str = "") -> tuple[Package, Any]:
    """A package, and its manifest as it lies there."""
    package = build(graphs.source(folder, "plus", graphs.plus(1), toml), folder / "packages")
    return package, orjson.loads(Path(package.directory, manifest.FILE).read_bytes())


def test_a_package_without_a_cache_has_the_manifest_that_it_had(tmp_path: Path) -> None:
    package, document = compiled(tmp_path)
    assert package.manifest.cache == 0
    assert document.keys() == {
        "name", "task", "title", "description", "licence", "provenance", "format", "graph", "signature",
        "preprocess", "postprocess", "files",
    }  # fmt: skip
    assert manifest.render(package.manifest) == Path(package.directory, manifest.FILE).read_bytes()


def test_a_declared_cache_is_in_the_manifest(tmp_path: Path) -> None:
    package, document = compiled(tmp_path, "[cache]\nmax_bytes = 8_000_000\n")
    assert document["cache"] == {"max_bytes": 8_000_000}
    assert package.manifest.cache == 8_000_000
    assert manifest.render(package.manifest) == Path(package.directory, manifest.FILE).read_bytes()


@pytest.mark.parametrize("cache", [1, {}, {"max_bytes": 0}, {"max_bytes": "8 MB"}, {"max_bytes": True}, None])
def test_a_cache_that_is_none_makes_no_package(tmp_path: Path, cache: object) -> None:
    _, document = compiled(tmp_path)
    with pytest.raises(InvalidPackage, match=r"manifest\.json is damaged"):
        manifest.parse(orjson.dumps(document | {"cache": cache}), "", "plus@1")
