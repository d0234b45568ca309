"""TCP ports of the loopback interface: taking one, and naming who has it already."""

import errno
import shutil
import socket
import subprocess
from pathlib import Path

from local.errors import PortClosed, PortTaken

HOST = "127.0.0.1"
DEFAULT = 4566
_LISTENING = "0A"


def listen(port: int | None = None) -> socket.socket:
    """A listening socket on the port; without one, on the well-known port or, if that is taken, on any free one.

    Raises:
        PortTaken: someone else listens there.
        PortClosed: this user may not.
    """
    if port is not None:
        return _listen(port)
    try:
        return _listen(DEFAULT)
    except PortTaken:
        return _listen(0)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)  # from here on nobody else can have it
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port, holder(port)) from error
        raise PortClosed(port, error.strerror or str(error)) from error
    return listener


def holder(port: int) -> str:
    """Who listens on the port, as `pid 123 (command line)`; empty when that cannot be known."""
    pid = _pid_by_proc(port) if Path("/proc/net/tcp").exists() else _pid_by_lsof(port)
    if pid is None:
        return ""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        command = ""
    return f"pid {pid} ({command[:120]})" if command else f"pid {pid}"


def _pid_by_proc(port: int) -> int | None:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target in sockets:
            return int(descriptor.parts[2])
    return None


def _inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        for fields in (row.split() for row in rows):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _pid_by_lsof(port: int) -> int | None:
    lsof = shutil.which("lsof")
    if not lsof:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    pids = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return int(pids[0]) if pids else None
