"""The image as Lambda looks at it."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.image_size import measure
from tests.conftest import SAMPLES
from tests.image.buildah import buildah, configuration, container
from tests.image.conftest import ARCHITECTURE

pytestmark = pytest.mark.image

TASK = "var/task"
GO_NAMES = {"arm64": "arm64", "x86_64": "amd64"}
# e_machine of an ELF file
ELF = {"arm64": 0xB7, "x86_64": 0x3E}
NEVER_SHIPS = {
    "toolchain", "infra", "local", "tests", "onnx", "google", "boto3", "botocore", "aws_cdk", "requirements",
    "Dockerfile", "numpy.libs", "pip", "model_artifacts", "train.py",
}  # fmt: skip
HASH_NEVER_CHECKED = 0b01


def architectures(root: Path) -> set[int]:
    heads = [path.read_bytes()[:20] for path in (root / TASK).rglob("*.so*")]
    return {int.from_bytes(head[18:20], "little") for head in heads}


def manifest(image: str, folder: Path) -> dict[str, Any]:
    buildah("push", image, f"dir:{folder}")
    pushed: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return pushed


def test_it_is_one_manifest_of_a_type_that_lambda_takes(image: str, tmp_path: Path) -> None:
    pushed = manifest(image, tmp_path)
    assert pushed["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"
    assert {layer["mediaType"] for layer in pushed["layers"]} <= {
        "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar",
    }  # fmt: skip
    assert "manifests" not in pushed


def test_it_is_of_this_architecture_and_its_user_is_not_root(
    image: str, root: Path, settings_of_image: dict[str, Any]
) -> None:
    assert configuration(image)["architecture"] == GO_NAMES[ARCHITECTURE]
    assert architectures(root) == {ELF[ARCHITECTURE]}
    user = settings_of_image["User"].split(":")
    assert all(part.isdigit() and part != "0" for part in user)
    assert settings_of_image["Cmd"] == ["functions.predict.handler.handler"]


def test_its_dependencies_are_within_their_budget(root: Path) -> None:
    measured = measure(root / TASK)
    assert measured.exceeded() == []
    assert measured.total.raw > 50, "the folder does not hold the dependencies"


def test_it_holds_the_functions_and_the_models_and_no_tools(root: Path) -> None:
    task = root / TASK
    assert sorted(path.name for path in (task / "functions").iterdir()) == [
        "__init__.py",
        "__pycache__",
        "core",
        "predict",
    ]
    assert sorted(path.name for path in (task / "packages").iterdir()) == SAMPLES
    assert [path for path in task.rglob("*") if path.name in NEVER_SHIPS] == []


def test_every_module_comes_with_bytecode_that_does_not_depend_on_dates(root: Path) -> None:
    sources = list((root / TASK).rglob("*.py"))
    assert len(sources) > 500
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == HASH_NEVER_CHECKED, source


def test_everyone_may_read_what_it_holds(root: Path) -> None:
    unreadable = [path for path in (root / TASK).rglob("*") if path.stat().st_mode & 0o444 != 0o444]
    closed = [path for path in (root / TASK).rglob("*") if path.is_dir() and path.stat().st_mode & 0o111 != 0o111]
    assert unreadable + closed == []


def test_its_licences_ship_with_it(root: Path) -> None:
    licensed = {path.parts[-3] for path in (root / TASK).glob("*.dist-info/licenses/*")}
    assert any(name.startswith("numpy-") for name in licensed)


def test_the_other_architecture_is_built_without_emulation(foreign_image: str) -> None:
    other = next(name for name in GO_NAMES if name != ARCHITECTURE)
    assert configuration(foreign_image)["architecture"] == GO_NAMES[other]
    with container(foreign_image) as (_, foreign_root):
        assert architectures(foreign_root) == {ELF[other]}
        assert (foreign_root / TASK / "packages" / "iris-svm" / "manifest.json").exists()
