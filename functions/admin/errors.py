"""What the admin API refuses, beside what the core does."""

from functions.core.alias import Alias
from functions.core.errors import OrtlessError


class StateConflict(OrtlessError):
    """The state of a model does not allow the change, or is not the one that the change was meant for."""

    code = "conflict"

    def __init__(self, reason: str, state: Alias | None, model: str = "") -> None:
        self.state = state
        self.model = model
        super().__init__(reason)


class AlarmsRefused(OrtlessError):
    """CloudWatch did not take the alarms of a canary."""

    code = "alarms_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"CloudWatch did not take the alarms: {reason}")


class UnknownUpload(OrtlessError):
    """No upload of that id was begun, or it has expired."""

    code = "unknown_upload"

    def __init__(self, upload: str) -> None:
        super().__init__(f"There is no upload {upload!r}: it was never begun, or it has expired")


class Refused(OrtlessError):
    """A package failed its validation; says which check, and why."""

    code = "refused"

    def __init__(self, check: str, reason: str) -> None:
        self.check = check
        self.reason = reason
        super().__init__(f"The package was refused by the check `{check}`: {reason}")
