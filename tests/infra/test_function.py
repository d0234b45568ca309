"""The predict function: its packaging, its start and what the API calls."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.infra.assembly import ROOT, SIGNED, STRICT
from tests.infra.conftest import Synthesized

BOOTSTRAP = ROOT / "infra" / "working_tree" / "bootstrap"


def test_an_image_is_built_from_the_repository_for_the_functions_processor(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    (image,) = assembly.images
    function = assembly.only("AWS::Lambda::Function")
    assert (image["dockerFile"], image["dockerBuildTarget"], image["platform"]) == (
        "functions/Dockerfile",
        "predict",
        "linux/arm64",
    )
    assert (function["PackageType"], function["Architectures"]) == ("Image", ["arm64"])
    assert function["ImageConfig"] == {"Command": ["functions.predict.handler.handler"]}


def test_an_image_for_x86_is_built_for_x86(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", architecture="x86_64")
    assert assembly.images[0]["platform"] == "linux/amd64"
    assert assembly.only("AWS::Lambda::Function")["Architectures"] == ["x86_64"]


def test_an_image_is_made_of_functions_and_models_alone(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    context = assembly.directory / assembly.images[0]["directory"]
    files = [path.relative_to(context) for path in context.rglob("*") if path.is_file()]
    assert {path.parts[0] for path in files} - {".dockerignore"} == {"functions", "model_artifacts"}
    assert not [path for path in files if path.suffix == ".pyc" or path.name == "train.py"]


def test_the_working_tree_is_a_bootstrap_and_no_image(synthesized: Synthesized) -> None:
    assembly = synthesized("local")
    function = assembly.only("AWS::Lambda::Function")
    assert (function["Runtime"], function["Handler"]) == ("provided.al2023", "functions.predict.handler.handler")
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


def test_the_environment_is_what_the_settings_of_a_function_read(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    assert assembly.only("AWS::Lambda::Function")["Environment"]["Variables"] == {
        "ORTLESS_MODEL_BUCKET": {"Ref": "ModelsBucket970C6ADA"},
        "ORTLESS_MODELS": "iris-svm,digits",
        "ORTLESS_PRELOAD": "false",
        "ORTLESS_REFRESH_SECONDS": "1",
        "ORTLESS_DEADLINE_SECONDS": "16",
        "ORTLESS_CORS_ORIGINS": "https://a.example",
    }


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_the_api_calls_the_published_version_behind_the_alias(stage: str, synthesized: Synthesized) -> None:
    assembly = synthesized(stage)
    ((alias, _),) = assembly.resources("AWS::Lambda::Alias").items()
    ((version, _),) = assembly.resources("AWS::Lambda::Version").items()
    assert assembly.only("AWS::Lambda::Alias")["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    assert assembly.only("AWS::Lambda::Permission")["FunctionName"] == {"Ref": alias}
    uris = [method["Integration"]["Uri"]["Fn::Join"][1] for method in assembly.methods().values()]
    assert all({"Ref": alias} in uri for uri in uris)


def test_a_snapshot_is_taken_with_the_models_loaded(synthesized: Synthesized) -> None:
    function = synthesized("prod").only("AWS::Lambda::Function")
    assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert function["Environment"]["Variables"]["ORTLESS_PRELOAD"] == "true"
    assert "ProvisionedConcurrencyConfig" not in synthesized("prod").only("AWS::Lambda::Alias")


def test_environments_kept_ready_have_the_models_loaded(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **SIGNED)
    function = assembly.only("AWS::Lambda::Function")
    assert assembly.only("AWS::Lambda::Alias")["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 2}
    assert function["Environment"]["Variables"]["ORTLESS_PRELOAD"] == "true"
    assert function["ReservedConcurrentExecutions"] == 5
    assert "SnapStart" not in function


def bootstrap(environment: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    """Run the bootstrap as Lambda does: by its own permission to execute."""
    return subprocess.run([BOOTSTRAP], env=environment, capture_output=True, text=True, check=False, timeout=10)
