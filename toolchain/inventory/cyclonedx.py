"""A software bill of materials as CycloneDX 1.6 has it; the same content is the same document."""

import hashlib
import json
import tomllib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from functions import VERSION
from toolchain.inventory.locks import Library, together

TARGETS = {
    "predict": ("predict",),
    "admin": ("predict", "admin"),
    "batch": ("predict", "batch"),
    "console": ("console",),
}
"""Targets of the Dockerfile, and the locks whose libraries they have."""
WITH_MODELS = ("predict", "batch")
"""Targets whose images the models ship with."""
BASE = "ARG BASE="
SPACE = uuid.UUID("7c0f5b2e-5b0e-4f0e-9f57-3f1d7b0a8a11")
"""Of the serial numbers; drawn once."""


def document(target: str, root: Path, base: str = "") -> dict[str, Any]:
    """The bill of one image.

    Args:
        target: of the Dockerfile.
        root: the repository.
        base: the base image with its digest, where that was given to the build.

    Raises:
        OSError: a lock or a model is not there.
    """
    locks = [root / "functions" / "requirements" / f"{name}.txt" for name in TARGETS[target]]
    parts = [_image(base or _base(root)), *map(_library, together(locks))]
    if target in WITH_MODELS:
        parts += _models(root / "model_artifacts")
    name = f"ortless-{target}"
    whole = {"type": "container", "bom-ref": name, "name": name, "version": VERSION}
    content = {"metadata": {"component": whole}, "components": parts, "dependencies": _needs(name, parts)}
    serial = uuid.uuid5(SPACE, json.dumps(content, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **content,
    }


def _needs(name: str, parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    # A lock is flat: which library asked for which, it does not say.
    return [{"ref": name, "dependsOn": [part["bom-ref"] for part in parts]}]


def _library(library: Library) -> dict[str, Any]:
    part: dict[str, Any] = {
        "type": "library",
        "bom-ref": library.purl,
        "name": library.name,
        "version": library.version,
        "purl": library.purl,
    }
    if library.digests:
        hashes = [{"alg": "SHA-256", "content": digest} for digest in library.digests]
        part["externalReferences"] = [{"type": "distribution", "url": library.purl, "hashes": hashes}]
    return part


def _image(base: str) -> dict[str, Any]:
    name, _, digest = base.partition("@")
    repository, _, tag = name.rpartition(":")
    part: dict[str, Any] = {"type": "container", "bom-ref": base, "name": repository, "version": digest or tag}
    if digest:
        part["hashes"] = [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}]
    return part


def _base(root: Path) -> str:
    lines = (root / "functions" / "Dockerfile").read_text().splitlines()
    return next(line.removeprefix(BASE) for line in lines if line.startswith(BASE))


def _models(folder: Path) -> list[dict[str, Any]]:
    return [_model(path) for path in sorted(folder.iterdir()) if (path / "model.toml").exists()]


def _model(folder: Path) -> dict[str, Any]:
    told = tomllib.loads((folder / "model.toml").read_text())
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{told['name']}@sha256:{digest}",
        "name": told["name"],
        "version": f"sha256:{digest}",
        "description": told["provenance"],
        "licenses": [{"license": {"name": told["licence"]}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
