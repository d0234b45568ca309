"""From pixels to the tensor that a model declares, and pictures as a model of digits sees them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.packaging.build import MODELS, build
from tests.conftest import ROOT
from tests.core.processing.drawings import drawn, encoded, gradient, instance, png, preprocessing, tensor

SAMPLE = ROOT / MODELS / "digits-cnn" / "sample.png"
SMALL = "size = [4, 6]"
NCHW, NHWC = (3, 4, 6), (4, 6, 3)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder = ROOT / MODELS / "digits-cnn"
    return Predictor(build(folder, tmp_path_factory.mktemp("digits")), Settings())


def label(digits: Predictor, *instances: object) -> list[str]:
    return [prediction["label"] for prediction in digits.predict(list(instances))]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_drawn_digit_is_read_from_every_format(digits: Predictor, kind: str) -> None:
    assert label(digits, *(encoded(drawn(digit), kind) for digit in "0123456789")) == list("0123456789")


def test_a_digit_is_read_wherever_it_is_drawn_and_however_small(digits: Predictor) -> None:
    places = [(0.2, 0.25), (0.8, 0.3), (0.5, 0.5), (0.75, 0.8)]
    found = label(digits, *(encoded(drawn(digit, at=at, height=0.3)) for at in places for digit in "0123456789"))
    assert found == list("0123456789") * 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_picture_is_read(digits: Predictor, mode: str) -> None:
    assert label(digits, encoded(drawn("0").convert(mode))) == ["0"]


def test_ink_on_a_transparent_canvas_is_ink_on_paper(digits: Predictor) -> None:
    canvas = Image.new("RGBA", (280, 280), (0, 0, 0, 0))
    canvas.paste("black", mask=drawn("5").point(lambda value: 255 - value))
    assert digits.predict([encoded(canvas)]) == digits.predict([encoded(drawn("5"))])


def test_light_on_dark_and_dark_on_light_are_the_same(digits: Predictor) -> None:
    inverted = drawn("3").point(lambda value: 255 - value)
    first, second = digits.predict([encoded(drawn("3")), encoded(inverted)])
    assert first == second


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (8, 8), (5000, 3)])
def test_a_picture_of_any_size_is_answered(digits: Predictor, size: tuple[int, int]) -> None:
    assert len(digits.predict([encoded(Image.new("L", size, 255))])) == 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"image": {"b64": "not base64!"}}, "base64 of a PNG, JPEG, WEBP picture"),
        (instance(b""), "base64 of a PNG, JPEG, WEBP picture"),
        (instance(b"GIF89a" + bytes(50)), "base64 of a PNG, JPEG, WEBP picture"),
        (instance(SAMPLE.read_bytes()[:-40]), "a complete picture"),
        (instance(png(50_000, 50_000, b"\0")), "a picture of at most 25000000 pixels - got 50000 x 50000"),
        ({"image": 5}, 'an object {"b64": "<base64 of a picture>"} or an array of pixels'),
        ({"b64": 5}, 'an object {"b64": "<base64 of a picture>"} or an array of pixels'),
        ([[0] * 8] * 7, "pixels of shape [8, 8] - got shape [7, 8]"),
        ([[0] * 8] * 7 + [[0] * 7], "pixels of shape [8, 8] - got shape"),
        ([[0] * 8] * 7 + [[0] * 7 + [256]], "a number from 0 to 255 - got 256 - at `instances[1][7][7]`"),
        ([[0] * 8] * 7 + [[0] * 7 + [-0.1]], "a number from 0 to 255 - got -0.1 - at `instances[1][7][7]`"),
        ([[0] * 8] * 7 + [[0] * 7 + ["a"]], "a number from 0 to 255 - got 'a' - at `instances[1][7][7]`"),
        ([[0] * 8] * 7 + [[0] * 7 + [True]], "a number from 0 to 255 - got True - at `instances[1][7][7]`"),
        ([[0] * 8] * 7 + [[0] * 7 + [None]], "a number from 0 to 255 - got None - at `instances[1][7][7]`"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(digits: Predictor, bad: object, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        digits.predict([instance(SAMPLE.read_bytes()), bad])
    assert message in str(refused.value)
    assert "`instances[1]" in str(refused.value)


def test_an_array_and_the_picture_of_its_pixels_are_the_same(tmp_path: Path) -> None:
    pixels = np.asarray(gradient(6, 4)).tolist()
    bare, named, picture = tensor(
        preprocessing(tmp_path, SMALL, NCHW), pixels, {"image": pixels}, encoded(gradient(6, 4))
    )
    np.testing.assert_array_equal(bare, named)
    np.testing.assert_array_equal(bare, picture)


@pytest.mark.parametrize(
    ("fields", "shape", "element", "axes"),
    [
        ("", NCHW, TensorProto.FLOAT, "chw"),
        ('layout = "nhwc"', NHWC, TensorProto.FLOAT, "hwc"),
        ('channels = "bgr"', NCHW, TensorProto.FLOAT16, "chw"),
        ('layout = "nhwc"\nchannels = "bgr"', NHWC, TensorProto.FLOAT, "hwc"),
    ],
)
def test_pixels_are_scaled_in_the_declared_order(
    tmp_path: Path, fields: str, shape: tuple[int, ...], element: int, axes: str
) -> None:
    fields = f"{SMALL}\nscale = 0.0078125\nmean = [0.5, 0.25, 1]\nstd = [0.5, 2, 0.25]\n{fields}"
    found = tensor(preprocessing(tmp_path, fields, shape, element), encoded(gradient(6, 4)))
    pixels = np.asarray(gradient(6, 4), np.float64)[:, :, :: -1 if "bgr" in fields else 1]
    expected = (pixels / 128 - [0.5, 0.25, 1]) / [0.5, 2, 0.25]
    if axes == "chw":
        expected = expected.transpose(2, 0, 1)
    assert found.dtype == (np.float16 if element == TensorProto.FLOAT16 else np.float32)
    np.testing.assert_allclose(found[0], expected, rtol=1e-3 if element == TensorProto.FLOAT16 else 1e-6, atol=1e-6)


@pytest.mark.parametrize(("layout", "shape"), [("nchw", (1, 4, 6)), ("nhwc", (4, 6, 1))])
def test_bytes_get_the_pixels_as_they_are(tmp_path: Path, layout: str, shape: tuple[int, ...]) -> None:
    fields = f'{SMALL}\nmode = "L"\nlayout = "{layout}"'
    grey = gradient(6, 4).convert("L")
    preprocess = preprocessing(tmp_path, fields, shape, TensorProto.UINT8)
    found = tensor(preprocess, encoded(grey), np.asarray(grey).tolist())
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.asarray(grey).reshape(1, *shape).repeat(2, axis=0))
    with pytest.raises(InvalidInput, match=r"an integer from 0 to 255 - got 0.5 - at `instances\[0\]\[0\]\[2\]`"):
        tensor(preprocess, [[0, 1, 0.5, 2, 3, 4]] * 4)
    pixels = preprocess.schema()["properties"]["image"]["anyOf"][1]
    assert pixels["items"]["items"] == {"type": "integer", "minimum": 0, "maximum": 255}


@pytest.mark.parametrize(
    ("fields", "shape", "element", "message"),
    [
        ("", NHWC, TensorProto.FLOAT, "FP32, FP16 or UINT8 of shape [-1, 3, 4, 6]"),
        ('layout = "nhwc"', NCHW, TensorProto.FLOAT, "FP32, FP16 or UINT8 of shape [-1, 4, 6, 3]"),
        (
            'layout = "chwn"',
            NCHW,
            TensorProto.FLOAT,
            "expected one of nchw, nhwc - got 'chwn' - at `preprocess.layout`",
        ),
        ("", NCHW, TensorProto.DOUBLE, "FP32, FP16 or UINT8 of shape [-1, 3, 4, 6]"),
        ("scale = 1", NCHW, TensorProto.UINT8, "pixels as they are - got 'scale' - at `preprocess.scale`"),
        ("std = [1, 1, 1]", NCHW, TensorProto.UINT8, "pixels as they are - got 'std' - at `preprocess.std`"),
        ('mode = "L"\nchannels = "bgr"', (1, 4, 6), TensorProto.FLOAT, "got 'bgr' - at `preprocess.channels`"),
        ('resize = "fit"', NCHW, TensorProto.FLOAT, "expected one of stretch, cover, contain - got 'fit'"),
        ('resample = "area"', NCHW, TensorProto.FLOAT, "expected one of bilinear, nearest, bicubic, lanczos"),
        ("crop = 0.875", NCHW, TensorProto.FLOAT, 'with resize = "cover" - got 0.875 - at `preprocess.crop`'),
        ('resize = "cover"\ncrop = 0', NCHW, TensorProto.FLOAT, "got 0.0 - at `preprocess.crop`"),
        ("fill = 114", NCHW, TensorProto.FLOAT, 'with resize = "contain" - got 114.0 - at `preprocess.fill`'),
        ('resize = "contain"\nfill = 256', NCHW, TensorProto.FLOAT, "got 256.0 - at `preprocess.fill`"),
        ("trim = true", NCHW, TensorProto.FLOAT, 'false, or background = "dark" beside it'),
        ('background = "dark"\nmargin = 0.1', NCHW, TensorProto.FLOAT, "with trim = true - got 0.1"),
        ('background = "dark"\ntrim = true\nmargin = -1', NCHW, TensorProto.FLOAT, "with trim = true - got -1.0"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(
    tmp_path: Path, fields: str, shape: tuple[int, ...], element: int, message: str
) -> None:
    with pytest.raises(InvalidPackage) as refused:
        preprocessing(tmp_path, f"{SMALL}\n{fields}", shape, element)
    assert message in str(refused.value)


def test_small_pictures_that_become_large_are_bounded(tmp_path: Path) -> None:
    preprocess = preprocessing(tmp_path, "size = [2048, 2048]", (3, 2048, 2048))
    with pytest.raises(InvalidInput, match="at most 1 instances, as each becomes 50331648 bytes - got 2"):
        tensor(preprocess, encoded(gradient(1, 1)), encoded(gradient(1, 1)))


@pytest.mark.parametrize(
    ("fields", "shape", "element"),
    [
        ("", NCHW, TensorProto.FLOAT),
        ('layout = "nhwc"', NHWC, TensorProto.FLOAT16),
        ('layout = "nhwc"', NHWC, TensorProto.UINT8),
    ],
)
def test_the_parts_of_a_picture_are_cells_of_a_grid(
    tmp_path: Path, fields: str, shape: tuple[int, ...], element: int
) -> None:
    preprocess = preprocessing(tmp_path, f"{SMALL}\n{fields}", shape, element)
    whole = tensor(preprocess, encoded(gradient(6, 4)))[0]
    parts: Any = preprocess.parts(encoded(gradient(6, 4)), "instances[0]", 29)
    assert (parts.method, parts.count) == ("occlusion", 20)  # 5 x 5 cells would be more rows than the picture has
    kept = np.ones((3, 20), bool)
    kept[1] = False
    kept[2, 7] = False  # the second row of the grid, its third column
    (variants,) = parts.feeds(kept).values()
    axes = (0, 1) if "nhwc" in fields else (1, 2)
    blank = whole.mean(axis=axes, keepdims=True, dtype=np.float32)
    blank = np.broadcast_to((np.rint(blank) if element == TensorProto.UINT8 else blank).astype(whole.dtype), shape)
    covered = whole.copy()
    place: Any = (1, slice(2, 3)) if "nhwc" in fields else (slice(None), 1, slice(2, 3))
    covered[place] = blank[place]
    assert variants.dtype == whole.dtype
    np.testing.assert_array_equal(variants, np.stack([whole, blank, covered]))
    assert parts.document(np.arange(20.0)) == np.arange(20.0).reshape(4, 5).tolist()


def test_the_parts_of_a_bad_picture_are_refused_where_it_is(digits: Predictor) -> None:
    with pytest.raises(InvalidInput, match=r"at `instances\[2\].image`"):
        digits.preprocess.parts({"image": 5}, "instances[2]", 64)  # type: ignore[attr-defined]
