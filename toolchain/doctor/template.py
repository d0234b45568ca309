"""The template of a stage, as the CDK app writes it, and how its resources hang together."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from functions.core.errors import OrtlessError

ROOT = Path(__file__).resolve().parents[2]
CDK_JSON = ROOT / "cdk.json"
FUNCTION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Alias"


class NotSynthesized(OrtlessError):
    """The app does not make a template of the stage; its own words."""

    code = "not_synthesized"


class Template(NamedTuple):
    """Resources by logical id, and the version of the CDK's bootstrap that they need."""

    resources: dict[str, dict[str, Any]]
    bootstrap: int = 0
    parameter: str = ""
    """Where the account says which version it has."""

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of each resource of a type, by its logical id."""
        return {name: it.get("Properties", {}) for name, it in self.resources.items() if it["Type"] == kind}

    def function(self, reference: object) -> tuple[str, dict[str, Any]] | None:
        """The function that a reference to it, to an alias or to a version of it leads to, by its logical id."""
        for name in references(reference):
            kind = self.resources.get(name, {}).get("Type")
            if kind == FUNCTION:
                return name, self.resources[name]["Properties"]
            if kind == ALIAS:
                return self.function(self.resources[name]["Properties"]["FunctionName"])
        return None


def references(value: object) -> Iterator[str]:
    """The logical ids that a value of a template names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else str(inner).partition(".")[0]
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def synthesize(stage: str) -> Template:
    """The template of a stage of cdk.json.

    Raises:
        NotSynthesized: the stage is unknown, a setting of it cannot be used, or the app fails.
    """
    with tempfile.TemporaryDirectory(prefix="ortless-") as folder:
        variables = os.environ | {"CDK_OUTDIR": folder, "CDK_CONTEXT_JSON": json.dumps({"stage": stage})}
        command = [sys.executable, "-m", "infra.app"]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            raise NotSynthesized(lines[-1].removeprefix("error: "))
        return read(Path(folder))


def read(folder: Path) -> Template:
    """The template of an assembly with one stack."""
    (path,) = folder.glob("*.template.json")
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"].values()
    stack = next(each["properties"] for each in artifacts if each["type"] == "aws:cloudformation:stack")
    return Template(
        json.loads(path.read_text())["Resources"],
        int(stack.get("requiresBootstrapStackVersion", 0)),
        str(stack.get("bootstrapStackVersionSsmParameter", "")),
    )


def default_stage() -> str:
    """The stage that cdk.json means when nobody names one."""
    return str(json.loads(CDK_JSON.read_text())["context"]["stage"])
