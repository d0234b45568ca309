"""The cloud assembly that synthesis leaves: which stack it holds and which files that needs."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.errors import InvalidAssembly
from local.state import read_json

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class FileAsset:
    """A file or folder of the assembly and the place in S3 where the template looks for it."""

    path: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """What is uploaded: the same bytes for the same files, whenever they were written."""
        if not self.zipped:
            return self.path.read_bytes()
        if self.path.is_file():
            return self.path.read_bytes()  # a zip already
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(path for path in self.path.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(file.relative_to(self.path).as_posix(), _EPOCH)
                entry.external_attr = file.stat().st_mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
        return buffer.getvalue()


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly, with the account's and region's placeholders filled in."""

    name: str
    template_url: str
    bootstrap_parameter: str
    assets: tuple[FileAsset, ...]


def read_stack(directory: Path, account: str, region: str) -> Stack:
    """The only stack of a cloud assembly."""
    artifacts = _manifest(directory).get("artifacts", {})
    stacks = {key: each for key, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"}
    if len(stacks) != 1:
        raise InvalidAssembly(f"Expected one stack in {directory} - got {', '.join(stacks) or 'none'}")
    [(identifier, stack)] = stacks.items()
    manifests = [each for each in artifacts.values() if each["type"] == "cdk:asset-manifest"]

    def filled(text: str) -> str:
        return text.replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)

    properties = stack["properties"]
    return Stack(
        name=properties.get("stackName", identifier),
        template_url=filled(properties["stackTemplateAssetObjectUrl"]),
        bootstrap_parameter=properties["bootstrapStackVersionSsmParameter"],
        assets=tuple(
            FileAsset(asset.path, asset.zipped, filled(asset.bucket), asset.key)
            for each in manifests
            for asset in _assets(directory, each["properties"]["file"])
        ),
    )


def _manifest(directory: Path) -> dict[str, Any]:
    manifest = read_json(directory / "manifest.json")
    if manifest is None:
        raise InvalidAssembly(f"{directory} holds no cloud assembly (manifest.json)")
    return manifest


def _assets(directory: Path, file: str) -> Iterator[FileAsset]:
    content = read_json(directory / file) or {}
    # Images are left out: on the local stage no function is one.
    for asset in content.get("files", {}).values():
        source = asset["source"]
        for destination in asset["destinations"].values():
            path = directory / source["path"]
            yield FileAsset(path, source.get("packaging") == "zip", destination["bucketName"], destination["objectKey"])
