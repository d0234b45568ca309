"""Pictures of other proportions than the model's, and drawings on a large page."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.core.processing.inputs.image import Image as Preprocess
from functions.core.tensors import Array
from tests.core.processing.drawings import drawn, encoded, gradient, preprocessing, tensor

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def load(folder: Path, size: tuple[int, int], fields: str, *, mode: str = "RGB") -> Preprocess:
    shape = (3 if mode == "RGB" else 1, *size)
    return preprocessing(folder, f'size = [{size[0]}, {size[1]}]\nscale = 1\nmode = "{mode}"\n{fields}', shape)


def levels(preprocess: Preprocess, picture: Image.Image, kind: str = "PNG", **options: Any) -> Array:
    """The pixels, [height, width] or [height, width, 3]."""
    return np.asarray(tensor(preprocess, encoded(picture, kind, **options))[0].transpose(1, 2, 0).squeeze())


def resized_and_cut(picture: Image.Image, resize: int, crop: int) -> Array:
    """The shorter side resized, the longer in proportion, the middle cut out: the usual way to test networks."""
    width, height = picture.size
    size = (resize, resize * height // width) if width <= height else (resize * width // height, resize)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    whole = picture.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(whole.crop((left, top, left + crop, top + crop)), np.float32)


@pytest.mark.parametrize("size", [(70, 51), (51, 70), (64, 64), (33, 90), (20, 31)])
@pytest.mark.parametrize(("fields", "resize"), [("", 28), ("crop = 0.875", 32)])
def test_cover_resizes_the_shorter_side_and_cuts_out_the_middle(
    tmp_path: Path, size: tuple[int, int], fields: str, resize: int
) -> None:
    found = levels(load(tmp_path, (28, 28), f'resize = "cover"\n{fields}'), gradient(*size))
    assert np.abs(found - resized_and_cut(gradient(*size), resize, 28)).max() <= 1


def test_cover_of_a_size_that_is_not_square_fills_it(tmp_path: Path) -> None:
    picture = Image.new("L", (90, 30), 0)
    picture.paste(200, (30, 0, 60, 30))  # the middle third
    assert levels(load(tmp_path, (20, 10), 'resize = "cover"', mode="L"), picture).min() == 200
    wide = levels(load(tmp_path / "wide", (10, 20), 'resize = "cover"', mode="L"), picture)
    assert (wide[:, 7:13] == 200).all()
    assert (wide[:, [0, -1]] == 0).all()


@pytest.mark.parametrize(("size", "inner"), [((60, 30), (10, 5)), ((30, 60), (5, 10)), ((1, 500), (1, 10))])
def test_contain_shows_the_whole_picture_between_bars(
    tmp_path: Path, size: tuple[int, int], inner: tuple[int, int]
) -> None:
    found = levels(load(tmp_path, (10, 10), 'resize = "contain"\nfill = 114'), gradient(*size))
    left, top = (10 - inner[0]) // 2, (10 - inner[1]) // 2
    shown = np.zeros((10, 10), bool)
    shown[top : top + inner[1], left : left + inner[0]] = True
    assert (found[~shown] == 114).all()
    whole = np.asarray(gradient(*size).resize(inner, Image.Resampling.BILINEAR), np.float32).reshape(-1, 3)
    assert np.abs(found[shown] - whole).max() <= 2


def test_bars_are_no_border_of_a_drawing(tmp_path: Path) -> None:
    preprocess = load(tmp_path, (28, 28), 'resize = "contain"\nbackground = "dark"\nfill = 7', mode="L")
    page = drawn("8", 112).crop((28, 0, 84, 112))
    found = levels(preprocess, page)
    assert (found[:, :7] == 7).all()
    assert found[0, 10] == 0
    assert found[:, 7:21].max() > 200


@pytest.mark.parametrize("name", FILTERS)
def test_a_picture_is_resampled_as_declared(tmp_path: Path, name: str) -> None:
    noise = Image.effect_noise((16, 16), 60)
    found = levels(load(tmp_path, (7, 9), f'resample = "{name}"', mode="L"), noise)
    np.testing.assert_array_equal(found, np.asarray(noise.resize((9, 7), FILTERS[name]), np.float32))


@pytest.mark.parametrize("fields", ["", 'resize = "cover"', 'resize = "contain"', 'resample = "nearest"'])
@pytest.mark.parametrize("size", [(1600, 800), (800, 1600)])
def test_a_large_photograph_is_decoded_small_and_looks_the_same(
    tmp_path: Path, fields: str, size: tuple[int, int]
) -> None:
    preprocess = load(tmp_path, (20, 10), fields)
    difference = levels(preprocess, gradient(*size), "JPEG", quality=95) - levels(preprocess, gradient(*size))
    assert np.abs(difference).max() <= 4


TRIM = 'background = "dark"\ntrim = true'


@pytest.fixture(scope="module")
def pad(tmp_path_factory: pytest.TempPathFactory) -> Preprocess:
    return load(tmp_path_factory.mktemp("pad"), (28, 28), TRIM, mode="L")


def test_ink_is_found_wherever_it_is(pad: Preprocess) -> None:
    middle = levels(pad, drawn("4", height=0.4))
    for at in ((0.25, 0.25), (0.8, 0.3), (0.6, 0.75)):
        moved = Image.new("L", (400, 280), 255)
        moved.paste(drawn("4", at=at, height=0.4), (0, 0))
        assert np.abs(levels(pad, moved) - middle).mean() < 3


def test_ink_is_in_the_middle_of_a_square_with_a_margin_of_a_tenth(pad: Preprocess) -> None:
    page = Image.new("L", (560, 280), 255)
    page.paste(0, (400, 20, 450, 120))  # a bar, twice as high as wide
    ink = levels(pad, page) > 127
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert (rows[0], rows[-1]) == (2, 25)  # a twelfth of 28 on either side
    assert (columns[0], columns[-1]) == (8, 19)


def test_chalk_is_found_as_ink_is(pad: Preprocess) -> None:
    page = drawn("4", at=(0.7, 0.3), height=0.3)
    np.testing.assert_array_equal(levels(pad, page.point(lambda value: 255 - value)), levels(pad, page))


def test_paper_that_is_not_white_stays_the_paper_around(tmp_path: Path) -> None:
    page = Image.new("RGB", (200, 100), (200, 200, 200))
    ImageDraw.Draw(page).line((150, 20, 150, 80), fill=(40, 20, 20), width=20)
    found = levels(load(tmp_path, (28, 28), f"{TRIM}\nmargin = 0.5"), page)
    assert found[0, 0].tolist() == [55, 55, 55]
    assert found[14, 14].tolist() == pytest.approx([215, 235, 235], abs=3)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_empty_page_is_shown_whole(pad: Preprocess, shade: int) -> None:
    page = Image.new("L", (50, 90), shade)
    assert np.ptp(levels(pad, page)) == 0


def test_a_speck_of_dust_is_no_ink(pad: Preprocess) -> None:
    page = drawn("4", 2800, height=0.3)
    clean = levels(pad, page)
    page.putpixel((30, 30), 0)
    assert np.abs(levels(pad, page) - clean).max() <= 1


def test_a_line_across_the_page_is_ink(pad: Preprocess) -> None:
    page = Image.new("L", (3000, 40), 255)
    ImageDraw.Draw(page).line((100, 20, 2900, 20), fill=0, width=20)
    found = levels(pad, page)
    assert found[14, 4:24].min() > 10
    assert found[:12].max() == found[16:].max() == 0
