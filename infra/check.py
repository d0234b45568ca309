"""Checks the templates of every stage: cdk-nag, the CDK's own rules and cfn-lint. `python -m infra.check`."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.app import default_context, synthesize
from infra.setting import InvalidStage

# W3005: the CDK names a function's role as a dependency although the function refers to it.
CFN_LINT = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "--ignore-checks", "W3005", "--"]
STRICT = {"@aws-cdk/core:validateAgainstDefaultRules": True}


def findings(context: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong with the template of the stage that the context names, written into the folder."""
    try:
        synthesize({**context, **STRICT}, outdir=str(folder), lint=True)
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
    """Print one line per stage, and its findings; 1 if there are any."""
    context = default_context()
    failed = False
    for stage in context["stages"]:
        with tempfile.TemporaryDirectory() as folder:
            found = findings({**context, "stage": stage}, Path(folder))
        failed = failed or bool(found)
        sys.stdout.write("\n  ".join([f"{stage}: {len(found) or 'no'} findings", *found]) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
