"""Pictures of every kind, and what only claims to be one."""

import base64
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.core.errors import InvalidInput
from functions.core.package import open_package
from functions.core.predictor import Predictor
from functions.core.settings import Settings

SAMPLE = Path(__file__).resolve().parents[2] / "model_artifacts" / "digits-cnn" / "sample.png"


@pytest.fixture(scope="module")
def digits(packages: Path) -> Predictor:
    return Predictor(open_package(str(packages / "digits-cnn"), 0), Settings())


def drawn(digit: str, size: int = 280) -> Image.Image:
    """Black ink on white paper."""
    picture = Image.new("L", (size, size), 255)
    font = ImageFont.load_default(size * 0.8)
    ImageDraw.Draw(picture).text((size / 2, size / 2), digit, fill=0, font=font, anchor="mm")
    return picture


def instance(content: bytes) -> dict[str, object]:
    return {"image": {"b64": base64.b64encode(content).decode()}}


def encoded(picture: Image.Image, kind: str, **options: object) -> dict[str, object]:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return instance(buffer.getvalue())


def label(digits: Predictor, *instances: object) -> list[str]:
    return [prediction["label"] for prediction in digits.predict(list(instances))]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_drawn_digit_is_read_from_every_format(digits: Predictor, kind: str) -> None:
    found = label(digits, *(encoded(drawn(digit), kind) for digit in "0123456789"))
    assert sum(got == want for got, want in zip(found, "0123456789", strict=True)) >= 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_picture_is_read(digits: Predictor, mode: str) -> None:
    assert label(digits, encoded(drawn("0").convert(mode), "PNG")) == label(digits, encoded(drawn("0"), "PNG"))


def test_a_picture_that_says_it_lies_on_its_side_is_put_upright(digits: Predictor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90 degrees clockwise to see it upright
    lying = drawn("7").rotate(90)
    upright = encoded(drawn("7"), "PNG")
    assert digits.predict([encoded(lying, "PNG", exif=exif)]) == digits.predict([upright])


def test_ink_on_a_transparent_canvas_is_ink_on_paper(digits: Predictor) -> None:
    canvas = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    canvas.paste("black", mask=drawn("5").point(lambda value: 255 - value))
    assert label(digits, encoded(canvas, "PNG")) == label(digits, encoded(drawn("5"), "PNG")) == ["5"]


def test_light_on_dark_and_dark_on_light_are_the_same(digits: Predictor) -> None:
    inverted = drawn("3").point(lambda value: 255 - value)
    first, second = digits.predict([encoded(drawn("3"), "PNG"), encoded(inverted, "PNG")])
    assert first["label"] == second["label"]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (8, 8), (5000, 3)])
def test_a_picture_of_any_size_is_answered(digits: Predictor, size: tuple[int, int]) -> None:
    assert len(digits.predict([encoded(Image.new("L", size, 255), "PNG")])) == 1


def test_an_array_and_the_picture_of_its_pixels_are_the_same(digits: Predictor) -> None:
    pixels = [[(row * 8 + column) * 4 if 2 < column < 6 else 0 for column in range(8)] for row in range(8)]
    picture = Image.new("L", (8, 8))
    picture.putdata([value for row in pixels for value in row])
    first, second, third = digits.predict([pixels, {"image": pixels}, encoded(picture, "PNG")])
    assert first == second == third


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and has next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"image": {"b64": "not base64!"}}, "base64 of a PNG, JPEG, WEBP picture"),
        (instance(b""), "base64 of a PNG, JPEG, WEBP picture"),
        (instance(b"GIF89a" + bytes(50)), "base64 of a PNG, JPEG, WEBP picture"),
        (instance(SAMPLE.read_bytes()[:-40]), "a complete picture"),
        (instance(png_header(50_000, 50_000)), "a picture of at most 25000000 pixels - got 50000 x 50000"),
        ({"image": 5}, 'an object {"b64": "<base64 of a picture>"} or an array of pixels'),
        ({"b64": 5}, 'an object {"b64": "<base64 of a picture>"} or an array of pixels'),
        ([[0] * 8] * 7, "pixels of shape [8, 8] - got shape [7, 8]"),
        ([[0] * 8] * 7 + [[0] * 7], "pixels of shape [8, 8] - got shape"),
        ([[0] * 8] * 7 + [[0] * 7 + [256]], "a number from 0 to 255 - got 256 - at `instances[1][7][7]`"),
        ([[0] * 8] * 7 + [[0] * 7 + ["a"]], "a number from 0 to 255 - got 'a' - at `instances[1][7][7]`"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(digits: Predictor, bad: object, message: str) -> None:
    good = instance(SAMPLE.read_bytes())
    with pytest.raises(InvalidInput) as refused:
        digits.predict([good, bad])
    assert message in str(refused.value)
    assert "`instances[1]" in str(refused.value)
