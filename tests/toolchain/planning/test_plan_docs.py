"""What the documentation shows of plans is what the command prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SHOWN = re.compile(r"^```sh\n((?:(?!```).*\n)+)```\n\n```text\n((?:(?!```).*\n)*)```$", re.MULTILINE)
PAGES = ("docs/guides/cost.md", "docs/concepts/scale.md")
EXAMPLES = [(page, *found) for page in PAGES for found in SHOWN.findall((ROOT / page).read_text())]


def printed(block: str, folder: Path) -> str:
    """What a block prints, without blanks at the ends of lines."""
    ortless = folder / ".venv" / "bin" / "ortless"
    ortless.parent.mkdir(parents=True)
    ortless.write_text(f'#!/bin/sh\nexec {sys.executable} -m toolchain "$@"\n')
    ortless.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "110", "NO_COLOR": "1"}
    done = subprocess.run(
        ["sh", "-euc", block], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    shutil.rmtree(folder / ".venv")
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines()) + "\n"


@pytest.mark.parametrize(
    ("page", "block", "shown"), EXAMPLES, ids=[f"{page}-{n}" for n, (page, *_) in enumerate(EXAMPLES)]
)
def test_a_plan_in_the_documentation_is_what_the_command_prints(
    page: str, block: str, shown: str, tmp_path: Path
) -> None:
    assert printed(block, tmp_path) == shown, f"{page}: put in what the command prints"


def test_both_pages_show_plans() -> None:
    assert [sum(page == example[0] for example in EXAMPLES) for page in PAGES] == [2, 3]
