"""The state directory: every file of one local cloud, so that two of them never meet."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "ORTLESS_STATE_DIR"


@dataclass(frozen=True)
class State:
    """Where one local cloud keeps what it needs; everything but its log is gone when it stops."""

    directory: Path

    @classmethod
    def default(cls) -> "State":
        """The directory named by ORTLESS_STATE_DIR, or .local in the repository."""
        return cls(Path(os.environ.get(VARIABLE) or ROOT / ".local").absolute())

    @property
    def endpoint(self) -> Path:
        """Written when everything is deployed."""
        return self.directory / "endpoint.json"

    @property
    def cloud(self) -> Path:
        """Written before the cloud's process exists, so that nothing it starts can be lost."""
        return self.directory / "cloud.json"

    @property
    def log(self) -> Path:
        """What the cloud's process prints."""
        return self.directory / "cloud.log"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the cloud and of every function in it."""
        return self.directory / "tmp"

    def create(self) -> None:
        """Make the directories; what they hold is for the user's eyes only."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(mode=0o700, exist_ok=True)

    def clear(self) -> None:
        """Remove what must not outlive the cloud's process."""
        self.endpoint.unlink(missing_ok=True)
        self.cloud.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time; the kernel lets go of the lock when its holder dies."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a file in one step, readable by its owner only: a reader sees the old or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's content; nothing when it is missing or not what was written here."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text())
        return content if isinstance(content, dict) else None
    return None
