"""Which images a deployment published: by digest, which says what they are; a tag does not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from functions.core.errors import OrtlessError
from toolchain.deployment import Deployment, translated


class NoAssembly(OrtlessError):
    """A folder is not what `cdk synth` or `cdk deploy` leaves."""

    code = "no_assembly"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Expected the folder of a cloud assembly, with *.assets.json - got {folder}\nhint: make synth"
        )


class Image(NamedTuple):
    """A published image."""

    target: str
    """Of the Dockerfile."""
    reference: str
    """Registry, repository and digest."""


def published(assembly: Path, deployment: Deployment) -> list[Image]:
    """The images of an assembly as they lie in the account, each once.

    Raises:
        NoAssembly: there is none.
        CloudRefused: one is not there, or may not be looked up.
    """
    manifests = sorted(assembly.glob(f"{deployment.stack}.assets.json"))
    if not manifests:
        raise NoAssembly(assembly)
    with translated():
        account = str(deployment.service("sts").get_caller_identity()["Account"])
        client = deployment.service("ecr")
        found = {
            Image(target, _reference(client, place, account, deployment.region))
            for target, place in _assets(json.loads(manifests[0].read_text()))
        }
    return sorted(found)


def _assets(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for image in manifest.get("dockerImages", {}).values():
        for place in image["destinations"].values():
            yield str(image["source"].get("dockerBuildTarget", "")), place


def _reference(client: Any, place: dict[str, str], account: str, region: str) -> str:
    repository = place["repositoryName"].replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)
    wanted = [{"imageTag": place["imageTag"]}]
    (found,) = client.describe_images(repositoryName=repository, imageIds=wanted)["imageDetails"]
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"{account}.dkr.ecr.{region}.amazonaws.com{suffix}/{repository}@{found['imageDigest']}"
