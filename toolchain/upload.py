"""Publishing, seen from the operator's machine: send a folder's files, have them validated, wait for the verdict."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from toolchain.admin_client import Admin, model_path, network_words
from toolchain.admin_errors import NotUploaded, StillValidating
from toolchain.contents import Contents

CHUNK = 1 << 20
SECONDS = 60.0
"""For a chunk to be taken, and for the answer after the last one."""
POLLS = (0.2, 0.3, 0.5, 1.0)
"""Seconds between looks at an upload; the last one repeats."""
Sent = Callable[[int], None]
"""Told the bytes that were sent."""


class Ticket(NamedTuple):
    """An upload that is being validated."""

    model: str
    upload: str


def upload(admin: Admin, contents: Contents, why: str, sent: Sent, ungated: str = "") -> Ticket:
    """Send a folder and have it validated.

    Args:
        ungated: why it is published without a report that passes its gate, if so; kept with the version.

    Raises:
        NotUploaded: a file did not arrive as it is.
        As Admin does.
    """
    said = {"ungated": ungated} if ungated else {}  # a registry from before it knew the field refuses it
    files = {name: record._asdict() for name, record in contents.files.items()}
    grant = admin.post(f"{model_path(contents.model)}/uploads", {"files": files})
    with httpx.Client(timeout=SECONDS) as http:
        for name, record in contents.files.items():
            _put(http, contents, name, record.size, grant["urls"][name], sent)
    admin.post(f"{model_path(contents.model)}/uploads/{grant['upload']}:finalize", {"why": why} | said)
    return Ticket(contents.model, grant["upload"])


def verdict(admin: Admin, ticket: Ticket, seconds: float) -> dict[str, Any]:
    """The upload's state once it is accepted or refused.

    Raises:
        StillValidating: it is neither after that time.
        As Admin does.
    """
    deadline = time.monotonic() + seconds
    pauses = iter(POLLS)
    while True:
        state: dict[str, Any] = admin.get(f"{model_path(ticket.model)}/uploads/{ticket.upload}")
        if state["state"] in ("accepted", "refused"):
            return state
        if time.monotonic() > deadline:
            raise StillValidating(ticket.model, ticket.upload, seconds)
        time.sleep(next(pauses, POLLS[-1]))


def _put(http: httpx.Client, contents: Contents, name: str, size: int, address: Mapping[str, Any], sent: Sent) -> None:
    headers = {**address["headers"], "content-length": str(size)}  # S3 takes no chunked body
    try:
        response = http.put(address["url"], content=_chunks(contents.path(name), sent), headers=headers)
    except (httpx.HTTPError, OSError) as fault:
        raise NotUploaded(contents.model, name, network_words(fault)) from None
    if not response.is_success:
        raise NotUploaded(contents.model, name, _reason(response))


def _chunks(path: Path, sent: Sent) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
            sent(len(chunk))


def _reason(response: httpx.Response) -> str:
    """What S3 says, which is XML."""
    told = re.findall(r"<(?:Code|Message)>([^<]*)</", response.text)
    return f"{': '.join(told) or response.reason_phrase} [{response.status_code}]"
