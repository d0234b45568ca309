"""The workflows call verbs that there are, hold no key, and have no right that a job does not use."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from docs.generate import VERBS
from tests.conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
ACTION = re.compile(r"(actions|aws-actions|sigstore)/[a-z-]+@(v\d+|[0-9a-f]{40})")
CONFIG = ROOT / ".github" / "zizmor.yml"
TOKEN = {"contents": "read"}
SIGNS_IN = TOKEN | {"id-token": "write"}
NEEDED = {
    ("checks", "check"): TOKEN,
    ("checks", "test"): TOKEN,
    ("checks", "synth"): TOKEN,
    ("diff", "diff"): SIGNS_IN | {"pull-requests": "write"},
    ("stage", "deploy"): SIGNS_IN,
    ("keys", "revoke"): SIGNS_IN,
    ("deploy", "checks"): TOKEN,
    ("deploy", "dev"): SIGNS_IN,
    ("deploy", "prod"): SIGNS_IN,
}


class Job(NamedTuple):
    """A job of a workflow."""

    workflow: str
    name: str
    content: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.content.get("steps", []))

    @property
    def scripts(self) -> str:
        return "\n".join(step["run"] for step in self.steps if "run" in step)


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def jobs() -> Iterator[Job]:
    for path in WORKFLOWS:
        for name, content in load(path)["jobs"].items():
            yield Job(path.stem, name, content)


JOBS = list(jobs())


def tool(name: str) -> str:
    """A command that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def job(workflow: str, name: str) -> Job:
    return next(each for each in JOBS if each[:2] == (workflow, name))


def test_every_job_has_the_permissions_that_it_needs_and_a_workflow_none() -> None:
    assert {(each.workflow, each.name): each.content["permissions"] for each in JOBS} == NEEDED
    assert all(load(path)["permissions"] == {} for path in WORKFLOWS)


@pytest.mark.parametrize("each", JOBS, ids=lambda each: f"{each.workflow}-{each.name}")
def test_every_verb_that_is_called_is_there(each: Job) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    lines = each.scripts.replace("\\\n", " ")
    made = re.findall(r"\bmake (?:--silent )?([a-z-]+)", lines)
    called = re.findall(r"\.venv/bin/ortless ([a-z]+)", lines)
    assert set(made) <= targets
    assert set(called) <= {verb.partition(" ")[0] for verb in VERBS}
    assert "ortless" not in re.sub(r"\.venv/bin/ortless|ortless-\$STAGE", "", lines)
    assert made or called or each.content.get("uses") or not each.steps


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_there_is_no_secret_and_nothing_that_people_write_gets_into_a_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"secrets\.|aws-access-key|aws-secret|AKIA|pull_request_target|workflow_run", text)
    for each in JOBS:
        assert "${{" not in each.scripts


def test_actions_are_of_known_owners_at_a_major_version_or_a_commit() -> None:
    used = [step["uses"] for each in JOBS for step in each.steps if "uses" in step]
    assert len(used) > 10
    assert [name for name in used if not ACTION.fullmatch(name)] == []
    checkouts = [step for each in JOBS for step in each.steps if "checkout" in step.get("uses", "")]
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_credentials_are_taken_by_role_where_a_token_may_be_asked_for_and_nowhere_else() -> None:
    for each in JOBS:
        taken = [step["with"] for step in each.steps if "configure-aws-credentials" in step.get("uses", "")]
        asks = each.content["permissions"].get("id-token") == "write" and bool(each.steps)
        assert bool(taken) is asks
        for given in taken:
            assert given.keys() == {"role-to-assume", "aws-region"}
            assert given["role-to-assume"].startswith(("${{ vars.", "${{ vars["))


def test_a_change_goes_to_prod_after_checks_dev_and_the_approval_of_its_environment() -> None:
    content = load(FOLDER / "deploy.yml")["jobs"]
    assert (content["dev"]["needs"], content["prod"]["needs"]) == ("checks", "dev")
    assert [content[name]["with"]["stage"] for name in ("dev", "prod")] == ["dev", "prod"]
    deploy = job("stage", "deploy").content
    assert deploy["environment"]["name"] == "${{ inputs.stage }}"
    assert deploy["concurrency"] == {"group": "stage-${{ inputs.stage }}", "cancel-in-progress": False}


def test_what_was_deployed_is_signed_and_tried_in_this_order() -> None:
    scripts = job("stage", "deploy").scripts
    steps = ("ortless doctor", "make deploy", "ortless sbom", "cosign sign", "cosign attest", "smoke")
    order = [scripts.index(each) for each in steps]
    assert order == sorted(order)
    assert scripts.index("::add-mask::") < scripts.index("export ORTLESS_API_KEY")


def test_requests_of_forks_get_no_credentials() -> None:
    condition = job("diff", "diff").content["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


def test_every_job_ends_by_itself() -> None:
    assert all(each.content.get("timeout-minutes", 0) or "uses" in each.content for each in JOBS)


def test_scripts_are_what_a_shell_can_read() -> None:
    for each in JOBS:
        for line in each.scripts.splitlines():
            shlex.split(line, comments=True)


@pytest.mark.parametrize("each", JOBS, ids=lambda each: f"{each.workflow}-{each.name}")
def test_scripts_have_nothing_that_shellcheck_finds(each: Job, tmp_path: Path) -> None:
    scripts = []
    for number, step in enumerate(step for step in each.steps if "run" in step):
        scripts.append(tmp_path / f"{number}.sh")
        scripts[-1].write_text(f"#!/bin/bash\nset -e -o pipefail\n{step['run']}\n")
    if not scripts:
        assert "uses" in each.content
        return
    command = [tool("shellcheck"), "--norc", "--severity", "info", *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_workflows_have_nothing_that_zizmor_finds_but_what_its_configuration_lets_stand_with_reasons() -> None:
    command = [tool("zizmor"), "--offline", "--no-progress", "--format", "plain", "--config", str(CONFIG), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pins_of_actions_are_moved_by_themselves() -> None:
    (update,) = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert (update["package-ecosystem"], update["directory"]) == ("github-actions", "/")
