"""A synthesized stage, as the tests look at it: plain JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Two stages that between them have every setting that dev does not have: a synthesis takes seconds.
SIGNED = {
    "auth": "iam",
    "cors_origins": ["https://a.example", "https://b.example"],
    "provisioned_concurrency": 2,
    "reserved_concurrency": 5,
    "validation_concurrency": 3,
    "batch_concurrency": 7,
    "batch_memory_mb": 3008,
    "job_max_mb": 100,
    "job_retry_seconds": 15,
    "job_retention_days": 3,
    "webhooks": ["https://a.example/done", "https://b.example"],
}
STRICT = {
    "auth": "both",
    "tracing": True,
    "open_docs": False,
    "tiers": {"default": {"quota": None}, "pro": {"rate": 200, "quota": 5, "period": "day"}},
    "budget": {
        "monthly_usd": 50,
        "scope": "stack",
        "emails": ["a@example.com"],
        "topics": ["arn:aws:sns:a"],
    },
    "monitoring": {"emails": ["a@example.com"], "pagers": ["arn:aws:sns:eu-central-1:1:pager"]},
    "capture": {"share": 0.01, "models": ["iris-svm"], "redact": ["age", "address.street"], "retention_days": 7},
    "open_console": False,
    "cors_origins": ["https://a.example"],
    "models": ["iris-svm", "digits"],
    "functions": {"iris-svm": {"memory_mb": 3538, "threads": 1, "reserved_concurrency": 4, "timeout_seconds": 25}},
    "timeout_seconds": 20,
    "drift": {"rows": 300, "minutes": 5, "share": 0.5, "features": 3},
}


def run_app(root: Path, outdir: Path, context: dict[str, Any], *app: str) -> "subprocess.CompletedProcess[str]":
    """Run the app in a tree with nothing of the user's environment: no PATH, no HOME, no AWS variables."""
    environment = {"CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context)}
    if "PYTHONDONTWRITEBYTECODE" in os.environ:
        environment["PYTHONDONTWRITEBYTECODE"] = os.environ["PYTHONDONTWRITEBYTECODE"]
    command = [sys.executable, "-m", *(app or ("infra.app",))]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)


@dataclass(frozen=True)
class Assembly:
    """What one run of the app wrote."""

    directory: Path

    @cached_property
    def text(self) -> str:
        """The template as it stands in the file."""
        (template,) = self.directory.glob("*.template.json")
        return template.read_text()

    @cached_property
    def template(self) -> dict[str, Any]:
        """The template."""
        template: dict[str, Any] = json.loads(self.text)
        return template

    @cached_property
    def images(self) -> list[dict[str, Any]]:
        """The container images to build."""
        (assets,) = self.directory.glob("*.assets.json")
        return [image["source"] for image in json.loads(assets.read_text()).get("dockerImages", {}).values()]

    def informations(self) -> list[str]:
        """What the CDK's command line says of the stack beside warnings and errors."""
        files = [json.loads(file.read_text()) for file in self.directory.glob("*.json")]
        entries = [entry for file in files for entry in _entries(file)]
        return [entry["data"].partition(" [ack:")[0] for entry in entries if entry.get("type") == "aws:cdk:info"]

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a type, by logical id."""
        return {name: it for name, it in self.template["Resources"].items() if it["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        """The properties of each resource of a type."""
        return [it.get("Properties", {}) for it in self.resources(kind).values()]

    def only(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of a type."""
        (properties,) = self.properties(kind)
        return properties

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """The properties of the one resource of a type that a construct of the stack made, as in "Predict"."""
        (properties,) = (it["Properties"] for key, it in self.resources(kind).items() if key.startswith(name))
        found: dict[str, Any] = properties
        return found

    def function(self, name: str) -> dict[str, Any]:
        """The properties of one of the functions, as in "Admin" or "BatchDrop"."""
        return self.named("AWS::Lambda::Function", name)

    def machine(self) -> dict[str, Any]:
        """The definition of the state machine, references in angle brackets."""
        definition: dict[str, Any] = json.loads(
            shown(self.only("AWS::StepFunctions::StateMachine")["DefinitionString"])
        )
        return definition

    def methods(self) -> dict[str, dict[str, Any]]:
        """The properties of each method of the API, as in "GET /v2"."""
        return {
            f"{method['HttpMethod']} {self._path(method['ResourceId'].get('Ref')) or '/'}": method
            for method in self.properties("AWS::ApiGateway::Method")
        }

    def _path(self, resource: str | None) -> str:
        if resource is None:
            return ""
        properties = self.resources("AWS::ApiGateway::Resource")[resource]["Properties"]
        return f"{self._path(properties['ParentId'].get('Ref'))}/{properties['PathPart']}"


def _entries(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _entries(each)


def several(value: Any) -> list[Any]:
    """What CloudFormation writes without a list where it is one."""
    return value if isinstance(value, list) else [value]


def shown(value: Any) -> str:
    """A text in one line, references in angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(shown(part) for part in argument[1])
    return f"<{'.'.join(several(argument))}>"
