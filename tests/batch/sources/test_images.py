"""Archives of pictures."""

import io
import zipfile
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image as Picture

from functions.batch.errors import FileRefused
from functions.batch.rows import Aim, Piece
from functions.batch.sources.images import Images
from functions.batch.sources.view import View
from tests.batch.sources.reading import PEOPLE, WHOLE, file, read

PICTURES = View({"type": "object", "required": ["image"], "properties": {"image": {}}}, window=2)


def picture(level: int, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Picture.new("RGB", (4, 4), (level, 0, 0)).save(content, kind)
    return content.getvalue()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        for name, body in members.items():
            file.writestr(name, body)
    return content.getvalue()


MEMBERS = {
    f"{name}": picture(at * 9) for at, name in enumerate(["a.png", "b c.png", "deep/größe.png", "../up.png", "e"])
}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_each_picture_is_a_row_with_its_name_for_id(tmp_path: Path, method: int) -> None:
    found = read("zip", file(tmp_path, archive(MEMBERS, method)), PICTURES, Aim(1 << 20, 2, 10))
    assert [b64decode(row["image"]["b64"]) for row in found.instances] == list(MEMBERS.values())
    assert (found.carried, found.numbers, found.refused) == ({"id": list(MEMBERS)}, [0, 1, 2, 3, 4], [])
    assert found.pieces == [Piece(0, 0, 2, 0, rows=2), Piece(1, 2, 4, 2, rows=2), Piece(2, 4, 5, 4, rows=1)]


def test_folders_and_what_systems_leave_are_no_rows(tmp_path: Path) -> None:
    members = {"x/": b"", "__MACOSX/x/._a.png": b"?", "x/.DS_Store": b"?", ".hidden": b"?", "x/a.png": picture(1)}
    assert read("zip", file(tmp_path, archive(members)), PICTURES).carried == {"id": ["x/a.png"]}


def test_what_is_no_picture_is_refused_by_name_and_the_others_are_read(tmp_path: Path) -> None:
    members = {
        "notes.txt": b"hello you",
        "a.jpg": picture(3, "JPEG"),
        "nested.zip": archive({"a.png": picture(1)}),
        "empty.png": b"",
        "large.png": picture(2) + b"\0" * (10 << 20),
        "b.webp": picture(4, "WEBP"),
    }
    found = read("zip", file(tmp_path, archive(members, zipfile.ZIP_STORED)), PICTURES)
    assert (found.carried, found.numbers) == ({"id": ["a.jpg", "b.webp"]}, [1, 5])
    assert [(refusal.row, refusal.id, refusal.reason) for refusal in found.refused] == [
        (0, "notes.txt", "Expected a PNG, JPEG or WebP picture - got b'hello yo'"),
        (2, "nested.zip", "Expected a PNG, JPEG or WebP picture - got b'PK\\x03\\x04\\x14\\x00\\x00\\x00'"),
        (3, "empty.png", "Expected a PNG, JPEG or WebP picture - got b''"),
        (4, "large.png", f"Expected a picture of at most {10 << 20} bytes - got {len(members['large.png'])}"),
    ]


def test_encrypted_damaged_and_lying_members_are_refused_rows(tmp_path: Path) -> None:
    content = archive({"a.png": picture(1), "b.png": picture(2), "c.png": picture(3), "d.png": picture(4)})
    central = [at for at in range(len(content)) if content.startswith(b"PK\x01\x02", at)]
    broken = bytearray(content)
    broken[central[0] + 8] |= 1
    broken[content.index(b"PK\x03\x04") + 6] |= 1
    broken[central[1] + 16] ^= 255  # the checksum
    broken[central[2] + 24 : central[2] + 28] = (9).to_bytes(4, "little")
    found = read("zip", file(tmp_path, bytes(broken)), PICTURES)
    assert (found.carried, [refusal.id for refusal in found.refused]) == (
        {"id": ["d.png"]},
        ["a.png", "b.png", "c.png"],
    )
    assert found.refused[0].reason == "Expected a picture that can be read - got one that is encrypted"


def sized(content: bytes, size: int) -> bytes:
    """The archive with another size of its list of files."""
    at = content.rindex(b"PK\x05\x06")
    return content[: at + 12] + size.to_bytes(4, "little") + content[at + 16 :]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG" * 50, "The file is no .zip, or not all of it"),
        (archive(MEMBERS)[:-30], "The file is no .zip, or not all of it"),
        (archive({}), "The archive has no files: it has no rows"),
        (archive({"__MACOSX/a": b""}), "The archive has no files: it has no rows"),
        (archive({f"{at}": b"" for at in range(11)}), "Expected at most 10 files in the archive - got 11"),
        (archive({f"{at}": b"\0" * (9 << 20) for at in range(3)}), "The archive grows "),
        (sized(archive(MEMBERS), 1 << 30), "Expected at most 100000 files in the archive - got more"),
        (sized(archive(MEMBERS), 1 << 20), "The file cannot be read as .zip: "),
    ],
)
def test_a_file_that_is_no_archive_of_pictures_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read("zip", file(tmp_path, content), PICTURES, Aim(1 << 20, 5, 10))
    assert str(refusal.value).startswith(reason)


def test_pictures_are_refused_where_the_model_takes_none_or_columns_are_wanted(tmp_path: Path) -> None:
    opening = file(tmp_path, archive(MEMBERS))
    (piece,) = Images().plan(opening, WHOLE)
    with pytest.raises(FileRefused, match="Expected a file of rows, as the model takes no pictures"):
        next(Images().read(opening, piece, View(PEOPLE)))
    with pytest.raises(FileRefused, match="Expected no columns to carry, as pictures have none - got team"):
        next(Images().read(opening, piece, PICTURES._replace(carry=("team",))))
