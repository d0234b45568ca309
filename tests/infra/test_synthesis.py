"""The synthesis: offline, the same everywhere, and the same for every stage but for what its settings say."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.app import default_context
from tests.infra.assembly import ROOT, Assembly, run_app
from tests.infra.conftest import Synthesized

SOURCES = ("infra", "functions", "model_artifacts")
VERSIONED = re.compile(r"(CurrentVersion|GatewayDeployment)[0-9A-Z]{8}[0-9a-f]{32}")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository in another place, among things that no deployment is made of."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("cdk.json", ".dockerignore"):
        if (ROOT / file).exists():
            shutil.copy(ROOT / file, tmp_path)
    for clutter in ("README.md", ".git/HEAD", "build/x", "functions/.cache", "functions/__pycache__/x.pyc"):
        (tmp_path / clutter).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / clutter).write_text("anything")
    return tmp_path


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_a_template_names_no_account_no_region_and_no_place_on_this_machine(
    stage: str, synthesized: Synthesized
) -> None:
    text = synthesized(stage).text
    found = re.findall(r"\b\d{12}\b|\b(?:us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b|/home/|/usr/|/tmp/|/root/", text)
    assert (found, str(ROOT) in text) == ([], False)


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_another_directory_gives_the_same_template(
    stage: str, synthesized: Synthesized, copy: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outdir = tmp_path_factory.mktemp("other")
    run = run_app(copy, outdir, {"stage": stage})
    assert (run.returncode, run.stderr) == (0, "")
    assert Assembly(outdir).template == synthesized(stage).template


def test_an_image_changes_with_what_it_is_made_of(
    synthesized: Synthesized, copy: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (copy / "functions" / "core" / "new.py").write_text("")
    outdir = tmp_path_factory.mktemp("changed")
    assert run_app(copy, outdir, {"stage": "dev"}).returncode == 0
    assert Assembly(outdir).images[0]["directory"] != synthesized("dev").images[0]["directory"]


def test_local_differs_from_dev_only_in_packaging_sizes_and_retention(synthesized: Synthesized) -> None:
    stages = default_context()["stages"]
    defaults = {"packaging": "image", "refresh_seconds": 30, "throttle": {}}
    local, dev = (synthesized("local", **settings) for settings in ({}, {**defaults, **stages["dev"]}))
    assert differences(local, dev) == {
        "AWS::ApiGateway::Stage": {"MethodSettings"},
        "AWS::ApiGateway::UsagePlan": {"Quota", "Throttle"},
        "AWS::Lambda::Function": {
            *("Code", "Environment", "Handler", "ImageConfig", "PackageType", "Runtime"),
            "ReservedConcurrentExecutions",
        },
        "AWS::Logs::LogGroup": {"RetentionInDays"},
    }


def test_an_unknown_stage_ends_the_synthesis_with_one_clear_line(tmp_path: Path) -> None:
    run = run_app(ROOT, tmp_path, {"stage": "staging"})
    expected = 'error: Expected the name of a stage (local, dev, prod) - got "staging" - at `stage` in cdk.json\n'
    assert (run.returncode, run.stdout, run.stderr) == (1, "", expected)


def test_the_outputs_are_what_scripts_read(synthesized: Synthesized) -> None:
    outputs = {
        *("ApiUrl", "ApiKeyId", "ConsoleUrl", "ModelBucket", "OperatorPolicyArn", "PredictFunctionName"),
        *("InputBucket", "OutputBucket", "JobQueueUrl", "DeadLettersUrl"),
        *("JobMachineArn", "JobTopicArn"),
        *("DashboardUrl", "AlarmTopicArn"),
        *("KeyOperatorPolicyArn", "SwitchPolicyArn", "ServingFunctions", "RestorePolicyArn"),
        *("DriftPolicyArn", "PredictLogs"),
    }
    assert synthesized("local").template["Outputs"].keys() == outputs


def differences(one: Assembly, other: Assembly) -> dict[str, set[str]]:
    """The properties in which the resources of two templates differ, by type."""
    mine, theirs = (json.loads(VERSIONED.sub(r"\1", it.text))["Resources"] for it in (one, other))
    assert mine.keys() == theirs.keys()
    found: dict[str, set[str]] = {}
    for name, resource in mine.items():
        assert attributes(resource) == attributes(theirs[name])
        ours, yours = resource.get("Properties", {}), theirs[name].get("Properties", {})
        differing = {key for key in ours.keys() | yours.keys() if ours.get(key) != yours.get(key)}
        if differing:
            found.setdefault(resource["Type"], set()).update(differing)
    return found


def attributes(resource: dict[str, Any]) -> dict[str, Any]:
    """Everything about a resource but its properties."""
    return {key: value for key, value in resource.items() if key != "Properties"}
