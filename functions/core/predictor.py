"""One model, ready: validate, preprocess, run, postprocess. Serves HTTP and batch alike and knows neither."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, cast

from functions.core.errors import InvalidInput, InvalidPackage, brief
from functions.core.manifest import Manifest
from functions.core.package import Package
from functions.core.processing import kinds
from functions.core.session import Session
from functions.core.settings import Settings
from functions.core.statistics import Statistics
from functions.core.tensors import DATATYPES, MAP, TENSOR, TensorSpec


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
        self.cache: Any = None  # what a transport keeps of its answers: it goes with it
        self.watch: Any = None  # what looks for drift, once somebody has set it up; False: nothing does
        self.ran = (0.0, 0.0)  # when the latest run began and ended, by `perf_counter`
        self.deadline = settings.deadline_seconds  # of each run; who asks it unheard grants it less
        self._session = Session(package, threads=settings.intra_op_threads, deadline=settings.deadline_seconds)
        self.preprocess: kinds.Preprocess
        self.postprocess: kinds.Postprocess
        if _has_rows(self.manifest):
            self.preprocess = kinds.preprocess(package)
            self.postprocess = kinds.postprocess(package)
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
        began = perf_counter()
        values = self._session.run(feeds, outputs, self.deadline)
        self.ran = began, perf_counter()
        return values

    def schemas(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """JSON Schema of an instance, and of a prediction."""
        return self.preprocess.schema(), self.postprocess.schema()

    def predict(
        self, instances: object, path: str = "instances", parameters: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """Predict from instances in the user's terms; one prediction each, in their order.

        Args:
            parameters: what the request wants otherwise than the package says, as top_k or threshold.

        Raises:
            InvalidInput: an instance or a parameter does not fit; the message says which and where.
            ModelFailed, DeadlineExceeded: as `infer`.
            InvalidPackage: the model does not answer one row for each instance.
        """
        if type(instances) is not list or not instances:
            raise InvalidInput(path, "a list of at least one instance", brief(instances))
        postprocess = self._adjusted(parameters) if parameters else self.postprocess
        feeds = self.preprocess.encode(instances, path)
        values = self.infer(feeds, postprocess.outputs)
        predictions = postprocess.decode(values)
        if len(predictions) != len(instances):
            reason = f"it answers {len(predictions)} rows to {len(instances)} instances"
            raise InvalidPackage(self.package.label, reason)
        if self.watch:
            self.watch.note(feeds, postprocess.outputs, values)
        return predictions

    def _adjusted(self, parameters: Mapping[str, Any]) -> kinds.Postprocess:
        if not hasattr(self.postprocess, "adjusted"):
            raise InvalidInput("parameters", f"none, as {self.manifest.name!r} takes none", brief(list(parameters)))
        return cast("kinds.Adjustable", self.postprocess).adjusted(parameters, "parameters")


def _has_rows(manifest: Manifest) -> bool:
    """Whether instances can be rows of its tensors; a package that declares its processing says so itself."""
    takes = bool(manifest.inputs) and all(spec.shape and _in_json(spec) for spec in manifest.inputs)
    gives = all(_gives_rows(spec) for spec in manifest.outputs)
    return (takes or bool(manifest.preprocess)) and (gives or bool(manifest.postprocess))


def _in_json(spec: TensorSpec) -> bool:
    return spec.kind == TENSOR and not DATATYPES[spec.datatype].binary_only


def _gives_rows(spec: TensorSpec) -> bool:
    """Whether an output is a tensor or a map for each row; one that may be none is not."""
    return not spec.optional and (_in_json(spec) or (spec.kind == MAP and bool(spec.shape)))
