"""A local cloud per test, in a directory of its own, and proof that nothing of it is left."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.laptop import Laptop

ASSEMBLY = Path(__file__).parent / "assembly"


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(tmp_path / "state")
    yield laptop
    laptop.shut_down()
    assert laptop.leftovers() == []


@pytest.fixture
def second_laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(tmp_path / "second")
    yield laptop
    laptop.shut_down()
    assert laptop.leftovers() == []


@pytest.fixture
def assembly() -> str:
    """The smallest stack that has every output of the real one."""
    return str(ASSEMBLY)


@pytest.fixture
def broken_assembly(tmp_path: Path) -> str:
    """The small assembly with a resource that no cloud can make."""
    directory = tmp_path / "broken"
    directory.mkdir()
    for file in ("manifest.json", "Small.assets.json"):
        (directory / file).write_text((ASSEMBLY / file).read_text())
    (directory / "asset_small").symlink_to(ASSEMBLY / "asset_small")
    template = json.loads((ASSEMBLY / "Small.template.json").read_text())
    template["Resources"]["Wish"] = {"Type": "AWS::Wishes::Wish"}
    (directory / "Small.template.json").write_text(json.dumps(template))
    return str(directory)
