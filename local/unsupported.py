"""Types of resources that the embedded cloud refuses: the local stage has none, and a test of prod leaves them out.

What it takes and then does otherwise than AWS is in local/differences.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

UNSUPPORTED = {
    "AWS::Budgets::Budget": "CloudFormation there does not know it; what a laptop costs, no budget counts",
    "AWS::CloudWatch::CompositeAlarm": "CloudFormation there does not know it; each alarm tells by itself",
    "AWS::CodeDeploy::Application": "CloudFormation there does not know it; a new version gets all callers at once",
    "AWS::CodeDeploy::DeploymentGroup": "it shifts the traffic of such an application",
}
"""Each with the reason why it is not missed."""
# Of what stays: attributes that only speak of what is left out.
_ATTRIBUTES = ("UpdatePolicy",)


def left_out(template: Mapping[str, Any]) -> set[str]:
    """The logical ids of what the embedded cloud would refuse."""
    return {name for name, resource in template["Resources"].items() if resource["Type"] in UNSUPPORTED}


def supported(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template without what the embedded cloud would refuse; everything else as it is.

    Raises:
        ValueError: something that stays needs what is left out, and would be another thing without it.
    """
    gone = left_out(template)
    resources = {name: _kept(it, gone) for name, it in template["Resources"].items() if name not in gone}
    for name, resource in resources.items():
        if needed := gone & set(_names(resource)):
            raise ValueError(f"{name} needs {', '.join(sorted(needed))}, which the embedded cloud does not have")
    return {**template, "Resources": resources}


def _kept(resource: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    kept = {key: value for key, value in resource.items() if key not in _ATTRIBUTES or not gone & set(_names(value))}
    waits = [kept["DependsOn"]] if isinstance(kept.get("DependsOn"), str) else kept.get("DependsOn", [])
    if gone & set(waits):
        kept["DependsOn"] = [each for each in waits if each not in gone]
    return kept


def _names(value: object) -> Iterator[str]:
    """What a part of a template refers to."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("Ref", "Fn::GetAtt"):
                yield inner if isinstance(inner, str) else inner[0]
            else:
                yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
