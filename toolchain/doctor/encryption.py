"""Keys of KMS: nobody is locked out of them, and the services that need them are let in."""

import json
from collections.abc import Iterator
from typing import Any

from toolchain.doctor.template import Template, references
from toolchain.findings import Finding, fail, ok, skipped

CHECK = "key policies"
USERS = {
    "AWS::Logs::LogGroup": ("KmsKeyId", "logs."),
    "AWS::SNS::Topic": ("KmsMasterKeyId", "cloudwatch.amazonaws.com"),
}
"""What is encrypted by which property, and the service that its key must let in; alarms speak to topics."""


def check(template: Template) -> Finding:
    """Every key of the template."""
    keys = template.of("AWS::KMS::Key")
    if not keys:
        return skipped(CHECK, "this stage has no keys of its own in KMS")
    wrong = [each for name, key in keys.items() for each in (*_own(name, key), *_used(template, name, key))]
    if wrong:
        return fail(CHECK, "; ".join(wrong), "add the statement to the key's policy in infra/")
    return ok(CHECK, f"{len(keys)} keys: the account manages them, and who needs them may use them")


def _own(name: str, key: dict[str, Any]) -> Iterator[str]:
    statements = key["KeyPolicy"]["Statement"]
    if not any(":root" in json.dumps(each.get("Principal")) and each["Effect"] == "Allow" for each in statements):
        yield f"{name} can be managed by nobody of the account"
    if not key.get("EnableKeyRotation"):
        yield f"{name} is never rotated"


def _used(template: Template, name: str, key: dict[str, Any]) -> Iterator[str]:
    principals = json.dumps([each.get("Principal") for each in key["KeyPolicy"]["Statement"]])
    for kind, (field, service) in USERS.items():
        users = [user for user, it in template.of(kind).items() if name in references(it.get(field))]
        if users and service not in principals:
            yield f"{name} encrypts {users[0]}, and does not let {service.strip('.')} use it"
