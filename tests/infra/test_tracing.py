"""X-Ray keeps traces where the stage says so: of the API, every function and the machine; elsewhere nothing may."""

from typing import Any

from tests.infra.assembly import Assembly, several
from tests.infra.conftest import Synthesized

OURS = ("Predict", "Validator", "Rollback", "Admin", "BatchDrop", "BatchWork", "BatchJobs", "ConsolePage")


def senders(assembly: Assembly) -> set[str]:
    """The policies that allow to send traces."""
    policies = assembly.resources("AWS::IAM::Policy")
    return {name for name, it in policies.items() if any(map(sends, it["Properties"]["PolicyDocument"]["Statement"]))}


def sends(statement: dict[str, Any]) -> bool:
    return any(action.startswith("xray:Put") for action in several(statement["Action"]))


def test_a_stage_that_traces_has_the_api_the_functions_and_the_machine_traced(synthesized: Synthesized) -> None:
    assembly = synthesized("prod")
    assert assembly.only("AWS::ApiGateway::Stage")["TracingEnabled"] is True
    assert assembly.only("AWS::StepFunctions::StateMachine")["TracingConfiguration"] == {"Enabled": True}
    assert {assembly.function(name)["TracingConfig"]["Mode"] for name in OURS} == {"Active"}
    allowed = senders(assembly)
    assert all(any(policy.startswith(name) for policy in allowed) for name in (*OURS, "BatchLarge"))


def test_any_other_stage_traces_nothing_and_nobody_may(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    assert assembly.only("AWS::ApiGateway::Stage")["TracingEnabled"] is False
    machine = assembly.only("AWS::StepFunctions::StateMachine")
    assert machine.get("TracingConfiguration", {"Enabled": False}) == {"Enabled": False}
    assert [it for it in assembly.properties("AWS::Lambda::Function") if "TracingConfig" in it] == []
    assert senders(assembly) == set()
    assert "xray:" not in assembly.text
