"""A stand-in for AWS's base image, for machines that cannot pull it: it shows that the image builds, and never ships.

Debian with Python at /var/lang, the runtime client, the emulator and the environment that AWS's image sets; beside it
a builder, which is the same with a compiler.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT
from tests.image.buildah import buildah, container, exists

PYTHON = "python3.13"
CACHE = ROOT / "build" / "image-test"
EMULATOR = "aws-sam-cli==1.170.0 --hash=sha256:24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf"
CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
SCRIPTS = {
    "lambda-entrypoint.sh": """#!/bin/sh
[ -n "$AWS_LAMBDA_RUNTIME_API" ] || exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap "$@"
exec /var/runtime/bootstrap "$@"
""",
    "var/runtime/bootstrap": f'#!/bin/sh\nexec /var/lang/bin/{PYTHON} -m awslambdaric "$@"\n',
}
ENVIRONMENT = {
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LANG": "en_US.UTF-8",
    "TZ": ":/etc/localtime",
}


class Base(NamedTuple):
    """Tags of the stand-in and of its builder."""

    runtime: str
    builder: str


def python_home() -> Path | None:
    """A relocatable Python 3.13: PYTHON_HOME's, or the newest that pyenv has."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(pyenv.glob("versions/3.13.*"), key=lambda path: [int(part) for part in path.name.split(".")])
    homes = [Path(os.environ["PYTHON_HOME"])] if "PYTHON_HOME" in os.environ else found[::-1]
    return next((home for home in homes if (home / "bin" / PYTHON).exists()), None)


def make(home: Path) -> Base:
    """The stand-in and its builder; made when they are not there yet or are made of something else."""
    key = hashlib.sha256("".join((Path(__file__).read_text(), _client_lock(), str(home))).encode()).hexdigest()[:12]
    base = Base(*(f"localhost/ortless-stand-in-{part}:{key}" for part in Base._fields))
    if not exists(base.runtime):
        with container("scratch") as (name, root):
            _debian(home, root)
            _lambda(home, root)
            settings = [part for pair in ENVIRONMENT.items() for part in ("--env", "=".join(pair))]
            buildah("config", *settings, "--workingdir=/var/task", '--entrypoint=["/lambda-entrypoint.sh"]', name)
            buildah("commit", "--format=docker", name, base.runtime)
    if not exists(base.builder):
        with container(base.runtime) as (name, _):
            install = "apt-get update -q && apt-get install -qy --no-install-recommends g++"
            buildah("run", "--network=host", "--env=DEBIAN_FRONTEND=noninteractive", name, "sh", "-c", install)
            buildah("commit", "--format=docker", name, base.builder)
    return base


def _debian(home: Path, root: Path) -> None:
    release = dict(re.findall(r"^(\w+)=\"?([^\"\n]*)", Path("/etc/os-release").read_text(), re.MULTILINE))
    packages = ",".join(["ca-certificates", *sorted(_libraries(home))])
    _run("debootstrap", "--variant=minbase", f"--include={packages}", release["VERSION_CODENAME"], str(root))
    for path in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / path)
        (root / path).mkdir()


def _libraries(home: Path) -> set[str]:
    """The Debian packages of the libraries that Python and its extension modules load."""
    modules = [home / "bin" / PYTHON, *home.glob("lib/lib*.so*"), *home.glob("lib/python3.13/lib-dynload/*.so")]
    linked = set(
        re.findall(
            r"=> (?:/usr)?(/lib/\S+)", _run("ldd", *(str(path) for path in modules if "tkinter" not in path.name))
        )
    )
    owners = _run("dpkg-query", "--search", *linked, *(f"/usr{path}" for path in linked), expected=(0, 1))
    return set(re.findall(r"^([^:\s]+)(?=[:,].*: /)", owners, re.MULTILINE))


def _lambda(home: Path, root: Path) -> None:
    unneeded = shutil.ignore_patterns(
        "test", "tests", "idlelib", "*tkinter*", "config-3.13*", "*.a", "share", "__pycache__"
    )
    shutil.copytree(home, root / "var/lang", symlinks=True, ignore=unneeded)
    lock = CACHE / "client.txt"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(_client_lock())
    site = root / "var/lang/lib/python3.13/site-packages"
    _pip(home / "bin" / PYTHON, "install", "--no-deps", "--require-hashes", f"--requirement={lock}", f"--target={site}")
    for path, text in SCRIPTS.items():
        script = root / path
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(text)
        script.chmod(0o755)
    (root / "var/task").mkdir()
    shutil.copy(_emulator(), root / "usr/local/bin/aws-lambda-rie")


def _client_lock() -> str:
    lock = (ROOT / "requirements.txt").read_text()
    entries = re.findall(r"^(?:\S.*\\\n)(?:    --hash=.*\n)+", lock, re.MULTILINE)
    return "".join(entry for entry in entries if entry.partition("==")[0] in CLIENT)


def _emulator() -> Path:
    """The runtime interface emulator, taken out of the wheel of AWS's SAM CLI, which is not installed."""
    wanted = CACHE / "aws-lambda-rie"
    if not wanted.exists():
        lock = CACHE / "emulator.txt"
        lock.write_text(EMULATOR)
        _pip(
            Path(sys.executable),
            "download",
            "--no-deps",
            "--require-hashes",
            f"--requirement={lock}",
            f"--dest={CACHE}",
        )
        machine = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        with zipfile.ZipFile(next(CACHE.glob("aws_sam_cli-*.whl"))) as wheel:
            wanted.write_bytes(wheel.read(f"samcli/local/rapid/aws-lambda-rie-{machine}"))
        wanted.chmod(0o755)
    return wanted


def _pip(python: Path, *arguments: str) -> None:
    _run(str(python), "-m", "pip", arguments[0], "--quiet", "--only-binary=:all:", *arguments[1:])


def _run(*command: str, expected: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in expected, f"{' '.join(command[:4])}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
