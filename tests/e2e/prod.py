"""The assembly of prod for the embedded cloud: code from the working tree, what the cloud refuses left out, no more."""

import json
from pathlib import Path
from typing import Any

from infra.app import default_context
from local.state import ROOT
from local.unsupported import supported
from tests.infra.assembly import Assembly, run_app

SETTINGS: dict[str, Any] = {
    "traffic_shifting": "linear-10-1m",
    "monitoring": {"emails": ["a@example.com"], "pagers": ["arn:aws:sns:us-east-1:000000000000:pager"]},
    "budget": {"monthly_usd": 200, "emails": ["a@example.com"]},
}
"""What prod has no value for in cdk.json, as it belongs to an account."""
TREE = ROOT / "infra" / "working_tree"
KEY = "working-tree.zip"
OF_IMAGES = ("PackageType", "ImageConfig")


def synthesized(folder: Path) -> Assembly:
    """Prod as `make deploy STAGE=prod` would hand it to AWS."""
    stage = default_context()["stages"]["prod"] | SETTINGS
    run = run_app(ROOT, folder, {"stage": "prod", "stages": {"prod": stage}})
    assert (run.returncode, run.stderr) == (0, "")
    return Assembly(folder)


def adapted(assembly: Assembly) -> dict[str, Any]:
    """Write the template that the embedded cloud gets into the assembly, and return it."""
    template = supported(assembly.template)
    (assets,) = assembly.directory.glob("*.assets.json")
    content = json.loads(assets.read_text())
    (place,) = next(iter(content["files"].values()))["destinations"].values()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"] = from_tree(resource["Properties"], place["bucketName"])
    content["files"]["tree"] = {
        "source": {"path": str(TREE), "packaging": "zip"},
        "destinations": {"here": {**place, "objectKey": KEY}},
    }
    assets.write_text(json.dumps(content))
    (path,) = assembly.directory.glob("*.template.json")
    path.write_text(json.dumps(template))
    return template


def from_tree(properties: dict[str, Any], bucket: str) -> dict[str, Any]:
    """A function of an image, run from the working tree as the local stage's are: its code, and nothing else of it."""
    (handler,) = properties["ImageConfig"]["Command"]
    kept = {key: value for key, value in properties.items() if key not in OF_IMAGES}
    code = {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": KEY}
    return {**kept, "Code": code, "Handler": handler, "Runtime": "provided.al2023"}
