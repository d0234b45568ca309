"""A file that is to be answered: checked here, then sent to where the API says, in bounded memory."""

import io
import os
import re
import time
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from toolchain.admin_client import PASSING, network_words
from toolchain.jobs.errors import FileNotUploaded, UnusableFile

FORMATS = ("jsonl", "csv", "parquet", "npy", "zip")
COMPRESSED = ("gz", "zst")
COMPRESSIBLE = ("jsonl", "csv", "npy")
"""Formats that may have one of these endings, too."""
LARGEST = 5 * 1024**3
"""Bytes that S3 takes in one request."""
WAIT = httpx.Timeout(60.0, read=300.0)
"""To write a chunk; and for S3's answer, which comes once it has put all of the file away."""
PAUSES = (1.0, 3.0)
"""Seconds before the file is sent again; a job is begun once however often its file comes."""
Sent = Callable[[int], None]
"""Told how many bytes of the file are sent, from its beginning."""
Told = Callable[[str], None]
"""Told what a person wants to know meanwhile."""


class Name(NamedTuple):
    """A file's name, taken apart."""

    stem: str
    format: str
    compression: str
    """gz, zst, or nothing."""


def name_of(file: str) -> Name | None:
    """What a file's name says; None where its ending is none that is read."""
    stem, _, ending = file.rpartition(".")
    compression = ending.lower() if ending.lower() in COMPRESSED else ""
    if compression:
        stem, _, ending = stem.rpartition(".")
    kind = ending.lower()
    if not stem or kind not in (COMPRESSIBLE if compression else FORMATS):
        return None
    return Name(stem, kind, compression)


def check(path: Path) -> Name:
    """Look at a file before anything is made for it.

    Raises:
        UnusableFile: it is not there, not to be read, empty, too large, or of no format that is read.
    """
    if not path.is_file():
        raise UnusableFile("a file", f"{str(path)!r}, which is none")
    name = name_of(path.name)
    if name is None:
        plain = ", ".join(f".{each}" for each in FORMATS)
        also = ", ".join(f".{each}" for each in COMPRESSIBLE)
        raise UnusableFile(f"a name that ends in {plain}, or {also} with .gz or .zst", repr(path.name))
    if not os.access(path, os.R_OK):
        raise UnusableFile("a file that you may read", repr(str(path)))
    size = path.stat().st_size
    if not size:
        raise UnusableFile("a file with rows", f"{str(path)!r}, which is empty")
    if size > LARGEST:
        hint = "copy it into the input bucket: aws s3 cp FILE s3://<InputBucket>/<model>/"
        raise UnusableFile(f"a file of at most {LARGEST:,} bytes, which is what S3 takes at once", f"{size:,}", hint)
    return name


def send(path: Path, upload: dict[str, Any], sent: Sent, told: Told, pauses: Sequence[float] = PAUSES) -> None:
    """Send a file by the form that the API has signed: its fields, then the file.

    Args:
        upload: the address and the fields.
        pauses: seconds before each further try, where the network fails or S3 is busy.

    Raises:
        FileNotUploaded: it did not arrive.
    """
    with httpx.Client(timeout=WAIT, follow_redirects=True) as http:
        for attempt, pause in enumerate(pauses, 1):
            reason = _post(http, path, upload, sent)
            if reason is None:
                return
            told(f"{path.name} did not get through: {reason}; it is sent again ({attempt} of {len(pauses)})")
            time.sleep(pause)
        if reason := _post(http, path, upload, sent):
            raise FileNotUploaded(path.name, reason)


def _post(http: httpx.Client, path: Path, upload: dict[str, Any], sent: Sent) -> str | None:
    """Send it once: None where it arrived, the reason where it may arrive another time."""
    try:
        with _Counted(path, sent) as file:
            form = {"file": ("file", file, "application/octet-stream")}
            response = http.post(upload["url"], data=upload["fields"], files=form)
    except httpx.HTTPError as fault:
        return network_words(fault)
    except OSError as fault:
        raise FileNotUploaded(path.name, fault.strerror or str(fault)) from None
    if response.is_success:
        return None
    code, words = _told(response)
    if response.status_code in (*PASSING, 500):
        return words
    raise FileNotUploaded(path.name, words, _hint(code, words))


class _Counted(io.FileIO):
    """A file that tells how far it is read; from the beginning again where the form is sent to another address."""

    def __init__(self, path: Path, sent: Sent) -> None:
        super().__init__(path)
        self._name, self._size, self._sent = path.name, path.stat().st_size, sent

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes. Raises FileNotUploaded where there are more of them, or fewer, than the form has said."""
        content = super().read(size)
        at = self.tell()
        if at > self._size or (at < self._size and not content):
            raise FileNotUploaded(self._name, "it changed while it was sent")
        self._sent(at)
        return content


def _told(response: httpx.Response) -> tuple[str, str]:
    """The code of S3's answer, which is XML, and all that it says."""
    found = dict(re.findall(r"<(Code|Message)>([^<]*)</", response.text[:10_000]))
    words = ": ".join(unescape(found[name]) for name in ("Code", "Message") if found.get(name))
    return found.get("Code", ""), f"{words or response.reason_phrase} [{response.status_code}]"


def _hint(code: str, words: str) -> str:
    if code in ("EntityTooLarge", "EntityTooSmall"):
        return "the file is not of the size that it had when the job was made: send it when nobody writes to it"
    if "expired" in words.lower():
        return "the address held for an hour: begin again, or copy a file that takes longer with `aws s3 cp`"
    if code in ("AccessDenied", "RequestTimeTooSkewed", "SignatureDoesNotMatch"):
        return "begin again; if it stays so, an operator finds the reason in the input bucket's policy"
    return ""
