"""The kinds of processing there are; each is imported when the first model that declares it loads."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from functions.core.errors import InvalidPackage, brief
from functions.core.manifest import Manifest
from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array

RAW = "rows"
"""What a package without the section does: tensor rows in, tensor rows out."""

KINDS = {
    "preprocess": {RAW: "row_input.RowInput", "tabular": "tabular.Tabular", "image": "image.Image"},
    "postprocess": {
        RAW: "row_output.RowOutput",
        "classification": "classification.Classification",
        "regression": "regression.Regression",
    },
}


class Preprocess(Protocol):
    """Turns instances into the model's input tensors."""

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds for a run: by input name, the first dimension counts the instances. Raises InvalidInput."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of an instance."""


class Postprocess(Protocol):
    """Turns output tensors into predictions."""

    outputs: tuple[str, ...]

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """One prediction per instance from the tensors named by `outputs`, in that order."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a prediction."""


def preprocess(manifest: Manifest) -> Preprocess:
    """The declared preprocessing of a package. Raises InvalidPackage where it cannot be."""
    return cast("Preprocess", _build(manifest, "preprocess"))


def postprocess(manifest: Manifest) -> Postprocess:
    """The declared postprocessing of a package. Raises InvalidPackage where it cannot be."""
    return cast("Postprocess", _build(manifest, "postprocess"))


def _build(manifest: Manifest, section: str) -> object:
    declaration = Declaration(manifest, section)
    kind = declaration.table.get("kind", RAW)
    if kind not in KINDS[section]:
        known = ", ".join(KINDS[section])
        raise InvalidPackage(manifest.name, f"expected one of {known} - got {brief(kind)} - at `{section}.kind`")
    module, name = KINDS[section][kind].split(".")
    return getattr(import_module(f"functions.core.processing.{module}"), name)(declaration)
