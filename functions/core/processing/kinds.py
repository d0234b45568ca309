"""The kinds of processing there are; each is imported when the first model that declares it loads."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from functions.core.package import Package
from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array

if TYPE_CHECKING:
    from functions.core.processing.inputs.parts import Parts

RAW = "rows"
"""What a package without the section does: tensor rows in, tensor rows out."""

KINDS = {
    "preprocess": {
        RAW: "inputs.rows.RowInput",
        "tabular": "inputs.tabular.Tabular",
        "image": "inputs.image.Image",
        "text": "inputs.text.Text",
        "sequence": "inputs.sequence.RaggedSequence",
    },
    "postprocess": {
        RAW: "outputs.rows.RowOutput",
        "classification": "outputs.classification.Classification",
        "multilabel": "outputs.multilabel.Multilabel",
        "regression": "outputs.regression.Regression",
        "embedding": "outputs.embedding.Embedding",
        "nearest": "outputs.nearest.Nearest",
        "ranking": "outputs.ranking.Ranking",
    },
}


class Preprocess(Protocol):
    """Turns instances into the model's input tensors."""

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds for a run: by input name, the first dimension counts the instances. Raises InvalidInput."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of an instance."""


class Divisible(Protocol):
    """Preprocessing whose instances have parts that an explanation can attribute to."""

    def parts(self, instance: Any, path: str, limit: int) -> "Parts":
        """Take an instance apart, into `limit` parts at most where it can be cut as one likes. Raises InvalidInput."""


class Postprocess(Protocol):
    """Turns output tensors into predictions."""

    outputs: tuple[str, ...]

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """One prediction per instance from the tensors named by `outputs`, in that order."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a prediction."""


class Scored(Protocol):
    """Postprocessing whose predictions rest on scores that can be explained."""

    targets: Sequence[str]
    """What there is a score of; a single number has the name ""."""

    def scores(self, values: Sequence[Array]) -> Array:
        """The score of each target, [rows, targets]."""

    # And, where the answer is another than the target of the highest score: chosen(scores [targets]) -> its index.


class Adjustable(Protocol):
    """Postprocessing that a request can set otherwise."""

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> Postprocess:
        """The same with a request's parameters in place of the package's. Raises InvalidInput."""


def preprocess(package: Package) -> Preprocess:
    """The declared preprocessing of a package. Raises InvalidPackage where it cannot be."""
    return cast("Preprocess", _build(package, "preprocess"))


def postprocess(package: Package) -> Postprocess:
    """The declared postprocessing of a package. Raises InvalidPackage where it cannot be."""
    return cast("Postprocess", _build(package, "postprocess"))


def _build(package: Package, section: str) -> object:
    declaration = Declaration(package, section)
    kind = declaration.choice("kind", tuple(KINDS[section]), RAW)
    if section == "preprocess":
        declaration.flag("personal", False)  # whoever keeps requests reads it from the manifest: it has to be right
    module, _, name = KINDS[section][kind].rpartition(".")
    return getattr(import_module(f"functions.core.processing.{module}"), name)(declaration)
