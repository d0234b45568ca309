"""A folder in the making: drafted, asked beside the original, written."""

from pathlib import Path

import onnx

from functions.core import golden
from functions.core.package import Package
from functions.core.predictor import Predictor
from functions.packaging import onnx_file, source
from functions.packaging.build import build
from functions.packaging.graph import Signature
from toolchain import draft, pages, sampling
from toolchain.draft import Draft
from toolchain.importing import answers, drafting, generation, graphs, rows, samples, verification
from toolchain.importing.contract import Column, Expected, Imported, Made, Options, Samples
from toolchain.importing.errors import Disagreement, InvalidSamples
from toolchain.importing.verification import Compared

DIFFERENT = (
    "give the rows that matter with --samples; where the difference does not matter, a wider --tolerance; where 32 "
    "bits are too coarse for a scikit-learn model, --double, and no scaler before trees, which need none"
)
GAPS = "Without a value the original and the graph answer differently: each number is required."
MADE_UP = "There are no --samples: it was asked for made-up rows, and no evaluation.jsonl is written."
TENSORS = "Its samples are tensors, so it takes tensors; for pictures see docs/guides/processing.md."
TOO_LARGE = "There is no golden.json, as a request and its answer would be too large: write a small one."


class Workshop:
    """A folder in the making."""

    def __init__(self, folder: Path, packages: Path, named: str, options: Options) -> None:
        """Begin with an empty folder.

        Args:
            folder: of the model; its name is the model's.
            packages: where it is compiled.
            named: the original's file.
        """
        self._folder, self._packages = folder, packages
        self._named, self._options = named, options
        self._notes: list[str] = []
        folder.mkdir()

    def make(self, imported: Imported) -> Made:
        """Draft, verify, write.

        Raises:
            InvalidSamples, NotConvertible, Disagreement, InvalidPackage: as `import_model`.
        """
        model = graphs.clean(imported.model, self._folder.name)
        self._notes += imported.notes
        (self._folder / source.GRAPH).write_bytes(model.SerializeToString(deterministic=True))
        package = self._built(Draft({}, {}), imported)
        signature = Signature(package.manifest.inputs, package.manifest.outputs)
        imported = drafting.labelled(imported, signature, self._options.classes)
        given, drafted, heard = self._asked(imported, model, signature)
        compared = self._compared(imported, given, heard)
        if faults := verification.faults(compared):
            raise Disagreement(faults, DIFFERENT)
        names = self._options.labels if len(self._options.labels) > 1 else ()
        after = drafting.postprocess(imported, model, signature, heard.original, names)
        drafted = drafted._replace(postprocess=after)
        package = self._built(drafted, imported)
        given = rows.labelled(given, imported, after)
        self._write_files(package, given, heard, model, imported)
        self._built(drafted, imported)
        files = sorted(path.name for path in self._folder.iterdir())
        return Made(self._folder, imported.origin, compared, files, self._notes, drafted)

    def _asked(
        self, imported: Imported, model: onnx.ModelProto, signature: Signature
    ) -> tuple[Samples, Draft, answers.Heard]:
        """The samples, the preprocessing that takes them, and both models' answers."""
        columns = drafting.columns(imported, signature)
        given = self._samples(imported, columns, signature)
        if columns:
            return self._asked_of_table(imported, columns, given)
        if given:
            drafted = Draft({}, {})
            return given, drafted, self._heard(imported, drafted, given)
        drafted = Draft(draft.preprocess(model, signature), {})
        is_open = not drafted.preprocess and any(-1 in spec.shape[1:] for spec in signature.inputs)
        for extent in sampling.EXTENTS[: None if is_open else 1]:
            given = generation.tensors(signature.inputs, drafted.preprocess, extent)
            try:
                return given, drafted, self._heard(imported, drafted, given)
            except InvalidSamples as fault:
                refused = fault
        raise refused

    def _asked_of_table(
        self, imported: Imported, columns: tuple[Column, ...], given: Samples | None
    ) -> tuple[Samples, Draft, answers.Heard]:
        """As `_asked`; of made-up rows those with gaps are left out where the two differ in these alone."""
        drawn = given or generation.rows(imported, columns)
        drafted = Draft(drafting.preprocess(drawn.columns, drawn.instances if given else (), imported.knows_nan), {})
        heard = self._heard(imported, drafted, drawn)
        if given is None and imported.knows_nan and self._faults(imported, drawn, heard):
            whole = generation.rows(imported._replace(knows_nan=False), columns)
            once_more = Draft(drafting.preprocess(whole.columns, (), False), {})
            answered = self._heard(imported, once_more, whole)
            if not self._faults(imported, whole, answered):
                self._notes.append(GAPS)
                return whole, once_more, answered
        return drawn, drafted, heard

    def _samples(self, imported: Imported, columns: tuple[Column, ...], signature: Signature) -> Samples | None:
        if self._options.samples is None:
            self._notes.append(MADE_UP)
            return None
        expected = Expected(columns, signature.inputs, self._options.labels, imported.named)
        given = samples.read(self._options.samples, expected)
        if not columns and draft.preprocess(imported.model, signature).get("kind") == "image":
            self._notes.append(TENSORS)
        return given

    def _heard(self, imported: Imported, drafted: Draft, given: Samples) -> answers.Heard:
        package = self._built(drafted, imported)
        return answers.ask(Predictor(package, answers.SETTINGS), imported, given)

    def _faults(self, imported: Imported, given: Samples, heard: answers.Heard) -> list[str]:
        return verification.faults(self._compared(imported, given, heard))

    def _compared(self, imported: Imported, given: Samples, heard: answers.Heard) -> list[Compared]:
        classes = {imported.output} if imported.labels else set()
        return [
            verification.compare(
                name, original, heard.converted[name], self._options.tolerance, given.places, classes=name in classes
            )
            for name, original in heard.original.items()
        ]

    def _built(self, drafted: Draft, imported: Imported) -> Package:
        texts = {"provenance": f"Imported from {self._named}: {imported.origin}."}
        text = pages.model_toml(self._folder.name, texts, drafted)
        (self._folder / source.FILE).write_text(text, "utf-8")
        return build(self._folder, self._packages)

    def _write_files(
        self, package: Package, given: Samples, heard: answers.Heard, model: onnx.ModelProto, imported: Imported
    ) -> None:
        signature = Signature(package.manifest.inputs, package.manifest.outputs)
        card = pages.card(self._folder.name, signature, onnx_file.opset(model), imported.origin)
        (self._folder / "CARD.md").write_text(card, "utf-8")
        for file, content in rows.files(given).items():
            (self._folder / file).write_bytes(content)
        document = answers.golden(Predictor(package, answers.SETTINGS), given, heard, self._options.tolerance)
        if document:
            (self._folder / golden.FILE).write_bytes(document)
        else:
            self._notes.append(TOO_LARGE)
        if package.manifest.preprocess.get("kind") == "image":
            height, width = package.manifest.preprocess["size"]
            picture = sampling.picture(height, width, package.manifest.preprocess["mode"], 0)
            (self._folder / "sample.png").write_bytes(picture)
