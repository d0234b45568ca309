"""Archives of pictures: a file in a .zip is a row, and its name is the row's id. Nothing is ever unpacked to a disk."""

import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece, Refusal, Window
from functions.batch.sources.limits import MAX_DIRECTORY, MAX_ENTRIES, MAX_PICTURE, RATIO, RATIO_FROM, READ_AHEAD
from functions.batch.sources.opening import Opening
from functions.batch.sources.view import View

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
"""What PNG, JPEG and WebP begin with."""
END = b"PK\x05\x06"
END_64 = b"PK\x06\x06"
LARGE = 0xFFFFFFFF
"""Says that a size stands in the record of 64 bits before the end."""
END_BYTES = 76 + 22 + (1 << 16)
"""Of the record at the end of an archive, with a comment of any length."""
ENCRYPTED = 1
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
"""What the module raises on members that are damaged or packed in a way that it does not know."""


class Images:
    """Files of pictures."""

    def head(self, opening: Opening) -> int:  # noqa: ARG002 - other formats look at it
        """None: what a piece needs is at the file's end."""
        return 0

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """Pieces in entries."""
        with _opened(opening) as archive:
            entries = _entries(archive)
            _check(entries, opening, aim)
            index = start = size = 0
            for at, entry in enumerate(entries):
                size += entry.compress_size
                if size >= aim.piece_bytes or at + 1 - start >= aim.piece_rows or at + 1 == len(entries):
                    yield Piece(index, start, at + 1, start, rows=at + 1 - start)
                    index, start, size = index + 1, at + 1, 0

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """Instances as real time takes them."""
        if "image" not in view.schema.get("properties", ()):
            raise FileRefused("Expected a file of rows, as the model takes no pictures - got a .zip")
        if view.carry:
            raise FileRefused(f"Expected no columns to carry, as pictures have none - got {', '.join(view.carry)}")
        pictures: list[tuple[int, str, bytes]] = []
        refused: list[Refusal] = []
        held = 0
        with _opened(opening) as archive:
            for number, entry in enumerate(_entries(archive)[piece.start : piece.end], piece.row):
                content = _content(archive, entry)
                if isinstance(content, bytes):
                    pictures.append((number, entry.filename, content))
                    held += len(content)
                else:
                    refused.append(Refusal(number, content, id=entry.filename))
                if len(pictures) + len(refused) == view.window or held >= READ_AHEAD:
                    yield _window(pictures, refused)
                    pictures, refused, held = [], [], 0
        if pictures or refused:
            yield _window(pictures, refused)


def _window(pictures: list[tuple[int, str, bytes]], refused: list[Refusal]) -> Window:
    instances = [{"image": {"b64": b64encode(content).decode()}} for _, _, content in pictures]
    names = {"id": [name for _, name, _ in pictures]}
    return Window([number for number, _, _ in pictures], instances, carried=names, refused=refused)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    """A picture's bytes, or why there are none."""
    if entry.flag_bits & ENCRYPTED:
        return "Expected a picture that can be read - got one that is encrypted"
    if entry.file_size > MAX_PICTURE:
        return f"Expected a picture of at most {MAX_PICTURE} bytes - got {entry.file_size}"
    try:
        with archive.open(entry) as file:
            content = file.read(MAX_PICTURE + 1)
    except FAULTS as fault:
        return f"Expected a picture that can be read - got a damaged one: {fault}"
    if len(content) != entry.file_size:
        return f"Expected {entry.file_size} bytes, as the archive says - got {len(content)}"
    if not content.startswith(SIGNATURES):
        return f"Expected a PNG, JPEG or WebP picture - got {content[:8]!r}"
    return content


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Its files, in the archive's own order, but for those that systems leave in it."""
    return [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


@contextmanager
def _opened(opening: Opening) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises FileRefused where it is none, or its list of files is too long to be held."""
    start = max(0, opening.size - END_BYTES)
    tail = opening.read(start, opening.size)
    at = tail.rfind(END)
    if at < 0:
        raise FileRefused("The file is no .zip, or not all of it" if opening.size else "The file is empty")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if size == LARGE:
        record = tail.rfind(END_64, 0, at)
        size = int.from_bytes(tail[record + 40 : record + 48], "little") if record >= 0 else size
    if size > MAX_DIRECTORY:
        raise FileRefused(f"Expected at most {MAX_ENTRIES} files in the archive - got more")
    try:
        with zipfile.ZipFile(opening.file()) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError) as fault:
        raise FileRefused(f"The file cannot be read as .zip: {fault}") from None


def _check(entries: list[zipfile.ZipInfo], opening: Opening, aim: Aim) -> None:
    if not entries:
        raise FileRefused("The archive has no files: it has no rows")
    most = min(MAX_ENTRIES, aim.max_rows)
    if len(entries) > most:
        raise FileRefused(f"Expected at most {most} files in the archive - got {len(entries)}")
    whole = sum(entry.file_size for entry in entries)
    if whole > RATIO_FROM and whole > RATIO * opening.size:
        raise FileRefused(f"The archive grows {whole // opening.size} times when read, as no pictures do")
