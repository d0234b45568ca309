"""One picture in base64 -> its pixels, upright, on white paper, of the size and mode that a model wants."""

from io import BytesIO

import numpy as np
import pybase64
from PIL import Image as Picture

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.fitting import Fitting, Size
from functions.core.tensors import Array

FORMATS = ("PNG", "JPEG", "WEBP")
PIXEL_LIMIT = 25_000_000
"""Larger pictures are refused by what their header says, before anything is decoded."""
DECODED_LIMIT = 1 << 23
"""Pixels that one picture may decode to, 32 MiB of memory: a JPEG has fewer than its header says, scaled as it is read,
a PNG or WebP all of them, a bomb of a few kilobytes included."""
REQUEST_LIMIT = 1 << 26
"""Pixels that all pictures of one request may decode to: some seconds of work."""
PAD = 1024
"""Pixels of a side at which the ink of a drawing is looked for: a larger JPEG is scaled towards that."""
FAULTS = (OSError, SyntaxError, ValueError, EOFError)
"""What Pillow raises on files that are damaged."""
ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""
UPRIGHT = {
    2: Picture.Transpose.FLIP_LEFT_RIGHT,
    3: Picture.Transpose.ROTATE_180,
    4: Picture.Transpose.FLIP_TOP_BOTTOM,
    5: Picture.Transpose.TRANSPOSE,
    6: Picture.Transpose.ROTATE_270,
    7: Picture.Transpose.TRANSVERSE,
    8: Picture.Transpose.ROTATE_90,
}
"""What undoes each of its values."""

# Pillow's own limit would warn or raise on opening; the one above is checked in its place.
Picture.MAX_IMAGE_PIXELS = None


class Decoder:
    """How pictures become pixels: the fields background, trim and margin, and those of a Fitting."""

    def __init__(self, declaration: Declaration, mode: str, size: Size) -> None:
        """Read them. Raises InvalidPackage on a wrong one."""
        self._mode, self._size = mode, size
        self._fitting = Fitting(declaration, size)
        self._is_dark = declaration.choice("background", ("any", "dark"), "any") == "dark"
        self._trims = declaration.flag("trim", False)
        if self._trims and not self._is_dark:
            declaration.refuse("trim", 'false, or background = "dark" beside it, as there must be ink', self._trims)
        self._margin = declaration.number("margin", 0.1)
        if not 0 <= self._margin <= 1 or ("margin" in declaration.table and not self._trims):
            declaration.refuse("margin", "a share from 0 to 1 of the ink's longer side, with trim = true", self._margin)

    def pixels(self, text: str, path: str, allowance: "Allowance") -> Array:
        """Decode one picture.

        Args:
            allowance: what the request may still decode.

        Returns:
            Levels from 0 to 255, float32 [height, width] or [height, width, 3].

        Raises:
            InvalidInput: it is no picture, one that is too large, or damaged.
        """
        picture = _open(text, path)
        if picture.width * picture.height > PIXEL_LIMIT:
            got = f"{picture.width} x {picture.height}"
            raise InvalidInput(path, f"a picture of at most {PIXEL_LIMIT} pixels", got)
        try:
            needed = (PAD, PAD) if self._trims else self._fitting.needed(picture.size)
            picture.draft(self._mode, needed)  # a JPEG decodes straight to about that
            allowance.take(picture.width * picture.height, path)
            shown = _on_paper(_upright(picture)).convert(self._mode)
        except FAULTS as fault:
            raise InvalidInput(path, "a complete picture", f"one that does not decode ({fault})") from None
        return self._fitting.padded(self._inked(shown) if self._is_dark else self._fitting.resized(shown))

    def _inked(self, picture: Picture.Image) -> Array:
        """Pixels on which ink is light and paper dark."""
        if self._trims:
            from functions.core.processing.inputs.ink import trimmed  # few models ask for it

            return self._fitting.resized(trimmed(picture, self._margin, max(self._size)))
        pixels = self._fitting.resized(picture)
        return 255 - pixels if _is_light(pixels) else pixels


class Allowance:
    """The pixels that the pictures of one request may still decode to."""

    def __init__(self) -> None:
        self._left = REQUEST_LIMIT

    def take(self, pixels: int, path: str) -> None:
        """Let a picture be decoded. Raises InvalidInput where it is too large, or one too many."""
        if pixels > DECODED_LIMIT:
            raise InvalidInput(path, f"a JPEG, or a picture of at most {DECODED_LIMIT} pixels", f"{pixels}")
        self._left -= pixels
        if self._left < 0:
            raise InvalidInput(path, f"at most {REQUEST_LIMIT} pixels in all pictures of a request", "more")


def _open(text: str, path: str) -> Picture.Image:
    try:
        return Picture.open(BytesIO(pybase64.b64decode(text, validate=True)), formats=FORMATS)
    except (ValueError, OSError, SyntaxError):
        raise InvalidInput(path, f"base64 of a {', '.join(FORMATS)} picture", brief(text)) from None


def _upright(picture: Picture.Image) -> Picture.Image:
    """The picture, or its first frame, as its camera was held."""
    picture.load()
    turn = UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
    return picture if turn is None else picture.transpose(turn)


def _on_paper(picture: Picture.Image) -> Picture.Image:
    """What is transparent shows white, as on a page: a drawing from a browser's canvas is ink on nothing."""
    if picture.mode.startswith("I"):
        return _in_8_bits(picture)
    if not picture.has_transparency_data:
        return picture
    paper = Picture.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture if picture.mode == "RGBA" else picture.convert("RGBA"))
    return paper


def _in_8_bits(picture: Picture.Image) -> Picture.Image:
    """A picture of 65,536 greys in 256: Pillow itself would show all above 255 as white."""
    levels = np.asarray(picture)
    if (clear := picture.info.get("transparency")) is not None:
        levels = np.where(levels == clear, 65535, levels)
    return Picture.fromarray((levels >> 8).astype(np.uint8))


def _is_light(pixels: Array) -> bool:
    """Whether the border is lighter than what it encloses, as with ink on paper."""
    inner = pixels[1:-1, 1:-1]
    border = (pixels.sum() - inner.sum()) / max(1, pixels.size - inner.size)
    return bool(inner.size and border > inner.mean())
