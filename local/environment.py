"""The environment of the cloud's process, which its functions inherit."""

import os
import sys

from local import ports, processes
from local.commands import ISOLATION
from local.state import ROOT, State

# It is built from nothing: no proxies, no AWS profile, no PYTHON* switches.
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")


def url_of(port: int) -> str:
    """Where a cloud on this port answers."""
    return f"http://{ports.HOST}:{port}"


def environment(state: State, port: int, marker: str, region: str) -> dict[str, str]:
    """What the cloud and, through it, every function is told."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **processes.marker_variable(marker),
        "MINISTACK_VERSION": marker,  # its health check repeats this, which tells our cloud from another
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "LOG_LEVEL": "WARNING",
        # Whatever it or a function writes goes when it goes.
        "TMPDIR": str(state.temporary),
        "STATE_DIR": f"{state.temporary}/state",
        "S3_DATA_DIR": f"{state.temporary}/s3",
        # Doors that a laptop need not open: MQTT, SFTP, and a Docker daemon whose containers it would reap.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{state.temporary}/none.sock",
        **ISOLATION,
        "ORTLESS_CACHE": f"{state.temporary}/ortless",
        "ORTLESS_ROOT": str(ROOT),
        "ORTLESS_PYTHON": sys.executable,
        "ORTLESS_ENDPOINT_URL": url_of(port),
    }
