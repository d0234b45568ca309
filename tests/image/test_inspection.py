"""What `ortless doctor` says of images as buildah really keeps them."""

from collections.abc import Iterator

import pytest

from tests.image.buildah import buildah
from toolchain.doctor.images import inspect, judge

TAG = "localhost/ortless-doctor-test"
ARM = {"linux/arm64"}

pytestmark = pytest.mark.image


@pytest.fixture
def image(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty image of a format, for a processor."""
    form, architecture = request.param
    container = buildah("from", "scratch")
    buildah("config", "--arch", architecture, container)
    buildah("commit", "--rm", "--format", form, container, TAG)
    yield TAG
    buildah("rmi", TAG)


@pytest.mark.parametrize("image", [("docker", "arm64"), ("oci", "arm64")], indirect=True)
def test_an_image_of_either_format_and_the_right_processor_is_taken(image: str) -> None:
    found = inspect("buildah", image)
    assert found
    assert judge("predict", found, ARM).status == "ok"


@pytest.mark.parametrize("image", [("docker", "amd64")], indirect=True)
def test_an_image_for_another_processor_is_not(image: str) -> None:
    found = inspect("buildah", image)
    assert found
    assert judge("predict", found, ARM).detail == "it is for amd64, the functions are for arm64"


def test_an_image_that_is_not_built_is_none() -> None:
    assert inspect("buildah", "localhost/ortless-never-built") is None
