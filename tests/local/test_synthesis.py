"""An assembly is made once for everything that goes into it. The app here is a small one with the same layout."""

import json
import os
from pathlib import Path

import pytest

from local.errors import CommandFailed
from local.synthesis import Synthesis

APP = """
import json, os, pathlib, sys
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
if context.get("broken"):
    sys.exit("the stage is unknown")
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir()
(out / "manifest.json").write_text(json.dumps({"context": context, "aws": sorted(n for n in os.environ if "AWS" in n)}))
with open("runs", "a") as runs:
    runs.write("1")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A working tree as far as synthesis looks at it, and a little further."""
    files = {
        "cdk.json": json.dumps({"context": {"stage": "dev", "stages": {"local": {"auth": "key", "rate": 1}}}}),
        "infra/__init__.py": "",
        "infra/app.py": APP,
        "infra/working_tree/bootstrap": "#!/bin/sh\n",
        "functions/__init__.py": "",
        "functions/core/settings.py": "",
        "functions/core/errors.py": "",
        "functions/predict/handler.py": "",
        "README.md": "",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_same_inputs_are_synthesized_once(tree: Path) -> None:
    first, second = Synthesis(tree).run({}), Synthesis(tree).run({})
    assert first == second
    assert (tree / "runs").read_text() == "1"


@pytest.mark.parametrize(
    "name", ["cdk.json", "infra/app.py", "infra/working_tree/bootstrap", "functions/core/settings.py", "infra/new.py"]
)
def test_key_changes_with_an_input(tree: Path, name: str) -> None:
    before = Synthesis(tree).key({})
    with (tree / name).open("a") as file:
        file.write("\n ")
    assert Synthesis(tree).key({}) != before


def test_key_changes_with_the_executable_bit_of_an_asset(tree: Path) -> None:
    before = Synthesis(tree).key({})
    (tree / "infra/working_tree/bootstrap").chmod(0o755)
    assert Synthesis(tree).key({}) != before


@pytest.mark.parametrize("name", ["README.md", "functions/predict/handler.py", "infra/__pycache__/app.pyc", "runs"])
def test_key_stays_when_something_else_changes(tree: Path, name: str) -> None:
    before = Synthesis(tree).key({})
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("changed")
    os.utime(tree / "infra/app.py")
    assert Synthesis(tree).key({}) == before


def test_overrides_are_merged_into_the_context_and_kept_apart(tree: Path) -> None:
    plain, other = Synthesis(tree).run({}), Synthesis(tree).run({"stages": {"local": {"auth": "iam"}}})
    assert plain != other
    made = [json.loads((assembly / "manifest.json").read_text())["context"] for assembly in (plain, other)]
    assert made == [
        {"stage": "local", "stages": {"local": {"auth": "key", "rate": 1}}},
        {"stage": "local", "stages": {"local": {"auth": "iam", "rate": 1}}},
    ]


def test_the_users_account_is_out_of_reach(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    seen = json.loads((Synthesis(tree).run({}) / "manifest.json").read_text())["aws"]
    assert seen == ["AWS_CONFIG_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_SHARED_CREDENTIALS_FILE"]


def test_failed_synthesis_says_why_and_leaves_nothing(tree: Path) -> None:
    with pytest.raises(CommandFailed, match="the stage is unknown"):
        Synthesis(tree).run({"broken": True})
    assert list(Synthesis(tree).cache.iterdir()) == []


def test_old_assemblies_are_pruned(tree: Path) -> None:
    synthesis = Synthesis(tree)
    kept = synthesis.run({})
    for age in range(12):
        old = synthesis.cache / f"{age:016}"
        old.mkdir()
        os.utime(old, (age, age))
    assert synthesis.run({}) == kept
    assert len(list(synthesis.cache.iterdir())) == 8
    assert kept.exists()
