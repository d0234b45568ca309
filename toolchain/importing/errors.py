"""What keeps a model of another framework from being imported."""

from collections.abc import Iterable
from pathlib import Path

from functions.core.errors import OrtlessError, brief

TRUST = "open it only if you trust whoever made it: --trust-pickle"


class UnknownFormat(OrtlessError):
    """A file is none of those that are imported, or not what its name says."""

    code = "unknown_format"

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path} cannot be imported: {reason}\nhint: {hint}")


class MissingPackage(OrtlessError):
    """A framework is not installed where the command runs."""

    code = "missing_package"

    def __init__(self, package: str, group: str, reason: str) -> None:
        why = "" if reason == f"No module named {package!r}" else f" ({reason})"
        super().__init__(f'This model needs the package {package}{why}\nhint: pip install "ortless[{group}]"')


class Untrusted(OrtlessError):
    """Opening a file would run whatever code is in it."""

    code = "untrusted"

    def __init__(self, path: Path, what: str, instead: str, does: str = "runs any code that is in it") -> None:
        super().__init__(f"{path} {what}, which {does}\nhint: {TRUST}; {instead}")


class NotOpened(OrtlessError):
    """The framework itself cannot open a file."""

    code = "not_opened"

    def __init__(self, path: Path, framework: str, reason: object, hint: str = "") -> None:
        said = f"\nhint: {hint}" if hint else ""
        super().__init__(f"{framework} cannot open {path}: {first_line(reason)}{said}")


class NotConvertible(OrtlessError):
    """There is no ONNX for a part of a model."""

    code = "not_convertible"

    def __init__(self, step: str, reason: object, hint: str) -> None:
        super().__init__(f"{step} cannot be converted: {first_line(reason)}\nhint: {hint}")


class InvalidSamples(OrtlessError):
    """Samples do not fit the model; the message names the place."""

    code = "invalid_samples"

    def __init__(self, place: str, expected: str, got: str) -> None:
        super().__init__(f"Expected {expected} - got {got} - at {place}")


class Disagreement(OrtlessError):
    """The converted graph does not answer as the original."""

    code = "disagreement"

    def __init__(self, faults: Iterable[str], hint: str) -> None:
        listed = "\n  ".join(faults)
        super().__init__(f"The converted model does not answer as the original:\n  {listed}\nhint: {hint}")


def first_line(reason: object) -> str:
    """The first line of what a library said; libraries say a lot."""
    text = next(iter(str(reason).strip().splitlines()), "") or type(reason).__name__
    return text if len(text) <= 300 else brief(text)
