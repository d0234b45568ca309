"""Images that are built: of a kind that Lambda takes, and for the processor of the functions."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

from toolchain.doctor.machine import has_images
from toolchain.doctor.template import FUNCTION, Template
from toolchain.findings import Finding, fail, ok, skipped
from toolchain.image import PLATFORMS, TARGETS, BuilderMissing, environment, find_builder

INSPECT = {
    "docker": ("docker", "image", "inspect"),
    "podman": ("podman", "image", "inspect"),
    "buildah": ("buildah", "inspect", "--type", "image"),
}
TAKEN = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
"""Manifests that Lambda takes: of one image, never an index of several or of one with its attestations."""


class Image(NamedTuple):
    """What an image is, as its builder says."""

    manifest: str
    """Its media type; empty where the builder keeps none, as docker does without containerd's store."""
    architecture: str
    """As Go names it."""


def check(template: Template) -> Iterator[Finding]:
    """Each of the images that `ortless image` names so."""
    if not has_images(template):
        yield skipped("images", "this stage runs the working tree, and has no images")
        return
    try:
        builder = find_builder()
    except BuilderMissing:
        yield skipped("images", "nothing on this machine can look at them")
        return
    wanted = {PLATFORMS[each] for it in template.of(FUNCTION).values() for each in it.get("Architectures", ["x86_64"])}
    for target in TARGETS:
        found = inspect(builder, f"ortless-{target}")
        if found is None:
            hint = f"ortless image --target {target}"
            yield skipped(f"image {target}", "it is not built here; a deployment builds its own", hint)
        else:
            yield judge(target, found, wanted)


def judge(target: str, image: Image, platforms: set[str]) -> Finding:
    """An image against what Lambda takes and against the functions' platforms."""
    check = f"image {target}"
    if image.manifest and image.manifest not in TAKEN:
        return fail(check, f"its manifest is {image.manifest}, which Lambda refuses", "build it with `ortless image`")
    if f"linux/{image.architecture}" not in platforms:
        names = [name for name, platform in PLATFORMS.items() if platform in platforms]
        hint = f"ortless image --target {target} --architecture {names[0]}"
        return fail(check, f"it is for {image.architecture}, the functions are for {', '.join(names)}", hint)
    return ok(check, f"{image.architecture}, {image.manifest.rpartition('.')[2] or 'one manifest'}")


def read(builder: str, text: str) -> Image:
    """What a builder's own words say."""
    found: Any = json.loads(text)
    if builder == "buildah":
        manifest = json.loads(found.get("Manifest") or "{}")
        return Image(str(manifest.get("mediaType", "")), str(found["OCIv1"]["architecture"]))
    (image,) = found
    kind = image.get("ManifestType") or (image.get("Descriptor") or {}).get("mediaType", "")
    return Image(str(kind), str(image["Architecture"]))


def inspect(builder: str, tag: str) -> Image | None:
    """An image of this machine; None where there is none of that name."""
    command = (*INSPECT[builder], tag)
    done = subprocess.run(command, env=environment(builder), capture_output=True, text=True, check=False)
    return read(builder, done.stdout) if done.returncode == 0 else None
