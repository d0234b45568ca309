"""SnapStart, and what AWS does not combine it with."""

from collections.abc import Iterator
from typing import Any

from toolchain.doctor.template import ALIAS, FUNCTION, Template
from toolchain.findings import Finding, fail, ok, skipped

CHECK = "SnapStart"
DISK_MB = 512
"""MiB under /tmp that a snapshot may have."""


def check(template: Template) -> Finding:
    """Every function that starts from a snapshot, against the exclusions."""
    started = {
        name: function
        for name, function in template.of(FUNCTION).items()
        if function.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"
    }
    if not started:
        return skipped(CHECK, "no function of this stage starts from a snapshot")
    wrong = [each for name, function in started.items() for each in _wrong(template, name, function)]
    if wrong:
        return fail(CHECK, "; ".join(wrong), "set snap_start of the stage to false, or take away what excludes it")
    return ok(CHECK, f"{', '.join(started)}: nothing that excludes it")


def _wrong(template: Template, name: str, function: dict[str, Any]) -> Iterator[str]:
    disk = function.get("EphemeralStorage", {}).get("Size", DISK_MB)
    if disk > DISK_MB:
        yield f"{name} has {disk} MB under /tmp, a snapshot at most {DISK_MB}"
    if function.get("FileSystemConfigs"):
        yield f"{name} mounts a file system"
    if str(function.get("Runtime", "")).startswith("provided"):
        yield f"{name} runs on {function['Runtime']}, which has no snapshots"
    for alias in template.of(ALIAS).values():
        found = template.function(alias["FunctionName"])
        if found and found[0] == name and alias.get("ProvisionedConcurrencyConfig"):
            yield f"{name} has provisioned concurrency"
