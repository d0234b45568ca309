"""What checkov finds in templates, less what infra/justified.toml lets stand, each with its reason."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
JUSTIFIED = Path(__file__).with_name("justified.toml")
LOCK = ROOT / "toolchain" / "requirements" / "checkov.txt"
ENVIRONMENT = ROOT / "build" / "checkov"
OPTIONS = ("--framework", "cloudformation", "--skip-download", "--quiet", "--compact", "--output", "json")
LAST_WORDS = 1000
"""Characters of an error that say what went wrong."""
Reasons = Mapping[str, Mapping[str, str]]
"""By check, then by resources: `AWS::Lambda::Function.Predict*` are all functions whose logical ids begin so."""


class Finding(NamedTuple):
    """Something that a check holds against a resource."""

    check: str
    words: str
    resource: str
    """Its type, a dot, its logical id."""

    def __str__(self) -> str:
        return f"{self.check} {self.resource}: {self.words}"


def scan(templates: Sequence[Path]) -> list[Finding]:
    """Everything that checkov finds; offline, in an environment that the lock makes.

    Raises:
        RuntimeError: checkov could not be installed, or did not look at every template.
    """
    command = [str(_checkov()), *OPTIONS, "--file", *map(str, templates)]
    # Nothing of the user's: neither a configuration file nor a token that would have it report to its maker.
    variables = {"PATH": os.environ.get("PATH", ""), "HOME": str(ENVIRONMENT), "LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, cwd=ENVIRONMENT, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own templates
    try:
        report = json.loads(done.stdout)
        failed, unread = report["results"]["failed_checks"], report["summary"]["parsing_errors"]
    except (ValueError, KeyError, TypeError):
        raise RuntimeError(f"checkov ended with {done.returncode}: {done.stderr.strip()[-LAST_WORDS:]}") from None
    if unread:
        raise RuntimeError(f"checkov could not read {unread} of {len(templates)} templates")
    return sorted({Finding(it["check_id"], it["check_name"], it["resource"]) for it in failed})


def reasons() -> Reasons:
    """What may stand, and why."""
    return tomllib.loads(JUSTIFIED.read_text())


def standing(found: Iterable[Finding], justified: Reasons) -> Iterator[str]:
    """What is left to mend: findings without a reason, and reasons that no finding needs."""
    used = set()
    for finding in found:
        patterns = [each for each in justified.get(finding.check, {}) if fnmatchcase(finding.resource, each)]
        used |= {(finding.check, each) for each in patterns}
        if not patterns:
            yield str(finding)
    for check, patterns_of in justified.items():
        for pattern in patterns_of:
            if (check, pattern) not in used:
                yield f"{JUSTIFIED.name}: nothing is found by {check} on {pattern} any more: take the line away"


def _checkov() -> Path:
    """The command, in an environment with what its lock says, made when the lock has changed."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".installed"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)]
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(LOCK)]
        for command in (make, install):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own lock
            if done.returncode:
                raise RuntimeError(f"checkov: {done.stderr.strip()}")
        stamp.write_text(LOCK.read_text())
    return ENVIRONMENT / "bin" / "checkov"
