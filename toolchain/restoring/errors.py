"""Why a registry cannot be brought back."""

from collections.abc import Sequence
from datetime import datetime

from functions.core.errors import OrtlessError

SHOWN = 20
"""Names of what is gone that a message shows at most."""


class VersionsGone(OrtlessError):
    """The bucket no longer keeps what the registry was at that time; nothing was changed."""

    code = "versions_gone"

    def __init__(self, to: datetime, names: Sequence[str]) -> None:
        self.names = list(names)
        more = f"\n  and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        lines = "".join(f"\n  {name}" for name in names[:SHOWN])
        super().__init__(
            f"What the registry was at {to.isoformat()} is not in the bucket any more:{lines}{more}\n"
            "hint: a later --to, --model to bring back the others, or --source with the bucket of the replica"
        )


class NothingThen(OrtlessError):
    """There was no such model at that time, as far as the bucket knows."""

    code = "unknown_model"

    def __init__(self, model: str, to: datetime) -> None:
        super().__init__(f"The registry had no model {model!r} at {to.isoformat()}")


class Overtaken(OrtlessError):
    """Somebody wrote or deleted an object after it was planned to copy over it; it is left as it is."""

    code = "conflict"

    def __init__(self, key: str, replaced: str) -> None:
        expected = f"{key} to be the object {replaced}" if replaced else f"nothing at {key}"
        super().__init__(
            f"Expected {expected}, as when this was planned - got something else: somebody changed it meanwhile\n"
            "hint: it was left as it is, and no alias has changed; look at it, then at --dry-run, before you go on"
        )
