"""The functions: their packaging, their sizes, their start and what calls them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from functions.admin import uploads
from functions.core.prices import prices
from tests.infra.assembly import ROOT, SIGNED, STRICT
from tests.infra.conftest import Synthesized

BOOTSTRAP = ROOT / "infra" / "working_tree" / "bootstrap"


HANDLERS = {
    "Predict": "functions.predict.handler.handler",
    "Validator": "functions.admin.validator.handler",
    "Rollback": "functions.admin.rollback.handler",
    "Admin": "functions.admin.handler.handler",
    "BatchDrop": "functions.batch.handler.handler",
    "BatchWork": "functions.batch.distributed.handler",
    "BatchJobs": "functions.batch.jobs.handler.handler",
    "ConsolePage": "functions.console.handler.handler",
}
WAITED_FOR = dict.fromkeys(("Predict", "Admin", "BatchDrop", "BatchWork", "BatchJobs", "ConsolePage"))


def test_images_are_built_from_the_repository_for_the_functions_processor(synthesized: Synthesized) -> None:
    images = synthesized("dev").images
    assert {(image["dockerFile"], image["dockerBuildTarget"], image["platform"]) for image in images} == {
        ("functions/Dockerfile", "predict", "linux/arm64"),
        ("functions/Dockerfile", "admin", "linux/arm64"),
        ("functions/Dockerfile", "batch", "linux/arm64"),
        ("functions/Dockerfile", "console", "linux/arm64"),
    }


def test_handlers_of_one_service_share_an_image(synthesized: Synthesized) -> None:
    functions = {name: synthesized("dev").function(name) for name in HANDLERS}
    assert {name: function["ImageConfig"]["Command"] for name, function in functions.items()} == {
        name: [handler] for name, handler in HANDLERS.items()
    }
    codes = {name: json.dumps(function["Code"]) for name, function in functions.items()}
    assert codes["Validator"] == codes["Rollback"] == codes["Admin"]
    assert codes["BatchDrop"] == codes["BatchWork"] == codes["BatchJobs"]
    assert len(set(codes.values())) == 4
    assert {(it["PackageType"], *it["Architectures"]) for it in functions.values()} == {("Image", "arm64")}


def test_images_for_x86_are_built_for_x86(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", architecture="x86_64")
    assert {image["platform"] for image in assembly.images} == {"linux/amd64"}
    assert {architecture for name in HANDLERS for architecture in assembly.function(name)["Architectures"]} == {
        "x86_64"
    }


def test_an_image_is_made_of_functions_and_models_alone(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    context = assembly.directory / assembly.images[0]["directory"]
    files = [path.relative_to(context) for path in context.rglob("*") if path.is_file()]
    assert {path.parts[0] for path in files} - {".dockerignore"} == {"functions", "model_artifacts"}
    assert not [path for path in files if path.suffix in (".pyc", ".jsonl") or path.name in ("train.py", "report.html")]


def test_the_working_tree_is_a_bootstrap_and_no_image(synthesized: Synthesized) -> None:
    assembly = synthesized("local")
    functions = {name: assembly.function(name) for name in HANDLERS}
    assert {name: function["Handler"] for name, function in functions.items()} == HANDLERS
    assert {function["Runtime"] for function in functions.values()} == {"provided.al2023"}
    assert assembly.images == []
    (asset,) = assembly.directory.glob("asset.*")
    assert [path.name for path in asset.iterdir()] == ["bootstrap"]


def test_the_bootstrap_hands_the_handler_to_the_runtime_client_in_the_working_tree(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$PWD $* $AWS_ENDPOINT_URL $ORTLESS_PACKAGES"\n')
    python.chmod(0o755)
    environment = {"ORTLESS_ROOT": str(tmp_path), "ORTLESS_PYTHON": str(python), "_HANDLER": "a.b"}
    run = bootstrap({**environment, "ORTLESS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert run.stdout == f"{tmp_path} -m awslambdaric a.b http://127.0.0.1:1 {tmp_path}/build/packages\n"


def test_the_bootstrap_refuses_to_run_outside_the_embedded_cloud() -> None:
    run = bootstrap({})
    assert run.returncode != 0
    assert "ORTLESS_ROOT" in run.stderr


def test_the_environments_are_what_the_settings_of_each_function_read(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    measured = {"ORTLESS_METRICS_NAMESPACE": "ortless/local", "ORTLESS_METRICS": "full"}
    bucket = {"ORTLESS_MODEL_BUCKET": {"Ref": "ModelsBucket970C6ADA"}, **measured}
    machine = {"ORTLESS_JOB_MACHINE": {"Ref": "BatchLargeMachine19C96D45"}}
    batch = {
        **bucket,
        "ORTLESS_MODELS": "iris-svm,digits",
        "ORTLESS_INPUT_BUCKET": {"Ref": "BatchBucketsInput2E36A8A3"},
        "ORTLESS_OUTPUT_BUCKET": {"Ref": "BatchBucketsOutput2310AE23"},
        "ORTLESS_MAX_JOB_BYTES": "10737418240",
    }
    queues = {
        "ORTLESS_JOB_QUEUE": {"Ref": "BatchFilesQueue56C363FF"},
        "ORTLESS_DEAD_LETTERS": {"Ref": "BatchFilesDeadLetters7C578253"},
    }
    alarms = {"ORTLESS_ALARM_TOPIC": {"Ref": "CanaryAlarmsTopicA101EE17"}, "ORTLESS_ALARM_PREFIX": "ortless-local"}
    assert {name: assembly.function(name)["Environment"]["Variables"] for name in HANDLERS} == {
        "Predict": {
            **bucket,
            "ORTLESS_MODELS": "iris-svm,digits",
            "ORTLESS_ELSEWHERE": "iris-svm",
            "ORTLESS_PRELOAD": "false",
            "ORTLESS_REFRESH_SECONDS": "1",
            "ORTLESS_DEADLINE_SECONDS": "16",
            "ORTLESS_CORS_ORIGINS": "https://a.example",
            "ORTLESS_DRIFT_ROWS": "300",
            "ORTLESS_DRIFT_MINUTES": "5",
            "ORTLESS_DRIFT_SHARE": "0.5",
            "ORTLESS_DRIFT_FEATURES": "3",
            "ORTLESS_GB_SECOND_USD": str(prices()["gb_second"]["arm64"]),
            "ORTLESS_INVOCATION_USD": str(prices()["invocation"]),
            "ORTLESS_CAPTURE_BUCKET": {"Ref": "CaptureBucket89727A45"},
            "ORTLESS_CAPTURE_SHARE": "0.01",
            "ORTLESS_CAPTURE_MODELS": "iris-svm",
            "ORTLESS_CAPTURE_REDACT": "age,address.street",
            "ORTLESS_CAPTURE_BYTES": "65536",
        },
        "Validator": bucket,
        "Rollback": {**bucket, **alarms},
        "Admin": {**bucket, **alarms, "ORTLESS_VALIDATOR": {"Ref": "ValidatorLive614A7520"}},
        "BatchDrop": {**batch, **machine, "ORTLESS_RETRY_SECONDS": "1"},
        "BatchWork": batch,
        "BatchJobs": {**batch, **machine, **queues, "ORTLESS_CORS_ORIGINS": "https://a.example"},
        "ConsolePage": {
            **bucket,
            "ORTLESS_INPUT_BUCKET": {"Ref": "BatchBucketsInput2E36A8A3"},
            "ORTLESS_OUTPUT_BUCKET": {"Ref": "BatchBucketsOutput2310AE23"},
            "ORTLESS_MAX_JOB_BYTES": "10737418240",
            "ORTLESS_STAGE": "local",
            "ORTLESS_AUTH": "both",
            "ORTLESS_ARCHITECTURE": "arm64",
            "ORTLESS_PREDICT_MEMORY_MB": "1769",
            "ORTLESS_OWN_MEMORY_MB": "iris-svm=3538",
            "ORTLESS_REFRESH_SECONDS": "1",
        },
    }


def test_each_function_has_the_time_memory_and_disk_that_it_needs(synthesized: Synthesized) -> None:
    functions = {name: synthesized("dev").function(name) for name in HANDLERS}
    assert {
        name: (it["Timeout"], it["MemorySize"], it["EphemeralStorage"]["Size"]) for name, it in functions.items()
    } == {
        "Predict": (29, 1769, 512),
        "Validator": (900, 3008, 10_240),
        "Rollback": (60, 512, 512),
        "Admin": (29, 1024, 512),
        "BatchDrop": (300, 1769, 512),
        "BatchWork": (900, 1769, 512),
        "BatchJobs": (29, 1024, 512),
        "ConsolePage": (29, 512, 512),
    }


def test_the_disk_of_the_validator_holds_the_largest_upload_twice(synthesized: Synthesized) -> None:
    disk = synthesized("dev").function("Validator")["EphemeralStorage"]["Size"] * 2**20
    assert disk > 2 * uploads.LARGEST


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_the_api_calls_the_published_versions_behind_the_aliases(stage: str, synthesized: Synthesized) -> None:
    assembly = synthesized(stage)
    aliases = assembly.resources("AWS::Lambda::Alias")
    for alias in aliases.values():
        (version, attribute) = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"]
        published = assembly.resources("AWS::Lambda::Version")[version]["Properties"]
        assert (attribute, published["FunctionName"]) == ("Version", alias["Properties"]["FunctionName"])
    for path, method in assembly.methods().items():
        (uri,) = (part["Ref"] for part in method["Integration"]["Uri"]["Fn::Join"][1] if part_of(part, aliases))
        leads = {"/jobs": "BatchJobsLive", "/admin": "AdminLive", "/console": "ConsolePageLive"}
        behind = next((it for part, it in leads.items() if part in path), "PredictLive")
        assert uri.startswith("ConsolePageLive" if path == "GET /" else behind)


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_the_gateway_and_the_topic_may_call_the_functions_they_lead_to_and_no_other(
    stage: str, synthesized: Synthesized
) -> None:
    permissions = synthesized(stage).properties("AWS::Lambda::Permission")
    assert sorted((it["FunctionName"]["Ref"][:-8], it["Principal"]) for it in permissions) == [
        ("AdminLive", "apigateway.amazonaws.com"),
        ("BatchJobsLive", "apigateway.amazonaws.com"),
        ("ConsolePageLive", "apigateway.amazonaws.com"),
        ("PredictLive", "apigateway.amazonaws.com"),
        ("RollbackLive", "sns.amazonaws.com"),
    ]
    assert all(it["SourceArn"] for it in permissions)


def test_an_event_that_nobody_waits_for_is_tried_again_and_then_kept(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    tried = {name: assembly.named("AWS::Lambda::EventInvokeConfig", name) for name in ("Validator", "Rollback")}
    assert {name: (it["MaximumRetryAttempts"], it["MaximumEventAgeInSeconds"]) for name, it in tried.items()} == {
        "Validator": (1, 3600),
        "Rollback": (2, 3600),
    }
    kept = {name: assembly.function(name).get("DeadLetterConfig") for name in HANDLERS}
    assert kept == {
        **WAITED_FOR,
        "Validator": {"TargetArn": {"Fn::GetAtt": ["ValidatorDeadLetters03177497", "Arn"]}},
        "Rollback": {"TargetArn": {"Fn::GetAtt": ["RollbackDeadLettersF2F0EA43", "Arn"]}},
    }
    queues = assembly.resources("AWS::SQS::Queue").items()
    dead = {it["Properties"]["MessageRetentionPeriod"] for name, it in queues if "DeadLetters" in name}
    assert dead == {14 * 86_400}


def test_validations_are_capped_where_the_stage_says_so(synthesized: Synthesized) -> None:
    assert "ReservedConcurrentExecutions" not in synthesized("dev").function("Validator")
    assert synthesized("local", **SIGNED).function("Validator")["ReservedConcurrentExecutions"] == 3


def test_a_snapshot_is_taken_with_the_models_loaded(synthesized: Synthesized) -> None:
    assembly = synthesized("prod")
    function = assembly.function("Predict")
    assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert function["Environment"]["Variables"]["ORTLESS_PRELOAD"] == "true"
    assert "ProvisionedConcurrencyConfig" not in assembly.named("AWS::Lambda::Alias", "Predict")
    assert [name for name in HANDLERS if "SnapStart" in assembly.function(name)] == ["Predict"]


def test_environments_kept_ready_have_the_models_loaded(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **SIGNED)
    function = assembly.function("Predict")
    ready = {"ProvisionedConcurrentExecutions": 2}
    assert assembly.named("AWS::Lambda::Alias", "Predict")["ProvisionedConcurrencyConfig"] == ready
    assert function["Environment"]["Variables"]["ORTLESS_PRELOAD"] == "true"
    assert function["ReservedConcurrentExecutions"] == 5
    assert "SnapStart" not in function


def test_a_deploy_says_what_environments_cost_by_the_month_that_are_kept_ready(synthesized: Synthesized) -> None:
    (said,) = synthesized("local", **SIGNED).informations()
    # 2 environments x 1,769 / 1,024 GiB x 730 hours, at the list price of arm64.
    assert said.startswith("2 environments of 1769 MiB are kept ready: 30.27 USD a month")
    assert synthesized("prod").informations() == []


def part_of(part: Any, resources: dict[str, Any]) -> bool:
    """Whether a part of a joined text is a reference to one of the resources."""
    return isinstance(part, dict) and part.get("Ref") in resources


def bootstrap(environment: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """Run the bootstrap as Lambda does: by its own permission to execute."""
    return subprocess.run([BOOTSTRAP], env=environment, capture_output=True, text=True, check=False, timeout=10)
