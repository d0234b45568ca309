"""What the walks over all resources of a type share: the stages that are walked, and who names whom in a template."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.assembly import SIGNED, STRICT, Assembly
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PRIVATE, PUBLIC

SHIPPED = {
    "traffic_shifting": "linear-10-1m",
    "backup": {"replica_bucket": "example-copies", "replica_region": "eu-central-1"},
}
"""What only a stage with images can have."""
STAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "local": ("local", {}),
    "dev": ("dev", {}),
    "prod": ("prod", {}),
    "strict": ("local", STRICT),
    "signed": ("local", SIGNED),
    "shipped": ("prod", SHIPPED),
    "public": ("dev", PUBLIC),
    "private": ("dev", PRIVATE),
}
"""Stages of cdk.json, and five that between them have every setting that these do not have."""


@pytest.fixture(params=list(STAGES))
def walked(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    """One of the stages."""
    stage, settings = STAGES[request.param]
    return synthesized(stage, **settings)


def names(value: object) -> Iterator[str]:
    """The logical ids that a value of a template refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("Ref", "Fn::GetAtt"):
                name = inner if isinstance(inner, str) else inner[0]
                if not name.startswith("AWS::"):
                    yield name
            else:
                yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


def refuses_plain(assembly: Assembly, kind: str, field: str, prefix: str) -> set[str]:
    """The logical ids of what a policy closes to everybody who does not speak TLS.

    Args:
        kind: the type of the policies.
        field: which of their properties names what they are for.
        prefix: of the actions of that service.
    """
    closed = set()
    for policy in assembly.properties(kind):
        statements = policy["PolicyDocument"]["Statement"]
        if any(_is_the_refusal(each, prefix) for each in statements):
            closed |= set(names(policy[field]))
    return closed


def _is_the_refusal(statement: dict[str, Any], prefix: str) -> bool:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    everything = f"{prefix}:*" in actions or (prefix == "sns" and "sns:Publish" in actions)
    plain = statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    return statement["Effect"] == "Deny" and statement["Principal"] in ("*", {"AWS": "*"}) and everything and plain
