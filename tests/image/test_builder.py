"""How docker, podman and buildah are chosen and asked; programs that note their arguments stand in for them."""

from pathlib import Path

import pytest

from toolchain.image import BuilderMissing, ImageFailed, UnknownArchitecture, build_image, find_builder


class Programs:
    """A folder that is the whole PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"

    def add(self, name: str, works: str = "true") -> None:
        """A program that notes what it is asked, then does what the shell line `works` says."""
        program = self.folder / name
        program.write_text(f'#!/bin/sh\necho "$0" "$@" >> {self.notes}\n{works}\n')
        program.chmod(0o755)

    def asked(self) -> str:
        """The last thing that any was asked."""
        line = self.notes.read_text().splitlines()[-1]
        return line.removeprefix(f"{self.folder}/")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Programs(tmp_path)


def test_docker_comes_first_and_is_told_to_attest_nothing(programs: Programs) -> None:
    programs.add("docker")
    programs.add("buildah")
    build_image("predict", "arm64", build_args={"BASE": "some/base@sha256:1"})
    assert programs.asked() == (
        "docker buildx build --load --provenance=false --sbom=false --platform linux/arm64 "
        "--file functions/Dockerfile --build-arg BASE=some/base@sha256:1 --target predict --tag predict ."
    )


def test_docker_without_buildx_builds_too(programs: Programs) -> None:
    programs.add("docker", '[ "$1" != buildx ]')
    build_image("predict", "x86_64")
    assert programs.asked() == (
        "docker build --platform linux/amd64 --file functions/Dockerfile --target predict --tag predict ."
    )


@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_docker_without_its_daemon_makes_way(name: str, programs: Programs) -> None:
    programs.add("docker", "false")
    programs.add(name)
    assert find_builder() == name
    build_image("predict", "arm64")
    asked = programs.asked()
    assert asked.startswith(f"{name} build --format=docker --layers --platform linux/arm64 ")
    assert " --build-arg TARGETPLATFORM=linux/arm64 " in asked
    assert asked.endswith(" --target predict --tag predict .")


def test_without_a_builder_the_error_says_what_to_install(programs: Programs) -> None:
    programs.add("docker", "false")
    with pytest.raises(BuilderMissing, match="apt install buildah"):
        build_image("predict", "arm64")


def test_a_failed_build_and_an_unknown_architecture_are_errors(programs: Programs) -> None:
    programs.add("docker", '[ "$2" != build ]')
    with pytest.raises(ImageFailed, match="docker could not build the image predict"):
        build_image("predict", "arm64")
    with pytest.raises(UnknownArchitecture, match="arm64, x86_64 - got 'riscv64'"):
        build_image("predict", "riscv64")
