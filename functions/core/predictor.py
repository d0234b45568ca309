"""One model, ready: validate, preprocess, run, postprocess. Serves HTTP and batch alike and knows neither."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.core.errors import InvalidInput, InvalidPackage, brief
from functions.core.manifest import Manifest
from functions.core.package import Package
from functions.core.processing import kinds
from functions.core.session import Session
from functions.core.settings import Settings
from functions.core.statistics import Statistics
from functions.core.tensors import DATATYPES, TENSOR, TensorSpec


class Predictor:
    """A package at a version, loaded."""

    def __init__(self, package: Package, settings: Settings) -> None:
        """Load the package.

        Raises:
            InvalidPackage: its graph does not load, or its processing does not fit its graph.
        """
        self.package = package
        self.manifest = package.manifest
        self.version = str(package.version)
        self.statistics = Statistics()
        self.deadline = settings.deadline_seconds
        self._session = Session(package, threads=settings.threads, deadline=settings.deadline_seconds)
        self.preprocess: kinds.Preprocess
        self.postprocess: kinds.Postprocess
        if _has_rows(self.manifest):
            self.preprocess = kinds.preprocess(self.manifest)
            self.postprocess = kinds.postprocess(self.manifest)
        else:
            from functions.core.rowless import Rowless  # hardly a model is

            self.preprocess = self.postprocess = Rowless()

    def infer(self, feeds: Mapping[str, Any], outputs: Sequence[str]) -> list[Any]:
        """Run on tensors that fit the signature; the outputs of those names, in that order.

        Values are arrays; a sequence is a list of them, a map a dictionary, an output that is none is None.

        Raises:
            ModelFailed: the model cannot compute with these values.
            DeadlineExceeded: it took too long.
        """
        return self._session.run(feeds, outputs)

    def schemas(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """JSON Schema of an instance, and of a prediction."""
        return self.preprocess.schema(), self.postprocess.schema()

    def predict(self, instances: object, path: str = "instances") -> list[Any]:
        """Predict from instances in the user's terms; one prediction each, in their order.

        Raises:
            InvalidInput: an instance does not fit; the message says which and where.
            ModelFailed, DeadlineExceeded: as `infer`.
            InvalidPackage: the model does not answer one row for each instance.
        """
        if type(instances) is not list or not instances:
            raise InvalidInput(path, "a list of at least one instance", brief(instances))
        values = self.infer(self.preprocess.encode(instances, path), self.postprocess.outputs)
        predictions = self.postprocess.decode(values)
        if len(predictions) != len(instances):
            reason = f"it answers {len(predictions)} rows to {len(instances)} instances"
            raise InvalidPackage(self.package.label, reason)
        return predictions


def _has_rows(manifest: Manifest) -> bool:
    """Whether instances can be rows of its tensors; a package that declares its processing says so itself."""
    takes = bool(manifest.inputs) and all(spec.shape and _in_json(spec) for spec in manifest.inputs)
    gives = all(map(_in_json, manifest.outputs))
    return (takes or bool(manifest.preprocess)) and (gives or bool(manifest.postprocess))


def _in_json(spec: TensorSpec) -> bool:
    return spec.kind == TENSOR and not DATATYPES[spec.datatype].binary_only
