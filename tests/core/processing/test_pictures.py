"""Decoding: files of every kind, and files that only claim to be pictures."""

import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.core.errors import InvalidInput
from functions.core.processing.inputs.image import Image as Preprocess
from tests.conftest import ROOT
from tests.core.processing.drawings import (
    GREY,
    RGB,
    chunk,
    encoded,
    file,
    gradient,
    instance,
    png,
    preprocessing,
    tensor,
)

WIDTH, HEIGHT = 6, 4
PIXELS = f"size = [{HEIGHT}, {WIDTH}]\nscale = 1"


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Preprocess:
    return preprocessing(tmp_path_factory.mktemp("grey"), f'{PIXELS}\nmode = "L"', (1, HEIGHT, WIDTH))


@pytest.fixture(scope="module")
def colour(tmp_path_factory: pytest.TempPathFactory) -> Preprocess:
    return preprocessing(tmp_path_factory.mktemp("colour"), PIXELS, (3, HEIGHT, WIDTH))


def levels(preprocess: Preprocess, content: bytes) -> Any:
    """The pixels of one picture, [height, width] or [height, width, 3]."""
    return tensor(preprocess, instance(content))[0].transpose(1, 2, 0).squeeze()


TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a picture lies in a file that declares an orientation: what undoes it is the way back."""


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_says_how_it_was_held_is_put_upright(colour: Preprocess, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright, turn = gradient(64, 48), TURNS[orientation]
    lying = upright if turn is None else upright.transpose(turn)
    assert np.abs(levels(colour, file(lying, kind, exif=exif)) - levels(colour, file(upright, kind))).max() <= 6


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_there_is_not_changes_nothing(colour: Preprocess, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(levels(colour, file(gradient(6, 4), exif=exif)), np.asarray(gradient(6, 4)))


def test_what_is_transparent_is_white(colour: Preprocess, grey: Preprocess) -> None:
    mask = np.zeros((4, 6), bool)
    mask[1:3, 2:5] = True
    picture = gradient(6, 4).convert("RGBA")
    picture.putalpha(Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)))
    expected = np.where(mask[..., None], np.asarray(gradient(6, 4)), 255)
    np.testing.assert_array_equal(levels(colour, file(picture)), expected)
    np.testing.assert_array_equal(levels(colour, file(picture, "WEBP", lossless=True)), expected)
    black = Image.merge("LA", [Image.new("L", (6, 4), 0), picture.getchannel("A")])
    np.testing.assert_array_equal(levels(grey, file(black)), np.where(mask, 0, 255))


def test_a_palette_and_its_transparent_entry_are_shown(colour: Preprocess) -> None:
    picture = Image.new("P", (6, 4), 1)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.paste(0, (0, 0, 3, 4))
    opaque, clear = levels(colour, file(picture)), levels(colour, file(picture, transparency=0))
    assert opaque[0, 0].tolist() == [10, 20, 30]
    assert clear[0, 0].tolist() == [255, 255, 255]
    assert opaque[0, 5].tolist() == clear[0, 5].tolist() == [200, 100, 50]


def test_pictures_of_16_bits_keep_their_greys(grey: Preprocess, colour: Preprocess) -> None:
    wide = (np.arange(24, dtype=np.uint16) * 2849).reshape(4, 6)
    np.testing.assert_array_equal(levels(grey, file(Image.fromarray(wide))), wide >> 8)
    np.testing.assert_array_equal(levels(colour, file(Image.fromarray(wide)))[..., 1], wide >> 8)
    clear = levels(grey, file(Image.fromarray(wide), transparency=0))
    assert (clear[0, 0], clear[0, 1]) == (255, 2849 >> 8)
    rows = b"".join(b"\0" + np.dstack([row, row[::-1], row]).astype(">u2").tobytes() for row in wide)
    np.testing.assert_array_equal(
        levels(colour, png(6, 4, rows, depth=16, colour=RGB)), np.dstack([wide, wide[:, ::-1], wide]) >> 8
    )


def test_a_picture_for_print_is_read_in_its_colours(colour: Preprocess) -> None:
    inks = Image.new("CMYK", (60, 40), (0, 255, 255, 0))
    assert levels(colour, file(inks, "JPEG", quality=95))[1, 1] == pytest.approx([255, 0, 0], abs=6)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_of_an_animation_the_first_frame_counts(colour: Preprocess, kind: str, options: dict[str, Any]) -> None:
    frames = [gradient(6, 4), Image.new("RGB", (6, 4), "blue")]
    content = file(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    np.testing.assert_array_equal(levels(colour, content), np.asarray(frames[0]))


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {})]
)
def test_half_a_file_is_refused(colour: Preprocess, kind: str, options: dict[str, Any]) -> None:
    content = file(Image.effect_noise((64, 64), 80).convert("RGB"), kind, **options)
    with pytest.raises(InvalidInput, match=r"at `instances\[0\].image.b64`"):
        levels(colour, content[: len(content) // 2])


def huge_jpeg() -> bytes:
    """A JPEG whose header says 50,000 x 50,000."""
    content = bytearray(file(gradient(16, 16), "JPEG"))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = (50_000).to_bytes(2, "big") * 2
    return bytes(content)


def huge_webp() -> bytes:
    """An animation of small frames on a canvas that it says is 16,384 x 16,384."""
    frames = [gradient(16, 16), Image.new("RGB", (16, 16), "blue")]
    content = bytearray(file(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    content[24:30] = (16_383).to_bytes(3, "little") * 2
    return bytes(content)


@pytest.mark.parametrize("content", [png(50_000, 50_000, b"\0"), huge_jpeg(), huge_webp()], ids=["png", "jpeg", "webp"])
def test_a_picture_that_says_it_is_huge_is_refused_by_its_header(colour: Preprocess, content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"at most 25000000 pixels - got (50000 x 50000|16384 x 16384)"):
        levels(colour, content)


def test_a_text_that_inflates_is_refused(grey: Preprocess) -> None:
    inflates = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    with pytest.raises(InvalidInput, match="base64 of a PNG, JPEG, WEBP picture"):
        levels(grey, png(6, 4, (b"\0" + bytes(6)) * 4, colour=GREY, extra=inflates))


STRIPS = """
import resource
from pathlib import Path
from PIL import Image
from tests.core.processing.drawings import encoded, preprocessing, tensor

strips = [encoded(Image.new("L", size, 255)) for size in ((1, 20_000), (20_000, 1), (400, 20_000))]
line = Image.new("L", (2, 20_000), 255)
line.paste(0, (0, 50, 1, 19_000))
strips.append(encoded(line))
for number, fields in enumerate({fields!r}):
    folder = Path({folder!r}) / str(number)
    preprocess = preprocessing(folder, "size = [224, 224]\\n" + fields, (3, 224, 224))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for strip in strips:
        assert tensor(preprocess, strip).shape == (1, 3, 224, 224)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_strip_costs_no_more_memory_than_its_pixels(tmp_path: Path) -> None:
    fields = [
        "", 'resize = "cover"', 'resize = "cover"\ncrop = 0.875', 'resize = "contain"',
        'background = "dark"\ntrim = true', 'background = "dark"\ntrim = true\nmargin = 1.0\nresize = "cover"',
    ]  # fmt: skip
    code = STRIPS.format(fields=fields, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    grown = [int(kilobytes) for kilobytes in done.stdout.split()]
    assert len(grown) == len(fields)
    assert max(grown) < 250_000  # 25 million pixels of three bytes, twice, are 150 MB


SEEDS = (
    file(gradient(20, 10)),
    file(gradient(20, 10).convert("P"), transparency=3),
    file(gradient(20, 10), "JPEG", exif=bytes.fromhex("45786966000049492a00080000000100120103000100000006000000")),
    file(gradient(20, 10).convert("CMYK"), "JPEG", progressive=True),
    file(gradient(20, 10).convert("RGBA"), "WEBP"),
)


@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=9), st.integers(0)
)
def test_a_damaged_file_is_read_or_refused_in_words(
    colour: Preprocess, seed: bytes, damage: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(seed)
    for at, value in damage:
        content[at % len(content)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF, which a picture does without
        try:
            found = tensor(colour, instance(bytes(content[: cut or None])))
        except InvalidInput:
            return
    assert found.shape == (1, 3, HEIGHT, WIDTH)


def test_what_a_request_has_is_what_the_file_has(colour: Preprocess) -> None:
    np.testing.assert_array_equal(tensor(colour, encoded(gradient(6, 4)))[0].transpose(1, 2, 0), gradient(6, 4))
