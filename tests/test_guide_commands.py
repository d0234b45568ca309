"""Every command of the guide to production exists, and takes what it is given: those included that need an account."""

import json
import re
from typing import Any

import botocore.session
import pytest
import typer
from botocore import xform_name

from infra.app import default_context
from infra.stages import Stage
from tests.conftest import ROOT
from tests.guide_commands import commands
from toolchain.cli import app

GUIDE = ROOT / "docs" / "guides" / "production.md"
BLOCK = re.compile(r"^```sh(?: norun)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
JSON = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = [words for block in BLOCK.findall(GUIDE.read_text()) for words in commands(block)]
OTHERS = {"test", "echo", "sleep", "jq", "gh", "out", "role", "date", "dig", "curl"}
"""Of the shell, of the system and of GitHub, and the functions that the guide defines."""
GLOBAL = {"query", "output", "region", "profile"}
"""Options that AWS's command line has everywhere."""


def of(*names: str) -> list[list[str]]:
    return [words for words in COMMANDS if words[0].rpartition("/")[2] in names]


def title(words: list[str]) -> str:
    return " ".join(words[:4])


def test_there_is_no_command_that_nobody_looks_at() -> None:
    known = OTHERS | {"aws", "make", "ortless"}
    assert len(COMMANDS) > 40
    assert sorted({words[0].rpartition("/")[2] for words in COMMANDS} - known) == []


@pytest.mark.parametrize("words", of("ortless"), ids=title)
def test_a_verb_takes_its_arguments_and_options(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while hasattr(command, "commands"):
        assert rest[0] in command.commands, words
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(command.name, rest)


@pytest.mark.parametrize("words", of("make"), ids=title)
def test_a_target_of_make_is_explained_and_a_stage_is_one_of_cdk_json(words: list[str]) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert words[1] in targets
    for variable, _, value in (word.partition("=") for word in words[2:]):
        assert variable in ("STAGE", "OPTIONS")
        assert variable != "STAGE" or value in default_context()["stages"]


@pytest.mark.parametrize("words", of("aws"), ids=title)
def test_an_operation_of_aws_takes_the_parameters_that_it_is_given(words: list[str]) -> None:
    service, operation, *rest = words[1:]
    members, needed = parameters(service, operation, rest)
    given = {word.removeprefix("--").partition("=")[0] for word in rest if word.startswith("--")}
    assert given - GLOBAL <= members, sorted(given - GLOBAL - members)
    assert needed <= given, sorted(needed - given)


def parameters(service: str, operation: str, rest: list[str]) -> tuple[set[str], set[str]]:
    """The options that an operation takes, and those that it needs, as AWS's own model of the service says."""
    session = botocore.session.get_session()
    if operation == "wait":
        waiters = session.get_waiter_model(service)
        name = next(each for each in waiters.waiter_names if xform_name(each, "-") == rest[0])
        wanted = waiters.get_waiter(name).operation
    else:
        wanted = ""
    model = session.get_service_model(service)
    names = {xform_name(each, "-"): each for each in model.operation_names}
    shape: Any = model.operation_model(wanted or names[operation]).input_shape
    if shape is None:
        return set(), set()
    return {xform_name(each, "-") for each in shape.members}, {xform_name(each, "-") for each in shape.required_members}


def test_a_wrong_operation_parameter_or_omission_would_be_seen() -> None:
    with pytest.raises(KeyError):
        parameters("lambda", "get-account-setting", [])
    members, needed = parameters("acm", "request-certificate", [])
    assert needed == {"domain-name"}
    assert "validation-methods" not in members
    assert list(commands('A=$(aws x "$(b c)") d | e --f \'g h\' > i && j\n')) == [
        ["b", "c"], ["aws", "x", "VALUE"], ["d"], ["e", "--f", "g h"], ["j"],
    ]  # fmt: skip


@pytest.mark.parametrize("settings", JSON.findall(GUIDE.read_text()))
def test_the_settings_of_the_guide_make_a_stage(settings: str) -> None:
    stage = default_context()["stages"]["prod"] | json.loads(settings)
    assert Stage.read("prod", {"prod": stage}).name == "prod"


def test_the_stage_of_the_guide_has_the_name_zone_and_region_that_its_commands_speak_of() -> None:
    text = GUIDE.read_text()
    (settings,) = JSON.findall(text)
    domain = Stage.read("prod", {"prod": default_context()["stages"]["prod"] | json.loads(settings)}).domain
    certificate = next(words for words in COMMANDS if words[1:3] == ["acm", "request-certificate"])
    assert certificate[certificate.index("--domain-name") + 1] == domain.name
    zone = next(words for words in COMMANDS if "list-hosted-zones-by-name" in words)
    assert zone[zone.index("--dns-name") + 1] == domain.hosted_zone_name
    assert f"AWS_REGION={str(domain.certificate).split(':')[3]} " in text
    smoked = {words[2] for words in COMMANDS if words[:2] == ["ortless", "smoke"]}
    assert smoked == {f"https://{domain.name}"}
    assert any(words[0] == "dig" and words[-1] == domain.name for words in COMMANDS)
    assert any(words[0] == "curl" and words[-1].startswith(f"https://{domain.name}/") for words in COMMANDS)
