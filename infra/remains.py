"""What is left of a stage when its stack is deleted, read from the template: `python -m infra.remains prod`."""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from infra.app import default_context, synthesize
from infra.setting import InvalidStage

HOLDING = {
    "AWS::S3::Bucket": "bucket",
    "AWS::Logs::LogGroup": "logs",
    "AWS::SQS::Queue": "queue, with what waits in it",
    "AWS::KMS::Key": "key",
    "AWS::DynamoDB::Table": "table",
}
"""Kinds of resources that hold data, and what a person calls them."""
UNSEEN = (
    "API keys that `ortless keys` made; end them first: ortless keys revoke",
    "images and files in the buckets and repositories of `cdk bootstrap`",
    "the replica of the registry, which has a stack of its own and stays",
    "the roles of workflows, which can deploy it anew, in the stack ortless-<stage>-delivery: delete that one as well",
)
"""What no template of the stage tells."""


class Data(NamedTuple):
    """Something that holds data."""

    name: str
    kind: str
    kept: bool


def data(template: Mapping[str, Any]) -> Iterator[Data]:
    """What holds data in a template, and whether it outlives the stack."""
    for name, resource in template["Resources"].items():
        kept = resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        if resource["Type"] in HOLDING:
            yield Data(name, HOLDING[resource["Type"]], kept)


def report(stage: str, found: list[Data]) -> str:
    """What a person should know before the stack is deleted."""
    stays, goes = ([each for each in found if each.kept is kept] for kept in (True, False))
    lines = [f"cdk destroy of ortless-{stage}", "", "Stays, and goes on costing:"]
    lines += [f"  {each.name} ({each.kind})" for each in stays] or ["  nothing of the stack"]
    lines += [f"  {text}" for text in UNSEEN]
    lines += ["", "Goes for good; of a bucket only an empty one, else the deletion ends there:"]
    lines += [f"  {each.name} ({each.kind})" for each in goes] or ["  nothing that holds data"]
    lines += ["  every address, alias and role of the stage: a stack that is deployed anew has other ones"]
    return "\n".join(lines) + "\n"


def main(stage: str) -> None:
    """Print it. Raises InvalidStage."""
    with tempfile.TemporaryDirectory() as folder:
        synthesize({**default_context(), "stage": stage}, outdir=folder)
        (template,) = Path(folder).glob("*.template.json")
        sys.stdout.write(report(stage, list(data(json.loads(template.read_text())))))


if __name__ == "__main__":
    try:
        main((sys.argv[1:] or ["dev"])[0])
    except InvalidStage as error:
        sys.exit(f"error: {error}")
