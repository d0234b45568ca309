"""The documentation: generated pages are current, links lead somewhere, and commands work as they stand."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from docs.generate import REFERENCE, STAGES, pages
from tests.conftest import ROOT, SAMPLES

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_FOREVER = "make run\n"
"""Has a test of its own, as it ends only when it is told to."""


def test_every_setting_of_a_stage_has_a_row_with_the_value_of_its_default() -> None:
    sections = pages()["stages.md"].split("\n## ")
    for (_, kind, file), section in zip(STAGES, sections[1:], strict=True):
        settings = getattr(import_module(file.removesuffix(".py").replace("/", ".")), kind)
        rows = [
            [cell.strip("` ") for cell in row.split(" | ")] for row in section.splitlines() if row.startswith("| `")
        ]
        assert [row[0].removeprefix("| `") for row in rows] == [
            field.name for field in fields(settings) if "read" in field.metadata
        ], kind
    assert "| `security_policy` | `TLS_1_2` |" in pages()["stages.md"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what git knows, with the installed environment beside it, so that commands may write."""
    copy = tmp_path / "ortless"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    for name in ("requirements.txt", "pyproject.toml"):
        os.utime(copy / name, (0, 0))  # older than the environment, which must not be installed anew from the copy
    if (ROOT / "build" / "assemblies").is_dir():
        shutil.copytree(ROOT / "build" / "assemblies", copy / "build" / "assemblies", symlinks=True)
    return copy


def shell(command: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ORTLESS_STATE_DIR": str(checkout / ".local"), "PYTHONPATH": str(checkout)}
    return subprocess.run(
        ["sh", "-euc", command], cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


def commands(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_work_one_after_the_other(page: Path, checkout: Path) -> None:
    for block in commands(page):
        done = shell(block.replace(RUN_FOREVER, ""), checkout)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def test_make_run_prints_lines_that_can_be_pasted_and_leaves_nothing_behind(checkout: Path) -> None:
    state = checkout / ".local"
    environment = os.environ | {"ORTLESS_STATE_DIR": str(state), "PYTHONPATH": str(checkout)}
    with (checkout / "err").open("w") as errors:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=checkout,
            env=environment,
            text=True,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines += [line] if line.startswith(("curl", "printf")) else []
        if len(lines) == len(SAMPLES):
            break
    answers = {line: shell(line, checkout).stdout for line in lines}
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    process.stdout.close()
    assert len(answers) == len(SAMPLES), (checkout / "err").read_text()
    assert all('"predictions"' in answer for answer in answers.values()), answers
    assert any("iris-svm" in line and '"setosa"' in answer for line, answer in answers.items())
    assert any("linear-regression" in line and "1.8" in answer for line, answer in answers.items())
    left = {path.name for path in state.iterdir()} if state.exists() else set()
    assert left <= {"cloud.log", "lock"}
    assert subprocess.run(["pgrep", "-f", str(state)], capture_output=True, check=False).stdout == b""


def test_reference_pages_are_what_the_code_says() -> None:
    written = {path.name: path.read_text() for path in REFERENCE.glob("*.md")}
    assert written == pages(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_readme_is_short_and_names_every_sample() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 150
    assert [name for name in SAMPLES if name not in text] == []


def test_every_verb_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    verbs = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert verbs == explained
    assert {"install", "run", "test", "check", "bench", "image", "deploy", "clean", "help"} <= verbs
