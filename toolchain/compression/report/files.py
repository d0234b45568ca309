"""The files that a compression leaves in a model's folder: all of them or none, and never the original."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from functions.core.errors import OrtlessError
from functions.packaging import compressed
from toolchain.compression.report import card, document, page

CARD = "CARD.md"


class Unwritable(OrtlessError):
    """A folder takes no file, or has no room for it."""

    code = "unwritable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"Nothing can be written into {folder}: {reason}")


class Damaged(OrtlessError):
    """There is no report, or it is none, or one of another model."""

    code = "no_report"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder} has no {compressed.REPORT} that can be used: {reason}\nhint: run `ortless compress`"
        )


class Made(NamedTuple):
    """What ships: the graph's content, and the golden requests with its answers, if there are any."""

    model: bytes
    golden: bytes | None


def check_writable(folder: Path) -> None:
    """Find out before hours of search. Raises Unwritable."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as fault:
        raise Unwritable(folder, fault.strerror or str(fault)) from None


def write(folder: Path, report: dict[str, Any], made: Made | None, originals: Mapping[str, bytes]) -> None:
    """Write what ships, its report and its page, and the section of the card.

    Args:
        folder: the model's.
        report: gets the digests of the files; None for what could not be measured.
        made: what ships in the place of the original; None where the original does.
        originals: what was judged, by file. Their digests are recorded rather than those of the files as they are by
            now, as a search takes long: of another original what was made is stale.

    Raises:
        Unwritable: nothing was changed.
    """
    contents: dict[str, bytes] = {}
    if made is not None:
        contents[compressed.FILE] = made.model
        if made.golden is not None:
            contents[compressed.GOLDEN] = made.golden
    report["files"] = document.records({**originals, **contents})
    stale = [name for name in (compressed.FILE, compressed.GOLDEN) if name not in contents]
    _replace(folder, {**contents, **_papers(folder, report)}, stale)


def record(folder: Path, report: dict[str, Any]) -> None:
    """Write a report anew, with its page and card. Raises Unwritable."""
    _replace(folder, _papers(folder, report), [])


def read(folder: Path) -> dict[str, Any]:
    """The report of a folder. Raises Damaged where there is none."""
    try:
        report = orjson.loads((folder / compressed.REPORT).read_bytes())
    except OSError as fault:
        raise Damaged(folder, fault.strerror or str(fault)) from None
    except orjson.JSONDecodeError as fault:
        raise Damaged(folder, str(fault)) from None
    if not isinstance(report, dict) or report.get("format") != document.FORMAT:
        raise Damaged(folder, "it is of another format")
    return report


def page_of(folder: Path) -> Path:
    """Where the page is; it is made anew where it is not. Raises Damaged or Unwritable."""
    path = folder / compressed.PAGE
    if not path.is_file():
        _replace(folder, {compressed.PAGE: page.render(read(folder)).encode()}, [])
    return path


def _papers(folder: Path, report: dict[str, Any]) -> dict[str, bytes]:
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY)
    shown = orjson.loads(text)  # as anybody else reads it: what is not a number is null
    path = folder / CARD
    before = path.read_text("utf-8") if path.is_file() else f"# {report['title'] or report['model']}\n"
    return {
        compressed.REPORT: text,
        compressed.PAGE: page.render(shown).encode(),
        CARD: card.with_section(before, shown).encode(),
    }


def _replace(folder: Path, contents: Mapping[str, bytes], stale: list[str]) -> None:
    """Every file under another name first: a disk that fills up is found while nothing is lost."""
    partial = {name: folder / f".{name}.partial-{os.getpid()}" for name in contents}
    try:
        for name, content in contents.items():
            partial[name].write_bytes(content)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in contents:
            partial[name].replace(folder / name)
    except OSError as fault:
        raise Unwritable(folder, fault.strerror or str(fault)) from None
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
