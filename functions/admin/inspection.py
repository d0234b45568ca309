"""Looks into a submitted model: whatever parses or runs it happens here, in a process of its own.

`python -m functions.admin.inspection ORDER`, where ORDER is JSON: {"folder", "packages", "report", "limits"}. Each
check is told as it begins and as it ends by a line of JSON on the file descriptor `report`. The process runs with the
limits and without credentials; it may die at any time, which is for the one who started it to tell.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import orjson

from functions.admin.errors import Refused
from functions.admin.limits import MIB, Limits
from functions.core.errors import OrtlessError

if TYPE_CHECKING:
    import onnx

    from functions.core.package import Package
    from functions.core.predictor import Predictor

FORMAT, EXTERNAL, DOMAINS, CHECKER, RULES, PACKAGE, GOLDEN = CHECKS = (
    "format", "external data", "domains", "checker", "rules", "package", "golden",
)  # fmt: skip
"""In the order in which they are made."""
DETAIL = 300
"""Characters of a reason."""
NOISE = re.compile(
    r"(?:\[ONNXRuntimeError\] : )?\b\d+ : [A-Z_]+ : |Load model from \S+ failed:|/onnxruntime_src/\S+:\d+ .*?\) "
)
"""What ONNX Runtime says of itself rather than of the model."""


class Order(NamedTuple):
    """What is to be inspected."""

    folder: Path
    """The model's folder, named after the model."""
    packages: Path
    """Where the compiled package is left, in a folder of the model's name."""
    report: int
    """File descriptor to which the checks are told."""
    limits: Limits

    def text(self) -> str:
        """The order as the argument of the process."""
        fields = self._asdict() | {"folder": str(self.folder), "packages": str(self.packages)}
        return orjson.dumps(fields | {"limits": self.limits._asdict()}).decode()

    @classmethod
    def parse(cls, text: str) -> "Order":
        """The order that `text` gave."""
        fields = orjson.loads(text)
        limits = Limits(**fields["limits"])
        return cls(Path(fields["folder"]), Path(fields["packages"]), fields["report"], limits)


class Inspection:
    """The checks of one model; each imports what it needs after the limits hold."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._graph = order.folder / "model.onnx"
        self._model: onnx.ModelProto
        self._package: Package
        self._predictor: Predictor

    def checks(self) -> list[tuple[str, Callable[[], str]]]:
        """The checks by name, in their order; each returns a remark and raises where the model does not pass."""
        made = (self._format, self._external, self._domains, self._checker, self._rules, self._compiled, self._golden)
        return list(zip(CHECKS, made, strict=True))

    def _format(self) -> str:
        from functions.packaging import onnx_file

        self._model = onnx_file.load(self._graph)
        return f"ONNX of opset {onnx_file.opset(self._model)}"

    def _external(self) -> str:
        from functions.packaging import onnx_file

        if found := onnx_file.external_tensors(self._model):
            raise Refused(EXTERNAL, f"it keeps tensors in other files: {', '.join(found[:3])}")
        return ""

    def _domains(self) -> str:
        from functions.packaging import onnx_file

        if found := onnx_file.foreign_operators(self._model):
            raise Refused(DOMAINS, f"ONNX Runtime has no operator {', '.join(found[:3])}")
        return ""

    def _checker(self) -> str:
        from onnx import checker

        checker.check_model(str(self._graph))
        return ""

    def _rules(self) -> str:
        from functions.admin import rules

        rules.check(self._model, self._order.limits)
        del self._model  # the runtime needs the memory
        return ""

    def _compiled(self) -> str:
        from functions.core.drift import reading
        from functions.core.predictor import Predictor
        from functions.core.settings import Settings
        from functions.packaging import build, source

        model = source.read(self._order.folder)
        draft = self._order.packages / model.name
        draft.mkdir(parents=True)
        self._package = build.assemble(model, draft)
        self._predictor = Predictor(self._package, Settings(deadline_seconds=self._order.limits.answer_seconds))
        self._predictor.schemas()  # what the documents of the API are made of
        reading.check(self._predictor)
        return f"digest {self._package.manifest.digest}"

    def _golden(self) -> str:
        from functions.admin import answers

        return answers.check(self._predictor)


def reason(fault: Exception, order: Order) -> str:
    """Why a check failed, in a line, whoever says it and however long."""
    if isinstance(fault, MemoryError) or "bad_alloc" in str(fault):
        return f"it takes more than {order.limits.memory // MIB} MiB of memory"
    if isinstance(fault, RecursionError):
        return "it is nested too deeply"
    text = " ".join((fault.reason if isinstance(fault, Refused) else str(fault)).split())
    # Names in a graph are bytes of its author's choice; a terminal must be able to show them.
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    text = NOISE.sub("", text.partition(" cannot be used: ")[2] or text)
    for folder in (order.folder, order.packages / order.folder.name):
        text = text.replace(f"{folder}/", "").replace(str(folder), folder.name)
    known = isinstance(fault, OrtlessError) or type(fault).__name__ == "ValidationError"
    return (text if known else f"{type(fault).__name__}: {text}")[:DETAIL]


def inspect(order: Order, tell: Callable[[dict[str, object]], None]) -> bool:
    """Make the checks until one fails; whether none did."""
    for name, check in Inspection(order).checks():
        tell({"begins": name})
        began = monotonic()
        try:
            ok, detail = True, check()
        except Exception as fault:  # what a hostile file raises cannot be listed
            ok, detail = False, reason(fault, order)
        tell({"check": name, "ok": ok, "detail": detail, "seconds": round(monotonic() - began, 3)})
        if not ok:
            return False
    return True


def main(text: str) -> None:
    """Inspect what the order says, and end without cleaning up: what a model left behind must not run any more."""
    order = Order.parse(text)
    order.limits.apply()

    def tell(line: dict[str, object]) -> None:
        content = orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE)
        os.write(order.report, content)

    inspect(order, tell)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
