"""What images are made of, to the last library of their locks; and which images a deployment published."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.packaging.source import find
from tests.conftest import ROOT
from tests.toolchain.test_cli import ortless
from toolchain import image
from toolchain.deployment import CloudRefused, Deployment
from toolchain.inventory.cyclonedx import TARGETS, document
from toolchain.inventory.locks import read, together
from toolchain.inventory.published import NoAssembly, published

REQUIREMENTS = ROOT / "functions" / "requirements"


@pytest.mark.parametrize("target", TARGETS)
def test_a_bill_has_every_library_of_the_locks_with_the_digests_of_its_files(target: str) -> None:
    bill = document(target, ROOT)
    locks = [REQUIREMENTS / f"{name}.txt" for name in TARGETS[target]]
    pinned = {line.split("==")[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line}
    libraries = [part for part in bill["components"] if part["type"] == "library"]
    assert {part["name"] for part in libraries} == pinned
    for part in libraries:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        (files,) = part["externalReferences"]
        assert all(len(each["content"]) == 64 for each in files["hashes"])
    assert sum(lock.read_text().count("--hash=") for lock in locks[-1:]) == sum(
        len(library.digests) for library in read(locks[-1])
    )


@pytest.mark.parametrize(
    ("target", "ships"), [("predict", True), ("batch", True), ("admin", False), ("console", False)]
)
def test_a_bill_has_the_models_that_ship_with_their_licences(target: str, ships: bool) -> None:
    models = [part for part in document(target, ROOT)["components"] if part["type"] == "machine-learning-model"]
    assert [part["name"] for part in models] == (sorted(each.name for each in find(ROOT / "model_artifacts")) * ships)
    assert all(part["licenses"][0]["license"]["name"] and part["hashes"] for part in models)


def test_a_bill_names_its_base_by_digest_where_the_build_was_given_one() -> None:
    digest = "a" * 64
    tagged, pinned = document("predict", ROOT), document("predict", ROOT, f"example.com/python:3.13@sha256:{digest}")
    assert (tagged["components"][0]["version"], "hashes" in tagged["components"][0]) == ("3.13", False)
    assert pinned["components"][0]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert tagged["serialNumber"] != pinned["serialNumber"]


def test_the_same_content_is_the_same_bill_and_every_part_is_named_once() -> None:
    first, second = document("batch", ROOT), document("batch", ROOT)
    assert first == second
    assert (first["bomFormat"], first["specVersion"]) == ("CycloneDX", "1.6")
    references = [part["bom-ref"] for part in first["components"]]
    assert len(references) == len(set(references))
    assert first["dependencies"] == [{"ref": "ortless-batch", "dependsOn": references}]


def test_every_image_of_the_dockerfile_has_a_bill() -> None:
    stages = re.findall(r"^FROM .*\$\{BASE\} AS (\S+)$", (ROOT / "functions" / "Dockerfile").read_text(), re.MULTILINE)
    assert sorted(stages) == sorted(TARGETS) == sorted(image.TARGETS)


def test_a_library_of_two_locks_is_one() -> None:
    once = together([REQUIREMENTS / "predict.txt"])
    assert together([REQUIREMENTS / "predict.txt"] * 2) == once


def test_the_verb_writes_a_bill_for_each_image(tmp_path: Path) -> None:
    assert ortless("sbom", "--to", str(tmp_path / "sbom")).returncode == 0
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "sbom").iterdir()}
    assert written == {f"{target}.cdx.json": document(target, ROOT) for target in TARGETS}
    refused = ortless("sbom", "console-of-old")
    assert (refused.returncode, "predict, admin, batch, console" in refused.stderr) == (2, True)


@pytest.fixture
def deployment(moto: str) -> Deployment:
    return Deployment("shop", boto3.Session("test", "test", region_name="eu-west-1"), moto)


def assembly(folder: Path, *tags: str) -> Path:
    places = {"repositoryName": "assets-${AWS::AccountId}-${AWS::Region}"}
    images = {
        tag: {"source": {"dockerBuildTarget": tag}, "destinations": {"here": {**places, "imageTag": tag}}}
        for tag in tags
    }
    (folder / "ortless-shop.assets.json").write_text(json.dumps({"dockerImages": images}))
    return folder


def test_published_images_are_named_by_digest(deployment: Deployment, tmp_path: Path) -> None:
    ecr: Any = deployment.service("ecr")
    repository = "assets-123456789012-eu-west-1"
    ecr.create_repository(repositoryName=repository)
    content = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
    ecr.put_image(repositoryName=repository, imageTag="predict", imageManifest=json.dumps(content))
    ((target, reference),) = published(assembly(tmp_path, "predict"), deployment)
    host, _, digest = reference.partition("@")
    assert (target, host) == ("predict", f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{repository}")
    assert digest == ecr.describe_images(repositoryName=repository)["imageDetails"][0]["imageDigest"]
    with pytest.raises(CloudRefused, match="ImageNotFound"):
        published(assembly(tmp_path, "admin"), deployment)


def test_a_folder_that_is_no_assembly_is_told(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(NoAssembly, match=r"\*\.assets\.json"):
        published(tmp_path, deployment)
