"""Subprocesses that do one step: quiet when they succeed, and gone when the step is interrupted."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.errors import CommandFailed

_TAIL_LINES = 30
# Neither the user's account nor their proxy has anything to do with what runs here.
ISOLATION = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}


def run(title: str, module: Sequence[str], cwd: Path, variables: Mapping[str, str]) -> str:
    """Run `python -m module ...` without the user's AWS settings; answers what it printed on stdout.

    Raises:
        CommandFailed: it failed; the message ends with what it printed last.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**inherited, **ISOLATION, **variables},
        text=True,
        start_new_session=True,  # an interrupt ends it together with what it started itself
    )
    with process:
        try:
            output, errors = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        tail = "\n".join((output + errors).splitlines()[-_TAIL_LINES:])
        raise CommandFailed(title, process.returncode, tail)
    return output
