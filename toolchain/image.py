"""Builds a function's container image with whichever builder this machine has."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from functions.core.errors import OrtlessError

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = "functions/Dockerfile"
TARGETS = ("predict", "admin", "batch", "console")
"""Of the Dockerfile: an image each."""
PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "amd64": "x86_64", "x86_64": "x86_64"}


class BuilderMissing(OrtlessError):
    """Nothing on this machine can build an image."""

    code = "builder_missing"

    def __init__(self, names: str) -> None:
        super().__init__(
            f"Expected a working {names} - got none\n"
            "hint: install Docker (https://docs.docker.com/get-docker/) or, on Debian and Ubuntu, apt install buildah"
        )


class ImageFailed(OrtlessError):
    """The builder gave up; what it printed says why."""

    code = "image_failed"

    def __init__(self, tag: str, builder: str, status: int) -> None:
        super().__init__(f"{builder} could not build the image {tag}: exit status {status}; the reason is above")


class UnknownArchitecture(OrtlessError):
    """Lambda has no processor of that name."""

    code = "unknown_architecture"

    def __init__(self, architecture: str) -> None:
        super().__init__(f"Expected one of {', '.join(PLATFORMS)} - got {architecture!r} - as the architecture")


class Builder(NamedTuple):
    """How a program is asked to build, and what it answers when it works here."""

    build: tuple[str, ...]
    probe: tuple[str, ...]


# Lambda refuses the index that docker makes of an image and its attestations; the others make none.
BUILDX = ("docker", "buildx", "build", "--load", "--provenance=false", "--sbom=false")
BUILDERS = {
    "docker": Builder(("docker", "build"), ("docker", "info")),
    "podman": Builder(("podman", "build", "--format=docker", "--layers"), ("podman", "info")),
    "buildah": Builder(("buildah", "build", "--format=docker", "--layers"), ("buildah", "info")),
}


def build_image(
    tag: str,
    architecture: str,
    target: str = "predict",
    builder: str | None = None,
    build_args: Mapping[str, str] = {},
) -> None:
    """Build the image of one function.

    Args:
        tag: name of the image.
        architecture: arm64 or x86_64.
        target: the function, a stage of functions/Dockerfile.
        builder: docker, podman or buildah; the first that works when none is named.
        build_args: arguments of the Dockerfile, such as BASE.

    Raises:
        BuilderMissing: there is no builder.
        ImageFailed: the builder gave up.
        UnknownArchitecture: `architecture` is neither.
    """
    if architecture not in PLATFORMS:
        raise UnknownArchitecture(architecture)
    name = builder or find_builder()
    variables = environment(name)
    command = (*_build(name, variables), *_options(name, architecture, build_args), "--target", target, "--tag", tag)
    status = subprocess.run((*command, "."), cwd=ROOT, env=variables, check=False).returncode
    if status:
        raise ImageFailed(tag, name, status)


def find_builder() -> str:
    """The first of docker, podman and buildah that works on this machine.

    Raises:
        BuilderMissing: none does.
    """
    for name, builder in BUILDERS.items():
        if shutil.which(name) and _succeeds(builder.probe, environment(name)):
            return name
    raise BuilderMissing(", ".join(BUILDERS))


def environment(builder: str) -> dict[str, str]:
    """The environment in which a builder works; podman and buildah also within a container or a bare machine."""
    variables = dict(os.environ)
    if builder == "docker":
        return {"DOCKER_BUILDKIT": "1"} | variables
    if not os.geteuid():
        variables.setdefault("BUILDAH_ISOLATION", "chroot")
    if not _succeeds(BUILDERS[builder].probe, variables):
        variables.setdefault("STORAGE_DRIVER", "vfs")
    return variables


def _build(name: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    buildx = name == "docker" and _succeeds(("docker", "buildx", "version"), variables)
    return BUILDX if buildx else BUILDERS[name].build


def _options(name: str, architecture: str, build_args: Mapping[str, str]) -> list[str]:
    wanted = PLATFORMS[architecture]
    options = ["--platform", wanted, "--file", DOCKERFILE]
    arguments = dict(build_args)
    if name != "docker":
        # buildah sets these by itself, but not yet where FROM stands.
        own = PLATFORMS[MACHINES[platform.machine().lower()]]
        arguments = {"BUILDPLATFORM": own, "TARGETPLATFORM": wanted} | arguments
        options += [] if os.geteuid() else ["--network", "host"]
    return options + [part for key, value in arguments.items() for part in ("--build-arg", f"{key}={value}")]


def _succeeds(command: tuple[str, ...], variables: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(command, env=variables, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
