"""Runs a container's command as Lambda does: another user, the root file system read-only but for /tmp."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The mounts live and die with the namespace. --kill-child takes down the shell, its first process, and so all others;
# the shell stays because a process that changes its user, as chroot does, is no longer killed with its parent.
NAMESPACE = ("unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation=private")
SCRIPT = """set -e
mount --rbind "$ROOT" "$ROOT" && mount -o remount,bind,ro "$ROOT"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/dev"
for device in null zero random urandom; do
  touch "$ROOT/dev/$device" && mount --bind "/dev/$device" "$ROOT/dev/$device"
done
mount -o remount,ro "$ROOT/dev"
chroot --userspec="$OWNER" "$ROOT" /usr/bin/env -i -C "$FOLDER" "$@"
exit $?
"""


class Sandbox:
    """What an image says about how it is run, and a root file system to run it in."""

    def __init__(self, root: Path, configuration: Mapping[str, Any]) -> None:
        """Take user, folder and environment from the image.

        Args:
            root: where the container is mounted.
            configuration: the image's `config`.
        """
        self._environment: list[str] = configuration["Env"]
        self._host = os.environ | {
            "ROOT": str(root), "OWNER": configuration["User"], "FOLDER": configuration["WorkingDir"],
        }  # fmt: skip

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._inside(command), env=self._host, capture_output=True, text=True, check=False, timeout=120
        )

    @contextmanager
    def running(self, *command: str, log: Path, **variables: str) -> Iterator[None]:
        """Keep a command running, with its output in `log`."""
        assignments = [f"{name}={value}" for name, value in variables.items()]
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._inside((*assignments, *command)), env=self._host, stdout=output, stderr=subprocess.STDOUT
            )
            try:
                yield
            finally:
                process.kill()
                process.wait()

    def _inside(self, command: tuple[str, ...]) -> tuple[str, ...]:
        return (*NAMESPACE, "sh", "-c", SCRIPT, "sandbox", *self._environment, *command)


def works() -> bool:
    """Whether this machine grants the namespace."""
    return subprocess.run((*NAMESPACE, "true"), capture_output=True, check=False).returncode == 0
