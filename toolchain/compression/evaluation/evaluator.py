"""Judges models on one package's data, with its metric, under its gate."""

import hashlib
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import onnxruntime
import orjson

from functions.core import golden
from functions.core.package import Package, digest_of
from functions.core.predictor import Predictor
from functions.packaging import source
from functions.packaging.gate import Gate
from functions.packaging.source import Source
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.evaluation import candidate, datasets, gates, latency, requests, truth
from toolchain.compression.evaluation.answers import Answers, ask, targets_of
from toolchain.compression.evaluation.candidate import Shelf
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.datasets import Rows
from toolchain.compression.evaluation.errors import Unmeasurable
from toolchain.compression.evaluation.latency import Contestant
from toolchain.compression.evaluation.regolden import Golden
from toolchain.compression.evaluation.requests import Feeds
from toolchain.compression.search.contract import Latency, Quality

UNFOLDED, ROOM = 1.25, 4096
"""By how much what ships may be larger than the file: names of what was fused, and the format's own words."""
REVISION = 3
"""Counts up when the same model would be judged otherwise, so that results kept by digest are not used again."""


class PackageEvaluator:
    """The `Evaluator` of a model's folder; the folder is only read."""

    def __init__(self, model: Source, gate: Gate, seed: int = 0, rounds: int = latency.ROUNDS) -> None:
        """Ask the original.

        Args:
            model: the folder.
            gate: what is agreed.
            seed: of the draws of rows.
            rounds: fresh processes for each model and number of rows that is timed.

        Raises:
            InvalidData: the rows cannot be used, or do not fit the model.
            Unmeasurable: the original does not answer them, or the metric is not of its kind.
        """
        self.source, self.gate, self.seed, self._rounds = model, gate, seed, rounds
        self.original = (model.folder / source.GRAPH).read_bytes()
        self.rows = datasets.read(model.folder / gate.data)
        try:
            self._shelf = Shelf(model, self.original)
        except NotApplicable as fault:
            raise Unmeasurable(f"The original cannot be evaluated: {fault}") from None
        try:
            self._begin()
        except NotApplicable as fault:
            self.close()
            raise Unmeasurable(f"The original cannot be evaluated: {fault}") from None
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Ask the original."""
        self.predictor: Predictor = candidate.predictor(self._shelf.package(self.original))
        self._requests = requests.requests(self.predictor, self.rows)
        answers = ask(self.predictor, self._requests)
        self.case = self._case(answers)
        self.terms = gates.terms(self.gate, self.case)
        self._golden = Golden.of(self.source.folder, self.predictor)
        self._asked: tuple[bytes, Answers] = (self.original, answers)

    @property
    def originals(self) -> dict[str, bytes]:
        """The files of the folder that another model's stand in for, as they were read; by name."""
        found = {source.GRAPH: self.original, golden.FILE: self._golden.content}
        return {name: content for name, content in found.items() if content}

    def close(self) -> None:
        """Remove what was compiled."""
        self._shelf.close()

    @property
    def digest(self) -> str:
        """Of all that figures depend on but the model: rows, gate, processing and its files, machine, runtime."""
        model = self.source
        gate = self.gate._replace(calibration="", target="")._asdict()  # which the search knows of by itself
        files = sorted(set(model.files) - {*candidate.LEFT_OUT, "CARD.md"})
        parts: list[Any] = [
            REVISION, self.rows.digest, gate, self.seed, self._rounds, model.preprocess,
            model.postprocess, {name: digest_of(str(model.folder / name)).sha256 for name in files},
            hashlib.sha256(self.original).hexdigest(), self._golden.digest,
            onnxruntime.__version__, platform.machine(),
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def evaluate(self, model: bytes) -> Quality:
        """Judge a model's answers against the original's. Raises NotApplicable where it does not load or run."""
        package = self._shelf.package(model)
        predictor = candidate.predictor(package)
        quality = gates.judge(self._asked_of(predictor, model), self.terms, len(model), self.seed)
        if quality.passes:
            size = len(model) if model != self.original else candidate.size_of(package)
            reason = self._golden.refusal(predictor) or _unfolded(size, candidate.size_of(package))
            quality = quality._replace(refused=reason)
        return quality

    def compared(self, model: bytes) -> Case:
        """A model's answers beside the original's. Raises NotApplicable as `evaluate`."""
        return self._asked_of(candidate.predictor(self._shelf.package(model)), model)

    def compiled_bytes(self, model: bytes) -> int:
        """Size of a model as it ships, its graph optimised. Raises NotApplicable."""
        return candidate.size_of(self._shelf.package(model))

    def golden(self, model: bytes) -> bytes | None:
        """The golden requests as a model answers them; None where there are none. Raises NotApplicable."""
        return self._golden.answered(candidate.predictor(self._shelf.package(model)))

    def latency(self, models: Sequence[bytes]) -> list[Latency]:
        """Time models in turn, in one run, as they ship. Raises NotApplicable where one does not run."""
        batches = self._requests.batches()
        outputs = self.predictor.postprocess.outputs
        with ExitStack() as stack:
            packages = self._shelf.packages(models, stack)
            times = latency.compare([contestant(package, batches, outputs) for package in packages], self._rounds)
        return [Latency(*found) for found in times]

    def calibration(self) -> tuple[Calibration, Rows] | None:
        """The sample requests of the folder; None where it has none. Raises InvalidData."""
        path = self.source.folder / self.gate.calibration
        if not path.is_file():
            return None
        rows = datasets.read(path, least=1)
        return requests.calibration(self.predictor, rows), rows

    def _asked_of(self, predictor: Predictor, model: bytes) -> Case:
        if self._asked[0] != model:
            self._asked = (model, ask(predictor, self._requests))
        return self.case._replace(answers=self._asked[1])

    def _case(self, answers: Answers) -> Case:
        if answers.broken is not None:
            raise Unmeasurable(f"The original answers NaN to {self.rows.place(answers.broken)}")
        return case_of(self.source, self.rows, answers, targets_of(self.predictor))


def case_of(model: Source, rows: Rows, answers: Answers, targets: tuple[str, ...]) -> Case:
    """A model's answers beside themselves, and what is right. Raises InvalidData where labels are none of the model."""
    nearest = model.postprocess.get("kind") == "nearest"
    right = truth.read(rows, answers, targets, may_be_none=nearest)
    probable = answers.kind in ("classes", "labels") and not nearest
    return Case(answers, answers, right, targets, probabilities=probable)


def _unfolded(size: int, compiled: int) -> str:
    """Why a small file is none where it counts: the runtime computes constants, as those stored in 16 bits."""
    if compiled <= size * UNFOLDED + ROOM:
        return ""
    return f"the file has {size} bytes, but what ships has {compiled}: the runtime unfolds its constants"


def contestant(package: Package, batches: Sequence[Feeds | None], outputs: Sequence[str]) -> Contestant:
    """A compiled package, to be timed."""
    graph = package.manifest.graph
    return Contestant(Path(package.path(graph.file)), graph.optimized, batches, outputs)
