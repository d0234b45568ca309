"""What is read from a cloud assembly, and what is refused."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from local.assembly import FileAsset, read_stack
from local.errors import InvalidAssembly
from tests.local.conftest import ASSEMBLY


def test_placeholders_become_the_account_and_region() -> None:
    stack = read_stack(ASSEMBLY, "123456789012", "eu-west-1")
    bucket = "cdk-hnb659fds-assets-123456789012-eu-west-1"
    assert stack.name == "Small"
    assert stack.template_url == f"s3://{bucket}/small-template.json"
    assert stack.bootstrap_parameter == "/cdk-bootstrap/hnb659fds/version"
    assert [(asset.bucket, asset.key, asset.zipped) for asset in stack.assets] == [
        (bucket, "small-template.json", False),
        (bucket, "small-code.zip", True),
    ]


def test_folder_is_zipped_the_same_way_each_time(tmp_path: Path) -> None:
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "data").write_bytes(b"1")
    (tmp_path / "bootstrap").write_text("#!/bin/sh\n")
    (tmp_path / "bootstrap").chmod(0o755)
    asset = FileAsset(tmp_path, zipped=True, bucket="b", key="k")
    before = asset.content()
    os.utime(tmp_path / "nested" / "data", (1, 1))
    assert asset.content() == before
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        assert archive.namelist() == ["bootstrap", "nested/data"]
        assert archive.getinfo("bootstrap").external_attr >> 16 & 0o777 == 0o755


def test_folder_without_a_manifest_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(InvalidAssembly, match=r"holds no cloud assembly"):
        read_stack(tmp_path, "1", "r")


def test_two_stacks_are_refused_by_name(tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack", "properties": {}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"One": stack, "Two": stack}}))
    with pytest.raises(InvalidAssembly, match="got One, Two"):
        read_stack(tmp_path, "1", "r")
