"""Every function, state machine and API of every stage, those included that nobody has thought of yet."""

import json
import re

from infra.stages import Stage
from tests.infra.assembly import Assembly, shown
from tests.infra.walk import names, walked

__all__ = ["walked"]

SECRET = re.compile(r"secret|password|passwd|token|credential|api_?key|private", re.IGNORECASE)
GATEWAY_SECONDS = 29
OPEN = re.compile(r"(GET|OPTIONS) /(v2/health/(live|ready)|docs|docs/.*|openapi.json|console|console/.*)?|OPTIONS /.*")
"""What may answer anyone, where the stage says so: health, pages, and what browsers ask before they call."""
PRIVATE = ("$context.identity.apiKey ", "requestHeader", "authorizer", "$input", "body")


def test_every_function_writes_to_a_group_of_its_own_that_the_stack_keeps(walked: Assembly) -> None:
    groups = [
        group
        for function in walked.properties("AWS::Lambda::Function")
        for group in names(function["LoggingConfig"]["LogGroup"])
    ]
    assert len(groups) == len(set(groups)) == len(walked.resources("AWS::Lambda::Function"))
    assert set(groups) <= walked.resources("AWS::Logs::LogGroup").keys()


def test_every_function_is_for_the_same_processor_and_has_its_sizes_said(walked: Assembly) -> None:
    functions = walked.resources("AWS::Lambda::Function")
    assert {tuple(function["Properties"]["Architectures"]) for function in functions.values()} == {
        (Stage("any").architecture,)
    }
    for name, function in functions.items():
        assert {"Timeout", "MemorySize", "EphemeralStorage"} <= function["Properties"].keys(), name


def test_no_function_is_told_a_secret(walked: Assembly) -> None:
    for name, function in walked.resources("AWS::Lambda::Function").items():
        for variable, value in function["Properties"]["Environment"]["Variables"].items():
            assert not SECRET.search(variable), (name, variable)
            assert "{{resolve:" not in json.dumps(value), (name, variable)


def test_every_function_is_called_by_its_alias_and_one_that_nobody_waits_for_keeps_what_failed(
    walked: Assembly,
) -> None:
    functions = walked.resources("AWS::Lambda::Function")
    live = [name for alias in walked.properties("AWS::Lambda::Alias") for name in names(alias["FunctionName"])]
    assert sorted(live) == sorted(functions)
    waits = {
        name
        for config in walked.properties("AWS::Lambda::EventInvokeConfig")
        for name in names(config["FunctionName"])
        if name in functions
    }
    assert {name for name, it in functions.items() if "DeadLetterConfig" in it["Properties"]} == waits


def test_every_function_behind_the_gateway_ends_before_it_stops_waiting(walked: Assembly) -> None:
    aliases, functions = walked.resources("AWS::Lambda::Alias"), walked.resources("AWS::Lambda::Function")
    behind = {
        function
        for method in walked.properties("AWS::ApiGateway::Method")
        for alias in set(names(method["Integration"].get("Uri"))) & aliases.keys()
        for function in names(aliases[alias]["Properties"]["FunctionName"])
    }
    assert behind
    assert all(functions[name]["Properties"]["Timeout"] <= GATEWAY_SECONDS for name in behind)


def test_every_machine_is_traced_as_functions_are_and_logs_without_what_it_is_given(walked: Assembly) -> None:
    (traced,) = {
        function.get("TracingConfig", {}).get("Mode") == "Active"
        for function in walked.properties("AWS::Lambda::Function")
        if function.get("Environment", {}).get("Variables")
    }
    for name, machine in walked.resources("AWS::StepFunctions::StateMachine").items():
        properties = machine["Properties"]
        assert properties.get("TracingConfiguration", {}).get("Enabled", False) is traced, name
        logging = properties["LoggingConfiguration"]
        assert logging["Level"] == "ALL", name
        assert logging.get("IncludeExecutionData", False) is False, name
        assert set(names(logging["Destinations"])) <= walked.resources("AWS::Logs::LogGroup").keys(), name


def test_every_stage_of_an_api_is_throttled_logs_who_called_and_nothing_of_what_was_said(walked: Assembly) -> None:
    stages = walked.resources("AWS::ApiGateway::Stage")
    assert stages
    for name, stage in stages.items():
        properties = stage["Properties"]
        (settings,) = (
            it for it in properties["MethodSettings"] if (it["HttpMethod"], it["ResourcePath"]) == ("*", "/*")
        )
        assert settings["ThrottlingRateLimit"] > 0, name
        assert settings["ThrottlingBurstLimit"] > 0, name
        assert settings["DataTraceEnabled"] is False, name
        assert settings["LoggingLevel"] == "ERROR", name
        log = properties["AccessLogSetting"]
        assert set(names(log["DestinationArn"])) <= walked.resources("AWS::Logs::LogGroup").keys(), name
        assert "requestId" in json.loads(shown(log["Format"])), name
        assert [word for word in PRIVATE if word in shown(log["Format"]).replace('"', " ")] == [], name


def test_every_method_asks_who_calls_but_for_health_and_pages(walked: Assembly) -> None:
    for path, method in walked.methods().items():
        guarded = (
            method["ApiKeyRequired"] or method["AuthorizationType"] != "NONE"
            if "ApiKeyRequired" in method
            else (method["AuthorizationType"] != "NONE")
        )
        assert guarded or OPEN.fullmatch(path), path
        if " /admin" in path and not path.startswith("OPTIONS"):
            assert method["AuthorizationType"] == "AWS_IAM", path
