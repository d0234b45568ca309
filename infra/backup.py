"""Backup: for how long the registry can be brought back, and where a second copy of it is kept."""

from dataclasses import dataclass

from infra.setting import text, whole


@dataclass(frozen=True)
class Backup:
    """What is kept of a registry that was changed, by whom and whatever for. `ortless restore` brings it back."""

    restorable_days: int = whole(30, 1, 3650)
    """How many days back the registry can be restored: for that long its bucket keeps what was replaced or deleted."""
    replica_bucket: str | None = text(
        "the name of a bucket: lower-case letters, digits, hyphens", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
    )
    """A bucket in another region that gets a copy of everything; `make replica` makes it. null: no copy."""
    replica_region: str | None = text("a region of AWS", r"[a-z]{2}(-[a-z]+)+-\d")
    """The region of that bucket."""
