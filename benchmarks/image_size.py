"""What the dependencies in the predict image weigh, and which of them weigh most.

`python -m benchmarks.image_size` reads the image that `make image` built; --directory reads a folder instead.
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from functions.core.errors import OrtlessError
from toolchain.image import environment, find_builder

IMAGE = "ortless-predict"
TASK = "var/task"
OURS = ("functions", "packages")
MEGABYTE = 1_000_000
LIMITS = {"raw": 95.0, "gzipped": 32.0}
"""MB that the dependencies may weigh."""


@dataclass(frozen=True)
class Weight:
    """What something weighs, in MB."""

    name: str
    raw: float
    gzipped: float


@dataclass(frozen=True)
class Measurement:
    """The dependencies together, the heaviest of them, and their versions."""

    total: Weight
    largest: Sequence[Weight]
    versions: dict[str, str]

    def exceeded(self) -> list[str]:
        """A line for each limit that is exceeded."""
        measured = {"raw": self.total.raw, "gzipped": self.total.gzipped}
        lines = [f"dependencies {kind}: {measured[kind]:.1f} MB of {at_most}" for kind, at_most in LIMITS.items()
                 if measured[kind] > at_most]  # fmt: skip
        if lines and any(weight.name == "numpy.libs" for weight in self.largest):
            lines.append("numpy was not compiled, as the image was built on a machine of the other architecture")
        return lines


def measure(directory: Path) -> Measurement:
    """Weigh a folder with installed dependencies; what is ours in it does not count."""
    things = sorted(path for path in directory.iterdir() if path.name not in OURS)
    weights = sorted((_weigh(path.name, [path]) for path in things), key=lambda weight: -weight.raw)
    return Measurement(_weigh("total", things), weights[:10], dict(_versions(directory)))


def _weigh(name: str, paths: Iterable[Path]) -> Weight:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=6) as tar:
        for path in paths:
            tar.add(path, arcname=path.name)
        raw = sum(member.size for member in tar.getmembers())
    return Weight(name, round(raw / MEGABYTE, 2), round(archive.tell() / MEGABYTE, 2))


def _versions(directory: Path) -> Iterator[tuple[str, str]]:
    for info in sorted(directory.glob("*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        yield name, version


@contextmanager
def task_folder(image: str) -> Iterator[Path]:
    """The folder /var/task of an image."""
    builder = find_builder()
    if builder == "buildah":
        container = _ask(builder, "from", "--pull-never", image)
        mounted = Path(_ask(builder, "mount", container)) / TASK
    else:
        container = _ask(builder, "create", image)
    try:
        with tempfile.TemporaryDirectory() as copy:
            if builder != "buildah":
                _ask(builder, "cp", f"{container}:/{TASK}", copy)
                mounted = Path(copy) / Path(TASK).name
            yield mounted
    finally:
        _ask(builder, "rm", container)


def size_of(image: str) -> str:
    """All layers of an image, as its builder says."""
    return _ask(find_builder(), "images", "--format", "{{.Size}}", image)


def _ask(builder: str, *arguments: str) -> str:
    done = subprocess.run((builder, *arguments), env=environment(builder), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main(arguments: Sequence[str] = ()) -> list[str]:
    """Print what the dependencies weigh; the limits that are exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image_size", description=__doc__)
    parser.add_argument("--image", default=IMAGE, help=f"the image's name, {IMAGE} when not given")
    parser.add_argument("--directory", type=Path, help="weigh this folder instead")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    if chosen.directory:
        measured, layers = measure(chosen.directory), None
    else:
        try:
            with task_folder(chosen.image) as folder:
                measured, layers = measure(folder), size_of(chosen.image)
        except (OrtlessError, subprocess.CalledProcessError) as fault:
            sys.stderr.write(f"the image's size was not measured: {fault}\nhint: `make image` builds the image\n")
            return []
    if chosen.json:
        report = {"image": layers, "limits": LIMITS, "machine": machine.describe().splitlines()[0]}
        print(json.dumps(asdict(measured) | report, indent=2))
    else:
        _show(measured, layers)
    return measured.exceeded()


def _show(measured: Measurement, layers: str | None) -> None:
    table = Table("", "MB", "MB gzipped", title="dependencies of the predict image")
    for weight in (*measured.largest, measured.total):
        table.add_row(weight.name, f"{weight.raw:.1f}", f"{weight.gzipped:.1f}")
    table.add_row("limit", *(f"{limit:.1f}" for limit in LIMITS.values()))
    console = Console(width=110)
    console.print(table)
    if layers:
        console.print(f"all layers, the base image included: {layers}", highlight=False)
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    console.print(f"{machine.describe().splitlines()[0]}\n{versions}", highlight=False)


if __name__ == "__main__":
    sys.exit("\n".join(main(sys.argv[1:])) or None)
