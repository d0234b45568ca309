"""The images on a stand-in base, each built once, and what runs of the predict image."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.image import sandbox, stand_in_base
from tests.image.buildah import buildah, configuration, container
from tests.image.emulator import Emulator
from tests.image.sandbox import Sandbox
from tests.image.stand_in_base import Base
from toolchain.image import MACHINES, build_image

ARCHITECTURE = MACHINES[platform.machine().lower()]
IMAGE = "localhost/ortless-image-test"
TOOLS = ("buildah", "debootstrap")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compiling numpy takes minutes."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("image"):
            item.add_marker(pytest.mark.timeout(3600))


@pytest.fixture(scope="session")
def base() -> Base:
    """What the images are built on; skips where it cannot be made."""
    if os.environ.get("CI") == "true" and not os.geteuid() and shutil.which("apt-get"):
        _install([tool for tool in TOOLS if not shutil.which(tool)])
    home = stand_in_base.python_home()
    missing = [
        *(f"{tool} (apt-get install {tool})" for tool in TOOLS if not shutil.which(tool)),
        *(["root (sudo make test-image)"] if os.geteuid() else []),
        *([] if home else ["Python 3.13 (pyenv install 3.13, or PYTHON_HOME=<where it is>)"]),
        *([] if sandbox.works() else ["mount namespaces (a machine or container with CAP_SYS_ADMIN)"]),
    ]
    if missing or not home:
        pytest.skip(f"building the image needs {', '.join(missing)}")
    return stand_in_base.make(home)


def _install(tools: list[str]) -> None:
    if tools:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *tools]):
            subprocess.run(["apt-get", *command], env=quiet, check=True)


@pytest.fixture(scope="session")
def image(base: Base) -> str:
    """The predict image for this machine's architecture."""
    return _built("predict", f"{IMAGE}:{ARCHITECTURE}", base)


@pytest.fixture(scope="session")
def admin_image(base: Base) -> str:
    """The image of the model lifecycle's functions, for this machine's architecture."""
    return _built("admin", f"{IMAGE}-admin:{ARCHITECTURE}", base)


@pytest.fixture(scope="session")
def batch_image(base: Base) -> str:
    """The image of batch's functions, for this machine's architecture."""
    return _built("batch", f"{IMAGE}-batch:{ARCHITECTURE}", base)


@pytest.fixture(scope="session")
def console_image(base: Base) -> str:
    """The console's image, for this machine's architecture."""
    return _built("console", f"{IMAGE}-console:{ARCHITECTURE}", base)


def _built(target: str, tag: str, base: Base) -> str:
    started = time.monotonic()
    arguments = {"BASE": base.runtime, "BUILDER": base.builder}
    build_image(tag, ARCHITECTURE, target=target, builder="buildah", build_args=arguments)
    print(f"built {target} in {time.monotonic() - started:.0f} s")  # noqa: T201 - pytest shows it with -s
    return tag


@pytest.fixture(scope="session")
def settings_of_image(image: str) -> dict[str, Any]:
    """What the image says about how it is run."""
    config: dict[str, Any] = configuration(image)["config"]
    return config


@pytest.fixture(scope="session")
def root(image: str) -> Iterator[Path]:
    """The image's root file system."""
    with container(image) as (_, mounted):
        yield mounted


@pytest.fixture(scope="session")
def box(root: Path, settings_of_image: dict[str, Any]) -> Sandbox:
    """Where its commands run."""
    return Sandbox(root, settings_of_image)


@pytest.fixture(scope="session")
def emulator(
    box: Sandbox, settings_of_image: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """The image as Lambda runs it, waiting for events."""
    command = (*settings_of_image["Entrypoint"], *settings_of_image["Cmd"])
    emulator = Emulator(tmp_path_factory.mktemp("emulator") / "log")
    with emulator.over(box, command):
        yield emulator


@pytest.fixture(scope="session")
def foreign_image(base: Base) -> str:
    """The predict image for the other architecture; nothing of its base is run, so an empty one will do."""
    architecture = {"arm64": "x86_64", "x86_64": "arm64"}[ARCHITECTURE]
    empty, tag = f"{IMAGE}-empty:{architecture}", f"{IMAGE}:{architecture}"
    with container("scratch") as (name, _):
        buildah("config", f"--arch={architecture.replace('x86_64', 'amd64')}", name)
        buildah("commit", "--format=docker", name, empty)
    build_image(tag, architecture, builder="buildah", build_args={"BASE": empty, "BUILDER": base.builder})
    return tag
