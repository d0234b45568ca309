"""Models with functions of their own: what they are, who reaches them, what they may, and what they leave alone."""

import fnmatch
import re
from pathlib import Path
from typing import Any

import pytest

from infra import own_function
from infra.app import default_context
from infra.check import findings
from infra.stages import Stage
from tests.infra.assembly import ROOT, SIGNED, STRICT, Assembly, run_app, shown
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import May, granted, names, objects

MODEL, OTHER = "credit-risk", "iris-svm"
Functions = dict[str, dict[str, Any]]
NONE: Functions = {}
ONE: Functions = {MODEL: {}}
TWO: Functions = {MODEL: {"memory_mb": 3538, "snap_start": False, "provisioned_concurrency": 2}, OTHER: {}}
FUNCTION = "AWS::Lambda::Function"


def own(assembly: Assembly, model: str) -> dict[str, Any]:
    return assembly.function(f"Own{model.replace('-', '')}")


def told(function: dict[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = function["Environment"]["Variables"]
    return variables


def leads_to(assembly: Assembly) -> dict[str, str]:
    """The function behind each method, by the first word of its logical id."""
    uris = {name: shown(method["Integration"].get("Uri", "")) for name, method in assembly.methods().items()}
    found = {name: re.search(r"<([A-Za-z]+?)Live[0-9A-F]{8}>", uri) for name, uri in uris.items()}
    return {name: match[1] for name, match in found.items() if match}


def deployment(assembly: Assembly) -> tuple[str, dict[str, Any]]:
    ((name, found),) = assembly.resources("AWS::ApiGateway::Deployment").items()
    return name, found


def test_it_runs_the_same_code_with_its_own_sizes_and_only_its_model(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", functions=TWO, traffic_shifting="all-at-once")
    shared, large, same = (assembly.function("Predict"), own(assembly, MODEL), own(assembly, OTHER))
    assert large["Code"] == same["Code"] == shared["Code"]
    assert large["ImageConfig"] == same["ImageConfig"] == shared["ImageConfig"]
    assert (shared["MemorySize"], large["MemorySize"], same["MemorySize"]) == (1769, 3538, 1769)
    assert [told(each)["ORTLESS_MODELS"] for each in (shared, large, same)] == ["", MODEL, OTHER]
    assert ("SnapStart" in large, same["SnapStart"]) == (False, {"ApplyOn": "PublishedVersions"})
    alias = assembly.named("AWS::Lambda::Alias", "Owncreditrisk")
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 2}
    assert {told(each)["ORTLESS_PRELOAD"] for each in (large, same)} == {"true"}


def test_what_it_does_not_say_is_as_the_stage_has_it(synthesized: Synthesized) -> None:
    settings = {**SIGNED, "timeout_seconds": 12, "threads": 2, "memory_mb": 2048, "functions": {MODEL: {}}}
    assembly = synthesized("local", **settings)
    shared, apart = assembly.function("Predict"), own(assembly, MODEL)
    sizes = ("MemorySize", "Timeout", "ReservedConcurrentExecutions", "EphemeralStorage", "Architectures")
    assert [shared[name] for name in sizes[:3]] == [2048, 12, 5]
    assert {name: apart[name] for name in sizes} == {name: shared[name] for name in sizes}
    differing = {key for key in told(apart) if told(apart)[key] != told(shared).get(key)}
    assert differing == {"ORTLESS_MODELS"}
    assert (told(apart)["ORTLESS_THREADS"], told(apart)["ORTLESS_DEADLINE_SECONDS"]) == ("2", "8")


def test_each_setting_of_its_own_takes_the_place_of_the_stages(synthesized: Synthesized) -> None:
    apart = own(synthesized("local", **STRICT), OTHER)
    assert (apart["MemorySize"], apart["Timeout"], apart["ReservedConcurrentExecutions"]) == (3538, 25, 4)
    assert (told(apart)["ORTLESS_THREADS"], told(apart)["ORTLESS_DEADLINE_SECONDS"]) == ("1", "21")


def test_everything_that_is_asked_of_the_model_leads_to_its_function_and_its_jobs_to_theirs(
    synthesized: Synthesized,
) -> None:
    before, after = (leads_to(synthesized("dev", functions=each)) for each in (NONE, ONE))
    function = "Owncreditrisk"
    assert {name: after[name] for name in after.keys() - before.keys()} == {
        f"ANY /v1/models/{MODEL}": function,
        f"ANY /v1/models/{MODEL}:predict": function,
        f"ANY /v1/models/{MODEL}:explain": function,
        f"ANY /v1/models/{MODEL}/{{proxy+}}": function,
        f"ANY /v2/models/{MODEL}": function,
        f"ANY /v2/models/{MODEL}/{{proxy+}}": function,
        f"ANY /v2/repository/models/{MODEL}/{{proxy+}}": function,
        f"GET /v1/models/{MODEL}/jobs": "BatchJobs",
        f"POST /v1/models/{MODEL}/jobs": "BatchJobs",
    }
    assert {name: after[name] for name in before} == before


def test_no_path_with_a_parameter_for_models_is_taken_by_those_of_one(synthesized: Synthesized) -> None:
    methods = leads_to(synthesized("dev", functions=ONE))
    general = {name: to for name, to in methods.items() if "/models/{name}" in name}
    assert general
    for name, function in general.items():
        assert methods[name.replace("{name}", MODEL)] == function


def test_the_model_is_asked_for_with_what_every_other_is(synthesized: Synthesized) -> None:
    methods = synthesized("local", **STRICT).methods()
    asked = ("AuthorizationType", "ApiKeyRequired")
    mine = [method for name, method in methods.items() if OTHER in name and not name.startswith("OPTIONS")]
    assert len(mine) == 9
    everyone = {key: methods["ANY /v1/{proxy+}"][key] for key in asked}
    assert [{key: method[key] for key in asked} for method in mine] == [everyone] * 9


def test_who_may_call_every_path_may_call_these(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    (calls, *_) = granted(assembly, "OperatorPolicy", "AWS::IAM::ManagedPolicy")
    allowed = [arn.partition("/")[2] for arn in calls.resources]
    for name in assembly.methods():
        method, path = name.split(" ")
        called = f"local/{method}{path}"
        assert OTHER not in path or any(fnmatch.fnmatchcase(called, pattern) for pattern in allowed), path


def test_its_role_reads_its_own_packages_and_alias_and_the_shared_one_those_of_all(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", functions=TWO)
    (written, *rest) = granted(assembly, "OwncreditriskRole")
    assert written.actions == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert rest == [
        objects("GetObject", f"aliases/{MODEL}.json", f"packages/{MODEL}/*"),
        names(f"aliases/{MODEL}.json"),
    ]
    assert granted(assembly, "PredictRole")[1:] == granted(synthesized("dev"), "PredictRole")[1:]


def test_only_the_gateway_of_this_stack_may_call_it(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", functions=ONE)
    permissions = [it for it in assembly.properties("AWS::Lambda::Permission") if "Own" in shown(it["FunctionName"])]
    (permission,) = permissions
    assert shown(permission["FunctionName"]).startswith("<OwncreditriskLive")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert "<ApiGateway" in shown(permission["SourceArn"])


def test_a_path_leads_there_only_once_it_may_be_called(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", functions=ONE)
    methods = {
        name: resource
        for name, resource in assembly.resources("AWS::ApiGateway::Method").items()
        if "Own" in shown(resource["Properties"]["Integration"].get("Uri", ""))
    }
    assert len(methods) == 7
    permission = next(
        name
        for name, it in assembly.resources("AWS::Lambda::Permission").items()
        if "Own" in shown(it["Properties"]["FunctionName"])
    )
    assert all(permission in method["DependsOn"] for method in methods.values())
    # What callers reach changes with the deployment: after all of these, on the way in as on the way out.
    name, found = deployment(assembly)
    assert methods.keys() <= set(found["DependsOn"])
    assert assembly.only("AWS::ApiGateway::Stage")["DeploymentId"] == {"Ref": name}


def test_every_move_is_a_deployment_of_the_api(synthesized: Synthesized) -> None:
    moves: list[Functions] = [NONE, ONE, {OTHER: {}}, {MODEL: {}, OTHER: {}}]
    assert len({deployment(synthesized("dev", functions=functions))[0] for functions in moves}) == len(moves)


def test_a_move_leaves_the_shared_function_as_it_is(synthesized: Synthesized) -> None:
    before, after = (synthesized("dev", functions=each).template["Resources"] for each in (NONE, ONE))
    kinds = (FUNCTION, "AWS::Lambda::Version", "AWS::Lambda::Alias")
    kept = {name: it for name, it in before.items() if it["Type"] in kinds and not name.startswith("ConsolePage")}
    assert {name: after.get(name) for name in kept} == kept


def test_a_model_that_may_not_fit_is_loaded_by_the_shared_function_only_when_it_is_asked_for(
    synthesized: Synthesized,
) -> None:
    shared = synthesized("prod", functions=TWO, traffic_shifting="all-at-once").function("Predict")
    assert told(shared)["ORTLESS_ELSEWHERE"] == MODEL
    assert "ORTLESS_ELSEWHERE" not in told(synthesized("dev", functions=ONE).function("Predict"))


def test_a_function_that_stands_by_is_all_there_but_for_its_paths(synthesized: Synthesized) -> None:
    standing = synthesized("dev", functions={MODEL: {"routed": False}})
    assert own(standing, MODEL) == own(synthesized("dev", functions=ONE), MODEL)
    assert leads_to(standing) == leads_to(synthesized("dev"))
    assert deployment(standing)[0] == deployment(synthesized("dev"))[0]


def test_the_switch_stops_it_and_may_touch_it(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", functions=TWO)
    named = shown(assembly.template["Outputs"]["ServingFunctions"]["Value"]).split(",")
    kinds = [name.strip("<>").removesuffix(".Arn").rstrip("0123456789ABCDEF") for name in named]
    assert kinds == [
        *("PredictFunction", "OwncreditriskFunction", "OwnirissvmFunction"),
        *("BatchDropFunction", "BatchWorkFunction"),
    ]
    allowed = granted(assembly, "KillSwitchOperator", "AWS::IAM::ManagedPolicy")
    stopped = next(may for may in allowed if "lambda:PutFunctionConcurrency" in may.actions)
    assert sorted(stopped.resources) == sorted(named)


def test_callers_get_a_new_one_in_the_steps_of_the_stage(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", functions=ONE, traffic_shifting="canary-10-5m")
    assert len(assembly.resources("AWS::CodeDeploy::DeploymentGroup")) == 2
    moved = [name for name, it in assembly.resources("AWS::Lambda::Alias").items() if "UpdatePolicy" in it]
    assert sorted(name.rstrip("0123456789ABCDEF") for name in moved) == ["OwncreditriskLive", "PredictLive"]
    function = next(name for name in assembly.resources(FUNCTION) if name.startswith("OwncreditriskFunction"))
    actions = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    arn = f"<{function}.Arn>"
    watch = May(["cloudwatch:DescribeAlarms"], ["*"])
    assert granted(assembly, "Shiftingcreditrisk") == [May(actions, [arn, f"{arn}:live"]), watch]


def test_the_outputs_and_the_console_say_which_function_a_model_has(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", functions=TWO | {"digits-cnn": {"memory_mb": 512, "routed": False}})
    outputs = assembly.template["Outputs"]
    named = [each.split("=") for each in shown(outputs["OwnFunctionNames"]["Value"]).split(",")]
    assert [(model, name[1:].rstrip("0123456789ABCDEF>")) for model, name in named] == [
        (MODEL, "OwncreditriskFunction"),
        (OTHER, "OwnirissvmFunction"),
        ("digits-cnn", "OwndigitscnnFunction"),
    ]
    assert told(assembly.function("ConsolePage"))["ORTLESS_OWN_MEMORY_MB"] == f"{MODEL}=3538,{OTHER}=1769"


def test_each_takes_as_many_paths_as_are_counted_and_the_shared_ones_are_fewer_than_that(
    synthesized: Synthesized,
) -> None:
    none, one, two = (synthesized("dev", functions=each) for each in (NONE, ONE, TWO))
    paths = [len(each.resources("AWS::ApiGateway::Resource")) for each in (none, one, two)]
    assert paths[2] - paths[1] == own_function.PATHS
    assert paths[1] - own_function.PATHS <= own_function.SHARED_PATHS
    assert own_function.SHARED_PATHS + own_function.MOST * own_function.PATHS <= own_function.ROUTES


def test_more_than_a_stack_has_room_for_are_refused_in_one_line(tmp_path: Path) -> None:
    many: Functions = {f"m{number}": {} for number in range(own_function.MOST)}
    run = run_app(ROOT, tmp_path, {"stage": "dev", "stages": {"dev": {"functions": many}}})
    assert (run.returncode, run.stdout) == (1, "")
    message = (
        r"error: Expected fewer models, as they make \d+ resources of the 500 that CloudFormation takes - got 27 - "
    )
    assert re.fullmatch(message + r"at `stages\.dev\.functions` in cdk\.json\n", run.stderr)


@pytest.mark.parametrize("settings", [{"functions": TWO}, {"functions": TWO, "traffic_shifting": "linear-10-1m"}])
def test_the_rules_of_every_template_hold(settings: dict[str, Any], tmp_path: Path) -> None:
    if "traffic_shifting" in settings:
        settings = {**settings, "functions": {OTHER: {}}}
    context = default_context() | {"stage": "made", "stages": {"made": settings}}
    assert findings(context, tmp_path) == []


def test_a_stage_as_the_function_sees_it_is_the_stage_with_what_it_says() -> None:
    stage = Stage.read("dev", {"dev": {"reserved_concurrency": 9, "functions": {MODEL: {"reserved_concurrency": 3}}}})
    apart = stage.apart(MODEL)
    assert (apart.reserved_concurrency, apart.models, apart.functions) == (3, (MODEL,), {})
    assert (apart.name, apart.memory_mb, apart.tiers) == (stage.name, stage.memory_mb, stage.tiers)
