"""The errors of ortless: one root, a stable code each, and a message that each builds itself."""

from collections.abc import Iterable
from reprlib import Repr
from typing import ClassVar

LIMIT = 160
"""Characters of a value that a message shows at most."""


class OrtlessError(Exception):
    """Root of every error that ortless raises on purpose; `code` is stable and safe to match on."""

    code: ClassVar[str] = "internal"


class InvalidSetting(OrtlessError):
    """An environment variable of a function holds a value that cannot be used."""

    code = "invalid_setting"

    def __init__(self, variable: str, expected: str, got: str) -> None:
        super().__init__(f"Expected {expected} - got {got!r} - in the environment variable {variable}")


class InvalidJson(OrtlessError):
    """A body that must be JSON is not."""

    code = "invalid_json"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The body is not valid JSON: {reason}")


class InvalidInput(OrtlessError):
    """A request is well-formed but does not fit the model: says where, what was expected and what came."""

    code = "invalid_input"

    def __init__(self, path: str, expected: str, got: str) -> None:
        self.path = path
        super().__init__(f"Expected {expected} - got {got} - at `{path}`")


class UnknownModel(OrtlessError):
    """No model of that name is served here."""

    code = "unknown_model"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        models = ", ".join(sorted(known)) or "none"
        super().__init__(f"There is no model {brief(name)} - the models are: {models}")


class UnknownVersion(OrtlessError):
    """The model exists, that version of it does not."""

    code = "unknown_version"

    def __init__(self, name: str, version: object, live: int) -> None:
        super().__init__(f"The model {name!r} has no version {brief(version)} - version {live} is live")


class PayloadTooLarge(OrtlessError):
    """A body, or what it decompresses to, exceeds the limit; found before it is parsed."""

    code = "payload_too_large"

    def __init__(self, size: int, limit: int, what: str = "a body", hint: str = "") -> None:
        super().__init__(f"Expected {what} of at most {limit} bytes{hint} - got {size}")


class UnsupportedMedia(OrtlessError):
    """A body comes in an encoding that this lane does not read."""

    code = "unsupported_media_type"

    def __init__(self, header: str, expected: str, got: str) -> None:
        super().__init__(f"Expected {expected} - got {brief(got)} - in the header {header}")


class ModelFailed(OrtlessError):
    """The inputs have the right types and shapes, but the model cannot compute with their values."""

    code = "model_failed"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The model {name!r} could not run on this input: {reason}")


class DeadlineExceeded(OrtlessError):
    """A run was terminated because it took longer than it may."""

    code = "deadline_exceeded"

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"The model {name!r} did not answer within {seconds:g} s; send fewer rows at a time")


class InvalidPackage(OrtlessError):
    """A model package is incomplete, damaged or does not do what it declares."""

    code = "invalid_package"

    def __init__(self, package: str, reason: str) -> None:
        super().__init__(f"The package {package} cannot be used: {reason}")


class ObjectMissing(OrtlessError):
    """The object store has no object under that key."""

    code = "object_missing"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no object {key!r}")


class WriteConflict(OrtlessError):
    """A conditional write lost: the object exists already, or is not the one that was read."""

    code = "write_conflict"

    def __init__(self, key: str) -> None:
        super().__init__(f"The object {key!r} was written by someone else meanwhile")


class StoreUnavailable(OrtlessError):
    """The object store did not answer, or refused to."""

    code = "store_unavailable"

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"The object store did not serve {key!r}: {reason}")


_repr = Repr()
_repr.maxlevel = 4
_repr.maxstring = _repr.maxother = 60


def brief(value: object) -> str:
    """How a message shows what came: quoted, and short whatever its size or depth."""
    text = _repr.repr(value)
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 3]}..."
