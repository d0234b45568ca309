"""buildah, as the tests drive it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toolchain.image import environment


def buildah(*arguments: str) -> str:
    """What a buildah command prints."""
    done = subprocess.run(("buildah", *arguments), env=environment("buildah"), capture_output=True, text=True)
    assert done.returncode == 0, f"buildah {' '.join(arguments)}: {done.stderr[-4000:]}"
    return done.stdout.strip()


def exists(image: str) -> bool:
    """Whether the store has an image."""
    return image in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines()


@contextmanager
def container(image: str) -> Iterator[tuple[str, Path]]:
    """A container of an image, and its root file system."""
    name = buildah("from", "--pull-never", image)
    try:
        yield name, Path(buildah("mount", name))
    finally:
        buildah("rm", name)


def configuration(image: str) -> dict[str, Any]:
    """The image's configuration, as its manifest names it."""
    found: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", image))
    configured: dict[str, Any] = found["Docker"]
    return configured
