"""The gate of publishing: to a stage a model ships only with a report of its architecture that passes."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from functions.core.errors import OrtlessError
from functions.core.package import digest_of
from functions.packaging import compressed, source
from functions.packaging.gate import Gate
from toolchain.contents import Contents

LOCAL = ("127.0.0.1", "::1", "localhost")
STAGES = "arm64"
"""What stages run on unless cdk.json says otherwise."""


class NotCleared(OrtlessError):
    """A model may not be published."""

    code = "not_cleared"

    def __init__(self, model: str, architecture: str, reason: str) -> None:
        super().__init__(
            f"{model!r} has no passing report for {architecture}: {reason}\n"
            f"hint: run `ortless compress {model}` or `ortless evaluate {model} --record` on {architecture}, "
            "or say why not: --allow-ungated REASON"
        )


def architecture_of(url: str) -> str:
    """Of the stage at an address, where nobody said; empty for a cloud on this machine, where nothing is gated.

    The samples' reports are of one architecture, and a laptop may be of the other.
    """
    return "" if urlsplit(url).hostname in LOCAL else STAGES


def check(contents: Contents, architecture: str) -> None:
    """Let a model pass whose report does; what model.toml leaves open is as the report was made with.

    Args:
        contents: the model's folder.
        architecture: of the stage; empty for one that gates nothing.

    Raises:
        NotCleared: there is no report, it is of another file, gate or architecture, or it does not pass.
        InvalidPackage: the folder is none of a model.
    """
    if not architecture:
        return
    gate = source.read(contents.folder).compress or Gate()
    try:
        report = orjson.loads((contents.folder / compressed.REPORT).read_bytes())
        reason = _refused(contents, gate, report, architecture)
    except OSError:
        reason = f"there is no {compressed.REPORT}"
    except (ValueError, TypeError, KeyError, AttributeError):
        reason = f"{compressed.REPORT} is damaged"
    if reason:
        raise NotCleared(contents.model, architecture, reason)


def _refused(contents: Contents, gate: Gate, report: dict[str, Any], architecture: str) -> str:
    judged = report["evaluations"].get(architecture)
    if judged is None:
        return f"figures were taken on {', '.join(report['evaluations'])}, which say nothing of it"
    if judged["sha256"] != contents.files[source.GRAPH].sha256:
        return "it is about another graph than the one that ships"
    if lax := _laxer(gate, judged["gate"]):
        return f"it was judged by another gate than model.toml's: {lax}"
    if _changed(contents.folder / gate.data, judged["data"]["sha256"]):
        return f"{gate.data} has changed since"
    return "" if judged["passes"] else str(judged["reason"] or "it does not pass")


def _laxer(gate: Gate, judged: dict[str, Any]) -> str:
    """The first field by which less was asked for than is agreed."""
    if gate.metric not in (None, judged["metric"]):
        return f"metric {judged['metric']}"
    for field in ("max_drop", "max_bytes", "max_ms"):
        agreed, asked = getattr(gate, field), judged[field]
        if agreed is not None and (asked is None or asked > agreed):
            return f"{field} {asked}"
    if gate.agreement is not None and judged["agreement"] < gate.agreement:
        return f"agreement {judged['agreement']}"
    return ""


def _changed(path: Path, sha256: str) -> bool:
    """Whether the rows are other ones; whoever publishes need not have them."""
    return path.is_file() and digest_of(str(path)).sha256 != sha256
