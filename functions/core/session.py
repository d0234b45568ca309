"""An ONNX Runtime session as a function needs it: its threads, no spinning, no second optimisation, a deadline."""

from collections.abc import Mapping, Sequence
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from functions.core.errors import DeadlineExceeded, InvalidPackage, ModelFailed
from functions.core.package import Package
from functions.core.tensors import DATATYPES
from functions.core.watchdog import Watchdog

FATAL = 4
"""ONNX Runtime's severity that keeps it from writing an error, which is raised as well, to the log."""

FAULTS = (
    native.EPFail,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NoSuchFile,
    native.NotFound,
    native.NotImplemented,
    native.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises: a class per status code without a common root, and pybind11's own two."""

_watchdog = Watchdog()


class Session:
    """A model that can run."""

    def __init__(self, package: Package, *, threads: int, deadline: float) -> None:
        """Load the package's graph.

        Args:
            threads: how many compute one operator; 1 runs in the caller's thread.
            deadline: seconds after which a run is terminated.

        Raises:
            InvalidPackage: ONNX Runtime refuses the graph, or its tensors are not the manifest's.
        """
        self._name = package.manifest.name
        self._deadline = deadline
        try:
            self._session = onnxruntime.InferenceSession(
                package.path(package.manifest.graph.file),
                session_options(threads, optimized=package.manifest.graph.optimized),
                providers=["CPUExecutionProvider"],
            )
        except FAULTS as fault:
            raise InvalidPackage(package.label, f"ONNX Runtime refuses its graph: {_reason(fault)}") from None
        self._check_signature(package)
        tensors = (*package.manifest.inputs, *package.manifest.optional, *package.manifest.outputs)
        self._exotic = {spec.name: found for spec in tensors if (found := DATATYPES[spec.datatype]).element}

    def run(self, feeds: Mapping[str, Any], outputs: Sequence[str], deadline: float | None = None) -> list[Any]:
        """Compute the outputs of those names, in that order.

        Values are arrays; a sequence is a list of them, a map a dictionary, an output that is none is None.

        Args:
            deadline: seconds that this run may take; None: the session's deadline.

        Raises:
            DeadlineExceeded: the run took longer than its deadline.
            ModelFailed: the model cannot compute with these values.
        """
        options = onnxruntime.RunOptions()
        seconds = self._deadline if deadline is None else deadline
        _watchdog.guard(options, seconds)
        try:
            if self._exotic:
                return self._run_exotic(feeds, outputs, options)
            values: list[Any] = self._session.run(outputs, feeds, options)
        except FAULTS as fault:
            if options.terminate:
                raise DeadlineExceeded(self._name, seconds) from None
            raise ModelFailed(self._name, _reason(fault)) from None
        finally:
            _watchdog.release(options)
        return values

    def _run_exotic(
        self, feeds: Mapping[str, Any], outputs: Sequence[str], options: onnxruntime.RunOptions
    ) -> list[Any]:
        from functions.core import exotic  # hardly a model has it

        return exotic.run(self._session, self._exotic, feeds, outputs, options)

    def _check_signature(self, package: Package) -> None:
        manifest = package.manifest
        inputs = [*self._session.get_inputs(), *self._session.get_overridable_initializers()]
        for kind, declared, found in (
            ("inputs", manifest.inputs + manifest.optional, inputs),
            ("outputs", manifest.outputs, self._session.get_outputs()),
        ):
            expected, got = sorted(spec.name for spec in declared), sorted(node.name for node in found)
            if expected != got:
                raise InvalidPackage(package.label, f"its manifest declares the {kind} {expected}, its graph has {got}")


def session_options(threads: int, *, optimized: bool) -> onnxruntime.SessionOptions:
    """Options for a process that is billed while it waits and may be frozen at any time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def _reason(fault: Exception) -> str:
    """ONNX Runtime's own words, without the source file and line that its messages may begin with."""
    text = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    return text.removeprefix("[ONNXRuntimeError] : ")[:300]
