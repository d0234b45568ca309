"""Checks the templates of every stage: cdk-nag, the CDK's own rules, cfn-lint, checkov. `python -m infra.check`."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from infra import beside
from infra.app import default_context, synthesize
from infra.scan import reasons, scan, standing
from infra.setting import InvalidStage

# W3005: the CDK names a function's role as a dependency although the function refers to it.
CFN_LINT = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "--ignore-checks", "W3005", "--"]
EXAMPLE = {
    "dev": {
        "backup": {"replica_bucket": "example-copies", "replica_region": "eu-central-1"},
        "delivery": {"repository": "example/models"},
    }
}
ISOLATED = {"stage": "isolated", "stages": {"isolated": {"functions": {"credit-risk": {"memory_mb": 3538}}}}}
"""A stage as cdk.json has none: a model with a function of its own."""
STRICT = {"@aws-cdk/core:validateAgainstDefaultRules": True}


def findings(context: dict[str, Any], folder: Path, app: Callable[..., None] = synthesize) -> list[str]:
    """What is wrong with the template that an app makes of the stage in the context, written into the folder."""
    try:
        app({**context, **STRICT}, outdir=str(folder), lint=True)
    except (InvalidStage, RuntimeError) as error:
        # The CDK has printed every finding with its construct; this is its last word.
        return str(error).splitlines()[:1]
    report = json.loads((folder / "validation-report.json").read_text())
    found = [
        f"{rule['ruleName']}: {rule['description']}" for by in report["pluginReports"] for rule in by["violations"]
    ]
    templates = map(str, folder.glob("*.template.json"))
    lint = subprocess.run([*CFN_LINT, *templates], capture_output=True, text=True, check=False)  # noqa: S603 - our own templates
    return found + lint.stdout.splitlines() + lint.stderr.splitlines()


def main() -> int:
    """Print one line per stage, one for checkov, and their findings; 1 if there are any."""
    context = default_context()
    apps: list[tuple[str, dict[str, Any], Callable[..., None]]]
    apps = [(stage, {**context, "stage": stage}, synthesize) for stage in context["stages"]]
    # Stages want no replica and no delivery unless told otherwise: these are made of an example.
    apps += [(name, {"stage": "dev", "stages": EXAMPLE}, partial(beside.synthesize, name)) for name in beside.NAMES]
    apps.append(("isolated", {**context, **ISOLATED}, synthesize))
    with tempfile.TemporaryDirectory() as folder:
        told = [_tell(name, findings(given, Path(folder, name), app)) for name, given, app in apps]
        told.append(_tell("checkov", _scanned(sorted(Path(folder).glob("*/*.template.json")))))
    return int(any(told))


def _scanned(templates: list[Path]) -> list[str]:
    try:
        return list(standing(scan(templates), reasons()))
    except RuntimeError as error:
        return [str(error)]


def _tell(name: str, found: list[str]) -> bool:
    sys.stdout.write("\n  ".join([f"{name}: {len(found) or 'no'} findings", *found]) + "\n")
    sys.stdout.flush()
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
